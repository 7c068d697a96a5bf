import Foundation

/// `emend`: see `Command.all` for what it can do.
@main
struct Host {
  static func main() {
    // Before anything of the engine, whose first instruction might be an illegal one; and with nothing generic, which the linker may take from the engine.
    guard Machine.isSufficient else {
      let words: StaticString =
        "emend: this processor has no AVX2, which the engine needs\n  = run it on x86-64 of 2013 or later, or on arm64\n"
      write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
      exit(ExitStatus.unusable.rawValue)
    }
    exit(Command.main(Array(CommandLine.arguments.dropFirst())).rawValue)
  }
}
