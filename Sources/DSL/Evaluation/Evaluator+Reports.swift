extension Evaluator {
  /// A report statement with its trials found; `nil` if it, or the study it is about, is wrong.
  mutating func evaluate(_ item: CheckedItem) -> EvaluatedItem? {
    var result: EvaluatedItem?
    attempt { evaluator throws(EvaluationFailure) in
      switch item.kind {
      case .study(let index): if evaluator.studies[index] != nil { result = .ready(.study(index: index)) }
      case .query(let name, let text): result = .ready(.query(name: name, text: text))
      case .table(let table): result = .ready(.table(try evaluator.evaluate(table)))
      case .plot(let plot): result = .ready(.plot(try evaluator.evaluate(plot)))
      case .claim(let left, let comparison, let right, let withConfidence, let text):
        let claim = ReportClaim(
          left: try evaluator.evaluate(left), comparison: comparison, right: try evaluator.evaluate(right),
          withConfidence: withConfidence, text: text)
        evaluator.warnOfForegone(claim, at: item.span)
        result = .ready(.claim(claim))
      case .show(let node, let text):
        let value = try evaluator.evaluate(node)
        if evaluator.values.size(value) > evaluator.limits.valueSize {
          throw evaluator.tooLarge(at: node.span)
        }
        result = .show(value, node.type, text: text)
      }
    }
    return result
  }

  private func evaluated(_ index: Int) throws(EvaluationFailure) -> EvaluatedStudy {
    guard studies.indices.contains(index), let study = studies[index] else { throw .silent }
    return study
  }

  private mutating func evaluate(_ table: CheckedTable) throws(EvaluationFailure) -> ReportTable {
    let study = try evaluated(table.study)
    let trials = try select(table.condition, of: study)
    let columns = try table.columns.map { metric throws(EvaluationFailure) in
      try self.metric(metric, of: study, in: trials, at: nil)
    }
    let moment = try self.moment(table.moment, of: study, in: trials)
    let baseline = try table.against.map { condition throws(EvaluationFailure) in
      try self.baseline(condition, of: table, study, among: trials)
    }
    return ReportTable(
      study: table.study, rows: table.rows, columns: columns, moment: moment, baseline: baseline,
      trials: trials, condition: table.conditionText)
  }

  /// Trials whose settings meet a condition, all without one.
  private mutating func select(
    _ condition: Resolved?, of study: EvaluatedStudy
  ) throws(EvaluationFailure) -> [Int] {
    guard let condition else { return Array(study.trials.indices) }
    var selected: [Int] = []
    for index in study.trials.indices where try holds(condition, for: study.trials[index].settings) {
      selected.append(index)
    }
    if selected.isEmpty {
      throw failure(
        .nothingSelected, "no trial meets this condition", at: condition.span,
        label: "leaves nothing to show",
        remedy: "compare with values that the study has")
    }
    return selected
  }

  /// The trials a table compares with: a whole row of it.
  private mutating func baseline(
    _ condition: Resolved, of table: CheckedTable, _ study: EvaluatedStudy, among trials: [Int]
  ) throws(EvaluationFailure) -> [Int] {
    var chosen: [Int] = []
    var rows: Set<[Value]> = []
    var others: Set<[Value]> = []
    for index in trials {
      let settings = study.trials[index].settings
      let row = table.rows.map { settings[$0] }
      if try holds(condition, for: settings) {
        chosen.append(index)
        rows.insert(row)
      } else {
        others.insert(row)
      }
    }
    if chosen.isEmpty {
      throw failure(
        .noBaseline, "no row of the table meets the condition of `against`", at: condition.span,
        label: "selects nothing",
        remedy: "name settings that the study has, and that neither `except` nor `where` removes")
    }
    if rows.count > 1 || !rows.isDisjoint(with: others) {
      throw failure(
        .splitBaseline, "the baseline of a table is one of its rows", at: condition.span,
        label: rows.count > 1 ? "selects \(rows.count) rows" : "selects a part of a row",
        remedy: rows.count > 1
          ? "add conditions until one row is left"
          : "use only settings named in `rows`, or add the others there")
    }
    return chosen
  }

  private mutating func evaluate(_ plot: CheckedPlot) throws(EvaluationFailure) -> ReportPlot {
    let study = try evaluated(plot.study)
    let trials = try select(plot.condition, of: study)
    return ReportPlot(
      study: plot.study, x: plot.x,
      y: try plot.y.map { metric throws(EvaluationFailure) in
        try self.metric(metric, of: study, in: trials, at: nil)
      },
      color: plot.color, facet: plot.facet, moment: try moment(plot.moment, of: study, in: trials),
      trials: trials, condition: plot.conditionText)
  }

  private func metric(
    _ metric: CheckedMetric, of study: EvaluatedStudy, in trials: [Int], at iteration: Int?
  ) throws(EvaluationFailure) -> LoggedMetric {
    if let known = study.metric(metric.name), study.logs(metric.name, at: iteration, in: trials) {
      return known
    }
    throw failure(
      .metricNeverLogged,
      "no trial here logs `\(metric.name)`" + (iteration.map { " at iteration \($0)" } ?? ""),
      at: metric.span, label: "never logged with these settings",
      remedy: "name another metric\(iteration == nil ? "" : " or moment"), or log it in the algorithm")
  }

  private func moment(
    _ moment: CheckedMoment, of study: EvaluatedStudy, in trials: [Int]
  ) throws(EvaluationFailure) -> ReportMoment {
    switch moment.kind {
    case .last: return .last
    case .eachBest: return .eachBest
    case .iteration(let iteration):
      if study.logs(nil, at: iteration, in: trials) { return .iteration(iteration) }
      var known: Set<Int> = []
      for index in trials { known.formUnion(study.trials[index].entries.map(\.iteration)) }
      throw failure(
        .unknownIteration, "no trial here logs anything at iteration \(iteration)", at: moment.span,
        label: "iterations logged: \(Self.ranges(known.sorted()))",
        remedy: "choose one that is logged, or `at last`")
    case .highest(let metric):
      return .highest(metric: try self.metric(metric, of: study, in: trials, at: nil).name)
    case .lowest(let metric):
      return .lowest(metric: try self.metric(metric, of: study, in: trials, at: nil).name)
    case .best(let metric):
      let known = try self.metric(metric, of: study, in: trials, at: nil)
      if known.signature.direction != .neither { return .best(metric: known.name) }
      throw failure(
        .misplacedMoment, "`\(known.name)` has no best value", at: metric.span,
        label: "neither more nor less of it is better",
        remedy: "write `at highest \(known.name)` or `at lowest \(known.name)`, whichever is meant")
    }
  }

  /// `0 to 3, 10, 20`.
  private static func ranges(_ numbers: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    guard !ranges.isEmpty else { return "none" }
    let shown = ranges.prefix(12).map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)"
    }
    return shown.joined(separator: ", ") + (ranges.count > 12 ? ", …" : "")
  }

  private mutating func evaluate(_ claim: CheckedClaim) throws(EvaluationFailure) -> ClaimExpression {
    switch claim {
    case .number(let node):
      guard case .float(let value) = try evaluate(node) else { throw .silent }
      return .number(value)
    case .negate(let operand): return .negate(try evaluate(operand))
    case .binary(let binary, let left, let right):
      let sides = (try evaluate(left), try evaluate(right))
      return .binary(binary, sides.0, sides.1)
    case .figure(let figure): return try evaluate(figure)
    }
  }

  private mutating func evaluate(_ figure: CheckedFigure) throws(EvaluationFailure) -> ClaimExpression {
    let study = try evaluated(figure.study)
    let axes = program.studies[figure.study].axes
    var selected = Array(study.trials.indices)
    for (axis, node) in figure.selectors {
      let value = try evaluate(node)
      if !study.axes[axis].contains(value) {
        let shown = study.axes[axis].prefix(12).map { text(of: $0) }
        throw failure(
          .nothingSelected, "no trial has `\(axes[axis].name.text)` = \(text(of: value))", at: node.span,
          label: "not among its values",
          remedy: "its values are \(shown.joined(separator: ", "))\(study.axes[axis].count > 12 ? ", …" : "")"
        )
      }
      selected.removeAll { study.trials[$0].settings[axis] != value }
    }
    if selected.isEmpty {
      throw failure(
        .nothingSelected, "no trial has all of these settings", at: figure.span, label: "selects nothing",
        remedy: "choose a combination that `except` leaves")
    }
    let moment = try self.moment(figure.moment, of: study, in: selected)
    var iteration: Int?
    if case .iteration(let number) = moment { iteration = number }
    return .figure(
      study: figure.study, trials: selected,
      metric: try metric(figure.metric, of: study, in: selected, at: iteration), moment: moment,
      text: figure.text)
  }
}

/// A report statement whose values are not yet written out.
enum EvaluatedItem {
  case ready(ReportItem.Kind)
  case show(Value, Type, text: String)
}
