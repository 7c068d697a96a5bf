import DSL
import Foundation
import Testing

@Suite struct DocumentTests {
  @Test func `cells are found by CommonMark's rules for fences`() {
    #expect(contents("```recipe\na\n```\n") == ["a\n"])
    #expect(contents("   ~~~~ recipe \na\n~~~\n~~~~~\n") == ["a\n~~~\n"])
    #expect(contents("```recipe\r\na\r\n```\r\n") == ["a\r\n"])
    #expect(contents("```recipe\ra\r```\r") == ["a\r"])
    #expect(contents("\u{FEFF}```recipe\na\n```") == ["a\n"])
    #expect(contents("text\n```recipe\na\n``` \t\ntext") == ["a\n"])
    #expect(contents("    ```recipe\n    a\n    ```\n") == [])
    #expect(contents("\t```recipe\n\ta\n\t```\n") == [])
    #expect(contents("``` recipe ` x\na\n```recipe\nb\n```\n") == ["b\n"])
    #expect(contents("````\n```recipe\na\n```\n````\n```recipe\nb\n```\n") == ["b\n"])
    #expect(contents("```recipe\n```\n") == [""])
    #expect(contents("``recipe\na\n``\n") == [])
    #expect(contents("```recipe\na\n    ```\n```\n") == ["a\n    ```\n"])
  }

  @Test func `fences inside lists, quotations and HTML are theirs`() {
    #expect(contents("- x\n  ```recipe\n  a\n  ```\n\n```recipe\nb\n```\n") == ["b\n"])
    #expect(contents("10) x\n\n    ```\n    a\n    ```\n```recipe\nb\n```\n") == ["b\n"])
    #expect(contents("- ```\n  open\n```recipe\nb\n```\n") == ["b\n"])
    #expect(contents("> ```\n> open\n```recipe\nb\n```\n") == ["b\n"])
    #expect(contents("> lazy\n```recipe\nb\n```\n") == ["b\n"])
    #expect(contents("<div>\n```recipe\na\n```\n\n```recipe\nb\n```\n") == ["b\n"])
    #expect(contents("<!-- x\n\n```recipe\na\n```\n-->\n```recipe\nb\n```\n") == ["b\n"])
    #expect(contents("<script>\n\n```recipe\na\n```\n</script>\n```recipe\nb\n```\n") == ["b\n"])
    #expect(contents("text <b>\n```recipe\nb\n```\n") == ["b\n"])
    #expect(contents("<b class=\"x\">\n```recipe\na\n```\n\n```recipe\nb\n```\n") == ["b\n"])
    #expect(contents("text\n2. no list\n```recipe\nb\n```\n") == ["b\n"])
    #expect(contents("***\n```recipe\nb\n```\n") == ["b\n"])
    #expect(contents("-\n\n  ```recipe\n  b\n  ```\n") != ["a\n"])
  }

  @Test func `a report can be written by inserting after each cell`() {
    let text = "# T\n```recipe\na = 1\n```\nprose\n```sql best\nselect 1\n```"
    let document = ParsedRecipe.parse(text).sources[0]
    var report = ""
    var copied = 0
    for cell in document.cells {
      report += document.text(Span(document: 0, start: copied, end: cell.insertionPoint))
      report += "<\(cell.kind == .recipe ? "recipe" : "query")>\n"
      copied = cell.insertionPoint
    }
    report += document.text(Span(document: 0, start: copied, end: document.bytes.count))
    #expect(
      report == "# T\n```recipe\na = 1\n```\n<recipe>\nprose\n```sql best\nselect 1\n```<query>\n")
    #expect(
      document.cells.map { document.text($0.span) } == [
        "```recipe\na = 1\n```", "```sql best\nselect 1\n```",
      ])
  }

  @Test func `places are lines and columns of characters`() {
    let document = ParsedRecipe.parse("é🙂x\r\n\ty\r\rz").sources[0]
    #expect(document.lineCount == 4)
    #expect(document.location(of: 6) == Location(line: 1, column: 3))
    #expect(document.location(of: 10) == Location(line: 2, column: 2))
    #expect(document.location(of: 13) == Location(line: 4, column: 1))
    #expect(document.location(of: 99) == Location(line: 4, column: 2))
    #expect(document.location(of: -1) == Location(line: 1, column: 1))
    #expect((1...4).map(document.lineText) == ["é🙂x", "\ty", "", "z"])
  }

  @Test(arguments: [
    [0xFF], [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80],
    [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xF0, 0x9F, 0x99], [0xE2, 0x28, 0xA1],
  ])
  func `bytes that are not UTF-8 are an error at their place`(bad: [UInt8]) {
    let good = Array("```recipe\né🙂\n```\n".utf8)
    for tail in [[], Array("\n".utf8)] {
      let recipe = ParsedRecipe.load("x.md") { path, _ in SourceFile(path: path, bytes: good + bad + tail) }
      let found = recipe.diagnostics.sorted
      #expect(found.map(\.code) == ["E0101"])
      #expect(found.first?.span.start == good.count)
    }
    #expect(String(validating: bad, as: UTF8.self) == nil)
  }

  @Test func `imports are read once, each before what imports it, from where the importing document is`() {
    let files = [
      "main.md": "import \"lib/a.md\"\nimport \"lib/../lib/a.md\"\nimport \"b.md\"",
      "lib/a.md": "import \"c.md\"", "b.md": "import \"lib/c.md\"", "lib/c.md": "x = 1",
    ]
    let recipe = load("main.md", files)
    #expect(recipe.diagnostics.isEmpty)
    #expect(recipe.sources.documents.map(\.path) == ["main.md", "lib/a.md", "lib/c.md", "b.md"])
    #expect(recipe.order == [2, 1, 3, 0])
    #expect(recipe.documents[0].imports.map(\.document) == [1, 1, 3])
  }

  @Test func `what cannot be read and what goes in circles is told at the import`() {
    let circle = load("a.md", ["a.md": "import \"b.md\"", "b.md": "x = 1\nimport \"a.md\""])
    #expect(circle.diagnostics.sorted.map(\.code) == ["E0106"])
    #expect(circle.diagnostics.sorted.map { circle.sources.place($0.span) } == ["b.md:3:8"])
    #expect(circle.diagnostics.sorted.first?.label == "a.md → b.md → a.md")
    let own = load("a.md", ["a.md": "import \"a.md\""])
    #expect(own.diagnostics.sorted.map(\.code) == ["E0106"])
    #expect(circle.documents.map(\.lacksNames) == [true, true])
    let missing = load("a.md", ["a.md": "import \"stacs.md\"", "stasc.md": ""])
    #expect(missing.documents.map(\.lacksNames) == [true])
    #expect(missing.diagnostics.sorted.map(\.remedy) == ["did you mean `stasc.md`?"])
    let nothing = load("no.md", [:])
    #expect(nothing.diagnostics.sorted.map(\.code) == ["E0105"])
    #expect(!DiagnosticRenderer(sources: nothing.sources).render(nothing.diagnostics).isEmpty)
  }

  @Test(arguments: [
    ("import \"gone.md\"", "E0105"), ("import gone", "E0209"),
    ("a = 1\n```\n\n~~~recipe\nalgorithm b() {", "E0102"),
  ])
  func `what could not be read makes no name unknown`(beginning: String, code: String) {
    let uses =
      "study s = gone(base) { vary k in [1, 2] }\ntable s { columns m }\nshow trained(base)\nx = y\nshow x"
    let text =
      beginning.hasPrefix("a")
      ? "```recipe\n\(uses)\n\(beginning)\n" : "```recipe\n\(beginning)\n\(uses)\n```\n"
    let compilation = compile(document: "x.md", vocabulary: RecipeVocabulary.vocabulary) { path, importer in
      guard importer == nil else { throw SourceReadError.notFound(nearby: []) }
      return SourceFile(path: path, bytes: Array(text.utf8))
    }
    #expect(compilation.diagnostics.sorted.map(\.code) == [code])
    #expect(compilation.plan == nil)
  }

  @Test func `a reader that makes up documents without end is stopped`() {
    var count = 0
    let recipe = ParsedRecipe.load("0.md") { path, _ in
      count += 1
      return SourceFile(path: path, bytes: Array("```recipe\nimport \"\(count).md\"\n```\n".utf8))
    }
    #expect(recipe.diagnostics.sorted.map(\.code) == ["E0106"])
    #expect(recipe.sources.documents.count < 200)
  }

  private func contents(_ text: String) -> [String] {
    let document = ParsedRecipe.parse(text).sources[0]
    return document.cells.map { document.text($0.content) }
  }

  private func load(_ path: String, _ files: [String: String]) -> ParsedRecipe {
    ParsedRecipe.load(path) { asked, importer in
      let folder = importer.map { $0.split(separator: "/").dropLast().map(String.init) } ?? []
      var parts: [String] = []
      for part in folder + asked.split(separator: "/").map(String.init) {
        if part == ".." { parts.removeLast() } else { parts.append(part) }
      }
      let path = parts.joined(separator: "/")
      guard let text = files[path] else {
        throw SourceReadError.notFound(nearby: files.keys.filter { $0 != "a.md" })
      }
      return SourceFile(path: path, bytes: Array("```recipe\n\(text)\n```\n".utf8))
    }
  }
}
