/// A rationale cut into steps, each where it stands in the text.
///
/// Compact: `1:…;2:…;=72`. Sentences, a line each: `(1) …`, `(2) …`, `(Final response) So the answer is 72.`
struct RationaleText {
  enum Label: Hashable {
    case step(Int)
    case answer
    case unreadable
  }
  struct Segment {
    var label: Label
    /// The text from the label on, without what separates it from the next.
    var whole: Substring
    /// What follows the label.
    var content: Substring
  }
  let text: Substring
  let segments: [Segment]

  /// Never fails: what has no label is a segment that is unreadable.
  init(_ text: String, _ style: ReasoningStyle) {
    // Blanks at the end separate nothing.
    var end = text.endIndex
    while end > text.startIndex, case let before = text.utf8.index(before: end),
      text.utf8[before] == 32 || (9...13).contains(text.utf8[before])
    {
      end = before
    }
    self.text = text[..<end]
    segments = self.text.utf8.split(separator: Self.separator(style), omittingEmptySubsequences: false).map {
      Self.segment(Substring($0), style)
    }
  }

  private static func separator(_ style: ReasoningStyle) -> UInt8 {
    style == .compact ? UInt8(ascii: ";") : UInt8(ascii: "\n")
  }

  private static func segment(_ whole: Substring, _ style: ReasoningStyle) -> Segment {
    var rest = whole
    switch style {
    case .compact:
      if rest.take("=") { return Segment(label: .answer, whole: whole, content: rest) }
      if let number = rest.takeNumber(), rest.take(":") {
        return Segment(label: .step(number), whole: whole, content: rest)
      }
    case .sentences:
      if rest.take("(Final response) So the answer is") {
        _ = rest.take(":")
        if rest.take(" ") { return Segment(label: .answer, whole: whole, content: rest.droppingFullStop) }
      } else if rest.take("("), let number = rest.takeNumber(), rest.take(") ") {
        return Segment(label: .step(number), whole: whole, content: rest)
      }
    }
    return Segment(label: .unreadable, whole: whole, content: whole)
  }

  /// A step as it is written, after those before it.
  static func step(_ number: Int, _ content: String, _ style: ReasoningStyle) -> String {
    style == .compact ? "\(number):\(content)" : "(\(number)) \(content)"
  }

  /// The final answer as it is written. A list of words is announced by a colon.
  static func answer(_ answer: String, _ style: ReasoningStyle) -> String {
    if style == .compact { return "=" + answer }
    return "(Final response) So the answer is\(answer.utf8.contains(UInt8(ascii: " ")) ? ":" : "") \(answer)."
  }

  /// Steps put together.
  static func joined(_ steps: [String], _ style: ReasoningStyle) -> String {
    steps.joined(separator: style == .compact ? ";" : "\n")
  }

  /// The final answer that a text announces, however the steps before it look; `nil` if it announces none.
  ///
  /// Sentences: what follows the last `answer is` in the last line that is no feedback. Compact: what follows the last `=`
  /// that begins a segment, which must be the last.
  static func finalAnswer(of text: String, _ style: ReasoningStyle) -> Substring? {
    let trimmed = text[...].trimmingBlanks
    switch style {
    case .compact:
      guard var last = trimmed.utf8.split(separator: UInt8(ascii: ";")).last.map({ Substring($0) }) else {
        return nil
      }
      return last.take("=") ? last.trimmingBlanks : nil
    case .sentences:
      let lines = trimmed.utf8.split(separator: UInt8(ascii: "\n")).map { Substring($0) }
      guard let line = lines.last(where: { !$0.hasPrefix("Feedback:") }),
        let announced = line.ranges(of: "answer is").last
      else { return nil }
      var rest = line[announced.upperBound...]
      _ = rest.take(":")
      return rest.trimmingBlanks.droppingFullStop
    }
  }
}

extension Substring {
  fileprivate var droppingFullStop: Substring {
    utf8.last == UInt8(ascii: ".") ? self[..<utf8.index(before: endIndex)] : self
  }
}
