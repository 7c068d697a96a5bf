internal import Foundation

/// How a family stretches the rotary embedding beyond the contexts it was first trained on.
package enum RopeScaling: Hashable, Sendable {
  case none
  /// Every frequency divided by `factor`.
  case linear(factor: Double)
  /// Llama 3: long waves divided by `factor`, short ones left, those between blended.
  case llama3(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalContext: Int)
  /// Each frequency divided by its own number, and cosine and sine multiplied by `magnitude` (LongRoPE within the original context).
  case divisors([Double], magnitude: Double)

  /// The frequency of pair `index`, of which `unscaled` is θ^(-2 · index / rotary width), in turns of one radian a token.
  package func frequency(_ unscaled: Double, at index: Int) -> Double {
    switch self {
    case .none: return unscaled
    case .linear(let factor): return unscaled / factor
    case .divisors(let divisors, _): return unscaled / divisors[index]
    case .llama3(let factor, let low, let high, let context):
      // Turns that this pair makes in the original context.
      let turns = Double(context) * unscaled / (2 * Double.pi)
      if turns < low { return unscaled / factor }
      if turns > high { return unscaled }
      let blend = (turns - low) / (high - low)
      return (1 - blend) * unscaled / factor + blend * unscaled
    }
  }

  /// What cosine and sine are multiplied by.
  package var magnitude: Double {
    if case .divisors(_, let magnitude) = self { magnitude } else { 1 }
  }

  /// What is wrong with it for a rotary embedding of so many pairs; `nil` if nothing is.
  func fault(pairs: Int) -> String? {
    func isPositive(_ number: Double) -> Bool { number > 0 && number.isFinite }
    switch self {
    case .none: return nil
    case .linear(let factor):
      return isPositive(factor)
        ? nil : "the rotary embedding is scaled by \(factor), and must be by a number above 0"
    case .llama3(let factor, let low, let high, let context):
      return isPositive(factor) && isPositive(low) && high > low && high.isFinite && context > 0
        ? nil
        : "the rotary embedding's llama3 scaling by \(factor) from \(low) to \(high) turns in \(context) tokens makes no sense"
    case .divisors(let divisors, let magnitude):
      if divisors.count != pairs {
        return "the rotary embedding has \(divisors.count) scaling factors, and \(pairs) pairs turn"
      }
      if let bad = (divisors + [magnitude]).first(where: { !isPositive($0) }) {
        return "a scaling factor of the rotary embedding is \(bad), and must be above 0"
      }
      return nil
    }
  }

  /// The published Llama 3 scaling that gives these divisors, which GGUF files hold in single precision in its place; `nil` if none does.
  package static func llama3(explaining divisors: [Double], base: Double) -> RopeScaling? {
    guard let factor = divisors.last, factor > 1, factor.isFinite else { return nil }
    let published = RopeScaling.llama3(
      factor: factor, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 8192)
    for (pair, divisor) in divisors.enumerated() {
      // The last bits of the C library's power are far below what is compared.
      let unscaled = pow(base, -Double(pair) / Double(divisors.count))
      guard abs(unscaled / published.frequency(unscaled, at: pair) - divisor) < 1e-5 * divisor else {
        return nil
      }
    }
    return published
  }

  /// LongRoPE within the original context: the short factors, and the magnitude that goes with stretching `original` tokens to `longest`.
  static func longRope(short: [Double], original: Int, longest: Int, magnitude: Double?) -> RopeScaling {
    if let magnitude { return .divisors(short, magnitude: magnitude) }
    if longest <= original || original < 2 { return .divisors(short, magnitude: 1) }
    let stretch = Double(longest) / Double(original)
    return .divisors(
      short, magnitude: (1 + naturalLogarithm(stretch) / naturalLogarithm(Double(original))).squareRoot())
  }
}

/// ln x for finite x > 0 without the C library, whose last bit differs between versions: the artanh series on the significand.
private func naturalLogarithm(_ x: Double) -> Double {
  let s = (x.significand - 1) / (x.significand + 1)
  var series = 0.0
  for k in stride(from: 39, through: 1, by: -2) { series = 1 / Double(k) + series * s * s }
  return 2 * s * series + Double(x.exponent) * 0.693_147_180_559_945_3
}
