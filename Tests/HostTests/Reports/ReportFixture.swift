import DSL
import Host

/// A study with results that a test makes up, and the report of it.
struct ReportFixture {
  var axes: [(name: String, values: [PlanValue])] = []
  var seeds: [Int] = [1, 2, 3]
  var metrics: [LoggedMetric] = [Self.accuracy]
  var iterations: Int = 0
  var name = "variants"
  var source = "# A study\n\n```recipe\nstudy\n```\n\nThe end.\n"

  static let accuracy = metric("accuracy_2")

  static func metric(
    _ name: String, _ direction: MetricSignature.Direction = .higherIsBetter,
    _ unit: MetricSignature.Unit = .share
  ) -> LoggedMetric {
    LoggedMetric(
      prefix: nil, signature: MetricSignature(name: name, summary: "", direction: direction, unit: unit))
  }

  /// One axis `filter` with two values.
  static let filtered = ReportFixture(axes: [("filter", [.choice("off"), .choice("on")])])

  var span: Span { Span(document: 0, start: 12, end: 20) }

  var study: Study {
    var variants: [[PlanValue]] = [[]]
    for axis in axes { variants = variants.flatMap { variant in axis.values.map { variant + [$0] } } }
    let logs = (0...iterations).map {
      LoggedValue(iteration: $0, name: nil, value: .step(StepID($0), fields: []))
    }
    return Study(
      name: name, algorithm: "stasc", documentation: [],
      axes: axes.enumerated().map {
        Axis(name: $1.name, values: $1.values, group: $0, documentation: [], span: span)
      },
      seeds: seeds, metrics: metrics,
      trials: variants.flatMap { variant in
        seeds.map { Trial(settings: variant, seed: $0, logs: logs, result: .none, steps: []) }
      },
      span: span)
  }

  /// Every trial finished, with the figure that `value` gives for its index, metric and iteration.
  func results(
    questions: (@Sendable (Int, FigureKey) -> [Double]?)? = nil, value: (Int, String, Int) -> Double?
  ) -> StudyResults {
    let study = study
    return StudyResults(
      study: study,
      trials: study.trials.indices.map { trial in
        var figures: [FigureKey: Double] = [:]
        for metric in metrics {
          for iteration in 0...iterations {
            let key = FigureKey(iteration: iteration, metric: metric.name)
            figures[key] = value(trial, metric.name, iteration)
          }
        }
        return TrialOutcome(status: .finished, figures: figures) { key in
          questions?(trial, key).map {
            QuestionValues(identity: .init(sources: ["test"], numbers: Array($0.indices)), values: $0)
          }
        }
      })
  }

  func table(
    rows: [Int]? = nil, moment: ReportMoment = .last, baseline: [Int]? = nil
  ) -> ReportItem.Kind {
    .table(
      ReportTable(
        study: 0, rows: rows ?? Array(axes.indices), columns: metrics, moment: moment, baseline: baseline,
        trials: Array(study.trials.indices)))
  }

  func plot(x: ReportPlot.X = .iteration, color: Int? = nil, facet: Int? = nil) -> ReportItem.Kind {
    .plot(
      ReportPlot(
        study: 0, x: x, y: metrics, color: color, facet: facet, moment: .last,
        trials: Array(study.trials.indices)))
  }

  /// `accuracy_2` of the second variant against that of the first.
  func claim(
    _ comparison: BinaryOperator = .greater, withConfidence: Bool = false, moment: ReportMoment = .last
  ) -> ReportItem.Kind {
    func figure(_ variant: Int) -> ClaimExpression {
      .figure(
        study: 0, trials: Array((variant * seeds.count)..<((variant + 1) * seeds.count)), metric: metrics[0],
        moment: moment, text: "variant \(variant)")
    }
    return .claim(
      ReportClaim(
        left: figure(1), comparison: comparison, right: figure(0), withConfidence: withConfidence,
        text: "variant 1 \(comparison.rawValue) variant 0"))
  }

  func input(_ kinds: [ReportItem.Kind], _ results: StudyResults) -> ReportInput {
    var diagnostics = Diagnostics()
    return ReportInput(
      document: Document(index: 0, path: "a.md", bytes: Array(source.utf8), diagnostics: &diagnostics),
      plan: Plan(
        studies: [results.study],
        items: kinds.map { ReportItem(kind: $0, documentation: [], span: span) }),
      studies: [results], queries: [:], shows: [:], provenance: [], stamp: "emend report of plan 0")
  }

  func report(_ kinds: [ReportItem.Kind], _ results: StudyResults) -> Report {
    renderReport(input(kinds, results))
  }
}

extension Report {
  func file(_ path: String) -> String? {
    files.first { $0.path == path }.map { String(decoding: $0.bytes, as: UTF8.self) }
  }
}
