import Engine
import TestSupport
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

  @Test func `a busy server is asked again after a pause, and not for ever`() throws {
    var author = CompletionServer(address: "", model: "large")
    author.pauses = [0.01, 0.01]
    let server = try CannedServer(answers: ["at last"], busy: 2)
    author.address = server.address
    #expect(try author.complete("?") == "at last")
    #expect(server.requests().count == 3)
    let busy = try CannedServer(answers: [], busy: 3)
    author.address = busy.address
    let error = #expect(throws: OperationError.self) { try author.complete("?") }
    #expect(error?.message.contains("503") == true)
    author.pauses = [60]
    author.address = try CannedServer(answers: [], busy: 2).address
    #expect(throws: CancellationError.self) { try author.complete("?", isCancelled: { true }) }
  }

  @Test func `a run that is stopped does not wait for an answer`() throws {
    let slow = try CannedServer(answers: ["late"], delay: 3)
    let author = CompletionServer(address: slow.address, model: "large")
    #expect(throws: CancellationError.self) { try author.complete("?", isCancelled: { true }) }
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
