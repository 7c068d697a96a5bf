/// A turn of a conversation.
package struct ChatTurn: Hashable, Sendable {
  /// Who speaks.
  package enum Role: String, CaseIterable, Hashable, Sendable {
    case system
    case user
    case assistant
  }

  package var role: Role
  package var text: String

  package init(_ role: Role, _ text: String) {
    self.role = role
    self.text = text
  }
}

/// How a model family writes a conversation, as strings: what stands before and behind each turn.
///
/// There is no template engine: a model's own jinja template is recognised (`init(recognizing:)`), or a recipe declares the strings.
package struct ChatTemplate: Hashable, Sendable {
  /// What stands around a text.
  package struct Frame: Hashable, Sendable {
    package var before: String
    package var behind: String

    package init(_ before: String, _ behind: String) {
      self.before = before
      self.behind = behind
    }
  }

  /// What becomes of a system turn, which can only be the first.
  package enum System: Hashable, Sendable {
    /// A turn of its own. One is made of `absent` where the conversation has none; `nil`: none is made.
    case turn(Frame, absent: String?)
    /// Put, so framed, before the text of the first user turn; the two are trimmed as one text or each alone.
    case withinUser(Frame, trimsTogether: Bool)
    /// The model knows none.
    case refused
  }

  /// What becomes of the thoughts, `<think>…</think>`, at the beginning of an assistant's turn.
  package enum Thinking: String, CaseIterable, Hashable, Sendable {
    /// Everything stays as it was said.
    case keep
    /// As the model's own template does: thoughts of turns before the last question go, later ones are put in form.
    case strip
  }

  /// For messages.
  package var name: String
  /// Before all turns.
  package var beginning: String
  /// What becomes of a system turn.
  package var system: System
  /// Around a user's turn.
  package var user: Frame
  /// Around a turn of the model.
  package var assistant: Frame
  /// What makes the model answer.
  package var generationPrompt: String
  /// Behind all turns where the model is not to answer.
  package var ending: String
  /// White space around texts goes.
  package var trims: Bool
  /// User and assistant must take turns, the user first.
  package var alternates: Bool
  /// `nil`: the family knows no thoughts.
  package var thinking: Thinking?

  package init(
    name: String, beginning: String = "", system: System, user: Frame, assistant: Frame,
    generationPrompt: String,
    ending: String = "", trims: Bool = false, alternates: Bool = false, thinking: Thinking? = nil
  ) {
    self.name = name
    self.beginning = beginning
    self.system = system
    self.user = user
    self.assistant = assistant
    self.generationPrompt = generationPrompt
    self.ending = ending
    self.trims = trims
    self.alternates = alternates
    self.thinking = thinking
  }
}

extension ChatTemplate {
  /// The text of a conversation in segments: the template's own are trusted, the turns' are not, so that no turn can smuggle in a
  /// special token. Encode them with `Tokenizer.encode(_:addSpecial:)` without adding special tokens: the beginning is here.
  ///
  /// - Parameter generates: ends with what makes the model answer.
  /// - Throws: `TokenizerError.turnRefused` for a turn that cannot be at its place.
  package func segments(_ turns: [ChatTurn], generates: Bool) throws(TokenizerError) -> [TextSegment] {
    var writer = Writer()
    writer.write(beginning)
    var turns = turns[...]
    var userPrefix: (frame: Frame, text: String, trimsTogether: Bool)?
    let first = turns.first?.role == .system ? turns.removeFirst() : nil
    switch (system, first) {
    case (.turn(let frame, let absent), let turn):
      if let text = turn?.text ?? absent { writer.write(frame, turn == nil ? nil : trimmed(text), text) }
    case (.withinUser(let frame, let together), let turn?): userPrefix = (frame, turn.text, together)
    case (.refused, .some): throw refusal(0, .system, "the model knows no system turn")
    case (_, nil): break
    }
    let lastQuestion =
      turns.lastIndex { $0.role == .user && !Self.isToolResponse($0.text) } ?? turns.endIndex - 1
    for (offset, index) in turns.indices.enumerated() {
      let turn = turns[index]
      if alternates, turn.role != (offset % 2 == 0 ? .user : .assistant) {
        throw refusal(index, turn.role, "user and assistant must take turns")
      }
      switch turn.role {
      case .system: throw refusal(index, .system, "only the first turn can be the system's")
      case .user:
        writer.write(user.before)
        var text = trimmed(turn.text)
        if var prefix = userPrefix {
          if trims, prefix.trimsTogether {
            text = turn.text.trimmed(leading: false, where: \.isTemplateSpace)
            if text.isEmpty {
              prefix.frame.behind = prefix.frame.behind.trimmed(leading: false, where: \.isTemplateSpace)
            }
          }
          writer.write(prefix.frame, prefix.text, "")
        }
        userPrefix = nil
        writer.write(untrusted: text)
        writer.write(user.behind)
      case .assistant:
        if userPrefix != nil { throw refusal(index, turn.role, "after the system's turn comes the user's") }
        writer.write(assistant.before)
        write(turn.text, isHistory: index <= lastQuestion, isLast: index == turns.endIndex - 1, to: &writer)
        writer.write(assistant.behind)
      }
    }
    writer.write(generates ? generationPrompt : ending)
    return writer.segments
  }

  /// A further turn of the user, and what makes the model answer it: what follows the model's turn in a conversation that is written as it goes on.
  package func reply(_ text: String) -> [TextSegment] {
    var writer = Writer()
    writer.write(user, trimmed(text), "")
    writer.write(generationPrompt)
    return writer.segments
  }

  /// The turns as this template can render them: where it knows no system turn, the first user's turn begins with it.
  package func adapted(_ turns: [ChatTurn]) -> [ChatTurn] {
    guard system == .refused, let first = turns.first, first.role == .system,
      turns.count > 1, turns[1].role == .user
    else { return turns }
    return [ChatTurn(.user, first.text + "\n\n" + turns[1].text)] + turns[2...]
  }

  private func refusal(_ turn: Int, _ role: ChatTurn.Role, _ reason: String) -> TokenizerError {
    .turnRefused(template: name, turn: turn, role: role.rawValue, reason: reason)
  }

  private func trimmed(_ text: String) -> String { trims ? text.trimmed(where: \.isTemplateSpace) : text }

  /// The text of an assistant's turn, its thoughts as the family has them (Qwen3's template).
  private func write(_ text: String, isHistory: Bool, isLast: Bool, to writer: inout Writer) {
    guard thinking == .strip else { return writer.write(untrusted: trimmed(text)) }
    let isNewline = Self.isNewline
    let said = Self.thoughtsAndAnswer(text)
    let thoughts = said?.thoughts ?? ""
    var answer = said?.answer ?? text
    if !isHistory, isLast || !thoughts.isEmpty {
      writer.write("<think>\n")
      writer.write(untrusted: thoughts.trimmed(where: isNewline))
      writer.write("\n</think>\n\n")
      answer = answer.trimmed(trailing: false, where: isNewline)
    }
    writer.write(untrusted: answer)
  }

  private static func isNewline(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" }

  /// What a turn of the model thinks and what it answers, as Qwen3's template takes them apart; `nil` where no thoughts end.
  static func thoughtsAndAnswer(_ text: String) -> (thoughts: String, answer: String)? {
    let parts = text.unicodeScalars.split(separatedBy: "</think>")
    guard parts.count > 1, let last = parts.last else { return nil }
    let before = String(parts[0]).trimmed(leading: false, where: isNewline)
    let begun = before.unicodeScalars.split(separatedBy: "<think>").last.map { String($0) } ?? before
    return (
      begun.trimmed(trailing: false, where: isNewline),
      String(last).trimmed(trailing: false, where: isNewline)
    )
  }

  private static func isToolResponse(_ text: String) -> Bool {
    text.utf8.starts(with: "<tool_response>".utf8)
      && text.utf8.reversed().starts(with: "</tool_response>".utf8.reversed())
  }

  /// Collects segments, neighbours of one kind as one.
  private struct Writer {
    var segments: [TextSegment] = []

    mutating func write(_ text: String) { write(text, isTrusted: true) }

    mutating func write(untrusted text: String) { write(text, isTrusted: false) }

    /// A framed text, or, where it is `nil`, one of the template's own.
    mutating func write(_ frame: Frame, _ text: String?, _ own: String) {
      write(frame.before)
      if let text { write(untrusted: text) } else { write(own) }
      write(frame.behind)
    }

    private mutating func write(_ text: String, isTrusted: Bool) {
      guard !text.isEmpty else { return }
      if let last = segments.indices.last, segments[last].isTrusted == isTrusted {
        segments[last].text += text
      } else {
        segments.append(TextSegment(text, isTrusted: isTrusted))
      }
    }
  }
}

extension Unicode.Scalar {
  /// What templates trim: White_Space, and the four separators that Python counts as white space too.
  fileprivate var isTemplateSpace: Bool { properties.isWhitespace || value >= 0x1c && value <= 0x1f }
}

extension String {
  /// The text without what a condition holds for at its ends.
  fileprivate func trimmed(
    leading: Bool = true, trailing: Bool = true, where condition: (Unicode.Scalar) -> Bool
  ) -> String {
    var rest = unicodeScalars[...]
    if leading { rest = rest.drop(while: condition) }
    while trailing, let last = rest.last, condition(last) { rest.removeLast() }
    return String(rest)
  }
}

extension String.UnicodeScalarView {
  /// The parts between the occurrences of a separator; at least one.
  fileprivate func split(separatedBy separator: String) -> [Substring.UnicodeScalarView] {
    let separator = Array(separator.unicodeScalars)
    var parts: [Substring.UnicodeScalarView] = []
    var start = startIndex
    var index = startIndex
    while index < endIndex {
      guard self[index...].starts(with: separator) else {
        index = self.index(after: index)
        continue
      }
      parts.append(self[start..<index])
      index = self.index(index, offsetBy: separator.count)
      start = index
    }
    return parts + [self[start...]]
  }
}
