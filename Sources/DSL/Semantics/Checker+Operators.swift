extension Checker {
  mutating func inferUnary(
    _ unary: UnaryOperator, _ operand: Expression, at span: Span, hint: Type?
  ) -> Resolved {
    switch unary {
    case .not:
      let value = check(operand, .bool, for: "what `not` negates")
      if value.isInvalid { return .invalid(at: span) }
      return Resolved(.not(value), .bool, at: span, readsRow: value.readsRow)
    case .minus:
      let value = number(infer(operand, hint: hint), "`-`")
      switch value.kind {
      case .invalid: return .invalid(at: span)
      case .constant(.int(let number)): return Resolved(.constant(.int(-number)), .int, at: span)
      case .constant(.float(let number)):
        return Resolved(.constant(.number(-number)), .float, at: span)
      default: return Resolved(.negate(value), value.type, at: span, readsRow: value.readsRow)
      }
    }
  }

  mutating func inferBinary(
    _ binary: BinaryOperator, _ operatorSpan: Span, _ left: Expression, _ right: Expression,
    at span: Span, hint: Type?
  ) -> Resolved {
    switch binary {
    case .and, .or:
      let left = check(left, .bool, for: "what `\(binary.rawValue)` joins")
      let right = check(right, .bool, for: "what `\(binary.rawValue)` joins")
      if left.isInvalid || right.isInvalid { return .invalid(at: span) }
      return Resolved(
        binary == .and ? .and(left, right) : .or(left, right), .bool, at: span,
        readsRow: left.readsRow || right.readsRow)
    case .add, .subtract, .multiply, .divide, .remainder:
      return inferArithmetic(binary, left, right, at: span, hint: hint)
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
      return inferComparison(binary, left, right, at: span)
    }
  }

  private mutating func inferArithmetic(
    _ binary: BinaryOperator, _ left: Expression, _ right: Expression, at span: Span, hint: Type?
  ) -> Resolved {
    // Whole numbers stay whole until their result is used: `1 + 2` where a Float is wanted is 3, then 3.0.
    let left = number(infer(left, hint: nil), "`\(binary.rawValue)`")
    let right = number(infer(right, hint: nil), "`\(binary.rawValue)`")
    if left.isInvalid || right.isInvalid { return .invalid(at: span) }
    let readsRow = left.readsRow || right.readsRow
    var type: Type = left.type == .int && right.type == .int ? .int : .float
    if binary == .divide { type = .float }
    if binary == .remainder, type != .int {
      let wrong = left.type == .int ? right : left
      report(
        .typeMismatch, "`%` is the remainder of whole numbers", at: wrong.span, expected: "an Int",
        found: wrong.type.phrase, remedy: "write `round(…)` or `floor(…)` around it")
      return .invalid(at: span)
    }
    return Resolved(
      .arithmetic(binary, converted(left, to: type), converted(right, to: type)), type, at: span,
      readsRow: readsRow)
  }

  /// A number, or a report that it is none.
  private mutating func number(_ value: Resolved, _ user: String) -> Resolved {
    switch value.type {
    case .int, .float, .invalid: return value
    case .measure: reportMeasure(value)
    default:
      report(
        .typeMismatch, "\(user) computes with numbers", at: value.span, expected: "a number",
        found: value.type.phrase, remedy: "give an Int or a Float")
    }
    return .invalid(at: value.span)
  }

  private mutating func inferComparison(
    _ binary: BinaryOperator, _ left: Expression, _ right: Expression, at span: Span
  ) -> Resolved {
    let (left, right) = inferSides(left, right)
    if left.isInvalid || right.isInvalid { return .invalid(at: span) }
    for side in [left, right] where side.type == .measure {
      reportMeasure(side)
      return .invalid(at: span)
    }
    let readsRow = left.readsRow || right.readsRow
    let isEquality = binary == .equal || binary == .notEqual
    switch (left.type, right.type) {
    case (.int, .int), (.float, .float), (.int, .float), (.float, .int):
      let type: Type = left.type == right.type ? left.type : .float
      return Resolved(
        .comparison(binary, converted(left, to: type), converted(right, to: type)), .bool, at: span,
        readsRow: readsRow)
    case (.string, .string) where isEquality, (.bool, .bool) where isEquality:
      return Resolved(.comparison(binary, left, right), .bool, at: span, readsRow: readsRow)
    case (.choice(let a), .choice(let b)) where isEquality:
      if !Set(a).isDisjoint(with: b) {
        return Resolved(.comparison(binary, left, right), .bool, at: span, readsRow: readsRow)
      }
      report(
        .typeMismatch, "these two can never be equal", at: right.span, expected: left.type.phrase,
        found: right.type.phrase, remedy: "compare with one of \(quotedList(a, or: true))")
    default: reportIncomparable(binary, left, right, isEquality: isEquality)
    }
    return .invalid(at: span)
  }

  private mutating func reportIncomparable(
    _ binary: BinaryOperator, _ left: Resolved, _ right: Resolved, isEquality: Bool
  ) {
    let canCompare =
      switch left.type {
      case .int, .float: true
      case .string, .bool, .choice: isEquality
      default: false
      }
    if canCompare {
      report(
        .typeMismatch, "`\(binary.rawValue)` compares values of one type", at: right.span,
        expected: left.type.phrase, found: right.type.phrase, remedy: comparisonRemedy(right, left.type))
    } else if isEquality {
      report(
        .typeMismatch, "`\(binary.rawValue)` compares numbers, texts, choices and conditions", at: left.span,
        expected: "a number, String, Bool or choice", found: left.type.phrase,
        remedy: "compare a setting instead")
    } else {
      report(
        .typeMismatch, "`\(binary.rawValue)` compares numbers", at: left.span, expected: "a number",
        found: left.type.phrase, remedy: "use `==` or `!=`, or compare numbers")
    }
  }

  private func comparisonRemedy(_ value: Resolved, _ type: Type) -> String {
    if case .choice(let cases) = type {
      return value.type == .string ? "write the case without quotes" : "write \(quotedList(cases, or: true))"
    }
    return "compare with \(type.phrase)"
  }

  /// Each side of a comparison says which cases the other may name.
  private mutating func inferSides(_ left: Expression, _ right: Expression) -> (Resolved, Resolved) {
    if isUnknown(left) {
      if isUnknown(right) { return (infer(left, hint: nil), .invalid(at: right.span)) }
      let right = infer(right, hint: nil)
      if right.isInvalid { return (.invalid(at: left.span), right) }
      return (infer(left, hint: right.type), right)
    }
    let left = infer(left, hint: nil)
    if left.isInvalid { return (left, .invalid(at: right.span)) }
    let hint: Type? = if case .choice = left.type { left.type } else { nil }
    return (left, infer(right, hint: hint))
  }

  /// A bare name that can only be a case.
  private func isUnknown(_ expression: Expression) -> Bool {
    guard case .name(let name) = expression.kind else { return false }
    return findVariable(name) == nil && !(inRow && vocabulary.rowField(name) != nil)
      && vocabulary.constant(name) == nil
  }
}
