import DSL
import Foundation

/// What the figures say of an `expect` statement.
struct ClaimEvaluation {
  let claim: ReportClaim
  /// The figures of the claim, in order of appearance.
  private var terms: [Term] = []
  private let unit: FigureFormat

  private struct Term {
    var text: String
    var sample: Sample
    var format: FigureFormat
    var missing: Int
    var trials: Int
    /// Values by seed and question, where known for each seed.
    var questions: [QuestionValues]?
    /// Chosen by itself.
    var isOptimistic: Bool
  }
  /// Some figures are means over other settings of one study than others are.
  private let isMixed: Bool

  init(_ claim: ReportClaim, _ studies: [Figures]) {
    self.claim = claim
    var found: [Term] = []
    var groups: [Int: [[Int]]] = [:]
    for case .figure(let study, let trials, let metric, let moment, let text) in Self.figures(claim)
    where studies.indices.contains(study) {
      let figures = studies[study]
      let sample = figures.sample(trials, metric, moment)
      let isOptimistic = Figures.isOptimistic(metric, moment)
      let shown = metric.signature.unit == .count ? [sample.summary?.mean].compactMap(\.self) : sample.values
      let questions = isOptimistic ? [] : sample.seeds.compactMap { $0.questions() }
      found.append(
        Term(
          text: text, sample: sample, format: FigureFormat(metric.signature.unit, values: shown),
          missing: trials.count { figures.value($0, metric, moment) == nil }, trials: trials.count,
          questions: questions.count == sample.seeds.count && !questions.isEmpty ? questions : nil,
          isOptimistic: isOptimistic))
      groups[study, default: []].append(trials)
    }
    terms = found
    isMixed =
      groups.count == 1 && groups.contains { !Figures.mixedAxes($1, of: studies[$0].study).isEmpty }
    let units = Set(found.map(\.format.unit))
    let isScaled = Self.isScaled(claim.left) || Self.isScaled(claim.right)
    unit =
      units == [.share] && !isScaled
      ? FigureFormat(.share) : FigureFormat(.number, values: found.flatMap(\.sample.values))
  }

  /// The verdict with the figures that decided.
  var result: Claim {
    let listed = terms.map { term in
      let unit = term.format.unit == .share ? " %" : ""
      let mean = term.sample.summary.map { term.format.interval($0.mean, $0.halfWidth) + unit } ?? "unknown"
      return "\(term.text) = \(mean)"
    }.joined(separator: "; ")
    let missing = terms.reduce(0) { $0 + $1.missing }
    if missing > 0 || terms.contains(where: { $0.sample.seeds.isEmpty }) {
      let trials = terms.reduce(0) { $0 + $1.trials }
      return Claim(
        text: claim.text, verdict: .undecidable,
        detail: "\(missing) of \(trials) figures are missing or undefined; \(listed)")
    }
    let difference = self.difference(terms.map { $0.sample.summary?.mean ?? 0 })
    guard difference.isFinite else {
      return Claim(
        text: claim.text, verdict: .undecidable,
        detail: "a side of it is undefined, such as a division by 0; \(listed)")
    }
    let (interval, method) = interval(around: difference)
    let isTrue = holds(difference)
    let excludes = interval.map { isTrue && shows($0) && (exact ?? 0) <= 0.05 } ?? terms.isEmpty
    let inMean: Claim.Verdict = claim.withConfidence ? .isNotShown : .holdsInTheMean
    let verdict: Claim.Verdict = !isTrue ? .fails : excludes ? .holds : inMean
    var parts = [listed]
    parts.append(
      "\(hasBound ? "beyond the bound by" : "difference") \(unit.difference(difference))\(unit.differenceUnit)\(intervalText(interval))\(method)\(exact.map { "; McNemar’s exact test: p \(NumberFormat.pComparison($0))" } ?? "")"
    )
    if isMixed { parts.append("the figures are means over different settings") }
    if isTrue, !excludes {
      parts.append(
        claim.withConfidence
          ? "true of the means, but not with confidence"
          : interval == nil
            ? "true of the means" : "true of the means; the interval does not exclude the opposite")
    }
    return Claim(
      text: claim.text, verdict: verdict, detail: parts.filter { !$0.isEmpty }.joined(separator: "; "))
  }

  /// Whether a number is added to a side, or is one: what is told is then no difference of two figures.
  private var hasBound: Bool { Self.hasBound(claim.left) || Self.hasBound(claim.right) }

  private static func hasBound(_ expression: ClaimExpression) -> Bool {
    switch expression {
    case .number(let number): number != 0
    case .figure: false
    case .negate(let inner): hasBound(inner)
    case .binary(.multiply, _, _), .binary(.divide, _, _): isBare(expression)
    case .binary(_, let left, let right): hasBound(left) || hasBound(right)
    }
  }

  /// No figure in it.
  private static func isBare(_ expression: ClaimExpression) -> Bool { figures(expression).isEmpty }

  /// Whether an interval excludes the opposite. Equality is never shown by one; what it can show is that figures differ.
  private func shows(_ interval: ClosedRange<Double>) -> Bool {
    switch claim.comparison {
    case .equal: false
    case .notEqual: interval.lowerBound > 0 || interval.upperBound < 0
    default: holds(interval.lowerBound) && holds(interval.upperBound)
    }
  }

  private func intervalText(_ interval: ClosedRange<Double>?) -> String {
    interval.map {
      ", 95 % interval \(unit.difference($0.lowerBound)) to \(unit.difference($0.upperBound))"
    } ?? ""
  }

  /// Whether the comparison is true of a difference left − right.
  private func holds(_ difference: Double) -> Bool {
    // Sums in another order differ in the last bits; what is equal on paper is equal here.
    let difference = abs(difference) < 1e-12 ? 0 : difference
    return switch claim.comparison {
    case .less: difference < 0
    case .lessOrEqual: difference <= 0
    case .greater: difference > 0
    case .greaterOrEqual: difference >= 0
    case .equal: difference == 0
    case .notEqual: difference != 0
    case .add, .subtract, .multiply, .divide, .remainder, .and, .or: false
    }
  }

  private func difference(_ figures: [Double]) -> Double {
    var next = figures[...]
    let left = Self.value(claim.left, &next)
    return left - Self.value(claim.right, &next)
  }

  private static func value(_ expression: ClaimExpression, _ figures: inout ArraySlice<Double>) -> Double {
    switch expression {
    case .number(let number): return number
    case .figure: return figures.popFirst() ?? .nan
    case .negate(let inner): return -value(inner, &figures)
    case .binary(let operation, let left, let right):
      let left = value(left, &figures)
      let right = value(right, &figures)
      return switch operation {
      case .add: left + right
      case .subtract: left - right
      case .multiply: left * right
      case .divide: left / right
      case .remainder: left.truncatingRemainder(dividingBy: right)
      case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or: .nan
      }
    }
  }

  private static func figures(_ claim: ReportClaim) -> [ClaimExpression] {
    figures(claim.left) + figures(claim.right)
  }

  private static func figures(_ expression: ClaimExpression) -> [ClaimExpression] {
    switch expression {
    case .number: []
    case .figure: [expression]
    case .negate(let inner): figures(inner)
    case .binary(_, let left, let right): figures(left) + figures(right)
    }
  }

  /// Whether an expression multiplies or divides, so that its unit is no longer that of its figures.
  private static func isScaled(_ expression: ClaimExpression) -> Bool {
    switch expression {
    case .number, .figure: false
    case .negate(let inner): isScaled(inner)
    case .binary(let operation, let left, let right):
      ![.add, .subtract].contains(operation) || isScaled(left) || isScaled(right)
    }
  }

  // MARK: Intervals

  /// Of two figures of one seed whose answers are right or wrong, what tables test them by.
  private var exact: Double? {
    guard case .figure = claim.left, case .figure = claim.right, terms.count == 2,
      let left = terms[0].questions, let right = terms[1].questions, left.count == 1, right.count == 1,
      terms[0].sample.seeds.map(\.seed) == terms[1].sample.seeds.map(\.seed),
      left[0].identity == right[0].identity,
      (left[0].values + right[0].values).allSatisfy({ $0 == 0 || $0 == 1 })
    else { return nil }
    let pairs = zip(left[0].values, right[0].values)
    return mcNemar(pairs.count { $0 > $1 }, pairs.count { $0 < $1 })
  }

  private func interval(around difference: Double) -> (ClosedRange<Double>?, method: String) {
    guard let first = terms.first else { return (nil, "") }
    if terms.contains(where: \.isOptimistic) {
      return (nil, "; a figure at its own best iteration is optimistic, so nothing is tested")
    }
    let seeds = first.sample.seeds.map(\.seed)
    let isPaired = terms.allSatisfy { $0.sample.seeds.map(\.seed) == seeds }
    let asked = first.questions?.first
    let isSame = terms.allSatisfy { term in
      term.questions?.allSatisfy { $0.identity == asked?.identity } ?? false
    }
    if isPaired, isSame, let questions = asked?.values.count,
      let crossed = CrossedInterval(influence(seeds: seeds.count, questions: questions)),
      crossed.standardError.isFinite
    {
      let what =
        seeds.count > 1
        ? "\(seeds.count) seeds and \(questions) questions" : "\(questions) questions of one seed"
      let half = (crossed.interval.upperBound - crossed.interval.lowerBound) / 2
      if half < 1e-12, abs(difference) > 1e-12, exact == nil {
        return (nil, "; it is the same for every question, so nothing says how much it varies")
      }
      return ((difference - half)...(difference + half), " (Student’s t over \(what), paired)")
    }
    return jackknife(around: difference, seeds: isPaired ? seeds.count : nil)
  }

  /// What each seed's answer to each question adds to the difference, to first order (the delta method): exact for sums and
  /// differences of figures, near enough for ratios of figures far from 0.
  private func influence(seeds: Int, questions: Int) -> [[Double]] {
    let means = terms.map { $0.sample.summary?.mean ?? 0 }
    var rows = [[Double]](repeating: [Double](repeating: 0, count: questions), count: seeds)
    for (index, term) in terms.enumerated() {
      let step = max(abs(means[index]), 1e-3) * 1e-4
      var above = means
      var below = means
      above[index] += step
      below[index] -= step
      let slope = (difference(above) - difference(below)) / (2 * step)
      for (seed, asked) in (term.questions ?? []).enumerated() {
        for (question, value) in asked.values.enumerated() {
          rows[seed][question] += slope * (value - means[index])
        }
      }
    }
    return rows
  }

  /// Student's t over seeds by the jackknife: for sums and differences of figures exactly the paired interval.
  ///
  /// Studies with other seeds are left out one seed at a time as well, and their variances added.
  private func jackknife(around difference: Double, seeds: Int?) -> (ClosedRange<Double>?, method: String) {
    var groups: [[Int]] = []
    for (index, term) in terms.enumerated() {
      let key = term.sample.seeds.map(\.seed)
      if let place = groups.firstIndex(where: { terms[$0[0]].sample.seeds.map(\.seed) == key }) {
        groups[place].append(index)
      } else {
        groups.append([index])
      }
    }
    var variance = 0.0
    var freedom = Int.max
    for group in groups {
      let count = terms[group[0]].sample.seeds.count
      guard count > 1 else { return (nil, "; one seed, so nothing says how much it varies") }
      let without = (0..<count).map { left -> Double in
        self.difference(
          terms.indices.map { term in
            var values = terms[term].sample.seeds.map { $0.value ?? 0 }
            if group.contains(term) { values.remove(at: left) }
            return values.reduce(0, +) / Double(values.count)
          })
      }
      let mean = without.reduce(0, +) / Double(count)
      variance +=
        without.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } * Double(count - 1) / Double(count)
      freedom = min(freedom, count - 1)
    }
    let half = StudentT.quantile(0.975, degreesOfFreedom: freedom) * variance.squareRoot()
    guard half.isFinite else { return (nil, "") }
    if half < 1e-12, abs(difference) > 1e-12 {
      return (nil, "; it is the same with every seed, so nothing says how much it varies")
    }
    let what = seeds.map { "Student’s t over \($0) seeds, paired" } ?? "Student’s t over seeds, not paired"
    return ((difference - half)...(difference + half), " (\(what))")
  }
}

extension Claim.Verdict {
  var mark: String {
    switch self {
    case .holds, .holdsInTheMean: "✓"
    case .fails, .isNotShown: "✗"
    case .undecidable: "?"
    }
  }

  var words: String {
    switch self {
    case .holds: "holds"
    case .holdsInTheMean: "holds in the mean"
    case .fails: "does not hold"
    case .isNotShown: "is not shown"
    case .undecidable: "cannot be decided yet"
    }
  }
}
