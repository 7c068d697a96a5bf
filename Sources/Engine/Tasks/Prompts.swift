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
  /// Where labels stand is known from the turns' lengths, never found by looking for a token.
  package func trainingSequence(on choice: LabelChoice) -> TrainingSequence {
    let last = turns.lastIndex { $0.role != .user }
    return sequence { index, turn in
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
  func trainingSequence(onAttempt attempt: Int) -> TrainingSequence {
    let own = turns.indices.filter { turns[$0].role == .assistant }.dropFirst(attempt - 1).first
    return sequence { index, _ in index == own ? 1 : 0 }
  }

  /// The row's tokens, each with its turn's weight.
  private func sequence(weighing weight: (_ index: Int, _ turn: Turn) -> Float) -> TrainingSequence {
    TrainingSequence(
      tokens: turns.flatMap(\.tokens),
      weights: turns.enumerated().flatMap { index, turn in
        Array(repeating: weight(index, turn), count: turn.tokens.count)
      })
  }
}
