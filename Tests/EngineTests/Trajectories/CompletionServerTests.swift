import Engine
import Foundation
import Testing

/// A model behind an address: what it is asked, what is read, and what a person is told when it does not answer.
@Suite struct CompletionServerTests {
  private let wrong = HandWritten.steps[0] + ";2:bee<bat<yew;=bee bat yew"

  @Test func `three lines are read as feedback, anything else is none`() {
    let form = ReasoningForm(.wordSorting, .compact, seen: [])
    func read(_ text: String) -> String? {
      CompletionServer.feedback(text, on: wrong, form)?.text(.compact)
    }
    #expect(read(" 2\nError segment: bee<bat\nError reason: not looked up") == "2!bee<bat!")
    #expect(read("Earliest error step: (2)\nError segment: bee<bat") == "2!bee<bat!")
    #expect(read("Final response\nError segment: bee bat yew") == "2=!bee bat yew!")
    #expect(read(" none\n") == "2ok")
    for text in ["", "I think so", " 7\nError segment: bee", " 0", " 2\nError segment: zebra"] {
      #expect(read(text) == nil, "\(text)")
    }
  }

  @Test func `feedback and an update are asked for and become part of the rows`() throws {
    let server = try CannedServer(answers: [
      " 2\nError segment: bee<bat\nError reason: not looked up",
      "2:[bee?bat]<yew;3:@2 bee e5,bat a1;4:bat<bee<yew;=bat bee yew\nQ: more",
    ])
    let hand = try HandWritten()
    let author = try Verbs.settings(
      "server", ["address": .string(server.address), "model": .string("large")])
    let told = try hand.feedback(hand.rows(hand.row(wrong), hand.row(HandWritten.right)), by: author)
    #expect(told.rows.map(\.said) == [[wrong, "2!bee<bat!"], [HandWritten.right, "4ok"]])
    let improved = try Verbs.rows(
      "improve", ["model": .model(hand.model), "rows": .rows(told), "by": author])
    #expect(improved.rows[0].said.last == HandWritten.right)
    let asked = server.requests()
    #expect(asked.count == 2)
    for request in asked {
      #expect(request.hasPrefix("POST /v1/completions "))
      #expect(request.contains(#""model":"large""#) && request.contains("sort bee yew bat"))
      #expect(!request.contains("bat bee yew"), "the gold answer was sent")
    }
  }

  @Test func `a server that is not there, and one that refuses, are told with their words`() throws {
    let hand = try HandWritten()
    func failure(_ address: String) throws -> OperationError? {
      let author = try Verbs.settings("server", ["address": .string(address), "model": .string("large")])
      return #expect(throws: OperationError.self) {
        try hand.feedback(hand.rows(hand.row(wrong)), by: author)
      }
    }
    #expect(try failure("nowhere")?.message.contains("no address") == true)
    let absent = try failure("http://127.0.0.1:9")
    #expect(absent?.message.contains("does not answer") == true)
    let server = try CannedServer(answers: ["{\"error\":\"no such model\"}"], status: 404)
    let refused = try failure(server.address)
    #expect(refused?.message.contains("404") == true && refused?.message.contains("no such model") == true)
  }
}

/// Listens on a free port of this machine, answers with these completions in order, then closes.
final class CannedServer: @unchecked Sendable {
  let address: String
  private let lock = NSLock()
  private var received: [String] = []

  /// - Parameter status: other than 200, answers are bodies as they are.
  init(answers: [String], status: Int = 200) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    guard isBound else { throw OperationError("no port", remedy: "") }
    address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))/v1"
    let thread = Thread { [self] in
      for answer in answers {
        let connection = accept(listener, nil, nil)
        let request = Self.read(connection)
        lock.withLock { received.append(request) }
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

  func requests() -> [String] { lock.withLock { received } }

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
