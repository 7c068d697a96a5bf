/// Decides whether an answer is a gold answer, without a computer algebra system (`math_acc`).
///
/// Equal if the normal forms are spelled alike. Otherwise both are read as values and compared part by part; formulas by
/// - exact comparison of plain numbers,
/// - the rules of PRM800K's grader where `wantsSimplified`: two plain fractions have to be spelled alike, and a whole number equals nothing but itself,
/// - else their values at fixed points in complex arithmetic, within 1e-9, where at least four points of twelve are defined for both.
///
/// Every input gets a verdict in bounded time and stack: lengths, depths and numbers of parts are bounded, and beyond the bounds spelling decides.
package struct MathEquivalence {
  /// Whether unreduced fractions and unevaluated whole numbers (`4/8`, `\sqrt{4}`) are wrong, as in the papers' grader.
  package var wantsSimplified = true

  package init(wantsSimplified: Bool = true) {
    self.wantsSimplified = wantsSimplified
  }

  static let tolerance = 1e-9
  static let fewestPoints = 4

  /// Whether an extracted answer is right.
  package func areEqual(_ answer: String, _ gold: String) -> Bool {
    let answer = answer.trimmingBlanks
    let gold = gold.trimmingBlanks
    if answer.isEmpty || gold.isEmpty { return false }
    if answer == gold { return true }
    guard answer.utf8.count <= MathNormalForm.longest, gold.utf8.count <= MathNormalForm.longest else {
      return false
    }
    let joined = reading(answer, gold, joinsThousands: true)
    if areEqual(joined.answer, joined.gold) { return true }
    // `100,200` may be a number or a list: equal if it is under one of the readings, the same for both.
    let split = reading(answer, gold, joinsThousands: false)
    return split != joined && areEqual(split.answer, split.gold)
  }

  private struct Reading: Equatable {
    var answer: MathNormalForm
    var gold: MathNormalForm
  }

  private func reading(_ answer: String, _ gold: String, joinsThousands: Bool) -> Reading {
    var reading = Reading(
      answer: MathNormalForm(answer, joinsThousands: joinsThousands),
      gold: MathNormalForm(gold, joinsThousands: joinsThousands))
    // Capitals do not count, unless one of the answers has a variable in both.
    if reading.answer.canFoldCase && reading.gold.canFoldCase {
      reading.answer.foldCase()
      reading.gold.foldCase()
    }
    return reading
  }

  private func areEqual(_ answer: MathNormalForm, _ gold: MathNormalForm) -> Bool {
    if answer.tokens.isEmpty || gold.tokens.isEmpty { return false }
    if answer.spelling == gold.spelling { return true }
    return areEqual(MathValueReader.value(of: answer.tokens), MathValueReader.value(of: gold.tokens))
  }

  private func areEqual(_ answer: MathValue, _ gold: MathValue) -> Bool {
    switch (answer, gold) {
    case (
      .equation(let left, let right, let hasName), .equation(let goldLeft, let goldRight, let goldHasName)
    ):
      if hasName, goldHasName, areEqual(left, goldLeft) { return areEqual(right, goldRight) }
      if hasName, goldHasName, left.isVariable, goldLeft.isVariable, right.isConstant, goldRight.isConstant {
        return false
      }
      return areProportional((left, right), (goldLeft, goldRight))
    case (.equation(let left, let right, let hasName), _):
      // `x = 5`, `area = 5`, and `10/4 = 2.5` too.
      return (hasName || left.isConstant) && areEqual(right, gold)
    case (_, .equation(let left, let right, let hasName)):
      return (hasName || left.isConstant) && areEqual(answer, right)
    case (.inequality(let left, let signs), .inequality(let right, let goldSigns)):
      if let a = interval(answer), let b = interval(gold) { return areEqual(a, b) }
      return signs == goldSigns && areEqualInOrder(left, right)
        || signs.reversed().map(mirrored) == goldSigns && areEqualInOrder(left.reversed(), right)
    case (.inequality, _): return interval(answer).map { areEqual($0, gold) } ?? false
    case (_, .inequality): return interval(gold).map { areEqual(answer, $0) } ?? false
    case (.tuple(let open, let close, let left), .tuple(let goldOpen, let goldClose, let right)):
      return open == goldOpen && close == goldClose && areEqualInOrder(left, right)
    case (.matrix(let left), .matrix(let right)):
      return left.count == right.count && zip(left, right).allSatisfy { areEqualInOrder($0, $1) }
    case (.set(let left), .set(let right)), (.union(let left), .union(let right)):
      return areEqualInAnyOrder(left, right)
    // `x < 1 or x > 2` is a union of intervals.
    case (.set(let left), .union(let right)) where left.allSatisfy(\.isInequality),
      (.union(let left), .set(let right)) where right.allSatisfy(\.isInequality):
      return areEqualInAnyOrder(left, right)
    // A set of one is its element.
    case (.set(let left), _) where left.count == 1: return areEqual(left[0], gold)
    case (_, .set(let right)) where right.count == 1: return areEqual(answer, right[0])
    case (.formula(let left), .formula(let right)): return areEqual(left, right)
    case (.text(let left), .text(let right)): return left == right
    default: return false
    }
  }

  private func areEqualInOrder(_ left: [MathValue], _ right: [MathValue]) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { areEqual($0, $1) }
  }

  private func areEqualInAnyOrder(_ left: [MathValue], _ right: [MathValue]) -> Bool {
    guard left.count == right.count else { return false }
    var rest = right
    for value in left {
      guard let index = rest.firstIndex(where: { areEqual(value, $0) }) else { return false }
      rest.remove(at: index)
    }
    return true
  }

  private func mirrored(_ sign: String) -> String {
    switch sign {
    case "<": ">"
    case ">": "<"
    case "\\le": "\\ge"
    case "\\ge": "\\le"
    default: sign
    }
  }

  /// The interval that `a < x < b`, `x > a` and the like describe.
  private func interval(_ value: MathValue) -> MathValue? {
    guard case .inequality(let sides, let signs) = value else { return nil }
    if signs.allSatisfy({ $0 == ">" || $0 == "\\ge" }) {
      return interval(.inequality(sides.reversed(), signs.reversed().map(mirrored)))
    }
    guard signs.allSatisfy({ $0 == "<" || $0 == "\\le" }) else { return nil }
    let infinity = Expression.symbol("\\infty")
    let opens = signs.map { $0 == "<" }
    switch sides.count {
    case 3 where sides[1].isVariable:
      return .tuple(open: opens[0] ? "(" : "[", close: opens[1] ? ")" : "]", [sides[0], sides[2]])
    case 2 where sides[0].isVariable:
      return .tuple(open: "(", close: opens[0] ? ")" : "]", [.formula(.negation(infinity)), sides[1]])
    case 2 where sides[1].isVariable:
      return .tuple(open: opens[0] ? "(" : "[", close: ")", [sides[0], .formula(infinity)])
    default: return nil
    }
  }
}

extension MathValue {
  /// Whether it is one variable.
  fileprivate var isVariable: Bool {
    if case .formula(.symbol) = self { return true }
    return false
  }

  fileprivate var isInequality: Bool {
    if case .inequality = self { return true }
    return false
  }

  /// Whether it is a formula without variables.
  fileprivate var isConstant: Bool {
    if case .formula(let expression) = self { return expression.symbols.isEmpty }
    return false
  }
}
