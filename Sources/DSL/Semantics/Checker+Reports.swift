extension Checker {
  /// The study that a report statement is about; `nil` if there is none, which has been reported.
  func study(named name: Name) -> (index: Int?, isKnown: Bool) {
    guard let entity = tops[document][name.text] else { return (nil, false) }
    switch entity.kind {
    case .study(let index) where index >= 0: return (index, true)
    case .invalid: return (nil, true)
    default: return (nil, false)
    }
  }

  private mutating func resolveStudy(_ name: Name) -> Int? {
    let (index, isKnown) = study(named: name)
    if isKnown { return index }
    if let entity = tops[document][name.text], case .study = entity.kind {
      report(
        .usedBeforeDefinition, "the study `\(name.text)` is used before its definition", at: name.span,
        label: "not defined yet", related: [.init("defined here", at: entity.span)],
        remedy: "move this statement after the study")
      return nil
    }
    let isOther = tops[document][name.text] != nil
    if !isOther, mayBeDefinedElsewhere(name.text, among: program.studies.map(\.name.text)) { return nil }
    report(
      .unknownStudy, isOther ? "`\(name.text)` is no study" : "unknown study `\(name.text)`",
      at: name.span, label: "no study of this name",
      remedy: NearestName.remedy(name.text, in: program.studies.map(\.name.text))
        ?? (program.studies.isEmpty
          ? "declare one before: `study \(name.text) = …`"
          : "the studies are \(quotedList(program.studies.map(\.name.text)))"))
    return nil
  }

  private mutating func resolveAxis(_ name: Name, of study: Int) -> Int? {
    let axes = program.studies[study].axes
    if let index = axes.firstIndex(where: { $0.name.text == name.text }) { return index }
    if program.studies[study].isInvalid { return nil }
    let names = axes.map(\.name.text)
    report(
      .notAnAxis, "the study `\(program.studies[study].name.text)` does not vary `\(name.text)`",
      at: name.span, label: "not varied",
      related: [.init("the study", at: program.studies[study].name.span)],
      remedy: NearestName.remedy(name.text, in: names)
        ?? (names.isEmpty ? "it varies nothing" : "it varies \(quotedList(names))"))
    return nil
  }

  mutating func resolveMetric(_ path: MetricPath, of study: Int) -> CheckedMetric? {
    let checked = CheckedMetric(name: path.text, span: path.span)
    let algorithm = program.studies[study].algorithm
    guard algorithm >= 0, let known = program.functions[algorithm].metrics else { return nil }
    if known.contains(path.text) { return checked }
    let name = program.functions[algorithm].name
    report(
      .unknownMetric, "`\(name.text)` logs no metric `\(path.text)`", at: path.span,
      label: "not logged", related: [.init("the algorithm", at: name.span)],
      remedy: NearestName.remedy(path.text, in: known)
        ?? suffixRemedy(path.text, known)
        ?? (known.isEmpty ? "log something in the algorithm" : "it logs \(quotedList(known))"))
    return nil
  }

  /// `accuracy` for `validation.accuracy`, where that is the only one.
  private func suffixRemedy(_ name: String, _ known: [String]) -> String? {
    let longer = known.filter { $0.hasSuffix("." + name) }
    return longer.isEmpty ? nil : "did you mean \(quotedList(longer, or: true))?"
  }

  mutating func resolveMoment(_ moment: Moment?, of study: Int, at span: Span) -> CheckedMoment? {
    guard let moment else { return CheckedMoment(kind: .last, span: span) }
    switch moment.kind {
    case .last: return CheckedMoment(kind: .last, span: moment.span)
    case .iteration(let iteration): return CheckedMoment(kind: .iteration(iteration), span: moment.span)
    case .eachBest: return CheckedMoment(kind: .eachBest, span: moment.span)
    case .best(let path):
      return resolveMetric(path, of: study).map { CheckedMoment(kind: .best($0), span: moment.span) }
    case .highest(let path):
      return resolveMetric(path, of: study).map { CheckedMoment(kind: .highest($0), span: moment.span) }
    case .lowest(let path):
      return resolveMetric(path, of: study).map { CheckedMoment(kind: .lowest($0), span: moment.span) }
    }
  }

  /// A condition over a study's axes.
  private mutating func resolveCondition(
    _ condition: Expression?, of study: Int, _ clause: String
  ) -> Resolved? {
    guard let condition, !program.studies[study].isInvalid else { return nil }
    body = scope(of: program.studies[study])
    defer { body = nil }
    return check(condition, .bool, for: "the condition of `\(clause)`")
  }

  // MARK: Statements

  mutating func checkTable(_ table: TableStatement) -> CheckedTable? {
    guard let study = resolveStudy(table.study) else { return nil }
    let errors = diagnostics.errorCount
    var rows: [Int] = []
    for name in table.rows {
      guard let axis = resolveAxis(name, of: study) else { continue }
      if rows.contains(axis) { reportTwice(name) }
      rows.append(axis)
    }
    if table.rows.isEmpty { rows = Array(program.studies[study].axes.indices) }
    let columns = resolveMetrics(table.columns, of: study)
    let moment = resolveMoment(table.at, of: study, at: table.study.span)
    let against = resolveCondition(table.against, of: study, "against")
    let condition = resolveCondition(table.condition, of: study, "where")
    guard let moment, diagnostics.errorCount == errors, columns.count == table.columns.count else {
      return nil
    }
    return CheckedTable(
      study: study, rows: rows, columns: columns, moment: moment, against: against, condition: condition,
      conditionText: table.condition.map { sourceText($0.span) })
  }

  private mutating func resolveMetrics(_ paths: [MetricPath], of study: Int) -> [CheckedMetric] {
    var metrics: [CheckedMetric] = []
    for path in paths {
      guard let metric = resolveMetric(path, of: study) else { continue }
      if metrics.contains(where: { $0.name == metric.name }) {
        report(
          .axisTwice, "`\(metric.name)` is named twice", at: path.span, label: "named again",
          remedy: "remove one of them")
      }
      metrics.append(metric)
    }
    return metrics
  }

  private mutating func reportTwice(_ name: Name) {
    report(
      .axisTwice, "`\(name.text)` is named twice", at: name.span, label: "named again",
      remedy: "remove one of them")
  }

  mutating func checkPlot(_ plot: PlotStatement) -> CheckedPlot? {
    guard let study = resolveStudy(plot.study) else { return nil }
    let errors = diagnostics.errorCount
    var x: ReportPlot.X? = .iteration
    if plot.x.text != "iteration" { x = resolveAxis(plot.x, of: study).map { .axis($0) } }
    let y = resolveMetrics(plot.y, of: study)
    var used: [String] = [plot.x.text]
    for name in [plot.color, plot.facet].compactMap({ $0 }) {
      if used.contains(name.text) { reportTwice(name) }
      used.append(name.text)
    }
    let color = plot.color.flatMap { resolveAxis($0, of: study) }
    let facet = plot.facet.flatMap { resolveAxis($0, of: study) }
    let moment = resolveMoment(plot.at, of: study, at: plot.study.span)
    if let at = plot.at, plot.x.text == "iteration" {
      report(
        .misplacedMoment, "a plot over iterations shows all of them", at: at.span,
        label: "says which iteration to show", remedy: "remove `at …`, or plot over an axis")
    }
    let condition = resolveCondition(plot.condition, of: study, "where")
    guard let x, let moment, diagnostics.errorCount == errors, y.count == plot.y.count else { return nil }
    if plot.color != nil, color == nil { return nil }
    if plot.facet != nil, facet == nil { return nil }
    return CheckedPlot(
      study: study, x: x, y: y, color: color, facet: facet, moment: moment, condition: condition,
      conditionText: plot.condition.map { sourceText($0.span) })
  }

  mutating func checkShow(_ expression: Expression) -> CheckedItem.Kind? {
    if let study = studyName(of: expression) {
      let isWhole = if case .name = expression.kind { true } else { false }
      report(
        .studyAsValue,
        isWhole ? "a study is shown by `table` or `plot`" : "a figure is shown by `table` or `plot`",
        at: expression.span, label: "of the study `\(study)`", remedy: "write `table \(study) { columns … }`")
      return nil
    }
    let value = infer(expression, hint: nil)
    return value.isInvalid ? nil : .show(value, text: sourceText(expression.span))
  }

  /// A stretch of the text on one line.
  func sourceText(_ span: Span) -> String {
    recipe.sources.text(span).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
