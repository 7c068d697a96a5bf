internal import Foundation

/// Which part of a generated text is graded.
package enum AnswerSpan: String, Codable, Hashable, Sendable, CaseIterable {
  /// The whole text. With ``Grader/contains`` an answer that rambles past the gold answer is right.
  case whole = "default"
  /// What follows the first `Final Answer:`, in capitals or not; a text without that mark is wrong, whatever the grader.
  ///
  /// The first mark counts, as in STaSC's code, and everything behind it is graded, further marks included.
  case final

  /// The part of a text that is graded; `nil` if the text lacks the mark.
  package func part(of text: String) -> String? {
    switch self {
    case .whole: return text
    case .final:
      guard let mark = text.range(of: "final answer:", options: [.caseInsensitive, .literal]) else {
        return nil
      }
      return String(text[mark.upperBound...])
    }
  }
}
