import DSL
import Host
import Testing

@Suite struct TableTests {
  private let fixture = ReportFixture.filtered
  private let values = [0.46, 0.50, 0.48, 0.55, 0.60, 0.59]

  @Test func `a table shows means, intervals and differences in points`() {
    let report = fixture.report(
      [fixture.table(baseline: [0, 1, 2])], fixture.results { trial, _, _ in values[trial] })
    #expect(report.markdown.contains("| filter | accuracy_2, % ↑ |\n| :-- | --: |\n| off | 48.0 ± 5.0 |\n"))
    #expect(report.markdown.contains("| on | **58.0 ± 6.6** (+10.0\\*) |"))
    #expect(report.markdown.contains("| on | accuracy_2 | +10.0 points | +7.5 to +12.5 | 0.003 | 0.003 |"))
    #expect(report.markdown.contains("Student’s t over 3 seeds: 1, 2, 3"))
  }

  @Test func `a report begins with its stamp and keeps the document around what cells gave`() {
    let report = fixture.report([fixture.table()], fixture.results { trial, _, _ in values[trial] })
    #expect(
      report.markdown.hasPrefix(
        "<!-- emend report of plan 0 -->\n# A study\n\n```recipe\nstudy\n```\n\n| filter |"))
    #expect(report.markdown.hasSuffix("</sub>\n\nThe end.\n"))
  }

  @Test func `the order of results in a dictionary changes no byte`() {
    var wide = ReportFixture(axes: [("filter", (0..<6).map { PlanValue.int($0) })], iterations: 4)
    wide.metrics = ["a", "b", "c"].map { ReportFixture.metric($0) }
    let items = [wide.table(baseline: [0, 1, 2]), wide.plot(color: 0)]
    func value(_ trial: Int, _ metric: String, _ iteration: Int) -> Double {
      let mixed = trial * 7 + metric.utf8.reduce(0) { $0 + Int($1) } * 3 + iteration * 5
      return Double(mixed % 17) / 17
    }
    let first = wide.report(items, wide.results(value: value))
    for reserve in [10, 100, 1000] {
      var results = wide.results(value: value)
      for trial in results.trials.indices {
        var figures: [FigureKey: Double] = [:]
        figures.reserveCapacity(reserve)
        for (key, value) in results.trials[trial].figures.reversed() { figures[key] = value }
        results.trials[trial].figures = figures
      }
      let again = wide.report(items, results)
      #expect(again.markdown == first.markdown)
      #expect(again.files.map(\.path) == first.files.map(\.path))
      #expect(again.files.map(\.bytes) == first.files.map(\.bytes))
    }
  }

  @Test func `the order in which a table names its trials changes no number`() {
    let results = fixture.results { trial, _, _ in values[trial] }
    let ordered = fixture.report([fixture.table(baseline: [0, 1, 2])], results)
    let shuffled = fixture.report(
      [
        .table(
          ReportTable(
            study: 0, rows: [0], columns: fixture.metrics, moment: .last, baseline: [2, 0, 1],
            trials: [5, 0, 3, 2, 4, 1]))
      ], results)
    #expect(shuffled.markdown == ordered.markdown)
  }

  @Test func `holes are counted, and rows without figures are dashes`() {
    var results = fixture.results { trial, _, _ in trial == 1 || trial > 2 ? nil : values[trial] }
    results.trials[4].status = .failed("out of | memory")
    results.trials[1].status = .missing
    let report = fixture.report([.study(index: 0), fixture.table(baseline: [0, 1, 2])], results)
    #expect(report.markdown.contains("| off | 47.0 ± 12.7 (2/3 seeds) |"))
    #expect(report.markdown.contains("| on | – (0/3 seeds) |"))
    #expect(report.markdown.contains("- failed: out of \\| memory"))
    #expect(report.markdown.contains("**4 finished**"))
  }

  @Test func `nothing computed yet still gives a report`() {
    var results = fixture.results { _, _, _ in nil }
    for trial in results.trials.indices { results.trials[trial].status = .missing }
    results.trials.removeLast()
    let report = fixture.report(
      [fixture.table(baseline: [0, 1, 2]), fixture.plot(), fixture.plot(x: .axis(0)), fixture.claim()],
      results)
    #expect(report.claims.map(\.verdict) == [.undecidable])
    #expect(
      report.markdown.contains("? **variant 1 \\&gt; variant 0**")
        || report.markdown.contains("? **variant 1 &gt; variant 0**"))
    #expect(report.file("figures/variants-accuracy_2-by-iteration.svg")?.contains("no figures yet") == true)
  }

  @Test func `one seed has no interval, and says so`() {
    var single = fixture
    single.seeds = [7]
    let report = single.report(
      [single.table(baseline: [0])], single.results { trial, _, _ in trial == 0 ? 0.4 : 0.5 })
    #expect(report.markdown.contains("| off | 40.0 |\n| on | **50.0** (+10.0) |"))
    #expect(report.markdown.contains("One seed (7): nothing says how much figures vary between seeds."))
  }

  @Test func `one seed with right and wrong answers is tested by McNemar`() {
    var single = fixture
    single.seeds = [1]
    // Of eight questions six are right only with the filter on: p = 2 / 64.
    let off: [Double] = [0, 0, 0, 0, 0, 0, 1, 0]
    let on: [Double] = [1, 1, 1, 1, 1, 1, 1, 0]
    let results = single.results(
      questions: { trial, _ in trial == 0 ? off : on },
      value: { trial, _, _ in trial == 0 ? 1.0 / 8 : 7.0 / 8 })
    let report = single.report([single.table(baseline: [0])], results)
    #expect(report.markdown.contains("McNemar’s exact test"))
    #expect(report.markdown.contains("| 0.031 | 0.031 |"))
    #expect(report.markdown.contains("1 seed, 8 questions"))
  }

  @Test func `seeds that agree exactly give intervals of no width, and no test`() {
    let report = fixture.report(
      [fixture.table(baseline: [0, 1, 2])], fixture.results { trial, _, _ in trial < 3 ? 0.25 : 0.5 })
    #expect(report.markdown.contains("| off | 25.0 ± 0.0 |"))
    #expect(report.markdown.contains("**50.0 ± 0.0** (+25.0)"))
  }

  @Test func `a metric chosen by itself is not tested, and says so`() {
    let values = [0.25, 0.26, 0.24, 0.50, 0.55, 0.45]
    let results = fixture.results { trial, _, _ in values[trial] }
    let last = fixture.report([fixture.table(baseline: [0, 1, 2])], results).markdown
    #expect(last.contains("\\*") && last.contains("Tests against"))
    let chosen = fixture.report(
      [fixture.table(moment: .best(metric: ReportFixture.accuracy.name), baseline: [0, 1, 2])], results
    ).markdown
    #expect(chosen.contains("itself, which is optimistic") && !chosen.contains("Tests against"))
  }

  @Test func `each metric at its own best gives maximum and deviation over iterations (golden check 8)`() {
    var curve = ReportFixture()
    curve.seeds = [1]
    curve.iterations = 10
    let figures = [0.348, 0.364, 0.376, 0.374, 0.374, 0.376, 0.374, 0.384, 0.346, 0.352, 0.368]
    let report = curve.report(
      [curve.table(moment: .eachBest)], curve.results { _, _, iteration in figures[iteration] })
    #expect(report.markdown.contains("| 38.4 ± 1.2 |"))
    #expect(report.markdown.contains("optimistic"))
    #expect(report.file("tables/variants.csv")?.contains("0.384,,,0.012") == true)
  }

  @Test func `the best iteration is chosen by the metric's direction, the earliest of equals`() {
    var curve = ReportFixture()
    curve.seeds = [1]
    curve.iterations = 3
    curve.metrics = [
      ReportFixture.metric("loss", .lowerIsBetter, .number), ReportFixture.metric("steps", .neither, .count),
    ]
    let loss = [3.0, 1.0, 1.0, 2.0]
    let report = curve.report(
      [curve.table(moment: .best(metric: "loss"))],
      curve.results { _, metric, iteration in metric == "loss" ? loss[iteration] : Double(iteration * 10) })
    #expect(report.markdown.contains("| loss ↓ | steps |"))
    #expect(report.markdown.contains("| 1.000 | 10 |"))
  }

  @Test func `what cannot be told from the best is bold with it`() {
    var three = ReportFixture(axes: [("filter", [.choice("a"), .choice("b"), .choice("c")])])
    three.seeds = [1, 2, 3, 4]
    let noise = [0.00, 0.03, -0.02, 0.01]
    let results = three.results { trial, _, _ in
      let seed = trial % 4
      return switch trial / 4 {
      case 0: 0.60 + noise[seed]
      case 1: 0.595 - noise[seed]
      default: 0.30 + noise[seed] / 4
      }
    }
    let report = three.report([three.table()], results)
    #expect(report.markdown.contains("| a | **60.5"))
    #expect(report.markdown.contains("| b | **59.0"))
    #expect(report.markdown.contains("| c | 30.1"))
  }

  @Test func `tables for other tools carry full precision and the same cells`() throws {
    let report = fixture.report(
      [fixture.table(baseline: [0, 1, 2])], fixture.results { trial, _, _ in values[trial] })
    let csv = try #require(report.file("tables/variants.csv"))
    #expect(csv.hasPrefix("filter,metric,unit,seeds,seeds_planned,mean,sd,half_width_95,"))
    #expect(csv.split(separator: "\n").count == 3)
    let latex = try #require(report.file("tables/variants.tex"))
    #expect(
      latex.contains("  off & 48.0 $\\pm$ 5.0 \\\\\n  on & \\textbf{58.0 $\\pm$ 6.6} (+10.0$^*$) \\\\\n"))
    let json = try #require(report.file("tables/variants.json"))
    #expect(
      json.contains(
        "{\"settings\": {\"filter\": \"on\"}, \"metric\": \"accuracy_2\", \"unit\": \"share\", \"seeds\": 3"))
  }
}
