/// What an operation gives.
package enum Value: Sendable {
  case model(Model)
  case task(Task)
  case questions(Questions)
  case corpus(Corpus)
  case rows(Rows)
  case metrics(Metrics)
  /// A count or a mean: what a recipe calls a measure.
  case number(Double)
}

/// What kind of value an operation gives; the raw value is the type's name in recipes.
package enum ValueKind: String, Sendable, Hashable, CaseIterable {
  case model = "Model"
  case task = "Task"
  case questions = "Questions"
  case corpus = "Corpus"
  case rows = "Rows"
  case metrics = "Metrics"
  case number = "Measure"
}
