extension Checker {
  /// An expression that must have a type; what is wrong is reported. `purpose` completes "expected … for".
  mutating func check(_ expression: Expression, _ type: Type, for purpose: String) -> Resolved {
    if case .rowExpression(let wanted) = type { return checkRow(expression, wanted, for: purpose) }
    if case .list(.rowExpression(let wanted)) = type {
      return checkRows(expression, wanted, for: purpose)
    }
    return fit(infer(expression, hint: type), to: type, for: purpose)
  }

  /// The value as a value of `type`, or a report of the mismatch.
  mutating func fit(_ value: Resolved, to type: Type, for purpose: String) -> Resolved {
    if value.isInvalid || type == .invalid { return value }
    if Checker.converts(value.type, to: type) { return converted(value, to: type) }
    if value.type == .measure {
      reportMeasure(value)
    } else {
      report(
        .typeMismatch, "\(purpose) must be \(type.phrase)", at: value.span, expected: type.phrase,
        found: value.type.phrase, remedy: mismatchRemedy(value, type))
    }
    return .invalid(at: value.span)
  }

  mutating func reportMeasure(_ value: Resolved) {
    report(
      .figureInComputation, "a figure is known only after running, and may not steer a recipe",
      at: value.span, label: "a Measure", remedy: "log it by name, or show it")
  }

  private func mismatchRemedy(_ value: Resolved, _ type: Type) -> String {
    switch (value.type, type) {
    case (.float, .int): return "write `round(…)` or `floor(…)` around it"
    case (.string, .choice(let cases)):
      if case .constant(.string(let text)) = value.kind, cases.contains(program.values.texts[Int(text)]) {
        return "remove the quotes"
      }
      return "write one of the cases \(quotedList(cases, or: true))"
    case (_, .choice(let cases)): return "write one of the cases \(quotedList(cases, or: true))"
    case (let element, .list(let wanted)) where Checker.converts(element, to: wanted):
      return "write it in brackets: `[…]`"
    case (.list(let element), let wanted) where Checker.converts(element, to: wanted):
      return "take one element, such as `[0]`"
    case (_, .opaque), (_, .settings):
      // A part of what is there is nearer than a call that makes another.
      if case .opaque(let name) = value.type, let whole = vocabulary.opaqueType(name),
        let field = whole.fields.first(where: { $0.type == type })
      {
        return "a \(whole.name)'s `\(field.name)` is \(type.phrase)"
      }
      let makers = vocabulary.makers(of: type)
      let parts = vocabulary.vocabulary.opaqueTypes.flatMap { whole in
        whole.fields.filter { $0.type == type }.map { "a \(whole.name)'s `\($0.name)`" }
      }
      if !makers.isEmpty { return "\(quotedList(Array(makers.prefix(3)), or: true)) gives \(type.phrase)" }
      if let part = parts.first { return "\(part) is \(type.phrase)" }
      return "give \(type.phrase)"
    case (_, .bool): return "write a condition, such as a comparison, or `true` or `false`"
    case (_, .string), (_, .file): return "write text between double quotes"
    case (_, .int), (_, .float): return "write a number"
    default: return "give \(type.phrase)"
    }
  }

  /// Values of `type` can stand where `target` is expected.
  static func converts(_ type: Type, to target: Type) -> Bool {
    switch (type, target) {
    case (.invalid, _), (_, .invalid): true
    case (.int, .float), (.string, .file): true
    case (.choice(let cases), .choice(let wanted)): Set(cases).isSubset(of: wanted)
    case (.list(let element), .list(let wanted)): converts(element, to: wanted)
    case (.range, .list(let wanted)): wanted == .int || wanted == .float
    default: type == target
    }
  }

  /// The type that both fit; `nil` if none does.
  func common(_ a: Type, _ b: Type) -> Type? {
    if Checker.converts(b, to: a) { return a == .invalid ? b : a }
    return Checker.converts(a, to: b) ? b : nil
  }

  /// - Precondition: the value's type converts to `type`.
  func converted(_ value: Resolved, to type: Type) -> Resolved {
    guard value.type != type, Checker.changesValue(value.type, to: type) else { return value }
    if case .constant(.int(let number)) = value.kind, type == .float {
      return Resolved(.constant(.number(Double(number))), .float, at: value.span)
    }
    return Resolved(.convert(value), type, at: value.span, readsRow: value.readsRow)
  }

  private static func changesValue(_ type: Type, to target: Type) -> Bool {
    switch (type, target) {
    case (.int, .float), (.string, .file), (.range, .list): true
    case (.list(let element), .list(let wanted)): changesValue(element, to: wanted)
    default: false
    }
  }

  // MARK: Row expressions

  private mutating func checkRow(_ expression: Expression, _ type: Type, for purpose: String) -> Resolved {
    let outer = inRow
    inRow = true
    defer { inRow = outer }
    let value = fit(infer(expression, hint: type), to: type, for: purpose)
    if value.isInvalid { return value }
    return Resolved(.row(value), .rowExpression(type), at: expression.span)
  }

  private mutating func checkRows(_ expression: Expression, _ type: Type, for purpose: String) -> Resolved {
    guard case .list(let elements) = expression.kind else {
      if case .invalid = expression.kind { return .invalid(at: expression.span) }
      report(
        .typeMismatch, "\(purpose) must be a list of expressions over a row", at: expression.span,
        expected: "`[…, …]`", found: "another expression", remedy: "write them between brackets")
      return .invalid(at: expression.span)
    }
    var values: [Resolved] = []
    for element in elements { values.append(checkRow(element, type, for: purpose)) }
    if values.contains(where: \.isInvalid) { return .invalid(at: expression.span) }
    return Resolved(.list(values), .list(.rowExpression(type)), at: expression.span)
  }
}

extension Type {
  static let greatestSize = 1000

  /// How many types this one is made of, counted up to just above `limit`.
  func size(limit: Int) -> Int {
    switch self {
    case .list(let element): return limit <= 0 ? 1 : 1 + element.size(limit: limit - 1)
    case .record(let fields):
      var total = 1
      for field in fields where total <= limit { total += field.type.size(limit: limit - total) }
      return total
    default: return 1
    }
  }

  /// With an article, as in "expected a Model".
  var phrase: String {
    switch self {
    case .choice(let cases): "one of \(cases.joined(separator: " | "))"
    case .list(let element): "a list [\(element)]"
    case .record: "a record"
    case .range: "a range"
    case .rowExpression, .study, .invalid: description
    case .int: "an Int"
    default:
      "AEIOU".contains(description.prefix(1)) ? "an \(description)" : "a \(description)"
    }
  }
}
