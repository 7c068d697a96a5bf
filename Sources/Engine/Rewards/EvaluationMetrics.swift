extension EvaluationMetric {
  /// Every figure of an evaluation. Attempt 2 is the last attempt, also where there are more; with one attempt it is the first.
  package static let all: [EvaluationMetric] = [
    .init(
      name: "accuracy_1", summary: "share of first answers that are right", direction: .higherIsBetter,
      unit: .share
    ) {
      $0.first.right
    },
    .init(
      name: "accuracy_2", summary: "share of last answers that are right", direction: .higherIsBetter,
      unit: .share
    ) {
      $0.last.right
    },
    .init(name: "delta", summary: "accuracy_2 - accuracy_1", direction: .higherIsBetter, unit: .share) {
      $0.last.right - $0.first.right
    },
    .init(
      name: "i_to_c", summary: "share of all questions wrong at first and right at last",
      direction: .higherIsBetter, unit: .share
    ) {
      (1 - $0.first.right) * $0.last.right
    },
    .init(
      name: "c_to_i", summary: "share of all questions right at first and wrong at last",
      direction: .lowerIsBetter, unit: .share
    ) {
      $0.first.right * (1 - $0.last.right)
    },
    .init(
      name: "c_to_c", summary: "share of all questions right at first and at last",
      direction: .higherIsBetter, unit: .share
    ) {
      $0.first.right * $0.last.right
    },
    .init(
      name: "i_to_i", summary: "share of all questions wrong at first and at last", direction: .lowerIsBetter,
      unit: .share
    ) {
      (1 - $0.first.right) * (1 - $0.last.right)
    },
    .init(
      name: "i_to_c_given_wrong", summary: "share of the questions wrong at first that are right at last",
      direction: .higherIsBetter, unit: .share),
    .init(
      name: "c_to_i_given_right", summary: "share of the questions right at first that are wrong at last",
      direction: .lowerIsBetter, unit: .share),
    .init(
      name: "changed", summary: "share of answers that the last attempt changed", direction: .neither,
      unit: .share
    ) {
      $0.first?.answer != $0.last?.answer ? 1 : 0
    },
    .init(
      name: "reward_1", summary: "mean reward of first answers", direction: .higherIsBetter, unit: .number
    ) {
      Double($0.first?.reward ?? 0)
    },
    .init(name: "reward_2", summary: "mean reward of last answers", direction: .higherIsBetter, unit: .number)
    {
      Double($0.last?.reward ?? 0)
    },
    .init(
      name: "truncated", summary: "share of answers that the limit on tokens cut off",
      direction: .lowerIsBetter, unit: .share),
    .init(
      name: "unfinished", summary: "share of questions with an answer that was cut off or empty",
      direction: .lowerIsBetter, unit: .share),
  ]
}

extension Metrics {
  /// The figures of scored rows, one row a question.
  package init(of rows: Rows) {
    let scores = rows.rows.map { $0.attempts.compactMap(\.score) }
    let count = Double(rows.rows.count)
    func share(_ part: Double, of whole: Double) -> Double? { whole > 0 ? part / whole : nil }
    let wrong = scores.reduce(0) { $0 + 1 - $1.first.right }
    let fixed = scores.reduce(0) { $0 + (1 - $1.first.right) * $1.last.right }
    let spoilt = scores.reduce(0) { $0 + $1.first.right * (1 - $1.last.right) }
    let attempts = rows.rows.flatMap(\.attempts)
    let cut = attempts.count { $0.finish == .truncated }
    let unfinished = rows.rows.count { row in
      row.attempts.contains { $0.finish == .truncated || ($0.score?.answer ?? "").isEmpty }
    }
    let values = EvaluationMetric.all.map { metric -> Double? in
      if let ofQuestion = metric.ofQuestion {
        return share(scores.reduce(0) { $0 + ofQuestion($1) }, of: count)
      }
      switch metric.name {
      case "i_to_c_given_wrong": return share(fixed, of: wrong)
      case "c_to_i_given_right": return share(spoilt, of: count - wrong)
      case "truncated": return share(Double(cut), of: Double(attempts.count))
      default: return share(Double(unfinished), of: count)
      }
    }
    self.init(values: values, rows: rows)
  }
}

extension Optional where Wrapped == Score {
  /// 1 for a right answer, 0 for a wrong or missing one.
  fileprivate var right: Double { self?.isCorrect == true ? 1 : 0 }
}
