extension Checker {
  /// The statements of a function's body or of a block in it.
  ///
  /// - Parameter isTail: nothing of the function comes after these statements, so the last one may return.
  mutating func checkBody(_ statements: [Statement], isTail: Bool, result: inout Type?) -> [CheckedStatement]
  {
    var checked: [CheckedStatement] = []
    for (index, statement) in statements.enumerated() {
      let isLast = isTail && index == statements.count - 1
      checked.append(check(statement, isLast: isLast, isTail: isTail, result: &result))
    }
    return checked
  }

  /// Every path through the statements ends in a `return`. What could not be read counts as one, and so does a `return`
  /// at a wrong place, which is reported there.
  func returns(_ statements: [Statement]) -> Bool {
    guard let last = statements.last else { return false }
    if statements.dropLast().contains(where: holdsReturn) { return true }
    return switch last.kind {
    case .returnValue, .invalid: true
    case .match(_, let arms): !arms.isEmpty && arms.allSatisfy { returns($0.body) }
    default: holdsReturn(last)
    }
  }

  private func holdsReturn(_ statement: Statement) -> Bool {
    switch statement.kind {
    case .returnValue: true
    case .forLoop(_, _, let body): body.contains(where: holdsReturn)
    case .match(_, let arms): arms.contains { $0.body.contains(where: holdsReturn) }
    default: false
    }
  }

  private mutating func check(
    _ statement: Statement, isLast: Bool, isTail: Bool, result: inout Type?
  ) -> CheckedStatement {
    switch statement.kind {
    case .binding(let name, let value): return bind(name, value)
    case .forLoop(let variable, let sequence, let body):
      return checkLoop(variable, sequence, body, at: statement.span, result: &result)
    case .match(let subject, let arms):
      let subject = inferSubject(subject)
      let cases = checkArms(arms.map(\.cases), of: subject, at: statement.span)
      var bodies: [[CheckedStatement]] = []
      for arm in arms {
        body?.enterBlock()
        bodies.append(checkBody(arm.body, isTail: isLast, result: &result))
        body?.leaveBlock()
      }
      guard let cases, !subject.isInvalid else { return invalid(statement.span) }
      return .match(subject, arms: zip(cases, bodies).map { (cases: $0, body: $1) })
    case .log(let iteration, let entries):
      return checkLog(iteration, entries, at: statement.span)
    case .returnValue(let expression):
      let value = withoutRow(infer(expression, hint: result), in: "a result")
      guard isLast else {
        report(
          .misplacedReturn,
          isTail ? "statements after `return` would never run" : "`return` stands only at the end",
          at: statement.span, label: "not the last statement of the function",
          remedy: isTail
            ? "remove what follows, or move `return` to the end"
            : "choose the value with `match`, and return it at the end")
        return invalid(statement.span)
      }
      return returnStatement(value, &result)
    case .invalid(let names):
      for name in names where body?.find(name.text) == nil { _ = body?.declare(name, .invalid, .variable) }
      return invalid(statement.span)
    default: return invalid(statement.span)
    }
  }

  /// The function holds something unreadable, so what it logs is not known.
  mutating func invalid(_ span: Span) -> CheckedStatement {
    if let function { program.functions[function].metrics = nil }
    return .invalid(span)
  }

  private mutating func returnStatement(_ value: Resolved, _ result: inout Type?) -> CheckedStatement {
    if value.isInvalid {
      result = .invalid
      return invalid(value.span)
    }
    guard let known = result else {
      result = value.type
      return .returnValue(value)
    }
    guard let common = common(known, value.type) else {
      report(
        .typeMismatch, "a function returns values of one type", at: value.span, expected: known.phrase,
        found: value.type.phrase, remedy: "make the results agree")
      result = .invalid
      return invalid(value.span)
    }
    result = common
    if let function, known != common || value.type != common {
      program.functions[function].convertsResult = true
    }
    return .returnValue(value)
  }

  private mutating func bind(_ name: Name, _ expression: Expression) -> CheckedStatement {
    if let slot = body?.find(name.text), let local = body?[slot] {
      if local.kind != .variable {
        let what = local.kind == .parameter ? "a parameter" : "what `for` counts"
        _ = infer(expression, hint: local.type)
        report(
          .shadowing, "`\(name.text)` is \(what) and keeps its value", at: name.span,
          label: "given another value",
          related: [.init("\(what)", at: local.name.span)], remedy: "choose another name")
        return invalid(name.span)
      }
      let value = withoutRow(infer(expression, hint: local.type), in: "a value with a name")
      if value.isInvalid || local.type == .invalid { return invalid(expression.span) }
      guard Checker.converts(value.type, to: local.type) else {
        report(
          .rebinding, "`\(name.text)` keeps its type", at: value.span, expected: local.type.phrase,
          found: value.type.phrase,
          related: [.init("its type comes from here", at: local.name.span)],
          remedy: "choose another name for the new value")
        return invalid(expression.span)
      }
      body?[slot].values.append(expression.span)
      return .assign(slot: slot, converted(value, to: local.type))
    }
    let value = withoutRow(infer(expression, hint: nil), in: "a value with a name")
    guard let slot = declareLocal(name, value.type, .variable) else { return invalid(name.span) }
    body?[slot].values.append(expression.span)
    return value.isInvalid ? invalid(expression.span) : .assign(slot: slot, value)
  }

  /// A new name in a body; `nil` if it would hide another, which has been reported.
  mutating func declareLocal(_ name: Name, _ type: Type, _ kind: BodyScope.Local.Kind) -> Int? {
    if let top = tops[document][name.text] {
      report(
        .shadowing, "`\(name.text)` would hide a name of the document", at: name.span,
        label: "already the name of something else",
        related: [.init("defined here", at: top.span)], remedy: "choose another name")
    } else if !reportVocabularyClash(name) {
      return body?.declare(name, type, kind)
    }
    _ = body?.declare(name, .invalid, kind)
    return nil
  }

  private mutating func checkLoop(
    _ variable: Name, _ sequence: Expression, _ statements: [Statement], at span: Span,
    result: inout Type?
  ) -> CheckedStatement {
    let sequence = withoutRow(infer(sequence, hint: nil), in: "what `for` walks over")
    let element = elementType(of: sequence, "`for` walks over")
    body?.enterBlock()
    defer { body?.leaveBlock() }
    let slot: Int?
    if let known = body?.find(variable.text), let first = body?[known].name {
      report(
        .shadowing, "`\(variable.text)` has a value already", at: variable.span,
        label: "would hide it", related: [.init("defined here", at: first.span)],
        remedy: "choose another name for what `for` counts")
      slot = nil
    } else {
      slot = declareLocal(variable, element, .loopVariable)
    }
    let checked = checkBody(statements, isTail: false, result: &result)
    guard let slot, element != .invalid else { return invalid(span) }
    return .forLoop(slot: slot, sequence, body: checked, span: span)
  }

  /// The type of the elements of a list or range; `.invalid` if it is neither, which is reported.
  mutating func elementType(of sequence: Resolved, _ user: String) -> Type {
    switch sequence.type {
    case .range: return .int
    case .list(let element): return element
    case .invalid: return .invalid
    case .measure: reportMeasure(sequence)
    default:
      report(
        .notASequence, "\(user) a list or a range", at: sequence.span, expected: "a list or a range",
        found: sequence.type.phrase,
        remedy: sequence.type == .int ? "write a range: `1...n`" : "write a list: `[…]`")
    }
    return .invalid
  }
}
