/// Adding the model's turns to rows, and grading them.
package struct Conversations {
  package let model: Model
  package let decoding: Decoding
  package let random: Philox
  package let prompts: Prompts
  package let grading: Grading
  package let questions: [Question]
  package let context: ExecutionContext

  /// First answers: `samples` of each question.
  package func answers(samples: Int) throws -> [Row] {
    var rows: [Row] = []
    var requests: [GenerationRequest] = []
    for (index, question) in questions.enumerated() {
      let prompt = try prompts.firstTurn(question.text, model.tokenizer)
      requests.append(
        GenerationRequest(
          question: index, prompt: prompt.tokens, sampleKeys: (0..<samples).map { Row.key([$0]) })
      )
      for sample in 0..<samples { rows.append(Row(question: index, samples: [sample], turns: [prompt])) }
    }
    return zip(rows, try generate(requests, attempt: 0)).map { adding($1, to: $0) }
  }

  /// Corrections: `samples` of each row that is kept, in the rows' order. Where the answers so far leave no room in the context, nothing is asked any more, and
  /// the correction is empty and cut off.
  package func corrections(of rows: [Row], samples: Int) throws -> [Row] {
    var extended: [(row: Row, hasRoom: Bool)] = []
    var requests: [GenerationRequest] = []
    var attempt = 0
    for row in rows {
      var row = row
      attempt = row.attempts.count
      row.turns.append(
        try prompts.correctionTurn(
          after: row.turns.last, about: questions[row.question].text, model.tokenizer))
      let prompt = try row.context(model.tokenizer)
      let hasRoom = prompt.count < model.architecture.contextLength
      if hasRoom {
        requests.append(
          GenerationRequest(
            question: row.question, prompt: prompt,
            sampleKeys: (0..<samples).map { Row.key(row.samples + [$0]) }))
      } else {
        row.turns[row.turns.count - 1] = Turn(role: .user, text: "", tokens: [], origin: .prompt)
      }
      for sample in 0..<samples {
        let own = Row(question: row.question, samples: row.samples + [sample], turns: row.turns)
        extended.append((own, hasRoom))
      }
    }
    var generations = requests.isEmpty ? [] : try generate(requests, attempt: attempt)[...]
    return extended.map { row, hasRoom in
      let said = hasRoom ? generations.popFirst() : nil
      return adding(said ?? Generation(tokens: [], finish: .truncated), to: row)
    }
  }

  func generate(_ requests: [GenerationRequest], attempt: Int) throws -> [Generation] {
    try Generator(model: model, decoding: decoding, random: random, attempt: attempt, context: context)
      .generate(requests).flatMap(\.self)
  }

  private func adding(_ generation: Generation, to row: Row) -> Row {
    var row = row
    let text = model.tokenizer.decode(generation.tokens)
    row.turns.append(
      Turn(
        role: .assistant, text: text, tokens: generation.tokens, origin: .sampled, finish: generation.finish,
        score: grading.score(text, gold: questions[row.question].answers)))
    return row
  }
}
