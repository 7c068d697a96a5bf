extension Checker {
  /// An expression, and whatever type it has. `hint` is the type wanted, which gives bare names their meaning as cases and
  /// literals their type; the result may have another type all the same.
  mutating func infer(_ expression: Expression, hint: Type?) -> Resolved {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Checker.greatestDepth else {
      defer { isTooDeep = true }
      if isTooDeep { return .invalid(at: expression.span) }
      report(
        .tooNested, "expressions and calls lie too deep in each other", at: expression.span,
        label: "more than \(Checker.greatestDepth) levels",
        remedy: "give parts names of their own, or have functions call fewer others")
      return .invalid(at: expression.span)
    }
    let span = expression.span
    switch expression.kind {
    case .integer(let value):
      if hint == .float { return Resolved(.constant(.number(Double(value))), .float, at: span) }
      return Resolved(.constant(.int(value)), .int, at: span)
    case .float(let value): return Resolved(.constant(.number(value)), .float, at: span)
    case .string(let text): return Resolved(.constant(program.values.string(text)), .string, at: span)
    case .boolean(let value): return Resolved(.constant(.bool(value)), .bool, at: span)
    case .name(let name): return resolve(name, at: span, hint: hint)
    case .list(let elements): return inferList(elements, at: span, hint: hint)
    case .tuple:
      report(
        .misplacedTuple, "values between parentheses, with commas, stand here", at: span,
        label: "not a value", remedy: "write a list `[…]`, or a record `{ name: … }`")
      return .invalid(at: span)
    case .record(let fields): return inferRecord(fields, at: span)
    case .range(let low, let high):
      let low = withoutRow(check(low, .int, for: "a range's end"), in: "a range")
      let high = withoutRow(check(high, .int, for: "a range's end"), in: "a range")
      if low.isInvalid || high.isInvalid { return .invalid(at: span) }
      return Resolved(.range(low, high), .range, at: span)
    case .member(let base, let name): return inferMember(base, name, at: span)
    case .call(let callee, let arguments): return inferCall(callee, arguments, at: span)
    case .unary(let unary, let operand): return inferUnary(unary, operand, at: span, hint: hint)
    case .binary(let binary, let operatorSpan, let left, let right):
      return inferBinary(binary, operatorSpan, left, right, at: span, hint: hint)
    case .filter(let rows, let condition): return inferFilter(rows, condition, at: span)
    case .match(let subject, let arms): return inferMatch(subject, arms, at: span, hint: hint)
    case .selection(let base, let arguments): return inferElement(base, arguments, at: span)
    case .at(_, let moment):
      report(
        .figureInComputation, "a study's figure cannot be computed with", at: span,
        label: "known only after running", related: [.init("a moment of a study", at: moment.span)],
        remedy: "claim it with `expect`, or show it in a `table`")
      return .invalid(at: span)
    case .invalid: return .invalid(at: span)
    }
  }

  private mutating func inferList(_ elements: [Expression], at span: Span, hint: Type?) -> Resolved {
    let wanted: Type? = if case .list(let element)? = hint { element } else { nil }
    var element: Type?
    var values: [Resolved] = []
    var isInvalid = false
    for expression in elements {
      let value = withoutRow(infer(expression, hint: wanted ?? element), in: "a list")
      values.append(value)
      if value.isInvalid {
        isInvalid = true
      } else if value.type == .measure {
        reportMeasure(value)
        isInvalid = true
      } else if let common = common(element ?? value.type, value.type) {
        element = common
      } else {
        report(
          .typeMismatch, "a list's elements have one type", at: value.span,
          expected: element?.phrase, found: value.type.phrase,
          remedy: "use a record `{ name: … }` for values of different types")
        isInvalid = true
      }
    }
    if isInvalid { return .invalid(at: span) }
    if let wanted, Checker.converts(element ?? wanted, to: wanted) { element = wanted }
    guard let element else {
      report(
        .unknownElementType, "nothing says what this empty list is a list of", at: span,
        label: "no elements",
        remedy: "write it where a list is expected, such as in an argument, or give it an element")
      return .invalid(at: span)
    }
    return bounded(
      Resolved(.list(values.map { converted($0, to: element) }), .list(element), at: span))
  }

  private mutating func inferRecord(_ fields: [(Name, Expression)], at span: Span) -> Resolved {
    var seen: [String: Span] = [:]
    var names: [Int32] = []
    var types: [RecordField] = []
    var values: [Resolved] = []
    var isInvalid = false
    for (name, expression) in fields {
      let value = withoutRow(infer(expression, hint: nil), in: "a record")
      if let first = seen[name.text] {
        report(
          .duplicateName, "the field `\(name.text)` is given twice", at: name.span, label: "given again",
          related: [.init("first given here", at: first)], remedy: "remove one of them")
        isInvalid = true
      }
      seen[name.text] = name.span
      if value.type == .measure { reportMeasure(value) }
      isInvalid = isInvalid || value.isInvalid || value.type == .measure
      names.append(program.values.text(name.text))
      types.append(RecordField(name: name.text, type: value.type))
      values.append(value)
    }
    if isInvalid { return .invalid(at: span) }
    return bounded(Resolved(.record(names: names, values), .record(types), at: span))
  }

  /// Refuses values whose type alone would be endless to compare.
  private mutating func bounded(_ value: Resolved) -> Resolved {
    guard value.type.size(limit: Type.greatestSize) > Type.greatestSize else { return value }
    report(
      .tooNested, "a value has too many parts inside parts", at: value.span,
      label: "its type has more than \(Type.greatestSize) parts",
      remedy: "keep parts under names of their own")
    return .invalid(at: value.span)
  }

  private mutating func inferElement(
    _ base: Expression, _ arguments: [Argument], at span: Span
  ) -> Resolved {
    if case .name(let name) = base.kind, case .top(let entity)? = findVariable(name),
      case .study = entity.kind
    {
      reportFigure(of: name, at: span)
      return .invalid(at: span)
    }
    let list = withoutRow(infer(base, hint: nil), in: "a list")
    if list.isInvalid { return list }
    let element: Type
    switch list.type {
    case .list(let type): element = type
    case .range: element = .int
    default:
      report(
        .notASequence, "only lists and ranges have elements", at: list.span,
        expected: "a list or a range", found: list.type.phrase,
        remedy: "remove the `[…]`, or put the values in a list")
      return .invalid(at: span)
    }
    guard let argument = arguments.first, arguments.count == 1, argument.label == nil else {
      report(
        .tooManyArguments, "an element is chosen by one number", at: span, expected: "`[index]`",
        found: "\(arguments.count) values", remedy: "write one whole number, counted from 0")
      return .invalid(at: span)
    }
    let index = withoutRow(check(argument.value, .int, for: "an index"), in: "an index")
    return index.isInvalid ? .invalid(at: span) : Resolved(.element(list, index), element, at: span)
  }

  private mutating func inferMember(_ base: Expression, _ name: Name, at span: Span) -> Resolved {
    if let field = rowMember(base, name, at: span) { return field }
    if let study = studyName(of: base) {
      reportFigure(of: study, at: span)
      return .invalid(at: span)
    }
    let value = withoutRow(infer(base, hint: nil), in: "a value with parts")
    switch value.type {
    case .invalid: return .invalid(at: span)
    case .record(let fields):
      if let position = fields.firstIndex(where: { $0.name == name.text }) {
        return Resolved(.field(value, position), fields[position].type, at: span)
      }
      return unknownMember(name, of: value, known: fields.map(\.name), at: span)
    case .opaque(let type):
      let fields = vocabulary.opaqueType(type)?.fields ?? []
      if let field = fields.first(where: { $0.name == name.text }) {
        return Resolved(.part(value, program.values.text(name.text)), field.type, at: span)
      }
      if let metrics = vocabulary.opaqueType(type)?.metrics, metrics.contains(where: { $0.name == name.text })
      {
        report(
          .figureInComputation, "a figure is known only after running, and may not steer a recipe",
          at: span, label: "a metric of \(value.type)", remedy: "log the whole value: `log n { … }`")
        return .invalid(at: span)
      }
      return unknownMember(name, of: value, known: fields.map(\.name), at: span)
    default: return unknownMember(name, of: value, known: [], at: span)
    }
  }

  private mutating func unknownMember(
    _ name: Name, of value: Resolved, known: [String], at span: Span
  ) -> Resolved {
    let remedy: String
    if callableNames.contains(name.text) {
      remedy = "`\(name.text)` is called: `.\(name.text)(…)`"
    } else if let near = NearestName.remedy(name.text, in: known) {
      remedy = near
    } else {
      remedy = known.isEmpty ? "remove `.\(name.text)`" : "it has \(quotedList(known))"
    }
    report(
      .unknownMember, "\(value.type.phrase) has no part `\(name.text)`", at: name.span,
      label: "no such part", remedy: remedy)
    return .invalid(at: span)
  }

  /// The study at the root of `study[…].a.b`.
  func studyName(of expression: Expression) -> String? {
    switch expression.kind {
    case .name(let name):
      guard case .top(let entity)? = findVariable(name), case .study = entity.kind else { return nil }
      return name
    case .member(let base, _), .selection(let base, _), .at(let base, _): return studyName(of: base)
    default: return nil
    }
  }

  private mutating func reportFigure(of study: String, at span: Span) {
    report(
      .figureInComputation, "a figure is known only after running, and may not steer a recipe",
      at: span, label: "a figure of the study `\(study)`",
      remedy: "claim it with `expect`, or show it in a `table`")
  }
}
