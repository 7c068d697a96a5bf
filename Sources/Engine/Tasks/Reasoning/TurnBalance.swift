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
