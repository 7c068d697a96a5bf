internal import Foundation

/// Listens on a free port of this machine, answers with these completions in order, then closes.
package final class CannedServer: @unchecked Sendable {
  /// Up to `/completions`.
  package let address: String
  package let port: UInt16
  private let lock = NSLock()
  private var received: [String] = []

  /// - Parameters:
  ///   - status: other than 200, answers are bodies as they are.
  ///   - busy: so many requests are turned away first.
  ///   - port: that of a server before; 0: any.
  ///   - delay: seconds that each answer takes.
  package init(
    answers: [String], status: Int = 200, busy: Int = 0, port: UInt16 = 0, delay: Double = 0
  ) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var isReused: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
    var place = sockaddr_in()
    place.sin_port = port.bigEndian
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    guard isBound else { throw NoPort() }
    self.port = UInt16(bigEndian: place.sin_port)
    address = "http://127.0.0.1:\(self.port)/v1"
    let said = Array(repeating: ("busy", 503), count: busy) + answers.map { ($0, status) }
    let thread = Thread { [self] in
      for (answer, status) in said {
        let connection = accept(listener, nil, nil)
        let request = Self.read(connection)
        lock.withLock { received.append(request) }
        Thread.sleep(forTimeInterval: delay)
        let body =
          status == 200
          ? (try? JSONSerialization.data(withJSONObject: ["choices": [["text": answer]]])) ?? Data()
          : Data(answer.utf8)
        let head =
          "HTTP/1.1 \(status) Said\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n"
        let bytes = Array(head.utf8) + body
        _ = send(connection, bytes, bytes.count, 0)
        close(connection)
      }
      close(listener)
    }
    thread.start()
  }

  /// What was asked so far: heads and bodies.
  package func requests() -> [String] { lock.withLock { received } }

  /// Head and body of a request.
  private static func read(_ connection: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let head = text.range(of: "\r\n\r\n") {
        let length =
          text.firstMatch(of: /(?i)content-length: *([0-9]+)/).flatMap { Int($0.1) } ?? 0
        if text[head.upperBound...].utf8.count >= length { return text }
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return text }
      bytes += buffer[..<count]
    }
  }
}

/// No port of this machine is free.
private struct NoPort: Error {}
