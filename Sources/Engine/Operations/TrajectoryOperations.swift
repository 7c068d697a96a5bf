extension Operation {
  private static let script = SettingsConstructor.script.defaults(replacing: [:])
  private static let rows = OperationParameter(
    "rows", .value(.rows), "trajectories about questions with steps")
  private static let model = OperationParameter("model", .value(.model), "in whose tokens")

  static let selfImprove = Operation(
    name: "self_improve", version: 1,
    summary:
      "The model answers, gives itself feedback, updates its answer, and so on until it calls it right: gold answers are not looked at.",
    parameters: [
      .init("model", .value(.model), "who answers"), .init("questions", .value(.questions), "what is asked"),
      .init("updates", .int, "most updates of an answer", bounds: 0...10, default: .int(5)),
      samples,
      .init("decoding", .settings("Decoding"), "how tokens are chosen", default: Catalogue.greedy),
      .init(
        "sees", .choice(SelfImprovement.Sight.allCases.map(\.rawValue)),
        "the whole way, or the question and the last attempt: the form of the examples made by `turns`",
        default: .choice("last_attempt")),
      stream,
    ],
    result: .rows, usesSeed: true
  ) { call in
    let questions = try call.questions("questions")
    let improvement = SelfImprovement(
      try call.conversations(about: questions, "self_improve"), try questions.reasoningForm("self_improve"),
      sight: SelfImprovement.Sight(rawValue: try call.choice("sees")) ?? .lastAttempt)
    return .rows(
      Rows(
        rows: try improvement.trajectories(
          samples: try call.int("samples"), updates: try call.int("updates")), source: questions))
  }

  static let feedback = Operation(
    name: "feedback", version: 1,
    summary:
      "The first feedback in each trajectory that differs from the author's is replaced, and what follows it is dropped; attempts without feedback get it.",
    parameters: [model, rows, .init("by", .settings("Author"), "who gives it", default: script)],
    result: .rows, usesSeed: true, goldAnswers: .readByScript
  ) { call in
    let rows = try call.rows("rows")
    let editor = try call.editor(of: rows.source, "feedback")
    return .rows(Rows(rows: try editor.feedback(rows.kept), source: rows.source))
  }

  static let improve = Operation(
    name: "improve", version: 2,
    summary:
      "One more update of each attempt whose feedback says that something is wrong: the steps called right stay, the author writes the rest.",
    parameters: [
      model, rows, .init("by", .settings("Author"), "who writes it", default: script),
      .init(
        "updates", .int, "a trajectory with so many, the model's own too, gets no more", bounds: 1...100,
        default: .int(100)),
    ],
    result: .rows, usesSeed: true, goldAnswers: .readByScript
  ) { call in
    let rows = try call.rows("rows")
    let editor = try call.editor(of: rows.source, "improve")
    return .rows(
      Rows(rows: try editor.improved(rows.kept, updates: try call.int("updates")), source: rows.source))
  }

  static let checked = Operation(
    name: "checked", version: 1,
    summary:
      "Trajectories that end in a right answer called right, can be read, make progress, and are no duplicates.",
    parameters: [rows], result: .rows, goldAnswers: .read
  ) { call in
    let rows = try call.rows("rows")
    return .rows(try rows.checked(rows.source.reasoningForm("checked")))
  }

  static let turns = Operation(
    name: "turns", version: 1,
    summary:
      "Trajectories as examples: each attempt with its feedback and the update after it, and the last attempt with its feedback.",
    parameters: [rows], result: .rows
  ) { call in .rows(try call.rows("rows").turns()) }

  static let balance = Operation(
    name: "balance", version: 1,
    summary: "Improvements, right attempts and gold examples as ratio : 1 : 1, as many as there are of each.",
    parameters: [
      .init("turns", .value(.rows), "improvements and right attempts"),
      .init("gold", .value(.rows), "gold examples"),
      .init(
        "ratio", .float, "improvements for each of the others; 0: all there are", bounds: 0...100,
        default: .float(1.5)),
    ],
    result: .rows, usesSeed: true, goldAnswers: .read
  ) { call in
    let turns = try call.rows("turns")
    let all = try turns.followed(by: try call.rows("gold"), "balance")
    let balance = TurnBalance(ratio: Double(try call.float("ratio")))
    return .rows(
      try all.balanced(
        all.source.reasoningForm("balance"), balance, gold: turns.kept.count, call.random("balance")))
  }

  static let weighted = Operation(
    name: "weighted", version: 1,
    summary:
      "The examples with a weight on the loss of feedback and update, where something is wrong; the mean still counts each label once.",
    parameters: [
      .init("rows", .value(.rows), "examples"),
      .init("feedback", .float, "the weight", bounds: 0...100, default: .float(1.5)),
      .init(
        "before", .float, "the weight of what stands before such feedback; 0: not learned", bounds: 0...100,
        default: .float(1)),
    ],
    result: .rows
  ) { call in
    let rows = try call.rows("rows")
    return .rows(
      try rows.weighted(
        rows.source.reasoningForm("weighted"), feedback: call.float("feedback"), before: call.float("before"))
    )
  }
}

extension SettingsConstructor {
  package static let script = SettingsConstructor(
    name: "script", summary: "The task's own verifier and improver.",
    parameters: [
      .init("part", .bool, "feedback quotes the wrong part", default: .bool(true)),
      .init(
        "reason", .choice(FeedbackDetail.Reason.allCases.map(\.rawValue)), "how much it says of the reason",
        default: .choice("specific")),
    ],
    makes: "Author")

  static let teacher = SettingsConstructor(
    name: "teacher",
    summary: "Another model of the recipe, which has learned to give feedback and to update.",
    parameters: [
      .init("model", .value(.model), "who"),
      .init(
        "decoding", .settings("Decoding"), "how tokens are chosen", default: greedy.defaults(replacing: [:])),
    ],
    makes: "Author")

  /// Whoever uses it asks somebody outside: its steps cannot be computed again.
  package static let server = SettingsConstructor(
    name: "server",
    summary:
      "A model behind an OpenAI-compatible completions interface. Its answers are kept with the step: running again asks nothing.",
    parameters: [
      .init("address", .string, "up to `/completions`, which is added: http://localhost:8000/v1"),
      .init("model", .string, "its name there"),
      .init("temperature", .float, "0: as likely as can be", bounds: 0...10, default: .float(0)),
      .init("max_tokens", .int, "after so many an answer is cut off", bounds: 1...32_768, default: .int(256)),
      .init(
        "examples", .string, "solved examples in the form of the prompt, put in front of it",
        default: .string("")),
    ],
    makes: "Author")
}

extension Call {
  fileprivate func editor(of source: Questions, _ use: String) throws -> TrajectoryEditor {
    TrajectoryEditor(
      model: try model("model"), source: source, form: try source.reasoningForm(use),
      author: try author("by"),
      random: try random("\(use)/\(source.split)"), context: context)
  }

  fileprivate func author(_ name: String) throws -> TrajectoryAuthor {
    let (constructor, fields) = try settings(name)
    switch constructor {
    case "teacher": return .model(try fields.model("model"), try fields.decoding("decoding"))
    case "server":
      return .server(
        CompletionServer(
          address: try fields.string("address"), model: try fields.string("model"),
          temperature: Double(try fields.float("temperature")), maxTokens: try fields.int("max_tokens"),
          examples: try fields.string("examples")))
    default:
      return .script(
        FeedbackDetail(
          part: try fields.bool("part"),
          reason: FeedbackDetail.Reason(rawValue: try fields.choice("reason")) ?? .specific))
    }
  }
}
