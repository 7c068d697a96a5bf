extension Checker {
  /// Matches arguments with parameters and checks each; `nil` if something was reported.
  ///
  /// A label says its parameter; an unlabelled argument fills the next parameter that no other argument of this call has.
  /// - Parameters:
  ///   - canOmit: parameters that need no argument, and that unlabelled arguments pass over: what a study varies.
  ///   - byLabelOnly: how many parameters at the end take an argument only by label.
  mutating func assign(
    _ arguments: [Argument], _ receiver: Expression?, to parameters: [CallParameter], of callee: String,
    at span: Span, canOmit: Set<String>, byLabelOnly: Int = 0
  ) -> [Resolved?]? {
    var arguments = arguments
    if let receiver { arguments.insert(Argument(label: nil, value: receiver), at: 0) }
    guard let given = match(arguments, parameters, callee, at: span, canOmit, byLabelOnly) else { return nil }
    var isSound = true
    var values: [Resolved?] = []
    var missing: [CallParameter] = []
    var passed: [String] = []
    for (parameter, expression) in zip(parameters, given) {
      guard let expression else {
        values.append(nil)
        if canOmit.contains(parameter.name) {
          passed.append(parameter.name)
        } else if parameter.isRequired {
          missing.append(parameter)
        }
        continue
      }
      var purpose = "`\(parameter.name)` of `\(callee)`"
      if !passed.isEmpty, !arguments.contains(where: { $0.label?.text == parameter.name }) {
        purpose += ", whose \(quotedList(passed)) \(passed.count == 1 ? "is" : "are") varied,"
      }
      let value = checkArgument(expression, parameter, purpose, of: callee)
      values.append(value)
      if value.isInvalid { isSound = false }
    }
    if !missing.isEmpty {
      let names = missing.map { "\($0.name): \($0.type)" }
      report(
        .missingArgument,
        "`\(callee)` needs \(missing.count == 1 ? "another argument" : "\(missing.count) more arguments")",
        at: span, label: "\(quotedList(names)) \(missing.count == 1 ? "is" : "are") missing",
        remedy: "add " + missing.map { "`\($0.name): …`" }.joined(separator: ", "))
      isSound = false
    }
    return isSound ? values : nil
  }

  private mutating func checkArgument(
    _ expression: Expression, _ parameter: CallParameter, _ purpose: String, of callee: String
  ) -> Resolved {
    let value =
      parameter.type == .invalid
      ? infer(expression, hint: nil) : check(expression, parameter.type, for: purpose)
    if let bounds = parameter.bounds, reportConstant(value, outside: bounds, purpose) {
      return .invalid(at: value.span)
    }
    return withoutRow(value, in: "an argument of `\(callee)`")
  }

  /// A number in the text that lies outside of its bounds, found without evaluating.
  mutating func reportConstant(
    _ value: Resolved, outside bounds: ClosedRange<Double>, _ purpose: String
  ) -> Bool {
    let number: Double
    switch value.kind {
    case .constant(.int(let value)): number = Double(value)
    case .constant(.float(let value)): number = value
    default: return false
    }
    if bounds.contains(number) { return false }
    let text = boundsText(bounds)
    report(
      .outOfBounds, "\(purpose) is out of bounds", at: value.span, expected: text,
      found: recipe.sources.text(value.span), remedy: "choose a number in \(text)")
    return true
  }

  /// Which argument each parameter gets; `nil` if an argument fits none, which has been reported.
  private mutating func match(
    _ arguments: [Argument], _ parameters: [CallParameter], _ callee: String, at span: Span,
    _ canOmit: Set<String>, _ byLabelOnly: Int
  ) -> [Expression?]? {
    var given = [Expression?](repeating: nil, count: parameters.count)
    var isSound = true
    for argument in arguments {
      guard let label = argument.label else { continue }
      guard let position = parameters.firstIndex(where: { $0.name == label.text }) else {
        let names = parameters.map(\.name)
        report(
          .unknownLabel, "`\(callee)` has no parameter `\(label.text)`", at: label.span,
          label: "no such parameter",
          remedy: NearestName.remedy(label.text, in: names)
            ?? (names.isEmpty ? "it takes no arguments" : "its parameters are \(quotedList(names))"))
        isSound = false
        continue
      }
      if let first = given[position] {
        report(
          .duplicateArgument, "`\(label.text)` is given twice", at: label.span, label: "given again",
          related: [.init("first given here", at: first.span)], remedy: "remove one of them")
        isSound = false
        continue
      }
      given[position] = argument.value
    }
    let positions = parameters.indices.dropLast(byLabelOnly).filter {
      given[$0] == nil && !canOmit.contains(parameters[$0].name)
    }
    let unlabelled = arguments.filter { $0.label == nil }
    for (position, argument) in zip(positions, unlabelled) { given[position] = argument.value }
    if isSound, unlabelled.count > positions.count {
      report(
        .tooManyArguments, "`\(callee)` is given too many arguments",
        at: unlabelled[positions.count].value.span,
        expected: positions.count == 1 ? "1 argument here" : "\(positions.count) arguments here",
        found: "\(unlabelled.count)", remedy: "remove the argument, or say by a label what it is for")
      isSound = false
    }
    return isSound ? given : nil
  }
}

/// `1...100`, as a recipe writes it.
func boundsText(_ bounds: ClosedRange<Double>) -> String {
  "\(numberText(bounds.lowerBound))...\(numberText(bounds.upperBound))"
}

/// A number without a needless `.0`.
func numberText(_ value: Double) -> String {
  Int(exactly: value).map { "\($0)" } ?? "\(value)"
}
