extension Value {
  /// A value in a few lines of Markdown, for `show`.
  package var markdown: String {
    switch self {
    case .model(let model): return ModelSummary(of: model).markdown
    case .task(let task):
      return
        "A task, \(task.name): \(task.train.count) questions to learn from, \(task.validation.count) to choose by, \(task.test.count) to report, graded by `\(task.grading.name)`. For example: "
        + examples(task.test)
    case .questions(let questions):
      return "\(questions.questions.count) questions (\(questions.split)). For example: "
        + examples(questions.questions)
    case .corpus(let corpus):
      let shown = corpus.conversations.prefix(3).map {
        "`\($0.question)` → `\($0.answer)` → `\($0.correction)`"
      }
      return "\(corpus.conversations.count) conversations. For example: " + shown.joined(separator: ", ")
    case .rows(let rows):
      let shown = rows.kept.prefix(3).map { row in
        "\n- "
          + row.turns.map { "`\($0.text.components(separatedBy: "\n", joinedBy: "↵"))`" }.joined(
            separator: " ")
      }
      return "\(rows.rows.count) rows, \(rows.kept.count) of them kept."
        + (shown.isEmpty ? "" : " For example, turn by turn:\n" + shown.joined())
    case .metrics(let metrics):
      let lines = zip(EvaluationMetric.all, metrics.values).map { metric, value in
        "| \(metric.name) | \(value.map { fixed($0) } ?? "–") |"
      }
      return "| metric | value |\n| --- | ---: |\n" + lines.joined(separator: "\n")
    case .number(let number): return fixed(number)
    }
  }

  private func examples(_ questions: [Question]) -> String {
    questions.prefix(3).map { "`\($0.text)` → `\($0.answers[0])`" }.joined(separator: ", ")
  }
}

/// Four decimals, or none for a whole number.
func fixed(_ number: Double) -> String {
  guard number.isFinite else { return "–" }
  if let whole = Int(exactly: number) { return String(whole) }
  guard abs(number) < 1e14 else { return "\(number)" }
  let scaled = Int((abs(number) * 10_000).rounded())
  let decimals = String(scaled % 10_000)
  return
    "\(number < 0 ? "-" : "")\(scaled / 10_000).\(String(repeating: "0", count: 4 - decimals.count))\(decimals)"
}
