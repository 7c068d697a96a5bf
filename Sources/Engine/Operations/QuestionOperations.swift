extension Operation {
  static let batch = Operation(
    name: "batch", version: 1,
    summary:
      "Some of the questions, another batch at each step; each pass over all of them has an order of its own.",
    parameters: [
      .init("questions", .value(.questions), "from which"),
      .init("size", .int, "how many", bounds: 1...1_000_000),
      .init("at", .int, "which batch, counted from 1", bounds: 1...100_000_000),
    ],
    result: .questions, usesSeed: true
  ) { call in
    let questions = try call.questions("questions")
    let step = try call.int("at")
    return .questions(
      questions.batch(
        size: try call.int("size"), at: step, random: try call.random("batch/\(questions.split)")))
  }

  static let gold = Operation(
    name: "gold", version: 1,
    summary:
      "Each question with its gold answer as the first attempt: what supervised fine-tuning learns from.",
    parameters: [
      .init("model", .value(.model), "whose tokens the answer is written in"),
      .init("questions", .value(.questions), "which questions"),
    ],
    result: .rows, goldAnswers: .read
  ) { call in
    let questions = try call.questions("questions")
    let tokenizer = try call.model("model").tokenizer
    let rows = try questions.questions.enumerated().map { index, question in
      var answer = try questions.prompts.goldTurn(question.answers.first ?? "", tokenizer)
      answer.score = questions.grading.score(answer.text, gold: question.answers)
      return Row(
        question: index, samples: [0],
        turns: [try questions.prompts.firstTurn(question.text, tokenizer), answer])
    }
    return .rows(Rows(rows: rows, source: questions))
  }
}

extension Questions {
  /// The questions at places (step - 1)·size… of the passes over all of them, one pass after another. Its split's name tells the step, so that random
  /// numbers differ from batch to batch.
  package func batch(size: Int, at step: Int, random: Philox) -> Questions {
    var batch = self
    batch.split = "\(split) batch \(step)"
    guard !questions.isEmpty else { return batch }
    var pass = -1
    var order: [Int] = []
    batch.questions = (0..<size).map { index in
      let place = (step - 1) * size + index
      if place / questions.count != pass {
        pass = place / questions.count
        order = random.permutation(of: questions.count, 0, UInt32(truncatingIfNeeded: pass))
      }
      return questions[order[place % questions.count]]
    }
    return batch
  }
}
