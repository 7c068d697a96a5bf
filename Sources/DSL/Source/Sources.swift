/// The documents of one recipe: the one asked for, then its imports in the order in which they were first met.
///
/// A `Span` says by index which of them it lies in.
package struct Sources: Sendable {
  package private(set) var documents: [Document] = []

  package init() {}

  package subscript(index: Int) -> Document { documents[index] }

  /// Adds a document under the next index.
  package mutating func add(_ file: SourceFile, diagnostics: inout Diagnostics) -> Int {
    let index = documents.count
    documents.append(
      Document(index: index, path: file.path, bytes: file.bytes, diagnostics: &diagnostics))
    return index
  }

  package func index(ofPath path: String) -> Int? {
    documents.firstIndex { $0.path == path }
  }

  /// The text of a span, as written.
  package func text(_ span: Span) -> String { documents[span.document].text(span) }

  /// `path:line:column` of a span's beginning.
  package func place(_ span: Span) -> String {
    let document = documents[span.document]
    let location = document.location(of: span.start)
    return "\(document.path):\(location.line):\(location.column)"
  }
}

/// A file as a reader found it.
package struct SourceFile: Sendable {
  /// One file has one path, however it was asked for: this is how a second import of it is recognized.
  package var path: String
  package var bytes: [UInt8]

  package init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }
}

/// Finds and reads a document. `relativeTo` is the path of the document that imports it, or `nil` for the first.
///
/// A reader that fails should throw a `SourceReadError`; any other error is shown as it describes itself.
package typealias SourceReader = (_ path: String, _ relativeTo: String?) throws -> SourceFile

/// Why a document could not be read.
package enum SourceReadError: Error, Hashable, Sendable {
  /// No file has this path; `nearby` are the documents that could have been meant.
  case notFound(nearby: [String])
  case isDirectory
  case notPermitted
  /// Any other reason, in words that complete "cannot be read: …".
  case failed(String)
}
