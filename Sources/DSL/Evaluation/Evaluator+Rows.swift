extension Evaluator {
  /// An expression over a row with everything else in it computed, so that a setting that does not matter leaves no trace.
  ///
  /// Simplifies only where the result is the same for every row: `x and true` is `x`. Numbers are left as they stand,
  /// since `0 * x` is not 0 for every float.
  mutating func rowExpression(_ node: Resolved) throws(EvaluationFailure) -> RowExpression {
    depth += 1
    defer { depth -= 1 }
    if depth > Evaluator.greatestDepth { throw tooDeep(at: node.span) }
    if !node.readsRow { return try constant(node) }
    switch node.kind {
    case .rowField(let path): return .field(path)
    case .convert(let operand): return try rowExpression(operand)
    case .negate(let operand): return .unary(.minus, try rowExpression(operand))
    case .not(let operand):
      let operand = try rowExpression(operand)
      if case .bool(let value) = operand { return .bool(!value) }
      return .unary(.not, operand)
    case .arithmetic(let binary, let left, let right), .comparison(let binary, let left, let right):
      let left = try rowExpression(left)
      let right = try rowExpression(right)
      if binary == .divide, right == .number(0) { throw zeroDivisor(at: node.span) }
      return .binary(binary, left, right)
    case .and(let left, let right): return try join(.and, left, right)
    case .or(let left, let right): return try join(.or, left, right)
    case .match(let subject, let arms): return try rowExpression(try arm(arms, for: subject))
    default: throw .silent
    }
  }

  private mutating func join(
    _ binary: BinaryOperator, _ left: Resolved, _ right: Resolved
  ) throws(EvaluationFailure) -> RowExpression {
    // With `and`, true changes nothing and false decides; with `or` it is the other way round.
    let neutral = binary == .and
    let left = try rowExpression(left)
    if case .bool(let value) = left {
      return value == neutral ? try rowExpression(right) : left
    }
    let right = try rowExpression(right)
    if case .bool(let value) = right { return value == neutral ? left : right }
    return .binary(binary, left, right)
  }

  private mutating func constant(_ node: Resolved) throws(EvaluationFailure) -> RowExpression {
    switch try evaluate(node) {
    case .bool(let value): return .bool(value)
    case .int(let value): return .number(Double(value))
    case .float(let value): return .number(value)
    case .string(let text), .choice(let text): return .string(values.texts[Int(text)])
    default: throw .silent
    }
  }
}
