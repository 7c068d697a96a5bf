/// The difference of two rows of a table in one metric, paired by seed and, where known, by question.
package struct PairedComparison {
  enum Method: Hashable {
    /// Seeds and questions as crossed random factors.
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

  /// Of the difference; `nil` without an interval.
  private var standardError: Double?
  private var degreesOfFreedom = 1

  /// `nil` if no seed has both figures.
  init?(_ sample: Sample, against baseline: Sample, usesQuestions: Bool = true) {
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
    if let matrix, let crossed = CrossedInterval(matrix.map { zip($0.0, $0.1).map { $0 - $1 } }) {
      questions = matrix.first?.0.count ?? 0
      interval = crossed.interval
      standardError = crossed.standardError
      degreesOfFreedom = crossed.degreesOfFreedom
      method = pairs.count > 1 ? .seedsAndQuestions : .questions
      p = crossed.p
      if pairs.count == 1, let pair = matrix.first, (pair.0 + pair.1).allSatisfy({ $0 == 0 || $0 == 1 }) {
        method = .mcNemar
        p = mcNemar(
          zip(pair.0, pair.1).count { $0 > $1 }, zip(pair.0, pair.1).count { $0 < $1 })
      } else if crossed.standardError <= 1e-12, abs(difference) > 1e-12 {
        // Every answer differs by the same: nothing says how much that varies.
        interval = nil
        method = .none
        p = nil
      }
    } else if let deviation = summary.deviation, let halfWidth = summary.halfWidth {
      method = .seeds
      interval = (difference - halfWidth)...(difference + halfWidth)
      let error = deviation / Double(seeds).squareRoot()
      standardError = error
      degreesOfFreedom = seeds - 1
      // Seeds that agree to the last bits differ by rounding only: that is no variation, and says nothing of how much there is.
      if error > 1e-12 {
        p = StudentT.twoSided(difference / error, degreesOfFreedom: seeds - 1)
      } else if abs(difference) <= 1e-12 {
        p = 1
      } else {
        interval = nil
        method = .none
      }
    }
  }

  /// The least true difference that a study like this finds in four of five repetitions: as many standard errors as the
  /// quantiles 97.5 % and 80 % of t add up to. `nil` without an interval or if nothing varied.
  var smallestVisible: Double? {
    guard let standardError, standardError > 1e-12 else { return nil }
    return standardError
      * (StudentT.quantile(0.975, degreesOfFreedom: degreesOfFreedom)
        + StudentT.quantile(0.8, degreesOfFreedom: degreesOfFreedom))
  }

  /// Values by seed and question of both, if known everywhere for the same questions.
  private static func matrix(_ pairs: [(Sample.Seed, Sample.Seed)]) -> [([Double], [Double])]? {
    var rows: [([Double], [Double])] = []
    var identity: QuestionValues.Identity?
    for (first, second) in pairs {
      guard let a = first.questions(), let b = second.questions(), a.identity == b.identity,
        identity == nil || identity == a.identity
      else { return nil }
      identity = a.identity
      rows.append((a.values, b.values))
    }
    return rows
  }
}
