import DSL
import Testing

@Suite struct LargeStudyTests {
  @Test func `a study of ten thousand trials is planned whole`() throws {
    let clock = ContinuousClock()
    var compilation: Compilation?
    // 2 × 2 × 2 × 25 × 5 × 10 seeds
    let time = clock.measure {
      compilation = StaSCPlanTests.plan(
        """
        vary initialization in [fixed, evolving]
        vary filter in [improving, non_decreasing]
        vary fine_tuning in [fixed, evolving]
        vary initial_samples in 1...25
        vary correction_samples in 1...5
        seeds 1...10
        """)
    }
    let plan = try #require(compilation?.plan)
    let study = plan.studies[0]
    #expect(study.trials.count == 10_000)
    #expect(study.trials.allSatisfy { $0.logs.count == 3 + 5 * 4 })
    #expect(Set(study.trials.map(\.settings)).count == 1000)
    // Task and base model are one for all trials. Each seed evaluates the base model three times. Each seed and number of
    // first answers samples them once from the base; with the number of corrections, iterations 1 to 5 are as in
    // `StaSCPlanTests`, without the first answers of the base.
    #expect(plan.steps.count == 2 + 10 * (3 + 25 * (1 + 5 * (13 + 46 + 180))))
    #if !DEBUG
      print("10,000 trials, \(plan.steps.count) steps, planned in \(time)")
    #endif
  }
}
