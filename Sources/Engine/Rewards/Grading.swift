/// How a task's answers are graded: by whom, and which part of the text.
package struct Grading: Codable, Hashable, Sendable {
  package var grader: Grader
  package var span: AnswerSpan

  package init(_ grader: Grader, span: AnswerSpan = .whole) {
    self.grader = grader
    self.span = span
  }

  /// `numeric`, or `numeric of final` where only a part of the text is graded.
  package var name: String { span == .whole ? grader.rawValue : "\(grader.rawValue) of \(span.rawValue)" }

  /// The grading with that name, if there is one.
  package init?(name: String) {
    for span in AnswerSpan.allCases {
      for grader in Grader.allCases where Grading(grader, span: span).name == name {
        self.init(grader, span: span)
        return
      }
    }
    return nil
  }

  /// The score of a text against the gold answers.
  package func score(_ text: String, gold: [String]) -> Score { grader.score(text, gold: gold, span: span) }
}
