/// A fenced block that Emend reads: everything else in a document is prose.
package struct Cell: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Statements of the language.
    case recipe
    /// A read-only query over the store, whose result stands in the report under this name.
    case query(name: Name)
  }
  package var kind: Kind
  /// From the opening fence to the end of the closing one, without the last line ending.
  package var span: Span
  /// The lines between the fences, line endings included.
  package var content: Span
  /// Where a report inserts what the cell produced: the beginning of the line after the closing fence.
  package var insertionPoint: Int
  /// Spaces before the opening fence, 0 to 3.
  package var indentation: Int

  package init(kind: Kind, span: Span, content: Span, insertionPoint: Int, indentation: Int) {
    self.kind = kind
    self.span = span
    self.content = content
    self.insertionPoint = insertionPoint
    self.indentation = indentation
  }
}
