/// What a side of a claim can be, whatever comes out of the run.
///
/// Shares are known to lie in −1...1 (a share in 0...1, or a difference of two); counts and other numbers may be anything.
extension ClaimExpression {
  var range: ClosedRange<Double> {
    switch self {
    case .number(let number): Self.range(of: [number])
    case .figure(_, _, let metric, _, _): metric.signature.unit == .share ? -1...1 : Self.anything
    case .negate(let operand): -operand.range.upperBound ... -operand.range.lowerBound
    case .binary(let binary, let left, let right): Self.range(binary, left.range, right.range)
    }
  }

  private static let anything = -Double.infinity...Double.infinity

  private static func range(
    _ binary: BinaryOperator, _ left: ClosedRange<Double>, _ right: ClosedRange<Double>
  ) -> ClosedRange<Double> {
    let operation: (Double, Double) -> Double
    switch binary {
    case .add: operation = { $0 + $1 }
    case .subtract: operation = { $0 - $1 }
    case .multiply: operation = { $0 * $1 }
    case .divide where !right.contains(0): operation = { $0 / $1 }
    default: return anything
    }
    // These are monotonous in each operand, so their extremes lie at ends of both.
    return range(
      of: [left.lowerBound, left.upperBound].flatMap { a in
        [right.lowerBound, right.upperBound].map { b in operation(a, b) }
      })
  }

  private static func range(of values: [Double]) -> ClosedRange<Double> {
    guard !values.contains(where: \.isNaN), let least = values.min(), let greatest = values.max() else {
      return anything
    }
    return least...greatest
  }
}

extension ReportClaim {
  /// Whether the claim holds, if that is known without running anything.
  var foregone: Bool? {
    let left = left.range
    let right = right.range
    let isLess = left.upperBound < right.lowerBound
    let isGreater = left.lowerBound > right.upperBound
    switch comparison {
    case .less: return isLess ? true : left.lowerBound >= right.upperBound ? false : nil
    case .lessOrEqual: return left.upperBound <= right.lowerBound ? true : isGreater ? false : nil
    case .greater: return isGreater ? true : left.upperBound <= right.lowerBound ? false : nil
    case .greaterOrEqual: return left.lowerBound >= right.upperBound ? true : isLess ? false : nil
    case .equal: return isLess || isGreater ? false : nil
    case .notEqual: return isLess || isGreater ? true : nil
    default: return nil
    }
  }
}
