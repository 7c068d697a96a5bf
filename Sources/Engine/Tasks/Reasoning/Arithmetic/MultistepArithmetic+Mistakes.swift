extension MultistepArithmetic {
  /// A wrong operator in the rewriting; an operand copied wrongly; a result off by a little, of the wrong sign, or computed from
  /// left to right without minding products.
  package func wrongStep(_ progress: inout Progress, _ draws: inout Draws) -> String? {
    guard progress.result == nil else { return nil }
    guard progress.skeleton != nil else {
      let wrong = Self.slipping(skeleton, operatorsOnly: true, &draws)
      progress.skeleton = wrong
      return wrong == skeleton ? nil : wrong.text()
    }
    if let index = groups.indices.first(where: { progress.values[$0] == nil }) {
      let (text, value) = Self.wrongEquations(groups[index], isNested: false, &draws)
      progress.values[index] = value
      return "\(ArithmeticExpression.name(index))=\(text)"
    }
    let (text, value) = Self.wrongEquations(skeleton.substituting(progress.values), isNested: true, &draws)
    progress.result = value
    return text
  }

  package func wrongAnswer(_ progress: Progress, _ draws: inout Draws) -> String {
    String(Self.slip(progress.result ?? 0, &draws))
  }

  /// Equations with one error: in the first expression or in one of the results.
  private static func wrongEquations(_ expression: ArithmeticExpression, isNested: Bool, _ draws: inout Draws)
    -> (
      text: String, value: Int
    )
  {
    if draws.chance(250) {
      let copied = slipping(expression, operatorsOnly: false, &draws)
      if copied != expression { return equations(copied, isNested: isNested) }
    }
    var chain = [expression]
    while let next = chain[chain.count - 1].reduced { chain.append(next) }
    guard chain.count > 1, let truth = expression.value else {
      return equations(expression, isNested: isNested)
    }
    let place = 1 + draws.integer(below: chain.count - 1)
    var wrong = chain[place]
    if case .chain(let operands, let operators) = chain[place - 1], draws.chance(300),
      let hasty = leftToRight(operands, operators), hasty != truth
    {
      wrong = .number(hasty)
    } else {
      wrong = slippingResult(from: chain[place - 1], to: wrong, &draws)
      if wrong.value == nil || wrong.value == truth { wrong = .number(slip(truth, &draws)) }
    }
    let before = chain[..<place].map { $0.text(isNested: isNested) }
    let (rest, value) = equations(wrong, isNested: isNested)
    return ((before + [rest]).joined(separator: "="), value)
  }

  /// The number that `to` has where an operation of `from` was done, slipped.
  private static func slippingResult(
    from: ArithmeticExpression, to: ArithmeticExpression, _ draws: inout Draws
  ) -> ArithmeticExpression {
    switch (from, to) {
    case (.chain, .number(let number)): return .number(slip(number, &draws))
    case (.chain(let before, _), .chain(var after, let operators)):
      for index in after.indices where before.indices.contains(index) && before[index] != after[index] {
        after[index] =
          if case .chain = before[index] {
            slippingResult(from: before[index], to: after[index], &draws)
          } else if case .number(let number) = after[index] { .number(slip(number, &draws)) } else {
            after[index]
          }
        break
      }
      return .chain(after, operators)
    default: return to
    }
  }

  private static func leftToRight(
    _ operands: [ArithmeticExpression], _ operators: [ArithmeticExpression.Operator]
  ) -> Int? {
    guard var value = operands.first?.value else { return nil }
    for (operation, operand) in zip(operators, operands.dropFirst()) {
      guard let next = operand.value, let result = operation.apply(value, next) else { return nil }
      value = result
    }
    return value
  }

  /// Another number: off by one, by ten, by up to nine, or of the other sign.
  private static func slip(_ number: Int, _ draws: inout Draws) -> Int {
    let sign = draws.chance(500) ? 1 : -1
    switch draws.integer(below: 4) {
    case 0: return number + sign
    case 1: return number + 10 * sign
    case 2 where number != 0: return -number
    default: return number + sign * draws.integer(in: 1...9)
    }
  }

  /// The expression with one operator, or one number, replaced by another.
  private static func slipping(_ expression: ArithmeticExpression, operatorsOnly: Bool, _ draws: inout Draws)
    -> ArithmeticExpression
  {
    guard case .chain(var operands, var operators) = expression else {
      if case .number(let number) = expression, !operatorsOnly { return .number(slip(number, &draws)) }
      return expression
    }
    let inner = operands.indices.filter {
      if case .chain = operands[$0] { return true } else { return false }
    }
    if let place = draws.choice(inner), draws.chance(500) {
      operands[place] = slipping(operands[place], operatorsOnly: operatorsOnly, &draws)
    } else if operatorsOnly || draws.chance(400) || inner.count == operands.count {
      let place = draws.integer(below: operators.count)
      guard operators.indices.contains(place) else { return expression }
      let others = ArithmeticExpression.Operator.allCases.filter { $0 != operators[place] }
      operators[place] = draws.choice(others) ?? operators[place]
    } else {
      let place = draws.integer(below: operands.count)
      operands[place] = slipping(operands[place], operatorsOnly: false, &draws)
    }
    return .chain(operands, operators)
  }
}
