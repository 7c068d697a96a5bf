/// Everything a document asks the engine to do, and everything its report will say.
///
/// A plan is complete before anything runs: loops are unrolled, defaults written out, equal calls merged.
package struct Plan: Sendable {
  /// Each distinct call once, inputs before those that need them.
  package var steps: [Step]
  package var studies: [Study]
  /// What the document's cells say, in the document's order, for the report.
  package var items: [ReportItem]
  /// Top-level names that are a step's value, or a part of one (`base`, `sums`), in the order of definition, imported ones
  /// first: their values are kept. Names whose steps nothing needs are not here, as their steps are not.
  package var names: [NamedValue]

  package init(
    steps: [Step] = [], studies: [Study] = [], items: [ReportItem] = [], names: [NamedValue] = []
  ) {
    self.steps = steps
    self.studies = studies
    self.items = items
    self.names = names
  }
}

/// One pure call of an operation of the vocabulary.
package struct Step: Hashable, Sendable {
  package var operation: String
  /// Every parameter in the order of the signature, defaults written out; last, where the operation uses it, `seed`.
  package var arguments: [PlanField]
  /// Where the recipe says so first. Not part of what the step is.
  package var span: Span

  package init(operation: String, arguments: [PlanField], span: Span) {
    self.operation = operation
    self.arguments = arguments
    self.span = span
  }
}

/// A top-level name and the value behind it.
package struct NamedValue: Sendable {
  package var name: String
  package var value: PlanValue
  package var type: Type
  package var span: Span

  package init(name: String, value: PlanValue, type: Type, span: Span) {
    self.name = name
    self.value = value
    self.type = type
    self.span = span
  }
}

/// A study: an algorithm run for each combination of settings and each seed.
package struct Study: Sendable {
  package var name: String
  package var algorithm: String
  package var documentation: [String]
  package var axes: [Axis]
  package var seeds: [Int]
  /// Every metric that its trials log, in order of first appearance, each name once. What is known of a Measure is what its
  /// operation says (summary and unit); an Int is a count, a Float a number.
  package var metrics: [LoggedMetric]
  /// Variants in the order of the axes' values, the last axis fastest; for each variant its seeds in order.
  package var trials: [Trial]
  package var span: Span

  package init(
    name: String, algorithm: String, documentation: [String], axes: [Axis], seeds: [Int],
    metrics: [LoggedMetric], trials: [Trial], span: Span
  ) {
    self.name = name
    self.algorithm = algorithm
    self.documentation = documentation
    self.axes = axes
    self.seeds = seeds
    self.metrics = metrics
    self.trials = trials
    self.span = span
  }
}

/// A setting that a study varies. `vary (a, b) in …` gives two axes that move together.
package struct Axis: Sendable {
  package var name: String
  /// Each value once, in order of first appearance, also where an axis that moves with others takes it several times.
  package var values: [PlanValue]
  /// Axes that move together have one group.
  package var group: Int
  package var documentation: [String]
  package var span: Span
  /// What the recipe writes for its values, where it writes them out.
  var texts: [PlanValue: String]

  package init(
    name: String, values: [PlanValue], group: Int, documentation: [String], span: Span,
    texts: [PlanValue: String] = [:]
  ) {
    self.name = name
    self.values = values
    self.group = group
    self.documentation = documentation
    self.span = span
    self.texts = texts
  }

  /// A value as a reader of the recipe knows it: models, settings and lists as the recipe writes them, all else as it is.
  package func label(of value: PlanValue) -> String {
    switch value {
    case .step, .record, .list, .rowExpression: texts[value] ?? value.description
    default: value.description
    }
  }
}

/// `validation.accuracy_2`: a metric under the name by which tables and plots know it.
package struct LoggedMetric: Hashable, Sendable {
  /// The log entry's name, if it had one: `validation`.
  package var prefix: String?
  package var signature: MetricSignature
  package var name: String {
    prefix.map { signature.name.isEmpty ? $0 : "\($0).\(signature.name)" } ?? signature.name
  }

  package init(prefix: String?, signature: MetricSignature) {
    self.prefix = prefix
    self.signature = signature
  }
}

/// One combination of settings with one seed.
package struct Trial: Sendable {
  /// A value for each of the study's axes, in their order.
  package var settings: [PlanValue]
  package var seed: Int
  package var logs: [LoggedValue]
  package var result: PlanValue
  /// Every step that this trial needs, inputs included, ascending.
  package var steps: [StepID]

  package init(
    settings: [PlanValue], seed: Int, logs: [LoggedValue], result: PlanValue, steps: [StepID]
  ) {
    self.settings = settings
    self.seed = seed
    self.logs = logs
    self.result = result
    self.steps = steps
  }
}

/// What a `log` statement recorded: a step's metrics, a measure, or a plain number.
package struct LoggedValue: Hashable, Sendable {
  package var iteration: Int
  /// The entry's name. With a measure or a number, the metric's name; with metrics, the prefix of theirs.
  package var name: String?
  package var value: PlanValue

  package init(iteration: Int, name: String?, value: PlanValue) {
    self.iteration = iteration
    self.name = name
    self.value = value
  }
}
