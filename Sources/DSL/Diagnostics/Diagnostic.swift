/// One thing that is wrong, or doubtful, in a recipe: what, where, expected and found, and what to do.
package struct Diagnostic: Hashable, Sendable {
  package enum Severity: String, Hashable, Sendable {
    case error
    case warning
  }
  /// Stable, such as `E0301`; `emend explain` and `Explanation.find` know it.
  package var code: String
  package var severity: Severity
  /// A sentence without its full stop. Code in it stands between backticks.
  package var message: String
  package var span: Span
  /// What is said beside the carets. Without it, `expected` and `found` are.
  package var label: String?
  package var expected: String?
  package var found: String?
  /// Other places that explain this one, such as a first definition.
  package var related: [Label]
  /// The one thing to do about it.
  package var remedy: String?

  /// Words beside a place.
  package struct Label: Hashable, Sendable {
    package var text: String
    package var span: Span

    package init(_ text: String, at span: Span) {
      self.text = text
      self.span = span
    }
  }

  /// The severity follows from the code: `E…` is an error, `W…` a warning.
  package init(
    _ code: some DiagnosticCode, _ message: String, at span: Span, label: String? = nil,
    expected: String? = nil, found: String? = nil, related: [Label] = [], remedy: String? = nil
  ) {
    self.code = code.rawValue
    severity = code.rawValue.hasPrefix("W") ? .warning : .error
    self.message = message
    self.span = span
    self.label = label
    self.expected = expected
    self.found = found
    self.related = related
    self.remedy = remedy
  }

  /// The words beside the carets: the label, or else what was expected and found.
  package var caretText: String {
    if let label { return label }
    switch (expected, found) {
    case (let expected?, let found?): return "expected \(expected), found \(found)"
    case (let expected?, nil): return "expected \(expected)"
    case (nil, let found?): return "found \(found)"
    case (nil, nil): return ""
    }
  }
}
