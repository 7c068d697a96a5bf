/// What a call's arguments are matched against.
struct CallParameter {
  var name: String
  var type: Type
  var bounds: ClosedRange<Double>?
  var isRequired: Bool
}

extension Checker {
  mutating func inferCall(_ callee: Expression, _ arguments: [Argument], at span: Span) -> Resolved {
    switch callee.kind {
    case .name(let name):
      return call(Name(name, span: callee.span), receiver: nil, arguments, at: span)
    case .member(let receiver, let name):
      if let study = studyName(of: receiver) {
        report(
          .studyAsValue, "the study `\(study)` is not a value", at: receiver.span, label: "a study",
          remedy: "show its figures with `table \(study) { … }`, or claim one with `expect`")
        return .invalid(at: span)
      }
      return call(name, receiver: receiver, arguments, at: span)
    case .invalid: return .invalid(at: span)
    default:
      report(
        .unknownFunction, "only a name can be called", at: callee.span, label: "not a name",
        remedy: "write the name of a function or an operation before `(`")
      return .invalid(at: span)
    }
  }

  private mutating func call(
    _ name: Name, receiver: Expression?, _ arguments: [Argument], at span: Span
  ) -> Resolved {
    if let entity = tops[document][name.text] {
      switch entity.kind {
      case .function(let index): return callFunction(index, receiver, arguments, at: span)
      case .invalid: return .invalid(at: span)
      case .global, .study: break
      }
    }
    if let index = vocabulary.operation(name.text) {
      return callOperation(index, receiver, arguments, at: span)
    }
    if let index = vocabulary.constructor(name.text) {
      return callConstructor(index, receiver, arguments, at: span)
    }
    if let builtIn = BuiltIn(rawValue: name.text) {
      return callBuiltIn(builtIn, receiver, arguments, at: span)
    }
    let isValue = findVariable(name.text) != nil
    if !isValue, mayBeDefinedElsewhere(name.text, among: callableNames) { return .invalid(at: span) }
    if isValue || reportedNames[document].insert(name.text + "()").inserted {
      report(
        .unknownFunction,
        isValue ? "`\(name.text)` is a value and cannot be called" : "unknown function `\(name.text)`",
        at: name.span,
        label: isValue ? "a value" : "no operation or function of this name",
        remedy: NearestName.remedy(name.text, in: callableNames)
          ?? "`emend describe` lists the operations; define a function with `function \(name.text)(…) { … }`")
    }
    return .invalid(at: span)
  }

  /// Names that can stand before `(`.
  var callableNames: [String] {
    let own = tops[document].filter { entry in
      if case .function = entry.value.kind { true } else { false }
    }
    return own.keys.sorted() + vocabulary.vocabulary.operations.map(\.name)
      + vocabulary.vocabulary.constructors.map(\.name) + BuiltIn.allCases.map(\.rawValue)
  }

  // MARK: Four kinds of callee

  private mutating func callFunction(
    _ index: Int, _ receiver: Expression?, _ arguments: [Argument], at span: Span
  ) -> Resolved {
    let name = functions[index].declaration.name
    if functions[index].progress == .running {
      report(
        .recursion, "`\(name.text)` calls itself, directly or through others", at: span,
        label: "would never end", related: [.init("`\(name.text)` is defined here", at: name.span)],
        remedy: "repeat with `for` instead")
      return .invalid(at: span)
    }
    checkFunction(index)
    let parameters = callParameters(of: index)
    guard
      let values = assign(
        arguments, receiver, to: parameters, of: name.text, at: span, canOmit: [])
    else { return .invalid(at: span) }
    let result = program.functions[index].result
    if result == .invalid { return .invalid(at: span) }
    return Resolved(.call(FunctionCall(function: index, arguments: values)), result, at: span)
  }

  func callParameters(of function: Int) -> [CallParameter] {
    program.functions[function].parameters.map {
      CallParameter(
        name: $0.name.text, type: $0.type, bounds: $0.bounds, isRequired: $0.defaultText == nil)
    }
  }

  private mutating func callOperation(
    _ index: Int, _ receiver: Expression?, _ arguments: [Argument], at span: Span
  ) -> Resolved {
    let signature = vocabulary.vocabulary.operations[index]
    var parameters = signature.parameters.map(CallParameter.init)
    if signature.usesSeed {
      parameters.append(CallParameter(name: "seed", type: .int, bounds: nil, isRequired: false))
    }
    guard
      var values = assign(
        arguments, receiver, to: parameters, of: signature.name, at: span, canOmit: [],
        byLabelOnly: signature.usesSeed ? 1 : 0)
    else { return .invalid(at: span) }
    let seed = signature.usesSeed ? values.removeLast() : nil
    let site = program.sites.count
    program.sites.append(span)
    return Resolved(
      .operation(
        OperationCall(
          operation: index, arguments: withDefaults(values, signature, at: span),
          bounded: signature.parameters.indices.filter { signature.parameters[$0].bounds != nil },
          seed: seed, site: site)),
      signature.result, at: span)
  }

  private mutating func callConstructor(
    _ index: Int, _ receiver: Expression?, _ arguments: [Argument], at span: Span
  ) -> Resolved {
    let signature = vocabulary.vocabulary.constructors[index]
    let parameters = signature.parameters.map(CallParameter.init)
    guard
      let values = assign(arguments, receiver, to: parameters, of: signature.name, at: span, canOmit: [])
    else { return .invalid(at: span) }
    return Resolved(
      .settings(constructor: index, arguments: withDefaults(values, signature, at: span)),
      signature.result, at: span)
  }

  /// `greedy`, without parentheses.
  mutating func settings(_ index: Int, at span: Span) -> Resolved {
    let signature = vocabulary.vocabulary.constructors[index]
    let values = [Resolved?](repeating: nil, count: signature.parameters.count)
    return Resolved(
      .settings(constructor: index, arguments: withDefaults(values, signature, at: span)),
      signature.result, at: span)
  }

  private mutating func withDefaults(
    _ values: [Resolved?], _ signature: Signature, at span: Span
  ) -> [Resolved] {
    var complete: [Resolved] = []
    for (parameter, value) in zip(signature.parameters, values) {
      if let value {
        complete.append(value)
      } else {
        let constant = program.values.intern(parameter.defaultValue ?? .none, as: parameter.type)
        complete.append(Resolved(.constant(constant), parameter.type, at: span))
      }
    }
    return complete
  }

  private mutating func callBuiltIn(
    _ builtIn: BuiltIn, _ receiver: Expression?, _ arguments: [Argument], at span: Span
  ) -> Resolved {
    let parameters = builtIn.parameters.map {
      CallParameter(name: $0.name, type: .invalid, bounds: nil, isRequired: true)
    }
    guard
      let given = assign(
        arguments, receiver, to: parameters, of: builtIn.rawValue, at: span, canOmit: [])
    else { return .invalid(at: span) }
    let values = given.compactMap { $0 }
    for value in values {
      let fits =
        switch (builtIn, value.type) {
        case (.length, .list), (.length, .range), (_, .invalid): true
        case (.length, _): false
        case (_, .int), (_, .float): true
        default: false
        }
      if fits { continue }
      let expected = builtIn == .length ? "a list or a range" : "a number"
      if value.type == .measure {
        reportMeasure(value)
      } else {
        report(
          .typeMismatch, "`\(builtIn.rawValue)` takes \(expected)", at: value.span, expected: expected,
          found: value.type.phrase, remedy: "give \(expected)")
      }
      return .invalid(at: span)
    }
    if values.contains(where: \.isInvalid) { return .invalid(at: span) }
    switch builtIn {
    case .length, .round, .floor: return Resolved(.builtIn(builtIn, values), .int, at: span)
    case .float: return Resolved(.convert(values[0]), .float, at: span)
    case .min, .max:
      let type: Type = values.allSatisfy { $0.type == .int } ? .int : .float
      return Resolved(.builtIn(builtIn, values.map { converted($0, to: type) }), type, at: span)
    }
  }

  /// `rows where condition`: a call of the vocabulary's operation of that name.
  mutating func inferFilter(_ rows: Expression, _ condition: Expression, at span: Span) -> Resolved {
    guard let index = vocabulary.operation("where") else {
      report(
        .unknownFunction, "this vocabulary has no `where`", at: span, label: "nothing filters rows",
        remedy: "remove the condition")
      return .invalid(at: span)
    }
    return callOperation(index, rows, [Argument(label: nil, value: condition)], at: span)
  }
}

extension CallParameter {
  init(_ parameter: Parameter) {
    self.init(
      name: parameter.name, type: parameter.type, bounds: parameter.bounds,
      isRequired: parameter.defaultValue == nil)
  }
}
