extension Operation {
  static let reasoning = Operation(
    name: "reasoning", version: 1,
    summary:
      "TriPosT's tasks: questions answered in steps that a script can check. Trained on seen levels of difficulty, tested on unseen ones, too.",
    parameters: [
      .init("kind", .choice(ReasoningTask.allCases.map(\.rawValue)), "which task"),
      .init(
        "seen", .list(.string),
        "levels of difficulty to learn from, as `words3` or `l2-d2`; none: the paper's",
        default: .list([])),
      .init(
        "unseen", .list(.string), "levels met in the test only; with `seen` empty: the paper's",
        default: .list([])),
      .init("train", .int, "questions to learn from", bounds: 1...1_000_000, default: .int(500)),
      .init("validation", .int, "questions to choose by", bounds: 0...1_000_000, default: .int(100)),
      .init("test", .int, "questions to report, of all levels", bounds: 1...1_000_000, default: .int(400)),
      .init(
        "pool", .int, "further questions of the seen levels, for pretraining", bounds: 0...1_000_000,
        default: .int(20_000)),
      .init(
        "style", .choice(ReasoningStyle.allCases.map(\.rawValue)),
        "compact: few characters; sentences: BIG-Bench's questions and the paper's sentences",
        default: .choice("compact")),
      .init("largest", .int, "of the numbers in arithmetic", bounds: 1...1000, default: .int(9)),
      .init("shortest", .int, "letters of a word", bounds: 1...20, default: .int(3)),
      .init("longest", .int, "letters of a word", bounds: 1...20, default: .int(6)),
      .init("initials", .int, "different first letters of words", bounds: 1...26, default: .int(26)),
      .init(
        "options", .int, "answers to choose from, for dates; 0: the date itself is asked for", bounds: 0...10,
        default: .int(6)),
      .init("seed", .int, "other questions", bounds: 0...1_000_000_000, default: .int(0)),
    ],
    result: .task
  ) { call in
    let kind = ReasoningTask(rawValue: try call.choice("kind")) ?? .multistepArithmetic
    let style = ReasoningStyle(rawValue: try call.choice("style")) ?? .compact
    var seen = try call.strings("seen")
    var unseen = try call.strings("unseen")
    if seen.isEmpty {
      seen = kind.cells.filter(\.isSeen).map(\.name)
      if unseen.isEmpty { unseen = kind.cells.filter { !$0.isSeen }.map(\.name) }
    }
    var settings = ReasoningSettings()
    settings.largest = try call.int("largest")
    let shortest = try call.int("shortest")
    settings.wordLengths = shortest...max(shortest, try call.int("longest"))
    settings.initials = try call.int("initials")
    settings.options = try call.int("options")
    guard settings.options != 1 else {
      throw OperationError("a date with one option leaves nothing to choose", remedy: "use 0, or 2 to 10")
    }
    if let both = seen.first(where: { unseen.contains($0) }) {
      throw OperationError("\(both) is both seen and unseen", remedy: "name it once")
    }
    let form = ReasoningForm(kind, style, seen: seen)
    let splits = try kind.splits(
      [
        ReasoningSplit(name: "test", counts: shares(try call.int("test"), of: seen + unseen)),
        ReasoningSplit(name: "validation", counts: shares(try call.int("validation"), of: seen)),
        ReasoningSplit(name: "train", counts: shares(try call.int("train"), of: seen)),
        ReasoningSplit(name: "pool", counts: shares(try call.int("pool"), of: seen)),
      ], settings: settings, seed: try call.int("seed")
    ).map { $0.map { Question(text: $0.question(style), answers: [$0.answer]) } }
    return .task(
      Task(
        name: kind.rawValue, train: splits[2], validation: splits[1], test: splits[0], pool: splits[3],
        prompts: form.prompts, grading: Grading(form)))
  }

  /// So many questions over the cells, as evenly as can be; the first ones get one more.
  private static func shares(_ count: Int, of cells: [String]) -> [(cell: String, count: Int)] {
    cells.enumerated().map { index, cell in
      (cell, count / cells.count + (index < count % cells.count ? 1 : 0))
    }
  }

  static let untrained = Operation(
    name: "untrained", version: 1,
    summary: "A model with random weights that knows the characters of a task.",
    parameters: [
      .init("architecture", .settings("Architecture"), "its shape"),
      .init("task", .value(.task), "whose characters"),
    ],
    result: .model, usesSeed: true
  ) { call in
    let tokenizer = try call.task("task").alphabet
    let architecture = try call.architecture("architecture", vocabularySize: tokenizer.vocabularySize)
    let seed = UInt64(bitPattern: Int64(try call.int("seed")))
    return .model(
      Model(parameters: Parameters(architecture: architecture, seed: seed), tokenizer: .characters(tokenizer))
    )
  }

  static let rationales = Operation(
    name: "rationales", version: 2,
    summary: "Answers with their steps, written by the task's script in the model's tokens.",
    parameters: [
      .init("model", .value(.model), "in whose tokens"), .init("questions", .value(.questions), "to which"),
      .init("errors", .float, "share with an error planted in a step", bounds: 0...1, default: .float(0)),
      .init("steps", .bool, "false: the answer alone", default: .bool(true)),
      samples, stream,
    ],
    result: .rows, usesSeed: true, goldAnswers: .read
  ) { call in
    let model = try call.model("model")
    let questions = try call.questions("questions")
    let form = try questions.reasoningForm("rationales")
    let share = try call.float("errors")
    let errors = Int((share * 1000).rounded())
    guard abs(Double(share) * 1000 - Double(errors)) < 1e-3 else {
      throw OperationError(
        "`errors` is \(share), and errors are drawn by the thousand",
        remedy: "give whole thousandths, as 0.005")
    }
    let hasSteps = try call.bool("steps")
    let samples = try call.int("samples")
    let random = try call.random("rationales/\(questions.split)/\(call.int("stream"))")
    let rows = try questions.questions.enumerated().flatMap { index, question in
      let problem = try form.problem(question.text)
      let prompt = try questions.prompts.firstTurn(question.text, model.tokenizer)
      return try (0..<samples).map { sample in
        var draws = Draws(random, item: index, sample: sample)
        let isWrong = draws.chance(errors)
        var text = isWrong ? problem.plantedError(form.style, &draws).text : problem.rationale(form.style)
        if !hasSteps, let answer = RationaleText.finalAnswer(of: text, form.style) {
          text = RationaleText.answer(String(answer), form.style)
        }
        var turn = try questions.prompts.goldTurn(text, model.tokenizer)
        turn.score = questions.grading.score(text, gold: question.answers)
        return Row(question: index, samples: [sample], turns: [prompt, turn])
      }
    }
    return .rows(Rows(rows: rows, source: questions))
  }

  static let majority = Operation(
    name: "majority", version: 1,
    summary:
      "The rows whose answer is the most frequent one of their question (LMSI); no gold answer is looked at.",
    parameters: [.init("rows", .value(.rows), "several answers to each question")], result: .rows
  ) { call in .rows(try call.rows("rows").majority()) }

  static let together = Operation(
    name: "together", version: 1, summary: "The kept rows of both, about the same questions.",
    parameters: [
      .init("first", .value(.rows), "these rows"), .init("second", .value(.rows), "and after them these"),
    ],
    result: .rows
  ) { call in .rows(try call.rows("first").followed(by: try call.rows("second"), "together")) }
}

extension Rows {
  /// The kept rows, then the others' kept ones.
  ///
  /// - Throws: `OperationError` if they are about other questions; `use` says who asks.
  func followed(by others: Rows, _ use: String) throws(OperationError) -> Rows {
    guard source.questions == others.source.questions, source.grading == others.source.grading else {
      throw OperationError(
        "\(use) was given rows about \(source.questions.count) questions (\(source.split)) and rows about \(others.source.questions.count) other ones (\(others.source.split))",
        remedy: "give it rows about the same split of the same task")
    }
    return Rows(rows: kept + others.kept, source: source)
  }
}
