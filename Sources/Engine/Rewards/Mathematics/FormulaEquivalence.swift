extension MathEquivalence {
  /// Whether two formulas are equal.
  func areEqual(_ left: Expression, _ right: Expression) -> Bool {
    if left == right { return true }
    if let a = left.plainNumber, let b = right.plainNumber { return a == b }
    if wantsSimplified {
      if let a = left.plainFraction, let b = right.plainFraction { return a == b }
      if left.isInteger != right.isInteger { return false }
    }
    return agree { point in
      guard let a = point.value(of: left), let b = point.value(of: right) else { return nil }
      return Self.areClose(a, b)
    }
  }

  /// Whether two equations have the same solutions in that their differences of sides are multiples of each other.
  func areProportional(_ left: (MathValue, MathValue), _ right: (MathValue, MathValue)) -> Bool {
    guard case (.formula(let a), .formula(let b)) = left, case (.formula(let c), .formula(let d)) = right
    else {
      return false
    }
    let first = Expression.sum([a, .negation(b)])
    let second = Expression.sum([c, .negation(d)])
    guard first.symbols == second.symbols, !first.symbols.isEmpty else { return false }
    var ratio: Complex?
    return agree { point in
      if point.point == 0 { ratio = nil }
      guard let a = point.value(of: first), let b = point.value(of: second), !a.isNoise, let quotient = a / b
      else {
        return nil
      }
      guard let known = ratio else {
        ratio = quotient
        return true
      }
      return Self.areClose(known, quotient)
    }
  }

  /// Whether nothing speaks against at any sample point, and enough points speak at all, with one meaning of odd roots or the other.
  private func agree(_ compare: (ExpressionEvaluator) -> Bool?) -> Bool {
    [true, false].contains { hasRealOddRoots in
      var count = 0
      for point in 0..<ExpressionEvaluator.points {
        guard let isEqual = compare(ExpressionEvaluator(point: point, hasRealOddRoots: hasRealOddRoots))
        else {
          continue
        }
        guard isEqual else { return false }
        count += 1
      }
      return count >= Self.fewestPoints
    }
  }

  /// Close in relation to their size, or apart by no more than rounding explains; `nil` where rounding could explain anything.
  static func areClose(_ a: Complex, _ b: Complex) -> Bool? {
    let difference = (a + -b).magnitude
    let size = max(a.magnitude, b.magnitude)
    if difference <= tolerance * size { return true }
    let rounding = 64 * (a.error + b.error)
    if difference > rounding { return false }
    return rounding <= 1e-6 * max(size, 1) ? true : nil
  }
}
