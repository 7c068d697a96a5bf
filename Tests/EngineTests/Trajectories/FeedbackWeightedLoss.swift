/// TriPosT's loss written out as its code has it, for comparison with what a training sequence's weights give.
///
/// L = Σ wₛ mₛ CEₛ / Σ mₛ. The weights are not in the denominator, so that a weight above 1 is a larger step.
struct FeedbackWeightedLoss: Sendable {
  /// 1.5 in the paper.
  var weight: Double

  init(weight: Double = 1.5) { self.weight = weight }

  /// The tokens' weights: `weight` from the token at which the feedback begins, 1 before; 1 everywhere in an example without an improvement.
  func weights(count: Int, feedbackBegins: Int?) -> [Double] {
    (0..<max(count, 0)).map { index in feedbackBegins.map { index >= $0 } == true ? weight : 1 }
  }

  /// The loss of tokens' cross-entropies; `mask` says which count at all: no padding, and what the objective leaves out.
  /// 0 if none counts.
  static func mean(_ losses: [Double], weights: [Double], mask: [Bool]) -> Double {
    var sum = 0.0
    var count = 0
    for ((loss, weight), counts) in zip(zip(losses, weights), mask) where counts {
      sum += weight * loss
      count += 1
    }
    return count > 0 ? sum / Double(count) : 0
  }
}
