/// A name as written, with its place.
package struct Name: Hashable, Sendable {
  package var text: String
  package var span: Span

  package init(_ text: String, span: Span) {
    self.text = text
    self.span = span
  }
}

/// A statement with the `///` comment before it.
package struct Statement: Sendable {
  package var kind: Kind
  /// The lines of the `///` comment, without the slashes and one following blank.
  package var documentation: [String]
  package var span: Span

  package init(kind: Kind, documentation: [String], span: Span) {
    self.kind = kind
    self.documentation = documentation
    self.span = span
  }

  package indirect enum Kind: Sendable {
    /// `import "algorithms/stasc.md"`: path relative to the importing document.
    case importDocument(path: String, pathSpan: Span)
    /// `name = value`. At the top of a document a definition; in a body a definition or a new value of a local.
    case binding(name: Name, value: Expression)
    /// `algorithm name(…) { … }` or `function name(…) { … }`.
    case function(FunctionDeclaration)
    /// `for n in 1...iterations { … }`.
    case forLoop(variable: Name, sequence: Expression, body: [Statement])
    /// `match subject { case: …, case: { … } }` in statement position, with blocks as arms.
    case match(subject: Expression, arms: [BlockArm])
    /// `log n { kept: count(kept), evaluate(model, task.test) }`.
    case log(iteration: Expression, entries: [LogEntry])
    case returnValue(Expression)
    case study(StudyDeclaration)
    case table(TableStatement)
    case plot(PlotStatement)
    case expect(ExpectStatement)
    case show(Expression)
    /// What the parser could not read; already reported. The names it would have defined, so far as they are known,
    /// so that later passes can stay silent about their uses.
    case invalid(defines: [Name])
  }
}

/// One arm of a `match` whose arms are blocks. Several cases may share an arm: `a, b: { … }` is written `a | b: { … }`.
package struct BlockArm: Sendable {
  package var cases: [Name]
  package var body: [Statement]

  package init(cases: [Name], body: [Statement]) {
    self.cases = cases
    self.body = body
  }
}

/// `name: expression`, or the expression alone, whose metrics keep their own names.
package struct LogEntry: Sendable {
  package var name: Name?
  package var value: Expression

  package init(name: Name?, value: Expression) {
    self.name = name
    self.value = value
  }
}

/// An `algorithm` or a `function`. The two differ in intent only: a study runs an algorithm, and only an algorithm may log.
package struct FunctionDeclaration: Sendable {
  package var isAlgorithm: Bool
  package var name: Name
  package var parameters: [ParameterDeclaration]
  package var body: [Statement]

  package init(
    isAlgorithm: Bool, name: Name, parameters: [ParameterDeclaration], body: [Statement]
  ) {
    self.isAlgorithm = isAlgorithm
    self.name = name
    self.parameters = parameters
    self.body = body
  }
}

/// `name: Type in 1...100 = default`, with its `///` comment.
package struct ParameterDeclaration: Sendable {
  package var name: Name
  package var type: TypeExpression
  /// The `in` clause: a range literal.
  package var bounds: Expression?
  package var defaultValue: Expression?
  package var documentation: [String]

  package init(
    name: Name, type: TypeExpression, bounds: Expression?, defaultValue: Expression?,
    documentation: [String]
  ) {
    self.name = name
    self.type = type
    self.bounds = bounds
    self.defaultValue = defaultValue
    self.documentation = documentation
  }
}

/// A type as written.
package struct TypeExpression: Sendable {
  package indirect enum Kind: Sendable {
    /// `Int`, `Model`.
    case named(String)
    /// `fixed | evolving`; also a single bare choice is written with its bar: never one case.
    case choice([Name])
    /// `[Int]`.
    case list(TypeExpression)
    /// What the parser could not read; already reported.
    case invalid
  }
  package var kind: Kind
  package var span: Span

  package init(kind: Kind, span: Span) {
    self.kind = kind
    self.span = span
  }
}

/// `study name = call { vary …  except …  seeds … }`.
package struct StudyDeclaration: Sendable {
  package var name: Name
  /// A call of an algorithm; checked, not only parsed, to be one.
  package var call: Expression
  package var clauses: [StudyClause]

  package init(name: Name, call: Expression, clauses: [StudyClause]) {
    self.name = name
    self.call = call
    self.clauses = clauses
  }
}

/// One clause of a study, with its `///` comment.
package struct StudyClause: Sendable {
  package enum Kind: Sendable {
    /// `vary filter in [improving, non_decreasing]`, `vary (a, b) in [(1, 1), (3, 5)]`, `vary digits in 1...3`.
    case vary(names: [Name], values: Expression)
    /// `except initialization == fixed and filter == improving`.
    case except(Expression)
    /// `seeds 1...3` or `seeds [1, 5]`.
    case seeds(Expression)
    /// What the parser could not read; already reported. The study may lack an axis because of it.
    case invalid
  }
  package var kind: Kind
  package var documentation: [String]
  package var span: Span

  package init(kind: Kind, documentation: [String], span: Span) {
    self.kind = kind
    self.documentation = documentation
    self.span = span
  }
}

/// `table variants { rows …  columns …  at …  against …  where … }`.
package struct TableStatement: Sendable {
  package var study: Name
  /// Names of axes; empty when the clause is absent (then: every axis).
  package var rows: [Name]
  package var columns: [MetricPath]
  package var at: Moment?
  /// The condition that picks the baseline variant.
  package var against: Expression?
  /// Rows to leave out of the table, as a condition on settings that must hold.
  package var condition: Expression?

  package init(
    study: Name, rows: [Name], columns: [MetricPath], at: Moment?, against: Expression?,
    condition: Expression?
  ) {
    self.study = study
    self.rows = rows
    self.columns = columns
    self.at = at
    self.against = against
    self.condition = condition
  }
}

/// `plot variants { x iteration, y accuracy_2, color filter, facet fine_tuning, at …, where … }`.
package struct PlotStatement: Sendable {
  package var study: Name
  /// `iteration`, or the name of an axis.
  package var x: Name
  /// One metric, or several drawn as series.
  package var y: [MetricPath]
  package var color: Name?
  package var facet: Name?
  package var at: Moment?
  package var condition: Expression?

  package init(
    study: Name, x: Name, y: [MetricPath], color: Name?, facet: Name?, at: Moment?,
    condition: Expression?
  ) {
    self.study = study
    self.x = x
    self.y = y
    self.color = color
    self.facet = facet
    self.at = at
    self.condition = condition
  }
}

/// `accuracy_2` or `validation.accuracy_2`.
package struct MetricPath: Hashable, Sendable {
  package var parts: [Name]
  package var text: String { parts.map(\.text).joined(separator: ".") }
  package var span: Span { parts.dropFirst().reduce(parts[0].span) { $0.union($1.span) } }

  /// - Precondition: at least one part.
  package init(parts: [Name]) {
    precondition(!parts.isEmpty, "a metric path has at least one part")
    self.parts = parts
  }
}

/// Which of a trial's iterations a figure is read at.
package struct Moment: Sendable {
  package enum Kind: Sendable {
    /// `at last`.
    case last
    /// `at 3`.
    case iteration(Int)
    /// `at best validation.accuracy_2`: the iteration at which this metric is best, chosen per trial.
    case best(MetricPath)
    /// `at highest training_reward_2`: the same of a metric of which nobody says whether more of it is better.
    case highest(MetricPath)
    case lowest(MetricPath)
    /// `at each_best`: for every metric its own maximum over iterations, as the STaSC paper does, labelled as such.
    case eachBest
  }
  package var kind: Kind
  package var span: Span

  package init(kind: Kind, span: Span) {
    self.kind = kind
    self.span = span
  }
}

/// `expect a > b`, `expect a > b with confidence`.
package struct ExpectStatement: Sendable {
  package var claim: Expression
  /// The interval of the difference must exclude equality, too.
  package var withConfidence: Bool

  package init(claim: Expression, withConfidence: Bool) {
    self.claim = claim
    self.withConfidence = withConfidence
  }
}

/// Something with a value, and its place.
package struct Expression: Sendable {
  package let kind: Kind
  package var span: Span
  /// Levels of expressions in this one: 1 for a name or a number. The parser bounds it, so recursion over an
  /// expression cannot exhaust the stack.
  package let height: Int

  package init(kind: Kind, span: Span) {
    self.kind = kind
    self.span = span
    height = 1 + kind.tallestPart
  }

  /// `a.b.c` as one name; `nil` if it is anything else.
  var dottedName: Name? {
    switch kind {
    case .name(let text): Name(text, span: span)
    case .member(let whole, let part): whole.dottedName.map { Name("\($0.text).\(part.text)", span: span) }
    default: nil
    }
  }

  package indirect enum Kind: Sendable {
    case integer(Int)
    case float(Double)
    case string(String)
    case boolean(Bool)
    /// A variable, a choice's case, a constant of the vocabulary, or (in a row expression) a field of a row.
    case name(String)
    /// `[a, b]`.
    case list([Expression])
    /// `(a, b)`: only as values of a `vary` over several names.
    case tuple([Expression])
    /// `{ kept: 3, rate: 0.5 }`.
    case record([(Name, Expression)])
    /// `1...3`, both ends included; empty when the upper end is below the lower.
    case range(Expression, Expression)
    /// `receiver.name`.
    case member(Expression, Name)
    /// `callee(arguments)`; `receiver.name(arguments)` has a `member` as its callee.
    case call(Expression, [Argument])
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, operatorSpan: Span, Expression, Expression)
    /// `rows where reward > previous.reward`.
    case filter(Expression, condition: Expression)
    /// `match choice { fixed: base, evolving: model }`.
    case match(Expression, [ExpressionArm])
    /// `variants[evolving, filter: improving]`: trials of a study.
    case selection(Expression, [Argument])
    /// `variants[…].accuracy_2 at last`.
    case at(Expression, Moment)
    /// What the parser could not read; already reported, so later passes stay silent about it.
    case invalid

    /// The greatest height among the expressions directly inside.
    fileprivate var tallestPart: Int {
      switch self {
      case .integer, .float, .string, .boolean, .name, .invalid: 0
      case .list(let parts), .tuple(let parts): parts.reduce(0) { max($0, $1.height) }
      case .record(let fields): fields.reduce(0) { max($0, $1.1.height) }
      case .member(let part, _), .unary(_, let part), .at(let part, _): part.height
      case .range(let left, let right), .binary(_, _, let left, let right),
        .filter(let left, condition: let right):
        max(left.height, right.height)
      case .call(let part, let arguments), .selection(let part, let arguments):
        arguments.reduce(part.height) { max($0, $1.value.height) }
      case .match(let subject, let arms): arms.reduce(subject.height) { max($0, $1.value.height) }
      }
    }
  }
}

/// `value` or `label: value`, of a call or a selection.
package struct Argument: Sendable {
  package var label: Name?
  package var value: Expression

  package init(label: Name?, value: Expression) {
    self.label = label
    self.value = value
  }
}

/// `fixed: base`; several cases may share an arm: `fixed | evolving: base`.
package struct ExpressionArm: Sendable {
  package var cases: [Name]
  package var value: Expression

  package init(cases: [Name], value: Expression) {
    self.cases = cases
    self.value = value
  }
}

/// Operators with one operand, by their spelling.
package enum UnaryOperator: String, Sendable {
  case minus = "-"
  case not
}

/// Operators with two operands, by their spelling.
package enum BinaryOperator: String, Sendable {
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
}
