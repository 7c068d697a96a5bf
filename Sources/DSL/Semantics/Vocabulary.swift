/// What the host lets a recipe say: the operations, settings and row fields it knows, as a value.
///
/// The language has no operations of its own. The checker and the evaluator are handed a vocabulary, so they know
/// nothing of models and can be tested with a vocabulary made up for the purpose.
package struct Vocabulary: Sendable {
  package var opaqueTypes: [OpaqueType]
  /// Calls that become steps of the plan.
  package var operations: [Signature]
  /// Calls that become a record in an argument, such as `nucleus(temperature: 0.6)`.
  /// One without required parameters may be written without parentheses: `greedy`.
  package var constructors: [Signature]
  /// What a row expression may read: `reward`, `previous.reward`.
  package var rowFields: [RowField]

  package init(
    opaqueTypes: [OpaqueType], operations: [Signature], constructors: [Signature],
    rowFields: [RowField]
  ) {
    self.opaqueTypes = opaqueTypes
    self.operations = operations
    self.constructors = constructors
    self.rowFields = rowFields
  }
}

/// A type that only the engine can look into.
package struct OpaqueType: Sendable {
  package var name: String
  package var summary: String
  /// Parts that can be named without a step: `task.train`.
  package var fields: [OpaqueField]
  /// Metrics that logging a value of this type records; empty for types that cannot be logged.
  package var metrics: [MetricSignature]

  package init(
    name: String, summary: String, fields: [OpaqueField] = [], metrics: [MetricSignature] = []
  ) {
    self.name = name
    self.summary = summary
    self.fields = fields
    self.metrics = metrics
  }
}

/// A part of an opaque value: `train` of a task.
package struct OpaqueField: Sendable {
  package var name: String
  package var type: Type
  package var summary: String

  package init(name: String, type: Type, summary: String) {
    self.name = name
    self.type = type
    self.summary = summary
  }
}

/// A metric that an opaque value carries.
package struct MetricSignature: Hashable, Sendable {
  package enum Direction: String, Hashable, Sendable {
    case higherIsBetter, lowerIsBetter, neither
  }
  package enum Unit: String, Hashable, Sendable {
    /// A share in 0...1 (or a difference of two), printed in percent (points).
    case share
    /// A whole number of things.
    case count
    /// Any other number.
    case number
  }
  package var name: String
  package var summary: String
  package var direction: Direction
  package var unit: Unit

  package init(name: String, summary: String, direction: Direction, unit: Unit) {
    self.name = name
    self.summary = summary
    self.direction = direction
    self.unit = unit
  }
}

/// An operation or a constructor.
package struct Signature: Sendable {
  package var name: String
  package var summary: String
  package var parameters: [Parameter]
  package var result: Type
  /// Its randomness comes from the trial's seed, which the evaluator adds to the step's arguments as `seed`.
  package var usesSeed: Bool
  /// How a `Measure` that it gives is printed; without meaning for other results.
  package var unit: MetricSignature.Unit

  package init(
    name: String, summary: String, parameters: [Parameter], result: Type, usesSeed: Bool = false,
    unit: MetricSignature.Unit = .number
  ) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.result = result
    self.usesSeed = usesSeed
    self.unit = unit
  }
}

/// A parameter of an operation or a constructor.
package struct Parameter: Sendable {
  package var name: String
  package var summary: String
  package var type: Type
  /// Least and greatest number allowed, for `Int` and `Float` (and for each number of a list of them).
  package var bounds: ClosedRange<Double>?
  /// `nil`: must be given.
  package var defaultValue: PlanValue?
  /// Came with a later release. Calls that leave it at its default are written without it, so that plans, and with them keys and stores, are those of
  /// the releases before.
  package var isAddition: Bool

  package init(
    name: String, summary: String, type: Type, bounds: ClosedRange<Double>? = nil,
    defaultValue: PlanValue? = nil, isAddition: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.type = type
    self.bounds = bounds
    self.defaultValue = defaultValue
    self.isAddition = isAddition
  }
}

/// What a row expression may read.
package struct RowField: Sendable {
  /// As written in a recipe: `reward`, `previous.reward`.
  package var path: String
  package var type: Type
  package var summary: String

  package init(path: String, type: Type, summary: String) {
    self.path = path
    self.type = type
    self.summary = summary
  }
}
