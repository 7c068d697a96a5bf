/// One verb of the engine: a pure function from arguments to a value, with what a reader and a caller must know of it.
///
/// The same arguments give the same bytes, on any thread count and in any order. Whoever changes what an operation
/// computes raises its `version`, since results are kept under a key that covers it.
package struct Operation: Sendable {
  /// As written in a recipe: `fine_tune`.
  package var name: String
  /// Part of every key. Raised when the same arguments would give other bytes.
  package var version: Int
  package var summary: String
  package var parameters: [OperationParameter]
  package var result: ValueKind
  /// What its result counts in, if that is a number.
  package var unit: EvaluationMetric.Unit
  /// Takes a last argument `seed`, that of the trial.
  package var usesSeed: Bool
  package var goldAnswers: GoldAnswers
  package var run: @Sendable (Call) throws -> Value

  /// What an operation has to do with gold answers, beyond grading attempts by them.
  package enum GoldAnswers: Sendable {
    /// Nothing.
    case unread
    /// They write its rows, or choose among them.
    case read
    /// The same, where its author is the task's script.
    case readByScript
    /// The same, where its condition reads a grade.
    case readInCondition
    /// It finds how well a model answered: rows that depend on gold answers would flatter that model.
    case judged
  }

  package init(
    name: String, version: Int, summary: String, parameters: [OperationParameter],
    result: ValueKind, unit: EvaluationMetric.Unit = .number, usesSeed: Bool = false,
    goldAnswers: GoldAnswers = .unread, run: @escaping @Sendable (Call) throws -> Value
  ) {
    self.name = name
    self.version = version
    self.summary = summary
    self.parameters = parameters
    self.result = result
    self.unit = unit
    self.usesSeed = usesSeed
    self.goldAnswers = goldAnswers
    self.run = run
  }
}

/// A record made in a recipe by a call that is no step: `nucleus(temperature: 0.6, top_p: 0.9)` makes a `Decoding`.
package struct SettingsConstructor: Sendable {
  package var name: String
  package var summary: String
  package var parameters: [OperationParameter]
  /// The name of the settings it makes: `Decoding`, `Training`, `Architecture`.
  package var makes: String

  package init(name: String, summary: String, parameters: [OperationParameter], makes: String) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.makes = makes
  }
}

/// A parameter of an operation or of a settings constructor.
package struct OperationParameter: Sendable {
  package indirect enum Kind: Sendable, Hashable {
    case int, float, bool, string, file
    case choice([String])
    case list(Kind)
    case settings(String)
    case value(ValueKind)
    /// A condition on a row, as in `where`.
    case rowCondition
    /// A number computed from a row.
    case rowNumber
  }
  package var name: String
  package var summary: String
  package var kind: Kind
  package var bounds: ClosedRange<Double>?
  /// `nil`: must be given.
  package var defaultValue: ArgumentValue?
  /// Came with a later release, and is not there where it has its default, so that keys stay as they were.
  package var isAddition: Bool

  package init(
    _ name: String, _ kind: Kind, _ summary: String, bounds: ClosedRange<Double>? = nil,
    default defaultValue: ArgumentValue? = nil, isAddition: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.kind = kind
    self.bounds = bounds
    self.defaultValue = defaultValue
    self.isAddition = isAddition
  }
}

/// An argument as an operation meets it: computed, loaded, complete.
package indirect enum ArgumentValue: Sendable {
  case none
  case int(Int)
  case float(Double)
  case bool(Bool)
  case string(String)
  case choice(String)
  /// A file's or folder's absolute path, and the digest of its content, which the host computed.
  case file(path: String, digest: String = "")
  case list([ArgumentValue])
  case settings(constructor: String, fields: [(name: String, value: ArgumentValue)])
  case value(Value)
  case row(RowExpression)
}

/// An expression over the fields of a row: a condition of `where`, or a number.
package indirect enum RowExpression: Sendable, Hashable {
  package enum Operator: String, Sendable, Hashable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case and
    case or
    /// Of one operand.
    case negate
    /// Of one operand.
    case not
  }
  case number(Double)
  case bool(Bool)
  case string(String)
  case field(String)
  case apply(Operator, [RowExpression])
}

/// An operation's arguments and surroundings.
package struct Call: Sendable {
  /// In the order of the parameters; last, where the operation uses it, `seed`.
  package var arguments: [(name: String, value: ArgumentValue)]
  package var context: ExecutionContext

  package init(arguments: [(name: String, value: ArgumentValue)], context: ExecutionContext) {
    self.arguments = arguments
    self.context = context
  }
}

/// What an operation may use and whom it tells. Nothing here may change a result's bits, but for `numerics`.
package struct ExecutionContext: Sendable {
  package var threads: Int
  package var numerics: Numerics
  package var report: @Sendable (ExecutionEvent) -> Void
  /// Asked between pieces of work; an operation that finds `true` throws `CancellationError`.
  package var isCancelled: @Sendable () -> Bool
  package var serverAnswers: ServerAnswers

  package init(
    threads: Int, numerics: Numerics = .native,
    report: @escaping @Sendable (ExecutionEvent) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }, serverAnswers: ServerAnswers = .unkept
  ) {
    self.threads = threads
    self.numerics = numerics
    self.report = report
    self.isCancelled = isCancelled
    self.serverAnswers = serverAnswers
  }
}

/// A memory of what a server answered to an operation's requests, which are numbered from 0: nobody is asked twice, though the operation be
/// interrupted or fail.
package struct ServerAnswers: Sendable {
  /// The answer to this request, if it was given before to this very prompt.
  package var earlier: @Sendable (_ number: Int, _ prompt: String) -> String?
  package var keep: @Sendable (_ number: Int, _ prompt: String, _ answer: String) throws -> Void

  package init(
    earlier: @escaping @Sendable (_ number: Int, _ prompt: String) -> String?,
    keep: @escaping @Sendable (_ number: Int, _ prompt: String, _ answer: String) throws -> Void
  ) {
    self.earlier = earlier
    self.keep = keep
  }

  /// Remembers nothing.
  package static let unkept = ServerAnswers(earlier: { _, _ in nil }, keep: { _, _, _ in })
}

/// Which arithmetic a result was computed with: part of every key.
package enum Numerics: String, Sendable, CaseIterable {
  /// One fixed order of summation, our own elementary functions: the same bits on every processor with fused multiply-add.
  case native
  /// Matrix products by OpenBLAS: the same bits on one processor type.
  case openblas
}

/// What an operation tells on its way.
package enum ExecutionEvent: Sendable {
  /// `done` of `total` pieces of work, for a progress line.
  case progress(done: Int, total: Int)
  /// A figure of the way, such as the training loss at an update. Kept with the step.
  case metric(name: String, position: Int, value: Double)
}

/// Why an operation could not give its value; worded for the person who wrote the recipe.
package struct OperationError: Error, Sendable {
  /// What is wrong, with the values that show it.
  package var message: String
  /// What to do about it.
  package var remedy: String

  package init(_ message: String, remedy: String) {
    self.message = message
    self.remedy = remedy
  }
}
