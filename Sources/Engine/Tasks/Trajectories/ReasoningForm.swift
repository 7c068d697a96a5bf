/// How a task that is answered in steps is written and read: part of its grading, so that whoever has its questions can check steps.
package struct ReasoningForm: Codable, Hashable, Sendable {
  package var task: ReasoningTask
  package var style: ReasoningStyle
  /// Cells of difficulty that are learned from; those of the test that are not among them are unseen.
  package var seen: [String]

  package init(_ task: ReasoningTask, _ style: ReasoningStyle, seen: [String]) {
    self.task = task
    self.style = style
    self.seen = seen
  }

  /// `steps of word_sorting, compact, seen words2 words3`: names it completely.
  package var name: String {
    "steps of \(task.rawValue), \(style.rawValue), seen \(seen.joined(separator: " "))"
  }

  /// The form with that name; `nil` if it is none's.
  package init?(name: String) {
    for task in ReasoningTask.allCases {
      for style in ReasoningStyle.allCases {
        var rest = name[...]
        if rest.take("steps of \(task.rawValue), \(style.rawValue), seen ") {
          self.init(task, style, seen: rest.split(separator: " ").map(String.init))
          return
        }
      }
    }
    return nil
  }

  /// Every character that questions, steps and feedback may hold: printable ASCII and the line's end.
  package var alphabet: String {
    String(String.UnicodeScalarView((32...126).compactMap { Unicode.Scalar(UInt8($0)) })) + "\n"
  }

  /// How questions are asked, and what asks for an update. Sampling and training have the same.
  package var prompts: Prompts {
    switch style {
    case .compact: Prompts(question: "{question}\n", correction: "\n")
    case .sentences:
      Prompts(
        question: "Q: {question}\nAnswer: Let's think step by step.\n",
        correction: "\nUpdated Answer: Let's think step by step.\n")
    }
  }

  /// What asks for feedback on an attempt: stands in front of it, in sampling and in training.
  package var feedbackPrompt: String { style == .compact ? "#" : "\nFeedback: " }

  /// Reads a question; the error says why it cannot be.
  package func problem(_ question: String) throws(OperationError) -> any ReasoningProblem {
    do { return try task.problem(question) } catch {
      throw OperationError(error.message, remedy: error.remedy)
    }
  }

  /// Whether a question's difficulty is learned from.
  package func isSeen(_ question: String) throws(OperationError) -> Bool {
    seen.contains(try problem(question).cell)
  }

  /// The final answer that a text announces, graded: 1 or 0. The steps do not count.
  package func score(_ text: String, gold: [String]) -> Score {
    guard let answer = RationaleText.finalAnswer(of: text, style) else {
      return Score(answer: "", isCorrect: false, reward: 0)
    }
    let isCorrect = gold.contains { areEqual(answer, $0[...]) }
    return Score(answer: String(answer), isCorrect: isCorrect, reward: isCorrect ? 1 : 0)
  }

  /// Equal as numbers, as lists of words, as dates, or as options.
  private func areEqual(_ a: Substring, _ b: Substring) -> Bool {
    switch task {
    case .multistepArithmetic:
      guard let number = MultistepArithmetic.number(a) else { return false }
      return number == MultistepArithmetic.number(b)
    case .wordSorting: return WordSorting.list(a) == WordSorting.list(b)
    case .dateUnderstanding, .logicalDeduction:
      if let date = CalendarDate(b) { return CalendarDate(a.trimmingBlanks) == date }
      guard let option = DateUnderstanding.option(a) else { return false }
      return option == DateUnderstanding.option(b)
    }
  }

  /// How many steps a text has before its answer.
  package func stepCount(_ text: String) -> Int {
    RationaleText(text, style).segments.count { if case .step = $0.label { true } else { false } }
  }
}

extension Questions {
  /// How these questions' steps are read.
  ///
  /// - Throws: `OperationError` if they are not answered in steps; `use` says who asks.
  package func reasoningForm(_ use: String) throws(OperationError) -> ReasoningForm {
    guard let form = grading.reasoning else {
      throw OperationError(
        "\(use) reads steps, and these questions are not answered in steps: they are graded by \(grading.name)",
        remedy: "use it with a task made by `reasoning`")
    }
    return form
  }
}
