import DSL
import Foundation
import Testing

@Suite struct DiagnosticsTests {
  @Test func `a finding is shown with its place, its line, carets, the other places and the remedy`() {
    let recipe = ParsedRecipe.parse(
      "# T\n\n```recipe\nstudy s = f() {\n  seeds [1]\n  seeds [2]\n}\n```\n", path: "a.md")
    let renderer = DiagnosticRenderer(sources: recipe.sources)
    #expect(
      renderer.render(recipe.diagnostics) == """
        error[E0214]: `seeds` stands here a second time
          a.md:6:3
          |
        6 |   seeds [2]
          |   ^^^^^^^^^
          |
        5 |   seeds [1]
          |   --------- first here
          = join both in one clause

        """)
  }

  @Test func `carets stand below wide, combining and tabbed text as a terminal shows it`() {
    let text = "```recipe\n\ta = [\"日本 e\u{301} 🙂\", @]\n```\n"
    let recipe = ParsedRecipe.parse(text)
    let lines = DiagnosticRenderer(sources: recipe.sources).render(recipe.diagnostics)
      .split(separator: "\n").map(String.init)
    #expect(lines[3] == "2 |     a = [\"日本 e\u{301} 🙂\", @]")
    // Four for the tab, five for `a = [`, eleven for the string, two for the comma.
    #expect(lines[4] == "  | " + String(repeating: " ", count: 4 + 5 + 11 + 2) + "^")
    #expect(TerminalWidth.of("日本 e\u{301} 🙂") == 4 + 1 + 1 + 1 + 2)
  }

  @Test func `colour and control characters of a document reach the terminal only as they should`() {
    let recipe = ParsedRecipe.parse("```recipe\na = \"\u{1B}[31m\" @\n```\n")
    let plain = DiagnosticRenderer(sources: recipe.sources).render(recipe.diagnostics)
    #expect(!plain.contains("\u{1B}"))
    let colored = DiagnosticRenderer(sources: recipe.sources, usesColor: true).render(recipe.diagnostics)
    #expect(colored.contains("\u{1B}[1;31merror[E0201]\u{1B}[0m"))
    #expect(colored.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
  }

  @Test func `a finding as JSON says where it begins and ends in lines, columns and bytes`() throws {
    let recipe = ParsedRecipe.parse("```recipe\né = \"x\" 3\n```\n", path: "a.md")
    let record = try #require(recipe.diagnostics.records(recipe.sources).last)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let json = String(decoding: try encoder.encode(record), as: UTF8.self)
    #expect(
      json == """
        {"code":"E0209","expected":"the end of the line after the statement","found":"the number `3`","label":"found the number `3`",\
        "message":"expected the end of the line after the statement","place":{"column":9,"endColumn":10,\
        "endLine":2,"endOffset":20,"file":"a.md","line":2,"startOffset":19},"related":[],"severity":"error"}
        """)
  }

  @Test func `findings come in the order of the text, each once`() {
    let span = { Span(document: 0, start: $0, end: $0 + 1) }
    var diagnostics = Diagnostics()
    for start in [5, 1, 5, 3] {
      diagnostics.append(Diagnostic(SyntaxCode.unexpected, "here", at: span(start)))
    }
    diagnostics.append(Diagnostic(DocumentCode.nestedCell, "here", at: span(1)))
    #expect(diagnostics.sorted.map(\.span.start) == [1, 1, 3, 5])
    #expect(diagnostics.errorCount == 4 && diagnostics.warningCount == 1 && diagnostics.hasErrors)
  }

  @Test func `every code is of its pass, is used once, and is explained`() {
    let all = Explanation.all
    #expect(Set(all.map(\.code)).count == all.count)
    for (code, explanation) in all {
      #expect(code.wholeMatch(of: /[EW]0\d{3}/) != nil, "\(code)")
      #expect(!explanation.title.isEmpty && explanation.paragraph.count > 40, "\(code)")
      #expect(explanation.wrong != explanation.right, "\(code)")
      #expect(Explanation.find(code.lowercased()) == explanation)
    }
    #expect(Explanation.find("E9999") == nil)
  }

  @Test(arguments: Explanation.all.filter { $0.code < "E03" || $0.code.hasPrefix("W01") }.map(\.code))
  func `the wrong example of a code gives that code, and the right one nothing`(code: String) throws {
    let explanation = try #require(Explanation.find(code))
    if let wrong = document(explanation.wrong) {
      #expect(ParsedRecipe.parse(wrong).diagnostics.sorted.map(\.code) == [code])
    }
    if let right = document(explanation.right) {
      #expect(ParsedRecipe.parse(right).diagnostics.sorted.map(\.code) == [])
    }
  }

  @Test func `the nearest name is proposed if it is near`() {
    let names = ["improving", "non_decreasing", "keep_correct", "x"]
    #expect(NearestName.find("improvng", in: names) == "improving")
    #expect(NearestName.find("Improving", in: names) == "improving")
    #expect(NearestName.find("ipmroving", in: names) == "improving")
    #expect(NearestName.find("keep_corect", in: names) == "keep_correct")
    #expect(NearestName.find("accuracy", in: names) == nil)
    #expect(NearestName.find("y", in: names) == nil)
    #expect(NearestName.find("", in: names) == nil)
    #expect(NearestName.find("improving", in: names) == nil)
    #expect(NearestName.find("abd", in: ["abc", "abe"]) == "abc")
  }

  private func document(_ example: Explanation.Example) -> String? {
    switch example {
    case .recipe(let text): "```recipe\n\(text)\n```\n"
    case .document(let text): text
    case .words: nil
    }
  }
}
