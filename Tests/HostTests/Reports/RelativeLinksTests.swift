import Host
import Testing

struct RelativeLinksTests {
  @Test(arguments: [
    ("results/study", "recipes", "../../recipes/"), ("results/study", "", "../../"),
    ("recipes/results/study", "recipes", "../../"), ("results/study", "results/study", ""),
  ])
  func `the way from the report to its document`(from: String, to: String, way: String) {
    #expect(RelativeLinks.way(from: from, to: to) == way)
  }

  @Test func `there is no way to a folder elsewhere`() {
    #expect(RelativeLinks.way(from: "/tmp/store/study", to: "recipes") == nil)
    #expect(RelativeLinks.way(from: "results/study", to: "/tmp") == nil)
  }

  @Test(arguments: [
    ("see [a](b.md) and ![c](d/e.svg)", "see [a](../b.md) and ![c](../d/e.svg)"),
    ("[a](<b c.md> \"title\")", "[a](<../b c.md> \"title\")"), ("[a]: b.md", "[a]: ../b.md"),
    ("[[x]](y.md)", "[[x]](../y.md)"),
  ])
  func `relative links get the way before them`(text: String, wanted: String) {
    #expect(RelativeLinks.rewritten(text, way: "../") == wanted)
  }

  @Test(arguments: [
    "[a](https://example.org/b.md)", "[a](#part)", "[a](/root.md)", "[a](mailto:x@y.z)", "`[a](b.md)`",
    "``[a](b.md) ` ``", "```\n[a](b.md)\n```", "~~~~\n```\n[a](b.md)\n~~~~", "f[1](", "a ] ( b", "[a]()",
    "[a]: https://example.org", "x = y[0] (z)",
  ])
  func `other links and code stay as they are`(text: String) {
    #expect(RelativeLinks.rewritten(text, way: "../") == text)
  }

  @Test func `line ends stay as they are`() {
    for text in ["", "\n", "a\n\n", "\n\na", "a\r\nb\r\n", "\r\n\na"] {
      #expect(RelativeLinks.rewritten(text, way: "../") == text)
    }
    #expect(
      RelativeLinks.rewritten("a\r\n[r]: b.md\r\n~~~\r\n[a](b.md)\r\n~~~\r\n", way: "../")
        == "a\r\n[r]: ../b.md\r\n~~~\r\n[a](b.md)\r\n~~~\r\n")
  }
}
