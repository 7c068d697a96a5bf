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
    return QuestionScore.all(in: metrics.rows.rows)
  }

  /// Every text of the value's rows, kept or not and why.
  package var samples: [SampleRecord] {
    let rows: Rows
    switch self {
    case .rows(let value): rows = value
    case .metrics(let metrics): rows = metrics.rows
    default: return []
    }
    return rows.rows.map { SampleRecord(of: $0) }
  }
}
