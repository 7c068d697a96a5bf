/// BIG-Bench's multistep arithmetic: `((1 - 6 * 0 - -7) * (6 * 0 + 6 - -3)) =`.
///
/// Steps, in compact notation: `(A*B)` writes the innermost parentheses as letters; `A=1-6*0--7=1-0--7=1--7=8` computes one,
/// in any order; `(8*9)=72` puts the values in and computes the rest; then the answer. Any chain of true equations is right.
package struct MultistepArithmetic: ReasoningProblem {
  package let expression: ArithmeticExpression
  /// The question with its innermost parentheses as letters.
  package let skeleton: ArithmeticExpression
  /// What the letters stand for.
  package let groups: [ArithmeticExpression]
  package let result: Int

  /// The problem of an expression; `nil` if it has no innermost parentheses beside others, more than 26, or too large numbers.
  package init?(_ expression: ArithmeticExpression) {
    var groups: [ArithmeticExpression] = []
    guard case .chain(let operands, _) = expression, let skeleton = Self.skeleton(expression, &groups),
      operands.count > 1, groups.count <= 26, case .chain = skeleton, let result = expression.value
    else { return nil }
    self.expression = expression
    self.skeleton = skeleton
    self.groups = groups
    self.result = result
  }

  /// Replaces each chain of plain numbers by a letter.
  private static func skeleton(_ part: ArithmeticExpression, _ groups: inout [ArithmeticExpression])
    -> ArithmeticExpression?
  {
    switch part {
    case .number: return part
    case .letter: return nil
    case .chain(let operands, let operators):
      if operands.allSatisfy({ if case .number = $0 { true } else { false } }) {
        groups.append(part)
        return .letter(groups.count - 1)
      }
      var inner: [ArithmeticExpression] = []
      for operand in operands {
        guard let one = skeleton(operand, &groups) else { return nil }
        inner.append(one)
      }
      return .chain(inner, operators)
    }
  }

  package init(question: String) throws(ReasoningError) {
    var text = question[...].trimmingBlanks
    if text.utf8.last == UInt8(ascii: "=") { text.removeLast() }
    guard let expression = ArithmeticExpression(text), let problem = MultistepArithmetic(expression) else {
      throw ReasoningError(
        "\(String(question.prefix(60)).debugDescription) is not a question of multistep arithmetic",
        remedy: "parentheses with whole numbers, joined by +, - and *: ((1 - 2) * (3 + 4)) =")
    }
    self = problem
  }

  package func question(_ style: ReasoningStyle) -> String {
    style == .compact ? expression.text() : expression.text(" ") + " ="
  }
  package var identity: String { expression.text() }
  package var answer: String { String(result) }

  /// By shape: `l4-d2.2`, groups of 4 numbers, two in each of two; `other` if it is no even tree.
  package var cell: String {
    func shape(_ part: ArithmeticExpression) -> [Int]? {
      guard case .chain(let operands, _) = part else { return [] }
      let shapes = operands.map { shape($0) }
      guard let first = shapes.first, let inner = first, shapes.allSatisfy({ $0 == inner }) else {
        return nil
      }
      return [operands.count] + inner
    }
    guard let shape = shape(expression), shape.count > 1, let length = shape.last else { return "other" }
    return "l\(length)-d\(shape.dropLast().map(String.init).joined(separator: "."))"
  }

  /// A number, equal as a number: `72`, `+72`, `72.0`.
  package func isRight(_ answer: Substring) -> Bool { Self.number(answer) == result }

  /// The whole number of `72`, `+72`, `72.0`; `nil` if it is none.
  static func number(_ answer: Substring) -> Int? {
    var digits = answer.trimmingBlanks
    _ = digits.take("+")
    if let dot = digits.utf8.firstIndex(of: UInt8(ascii: ".")) {
      guard digits.utf8[dot...].dropFirst().allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
      digits = digits[..<dot]
    }
    return Int(digits)
  }
}

extension MultistepArithmetic {
  /// Draws an expression of this shape, operands of -`largest`...`largest`.
  ///
  /// - Parameters:
  ///   - length: numbers in an innermost parenthesis, at least 2.
  ///   - depths: how many parts each parenthesis has, from the outermost in: `[2, 2]` has four innermost ones.
  package static func random(length: Int, depths: [Int], largest: Int = 9, _ draws: inout Draws)
    -> MultistepArithmetic?
  {
    func chain(_ count: Int, _ part: () -> ArithmeticExpression) -> ArithmeticExpression {
      let operands = (0..<count).map { _ in part() }
      let operators = (1..<max(count, 1)).map { _ in
        draws.choice(ArithmeticExpression.Operator.allCases) ?? .add
      }
      return .chain(operands, operators)
    }
    func tree(_ depths: ArraySlice<Int>) -> ArithmeticExpression {
      guard let first = depths.first else {
        return chain(length) { .number(draws.integer(in: -max(largest, 0)...max(largest, 0))) }
      }
      return chain(first) { tree(depths.dropFirst()) }
    }
    guard length >= 2, depths.allSatisfy({ $0 >= 2 }), depths.reduce(1, { min($0, 100) * min($1, 100) }) <= 26
    else {
      return nil
    }
    return MultistepArithmetic(tree(depths[...]))
  }
}
