import DSL
import Testing

@Suite struct LargeStudyTests {
  /// Ten thousand trials in a release build; a tenth of them where nothing is optimized.
  #if DEBUG
    private static let seeds = 1
  #else
    private static let seeds = 10
  #endif

  @Test func `a study of ten thousand trials is planned whole`() throws {
    var compilation: Compilation?
    // 2 × 2 × 2 × 25 × 5 variants
    let time = ContinuousClock().measure {
      compilation = StaSCPlanTests.plan(
        """
        vary initialization in [fixed, evolving]
        vary filter in [improving, non_decreasing]
        vary fine_tuning in [fixed, evolving]
        vary initial_samples in 1...25
        vary correction_samples in 1...5
        seeds 1...\(Self.seeds)
        """)
    }
    let plan = try #require(compilation?.plan)
    let study = plan.studies[0]
    #expect(study.trials.count == 1000 * Self.seeds)
    #expect(study.trials.allSatisfy { $0.logs.count == 3 + 5 * 4 })
    #expect(Set(study.trials.map(\.settings)).count == 1000)
    // Task and base model are one for all trials. Each seed measures the base model both ways (12). Each seed and number of
    // first answers samples them once from the base; with the number of corrections, iterations 1 to 5 are as in
    // `StaSCPlanTests`, without the first answers of the base.
    #expect(plan.steps.count == 2 + Self.seeds * (12 + 25 * (1 + 5 * (25 + 58 + 216))))
    print("\(study.trials.count) trials, \(plan.steps.count) steps, planned in \(time)")
  }
}
