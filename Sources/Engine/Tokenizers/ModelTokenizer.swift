/// How a model's conversations are written as tokens: the one place that knows what begins and ends a turn.
package enum ModelTokenizer: Sendable {
  /// Characters, for models trained within a recipe.
  case characters(CharacterTokenizer)
  /// A language model's own tokenizer and chat template.
  case language(LanguageTokenizer)

  /// Tokens that end a turn of the model.
  package var endTokens: [Int32] {
    switch self {
    case .characters: [CharacterTokenizer.endOfTurn]
    case .language(let language): language.endTokens
    }
  }

  /// Of what it is made, for people.
  package var description: String {
    switch self {
    case .characters(let characters): characters.description
    case .language(let language):
      "\(language.tokenizer.vocabularySize) tokens, \(language.template.map { "chat template \($0.name)" } ?? "plain text")\(language.history == .strip ? ", thoughts of earlier turns left out" : "")"
    }
  }

  /// The token that a model never says.
  package var suppressed: Int32? {
    switch self {
    case .characters: CharacterTokenizer.begin
    case .language: nil
    }
  }

  package var vocabularySize: Int {
    switch self {
    case .characters(let characters): characters.vocabularySize
    case .language(let language): language.tokenizer.vocabularySize
    }
  }

  /// A conversation's beginning, up to where the model is to speak.
  package func opening(_ turns: [ChatTurn]) throws -> [Int32] {
    switch self {
    case .characters(let characters):
      return [CharacterTokenizer.begin] + (try characters.encode(turns.map(\.text).joined()))
    case .language(let language): return try language.opening(turns)
    }
  }

  /// What follows a turn of the model: whatever ends it that the model did not say itself, then the user's turn.
  ///
  /// - Parameter last: the last token that the model said; `nil` if it did not end its turn.
  package func reply(_ text: String, after last: Int32?) throws -> [Int32] {
    switch self {
    case .characters(let characters):
      return (last == nil ? [CharacterTokenizer.endOfTurn] : []) + (try characters.encode(text))
    case .language(let language): return try language.reply(text, after: last)
    }
  }

  /// A turn of the model that somebody else wrote, ended.
  package func answer(_ text: String) throws -> [Int32] {
    switch self {
    case .characters(let characters): return try characters.encode(text) + [CharacterTokenizer.endOfTurn]
    case .language(let language): return try language.answer(text)
    }
  }

  /// What a turn adds to the context of the turns after it: what it said, or that without its thoughts.
  package func later(_ turn: Turn) throws -> [Int32] {
    switch self {
    case .characters: return turn.tokens
    case .language(let language): return try language.later(turn)
    }
  }

  /// The text of a turn of the model, without what begins or ends turns.
  package func decode(_ tokens: some Sequence<Int32>) -> String {
    switch self {
    case .characters(let characters): characters.decode(tokens)
    case .language(let language): language.tokenizer.decode(tokens)
    }
  }
}

/// A language model's tokenizer with the form of its conversations.
///
/// What a model says stays in its context as it was sampled, thoughts included, unless these are to be left out of the context of later turns.
/// Training, later attempts and sampling see the same tokens.
package struct LanguageTokenizer: Sendable {
  package let tokenizer: Tokenizer
  /// Of the model's earlier turns.
  package let history: ChatTemplate.Thinking
  /// How turns are framed; `nil` for a base model, whose conversation is plain text.
  package let template: ChatTemplate?
  /// Tokens that end a turn, the template's own first.
  package let endTokens: [Int32]
  /// What stands behind a turn of the model.
  private let behind: [Int32]
  /// What is left of it after the token with which the model ended its turn.
  private let rest: [Int32]

  /// - Throws: `TokenizerError` for a template that the tokenizer has no tokens for; `OperationError` when nothing would end a turn.
  package init(
    tokenizer: Tokenizer, template: ChatTemplate?, history: ChatTemplate.Thinking = .keep
  ) throws {
    self.tokenizer = tokenizer
    self.history = history
    self.template = template
    var ends = tokenizer.endOfSequence
    let behind =
      try template.map { try tokenizer.encode([TextSegment($0.assistant.behind, isTrusted: true)]) }
      ?? Array(ends.prefix(1))
    // The template's own end of a turn may be another token than the one that ends a text.
    let place = behind.firstIndex(where: tokenizer.isSpecial)
    if let place { ends = [behind[place]] + ends.filter { $0 != behind[place] } }
    self.behind = behind
    rest = place.map { Array(behind[($0 + 1)...]) } ?? []
    guard !ends.isEmpty else {
      throw OperationError(
        "nothing says which token ends a text of this model",
        remedy: "add eos_token to its tokenizer_config.json, or tokenizer.ggml.eos_token_id to its GGUF file")
    }
    endTokens = ends
  }

  func opening(_ turns: [ChatTurn]) throws -> [Int32] {
    do {
      guard let template else {
        let text = turns.map(\.text).joined(separator: "\n\n")
        // What a text ends with does not belong where the model goes on.
        return try tokenizer.encode(text, addSpecial: true).dropLast(tokenizer.suffix.count)
      }
      return try tokenizer.encode(template.segments(template.adapted(turns), generates: true))
    } catch { throw error.operationError }
  }

  func reply(_ text: String, after last: Int32?) throws -> [Int32] {
    do {
      // What the model said itself is not said again.
      let rest = last == nil ? behind : self.rest
      guard let template else { return rest + (try tokenizer.encode(text)) }
      return rest + (try tokenizer.encode(template.reply(text)))
    } catch { throw error.operationError }
  }

  func answer(_ text: String) throws -> [Int32] {
    do {
      return try tokenizer.encode(text) + [endTokens[0]]
    } catch { throw error.operationError }
  }

  func later(_ turn: Turn) throws -> [Int32] {
    guard history == .strip, turn.role == .assistant, let said = ChatTemplate.thoughtsAndAnswer(turn.text)
    else { return turn.tokens }
    do {
      // The end stays the one that the model said, if it said one.
      let end = turn.finish == .truncated ? [] : turn.tokens.suffix(1)
      return try tokenizer.encode(said.answer) + end
    } catch { throw error.operationError }
  }
}
