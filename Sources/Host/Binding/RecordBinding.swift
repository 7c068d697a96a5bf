package import Engine

extension Value {
  /// The figures that the store keeps of a value.
  package var figures: [StepFigure] {
    switch self {
    case .metrics(let metrics):
      zip(EvaluationMetric.all, metrics.values).map { StepFigure(name: $0.name, value: $1) }
    case .number(let number): [StepFigure(name: "", value: number.isFinite ? number : nil)]
    default: []
    }
  }

  /// What each question's attempts were worth, for paired tests.
  package var scores: [QuestionScore] {
    guard case .metrics(let metrics) = self else { return [] }
    return metrics.rows.rows.flatMap { row in
      row.attempts.enumerated().compactMap { index, turn in
        turn.score.map { QuestionScore(question: row.question, attempt: index + 1, score: $0) }
      }
    }
  }

  /// Every text of the value's rows, kept or not and why.
  package var samples: [SampleRecord] {
    let rows: Rows
    switch self {
    case .rows(let value): rows = value
    case .metrics(let metrics): rows = metrics.rows
    default: return []
    }
    return rows.rows.map { row in
      var attempts: [SampleRecord.Attempt] = []
      var prompt = ""
      for turn in row.turns {
        switch turn.role {
        case .user: prompt += turn.text
        case .feedback: prompt += turn.text
        case .assistant:
          attempts.append(.init(prompt: prompt, text: turn.text, score: turn.score, finish: turn.finish))
          prompt = ""
        }
      }
      // Feedback on the last attempt is a text of its own, without a score.
      if let last = row.turns.last, last.role == .feedback {
        attempts.append(
          .init(
            prompt: row.turns.dropLast().last?.text ?? "", text: last.text, score: nil, finish: last.finish))
      }
      return SampleRecord(
        question: row.question, samples: row.samples, attempts: attempts, rejection: row.rejection)
    }
  }
}
