import DSL
import Foundation
import Testing

@Suite struct ParserTests {
  @Test func `the library recipe of STaSC parses without a word of complaint`() throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../../recipes/algorithms/stasc.md")
    let recipe = ParsedRecipe.parse(try String(contentsOf: url.standardizedFileURL, encoding: .utf8))
    #expect(messages(recipe) == [])
    #expect(recipe.documents[0].statements.count == 2)
    guard case .function(let algorithm)? = recipe.documents[0].statements.last?.kind else {
      Issue.record("not an algorithm")
      return
    }
    #expect(algorithm.parameters.count == 12)
    #expect(algorithm.parameters[0].documentation == ["M₀"])
    #expect(algorithm.body.count == 4)
  }

  @Test func `every statement of a study is read`() {
    let recipe = parse(
      """
      import "algorithms/stasc.md"
      base = pretrain(tiny, on: sums.corpus, steps: 1_500)
      /// Eight variants.
      study variants = stasc(base, sums, iterations: 5) {
        vary initialization in [fixed, evolving]
        vary (a, b) in [(1, 1), (3, 5)], except initialization == fixed and a == 1
        seeds 1...3
      }
      table variants {
        rows    initialization, a
        columns accuracy_1, validation.accuracy_2,
                delta
        at      best validation.accuracy_2
        against initialization == fixed
        where   a > 1
      }
      plot variants { x iteration, y accuracy_2, delta, color a, facet b }
      expect variants[evolving, b: 5].accuracy_2 at last - variants.accuracy_2 at 0 >= 0.10 with confidence
      show base
      """)
    // The import cannot be read, which is the only complaint.
    #expect(messages(recipe) == ["E0105"])
    let kinds = recipe.documents[0].statements.map(\.kind)
    #expect(kinds.count == 7)
    guard case .table(let table) = kinds[3], case .plot(let plot) = kinds[4],
      case .expect(let claim) = kinds[5],
      case .study(let study) = kinds[2]
    else {
      Issue.record("statements of other kinds: \(kinds)")
      return
    }
    #expect(study.clauses.count == 4)
    #expect(recipe.documents[0].statements[2].documentation == ["Eight variants."])
    #expect(table.columns.map(\.text) == ["accuracy_1", "validation.accuracy_2", "delta"])
    #expect(table.rows.map(\.text) == ["initialization", "a"])
    #expect(table.against != nil && table.condition != nil)
    #expect(plot.y.map(\.text) == ["accuracy_2", "delta"])
    #expect(plot.color?.text == "a" && plot.facet?.text == "b")
    #expect(claim.withConfidence)
  }

  @Test(arguments: [
    ("if x { y = 1 }", "E0208"), ("a = 1 < 2 < 3", "E0210"), ("a = (1", "E0206"), ("a = 1)", "E0207"),
    ("study = 3", "E0212"), ("return 3", "E0213"), ("1 + 2", "E0216"), ("a = b = 3", "E0217"),
    ("a = \"x", "E0202"),
    ("a = 7e", "E0204"), ("a = true && false", "E0205"), ("table s {\n rows a\n}", "E0215"),
    ("plot s { x iteration, x b, y m }", "E0214"), ("a = 3 4", "E0209"),
    ("study s = f() { varry x in [1] }", "E0209"),
    ("function f(c: a | b) {\n  match c { a: 1, b: { x = 1 } }\n  return 1\n}", "E0218"),
    ("function f(x Int) { return x }", "E0209"), ("expect", "E0209"), ("import stasc", "E0209"),
    ("a = größe", "E0201"),
  ])
  func `a mistake gives one error, with its code`(text: String, code: String) {
    #expect(messages(parse(text)) == [code], "\(text)")
  }

  @Test func `all errors of a document are told in one run, and what follows them is read`() {
    let recipe = parse("a = 1 +\nb = (2\nc = 3 4\nd = 5\nfunction f(x: ) { return x }\ne = 6")
    #expect(messages(recipe).count == 4, "\(messages(recipe))")
    let names = recipe.documents[0].statements.compactMap { statement -> String? in
      if case .binding(let name, _) = statement.kind { name.text } else { nil }
    }
    #expect(names.contains("d") && names.contains("e"))
  }

  @Test func `cells are found as CommonMark finds fences`() {
    let recipe = ParsedRecipe.parse(
      """
      # T
      ````text
      ```recipe
      not = read
      ```
      ````
      ~~~recipe
      a = 1
      ~~~~
      ```sql best
      SELECT 1
      ```
      ```recipe
      b = 2
      """)
    #expect(recipe.documents[0].cells.count == 2)
    #expect(messages(recipe) == ["E0102"])
  }

  @Test func `soup of tokens neither traps nor hangs`() {
    let words =
      Array("(){}[],:=.|+-*/%<>\"\\\n @#é😀0123456789".map(String.init)) + [
        "algorithm", "study", "table", "plot", "expect", "vary", "where", "match", "for", "in", "log", "x",
        "at", "best",
        "...", "==", "///", "1e5", "name", "\n", "rows", "columns", "true", "not", "if",
      ]
    var state: UInt64 = 1
    for length in [0, 1, 2, 5, 20, 100, 1000, 20_000] {
      for _ in 0..<(length < 1000 ? 200 : 3) {
        var text = ""
        for _ in 0..<length {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          text += words[Int(state >> 33) % words.count]
          if state >> 62 == 0 { text += " " }
        }
        let recipe = parse(text)
        #expect(recipe.documents.count == 1)
      }
    }
    #expect(parse(String(repeating: "(", count: 100_000)).diagnostics.hasErrors)
    #expect(parse("a = " + String(repeating: "-", count: 100_000) + "1").diagnostics.hasErrors)
    #expect(parse("a = 1" + String(repeating: " + 1", count: 50_000)).diagnostics.hasErrors)
  }

  private func parse(_ text: String) -> ParsedRecipe {
    ParsedRecipe.parse("```recipe\n\(text)\n```\n")
  }

  private func messages(_ recipe: ParsedRecipe) -> [String] { recipe.diagnostics.sorted.map(\.code) }
}
