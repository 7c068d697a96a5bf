extension Checker {
  /// The statements of the document asked for that say what to run and what to report, in order.
  mutating func checkMain(_ main: Int) {
    document = main
    var next = 0
    for cell in recipe.documents[main].cells {
      if case .query(let name) = cell.cell.kind {
        program.items.append(
          CheckedItem(
            kind: .query(name: name.text, text: recipe.sources.text(cell.cell.content)),
            documentation: [], span: cell.cell.span))
      }
      for statement in cell.statements {
        (position, body, function) = (next, nil, nil)
        next += 1
        let kind: CheckedItem.Kind? =
          switch statement.kind {
          case .study(let declaration): .study(checkStudy(declaration, statement))
          case .table(let table): checkTable(table).map { .table($0) }
          case .plot(let plot): checkPlot(plot).map { .plot($0) }
          case .expect(let expect): checkClaim(expect)
          case .show(let expression): checkShow(expression)
          default: nil
          }
        if let kind {
          program.items.append(
            CheckedItem(kind: kind, documentation: statement.documentation, span: statement.span))
        }
      }
    }
  }

  /// Checks a study and gives its index; it is there even if something about it is wrong.
  private mutating func checkStudy(_ declaration: StudyDeclaration, _ statement: Statement) -> Int {
    let errors = diagnostics.errorCount
    var study = CheckedStudy(
      name: declaration.name, algorithm: -1, documentation: statement.documentation, axes: [],
      groups: [], exceptions: [], seeds: nil, arguments: [], callSpan: declaration.call.span,
      span: statement.span, isInvalid: false)
    let call = resolveAlgorithm(declaration.call)
    if let call { study.algorithm = call.algorithm }
    collectAxes(declaration.clauses, call, into: &study)
    body = scope(of: study)
    reportShadowingAxes(study)
    if let call { checkCall(call, at: declaration.call.span, into: &study) }
    for clause in declaration.clauses {
      switch clause.kind {
      case .vary: break
      case .invalid: study.isInvalid = true
      case .except(let condition):
        study.exceptions.append(check(condition, .bool, for: "the condition of `except`"))
      case .seeds(let expression): study.seeds = checkSeeds(expression)
      }
    }
    body = nil
    let isIncomplete = declaration.clauses.contains { clause in
      if case .vary(_, let values) = clause.kind, case .invalid = values.kind { true } else { false }
    }
    if diagnostics.errorCount > errors || call == nil || isIncomplete { study.isInvalid = true }
    let index = program.studies.count
    program.studies.append(study)
    if let entity = tops[document][declaration.name.text], entity.span == declaration.name.span {
      tops[document][declaration.name.text] = Entity(
        kind: .study(index), span: entity.span, position: position)
    }
    return index
  }

  /// A scope in which a study's axes are the first locals.
  func scope(of study: CheckedStudy) -> BodyScope {
    var scope = BodyScope()
    for axis in study.axes { _ = scope.declare(axis.name, axis.type, .axis) }
    return scope
  }

  private struct AlgorithmCall {
    var algorithm: Int
    var receiver: Expression?
    var arguments: [Argument]
  }

  private mutating func resolveAlgorithm(_ expression: Expression) -> AlgorithmCall? {
    var callee: Name?
    var receiver: Expression?
    var arguments: [Argument] = []
    if case .invalid = expression.kind { return nil }
    if case .call(let function, let given) = expression.kind {
      arguments = given
      switch function.kind {
      case .name(let name): callee = Name(name, span: function.span)
      case .member(let base, let name): (callee, receiver) = (name, base)
      default: break
      }
    }
    let known = tops[document].filter { entry in
      if case .function(let index) = entry.value.kind {
        functions[index].declaration.isAlgorithm
      } else {
        false
      }
    }
    guard let callee else {
      report(
        .notAnAlgorithm, "a study runs an algorithm", at: expression.span,
        expected: "a call of an algorithm", found: "another expression",
        remedy: known.isEmpty
          ? "import a document that defines one" : "call \(quotedList(known.keys.sorted(), or: true))")
      return nil
    }
    switch tops[document][callee.text]?.kind {
    case .invalid: return nil
    case .function(let index) where functions[index].declaration.isAlgorithm:
      checkFunction(index)
      return AlgorithmCall(algorithm: index, receiver: receiver, arguments: arguments)
    case .function:
      report(
        .notAnAlgorithm, "`\(callee.text)` is a function", at: callee.span, expected: "an algorithm",
        found: "a function, which logs nothing", remedy: "declare it with `algorithm`")
    case nil where mayBeDefinedElsewhere(callee.text, among: known.keys.sorted()): break
    default:
      report(
        .notAnAlgorithm, "unknown algorithm `\(callee.text)`", at: callee.span,
        label: "no algorithm of this name",
        remedy: NearestName.remedy(callee.text, in: known.keys.sorted())
          ?? (known.isEmpty
            ? "import a document that defines it: `import \"algorithms/….md\"`"
            : "the algorithms here are \(quotedList(known.keys.sorted()))"))
    }
    return nil
  }

  /// Checks the call's arguments, in which the axes' names are visible.
  private mutating func checkCall(_ call: AlgorithmCall, at span: Span, into study: inout CheckedStudy) {
    let parameters = callParameters(of: call.algorithm)
    let name = functions[call.algorithm].declaration.name.text
    let varied = Set(study.axes.compactMap { axis in axis.parameter.map { parameters[$0].name } })
    let errors = diagnostics.errorCount
    guard
      let arguments = assign(
        call.arguments, call.receiver, to: parameters, of: name, at: span, canOmit: varied)
    else {
      study.isInvalid = true
      return
    }
    study.arguments = arguments
    guard diagnostics.errorCount == errors, let body else { return }
    for (slot, axis) in study.axes.enumerated() where axis.parameter != nil && body[slot].isRead {
      guard let top = tops[document][axis.name.text] else { continue }
      report(
        .shadowing, "`\(axis.name.text)` is varied, and hides a name of the document in the study's call",
        at: axis.name.span, label: "read as what is varied",
        related: [.init("defined here", at: top.span)], remedy: "give the document's value another name")
    }
    for (slot, axis) in study.axes.enumerated()
    where axis.parameter == nil && axis.type != .invalid && !body[slot].isRead {
      report(
        .unknownAxis, "`\(axis.name.text)` is varied and never used", at: axis.name.span,
        label: "no parameter of `\(name)`, and not in its call",
        remedy: NearestName.remedy(axis.name.text, in: parameters.map(\.name))
          ?? "the parameters are \(quotedList(parameters.map(\.name)))")
    }
  }

  private mutating func reportShadowingAxes(_ study: CheckedStudy) {
    for axis in study.axes where axis.parameter == nil {
      guard let top = tops[document][axis.name.text] else { continue }
      report(
        .shadowing, "`\(axis.name.text)` would hide a name of the document", at: axis.name.span,
        label: "already the name of something else",
        related: [.init("defined here", at: top.span)], remedy: "choose another name for what is varied")
      body?[study.axes.firstIndex { $0.name == axis.name } ?? 0].isRead = true
    }
  }

  private mutating func checkSeeds(_ expression: Expression) -> Resolved? {
    let saved = body
    body = nil
    defer { body = saved }
    let value = infer(expression, hint: .list(.int))
    switch value.type {
    case .invalid, .range, .list(.int): return value
    default:
      report(
        .badSeeds, "seeds are whole numbers", at: value.span, expected: "a range or list of Int",
        found: value.type.phrase,
        remedy: value.type == .int ? "write a range: `seeds 1...n`" : "write `seeds 1...3`")
      return .invalid(at: value.span)
    }
  }

  // MARK: Axes

  private mutating func collectAxes(
    _ clauses: [StudyClause], _ call: AlgorithmCall?, into study: inout CheckedStudy
  ) {
    for clause in clauses {
      guard case .vary(let names, let values) = clause.kind else { continue }
      let first = study.axes.count
      for name in names {
        if let known = study.axes.first(where: { $0.name.text == name.text }) {
          report(
            .duplicateAxis, "`\(name.text)` is varied twice", at: name.span, label: "varied again",
            related: [.init("first varied here", at: known.name.span)],
            remedy: "put all its values in one `vary`")
        }
        study.axes.append(axis(name, group: study.groups.count, clause, call))
      }
      let axes = first..<study.axes.count
      let checked =
        names.count == 1
        ? checkSequence(values, &study.axes[first]) : checkTuples(values, names, &study.axes, axes)
      study.groups.append(
        .init(axes: axes, values: checked, texts: written(values, names.count), span: values.span))
    }
  }

  /// A `vary` line's values as they are written, each on one line.
  private func written(_ values: Expression, _ count: Int) -> [[String]] {
    guard case .list(let rows) = values.kind else { return [] }
    return rows.map { row in
      var parts = [row]
      if count > 1, case .tuple(let elements) = row.kind { parts = elements }
      return parts.map { part in
        let words = recipe.sources.text(part.span).split(whereSeparator: \.isWhitespace)
        // As on one line: `clay(depth: 4)`, however it is broken.
        return [("( ", "("), ("[ ", "["), (" )", ")"), (" ]", "]"), (",)", ")"), (",]", "]")].reduce(
          words.joined(separator: " ")
        ) { text, pair in text.replacing(pair.0, with: pair.1) }
      }
    }
  }

  private mutating func axis(
    _ name: Name, group: Int, _ clause: StudyClause, _ call: AlgorithmCall?
  ) -> CheckedStudy.Axis {
    var axis = CheckedStudy.Axis(
      name: name, type: .invalid, group: group, documentation: clause.documentation)
    guard let call else { return axis }
    let parameters = program.functions[call.algorithm].parameters
    guard let position = parameters.firstIndex(where: { $0.name.text == name.text }) else { return axis }
    if let given = call.arguments.first(where: { $0.label?.text == name.text }) {
      report(
        .axisIsGiven, "`\(name.text)` is varied, and given in the call", at: name.span,
        label: "varied here", related: [.init("given here", at: given.label?.span ?? given.value.span)],
        remedy: "remove one of the two")
    }
    axis.parameter = position
    axis.type = parameters[position].type
    axis.bounds = parameters[position].bounds
    if axis.documentation.isEmpty { axis.documentation = parameters[position].documentation }
    return axis
  }

  private mutating func checkSequence(
    _ values: Expression, _ axis: inout CheckedStudy.Axis
  ) -> CheckedStudy.Group.Values {
    let name = axis.name.text
    if axis.parameter != nil, axis.type != .invalid {
      let sequence = infer(values, hint: .list(axis.type))
      let element = elementType(of: sequence, "`vary \(name) in` takes")
      if element == .invalid { return .sequence(.invalid(at: values.span)) }
      guard Checker.converts(element, to: axis.type) else {
        report(
          .typeMismatch, "the values of `\(name)` must be \(axis.type.phrase)", at: sequence.span,
          expected: "a list [\(axis.type)]", found: sequence.type.phrase,
          remedy: "give values of the parameter's type")
        return .sequence(.invalid(at: values.span))
      }
      if case .list(let elements) = sequence.kind, let bounds = axis.bounds {
        for element in elements { _ = reportConstant(element, outside: bounds, "`\(name)`") }
      }
      return .sequence(
        sequence.type == .range && axis.type == .int ? sequence : converted(sequence, to: .list(axis.type)))
    }
    if axis.parameter != nil { return .sequence(.invalid(at: values.span)) }
    let sequence = infer(values, hint: nil)
    axis.type = elementType(of: sequence, "`vary \(name) in` takes")
    return .sequence(sequence)
  }

  private mutating func checkTuples(
    _ values: Expression, _ names: [Name], _ axes: inout [CheckedStudy.Axis], _ range: Range<Int>
  ) -> CheckedStudy.Group.Values {
    guard case .list(let rows) = values.kind else {
      if case .invalid = values.kind { return .tuples([]) }
      report(
        .badTuples, "several names vary together over a list of their values", at: values.span,
        expected: "`[(…, …), (…, …)]`", found: "another expression",
        remedy: "write the values of each step between parentheses")
      return .tuples([])
    }
    var checked: [[Resolved]] = []
    for row in rows {
      guard case .tuple(let parts) = row.kind, parts.count == names.count else {
        if case .invalid = row.kind { continue }
        var found = "another expression"
        if case .tuple(let parts) = row.kind { found = "\(parts.count) values" }
        report(
          .badTuples, "each step gives a value to each of \(quotedList(names.map(\.text)))", at: row.span,
          expected: "\(names.count) values between parentheses", found: found,
          remedy: "write `(\(names.map(\.text).joined(separator: ", ")))` with their values")
        continue
      }
      var resolved: [Resolved] = []
      for (position, part) in zip(range, parts) {
        resolved.append(checkPart(part, &axes[position]))
      }
      checked.append(resolved)
    }
    // A name's type is what all its values fit, known after the last row.
    return .tuples(
      checked.map { row in
        zip(range, row).map {
          $1.isInvalid || axes[$0].type == .invalid ? $1 : converted($1, to: axes[$0].type)
        }
      })
  }

  private mutating func checkPart(_ part: Expression, _ axis: inout CheckedStudy.Axis) -> Resolved {
    let purpose = "a value of `\(axis.name.text)`"
    if axis.parameter != nil {
      let value = check(part, axis.type, for: purpose)
      if let bounds = axis.bounds { _ = reportConstant(value, outside: bounds, "`\(axis.name.text)`") }
      return value
    }
    let value = infer(part, hint: axis.type == .invalid ? nil : axis.type)
    if let common = common(axis.type, value.type) {
      axis.type = common
      return value
    }
    return fit(value, to: axis.type, for: purpose)
  }
}
