import Host
import Testing

@Suite struct StatisticsTests {
  /// Table values of Student's t, 97.5 %.
  @Test(arguments: [
    (1, 12.7062), (2, 4.30265), (3, 3.18245), (4, 2.77645), (5, 2.57058), (9, 2.26216), (30, 2.04227),
  ])
  func `quantiles of t are those of the tables`(freedom: Int, expected: Double) {
    #expect(abs(StudentT.quantile(0.975, degreesOfFreedom: freedom) - expected) < 5e-5)
  }

  @Test func `the interval of three seeds is the one worked out by hand`() throws {
    let summary = try #require(Summary([0.46, 0.50, 0.48]))
    #expect(abs(summary.mean - 0.48) < 1e-12)
    #expect(abs((summary.deviation ?? 0) - 0.02) < 1e-12)
    #expect(abs((summary.halfWidth ?? 0) - 4.30265 * 0.02 / 3.0.squareRoot()) < 1e-6)
  }

  @Test func `one seed has no interval and none has no mean`() throws {
    #expect(Summary([]) == nil)
    #expect(try #require(Summary([0.5])).halfWidth == nil)
    #expect(try #require(Summary([0.1, 0.1, 0.1])).deviation == 0)
  }

  @Test func `the curve of the paper has its deviation over iterations`() {
    let curve = [0.348, 0.364, 0.376, 0.374, 0.374, 0.376, 0.374, 0.384, 0.346, 0.352, 0.368]
    #expect(abs(populationDeviation(curve) - 0.0122) < 5e-5)
  }

  /// Binomial tails summed by hand: 1 of 6 is (1 + 6) / 64 on one side.
  @Test func `the exact test of McNemar sums binomial tails`() {
    #expect(abs(mcNemar(1, 5) - 14.0 / 64) < 1e-12)
    #expect(abs(mcNemar(0, 10) - 2.0 / 1024) < 1e-12)
    #expect(mcNemar(3, 3) == 1)
    #expect(mcNemar(0, 0) == 1)
    #expect(abs(mcNemar(400, 600) - mcNemar(600, 400)) < 1e-15)
    #expect(mcNemar(400, 600) < 1e-9 && mcNemar(400, 600) > 0)
  }

  @Test func `Holm multiplies by how many are left, and never falls`() {
    let adjusted = holmAdjusted([0.01, nil, 0.04, 0.03])
    let expected: [Double?] = [0.03, nil, 0.06, 0.06]
    for (found, wanted) in zip(adjusted, expected) {
      #expect((found == nil) == (wanted == nil))
      #expect(abs((found ?? 0) - (wanted ?? 0)) < 1e-12)
    }
  }

  /// Three seeds that agree on 400 questions: the standard error is ½ / √400, corrected for the sample.
  @Test func `where seeds agree, only questions count`() throws {
    let row = (0..<400).map { Double($0 % 2) }
    let crossed = try #require(CrossedInterval([row, row, row]))
    #expect(abs(crossed.standardError - 0.5 / 399.0.squareRoot()) < 1e-12)
    #expect(crossed.mean == 0.5 && crossed.degreesOfFreedom == 399)
  }

  @Test func `where questions agree, only seeds count`() throws {
    let rows = [0.46, 0.50, 0.48].map { [Double](repeating: $0, count: 50) }
    let crossed = try #require(CrossedInterval(rows))
    let plain = try #require(Summary([0.46, 0.50, 0.48]))
    #expect(crossed.degreesOfFreedom == 2)
    #expect(abs((crossed.interval.upperBound - crossed.mean) - (plain.halfWidth ?? 0)) < 1e-9)
  }

  /// Mean squares worked out by hand: seeds 1, questions 4, rest 0; variance (1 + 4 − 0) / 4.
  @Test func `two seeds and two questions are those worked out by hand`() throws {
    let crossed = try #require(CrossedInterval([[1, 3], [2, 4]]))
    #expect(crossed.mean == 2.5)
    #expect(abs(crossed.standardError - (5.0 / 4).squareRoot()) < 1e-12)
  }

  @Test func `a single value has no interval`() {
    #expect(CrossedInterval([[1]]) == nil)
    #expect(CrossedInterval([]) == nil)
    #expect(CrossedInterval([[1, 2], [1]]) == nil)
    #expect(CrossedInterval([[0, 0], [0, 0]])?.p == 1)
    #expect(CrossedInterval([[1, 1], [1, 1]])?.p == 0)
  }

  /// The figures of decision 0005 in small: with three seeds that vary, the chosen interval covers, resampled seeds do not.
  @Test func `the chosen interval holds the true value about as often as it says`() {
    let found = CoverageSimulation.coverage(
      .init(seeds: 3, questions: 60, deviation: 0.1, isDifference: true), repetitions: 300,
      resampling: false)
    #expect(found[1].covered < 0.85, "seeds resampled")
    #expect(found[4].covered > 0.91, "crossed, t")
  }
}
