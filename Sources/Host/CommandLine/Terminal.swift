import Foundation
import Synchronization

/// Standard output for answers, standard error for everything said on the way.
package struct Terminal: Sendable {
  package let isQuiet: Bool
  /// Colour on standard error.
  package let usesColor: Bool
  /// Standard error is a terminal that can rewrite a line.
  package let isLive: Bool

  package init(isQuiet: Bool, color: String?) {
    self.isQuiet = isQuiet
    let environment = ProcessInfo.processInfo.environment
    let isTerminal = isatty(2) == 1
    switch color {
    case "always": usesColor = true
    case "never": usesColor = false
    default:
      usesColor = isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }
    isLive = isTerminal && environment["TERM"] != "dumb"
  }

  /// Writes an answer's line.
  package func answer(_ text: String) { Self.write(text + "\n", to: 1) }

  /// Writes what another program reads as a file: as it is.
  package func answer(file text: String) { Self.write(text, to: 1) }

  /// Says something on the way, unless quiet.
  package func say(_ text: String) {
    if !isQuiet { Self.write(text + "\n", to: 2) }
  }

  /// Says something that must be heard.
  package func warn(_ text: String) { Self.write(text + "\n", to: 2) }

  /// Rewrites the live line.
  package func live(_ text: String) {
    if !isQuiet { Self.write("\r\u{1B}[2K" + text, to: 2) }
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      if written <= 0 {
        // Who reads has gone away: there is nobody to tell. A full disk is another matter.
        if descriptor == 1, errno != EPIPE { fault.store(errno, ordering: .relaxed) }
        return
      }
      bytes = bytes.dropFirst(written)
    }
  }

  private static let fault = Atomic<Int32>(0)

  /// Why an answer could not be written whole; `nil` if nothing went wrong.
  package static var answerFault: String? {
    let code = fault.load(ordering: .relaxed)
    return code == 0 ? nil : SystemCall.message(of: code)
  }
}

/// Ctrl-C and termination: the first asks the run to stop, a second one stops at once.
package enum Interruption {
  private static let received = Atomic<Int32>(0)

  /// The signal that asked to stop; 0 if none did.
  package static var signal: Int32 { received.load(ordering: .relaxed) }

  /// From now on signals are noted instead of ending the program.
  package static func watch() {
    for number in [SIGINT, SIGTERM] { _ = Foundation.signal(number, note) }
    _ = Foundation.signal(SIGPIPE, SIG_IGN)
  }

  private static let note: @convention(c) (Int32) -> Void = { number in
    if received.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
  }
}
