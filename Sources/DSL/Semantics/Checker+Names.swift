extension Checker {
  /// A bare name as a value.
  mutating func resolve(_ name: String, at span: Span, hint: Type?) -> Resolved {
    let cases: [String]? = if case .choice(let cases)? = hint { cases } else { nil }
    let variable = findVariable(name)
    if let cases, cases.contains(name) {
      if let variable, case .choice(let own) = type(of: variable), Set(own).isSubset(of: cases) {
        report(
          .ambiguousCase, "`\(name)` is both a case and a variable here", at: span,
          label: "the case `\(name)`, or the value of `\(name)`?", related: definition(of: variable),
          remedy: "rename the variable")
        return .invalid(at: span)
      }
      return Resolved(.constant(program.values.choice(name)), .choice(cases), at: span)
    }
    if inRow, let field = rowField(name, at: span) { return field }
    if let variable { return read(variable, name, at: span) }
    if let index = vocabulary.constant(name) { return settings(index, at: span) }
    return unknown(name, at: span, cases: cases)
  }

  /// What a name that holds a value stands for here.
  enum Variable {
    case local(Int)
    case top(Entity)
  }

  func findVariable(_ name: String) -> Variable? {
    if let slot = body?.find(name) { return .local(slot) }
    return tops[document][name].map { .top($0) }
  }

  private mutating func type(of variable: Variable) -> Type {
    switch variable {
    case .local(let slot): return body?[slot].type ?? .invalid
    case .top(let entity):
      guard case .global(let index) = entity.kind else { return .invalid }
      checkGlobal(index)
      return program.globals[index].value.type
    }
  }

  private func definition(of variable: Variable) -> [Diagnostic.Label] {
    switch variable {
    case .local(let slot): body.map { [.init("the variable", at: $0[slot].name.span)] } ?? []
    case .top(let entity): [.init("the variable", at: entity.span)]
    }
  }

  private mutating func read(_ variable: Variable, _ name: String, at span: Span) -> Resolved {
    switch variable {
    case .local(let slot):
      body?[slot].isRead = true
      return Resolved(.local(slot), body?[slot].type ?? .invalid, at: span)
    case .top(let entity): return read(entity, name, at: span)
    }
  }

  private mutating func read(_ entity: Entity, _ name: String, at span: Span) -> Resolved {
    switch entity.kind {
    case .invalid: return .invalid(at: span)
    case .study:
      report(
        .studyAsValue, "the study `\(name)` is not a value", at: span, label: "a study",
        remedy: "show its figures with `table \(name) { … }`, or claim one with `expect`")
      return .invalid(at: span)
    case .function(let index):
      let kind = functions[index].declaration.isAlgorithm ? "algorithm" : "function"
      report(
        .typeMismatch, "the \(kind) `\(name)` stands here without its arguments", at: span,
        expected: "a value", found: "the \(kind) `\(name)`", remedy: "call it: `\(name)(…)`")
      return .invalid(at: span)
    case .global(let index):
      program.globals[index].isRead = true
      guard entity.position < position else {
        report(
          .usedBeforeDefinition, "`\(name)` is used before its definition", at: span,
          label: "not defined yet", related: [.init("defined here", at: entity.span)],
          remedy: "move the definition of `\(name)` before this")
        return .invalid(at: span)
      }
      if globals[index].progress == .running {
        report(
          .recursion, "`\(name)` is defined in terms of itself", at: span, label: "needs its own value",
          related: [.init("defined here", at: entity.span)],
          remedy: "give the function the value as an argument")
        return .invalid(at: span)
      }
      checkGlobal(index)
      return Resolved(.global(index), program.globals[index].value.type, at: span)
    }
  }

  private mutating func unknown(_ name: String, at span: Span, cases: [String]?) -> Resolved {
    if let cases {
      report(
        .unknownName, "unknown name `\(name)`", at: span,
        label: "none of the cases \(cases.joined(separator: " | "))",
        remedy: NearestName.remedy(name, in: cases + visibleNames)
          ?? "write \(quotedList(cases, or: true))")
      return .invalid(at: span)
    }
    guard reportedNames[document].insert(name).inserted else { return .invalid(at: span) }
    let isCallable =
      vocabulary.operation(name) != nil || vocabulary.constructor(name) != nil
      || BuiltIn(rawValue: name) != nil
    if isCallable {
      report(
        .unknownName, "`\(name)` stands here without its arguments", at: span,
        label: "a call without arguments",
        remedy: "call it: `\(name)(…)`")
    } else if !mayBeDefinedElsewhere(name, among: visibleNames) {
      let types = [Type.int, .float, .bool, .string, .file].map(\.description)
      report(
        .unknownName, "unknown name `\(name)`", at: span,
        label: types.contains(name) ? "a type, not a value" : "nothing of this name is defined here",
        remedy: name == "seed"
          ? "operations take the trial's seed by themselves, and tables, plots and claims are over all seeds; a `sql` cell tells them apart"
          : NearestName.remedy(name, in: visibleNames + [Keyword.true.rawValue, Keyword.false.rawValue])
            ?? caseRemedy(name)
            ?? "define it before: `\(name) = …`")
    }
    return .invalid(at: span)
  }

  /// Whether an unknown name may stand in what could not be read, and is not just a slip for a known one.
  func mayBeDefinedElsewhere(_ name: String, among known: [String]) -> Bool {
    recipe.documents[document].lacksNames && NearestName.find(name, in: known) == nil
  }

  /// A case written where nothing says which choice is meant.
  private func caseRemedy(_ name: String) -> String? {
    let choices = functions.flatMap(\.declaration.parameters).first { parameter in
      if case .choice(let cases) = parameter.type.kind { cases.contains { $0.text == name } } else { false }
    }
    return choices.map {
      "`\(name)` is a case of `\($0.name.text)`; write it where that is expected, such as in its argument"
    }
  }

  /// Every name that could stand as a value here, nearest scope first.
  var visibleNames: [String] {
    var names = body?.names ?? []
    names += tops[document].keys.sorted()
    if inRow { names += vocabulary.vocabulary.rowFields.map(\.path) }
    names += vocabulary.vocabulary.constructors.map(\.name)
    return names
  }

  // MARK: Row fields

  /// A field of a row by its path; `nil` if rows have no such field.
  mutating func rowField(_ path: String, at span: Span) -> Resolved? {
    let root = String(path.prefix { $0 != "." })
    guard let field = vocabulary.rowField(path) else { return nil }
    if let variable = findVariable(root) {
      report(
        .rowFieldClash, "`\(root)` is both a field of a row and a variable", at: span,
        label: "the row's `\(path)`, or the variable?", related: definition(of: variable),
        remedy: "rename the variable")
      return .invalid(at: span)
    }
    return Resolved(.rowField(path), field.type, at: span, readsRow: true)
  }

  /// `previous.reward` in a row expression; `nil` where it is an ordinary member.
  mutating func rowMember(_ base: Expression, _ name: Name, at span: Span) -> Resolved? {
    guard inRow, case .name(let root) = base.kind, vocabulary.rowPrefixes.contains(root) else { return nil }
    if let field = rowField("\(root).\(name.text)", at: span) { return field }
    guard findVariable(root) == nil else { return nil }
    let paths = vocabulary.vocabulary.rowFields.map(\.path)
    report(
      .unknownMember, "rows have no field `\(root).\(name.text)`", at: name.span, label: "no such field",
      remedy: NearestName.remedy("\(root).\(name.text)", in: paths)
        ?? "the fields are \(quotedList(paths))")
    return .invalid(at: span)
  }

  /// Reports a part that reads a row where only values known before running may stand.
  mutating func withoutRow(_ value: Resolved, in place: String) -> Resolved {
    guard value.readsRow else { return value }
    report(
      .misplacedRowField, "a row's field cannot stand in \(place)", at: value.span,
      label: "differs from row to row",
      remedy: "compare and compute with it directly, by operators")
    return .invalid(at: value.span)
  }
}
