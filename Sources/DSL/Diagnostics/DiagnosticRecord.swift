/// A diagnostic for programs: the same as the text, with places resolved. `Encodable`, for any JSON encoder.
package struct DiagnosticRecord: Encodable, Hashable, Sendable {
  /// A stretch of a file; lines and columns from 1, columns in characters, the end exclusive; offsets in bytes.
  package struct Place: Encodable, Hashable, Sendable {
    package var file: String
    package var line: Int
    package var column: Int
    package var endLine: Int
    package var endColumn: Int
    package var startOffset: Int
    package var endOffset: Int
  }
  /// Another place that explains the first.
  package struct Related: Encodable, Hashable, Sendable {
    package var place: Place
    package var text: String
  }
  package var code: String
  package var severity: String
  package var message: String
  package var place: Place
  package var label: String?
  package var expected: String?
  package var found: String?
  package var related: [Related]
  package var remedy: String?

  package init(_ diagnostic: Diagnostic, sources: Sources) {
    code = diagnostic.code
    severity = diagnostic.severity.rawValue
    message = diagnostic.message
    place = Place(diagnostic.span, sources: sources)
    label = diagnostic.label
    expected = diagnostic.expected
    found = diagnostic.found
    related = diagnostic.related.map {
      Related(place: Place($0.span, sources: sources), text: $0.text)
    }
    remedy = diagnostic.remedy
  }
}

extension DiagnosticRecord.Place {
  init(_ span: Span, sources: Sources) {
    let document = sources[span.document]
    let start = document.location(of: span.start)
    let end = document.location(of: span.end)
    self.init(
      file: document.path, line: start.line, column: start.column, endLine: end.line,
      endColumn: end.column, startOffset: span.start, endOffset: span.end)
  }
}

extension Diagnostics {
  /// All of them in order, for programs.
  package func records(_ sources: Sources) -> [DiagnosticRecord] {
    sorted.map { DiagnosticRecord($0, sources: sources) }
  }
}
