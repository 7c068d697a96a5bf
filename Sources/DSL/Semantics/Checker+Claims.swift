extension Checker {
  mutating func checkClaim(_ statement: ExpectStatement) -> CheckedItem.Kind? {
    if case .invalid = statement.claim.kind { return nil }
    guard case .binary(let comparison, _, let left, let right) = statement.claim.kind,
      comparison.isComparison
    else {
      report(
        .notAComparison, "a claim compares two figures", at: statement.claim.span,
        expected: "a comparison, such as `a > b`", found: "another expression",
        remedy: "write what the figure should be compared with")
      return nil
    }
    let errors = diagnostics.errorCount
    let sides = (checkSide(left), checkSide(right))
    guard let left = sides.0, let right = sides.1, diagnostics.errorCount == errors else { return nil }
    guard left.hasFigure || right.hasFigure else {
      report(
        .claimWithoutFigure, "this claim holds no figure of a study", at: statement.claim.span,
        label: "known without running anything",
        remedy: "name a figure: `study[settings].metric`")
      return nil
    }
    warnOfMoments(left.figures + right.figures)
    return .claim(
      left: left, comparison: comparison, right: right, withConfidence: statement.withConfidence,
      text: sourceText(statement.claim.span))
  }

  /// `a.x < b.x at 3` reads a at its last iteration, which may not be meant; `a.x < a.x at 0` is a comparison with the beginning.
  private mutating func warnOfMoments(_ figures: [CheckedFigure]) {
    for figure in figures where !figure.saysMoment {
      guard
        let other = figures.first(where: {
          $0.saysMoment && $0.metric.name == figure.metric.name && $0.subject != figure.subject
        }), !figures.contains(where: { $0.saysMoment && $0.subject == figure.subject })
      else { continue }
      let moment = other.text.dropFirst(other.subject.count).drop(while: \.isWhitespace)
      report(
        .momentOfOneSide, "`\(moment)` says when `\(other.subject)` is read, and nothing else",
        at: figure.span,
        label: "read at the last iteration",
        remedy: "write `\(moment)` here, too, or `at last` if this is meant")
    }
  }

  private mutating func checkSide(_ expression: Expression) -> CheckedClaim? {
    depth += 1
    defer { depth -= 1 }
    if case .invalid = expression.kind { return nil }
    if depth < Checker.greatestDepth {
      switch expression.kind {
      case .unary(.minus, let operand): return checkSide(operand).map { .negate($0) }
      case .binary(let binary, _, let left, let right) where binary.isArithmetic && binary != .remainder:
        let sides = (checkSide(left), checkSide(right))
        if let left = sides.0, let right = sides.1 { return .binary(binary, left, right) }
        return nil
      default: break
      }
    }
    if studyName(of: expression) != nil { return checkFigure(expression).map { .figure($0) } }
    let value = check(expression, .float, for: "a side of a claim")
    return value.isInvalid ? nil : .number(value)
  }

  /// `study[selectors].a.b at moment`.
  private mutating func checkFigure(_ expression: Expression) -> CheckedFigure? {
    var rest = expression
    var moment: Moment?
    if case .at(let inner, let at) = rest.kind { (rest, moment) = (inner, at) }
    let subject = rest
    var parts: [Name] = []
    while case .member(let inner, let name) = rest.kind {
      parts.insert(name, at: 0)
      rest = inner
    }
    var arguments: [Argument] = []
    if case .selection(let inner, let given) = rest.kind { (rest, arguments) = (inner, given) }
    guard case .name(let text) = rest.kind else {
      report(
        .badSelector, "a figure is a study, its settings, and a metric", at: expression.span,
        expected: "`study[settings].metric`", found: "`\(sourceText(expression.span))`",
        remedy: "write the settings once, in one `[…]` after the study's name")
      return nil
    }
    let name = Name(text, span: rest.span)
    let (known, _) = study(named: name)
    guard let study = known else {
      if let entity = tops[document][text], case .study = entity.kind {
        report(
          .usedBeforeDefinition, "the study `\(text)` is used before its definition", at: rest.span,
          label: "not defined yet", related: [.init("defined here", at: entity.span)],
          remedy: "move this statement after the study")
      }
      return nil
    }
    guard !parts.isEmpty else {
      report(
        .unknownMetric, "this does not say which metric of `\(text)`", at: expression.span,
        label: "no metric", remedy: "add it: `.metric`")
      return nil
    }
    let selectors = checkSelectors(arguments, of: study)
    let metric = resolveMetric(MetricPath(parts: parts), of: study)
    let checkedMoment = resolveMoment(moment, of: study, at: expression.span)
    guard let selectors, let metric, let checkedMoment, !program.studies[study].isInvalid else { return nil }
    return CheckedFigure(
      study: study, selectors: selectors, metric: metric, moment: checkedMoment, saysMoment: moment != nil,
      text: sourceText(expression.span), subject: sourceText(subject.span), span: expression.span)
  }

  private mutating func checkSelectors(
    _ arguments: [Argument], of study: Int
  ) -> [(axis: Int, value: Resolved)]? {
    let checked = program.studies[study]
    if checked.isInvalid { return nil }
    let names = checked.axes.map(\.name.text)
    let labelled = Set(arguments.compactMap { $0.label?.text })
    var free = checked.axes.indices.filter { !labelled.contains(names[$0]) }[...]
    var used: Set<Int> = []
    var selectors: [(axis: Int, value: Resolved)] = []
    var isSound = true
    for argument in arguments {
      let place = argument.label?.span ?? argument.value.span
      let axis: Int
      if let label = argument.label {
        guard let position = names.firstIndex(of: label.text) else {
          report(
            .badSelector, "the study `\(checked.name.text)` does not vary `\(label.text)`", at: place,
            label: "not varied", remedy: NearestName.remedy(label.text, in: names) ?? axesRemedy(names))
          isSound = false
          continue
        }
        axis = position
      } else if let next = free.popFirst() {
        axis = next
      } else {
        report(
          .badSelector, "more settings than `\(checked.name.text)` varies", at: place,
          label: "the study varies \(names.count)", remedy: axesRemedy(names))
        isSound = false
        break
      }
      if !used.insert(axis).inserted {
        report(
          .badSelector, "`\(names[axis])` is selected twice", at: place, label: "selected again",
          remedy: "remove one of them")
        isSound = false
        continue
      }
      let value = check(
        argument.value, checked.axes[axis].type, for: "the setting `\(names[axis])` of `\(checked.name.text)`"
      )
      if value.isInvalid { isSound = false }
      selectors.append((axis, value))
    }
    return isSound ? selectors : nil
  }

  private func axesRemedy(_ names: [String]) -> String {
    names.isEmpty ? "it varies nothing; remove the `[…]`" : "it varies \(quotedList(names))"
  }
}

extension CheckedClaim {
  var figures: [CheckedFigure] {
    switch self {
    case .number: []
    case .figure(let figure): [figure]
    case .negate(let claim): claim.figures
    case .binary(_, let left, let right): left.figures + right.figures
    }
  }

  var hasFigure: Bool { !figures.isEmpty }
}

extension BinaryOperator {
  var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    default: false
    }
  }

  var isArithmetic: Bool {
    switch self {
    case .add, .subtract, .multiply, .divide, .remainder: true
    default: false
    }
  }
}
