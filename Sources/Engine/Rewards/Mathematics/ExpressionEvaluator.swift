internal import Foundation

/// A formula's value where its variables have values. `nil` where it is undefined or too large.
struct ExpressionEvaluator {
  /// Which of the sample points; each variable has one value at each of them.
  let point: Int
  /// Whether an odd root of a negative number is the negative one, as most answers mean it, or the principal one.
  let hasRealOddRoots: Bool

  static let points = 12

  /// A variable's value: real, apart from the others', fixed by its name, positive at two points of three.
  func value(of symbol: String) -> Double {
    // FNV-1a, then a finaliser, as Swift's own hashes differ from run to run.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in symbol.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash = hash &+ UInt64(truncatingIfNeeded: point + 1) &* 0x9e37_79b9_7f4a_7c15
    hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
    hash ^= hash >> 31
    let share = Double(hash >> 11) * 0x1p-53
    return (0.3 + 2.4 * share) * (point % 3 == 2 ? -1 : 1)
  }

  func value(of expression: Expression) -> Complex? {
    guard let value = unchecked(expression), value.isFinite, value.magnitude < 1e280 else { return nil }
    return value
  }

  private func unchecked(_ expression: Expression) -> Complex? {
    switch expression {
    case .number(let digits): return Double(digits).map { Complex($0) }
    case .symbol(let name): return Complex(value(of: name), 0, error: 0)
    case .constant(.pi): return Complex(.pi)
    case .constant(.e): return Complex(M_E)
    case .constant(.i): return Complex(0, 1, error: 0)
    case .sum(let terms): return folded(terms, from: Complex(0, 0, error: 0), by: +)
    case .product(let factors): return folded(factors, from: Complex(1, 0, error: 0), by: *)
    case .negation(let inner): return value(of: inner).map { -$0 }
    case .quotient(let above, let below):
      guard let above = value(of: above), let below = value(of: below) else { return nil }
      return above / below
    case .power(let base, let exponent):
      if hasRealOddRoots, let (top, bottom) = exponent.smallFraction, bottom % 2 == 1 {
        return value(of: base).flatMap { root($0, Complex(Double(bottom)))?.raised(to: Complex(Double(top))) }
      }
      guard let base = value(of: base), let exponent = value(of: exponent) else { return nil }
      return base.raised(to: exponent)
    case .root(let index, let radicand):
      guard let index = value(of: index), let radicand = value(of: radicand) else { return nil }
      return root(radicand, index)
    case .logarithm(let base, let inner):
      guard let base = value(of: base)?.logarithm, let inner = value(of: inner)?.logarithm else { return nil }
      return inner / base
    case .binomial(let n, let k):
      guard let n = value(of: n), let k = value(of: k) else { return nil }
      return binomial(n, k)
    case .function(let function, let inner): return value(of: inner).flatMap { applied(function, to: $0) }
    }
  }

  private func folded(
    _ parts: [Expression], from start: Complex, by combine: (Complex, Complex) -> Complex
  ) -> Complex? {
    var result = start
    for part in parts {
      guard let value = value(of: part) else { return nil }
      result = combine(result, value)
    }
    return result
  }

  private func root(_ radicand: Complex, _ index: Complex) -> Complex? {
    if index.real == 2, index.isReal { return radicand.squareRoot }
    if hasRealOddRoots, radicand.isReal, radicand.real < 0, index.isReal,
      let whole = Int(exactly: index.real), whole % 2 != 0
    {
      return (-radicand).raised(to: Complex(1 / index.real)).map { -$0 }
    }
    return (Complex(1, 0, error: 0) / index).flatMap { radicand.raised(to: $0) }
  }

  private func binomial(_ n: Complex, _ k: Complex) -> Complex? {
    guard k.isReal, let count = Int(exactly: k.real), (0...1000).contains(count) else { return nil }
    var result = Complex(1, 0, error: 0)
    for index in 0..<count {
      guard let factor = (n + Complex(-Double(index))) / Complex(Double(index + 1)) else {
        return Complex(0, 0, error: 0)
      }
      result = result * factor
    }
    return result
  }
}

extension Expression {
  /// A quotient of whole numbers below a thousand, with its sign.
  fileprivate var smallFraction: (Int, Int)? {
    guard let fraction = plainFraction, let top = Int(fraction.numerator),
      let bottom = Int(fraction.denominator),
      (1..<1000).contains(top), (1..<1000).contains(bottom)
    else { return nil }
    return (fraction.isNegative ? -top : top, bottom)
  }
}
