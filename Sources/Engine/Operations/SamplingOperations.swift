extension Operation {
  static let samples = OperationParameter(
    "samples", .int, "how many of each", bounds: 1...64, default: .int(1))
  private static let decoding = OperationParameter(
    "decoding", .settings("Decoding"), "how tokens are chosen", default: Catalogue.greedy)
  static let stream = OperationParameter(
    "stream", .int, "another number asks for other samples of the same call", bounds: 0...1_000_000,
    default: .int(0))

  static let answer = Operation(
    name: "answer", version: 2, summary: "First answers to questions, graded.",
    parameters: [
      .init("model", .value(.model), "who answers"), .init("questions", .value(.questions), "what is asked"),
      samples,
      decoding, stream,
    ],
    result: .rows, usesSeed: true
  ) { call in
    let questions = try call.questions("questions")
    let conversations = try call.conversations(about: questions, "answer")
    return .rows(Rows(rows: try conversations.answers(samples: try call.int("samples")), source: questions))
  }

  static let correct = Operation(
    name: "correct", version: 2,
    summary: "Corrections of the rows that are kept: one more attempt in each conversation, graded.",
    parameters: [
      .init("model", .value(.model), "who corrects"), .init("rows", .value(.rows), "conversations so far"),
      samples, decoding,
      stream,
    ],
    result: .rows, usesSeed: true
  ) { call in
    let rows = try call.rows("rows", readBy: try call.model("model"))
    let conversations = try call.conversations(about: rows.source, "correct")
    return .rows(
      Rows(
        rows: try conversations.corrections(of: rows.kept, samples: try call.int("samples")),
        source: rows.source))
  }

  static let cross = Operation(
    name: "cross", version: 1,
    summary:
      "Every first answer of a question with every correction of that question, also those written for another answer.",
    parameters: [.init("rows", .value(.rows), "conversations with a correction")], result: .rows
  ) { call in
    let rows = try call.rows("rows")
    return .rows(Rows(rows: crossed(rows.kept), source: rows.source))
  }

  /// The first answers of each question in order, each with all the question's corrections in order. The prompt between the two is that of the
  /// answer's own conversation.
  package static func crossed(_ rows: [Row]) -> [Row] {
    var byQuestion: [Int: [Row]] = [:]
    var order: [Int] = []
    for row in rows where row.turns.count >= 2 {
      if byQuestion[row.question] == nil { order.append(row.question) }
      byQuestion[row.question, default: []].append(row)
    }
    return order.flatMap { question -> [Row] in
      let own = byQuestion[question] ?? []
      var seen: Set<[Int]> = []
      let firsts = own.filter { seen.insert(Array($0.samples.dropLast())).inserted }
      return firsts.flatMap { first in
        own.map { other in
          var turns = first.turns
          if let correction = other.turns.last { turns[turns.count - 1] = correction }
          return Row(
            question: question, samples: Array(first.samples.dropLast()) + other.samples, turns: turns)
        }
      }
    }
  }

  static let evaluate = Operation(
    name: "evaluate", version: 2,
    summary: "One answer to each question, corrected, graded: accuracy at each attempt and what changed.",
    parameters: [
      .init("model", .value(.model), "who is evaluated"), .init("questions", .value(.questions), "on what"),
      decoding,
      .init("attempts", .int, "the first answer and its corrections", bounds: 1...10, default: .int(2)),
      stream,
    ],
    result: .metrics, usesSeed: true
  ) { call in
    let questions = try call.questions("questions")
    let conversations = try call.conversations(about: questions, "evaluate")
    var rows = try conversations.answers(samples: 1)
    for _ in 1..<max(1, try call.int("attempts")) {
      rows = try conversations.corrections(of: rows, samples: 1)
    }
    return .metrics(Metrics(of: Rows(rows: rows, source: questions)))
  }

  static let measure = Operation(
    name: "measure", version: 1,
    summary:
      "What an evaluation finds, of rows that are there: as when one model corrects what another answered.",
    parameters: [.init("rows", .value(.rows), "one conversation for each question")], result: .metrics,
    goldAnswers: .judged
  ) { call in
    let rows = try call.rows("rows")
    let kept = rows.kept
    guard Set(kept.map(\.question)).count == kept.count else {
      throw OperationError(
        "\(kept.count) rows are about \(Set(kept.map(\.question)).count) questions",
        remedy: "measure takes one conversation for each question: ask for one sample")
    }
    return .metrics(Metrics(of: Rows(rows: kept, source: rows.source)))
  }
}

extension Call {
  /// How this call's model talks about these questions; each use of randomness has a name of its own.
  func conversations(about questions: Questions, _ use: String) throws -> Conversations {
    let stream = try int("stream")
    return Conversations(
      model: try model("model"), decoding: try decoding("decoding"),
      random: try random("\(use)/\(questions.split)/\(stream)"),
      prompts: questions.prompts, grading: questions.grading, questions: questions.questions, context: context
    )
  }
}
