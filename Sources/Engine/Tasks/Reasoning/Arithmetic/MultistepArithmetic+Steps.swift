extension MultistepArithmetic {
  package struct Progress: Sendable {
    /// The rewriting with letters, if it stands there; right or believed.
    var skeleton: ArithmeticExpression?
    /// The letters' values.
    var values: [Int: Int] = [:]
    /// What the final equation gives.
    var result: Int?
  }
  package var start: Progress { Progress() }

  package func check(_ content: Substring, _ progress: inout Progress) -> StepFault? {
    let parts = content.utf8.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false).map {
      Substring($0)
    }
    guard progress.result == nil else { return StepFault(content, .repeated, "the result is known") }
    if parts.count == 1 { return checkRewriting(content, &progress) }
    guard progress.skeleton != nil else {
      return StepFault(content, .missing, "the rewriting with letters")
    }
    if case .letter(let index)? = ArithmeticExpression(parts[0]) {
      return checkCalculation(index, parts, &progress)
    }
    return checkCombination(parts, &progress)
  }

  private func checkRewriting(_ content: Substring, _ progress: inout Progress) -> StepFault? {
    guard let written = ArithmeticExpression(content) else { return StepFault(content, .unreadable) }
    guard progress.skeleton == nil else { return StepFault(content, .repeated, "the rewriting with letters") }
    guard written == skeleton else { return StepFault(content, .question, "it is \(skeleton.text())") }
    progress.skeleton = written
    return nil
  }

  private func checkCalculation(_ index: Int, _ parts: [Substring], _ progress: inout Progress) -> StepFault?
  {
    let name = ArithmeticExpression.name(index)
    guard groups.indices.contains(index) else {
      return StepFault(
        parts[0], .question, "the letters go to \(ArithmeticExpression.name(groups.count - 1))")
    }
    guard progress.values[index] == nil else { return StepFault(parts[0], .repeated, "\(name) is known") }
    let definition = ArithmeticExpression(parts[1])
    guard definition == groups[index] else {
      return StepFault(parts[1], .question, "\(name) is \(groups[index].text(isNested: false))")
    }
    let (value, fault) = checkEquations(parts[1...])
    progress.values[index] = value
    return fault
  }

  private func checkCombination(_ parts: [Substring], _ progress: inout Progress) -> StepFault? {
    guard let written = ArithmeticExpression(parts[0]) else { return StepFault(parts[0], .unreadable) }
    for index in groups.indices where progress.values[index] == nil {
      return StepFault(parts[0], .missing, "the value of \(ArithmeticExpression.name(index))")
    }
    let expected = skeleton.substituting(progress.values)
    guard written == expected else { return StepFault(parts[0], .earlier, "it is \(expected.text())") }
    let (value, fault) = checkEquations(parts[...])
    progress.result = value
    return fault
  }

  /// Each part must equal the one before it; the last must be a number, which is the value.
  private func checkEquations(_ parts: ArraySlice<Substring>) -> (value: Int?, fault: StepFault?) {
    var before: (text: Substring, value: Int)?
    var last: ArithmeticExpression?
    for part in parts {
      guard let expression = ArithmeticExpression(part), let value = expression.value else {
        return (nil, StepFault(part, .unreadable))
      }
      if let before, before.value != value {
        let shown = ArithmeticExpression(before.text)?.text(isNested: false) ?? ""
        return (nil, StepFault("\(before.text)=\(part)", .value, "\(shown) is \(before.value)"))
      }
      before = (part, value)
      last = expression
    }
    guard case .number(let value)? = last else {
      return (nil, StepFault(parts.last ?? "", .missing, "the value as a number"))
    }
    return (value, nil)
  }

  package func checkAnswer(_ answer: Substring, _ progress: Progress) -> StepFault? {
    guard let result = progress.result else { return StepFault(answer, .missing, "the final equation") }
    guard case .number(let number)? = ArithmeticExpression(answer) else {
      return StepFault(answer, .unreadable)
    }
    return number == result ? nil : StepFault(answer, .earlier, "the result was \(result)")
  }

  package func nextStep(_ progress: inout Progress) -> String? {
    if progress.result != nil { return nil }
    guard progress.skeleton != nil else {
      progress.skeleton = skeleton
      return skeleton.text()
    }
    if let index = groups.indices.first(where: { progress.values[$0] == nil }) {
      let (text, value) = Self.equations(groups[index], isNested: false)
      progress.values[index] = value
      return "\(ArithmeticExpression.name(index))=\(text)"
    }
    let (text, value) = Self.equations(
      (progress.skeleton ?? skeleton).substituting(progress.values), isNested: true)
    progress.result = value
    return text
  }

  /// One operation after the other, down to a number. Beyond the bound, where only a wrong belief can lead, it stops with 0.
  static func equations(_ expression: ArithmeticExpression, isNested: Bool) -> (text: String, value: Int) {
    var texts = [expression.text(isNested: isNested)]
    var current = expression
    while let next = current.reduced {
      current = next
      texts.append(next.text(isNested: isNested))
    }
    guard case .number(let value) = current else { return (texts.joined(separator: "=") + "=0", 0) }
    return (texts.joined(separator: "="), value)
  }

  package func finalAnswer(_ progress: Progress) -> String { String(progress.result ?? 0) }
}
