/// A study as the store knows it.
package struct StudyRecord: Hashable, Sendable {
  package var document: String
  package var name: String
  package var algorithm: String
  package var key: Digest
  package var axes: [String]
  package var metrics: [MetricRegistration]
  /// How many trials the present plan of its document has, and how many of those have all their figures.
  package var trials: Int
  package var finishedTrials: Int

  package init(
    document: String, name: String, algorithm: String, key: Digest, axes: [String],
    metrics: [MetricRegistration], trials: Int, finishedTrials: Int
  ) {
    self.document = document
    self.name = name
    self.algorithm = algorithm
    self.key = key
    self.axes = axes
    self.metrics = metrics
    self.trials = trials
    self.finishedTrials = finishedTrials
  }
}

/// A trial as the store knows it.
package struct TrialRecord: Hashable, Sendable {
  package var document: String
  package var study: String
  package var key: Digest
  /// Whether the present plan of its document has it.
  package var isCurrent: Bool
  /// In the order of the study's axes.
  package var settings: [TrialSetting]
  package var seed: Int
  package var logs: [TrialLog]
  package var result: Digest?

  package init(
    document: String, study: String, key: Digest, isCurrent: Bool,
    settings: [TrialSetting], seed: Int, logs: [TrialLog], result: Digest?
  ) {
    self.document = document
    self.study = study
    self.key = key
    self.isCurrent = isCurrent
    self.settings = settings
    self.seed = seed
    self.logs = logs
    self.result = result
  }
}

/// What a trial has for one of its study's axes.
package struct TrialSetting: Hashable, Sendable {
  package var name: String
  package var value: SettingValue

  package init(name: String, value: SettingValue) {
    self.name = name
    self.value = value
  }
}

/// What a trial logged at an iteration: where the figures come from, and the figures if they are known yet.
package struct TrialLog: Hashable, Sendable {
  package var iteration: Int
  /// As the recipe names the entry; with an evaluation, what its metrics' names start with.
  package var name: String?
  /// The step that gives the figures; `nil` for a number that the plan knew.
  package var step: Digest?
  /// Under their full names (`validation.accuracy_2`); `nil` while the step has not finished.
  package var figures: [StepFigure]?

  package init(
    iteration: Int, name: String?, step: Digest?, figures: [StepFigure]?
  ) {
    self.iteration = iteration
    self.name = name
    self.step = step
    self.figures = figures
  }
}

/// The latest failure of a step that has not succeeded since.
package struct FailureRecord: Hashable, Sendable {
  package var key: Digest
  package var operation: String
  package var message: String
  package var remedy: String
  /// How often it was tried in vain.
  package var attempts: Int

  package init(
    key: Digest, operation: String, message: String, remedy: String, attempts: Int
  ) {
    self.key = key
    self.operation = operation
    self.message = message
    self.remedy = remedy
    self.attempts = attempts
  }
}

/// A document as it was when its plan was registered last.
package struct DocumentRecord: Hashable, Sendable {
  package var path: String
  package var text: String
  package var planKey: Digest

  package init(path: String, text: String, planKey: Digest) {
    self.path = path
    self.text = text
    self.planKey = planKey
  }
}
