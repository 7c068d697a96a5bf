import Foundation

/// `emend`: see `Command.all` for what it can do.
@main
struct Host {
  static func main() {
    exit(Command.main(Array(CommandLine.arguments.dropFirst())).rawValue)
  }
}
