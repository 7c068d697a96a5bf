/// How TriPosT mixes its training examples: improvements, attempts that are right, and gold rationales as ratio : 1 : 1.
package struct TurnBalance: Sendable {
  /// 1.5 in the paper's code; 0 or less keeps all there are.
  package var ratio: Double

  package init(ratio: Double = 1.5) { self.ratio = ratio }

  /// The share of improvements, p; `nil` without balancing. 3/7 for 1.5.
  package var improvementShare: Double? { ratio > 0 ? ratio / (ratio + 2) : nil }

  package struct Counts: Hashable, Sendable {
    package var improvements: Int
    package var correct: Int
    package var gold: Int

    package init(improvements: Int, correct: Int, gold: Int) {
      self.improvements = improvements
      self.correct = correct
      self.gold = gold
    }
  }

  /// The largest mix of this balance with no more of each than there are: what is abundant is dropped, nothing is repeated.
  ///
  /// `correct` and `gold` are equal, and `improvements` is ratio times as many, rounded down.
  package func counts(available: Counts) -> Counts {
    guard ratio > 0, ratio.isFinite else { return available }
    let part = Swift.max(0, Swift.min(available.correct, available.gold))
    // Not below what the quotient says, since a product rounded down may allow one more.
    let allowed = Double(Swift.max(0, available.improvements) + 1) / ratio
    let equal = Double(part) < allowed ? part : Swift.max(0, Int(allowed.rounded(.up)) - 1)
    let improvements = Swift.min(available.improvements, Int(Swift.min(Double(equal) * ratio, 1e15)))
    return Counts(improvements: Swift.max(0, improvements), correct: equal, gold: equal)
  }
}

/// TriPosT's loss: L = Σ wₛ mₛ CEₛ / Σ mₛ. The weights are not in the denominator, so that a weight above 1 is a larger step.
package struct FeedbackWeightedLoss: Sendable {
  /// 1.5 in the paper.
  package var weight: Double

  package init(weight: Double = 1.5) { self.weight = weight }

  /// The tokens' weights: `weight` from the token at which the feedback begins, 1 before; 1 everywhere in an example without an improvement.
  package func weights(count: Int, feedbackBegins: Int?) -> [Double] {
    (0..<max(count, 0)).map { index in feedbackBegins.map { index >= $0 } == true ? weight : 1 }
  }

  /// The loss of tokens' cross-entropies; `mask` says which count at all: no padding, and what the objective leaves out.
  /// 0 if none counts.
  package static func mean(_ losses: [Double], weights: [Double], mask: [Bool]) -> Double {
    var sum = 0.0
    var count = 0
    for ((loss, weight), counts) in zip(zip(losses, weights), mask) where counts {
      sum += weight * loss
      count += 1
    }
    return count > 0 ? sum / Double(count) : 0
  }
}
