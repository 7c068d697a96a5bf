import Foundation

/// What a sample of figures, one a seed, says of the mean.
package struct Summary: Hashable {
  /// Number of values.
  package var count: Int
  package var mean: Double
  /// Standard deviation with divisor n − 1; `nil` for fewer than two values.
  package var deviation: Double?
  /// Half the width of the 95 % interval of Student's t over the values; `nil` for fewer than two.
  package var halfWidth: Double?

  /// `nil` for no values. Values are added in ascending order, so the order they come in changes no bit.
  package init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    count = sorted.count
    mean = sorted.first == sorted.last ? sorted[0] : sorted.reduce(0, +) / Double(count)
    guard count > 1 else { return }
    let center = mean
    let squares = sorted.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    let deviation = (squares / Double(count - 1)).squareRoot()
    self.deviation = deviation
    halfWidth =
      StudentT.quantile(0.975, degreesOfFreedom: count - 1) * deviation / Double(count).squareRoot()
  }
}

/// Standard deviation with divisor n, as the papers give it over iterations; 0 for no values.
package func populationDeviation(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return 0 }
  let sorted = values.sorted()
  let mean = sorted.reduce(0, +) / Double(sorted.count)
  return (sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sorted.count)).squareRoot()
}

/// Student's distribution for whole degrees of freedom, by the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4.
package enum StudentT {
  /// Probability that |T| is less than `t`.
  package static func central(_ t: Double, degreesOfFreedom: Int) -> Double {
    let angle = atan(abs(t) / Double(degreesOfFreedom).squareRoot())
    let sine = sin(angle)
    let cosine = cos(angle)
    if degreesOfFreedom == 1 { return 2 * angle / .pi }
    let isOdd = degreesOfFreedom % 2 == 1
    var term = isOdd ? cosine : 1
    var sum = term
    var factor = isOdd ? 2 : 1
    while factor <= degreesOfFreedom - 3 {
      term *= Double(factor) / Double(factor + 1) * cosine * cosine
      sum += term
      factor += 2
    }
    return isOdd ? 2 / .pi * (angle + sine * sum) : sine * sum
  }

  /// The two-sided p value of a statistic.
  package static func twoSided(_ t: Double, degreesOfFreedom: Int) -> Double {
    max(0, min(1, 1 - central(t, degreesOfFreedom: degreesOfFreedom)))
  }

  /// The value that T stays below with this probability, for probabilities from 0.5 up to 1.
  package static func quantile(_ probability: Double, degreesOfFreedom: Int) -> Double {
    let wanted = 2 * probability - 1
    var low = 0.0
    var high = 2.0
    while central(high, degreesOfFreedom: degreesOfFreedom) < wanted, high < 1e12 { high *= 2 }
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { break }
      if central(middle, degreesOfFreedom: degreesOfFreedom) < wanted { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

/// McNemar's exact test: the two-sided probability of a split at least as uneven, were each discordant pair a fair coin.
package func mcNemar(_ onlyFirst: Int, _ onlySecond: Int) -> Double {
  let count = onlyFirst + onlySecond
  guard count > 0 else { return 1 }
  let logHalf = Double(count) * log(0.5)
  var logTerm = 0.0
  var tail = 0.0
  for successes in 0...min(onlyFirst, onlySecond) {
    if successes > 0 { logTerm += log(Double(count - successes + 1) / Double(successes)) }
    tail += exp(logTerm + logHalf)
  }
  return min(1, 2 * tail)
}

/// p values adjusted by Holm's step-down method, in the order given; `nil` (no test) stays `nil` and counts for nothing.
package func holmAdjusted(_ values: [Double?]) -> [Double?] {
  let tested = values.indices.filter { values[$0] != nil }
    .sorted { (values[$0] ?? 1, $0) < (values[$1] ?? 1, $1) }
  var adjusted = [Double?](repeating: nil, count: values.count)
  var greatest = 0.0
  for (rank, index) in tested.enumerated() {
    greatest = max(greatest, min(1, Double(tested.count - rank) * (values[index] ?? 1)))
    adjusted[index] = greatest
  }
  return adjusted
}
