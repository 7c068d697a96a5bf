import DSL
import Foundation
import Testing

@Suite struct LanguagePageTests {
  @Test func `every cell of the language's page makes a plan and stands as the formatter writes it`() throws {
    let page = GrammarTests.root.appending(path: "Sources/DSL/DSL.docc/Language.md")
    let bytes = Array(try Data(contentsOf: page))
    let compilation = compile(document: "Language.md", vocabulary: RecipeVocabulary.vocabulary) {
      path, importer in
      guard importer != nil else { return SourceFile(path: path, bytes: bytes) }
      let imported = GrammarTests.root.appending(path: "recipes").appending(path: path)
      return SourceFile(path: path, bytes: Array(try Data(contentsOf: imported)))
    }
    let renderer = DiagnosticRenderer(sources: compilation.sources)
    #expect(renderer.render(compilation.diagnostics) == "")
    #expect(compilation.plan?.studies.map(\.trials.count) == [15, 2])
    #expect(compilation.sources[0].cells.count >= 7)
    let formatted = RecipeFormatter(formatting: SourceFile(path: "Language.md", bytes: bytes))
    let lines = { (bytes: [UInt8]) in
      String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }
    #expect(lines(formatted.bytes).difference(from: lines(bytes)).isEmpty)
  }
}
