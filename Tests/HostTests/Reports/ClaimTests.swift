import DSL
import Host
import Testing

@Suite struct ClaimTests {
  private let fixture = ReportFixture.filtered

  private func claim(
    _ values: [Double?], _ comparison: BinaryOperator = .greater, withConfidence: Bool = false
  ) -> Claim? {
    fixture.report(
      [fixture.claim(comparison, withConfidence: withConfidence)],
      fixture.results { trial, _, _ in values[trial] }
    ).claims.first
  }

  @Test func `a clear difference holds, with the figures that decided`() {
    let claim = claim([0.46, 0.50, 0.48, 0.55, 0.60, 0.59])
    #expect(claim?.verdict == .holds)
    #expect(
      claim?.detail
        == "variant 1 = 58.0 ± 6.6 %; variant 0 = 48.0 ± 5.0 %; difference +10.0 points, 95 % interval +7.5 to +12.5 (Student’s t over 3 seeds, paired)"
    )
  }

  @Test func `a difference within the noise holds in the mean only, and fails if confidence was asked for`() {
    let noisy: [Double?] = [0.40, 0.60, 0.50, 0.60, 0.45, 0.55]
    #expect(claim(noisy)?.verdict == .holdsInTheMean)
    #expect(
      claim(noisy)?.detail.hasSuffix("true of the means; the interval does not exclude the opposite") == true)
    #expect(claim(noisy, withConfidence: true)?.verdict == .isNotShown)
  }

  @Test func `what is not so fails`() {
    #expect(claim([0.55, 0.60, 0.59, 0.46, 0.50, 0.48])?.verdict == .fails)
    #expect(claim([0.5, 0.5, 0.5, 0.5, 0.5, 0.5])?.verdict == .fails)
    #expect(claim([0.5, 0.5, 0.5, 0.5, 0.5, 0.5], .greaterOrEqual)?.verdict == .holds)
    #expect(claim([0.1, 0.2, 0.3, 0.3, 0.2, 0.1], .notEqual)?.verdict == .fails)
  }

  @Test func `figures differ where the interval excludes that they are equal, and equality is never shown`() {
    let noisy: [Double?] = [0.40, 0.60, 0.50, 0.60, 0.45, 0.55]
    #expect(claim(noisy, .notEqual, withConfidence: true)?.verdict == .isNotShown)
    #expect(claim(noisy, .notEqual)?.verdict == .holdsInTheMean)
    #expect(
      claim([0.46, 0.50, 0.48, 0.55, 0.60, 0.59], .notEqual, withConfidence: true)?.verdict == .holds)
    let equal: [Double?] = [0.1, 0.2, 0.3, 0.3, 0.2, 0.1]
    #expect(claim(equal, .equal, withConfidence: true)?.verdict == .isNotShown)
    #expect(claim(equal, .equal)?.verdict == .holdsInTheMean)
  }

  @Test func `a difference that is the same with every seed says nothing of how much it varies`() {
    // Powers of two, so that the differences are the same to the last bit.
    let claim = claim([0.25, 0.5, 0.125, 0.5, 0.75, 0.375], withConfidence: true)
    #expect(claim?.verdict == .isNotShown)
    #expect(claim?.detail.contains("the same with every seed") == true, "\(claim?.detail ?? "")")
  }

  @Test func `a figure chosen by itself is not tested`() {
    for moment in [ReportMoment.eachBest, .best(metric: ReportFixture.accuracy.name)] {
      let report = fixture.report(
        [fixture.claim(withConfidence: true, moment: moment)],
        fixture.results { trial, _, _ in [0.46, 0.50, 0.48, 0.75, 0.80, 0.79][trial] })
      #expect(report.claims.first?.verdict == .isNotShown)
      #expect(report.claims.first?.detail.contains("optimistic") == true)
    }
  }

  @Test func `a bound is told as a bound`() {
    let figure = ClaimExpression.figure(
      study: 0, trials: [3, 4, 5], metric: ReportFixture.accuracy, moment: .last, text: "v1")
    let claim = ReportClaim(
      left: figure, comparison: .greaterOrEqual, right: .number(0.5), withConfidence: true, text: "v1 >= 0.5")
    let report = fixture.report(
      [.claim(claim)], fixture.results { trial, _, _ in [0, 0, 0, 0.55, 0.60, 0.59][trial] })
    #expect(report.claims.first?.verdict == .holds)
    #expect(report.claims.first?.detail.contains("beyond the bound by +8.0 points") == true)
  }

  @Test func `figures about other questions are paired by seed, not by question`() {
    let off = (0..<200).map { Double($0 % 4 == 0 ? 1 : 0) }
    let on = (0..<200).map { Double($0 % 2 == 0 ? 1 : 0) }
    func detail(_ sources: @escaping @Sendable (Int) -> String) -> String {
      var results = fixture.results { trial, _, _ in trial < 3 ? 0.25 : 0.5 + Double(trial) / 100 }
      for trial in results.trials.indices {
        results.trials[trial].perQuestion = { _ in
          QuestionValues(
            identity: .init(sources: [sources(trial)], numbers: Array(0..<200)), values: trial < 3 ? off : on)
        }
      }
      return fixture.report([fixture.claim()], results).claims.first?.detail ?? ""
    }
    #expect(detail { _ in "test" }.contains("over 3 seeds and 200 questions, paired"))
    #expect(detail { $0 < 3 ? "easy.test" : "hard.test" }.contains("over 3 seeds, paired"))
  }

  @Test func `missing figures leave a claim undecided`() {
    let claim = claim([0.46, nil, 0.48, 0.55, 0.60, nil])
    #expect(claim?.verdict == .undecidable)
    #expect(claim?.detail.hasPrefix("2 of 6 figures are missing or undefined") == true)
    #expect(self.claim([nil, nil, nil, 0.1, 0.1, 0.1])?.detail.contains("variant 0 = unknown") == true)
    #expect(self.claim([nil, nil, nil, 0.1, 0.1, 0.1])?.detail.contains("unknown %") == false)
  }

  @Test func `one seed decides by its questions`() {
    var single = fixture
    single.seeds = [1]
    let off = (0..<200).map { Double($0 % 4 == 0 ? 1 : 0) }
    let on = (0..<200).map { Double($0 % 2 == 0 ? 1 : 0) }
    let report = single.report(
      [single.claim(withConfidence: true)],
      single.results(
        questions: { trial, _ in trial == 0 ? off : on }, value: { trial, _, _ in trial == 0 ? 0.25 : 0.5 }))
    #expect(report.claims.first?.verdict == .holds)
    #expect(
      report.claims.first?.detail.contains("(Student’s t over 200 questions of one seed, paired)") == true)
  }

  @Test func `one seed without questions cannot show confidence`() {
    var single = fixture
    single.seeds = [1]
    let results = single.results { trial, _, _ in trial == 0 ? 0.25 : 0.5 }
    #expect(single.report([single.claim()], results).claims.first?.verdict == .holdsInTheMean)
    #expect(
      single.report([single.claim(withConfidence: true)], results).claims.first?.verdict == .isNotShown)
  }

  @Test func `a ratio has an interval and no points`() {
    let figure = { (variant: Int) in
      ClaimExpression.figure(
        study: 0, trials: Array((variant * 3)..<(variant * 3 + 3)), metric: ReportFixture.accuracy,
        moment: .last,
        text: "v\(variant)")
    }
    let ratio = ReportClaim(
      left: .binary(.divide, figure(1), figure(0)), comparison: .greater, right: .number(1.5),
      withConfidence: true,
      text: "ratio")
    let values = [0.20, 0.21, 0.19, 0.40, 0.41, 0.39]
    let report = fixture.report([.claim(ratio)], fixture.results { trial, _, _ in values[trial] })
    #expect(report.claims.first?.verdict == .holds)
    #expect(report.claims.first?.detail.contains("beyond the bound by +0.500, 95 % interval +0.") == true)
  }

  @Test func `a division by nothing is undecided`() {
    let zero = ReportClaim(
      left: .binary(.divide, .number(1), .number(0)), comparison: .greater, right: .number(0),
      withConfidence: false,
      text: "1 / 0 > 0")
    #expect(
      fixture.report([.claim(zero)], fixture.results { _, _, _ in 0.5 }).claims.first?.verdict == .undecidable
    )
  }
}
