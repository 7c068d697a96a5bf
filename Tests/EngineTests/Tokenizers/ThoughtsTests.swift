import Engine
import Testing

/// Thoughts of earlier turns, left out of the context of later ones: the same for sampling, training and credit.
@Suite struct ThoughtsTests {
  private static let template = ChatTemplate.qwen3(thinking: .strip)
  private static let said = [
    "<think>\n12 + 30, well\n</think>\n\n32", "<think>\nOnce more.\n</think>\n\n42", "42",
  ]
  private let prompts = Prompts(question: "What is {question}?", correction: "Sure?")

  private func conversation(_ history: ChatTemplate.Thinking) throws -> LanguageTokenizer {
    try LanguageTokenizer(
      tokenizer: TokenizerFixtures.tokenizer("qwen2"), template: Self.template, history: history)
  }

  /// Three attempts, the first ones with thoughts.
  private func row(_ tokenizer: ModelTokenizer, cutOff: Bool = false) throws -> Row {
    var turns = [try prompts.firstTurn("12 + 30", tokenizer)]
    for text in Self.said {
      if turns.count > 1 {
        turns.append(try prompts.correctionTurn(after: turns.last, about: "", tokenizer))
      }
      var answer = try prompts.goldTurn(text, tokenizer)
      answer.origin = .sampled
      if cutOff {
        answer.tokens.removeLast()
        answer.finish = .truncated
      }
      turns.append(answer)
    }
    return Row(question: 0, samples: [0, 0, 0], turns: turns)
  }

  private func turns(_ count: Int) -> [ChatTurn] {
    var turns = [ChatTurn(.user, "What is 12 + 30?")]
    for text in Self.said.prefix(count) { turns += [ChatTurn(.assistant, text), ChatTurn(.user, "Sure?")] }
    return turns
  }

  @Test(arguments: [false, true])
  func `a context is what the model's own template makes of the conversation`(cutOff: Bool) throws {
    let language = try conversation(.strip)
    let tokenizer = ModelTokenizer.language(language)
    let row = try row(tokenizer, cutOff: cutOff)
    for attempt in 0..<3 {
      let before = Row(question: 0, samples: [0], turns: Array(row.turns.prefix(2 * attempt + 1)))
      let sequence = try #require(before.trainingSequences(on: .everything, tokenizer).last)
      #expect(
        try sequence.tokens
          == language.tokenizer.encode(Self.template.segments(turns(attempt), generates: true)))
    }
  }

  @Test func `kept thoughts stay as they were sampled, in one sequence`() throws {
    let tokenizer = ModelTokenizer.language(try conversation(.keep))
    let row = try row(tokenizer)
    let sequences = try row.trainingSequences(on: .allAttempts, tokenizer)
    #expect(sequences.map(\.tokens) == [row.turns.flatMap(\.tokens)])
  }

  @Test func `each attempt is learned in its own context, and every token once`() throws {
    let tokenizer = ModelTokenizer.language(try conversation(.strip))
    let row = try row(tokenizer)
    let attempts = row.attempts.map(\.tokens)
    let all = try row.trainingSequences(on: .allAttempts, tokenizer)
    #expect(all.count == 3)
    for (sequence, attempt) in zip(all, attempts) {
      #expect(Array(sequence.tokens.suffix(attempt.count)) == attempt)
      #expect(sequence.weights.prefix(sequence.tokens.count - attempt.count).allSatisfy { $0 == 0 })
      #expect(sequence.weights.suffix(attempt.count).allSatisfy { $0 == 1 })
    }
    #expect(try row.trainingSequences(on: .last, tokenizer).map(\.tokens) == [all[2].tokens])
    let everything = try row.trainingSequences(on: .everything, tokenizer)
    #expect(
      everything.reduce(0) { $0 + $1.weights.reduce(0, +) }
        == Float(row.turns.reduce(0) { $0 + $1.tokens.count }))
    // An end that the model did not say is the next prompt's, thoughts or not.
    let cut = try self.row(tokenizer, cutOff: true).trainingSequences(on: .allAttempts, tokenizer)
    #expect(zip(cut, all).allSatisfy { $0.tokens == $1.tokens.dropLast() })
  }

  @Test func `credit goes to the tokens of each attempt, with the policy that said them`() throws {
    let tokenizer = ModelTokenizer.language(try conversation(.strip))
    let rows = try [row(tokenizer), row(tokenizer)]
    let batch = try PolicyBatch(rows, rewards: [[0, 1, 0], [1, 0, 1]], tokenizer)
    #expect(batch.attempts.map { $0.map(\.sequence) } == [[0, 1, 2], [3, 4, 5]])
    for (row, attempts) in zip(rows, batch.attempts) {
      for (attempt, turn) in zip(attempts, row.attempts) {
        #expect(Array(batch.sequences[attempt.sequence].tokens[attempt.places]) == turn.tokens)
        let weights = batch.sequences[attempt.sequence].weights
        #expect(weights.indices.allSatisfy { (weights[$0] != 0) == attempt.places.contains($0) })
      }
    }
    let a = Architecture(
      vocabularySize: tokenizer.vocabularySize, layers: 1, width: 16, heads: 2, keyValueHeads: 1,
      headWidth: 8, feedForward: 16, contextLength: 256)
    let policy = Model(parameters: Parameters(architecture: a, seed: 1), tokenizer: tokenizer)
    var settings = PolicySettings(penalties: [0.1, 0.1, 0.1])
    settings.divergence = .k3
    settings.baseline = .none
    settings.updates = 2
    let update = PolicyUpdate(
      policy: policy, reference: policy, settings: settings,
      optimizer: OptimizerSettings(learningRate: 1e-3, updates: 2), context: ExecutionContext(threads: 1))
    let prepared = try update.prepare(batch)
    #expect(prepared.divergences == [0, 0, 0])
    let scores = TokenScores(
      of: batch.sequences, by: policy, keepingAll: false,
      products: MatrixProducts(pool: WorkPool(threads: 1), numerics: .native)
    ).chosen
    for (row, attempts) in batch.attempts.enumerated() {
      for (index, attempt) in attempts.enumerated() {
        for place in attempt.places {
          let token = prepared.tokens[prepared.starts[attempt.sequence] + place]
          #expect(token.advantage == Float(batch.attempts[row][index].reward))
          #expect(token.old == scores[token.label])
        }
      }
    }
    // The first update sees the policy that said all this.
    var watched = update
    watched.context = ExecutionContext(
      threads: 1,
      report: { if case .metric("ratio", 1, let value) = $0 { #expect(value == 1) } })
    _ = try watched.run(batch)
  }
}
