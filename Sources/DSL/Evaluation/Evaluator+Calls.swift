extension Evaluator {
  /// A call of an operation: the step with these arguments, new or known.
  mutating func operation(_ call: OperationCall, at span: Span) throws(EvaluationFailure) -> Value {
    try charge(at: span)
    let signature = program.vocabulary.operations[call.operation]
    var arguments: [Value] = []
    arguments.reserveCapacity(call.arguments.count + 1)
    for argument in call.arguments {
      let value = try evaluate(argument)
      if values.size(value) > limits.valueSize { throw tooLarge(at: argument.span) }
      arguments.append(value)
    }
    for position in call.bounded {
      try check(
        arguments[position], signature.parameters[position].bounds, signature.parameters[position].name,
        of: signature.name, at: call.arguments[position].span)
    }
    if signature.usesSeed {
      arguments.append(
        try call.seed.map { seed throws(EvaluationFailure) in try evaluate(seed) } ?? .int(seed))
    }
    let step = steps.intern(
      StepTable.Key(operation: call.operation, arguments: arguments), site: call.site,
      mentioned: values.mentioned)
    if steps.count > limits.steps {
      if isExhausted { throw .silent }
      isExhausted = true
      throw failure(
        .tooManySteps, "this recipe asks for too many steps", at: span,
        label: "more than \(limits.steps) different calls by here", remedy: "vary fewer settings")
    }
    return .step(step)
  }

  mutating func settings(
    _ constructor: Int, _ arguments: [Resolved], at span: Span
  ) throws(EvaluationFailure) -> Value {
    let signature = program.vocabulary.constructors[constructor]
    var fields: [Value] = []
    var names: [Int32] = []
    for (parameter, argument) in zip(signature.parameters, arguments) {
      let value = try evaluate(argument)
      try check(value, parameter.bounds, parameter.name, of: signature.name, at: argument.span)
      if parameter.isAddition, let usual = parameter.defaultValue,
        value == values.intern(usual, as: parameter.type)
      {
        continue
      }
      fields.append(value)
      names.append(values.text(parameter.name))
    }
    let name = values.text(signature.name)
    return try keep(.record(constructor: name, names: names, values: fields), at: span)
  }

  mutating func call(_ call: FunctionCall, at span: Span) throws(EvaluationFailure) -> Value {
    var arguments: [Value?] = []
    arguments.reserveCapacity(call.arguments.count)
    for argument in call.arguments {
      if let argument { arguments.append(try evaluate(argument)) } else { arguments.append(nil) }
    }
    // Only a study listens to what an algorithm logs; called for its result, it logs nothing.
    let listening = log
    log = nil
    let value = try enter(
      call.function, arguments, spans: call.arguments.map { $0?.span ?? span }, at: span)
    log = listening
    return value
  }

  /// Evaluates a function's body in a frame of its own.
  /// - Parameter arguments: by parameter; `nil` for those left to their defaults.
  mutating func enter(
    _ index: Int, _ arguments: [Value?], spans: [Span], at span: Span
  ) throws(EvaluationFailure) -> Value {
    try charge(at: span)
    let function = program.functions[index]
    let caller = base
    base = stack.count
    depth += 1
    defer {
      depth -= 1
      stack.removeLast(stack.count - base)
      base = caller
    }
    stack.append(contentsOf: repeatElement(.none, count: function.slotCount))
    do throws(EvaluationFailure) {
      for (slot, parameter) in function.parameters.enumerated() {
        let value: Value
        if let given = arguments[slot] {
          value = given
        } else if let expression = parameter.defaultValue {
          value = try evaluate(expression)
        } else {
          throw .silent
        }
        try check(
          value, parameter.bounds, parameter.name.text, of: function.name.text, at: spans[slot])
        stack[base + slot] = value
      }
      var result: Value?
      try run(function.body, result: &result)
      guard let result else { throw .silent }
      return function.convertsResult ? try convert(result, to: function.result, at: span) : result
    } catch {
      throw error.called(function.name.text, at: span)
    }
  }

  /// Checks a number, or each number of a list, against its bounds.
  func check(
    _ value: Value, _ bounds: ClosedRange<Double>?, _ name: String, of callee: String, at span: Span
  ) throws(EvaluationFailure) {
    guard let bounds else { return }
    let number: Double
    switch value {
    case .int(let value): number = Double(value)
    case .float(let value): number = value
    case .compound:
      guard case .list(let elements)? = values.compound(value) else { return }
      for element in elements { try check(element, bounds, name, of: callee, at: span) }
      return
    default: return
    }
    if bounds.contains(number) { return }
    throw failure(
      .outOfBounds, "`\(name)` of `\(callee)` is out of bounds", at: span, expected: boundsText(bounds),
      found: numberText(number), remedy: "choose a number in \(boundsText(bounds))")
  }
}

extension EvaluationFailure {
  /// The failure with one more line of its call trace.
  func called(_ name: String, at span: Span) -> EvaluationFailure {
    guard var diagnostic else { return self }
    if diagnostic.span != span, diagnostic.related.count < 5 {
      diagnostic.related.append(.init("in this call of `\(name)`", at: span))
    }
    return EvaluationFailure(diagnostic: diagnostic)
  }
}
