import Foundation
import Host
import Testing

/// How often nominal 95 % intervals hold the true value, with few seeds: the figures of decision 0005.
///
/// A question is answered rightly with a probability of its own, between 0.2 and 0.8; a seed moves all of them by a normal
/// deviation. The true value is that of all seeds and all questions.
enum CoverageSimulation {
  static let methods = [
    "t over seeds", "seeds resampled", "seeds and questions resampled", "the same, widened", "crossed, t",
  ]

  struct Setting {
    var seeds: Int
    var questions: Int
    /// Standard deviation between seeds, a share.
    var deviation: Double
    /// Whether it is about the difference of two variants on the same questions, or about one variant.
    var isDifference: Bool
  }

  /// For each method the share of intervals that hold the true value, and their mean width in points.
  /// Without `resampling` the two methods that draw questions again, which take long, are left empty.
  static func coverage(_ setting: Setting, repetitions: Int, resampling: Bool = true) -> [(
    covered: Double, width: Double
  )] {
    var covered = [Int](repeating: 0, count: methods.count)
    var widths = [Double](repeating: 0, count: methods.count)
    var generator = HashGenerator("\(setting)")
    for repetition in 0..<repetitions {
      let rows = sample(setting, &generator)
      let truth = setting.isDifference ? 0 : 0.5
      let intervals = intervals(rows, label: "\(setting) \(repetition)", resampling: resampling)
      for (index, interval) in intervals.enumerated() {
        covered[index] += interval.contains(truth) ? 1 : 0
        widths[index] += (interval.upperBound - interval.lowerBound) * 100
      }
    }
    return methods.indices.map {
      (Double(covered[$0]) / Double(repetitions), widths[$0] / Double(repetitions))
    }
  }

  private static func intervals(_ rows: [[Double]], label: String, resampling: Bool) -> [ClosedRange<Double>]
  {
    let means = rows.map { $0.reduce(0, +) / Double($0.count) }
    let center = means.reduce(0, +) / Double(means.count)
    let half = Summary(means)?.halfWidth ?? .infinity
    var generator = HashGenerator(label)
    let seeds = (0..<1000).map { _ in
      means.indices.reduce(0) { sum, _ in sum + means[generator.index(below: means.count)] }
        / Double(means.count)
    }.sorted()
    let widening = (Double(rows.count) / Double(rows.count - 1)).squareRoot()
    return [
      (center - half)...(center + half), seeds[25]...seeds[974],
      resampling ? resampled(rows, widening: 1, &generator) : .infinity ... .infinity,
      resampling ? resampled(rows, widening: widening, &generator) : .infinity ... .infinity,
      CrossedInterval(rows)?.interval ?? 0...0,
    ]
  }

  /// Percentiles after drawing seeds and questions again.
  private static func resampled(
    _ rows: [[Double]], widening: Double, _ generator: inout HashGenerator
  ) -> ClosedRange<Double> {
    let questions = rows[0].count
    var draws: [Double] = []
    var sums = [Double](repeating: 0, count: rows.count)
    for _ in 0..<1000 {
      for seed in rows.indices { sums[seed] = 0 }
      for _ in 0..<questions {
        let question = generator.index(below: questions)
        for seed in rows.indices { sums[seed] += rows[seed][question] }
      }
      let center = sums.reduce(0, +) / Double(sums.count)
      var drawn = 0.0
      for _ in rows.indices { drawn += sums[generator.index(below: rows.count)] - center }
      draws.append((center + widening * drawn / Double(rows.count)) / Double(questions))
    }
    draws.sort()
    return draws[25]...draws[974]
  }

  private static func sample(_ setting: Setting, _ generator: inout HashGenerator) -> [[Double]] {
    let difficulty = (0..<setting.questions).map { _ in 0.2 + 0.6 * uniform(&generator) }
    func answers() -> [Double] {
      let shift = setting.deviation * normal(&generator)
      return difficulty.map { uniform(&generator) < $0 + shift ? 1 : 0 }
    }
    return (0..<setting.seeds).map { _ in
      let first = answers()
      return setting.isDifference ? zip(first, answers()).map { $0 - $1 } : first
    }
  }

  private static func uniform(_ generator: inout HashGenerator) -> Double {
    Double(generator.next() >> 11) * 0x1p-53
  }

  private static func normal(_ generator: inout HashGenerator) -> Double {
    (-2 * log(1 - uniform(&generator))).squareRoot() * cos(2 * .pi * uniform(&generator))
  }

  static func table(repetitions: Int) -> String {
    var lines = ["| of | seeds | deviation | " + methods.joined(separator: " | ") + " |"]
    for isDifference in [false, true] {
      for seeds in [3, 5] {
        for deviation in [0, 0.01, 0.02, 0.05] {
          let found = coverage(
            Setting(seeds: seeds, questions: 500, deviation: deviation, isDifference: isDifference),
            repetitions: repetitions)
          let cells = found.map { String(format: "%.1f (%.1f)", $0.covered * 100, $0.width) }
          lines.append(
            "| \(isDifference ? "difference" : "mean") | \(seeds) | \(Int(deviation * 100)) | \(cells.joined(separator: " | ")) |"
          )
        }
      }
    }
    return lines.joined(separator: "\n")
  }
}

@Suite(.enabled(if: ProcessInfo.processInfo.environment["BENCH"] == "1")) struct CoverageBenchmark {
  @Test func `coverage of intervals with few seeds`() {
    print(CoverageSimulation.table(repetitions: 1500))
  }
}

/// Random numbers that are a function of a fixed text and a counter, so that a table repeats.
struct HashGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ text: String) {
    // FNV-1a over the text; the finalizer of SplitMix64 below spreads it.
    state = text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to `bound`, without it; the bias for bounds this small is below 2⁻³⁰.
  mutating func index(below bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}
