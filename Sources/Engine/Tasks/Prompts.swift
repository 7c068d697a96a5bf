/// What surrounds a question, and what asks for a correction. The one place that says how a conversation looks, for sampling
/// and for training.
package struct Prompts: Codable, Hashable, Sendable {
  /// Who the model is told to be; empty: nothing is said, or what its chat template says by default.
  package var system: String
  /// Turns before the question that show how it is done: the user's, the model's, and so on.
  package var examples: [String]
  /// The first prompt, with `{question}` where the question goes.
  package var question: String
  /// What stands between an answer and its correction, with `{question}` where the question may be put again.
  package var correction: String

  package init(
    system: String = "", examples: [String] = [], question: String = "{question}=", correction: String = "?"
  ) {
    self.system = system
    self.examples = examples
    self.question = question
    self.correction = correction
  }

  /// The first prompt for a question.
  package func first(_ text: String) -> String {
    question.components(separatedBy: "{question}", joinedBy: text)
  }

  /// What stands in a prompt as if for something, `{answer}`, where only `{question}` does; a formula's `\\boxed{answer}` is none.
  package static func unknownPlaceholder(in text: String) -> String? {
    let isNamed = { (scalar: Character) in scalar.isLetter || scalar.isNumber || scalar == "_" }
    var before: Character = " "
    var rest = text[...]
    while let next = rest.popFirst() {
      if next == "{", !isNamed(before), before != "\\", before != "{" {
        let name = rest.prefix(while: isNamed)
        if !name.isEmpty, rest.dropFirst(name.count).first == "}", name != "question" { return "{\(name)}" }
      }
      before = next
    }
    return nil
  }

  /// The model's context at the beginning: what begins it, then the prompt.
  package func firstTurn(_ text: String, _ tokenizer: ModelTokenizer) throws -> Turn {
    let prompt = first(text)
    var turns = system.isEmpty ? [] : [ChatTurn(.system, system)]
    for (index, example) in examples.enumerated() {
      turns.append(ChatTurn(index % 2 == 0 ? .user : .assistant, example))
    }
    turns.append(ChatTurn(.user, prompt))
    return Turn(role: .user, text: prompt, tokens: try tokenizer.opening(turns), origin: .prompt)
  }

  /// The prompt for a correction. If the answer before was cut off, its end is supplied here: it is no token of the model's.
  package func correctionTurn(
    after answer: Turn?, about text: String, _ tokenizer: ModelTokenizer
  ) throws -> Turn {
    let prompt = correction.components(separatedBy: "{question}", joinedBy: text)
    let last = answer?.finish == .truncated ? nil : answer?.tokens.last
    return Turn(role: .user, text: prompt, tokens: try tokenizer.reply(prompt, after: last), origin: .prompt)
  }

  /// An answer that a script wrote, ended.
  package func goldTurn(_ text: String, _ tokenizer: ModelTokenizer) throws -> Turn {
    Turn(
      role: .assistant, text: text, tokens: try tokenizer.answer(text), origin: .gold, finish: .endOfTurn)
  }
}

extension String {
  /// Every `separator` replaced by `replacement`, read from left to right.
  func components(separatedBy separator: String, joinedBy replacement: String) -> String {
    var result = ""
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      result += rest[..<range.lowerBound] + replacement
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}

/// Which tokens of a conversation are learned.
package enum LabelChoice: String, Sendable, CaseIterable {
  /// Those of the last turn that is no prompt.
  case last
  /// Those of every attempt and every feedback.
  case allAttempts = "all_attempts"
  /// All, those of prompts and questions included, as TriPosT's code has it.
  case everything
}

extension Row {
  /// The row as a training sequence: labels are the tokens of the turns asked for, their ends included, and nothing else.
  ///
  /// Where labels stand is known from the turns' lengths, never found by looking for a token. There is one sequence, or one for each turn that is learned
  /// where turns are not remembered as they were said.
  package func trainingSequences(
    on choice: LabelChoice, _ tokenizer: ModelTokenizer
  ) throws -> [TrainingSequence] {
    let last = turns.lastIndex { $0.role != .user }
    return try sequences(tokenizer) { index, turn in
      // What is only context is no label, whoever said it.
      let isOwn = turn.role != .user && turn.origin != .prompt
      let isLabel =
        switch choice {
        case .last: isOwn && index == last
        case .allAttempts: isOwn
        case .everything: true
        }
      return isLabel ? turn.weight ?? 1 : 0
    }
  }

  /// The row's tokens, with a weight for those of one attempt, counted from 1.
  func trainingSequence(onAttempt attempt: Int, _ tokenizer: ModelTokenizer) throws -> TrainingSequence? {
    let own = turns.indices.filter { turns[$0].role == .assistant }.dropFirst(attempt - 1).first
    return try sequences(tokenizer) { index, _ in index == own ? 1 : 0 }.first
  }

  /// The row's tokens, each with its turn's weight; without the sequences in which nothing has one, unless there is only one.
  private func sequences(
    _ tokenizer: ModelTokenizer, weighing weight: (_ index: Int, _ turn: Turn) -> Float
  ) throws -> [TrainingSequence] {
    let all = try readings(tokenizer).map { reading in
      TrainingSequence(
        tokens: reading.flatMap(\.tokens),
        weights: reading.flatMap { part in
          Array(repeating: part.isNew ? weight(part.turn, turns[part.turn]) : 0, count: part.tokens.count)
        })
    }
    return all.count < 2 ? all : all.filter { $0.weights.contains { $0 != 0 } }
  }

  /// A turn as it stands in a context.
  struct Part {
    var turn: Int
    var tokens: [Int32]
    /// No reading before had it.
    var isNew: Bool
  }

  /// The contexts in which the row's turns were said, each ending with the turn that was: all turns in one, unless an earlier turn is
  /// remembered otherwise than it was said.
  func readings(_ tokenizer: ModelTokenizer) throws -> [[Part]] {
    let later = try turns.map(tokenizer.later)
    guard zip(later, turns).dropLast().contains(where: { $0 != $1.tokens }) else {
      return [turns.indices.map { Part(turn: $0, tokens: turns[$0].tokens, isNew: true) }]
    }
    var known = 0
    return turns.indices.filter { turns[$0].role != .user || $0 == turns.count - 1 }.map { last in
      defer { known = last + 1 }
      return (0..<last).map { Part(turn: $0, tokens: later[$0], isNew: $0 >= known) }
        + [Part(turn: last, tokens: turns[last].tokens, isNew: true)]
    }
  }

  /// What the row's turns are as the context of one that follows.
  func context(_ tokenizer: ModelTokenizer) throws -> [Int32] { try turns.flatMap(tokenizer.later) }
}
