/// `emend fmt`: writes the recipe cells of a document in the one way, and touches nothing else.
///
/// A document with syntax errors is left as it is. Formatting twice gives what formatting once gives; no comment is
/// lost; the syntax tree stays the same but for places.
package struct RecipeFormatter: Sendable {
  /// The document after formatting; the one given, byte for byte, where nothing had to change.
  package let bytes: [UInt8]
  /// The document as it was read, for showing `diagnostics`.
  package let sources: Sources
  /// What was wrong with the document; with an error among them, `bytes` are those given.
  package let diagnostics: Diagnostics

  /// Lines are broken to stay within this width where a bracket allows it.
  package static let width = 100

  package init(formatting file: SourceFile) {
    var diagnostics = Diagnostics()
    var sources = Sources()
    let index = sources.add(file, diagnostics: &diagnostics)
    let document = sources[index]
    var result: [UInt8] = []
    var copied = 0
    for cell in document.cells where cell.kind == .recipe {
      var parser = Parser(reading: cell.content, of: document)
      _ = parser.recipe()
      diagnostics.append(contentsOf: parser.diagnostics)
      if parser.diagnostics.hasErrors { continue }
      var printer = CellPrinter(parser: parser, indentation: cell.indentation)
      var text = printer.print()
      if RecipeFormatter.usesCarriageReturns(document, in: cell) {
        text = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
      }
      result += document.bytes[copied..<cell.content.start]
      result += Array(text.utf8)
      copied = cell.content.end
    }
    result += document.bytes[copied...]
    bytes = diagnostics.hasErrors ? file.bytes : result
    self.sources = sources
    self.diagnostics = diagnostics
  }

  /// Whether the line of the cell's opening fence ends with CR LF.
  private static func usesCarriageReturns(_ document: Document, in cell: Cell) -> Bool {
    let start = cell.content.start
    return start >= 2 && document.bytes[start - 2] == ASCII.carriageReturn
      && document.bytes[start - 1] == ASCII.newline
  }
}
