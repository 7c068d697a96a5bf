extension Evaluator {
  mutating func arithmetic(
    _ binary: BinaryOperator, _ left: Value, _ right: Value, at span: Span
  ) throws(EvaluationFailure) -> Value {
    switch (left, right) {
    case (.int(let a), .int(let b)): return .int(try whole(binary, a, b, at: span))
    case (.float(let a), .float(let b)): return try number(Evaluator.apply(binary, a, b), b, binary, at: span)
    default: throw .silent
    }
  }

  private func whole(_ binary: BinaryOperator, _ a: Int, _ b: Int, at span: Span) throws(EvaluationFailure)
    -> Int
  {
    let result: (partialValue: Int, overflow: Bool)
    switch binary {
    case .add: result = a.addingReportingOverflow(b)
    case .subtract: result = a.subtractingReportingOverflow(b)
    case .multiply: result = a.multipliedReportingOverflow(by: b)
    case .remainder:
      if b == 0 { throw zeroDivisor(at: span) }
      // The remainder has the divisor's sign, so `n % 3` counts 0, 1, 2 below zero, too.
      let remainder = a.remainderReportingOverflow(dividingBy: b).partialValue
      return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
    default: throw .silent
    }
    if result.overflow { throw overflow("\(a) \(binary.rawValue) \(b)", at: span) }
    return result.partialValue
  }

  private func number(
    _ value: Double, _ divisor: Double, _ binary: BinaryOperator, at span: Span
  ) throws(EvaluationFailure) -> Value {
    if binary == .divide, divisor == 0 { throw zeroDivisor(at: span) }
    if !value.isFinite { throw overflow("the result", at: span) }
    return .number(value)
  }

  static func apply(_ binary: BinaryOperator, _ a: Double, _ b: Double) -> Double {
    switch binary {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    default: .nan
    }
  }

  func zeroDivisor(at span: Span) -> EvaluationFailure {
    failure(
      .divisionByZero, "division by zero", at: span, label: "the divisor is 0",
      remedy: "divide by something that is never 0, such as `max(1, …)`")
  }

  func overflow(_ what: String, at span: Span) -> EvaluationFailure {
    failure(
      .overflow, "the result is too large", at: span, label: "\(what) has no representation",
      remedy: "compute with smaller numbers")
  }

  func negate(_ value: Value, at span: Span) throws(EvaluationFailure) -> Value {
    switch value {
    case .int(let number):
      let (result, overflow) = (0).subtractingReportingOverflow(number)
      if overflow { throw self.overflow("-(\(number))", at: span) }
      return .int(result)
    case .float(let number): return .number(-number)
    default: throw .silent
    }
  }

  /// Both values are of one type, as the checker saw to.
  static func compare(_ binary: BinaryOperator, _ left: Value, _ right: Value) -> Bool {
    switch (binary, left, right) {
    case (.equal, _, _): left == right
    case (.notEqual, _, _): left != right
    case (_, .int(let a), .int(let b)): ordered(binary, a, b)
    case (_, .float(let a), .float(let b)): ordered(binary, a, b)
    default: false
    }
  }

  private static func ordered<T: Comparable>(_ binary: BinaryOperator, _ a: T, _ b: T) -> Bool {
    switch binary {
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    default: false
    }
  }

  mutating func evaluate(
    _ builtIn: BuiltIn, _ arguments: [Resolved], at span: Span
  ) throws(EvaluationFailure) -> Value {
    let given = try evaluateAll(arguments)
    switch (builtIn, given.first, given.last) {
    case (.length, let list?, _):
      guard let elements = values.elements(list) else { throw .silent }
      return .int(elements.count)
    case (.min, .int(let a), .int(let b)): return .int(Swift.min(a, b))
    case (.max, .int(let a), .int(let b)): return .int(Swift.max(a, b))
    case (.min, .float(let a), .float(let b)): return .number(Swift.min(a, b))
    case (.max, .float(let a), .float(let b)): return .number(Swift.max(a, b))
    case (.round, .int(let a), _), (.floor, .int(let a), _): return .int(a)
    case (.round, .float(let a), _): return .int(try whole(a.rounded(), at: span))
    case (.floor, .float(let a), _): return .int(try whole(a.rounded(.down), at: span))
    default: throw .silent
    }
  }

  private func whole(_ value: Double, at span: Span) throws(EvaluationFailure) -> Int {
    guard let result = Int(exactly: value) else { throw overflow("\(value) as an Int", at: span) }
    return result
  }
}
