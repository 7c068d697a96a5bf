import DSL
import Foundation
import TestSupport
import Testing

@Suite struct SemanticCorpusTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Corpus/semantics").standardizedFileURL

  /// Small, so that what never ends ends soon.
  static let limits: Limits = {
    var limits = Limits()
    limits.work = 100_000
    return limits
  }()

  @Test func `every mistake of the corpus is told at its line, and nothing else is`() throws {
    let cases = try ErrorCorpus.cases(inFolder: Self.folder)
    #expect(cases.count >= 80)
    #expect(cases.reduce(0) { $0 + $1.expectedCount } >= 200)
    for example in cases {
      let compilation = compile(["recipe.md": example.document], limits: Self.limits)
      let findings = compilation.diagnostics.sorted.map { diagnostic in
        let words = [diagnostic.code, diagnostic.message, diagnostic.caretText, diagnostic.remedy ?? ""]
        return ErrorCorpus.Finding(
          line: compilation.sources[0].location(of: diagnostic.span.start).line,
          text: words.joined(separator: " · "))
      }
      for mismatch in example.mismatches(findings) { Issue.record("\(mismatch)") }
    }
  }

  @Test func `every code that a small recipe can cause stands in the corpus`() throws {
    var text = ""
    for file in try FileManager.default.contentsOfDirectory(at: Self.folder, includingPropertiesForKeys: nil)
    {
      text += try String(contentsOf: file, encoding: .utf8)
    }
    let codes =
      SemanticCode.allCases.map(\.rawValue) + StudyCode.allCases.map(\.rawValue)
      + EvaluationCode.allCases.map(\.rawValue)
    // These take two documents, deep nesting or small limits, and have tests of their own.
    let elsewhere: Set<String> = ["E0333", "E0337", "E0506", "E0510"]
    #expect(codes.filter { !elsewhere.contains($0) && !text.contains($0) } == [])
  }

  @Test func `every diagnostic says what to do`() throws {
    for example in try ErrorCorpus.cases(inFolder: Self.folder) {
      for diagnostic in compile(["recipe.md": example.document], limits: Self.limits).diagnostics.sorted {
        #expect(diagnostic.remedy?.isEmpty == false, "\(diagnostic.code) \(diagnostic.message)")
        #expect(!diagnostic.caretText.isEmpty, "\(diagnostic.code) \(diagnostic.message)")
      }
    }
  }
}
