extension Evaluator {
  mutating func evaluate(_ node: Resolved) throws(EvaluationFailure) -> Value {
    depth += 1
    defer { depth -= 1 }
    if depth > Evaluator.greatestDepth { throw tooDeep(at: node.span) }
    switch node.kind {
    case .constant(let value): return value
    case .local(let slot): return stack[base + slot]
    case .global(let index): return try global(index)
    case .list(let elements):
      try charge(elements.count, at: node.span)
      return try keep(.list(try evaluateAll(elements)), at: node.span)
    case .record(let names, let fields):
      return try keep(
        .record(constructor: nil, names: names, values: try evaluateAll(fields)), at: node.span)
    case .range(let low, let high):
      guard case .int(let low) = try evaluate(low), case .int(let high) = try evaluate(high) else {
        throw .silent
      }
      // Empty ranges are one value however they are written.
      return values.intern(low <= high ? .range(low, high) : .range(1, 0))
    case .element(let list, let index): return try element(of: list, at: index)
    case .field(let record, let position):
      let whole = try evaluate(record)
      guard case .record(_, _, let fields)? = values.compound(whole) else { throw .silent }
      return fields[position]
    case .part(let whole, let name): return part(name, of: try evaluate(whole))
    case .operation(let call): return try operation(call, at: node.span)
    case .settings(let constructor, let arguments):
      return try settings(constructor, arguments, at: node.span)
    case .call(let call): return try self.call(call, at: node.span)
    case .builtIn(let builtIn, let arguments): return try evaluate(builtIn, arguments, at: node.span)
    case .negate(let operand): return try negate(try evaluate(operand), at: node.span)
    case .not(let operand): return .bool(!(try condition(operand)))
    case .arithmetic(let binary, let left, let right):
      return try arithmetic(binary, try evaluate(left), try evaluate(right), at: node.span)
    case .comparison(let binary, let left, let right):
      return .bool(Evaluator.compare(binary, try evaluate(left), try evaluate(right)))
    case .and(let left, let right): return .bool(try condition(left) ? try condition(right) : false)
    case .or(let left, let right): return .bool(try condition(left) ? true : try condition(right))
    case .match(let subject, let arms): return try evaluate(try arm(arms, for: subject))
    case .convert(let operand): return try convert(try evaluate(operand), to: node.type, at: node.span)
    case .row(let expression): return values.intern(.row(try rowExpression(expression)))
    case .rowField, .invalid: throw .silent
    }
  }

  func tooDeep(at span: Span) -> EvaluationFailure {
    failure(
      .tooDeep, "functions call each other too deep", at: span,
      label: "more than \(Evaluator.greatestDepth) expressions and calls inside each other",
      remedy: "have functions call fewer others")
  }

  mutating func evaluateAll(_ nodes: [Resolved]) throws(EvaluationFailure) -> [Value] {
    var result: [Value] = []
    result.reserveCapacity(nodes.count)
    for node in nodes { result.append(try evaluate(node)) }
    return result
  }

  mutating func condition(_ node: Resolved) throws(EvaluationFailure) -> Bool {
    guard case .bool(let value) = try evaluate(node) else { throw .silent }
    return value
  }

  /// Interns a compound value, unless it is too large to be meant.
  mutating func keep(_ compound: ValueTable.Compound, at span: Span) throws(EvaluationFailure) -> Value {
    let value = values.intern(compound)
    if values.size(value) > limits.valueSize { throw tooLarge(at: span) }
    return value
  }

  func tooLarge(at span: Span) -> EvaluationFailure {
    failure(
      .tooLarge, "this value is too large", at: span, label: "more than \(limits.valueSize) elements",
      remedy: "use a shorter range, or fewer copies of a part")
  }

  private mutating func element(of list: Resolved, at index: Resolved) throws(EvaluationFailure) -> Value {
    let whole = try evaluate(list)
    guard let elements = values.elements(whole), case .int(let position) = try evaluate(index) else {
      throw .silent
    }
    let count = elements.count
    guard position >= 0, position < count else {
      throw failure(
        .indexOutOfRange, "there is no element \(position)", at: index.span,
        expected: count == 0 ? "no index, since the list is empty" : "0...\(count - 1)", found: "\(position)",
        remedy: "elements are counted from 0; this list has \(count)")
    }
    return elements[position]
  }

  private mutating func part(_ name: Int32, of whole: Value) -> Value {
    switch whole {
    case .step(let step): return values.intern(.part(step: step, fields: [name]))
    case .compound:
      if case .part(let step, let fields)? = values.compound(whole) {
        return values.intern(.part(step: step, fields: fields + [name]))
      }
      return whole
    default: return whole
    }
  }

  mutating func arm(_ arms: [Resolved.Arm], for subject: Resolved) throws(EvaluationFailure) -> Resolved {
    let value = try evaluate(subject)
    for arm in arms where arm.cases.contains(value) { return arm.value }
    throw .silent
  }

  /// A value as one of another type that its own converts to.
  mutating func convert(_ value: Value, to type: Type, at span: Span) throws(EvaluationFailure) -> Value {
    switch (value, type) {
    case (.int(let number), .float): return .number(Double(number))
    case (.string(let text), .file): return values.intern(.file(path: text, document: span.document))
    case (.compound, .list(let element)):
      guard let elements = values.elements(value) else { return value }
      guard elements.count <= limits.valueSize else { throw tooLarge(at: span) }
      try charge(elements.count, at: span)
      var converted: [Value] = []
      converted.reserveCapacity(elements.count)
      for position in 0..<elements.count {
        converted.append(try convert(elements[position], to: element, at: span))
      }
      return values.intern(.list(converted))
    default: return value
    }
  }
}
