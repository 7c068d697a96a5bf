import Engine
import Foundation
import Testing

struct JSONLinesTests {
  private func task(_ lines: String) throws -> Task { try task(Data(lines.utf8)) }

  private func task(_ bytes: Data) throws -> Task {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).jsonl")
    defer { try? FileManager.default.removeItem(at: file) }
    try bytes.write(to: file)
    return try Task.jsonLines(
      JSONLinesSettings(path: file.path(percentEncoded: false), train: 1, validation: 0, test: 0))
  }

  @Test(arguments: [
    (#"{"question": "q", "answer": "yes"}"#, ["yes"]), (#"{"question": "q", "answer": 1}"#, ["1"]),
    (#"{"question": "q", "answer": 0}"#, ["0"]), (#"{"question": "q", "answer": 2.5}"#, ["2.5"]),
    (#"{"question": "q", "answer": ["a", 7]}"#, ["a", "7"]),
  ])
  func `an answer is a text, a number, or a list of them`(line: String, answers: [String]) throws {
    #expect(try task(line).train.map(\.answers) == [answers])
  }

  @Test(arguments: [
    #"{"question": "q", "answer": true}"#, #"{"question": "q", "answer": [1, false]}"#,
    #"{"question": "q", "answer": null}"#, #"{"question": "q", "answer": {"a": 1}}"#,
    #"{"question": true, "answer": 1}"#,
  ])
  func `anything else is refused with its line`(line: String) {
    let error = #expect(throws: OperationError.self) { try task("\n" + line) }
    #expect(error?.message.contains(":2: ") == true)
  }

  @Test func `another encoding than UTF-8 is named`() throws {
    let line = #"{"question": "café?", "answer": "yes"}"#
    for (encoding, words) in [
      (String.Encoding.utf16, "UTF-16"), (.isoLatin1, ":1: this line is not in UTF-8"),
    ] {
      let bytes = try #require(line.data(using: encoding))
      let error = #expect(throws: OperationError.self) { try task(bytes) }
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
  }
}
