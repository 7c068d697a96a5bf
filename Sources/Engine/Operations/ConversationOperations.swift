extension Operation {
  static let asContext = Operation(
    name: "as_context", version: 1,
    summary:
      "The rows, their attempts so far counting as prompts: what another model wrote, to be corrected and not to be learned.",
    parameters: [.init("rows", .value(.rows), "conversations so far")], result: .rows
  ) { call in
    var rows = try call.rows("rows")
    for row in rows.rows.indices {
      for turn in rows.rows[row].turns.indices { rows.rows[row].turns[turn].origin = .prompt }
    }
    return .rows(rows)
  }

  static let mix = Operation(
    name: "mix", version: 1,
    summary: "The rows, a share of them replaced by those of the same question and sample among others.",
    parameters: [
      .init("rows", .value(.rows), "what is mixed"),
      .init("others", .value(.rows), "with what: as many rows, of the same questions"),
      .init("share", .float, "how likely a row is replaced", bounds: 0...1),
    ],
    result: .rows, usesSeed: true
  ) { call in
    let rows = try call.rows("rows")
    let others = try call.rows("others")
    let share = try call.float("share")
    var known: [[Int]: Row] = [:]
    for row in others.rows { known[[row.question] + row.samples] = row }
    guard rows.source.split == others.source.split, rows.source.questions == others.source.questions else {
      throw OperationError(
        "the rows to mix are about different questions", remedy: "let both answer the same batch")
    }
    let random = try call.random("mix/\(rows.source.split)")
    let mixed = try rows.rows.map { row in
      let isKept =
        random.uniform(UInt32(truncatingIfNeeded: row.question), Row.key(row.samples), 0) >= share
      if isKept { return row }
      guard let other = known[[row.question] + row.samples] else {
        throw OperationError(
          "sample \(row.samples.map(String.init).joined(separator: ".")) of question \(row.question) is not among the others",
          remedy: "let both take as many samples of each question")
      }
      return other
    }
    return .rows(Rows(rows: mixed, source: rows.source))
  }

  static let pair = Operation(
    name: "pair", version: 1,
    summary:
      "Every answer of a question followed by every other one, as if it were its correction: repairs that nobody wrote.",
    parameters: [
      .init("model", .value(.model), "whose tokens the prompt between them is written in"),
      .init("rows", .value(.rows), "single answers, several for each question"),
    ],
    result: .rows
  ) { call in
    let rows = try call.rows("rows")
    let model = try call.model("model")
    return .rows(Rows(rows: try paired(rows, tokenizer: model.tokenizer), source: rows.source))
  }

  /// The questions in the order of their first rows; of each, ordered pairs of different samples.
  private static func paired(_ rows: Rows, tokenizer: ModelTokenizer) throws -> [Row] {
    var byQuestion: [Int: [Row]] = [:]
    var order: [Int] = []
    for row in rows.kept {
      guard row.attempts.count == 1 else {
        throw OperationError(
          "a row has \(row.attempts.count) attempts, and single answers are paired",
          remedy: "pair what `answer` gives")
      }
      if byQuestion[row.question] == nil { order.append(row.question) }
      byQuestion[row.question, default: []].append(row)
    }
    return try order.flatMap { question -> [Row] in
      let own = byQuestion[question] ?? []
      return try own.flatMap { first in
        try own.compactMap { second -> Row? in
          guard first.samples != second.samples, let correction = second.turns.last else { return nil }
          let prompt = try rows.source.prompts.correctionTurn(
            after: first.turns.last, about: rows.source.questions[question].text, tokenizer)
          return Row(
            question: question, samples: first.samples + second.samples,
            turns: first.turns + [prompt, correction])
        }
      }
    }
  }

  static let ask = Operation(
    name: "ask", version: 1,
    summary: "The rows, to be asked for their next attempt with another prompt than the task's.",
    parameters: [
      .init("rows", .value(.rows), "conversations so far"),
      .init("correction", .string, "what stands between the last attempt and the next"),
    ],
    result: .rows
  ) { call in
    var rows = try call.rows("rows")
    rows.source.prompts.correction = try Call.prompt(call.string("correction"))
    return .rows(rows)
  }

  static let vote = Operation(
    name: "vote", version: 1,
    summary:
      "The share of questions whose most frequent answer among the rows is right; of no rows it is not defined.",
    parameters: [
      .init("rows", .value(.rows), "several conversations for each question"),
      .init(
        "over", .choice(Voting.allCases.map(\.rawValue)), "the last attempt of each row, or every attempt",
        default: .choice("last")),
    ],
    result: .number, unit: .share, goldAnswers: .judged
  ) { call in
    let rows = try call.rows("rows").kept
    let voting = Voting(rawValue: try call.choice("over")) ?? .last
    return .number(voting.accuracy(of: rows) ?? .nan)
  }

  static let deviation = Operation(
    name: "deviation", version: 1,
    summary: "The standard deviation of a number over the rows that are kept; of no rows it is not defined.",
    parameters: [
      .init("rows", .value(.rows), "over what"),
      .init("of", .rowNumber, "a field of a row, or computed from fields"),
    ],
    result: .number
  ) { call in
    let expression = try call.row("of")
    let rows = try call.rows("rows")
    let values = try rows.kept.map { try RowReader(row: $0, source: rows.source).number(expression) }
    return .number(values.isEmpty ? .nan : meanAndDeviation(of: values).deviation)
  }
}
