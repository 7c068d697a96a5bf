/// A document and everything it imports, read and parsed: what the checker starts from.
///
/// Reading never fails: what is wrong is in `diagnostics`, and everything that could be read is here.
package struct ParsedRecipe: Sendable {
  package var sources: Sources
  /// One for each document of `sources`, under the same index.
  package var documents: [ParsedDocument]
  /// Indices of documents, each after those that it imports; the last is 0, the document asked for.
  package var order: [Int]
  package var diagnostics: Diagnostics

  package init(
    sources: Sources, documents: [ParsedDocument], order: [Int], diagnostics: Diagnostics
  ) {
    self.sources = sources
    self.documents = documents
    self.order = order
    self.diagnostics = diagnostics
  }
}

/// The cells of one document as statements.
package struct ParsedDocument: Sendable {
  package var cells: [ParsedCell]
  package var imports: [ResolvedImport]
  /// Part of the document, or of one it imports, could not be read, which has been reported: names that seem unknown may be
  /// defined there, so nothing should be said of them.
  package var lacksNames = false
  /// Every top-level statement of the recipe cells, in order.
  package var statements: [Statement] { cells.flatMap(\.statements) }

  package init(cells: [ParsedCell] = [], imports: [ResolvedImport] = []) {
    self.cells = cells
    self.imports = imports
  }
}

/// A cell and its statements; a `sql` cell has none.
package struct ParsedCell: Sendable {
  package var cell: Cell
  package var statements: [Statement]

  package init(cell: Cell, statements: [Statement]) {
    self.cell = cell
    self.statements = statements
  }
}

/// An `import` statement and the document it brings; `nil` where that failed and has been reported.
package struct ResolvedImport: Sendable {
  package var path: String
  package var span: Span
  package var document: Int?

  package init(path: String, span: Span, document: Int?) {
    self.path = path
    self.span = span
    self.document = document
  }
}
