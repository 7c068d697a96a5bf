/// A stretch of one document's UTF-8 text, in bytes counted from the document's beginning.
///
/// Offsets count from the start of the whole Markdown file, not of a cell, so a place found anywhere in the
/// language is already a place in the file the reader has open.
package struct Span: Hashable, Sendable {
  /// Index of the document in the `Sources` that loaded it: 0 is the document asked for, others are imports.
  package var document: Int
  /// First byte.
  package var start: Int
  /// One past the last byte.
  package var end: Int

  package init(document: Int, start: Int, end: Int) {
    self.document = document
    self.start = start
    self.end = end
  }

  /// The smallest span that covers this one and `other`; both must be of one document.
  package func union(_ other: Span) -> Span {
    Span(document: document, start: min(start, other.start), end: max(end, other.end))
  }
}
