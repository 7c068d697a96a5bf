/// A document's plan, as the store keeps it: who asked for which trials, and what each of them logs.
package struct PlanRegistration: Sendable {
  /// The document's name: its path relative to the project, with `/`.
  package var document: String
  /// The document's text.
  package var text: String
  package var key: Digest
  package var studies: [StudyRegistration]
  /// Steps whose value stays in the store: what the report shows, what the recipe names, what trials end with.
  package var kept: [Digest]

  package init(
    document: String, text: String, key: Digest, studies: [StudyRegistration], kept: [Digest] = []
  ) {
    self.document = document
    self.text = text
    self.key = key
    self.studies = studies
    self.kept = kept
  }
}

/// A study of a plan, with everything that tables and views show of it.
package struct StudyRegistration: Sendable {
  package var name: String
  package var algorithm: String
  package var key: Digest
  package var axes: [String]
  package var metrics: [MetricRegistration]
  /// In the plan's order.
  package var trials: [TrialRegistration]

  package init(
    name: String, algorithm: String, key: Digest, axes: [String], metrics: [MetricRegistration],
    trials: [TrialRegistration]
  ) {
    self.name = name
    self.algorithm = algorithm
    self.key = key
    self.axes = axes
    self.metrics = metrics
    self.trials = trials
  }
}

/// A metric that a study logs: `validation.accuracy_2`, `share`, `higherIsBetter`.
package struct MetricRegistration: Hashable, Sendable {
  package var name: String
  package var unit: String
  package var direction: String

  package init(name: String, unit: String, direction: String) {
    self.name = name
    self.unit = unit
    self.direction = direction
  }
}

/// One combination of settings with one seed.
package struct TrialRegistration: Sendable {
  package var key: Digest
  /// A value for each of the study's axes, in their order.
  package var settings: [SettingValue]
  package var seed: Int
  package var logs: [LogRegistration]
  /// The step that is the trial's result, if its result is one.
  package var result: Digest?
  /// Every step that the trial needs, inputs before those that need them.
  package var steps: [TrialStepRegistration]

  package init(
    key: Digest, settings: [SettingValue], seed: Int, logs: [LogRegistration], result: Digest?,
    steps: [TrialStepRegistration] = []
  ) {
    self.steps = steps
    self.key = key
    self.settings = settings
    self.seed = seed
    self.logs = logs
    self.result = result
  }
}

/// A step that a trial needs.
package struct TrialStepRegistration: Hashable, Sendable {
  package var step: Digest
  /// The first iteration that logs something of it; `nil` if none does.
  package var iteration: Int?

  package init(step: Digest, iteration: Int?) {
    self.step = step
    self.iteration = iteration
  }
}

/// A setting's value in SQLite's types. What has none of its own (models, settings, lists) is a text: what the recipe writes for it.
package enum SettingValue: Hashable, Sendable {
  case bool(Bool)
  case int(Int)
  case float(Double)
  case text(String)
}

/// One entry of a `log` statement.
package struct LogRegistration: Hashable, Sendable {
  /// Where an entry's figures come from.
  package enum Source: Hashable, Sendable {
    /// The figures of this step.
    case step(Digest)
    /// A number that the plan knows already; `nil` if undefined.
    case number(Double?)
  }
  package var iteration: Int
  /// With an evaluation, what its metrics' names start with (`validation`); with a number or a measure, the metric's name.
  package var name: String?
  package var source: Source

  package init(iteration: Int, name: String?, source: Source) {
    self.iteration = iteration
    self.name = name
    self.source = source
  }
}
