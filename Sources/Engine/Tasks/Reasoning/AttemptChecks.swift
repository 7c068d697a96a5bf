/// TriPosT's checks of what a model wrote, before it is learned from: text against text, no verifier.
extension ReasoningStyle {
  /// Whether an attempt can be read at all: numbered steps in order, then the final response, which is the last, and no new question.
  package func isReadable(_ attempt: String) -> Bool {
    let segments = RationaleText(attempt, self).segments
    guard let last = segments.last, last.label == .answer, !last.content.trimmingBlanks.isEmpty else {
      return false
    }
    return segments.dropLast().enumerated().allSatisfy { $0.element.label == .step($0.offset + 1) }
      && !attempt.utf8.split(separator: UInt8(ascii: "\n")).contains { Substring($0).hasPrefix("Q:") }
  }

  /// Whether an update follows feedback on the attempt before it: the steps before the wrong one are as they were, byte for byte, and
  /// that one is not.
  ///
  /// - Parameter partMustGo: as in the paper, the wrong part may not occur in the step any more. A right step can hold it, though:
  ///   `[bee?bat]` after `bat` was wrong. So the script's own improvements would not all pass.
  package func isProgress(
    from attempt: String, _ feedback: Feedback, to update: String, partMustGo: Bool = false
  ) -> Bool {
    let before = RationaleText(attempt, self).segments
    let after = RationaleText(update, self).segments
    let right = feedback.rightSteps
    guard feedback.verdict != .correct, right >= 0, before.count >= right, after.count > right else {
      return false
    }
    for (old, new) in zip(before.prefix(right), after) where !old.whole.utf8.elementsEqual(new.whole.utf8) {
      return false
    }
    let changed = after[right].whole
    // After a text that broke off, anything is a change.
    guard before.indices.contains(right) else { return true }
    if changed.utf8.elementsEqual(before[right].whole.utf8) {
      // The same answer may stay if what followed it has gone.
      return feedback.reason?.kind == .trailing && after.count < before.count
    }
    guard partMustGo, let part = feedback.part else { return true }
    return changed.firstRange(of: part) == nil
  }
}

extension Feedback {
  /// Whether it is about a later error than the feedback on the attempt before: not about an earlier step, and not the same part of the
  /// same step again.
  package func isProgress(since earlier: Feedback) -> Bool {
    if verdict == .correct { return true }
    guard rightSteps >= earlier.rightSteps else { return false }
    let isSameStep = rightSteps == earlier.rightSteps && verdict == earlier.verdict
    return !(isSameStep && part == earlier.part)
  }
}

extension ReasoningTask {
  /// A verifier's feedback on a rationale, as text; throws if the question cannot be read.
  package func feedback(
    question: String, rationale: String, _ style: ReasoningStyle, detail: FeedbackDetail = FeedbackDetail()
  ) throws(ReasoningError) -> String {
    try problem(question).feedback(on: rationale, style).reduced(to: detail).text(style)
  }

  /// The rationale with its right steps kept and the rest written by the script; throws if the question cannot be read.
  package func improved(question: String, rationale: String, _ style: ReasoningStyle) throws(ReasoningError)
    -> String
  {
    try problem(question).improved(rationale, style)
  }

  /// The final answer of a text, graded: 1 or 0. The steps do not count. Throws if the question cannot be read.
  package func score(question: String, text: String, _ style: ReasoningStyle) throws(ReasoningError) -> Score
  {
    let problem = try problem(question)
    let answer = RationaleText.finalAnswer(of: text, style)
    let isCorrect = answer.map { problem.isRight($0) } ?? false
    return Score(answer: String(answer ?? ""), isCorrect: isCorrect, reward: isCorrect ? 1 : 0)
  }
}
