import Engine
import Testing

@Suite struct JSONValueTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

  @Test func `values of every kind are read in the file's order`() throws {
    let value = try parse(
      #" {"b": [1, -2.5e1, true, null], "a": {"é\n\u00e9\ud83d\ude00\/": "x"}, "n": [NaN, -Infinity, 1e2]} "#)
    guard case .object(let members) = value else {
      Issue.record("an object is expected")
      return
    }
    #expect(members.map(\.key) == ["b", "a", "n"])
    #expect(value["b"] == .array([.integer(1), .number(-25), .bool(true), .null]))
    #expect(value["a"] == .object([.init(key: "é\né😀/", value: .string("x"))]))
    #expect(value["c"] == nil && value["n"]?["x"] == nil)
    #expect(try parse("9223372036854775807").int == .max && parse("2.0").int == 2 && parse("2.5").int == nil)
    #expect(try parse("9223372036854775808").int == nil)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\" 1}", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01x", "01", "-01", "1e", "1e+", "-",
    "1.", "tru", "nul", "\"",
    "\"\\", "\"\\u12",
    "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\q\"", "\"\n\"", "1 2", "[1 2]", "+1", ".5", "--1", "{1:2}", "[",
    "'a'", "1e999",
  ])
  func `what is no JSON is refused`(text: String) {
    #expect(throws: JSONValue.Fault.self, "\(text)") { _ = try parse(text) }
  }

  @Test func `in a tokenizer's file the last of equal keys counts, and every number is finite`() throws {
    let file = Array(#"{"a": 1, "é": 2, "e\u0301": 3, "a": 4}"#.utf8)
    let value = try JSONValue(parsing: file, rules: .tokenizer)
    guard case .object(let members) = value else {
      Issue.record("an object is expected")
      return
    }
    #expect(members.map(\.value) == [.integer(1), .integer(2), .integer(3), .integer(4)])
    #expect(value["a"] == .integer(4))
    for text in ["NaN", "[Infinity]", "-Infinity"] {
      #expect(throws: JSONValue.Fault.self, "\(text)") {
        _ = try JSONValue(parsing: Array(text.utf8), rules: .tokenizer)
      }
    }
  }

  @Test func `nesting ends before the stack does`() throws {
    #expect(throws: JSONValue.Fault.self) { _ = try parse(String(repeating: "[", count: 1_000_000)) }
    _ = try parse(String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
  }

  @Test func `bytes that are no UTF-8 are refused in a text`() {
    #expect(throws: JSONValue.Fault.self) { _ = try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test func `a quoted text reads back the same`() throws {
    for text in ["", "a\"b\\c\n\t\u{1}é😀", "/"] {
      #expect(try parse(JSONValue.quoted(text)) == .string(text))
    }
  }
}
