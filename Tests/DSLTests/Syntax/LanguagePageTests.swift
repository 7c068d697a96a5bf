import DSL
import Foundation
import Testing

@Suite struct LanguagePageTests {
  @Test func `every cell of the language's page parses and stands as the formatter writes it`() throws {
    let page = GrammarTests.root.appending(path: "Sources/DSL/DSL.docc/Language.md")
    let bytes = Array(try Data(contentsOf: page))
    let recipe = ParsedRecipe.load("Language.md") { path, importer in
      SourceFile(path: path, bytes: importer == nil ? bytes : [])
    }
    #expect(DiagnosticRenderer(sources: recipe.sources).render(recipe.diagnostics) == "")
    #expect(recipe.documents[0].cells.count >= 7)
    let formatted = RecipeFormatter(formatting: SourceFile(path: "Language.md", bytes: bytes))
    let lines = { (bytes: [UInt8]) in
      String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }
    #expect(lines(formatted.bytes).difference(from: lines(bytes)).isEmpty)
  }
}
