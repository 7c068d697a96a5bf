/// What the passes found, in the order of the documents' text.
///
/// Passes append in any order; readers get it sorted by place, so output does not depend on how passes are written.
package struct Diagnostics: Sendable {
  private var found: [Diagnostic] = []

  package init() {}

  package mutating func append(_ diagnostic: Diagnostic) { found.append(diagnostic) }

  package mutating func append(contentsOf other: Diagnostics) {
    found.append(contentsOf: other.found)
  }

  /// Forgets everything appended after the first `count`: what follows from an error already told.
  mutating func keepFirst(_ count: Int) { found.removeLast(max(0, found.count - count)) }

  package var isEmpty: Bool { found.isEmpty }
  package var count: Int { found.count }
  package var errorCount: Int { found.count { $0.severity == .error } }
  package var warningCount: Int { found.count - errorCount }
  package var hasErrors: Bool { found.contains { $0.severity == .error } }

  /// By document, place, code and message; the same thing said twice at one place appears once.
  package var sorted: [Diagnostic] {
    var result: [Diagnostic] = []
    for diagnostic in found.sorted(by: Diagnostics.precedes) where diagnostic != result.last {
      result.append(diagnostic)
    }
    return result
  }

  private static func precedes(_ a: Diagnostic, _ b: Diagnostic) -> Bool {
    let left = (a.span.document, a.span.start, a.span.end)
    let right = (b.span.document, b.span.start, b.span.end)
    if left != right { return left < right }
    return (a.code, a.message) < (b.code, b.message)
  }
}
