import DSL
import Foundation
import TestSupport
import Testing

@Suite struct SyntaxCorpusTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Corpus/syntax").standardizedFileURL

  @Test func `every mistake of the corpus is told at its line, and nothing else is`() throws {
    let cases = try ErrorCorpus.cases(inFolder: Self.folder)
    #expect(cases.count >= 80)
    #expect(cases.reduce(0) { $0 + $1.expectedCount } >= 100)
    for example in cases {
      for mismatch in example.mismatches(findings(in: example.document)) {
        Issue.record("\(mismatch)")
      }
    }
  }

  private func findings(in text: String) -> [ErrorCorpus.Finding] {
    let recipe = ParsedRecipe.parse(text)
    return recipe.diagnostics.sorted.map { diagnostic in
      let words = [diagnostic.code, diagnostic.message, diagnostic.caretText, diagnostic.remedy ?? ""]
      return ErrorCorpus.Finding(
        line: recipe.sources[0].location(of: diagnostic.span.start).line,
        text: words.joined(separator: " · "))
    }
  }
}
