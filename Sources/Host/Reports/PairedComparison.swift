/// The difference of two rows of a table in one metric, paired by seed and, where known, by question.
package struct PairedComparison {
  enum Method: Hashable {
    /// Seeds and questions drawn again.
    case seedsAndQuestions
    /// One seed and answers that are right or wrong.
    case mcNemar
    /// One seed and graded answers.
    case questions
    /// Student's t over the seeds' differences.
    case seeds
    /// One pair of numbers: nothing says how much they vary.
    case none
  }
  var method: Method
  /// Mean over the seeds that both have.
  var difference: Double
  /// The 95 % interval.
  var interval: ClosedRange<Double>?
  var p: Double?
  var seeds: Int
  /// 0 where questions are not known.
  var questions: Int

  package static let resamples = 2000

  /// `nil` if no seed has both figures. `label` names the comparison; the resampling is a function of it.
  init?(_ sample: Sample, against baseline: Sample, usesQuestions: Bool = true, label: String) {
    var pairs: [(Sample.Seed, Sample.Seed)] = []
    for seed in sample.seeds where seed.value != nil {
      if let other = baseline.seeds.first(where: { $0.seed == seed.seed && $0.value != nil }) {
        pairs.append((seed, other))
      }
    }
    let differences = pairs.map { ($0.0.value ?? 0) - ($0.1.value ?? 0) }
    guard let summary = Summary(differences) else { return nil }
    difference = summary.mean
    seeds = pairs.count
    questions = 0
    method = .none
    let matrix = usesQuestions ? Self.matrix(pairs) : nil
    if let matrix, let count = matrix.first?.0.count {
      questions = count
      let rows = matrix.map { zip($0.0, $0.1).map { $0 - $1 } }
      let draws = Self.draws(rows, HashGenerator(label))
      interval = Self.percentiles(draws)
      method = pairs.count > 1 ? .seedsAndQuestions : .questions
      p = Self.twoSided(draws)
      if pairs.count == 1, let pair = matrix.first, (pair.0 + pair.1).allSatisfy({ $0 == 0 || $0 == 1 }) {
        method = .mcNemar
        p = mcNemar(
          zip(pair.0, pair.1).count { $0 > $1 }, zip(pair.0, pair.1).count { $0 < $1 })
      }
    } else if let deviation = summary.deviation, let halfWidth = summary.halfWidth {
      method = .seeds
      interval = (difference - halfWidth)...(difference + halfWidth)
      if deviation > 0 {
        let t = difference / (deviation / Double(seeds).squareRoot())
        p = StudentT.twoSided(t, degreesOfFreedom: seeds - 1)
      } else {
        p = difference == 0 ? 1 : 0
      }
    }
  }

  /// The least true difference that a study like this finds in four of five repetitions, from the interval's width:
  /// (1.960 + 0.842) standard errors. `nil` without an interval or if nothing varied.
  var smallestVisible: Double? {
    guard let interval, interval.upperBound > interval.lowerBound else { return nil }
    return (interval.upperBound - interval.lowerBound) / 2 * (1.959964 + 0.841621) / 1.959964
  }

  /// Values by seed and question of both, if known everywhere for the same questions.
  private static func matrix(_ pairs: [(Sample.Seed, Sample.Seed)]) -> [([Double], [Double])]? {
    var rows: [([Double], [Double])] = []
    for (first, second) in pairs {
      guard let a = first.questions(), let b = second.questions(), !a.isEmpty, a.count == b.count,
        rows.first.map({ $0.0.count == a.count }) ?? true
      else { return nil }
      rows.append((a, b))
    }
    return rows
  }

  /// Means after drawing seeds and questions again, ascending.
  ///
  /// All seeds see the same questions, so the two are drawn independently of each other. Drawing n seeds out of n
  /// shows (n − 1)/n of their variance; deviations of seeds are widened by √(n/(n − 1)) to make up for it.
  package static func draws(_ rows: [[Double]], _ generator: HashGenerator) -> [Double] {
    var generator = generator
    let questions = rows[0].count
    let seeds = rows.count
    let widening = seeds > 1 ? (Double(seeds) / Double(seeds - 1)).squareRoot() : 1
    var means = [Double](repeating: 0, count: seeds)
    var draws: [Double] = []
    draws.reserveCapacity(resamples)
    for _ in 0..<resamples {
      for seed in 0..<seeds { means[seed] = 0 }
      for _ in 0..<questions {
        let question = generator.index(below: questions)
        for seed in 0..<seeds { means[seed] += rows[seed][question] }
      }
      let center = means.reduce(0, +) / Double(seeds * questions)
      var sum = 0.0
      for _ in 0..<seeds { sum += means[generator.index(below: seeds)] / Double(questions) - center }
      draws.append(center + widening * sum / Double(seeds))
    }
    return draws.sorted()
  }

  package static func percentiles(_ sorted: [Double]) -> ClosedRange<Double> {
    let cut = Int((0.025 * Double(sorted.count)).rounded())
    return sorted[cut]...sorted[sorted.count - 1 - cut]
  }

  /// Twice the smaller share of draws beyond 0, with the observed figure counted as one of them.
  static func twoSided(_ draws: [Double]) -> Double {
    let below = draws.count { $0 <= 0 }
    let above = draws.count { $0 >= 0 }
    return min(1, 2 * Double(min(below, above) + 1) / Double(draws.count + 1))
  }
}
