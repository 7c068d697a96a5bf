extension Checker {
  mutating func inferMatch(
    _ subject: Expression, _ arms: [ExpressionArm], at span: Span, hint: Type?
  ) -> Resolved {
    let subject = inferSubject(subject)
    let cases = checkArms(arms.map(\.cases), of: subject, at: span)
    var values: [Resolved] = []
    for arm in arms {
      let value = infer(arm.value, hint: hint ?? values.first { !$0.isInvalid }?.type)
      values.append(value)
    }
    guard let common = armType(values), let cases, !subject.isInvalid else { return .invalid(at: span) }
    return Resolved(
      .match(
        subject,
        arms: zip(cases, values).map { .init(cases: $0, value: converted($1, to: common)) }),
      common, at: span, readsRow: values.contains(where: \.readsRow))
  }

  /// The type that all arms fit; `nil` if there is none, which has been reported.
  private mutating func armType(_ values: [Resolved]) -> Type? {
    guard var type = values.first?.type, !values.contains(where: \.isInvalid) else { return nil }
    for value in values.dropFirst() {
      guard let common = common(type, value.type) else {
        report(
          .armsDisagree, "the arms of a `match` give values of one type", at: value.span,
          expected: type.phrase, found: value.type.phrase,
          related: [.init("the first arm gives \(type.phrase)", at: values[0].span)],
          remedy: "make the arms agree")
        return nil
      }
      type = common
    }
    return type
  }

  /// What a `match` chooses by: a choice or a Bool that is known before running.
  mutating func inferSubject(_ expression: Expression) -> Resolved {
    let value = withoutRow(infer(expression, hint: nil), in: "what a `match` chooses by")
    switch value.type {
    case .choice, .bool, .invalid: return value
    case .measure: reportMeasure(value)
    default:
      report(
        .notMatchable, "a `match` chooses by a choice or a Bool", at: value.span,
        expected: "a choice or a Bool", found: value.type.phrase,
        remedy: "compare it, such as `match x > 1 { true: …, false: … }`")
    }
    return .invalid(at: expression.span)
  }

  /// The cases of each arm as values; `nil` if something about them is wrong.
  mutating func checkArms(_ arms: [[Name]], of subject: Resolved, at span: Span) -> [[Value]]? {
    let known: [String]
    switch subject.type {
    case .choice(let cases): known = cases
    case .bool: known = ["true", "false"]
    default: return nil
    }
    var isSound = true
    var seen: [String: Span] = [:]
    var values: [[Value]] = []
    for arm in arms {
      var cases: [Value] = []
      for name in arm {
        if !known.contains(name.text) {
          report(
            .badArm, "`\(name.text)` is no case of what is matched", at: name.span,
            label: "none of \(known.joined(separator: " | "))",
            remedy: NearestName.remedy(name.text, in: known) ?? "the cases are \(quotedList(known))")
          isSound = false
        } else if let first = seen[name.text] {
          report(
            .badArm, "the case `\(name.text)` has two arms", at: name.span, label: "matched again",
            related: [.init("first matched here", at: first)], remedy: "remove one of them")
          isSound = false
        }
        seen[name.text] = name.span
        cases.append(
          subject.type == .bool ? .bool(name.text == "true") : program.values.choice(name.text))
      }
      values.append(cases)
    }
    let missing = known.filter { seen[$0] == nil }
    if !missing.isEmpty, isSound {
      report(
        .missingArm, "this `match` does not say what to do for every case", at: span,
        label: "\(quotedList(missing)) \(missing.count == 1 ? "is" : "are") missing",
        related: [.init("the cases are \(known.joined(separator: " | "))", at: subject.span)],
        remedy: "add an arm: `\(missing.joined(separator: " | ")): …`")
      isSound = false
    }
    return isSound ? values : nil
  }
}
