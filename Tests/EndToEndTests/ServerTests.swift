import Foundation
import TestSupport
import Testing

/// A recipe whose feedback comes from a server: asked once, never again.
@Suite(.enabled(if: Program.isBuilt, "build the program first: make build"))
struct ServerTests {
  /// Two training questions, both answered alike by a model that knows nothing.
  private static let answer = " Final response\nError segment:\nError reason: all of it"

  private static func recipe(asking server: CannedServer) -> String {
    """
    # Asks

    ```recipe
    words = reasoning(word_sorting, seen: ["words2"], train: 2, validation: 0, test: 2, pool: 0)
    shape = transformer(layers: 1, width: 16, heads: 2, feed_forward: 32, context: 128)
    large = server(address: "\(server.address)", model: "large")

    algorithm told(model: Model, by: Author) {
      rows = model.feedback(model.answer(words.train, decoding: greedy(max_tokens: 4)), by)
      tuned = model.fine_tune(rows, adamw(learning_rate: 1e-3), loss_on: all_attempts)
      answers = tuned.answer(words.test, decoding: greedy(max_tokens: 4))
      log 1 { told: count(rows), measure(answers) }
      return tuned
    }

    study asked = told(untrained(shape, words), large)
    table asked { columns told, accuracy_1 }
    ```
    """
  }

  @Test func `what a server said before it went away is not asked for again`() throws {
    let program = try Program()
    defer { program.remove() }
    let first = try CannedServer(answers: [Self.answer], busy: 1)
    try program.write("asks.md", Self.recipe(asking: first))
    let failed = try program.run("run", "asks.md")
    #expect(
      failed.status == 1 && failed.errors.contains("is kept and not asked for again"), "\(failed.errors)")
    #expect(first.requests().count == 2)
    let second = try CannedServer(answers: [Self.answer], port: first.port)
    let finished = try program.run("run", "asks.md")
    #expect(finished.status == 0, "\(finished.errors)")
    #expect(second.requests().count == 1 && second.requests() != Array(first.requests().suffix(1)))
    // Even when the step's value is lost, what was said is there.
    try FileManager.default.removeItem(at: program.folder.appending(path: "results/blobs"))
    let report = try program.report("asks")
    #expect(try program.run("run", "asks.md").status == 0)
    #expect(try program.report("asks") == report)
  }

  @Test func `what a server says is kept: running again and verifying ask nobody`() throws {
    let program = try Program()
    defer { program.remove() }
    let server = try CannedServer(answers: [Self.answer, Self.answer])
    try program.write("asks.md", Self.recipe(asking: server))
    let first = try program.run("run", "asks.md")
    #expect(first.status == 0, "\(first.errors)")
    #expect(server.requests().count == 2)
    let told = try program.run("query", "--csv", "SELECT value FROM all_metrics WHERE metric = 'told'").output
    #expect(told.contains("2"), "\(told)")
    // Answers that nobody corrected are listed, too.
    let listed = try program.run("samples", "--operation", "measure", "--limit", "1", "asks.md").output
    #expect(listed.contains("  1: ") && !listed.contains("  2: "), "\(listed)")
    let report = try program.report("asks")
    let again = try program.run("run", "asks.md")
    #expect(again.status == 0 && again.errors.contains("nothing to run"), "\(again.errors)")
    // The server is gone by now: whoever asked it would fail.
    let verified = try program.run("verify", "asks.md")
    #expect(verified.status == 0, "\(verified.output) \(verified.errors)")
    #expect(verified.errors.contains("1 step asked a server"), "\(verified.errors)")
    #expect(try program.report("asks") == report)
    #expect(try program.run("gc", "--delete").status == 0)
    #expect(try program.run("verify", "asks.md").status == 0)
  }
}
