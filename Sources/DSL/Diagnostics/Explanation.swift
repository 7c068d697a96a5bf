/// The codes of one pass. Each pass lists its own in an enumeration beside it, so that the compiler keeps them
/// unique within the pass and demands an explanation of each.
package protocol DiagnosticCode: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
  /// What `emend explain CODE` prints.
  var explanation: Explanation { get }
}

/// A code in a paragraph, with an example that is wrong and one that is right.
package struct Explanation: Hashable, Sendable {
  package enum Example: Hashable, Sendable {
    /// The inside of a `recipe` cell.
    case recipe(String)
    /// A whole Markdown document.
    case document(String)
    /// Words, where no text can show it (bytes that are not text, a missing file).
    case words(String)
  }
  /// A few words: what kind of mistake this is.
  package var title: String
  /// Why it is a mistake, and the ways out.
  package var paragraph: String
  package var wrong: Example
  package var right: Example

  package init(_ title: String, _ paragraph: String, wrong: Example, right: Example) {
    self.title = title
    self.paragraph = paragraph
    self.wrong = wrong
    self.right = right
  }

  /// Every pass's codes, in the order of their numbers. A new pass adds its line here.
  package static let passes: [any DiagnosticCode.Type] = [
    DocumentCode.self,
    SyntaxCode.self,
    SemanticCode.self,
    StudyCode.self,
    EvaluationCode.self,
  ]

  /// Every code with its explanation, in the order of the passes.
  package static var all: [(code: String, explanation: Explanation)] {
    passes.flatMap { $0.entries }
  }

  /// The explanation of a code, in upper or lower case.
  package static func find(_ code: String) -> Explanation? {
    let code = code.uppercased()
    return all.first { $0.code == code }?.explanation
  }
}

extension DiagnosticCode {
  fileprivate static var entries: [(code: String, explanation: Explanation)] {
    allCases.map { ($0.rawValue, $0.explanation) }
  }
}
