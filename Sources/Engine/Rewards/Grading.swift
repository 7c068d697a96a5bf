/// How a task's answers are graded: by whom, and which part of the text.
package struct Grading: Codable, Hashable, Sendable {
  package var grader: Grader
  package var span: AnswerSpan
  /// For tasks answered in steps: how they are read. Then the answer is what a rationale announces, and the other two are not looked at.
  package var reasoning: ReasoningForm?

  package init(_ grader: Grader, span: AnswerSpan = .whole) {
    self.grader = grader
    self.span = span
  }

  /// The grading of a task answered in steps.
  package init(_ reasoning: ReasoningForm) {
    self.init(.exact)
    self.reasoning = reasoning
  }

  /// `numeric`, or `numeric of final` where only a part of the text is graded.
  package var name: String {
    if let reasoning { return reasoning.name }
    return span == .whole ? grader.rawValue : "\(grader.rawValue) of \(span.rawValue)"
  }

  /// The grading with that name, if there is one.
  package init?(name: String) {
    if let reasoning = ReasoningForm(name: name) {
      self.init(reasoning)
      return
    }
    for span in AnswerSpan.allCases {
      for grader in Grader.allCases where Grading(grader, span: span).name == name {
        self.init(grader, span: span)
        return
      }
    }
    return nil
  }

  /// The score of a text against the gold answers.
  package func score(_ text: String, gold: [String]) -> Score {
    reasoning?.score(text, gold: gold) ?? grader.score(text, gold: gold, span: span)
  }
}
