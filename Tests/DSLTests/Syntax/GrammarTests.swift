import DSL
import Foundation
import TestSupport
import Testing

@Suite struct GrammarTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../..").standardizedFileURL

  static func grammar() throws -> Grammar {
    Grammar(
      page: try String(
        contentsOf: root.appending(path: "Sources/DSL/DSL.docc/Grammar.md"), encoding: .utf8))
  }

  @Test
  func `each production of the page stands above one method of the parser, and each method's on the page`()
    throws
  {
    let grammar = try Self.grammar()
    let folder = Self.root.appending(path: "Sources/DSL/Syntax")
    var methods: [String: String] = [:]
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    for file in files where file.hasPrefix("Parser") {
      let lines = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        .split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      for (line, following) in zip(lines, lines.dropFirst()) {
        guard line.hasPrefix("// "), let (name, text) = Grammar.production(String(line.dropFirst(3)))
        else { continue }
        #expect(methods[name] == nil, "\(name) stands above two methods")
        methods[name] = text
        let parts = name.split(separator: "_").map(String.init)
        let method = parts[0] + parts.dropFirst().map(\.capitalized).joined()
        let plain = following.replacing("`", with: "")
        #expect(plain.hasPrefix("mutating func \(method)("), "\(name) stands above: \(following)")
      }
    }
    #expect(grammar.productions.count > 50)
    for (name, text) in grammar.productions {
      #expect(methods[name] == text, "\(name) differs from the parser's")
    }
    #expect(Set(methods.keys) == Set(grammar.productions.map(\.name)))
  }

  @Test func `every sentence made from the productions parses`() throws {
    let grammar = try Self.grammar()
    var random = SeededRandom(seed: 20_261_121)
    var words = 0
    for _ in 0..<2_000 {
      let sentence = grammar.sentence(of: "recipe", budget: 22, using: &random)
      words += sentence.count
      let text = Grammar.text(sentence)
      let recipe = Self.parse(text)
      // That a clause stands once, and which must stand, is said in the page's prose.
      let errors = recipe.diagnostics.sorted.filter { !["E0214", "E0215"].contains($0.code) }
      guard errors.isEmpty else {
        let shown = DiagnosticRenderer(sources: recipe.sources).render(errors[0])
        Issue.record("\(shown)\nin:\n\(text)")
        return
      }
    }
    #expect(words > 20_000, "the sentences are too short to say anything: \(words) words")
  }

  static func parse(_ text: String) -> ParsedRecipe {
    ParsedRecipe.load("test.md") { path, importer in
      SourceFile(path: path, bytes: importer == nil ? Array("```recipe\n\(text)\n```\n".utf8) : [])
    }
  }
}
