extension Checker {
  /// Checks an algorithm or a function if that was not done yet.
  mutating func checkFunction(_ index: Int) {
    guard functions[index].progress == .waiting else { return }
    functions[index].progress = .running
    let pending = functions[index]
    let saved = enter(
      document: pending.document, position: pending.position, body: BodyScope(), function: index)
    for parameter in pending.declaration.parameters { declare(parameter, of: index) }
    var result: Type?
    let statements = pending.declaration.body
    let body = checkBody(statements, isTail: true, result: &result)
    if statements.isEmpty || !returns(statements) {
      let kind = pending.declaration.isAlgorithm ? "algorithm" : "function"
      report(
        .missingReturn,
        "the \(kind) `\(pending.declaration.name.text)` does not return a value on every path",
        at: pending.declaration.name.span, label: "its last statement gives no value",
        remedy: "end it with `return …`")
      result = .invalid
    }
    program.functions[index].body = body
    program.functions[index].result = result ?? .invalid
    program.functions[index].slotCount = self.body?.locals.count ?? 0
    warnOfUnusedLocals(pending)
    leave(saved)
    functions[index].progress = .done
  }

  private mutating func declare(_ parameter: ParameterDeclaration, of index: Int) {
    let type = resolve(parameter.type)
    let sources = recipe.sources
    var checked = Function.Parameter(
      name: parameter.name, type: type, boundsText: parameter.bounds.map { sources.text($0.span) },
      defaultText: parameter.defaultValue.map { sources.text($0.span) },
      documentation: parameter.documentation)
    if let bounds = parameter.bounds { checked.bounds = resolveBounds(bounds, of: parameter.name, type) }
    if let expression = parameter.defaultValue {
      // A default may use the parameters before it, and not itself.
      let value = withoutRow(
        check(expression, type, for: "the default of `\(parameter.name.text)`"), in: "a default")
      if let bounds = checked.bounds {
        _ = reportConstant(value, outside: bounds, "the default of `\(parameter.name.text)`")
      }
      checked.defaultValue = value
    }
    if let slot = body?.find(parameter.name.text), let first = body?[slot].name {
      report(
        .duplicateName, "the parameter `\(parameter.name.text)` is declared twice",
        at: parameter.name.span, label: "declared again",
        related: [.init("first declared here", at: first.span)], remedy: "rename one of them")
    } else {
      _ = reportVocabularyClash(parameter.name)
    }
    _ = body?.declare(parameter.name, type, .parameter)
    program.functions[index].parameters.append(checked)
  }

  /// A type as written.
  mutating func resolve(_ expression: TypeExpression) -> Type {
    switch expression.kind {
    case .invalid: return .invalid
    case .list(let element):
      let type = resolve(element)
      return type == .invalid ? .invalid : .list(type)
    case .choice(let names):
      var cases: [String] = []
      for name in names {
        if cases.contains(name.text) {
          report(
            .duplicateName, "the case `\(name.text)` is declared twice", at: name.span,
            label: "declared again", remedy: "remove one of them")
        } else {
          cases.append(name.text)
        }
      }
      return .choice(cases)
    case .named(let name):
      let simple = [Type.int, .float, .bool, .string, .file]
      if let type = simple.first(where: { $0.description == name }) { return type }
      if vocabulary.opaqueType(name) != nil { return .opaque(name) }
      if vocabulary.settings.contains(name) { return .settings(name) }
      let known =
        simple.map(\.description) + vocabulary.vocabulary.opaqueTypes.map(\.name) + vocabulary.settings
      report(
        .unknownType, "unknown type `\(name)`", at: expression.span,
        label: name == "Measure" ? "a figure cannot be given to a function" : "no type of this name",
        remedy: NearestName.remedy(name, in: known)
          ?? (name == "Measure"
            ? "log it where it is computed"
            : "the types are \(quotedList(known)), lists `[Int]` and choices `a | b`"))
      return .invalid
    }
  }

  /// `in a...b` after a parameter's type.
  private mutating func resolveBounds(
    _ expression: Expression, of name: Name, _ type: Type
  ) -> ClosedRange<Double>? {
    if case .invalid = expression.kind { return nil }
    switch type {
    case .int, .float, .list(.int), .list(.float): break
    case .invalid: return nil
    default:
      report(
        .badBounds, "`\(name.text)` is no number, so it cannot have bounds", at: expression.span,
        expected: "Int or Float before `in`", found: "\(type)", remedy: "remove the bounds")
      return nil
    }
    guard case .range(let low, let high) = expression.kind, let lower = literal(low),
      let upper = literal(high)
    else {
      report(
        .badBounds, "bounds are a range of two numbers", at: expression.span, expected: "`1...100`",
        found: "`\(recipe.sources.text(expression.span))`", remedy: "write both numbers out")
      return nil
    }
    guard lower <= upper else {
      report(
        .badBounds, "nothing lies within these bounds", at: expression.span,
        label: "\(numberText(lower)) is greater than \(numberText(upper))", remedy: "swap the two")
      return nil
    }
    return lower...upper
  }

  private func literal(_ expression: Expression) -> Double? {
    switch expression.kind {
    case .integer(let value): Double(value)
    case .float(let value): value
    case .unary(.minus, let operand): literal(operand).map { -$0 }
    default: nil
    }
  }

  private mutating func warnOfUnusedLocals(_ pending: PendingFunction) {
    guard let body, program.functions[function ?? 0].metrics != nil else { return }
    for local in body.locals where !local.isRead && local.type != .invalid {
      switch local.kind {
      case .variable:
        program.unusedValues += local.values
        report(
          .unusedBinding, "`\(local.name.text)` is never used", at: local.name.span,
          label: "computed for nothing", remedy: "use it, log it, or remove it")
      case .parameter:
        report(
          .unusedParameter, "the parameter `\(local.name.text)` is never used", at: local.name.span,
          label: "changes nothing", remedy: "use it, or remove it")
      case .loopVariable, .axis: break
      }
    }
  }
}
