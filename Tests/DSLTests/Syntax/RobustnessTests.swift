import DSL
import Foundation
import TestSupport
import Testing

@Suite struct RobustnessTests {
  static let words =
    Array("(){}[],:=.|+-*/%<>!&\"'\\;#@$?~`\t\r\n é😀\u{0}\u{301}").map(String.init) + [
      "algorithm ", "function ", "study ", "table ", "plot ", "expect ", "show ", "import ", "for ", "in ",
      "match ",
      "return ", "log ", "vary ", "except ", "seeds ", "where ", "and ", "or ", "not ", "true ", "if ",
      "let ",
      "x ", "y ", "at ", "best ", "rows ", "columns ", "name ", "12 ", "0.5 ", "...", "==", "///", "// ",
      "\n", "\n",
      "\n```\n", "\n```recipe\n", "\n~~~\n", "\n> ", "\n- ", "\n<!-- ", "{", "}", "(", ")",
    ]

  static func soup(_ count: Int, using random: inout SeededRandom) -> String {
    (0..<count).map { _ in words.randomElement(using: &random) ?? "" }.joined()
  }

  @Test func `soup of words is read to its end, and every finding lies inside it`() {
    var random = SeededRandom(seed: 1)
    for length in [0, 1, 2, 3, 5, 8, 13, 30, 100, 400] {
      for _ in 0..<100 {
        check(Array(("```recipe\n" + Self.soup(length, using: &random) + "\n```\n").utf8))
      }
    }
  }

  @Test func `soup of bytes is read to its end`() {
    var random = SeededRandom(seed: 2)
    for _ in 0..<2_000 {
      let count = Int.random(in: 0..<60, using: &random)
      var bytes = Array("```recipe\n".utf8)
      for _ in 0..<count { bytes.append(UInt8.random(in: 0...255, using: &random)) }
      check(bytes)
    }
  }

  @Test func `a document cut off at any byte is read without a trap`() throws {
    let path = GrammarTests.root.appending(path: "recipes/algorithms/stasc.md")
    let bytes = Array(try Data(contentsOf: path))
    for end in bytes.indices { check(Array(bytes[..<end])) }
  }

  @Test func `a megabyte of soup takes seconds, not minutes`() {
    var random = SeededRandom(seed: 3)
    var text = ""
    while text.utf8.count < 1_000_000 { text += Self.soup(1_000, using: &random) }
    let cell = "```recipe\n" + text.replacing("`", with: "").replacing("~", with: "") + "\n```\n"
    let took = ContinuousClock().measure {
      let recipe = ParsedRecipe.parse(cell)
      #expect(recipe.diagnostics.count > 1_000)
      check(Array(text.utf8))
    }
    #expect(took < .seconds(30))
  }

  @Test(arguments: [
    ("(", ")"), ("[", "]"), ("{ a: ", "}"), ("-", ""), ("not ", ""), ("f(", ")"), ("a.b[", "]"), ("1 + ", ""),
    ("x.", ""), ("match a { b: ", "}"), ("a where ", ""), ("(", ""), ("[", ""), ("{", ""), ("", ")"),
    ("f(1)", ""),
    ("x or ", ""), ("f(a)(", ")"),
  ])
  func `a hundred thousand levels give an error and no overflow`(opening: String, closing: String) {
    let depth = 100_000
    let text =
      "a = " + String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth)
    let recipe = ParsedRecipe.parse("```recipe\n\(text)\nb = 2\n```\n")
    #expect(recipe.diagnostics.hasErrors)
    #expect(recipe.diagnostics.count < 10, "one mistake, \(recipe.diagnostics.count) errors")
  }

  @Test func `blocks and types nested without end give an error and no overflow`() {
    let blocks = String(repeating: "for i in x {\n", count: 50_000)
    #expect(ParsedRecipe.parse("```recipe\nfunction f() {\n\(blocks)```\n").diagnostics.hasErrors)
    let types = String(repeating: "[", count: 50_000) + "Int" + String(repeating: "]", count: 50_000)
    let recipe = ParsedRecipe.parse("```recipe\nfunction f(a: \(types)) { return a }\n```\n")
    #expect(recipe.diagnostics.sorted.map(\.code) == ["E0211"])
  }

  /// Reads bytes as a document, shows every finding and formats: nothing may trap, and places must lie in the document.
  private func check(_ bytes: [UInt8]) {
    let file = SourceFile(path: "soup.md", bytes: bytes)
    let recipe = ParsedRecipe.load("soup.md") { _, importer in
      guard importer == nil else { throw SourceReadError.notFound(nearby: []) }
      return file
    }
    let renderer = DiagnosticRenderer(sources: recipe.sources)
    for diagnostic in recipe.diagnostics.sorted.prefix(20) {
      #expect(diagnostic.span.start >= 0 && diagnostic.span.start <= diagnostic.span.end)
      #expect(diagnostic.span.end <= bytes.count)
      #expect(!renderer.render(diagnostic).isEmpty)
    }
    let once = RecipeFormatter(formatting: file)
    let twice = RecipeFormatter(formatting: SourceFile(path: "soup.md", bytes: once.bytes))
    #expect(once.bytes == twice.bytes)
  }
}
