import Host
import Testing

@Suite struct JSONTests {
  @Test func `what is written reads back as the same value`() {
    let value = JSON.object([
      JSONMember("text", .string("\"\\\n\r\t\u{1}\u{1f}é🙂\u{2028}/")), JSONMember("", .null),
      JSONMember("list", .array([.bool(true), .bool(false), .int(-3), .float(7e-6), .float(1), .array([])])),
      JSONMember("empty", .object([])),
    ])
    #expect(JSON(parsing: value.text) == value)
    #expect(JSON.float(7e-6).text == "7e-06")
    #expect(JSON.float(1).text == "1.0")
    #expect(JSON.int(1).text == "1")
    #expect(JSON.float(0.1).text == "0.1")
    #expect(JSON.float(.nan).text == "\"nan\"")
  }

  @Test func `escapes of others are understood`() {
    #expect(JSON(parsing: #" "\u00e9\ud83d\ude42\/\b\f" "#) == .string("é🙂/\u{8}\u{c}"))
    #expect(JSON(parsing: "[1 , 2 ]\n") == .array([.int(1), .int(2)]))
  }

  @Test(arguments: [
    "", " ", "{", "[1,]", "{\"a\" 1}", "{a:1}", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\u+123\"", "tru",
    "nul", "1 2", "\"\n\"",
    "\"open", "-", "1e", "--1", "[", "{\"a\":}", "\"\\x\"", "]",
  ])
  func `what is not JSON is refused`(text: String) {
    #expect(JSON(parsing: text) == nil)
  }

  @Test func `nesting of any depth neither traps nor hangs`() {
    #expect(JSON(parsing: String(repeating: "[", count: 1_000_000)) == nil)
    #expect(JSON(parsing: String(repeating: "{\"a\":", count: 100_000)) == nil)
    #expect(JSON(parsing: String(repeating: "[", count: 150) + String(repeating: "]", count: 150)) != nil)
  }
}
