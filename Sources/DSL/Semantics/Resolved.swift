/// An expression after checking: names are slots, labels are positions, types agree.
final class Resolved: Sendable {
  let kind: Kind
  let type: Type
  let span: Span
  /// Mentions a field of a row, so it is kept as an expression instead of being computed.
  let readsRow: Bool

  init(_ kind: Kind, _ type: Type, at span: Span, readsRow: Bool = false) {
    self.kind = kind
    self.type = type
    self.span = span
    self.readsRow = readsRow
  }

  static func invalid(at span: Span) -> Resolved { Resolved(.invalid, .invalid, at: span) }

  var isInvalid: Bool { type == .invalid }

  enum Kind: Sendable {
    case constant(Value)
    /// A slot of the current function's frame.
    case local(Int)
    /// A top-level binding.
    case global(Int)
    case list([Resolved])
    /// Field names as texts of the value table.
    case record(names: [Int32], [Resolved])
    case range(Resolved, Resolved)
    /// `list[i]`.
    case element(Resolved, Resolved)
    /// A field of a record, by position.
    case field(Resolved, Int)
    /// A part of an opaque value; the name as a text.
    case part(Resolved, Int32)
    /// A call that becomes a step.
    case operation(OperationCall)
    /// A call of a constructor, by its index; names of the fields as texts.
    case settings(constructor: Int, arguments: [Resolved])
    case call(FunctionCall)
    case builtIn(BuiltIn, [Resolved])
    case negate(Resolved)
    case not(Resolved)
    /// Both operands have one type.
    case arithmetic(BinaryOperator, Resolved, Resolved)
    case comparison(BinaryOperator, Resolved, Resolved)
    case and(Resolved, Resolved)
    case or(Resolved, Resolved)
    case match(Resolved, arms: [Arm])
    /// To the node's own type: Int to Float, String to File, a range to a list, and the same for elements.
    case convert(Resolved)
    /// A row expression as a value: everything in it that reads no row is computed.
    case row(Resolved)
    /// `previous.reward`.
    case rowField(String)
    /// Something reported as wrong.
    case invalid
  }

  struct Arm: Sendable {
    /// `.choice` or `.bool` values.
    var cases: [Value]
    var value: Resolved
  }
}

/// A call of the vocabulary's operation, with every parameter in order and defaults filled in.
struct OperationCall: Sendable {
  var operation: Int
  var arguments: [Resolved]
  /// Bounds that are checked when the argument's value is known, by position.
  var bounded: [Int]
  /// Only where the operation uses a seed, and only if the call says one.
  var seed: Resolved?
  /// Which call in the text this is.
  var site: Int
}

/// A call of a recipe's function; `nil` for parameters left to their defaults.
struct FunctionCall: Sendable {
  var function: Int
  var arguments: [Resolved?]
}

/// The language's own functions.
enum BuiltIn: String, CaseIterable, Sendable {
  case length, min, max, round, floor, float

  var summary: String {
    switch self {
    case .length: "How many elements a list or a range has."
    case .min: "The smaller of two numbers."
    case .max: "The greater of two numbers."
    case .round: "The nearest whole number; halves go away from zero."
    case .floor: "The greatest whole number that is not greater."
    case .float: "A whole number as a Float."
    }
  }

  /// The result's type in words.
  var result: String {
    switch self {
    case .length, .round, .floor: "Int"
    case .float: "Float"
    case .min, .max: "Int or Float"
    }
  }

  var parameters: [(name: String, type: String)] {
    switch self {
    case .length: [("of", "a list or a range")]
    case .min, .max: [("a", "Int or Float"), ("b", "Int or Float")]
    case .round, .floor, .float: [("x", "Int or Float")]
    }
  }
}
