/// What a verifier found.
package struct Verification: Sendable {
  /// The first wrong step, the wrong part and the reason; or that all is right.
  package var feedback: Feedback
  /// The text up to the first wrong step, byte for byte: what an improver keeps.
  package var rightPrefix: Substring
}

extension ReasoningProblem {
  /// Checks a rationale step by step and stops at the first that is wrong.
  ///
  /// A step is judged by what it says, given the question and the steps before it: another right way is right. A right
  /// answer after a wrong step is wrong. Takes time linear in the text.
  package func verification(of text: String, _ style: ReasoningStyle) -> Verification {
    walk(text, style).found
  }

  /// The verification, and what the right steps establish.
  private func walk(_ text: String, _ style: ReasoningStyle) -> (found: Verification, progress: Progress) {
    let rationale = RationaleText(text, style)
    var progress = start
    var right = 0
    func found(_ feedback: Feedback, keeping end: String.Index) -> (Verification, Progress) {
      (Verification(feedback: feedback, rightPrefix: rationale.text[..<end]), progress)
    }
    for (index, segment) in rationale.segments.enumerated() {
      var verdict = Feedback.Verdict.wrongStep
      var fault: StepFault?
      var advanced = progress
      switch segment.label {
      case .step(right + 1): fault = check(segment.content, &advanced)
      case .step, .unreadable: fault = StepFault(segment.whole, .unreadable)
      case .answer:
        verdict = .wrongAnswer
        fault = checkAnswer(segment.content, progress)
        if fault == nil {
          if index == rationale.segments.count - 1 {
            return found(Feedback(.correct, rightSteps: right), keeping: rationale.text.endIndex)
          }
          fault = StepFault(rationale.segments[index + 1].whole, .trailing)
        }
      }
      if let fault {
        return found(
          Feedback(verdict, rightSteps: right, part: fault.part, reason: fault.reason),
          keeping: segment.whole.startIndex)
      }
      progress = advanced
      right += 1
    }
    return found(
      Feedback(.wrongAnswer, rightSteps: right, reason: FaultReason(.unfinished)),
      keeping: rationale.text.endIndex)
  }

  /// The first wrong step of a rationale, the wrong part and the reason; or that all is right.
  package func feedback(on text: String, _ style: ReasoningStyle) -> Feedback {
    verification(of: text, style).feedback
  }

  /// The right rationale that a script writes.
  package func rationale(_ style: ReasoningStyle) -> String {
    RationaleText.joined(continuation(from: start, after: 0, style), style)
  }

  /// A right rationale that begins with the right steps of `text`, byte for byte, and is the script's from the first wrong
  /// one on; a rationale that is right stays as it is.
  package func improved(_ text: String, _ style: ReasoningStyle) -> String {
    let (found, progress) = walk(text, style)
    guard found.feedback.verdict != .correct else { return text }
    let rest = continuation(from: progress, after: found.feedback.rightSteps, style)
    let kept = String(found.rightPrefix)
    // A text that ends after a right step has no separator at its end yet.
    let isOpen = found.feedback.reason?.kind == .unfinished
    return RationaleText.joined((isOpen ? [kept] : []) + rest, style, after: isOpen ? "" : kept)
  }

  /// The remaining steps and the answer, given what is established or believed.
  func continuation(from progress: Progress, after count: Int, _ style: ReasoningStyle) -> [String] {
    var progress = progress
    var steps: [String] = []
    // No problem that can be read needs as many; a bound, so that no belief can make this run on.
    while steps.count < 500, let content = nextStep(&progress) {
      steps.append(RationaleText.step(count + steps.count + 1, content, style))
    }
    return steps + [RationaleText.answer(finalAnswer(progress), style)]
  }

  /// Whether the answer that a text announces is right, whatever the steps are.
  package func isAnswerRight(in text: String, _ style: ReasoningStyle) -> Bool {
    RationaleText.finalAnswer(of: text, style).map { isRight($0) } ?? false
  }
}

extension RationaleText {
  fileprivate static func joined(_ steps: [String], _ style: ReasoningStyle, after kept: String) -> String {
    kept + joined(steps, style)
  }
}

/// A wrong rationale whose error is known.
package struct PlantedError: Hashable, Sendable {
  package var text: String
  /// How many steps stand before the wrong one.
  package var rightSteps: Int
  /// The error is in the final response.
  package var isInAnswer: Bool
}

extension ReasoningProblem {
  /// A rationale with one error at a random place; what follows goes on from it as from a right step, as a learner's would.
  package func plantedError(_ style: ReasoningStyle, _ draws: inout Draws) -> PlantedError {
    var progress = start
    var right: [(content: String, before: Progress)] = []
    while right.count < 500 {
      let before = progress
      guard let content = nextStep(&progress) else { break }
      right.append((content, before))
    }
    let place = draws.integer(below: right.count + 1)
    var texts = right.prefix(place).enumerated().map {
      RationaleText.step($0.offset + 1, $0.element.content, style)
    }
    if place < right.count {
      var believed = right[place].before
      if let content = wrongStep(&believed, &draws) {
        texts.append(RationaleText.step(place + 1, content, style))
        texts += continuation(from: believed, after: place + 1, style)
        return PlantedError(text: RationaleText.joined(texts, style), rightSteps: place, isInAnswer: false)
      }
      texts = right.enumerated().map { RationaleText.step($0.offset + 1, $0.element.content, style) }
    }
    texts.append(RationaleText.answer(wrongAnswer(progress, &draws), style))
    return PlantedError(text: RationaleText.joined(texts, style), rightSteps: right.count, isInAnswer: true)
  }
}
