extension ParsedRecipe {
  /// Reads and parses a document and everything it imports.
  ///
  /// Never fails: a document that cannot be read is an empty one with an error. `read` is called once for each
  /// document, and once more for each import that names a document in another way.
  package static func load(_ path: String, read: SourceReader) -> ParsedRecipe {
    withoutActuallyEscaping(read) { read in
      var loader = RecipeLoader(read: read)
      loader.begin(path)
      return ParsedRecipe(
        sources: loader.sources, documents: loader.documents, order: loader.order,
        diagnostics: loader.diagnostics)
    }
  }

  /// Parses one document that imports nothing from elsewhere.
  package static func parse(_ text: String, path: String = "recipe.md") -> ParsedRecipe {
    load(path) { asked, importer in
      guard importer == nil else { throw SourceReadError.notFound(nearby: []) }
      return SourceFile(path: asked, bytes: Array(text.utf8))
    }
  }
}

/// Follows imports depth first, so that `order` has each document after those it imports.
private struct RecipeLoader {
  /// How many documents may import one another in a row; more would be a reader that makes them up.
  static let longestChain = 100

  let read: SourceReader
  var sources = Sources()
  var documents: [ParsedDocument] = []
  var order: [Int] = []
  var diagnostics = Diagnostics()
  /// Documents whose imports are being followed, outermost first.
  private var underWay: [Int] = []

  init(read: @escaping SourceReader) {
    self.read = read
  }

  mutating func begin(_ path: String) {
    do {
      _ = follow(add(try read(path, nil)))
    } catch {
      _ = add(SourceFile(path: path, bytes: []))
      order.append(0)
      diagnostics.append(
        Diagnostic(
          DocumentCode.unreadable, "cannot read `\(path)`", at: Span(document: 0, start: 0, end: 0),
          label: describe(error), remedy: remedy(error, else: "a path is relative to the folder you are in")))
    }
  }

  private mutating func add(_ file: SourceFile) -> Int {
    documents.append(ParsedDocument())
    return sources.add(file, diagnostics: &diagnostics)
  }

  /// Parses a document, then its imports.
  private mutating func follow(_ index: Int) -> Int {
    let document = sources[index]
    documents[index].lacksNames = !document.isWhole
    for cell in document.cells {
      var statements: [Statement] = []
      if cell.kind == .recipe {
        statements = Parser.parse(cell.content, of: document, diagnostics: &diagnostics)
      }
      documents[index].cells.append(ParsedCell(cell: cell, statements: statements))
    }
    underWay.append(index)
    for statement in documents[index].statements {
      guard case .importDocument(let path, let span) = statement.kind else { continue }
      let target = path.isEmpty ? nil : resolve(path, at: span, from: document)
      let isWhole = target.map { !documents[$0].lacksNames } ?? false
      documents[index].lacksNames = documents[index].lacksNames || !isWhole
      documents[index].imports.append(ResolvedImport(path: path, span: span, document: target))
    }
    underWay.removeLast()
    order.append(index)
    return index
  }

  private mutating func resolve(_ path: String, at span: Span, from document: Document) -> Int? {
    let file: SourceFile
    do {
      file = try read(path, document.path)
    } catch {
      diagnostics.append(
        Diagnostic(
          DocumentCode.unreadable, "cannot read `\(path)`", at: span, label: describe(error),
          remedy: remedy(error, else: "a path is relative to the document that names it")))
      return nil
    }
    guard let known = sources.index(ofPath: file.path) else {
      guard underWay.count < RecipeLoader.longestChain else {
        diagnostics.append(
          Diagnostic(
            DocumentCode.importCycle, "imports reach more than \(RecipeLoader.longestChain) documents deep",
            at: span, remedy: "import what is needed directly"))
        return nil
      }
      return follow(add(file))
    }
    if let first = underWay.firstIndex(of: known) {
      let circle = (underWay[first...].map { sources[$0].path } + [file.path]).joined(separator: " → ")
      diagnostics.append(
        Diagnostic(
          DocumentCode.importCycle, "documents import each other", at: span, label: circle,
          remedy: "move what both need into a third document"))
      return nil
    }
    return known
  }

  private func describe(_ error: any Error) -> String {
    guard let error = error as? SourceReadError else { return "cannot be read: \(error)" }
    switch error {
    case .notFound: return "no such file"
    case .isDirectory: return "this is a folder"
    case .notPermitted: return "reading it is not permitted"
    case .failed(let reason): return "cannot be read: \(reason)"
    }
  }

  private func remedy(_ error: any Error, else rule: String) -> String? {
    guard case .notFound(let nearby)? = error as? SourceReadError else { return nil }
    return nearby.first.map { "did you mean `\($0)`?" } ?? rule
  }
}
