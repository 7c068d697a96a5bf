extension Feedback {
  /// The feedback as text.
  ///
  /// Sentences follow the paper: `Step (1) to step (2) are correct. In step (3) the part " 6-4=3 " is incorrect. This is
  /// because the value is wrong: 6-4 is 2.` Compact: `3!6-4=3!val:6-4 is 2`; `4=!9!val` for a wrong answer after 4 steps;
  /// `4ok`.
  package func text(_ style: ReasoningStyle) -> String {
    switch style {
    case .compact: compactText
    case .sentences: sentences
    }
  }

  /// Reads feedback; `nil` if the text is anything else. Blanks at the ends do not count.
  package init?(_ text: String, _ style: ReasoningStyle) {
    let trimmed = text[...].trimmingBlanks
    let parsed =
      switch style {
      case .compact: Feedback(compact: trimmed)
      case .sentences: Feedback(sentences: trimmed)
      }
    guard let parsed else { return nil }
    self = parsed
  }

  private var compactText: String {
    let mark: String
    switch verdict {
    case .correct: return "\(rightSteps)ok"
    case .wrongStep: mark = "\(rightSteps + 1)"
    case .wrongAnswer: mark = "\(rightSteps)="
    }
    guard part != nil || reason != nil else { return mark }
    var why = reason?.kind.rawValue ?? ""
    if let detail = reason?.detail { why += ":" + detail }
    return "\(mark)!\(part ?? "")!\(why)"
  }

  private init?(compact text: Substring) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard digits.count <= 6, digits.first != "0" || digits.count == 1, let number = Int(digits) else {
      return nil
    }
    var rest = text[digits.endIndex...]
    if rest == "ok" {
      self.init(.correct, rightSteps: number)
      return
    }
    let isAnswer = rest.first == "="
    if isAnswer { rest.removeFirst() }
    guard isAnswer || number > 0 else { return nil }
    self.init(isAnswer ? .wrongAnswer : .wrongStep, rightSteps: isAnswer ? number : number - 1)
    if rest.isEmpty { return }
    guard rest.utf8.first == UInt8(ascii: "!"), let last = rest.utf8.lastIndex(of: UInt8(ascii: "!")),
      last > rest.startIndex
    else { return nil }
    let segment = Substring(rest.utf8[rest.utf8.index(after: rest.startIndex)..<last])
    part = segment.isEmpty ? nil : String(segment)
    let why = rest[rest.utf8.index(after: last)...]
    if why.isEmpty { return }
    guard
      let kind = FaultReason.Kind.allCases.first(where: {
        why == $0.rawValue || why.hasPrefix($0.rawValue + ":")
      })
    else { return nil }
    let detail = why.dropFirst(kind.rawValue.count + 1)
    reason = FaultReason(kind, detail.isEmpty ? nil : String(detail))
  }

  private var sentences: String {
    let before = rightSteps > 0 ? "Step (1) to step (\(rightSteps)) are correct. " : ""
    let step: String
    switch verdict {
    case .correct: return before + "The final response is also correct."
    case .wrongStep: step = "\(rightSteps + 1)"
    case .wrongAnswer: step = "Final response"
    }
    let what =
      part.map { "In step (\(step)) the part \" \($0) \" is incorrect." } ?? "Step (\(step)) is incorrect."
    guard let reason else { return before + what }
    let detail = reason.detail.map { ": " + $0 } ?? ""
    return before + what + " This is because \(reason.kind.sentence)\(detail)."
  }

  private init?(sentences text: Substring) {
    var rest = text
    var right = 0
    if rest.take("Step (1) to step (") {
      guard let number = rest.takeNumber(), number > 0, rest.take(") are correct. ") else { return nil }
      right = number
    }
    if rest == "The final response is also correct." {
      self.init(.correct, rightSteps: right)
      return
    }
    let hasPart = rest.take("In step (")
    guard hasPart || rest.take("Step (") else { return nil }
    if rest.take("Final response") {
      self.init(.wrongAnswer, rightSteps: right)
    } else {
      guard rest.takeNumber() == right + 1 else { return nil }
      self.init(.wrongStep, rightSteps: right)
    }
    if hasPart {
      // The part is the model's text and may hold these very words; the reason is ours and never does.
      let end = " \" is incorrect."
      guard rest.take(") the part \" "), let close = rest.ranges(of: end).last else { return nil }
      part = String(rest[..<close.lowerBound])
      rest = rest[close.upperBound...]
    } else if !rest.take(") is incorrect.") {
      return nil
    }
    if rest.isEmpty { return }
    guard rest.take(" This is because "), rest.last == "." else { return nil }
    rest.removeLast()
    guard
      let kind = FaultReason.Kind.allCases.first(where: {
        rest == $0.sentence || rest.hasPrefix($0.sentence + ": ")
      })
    else { return nil }
    let detail = rest.dropFirst(kind.sentence.count + 2)
    reason = FaultReason(kind, detail.isEmpty ? nil : String(detail))
  }
}

extension Substring {
  /// Without ASCII blanks and line ends at both ends.
  var trimmingBlanks: Substring {
    func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
    var first = startIndex
    var last = endIndex
    while first < last, isBlank(utf8[first]) { first = utf8.index(after: first) }
    while first < last, case let before = utf8.index(before: last), isBlank(utf8[before]) { last = before }
    return self[first..<last]
  }

  /// Removes `prefix` if it stands at the beginning.
  mutating func take(_ prefix: String) -> Bool {
    guard utf8.starts(with: prefix.utf8) else { return false }
    self = self[utf8.index(startIndex, offsetBy: prefix.utf8.count)...]
    return true
  }

  /// Removes up to 9 ASCII digits at the beginning and gives their value; `nil` if there is none or are more.
  mutating func takeNumber() -> Int? {
    var value = 0
    var count = 0
    var place = startIndex
    while place < endIndex, case let digit = Int(utf8[place]) - 48, (0...9).contains(digit) {
      value = value * 10 + digit
      count += 1
      guard count <= 9 else { return nil }
      place = utf8.index(after: place)
    }
    guard count > 0 else { return nil }
    self = self[place...]
    return value
  }
}
