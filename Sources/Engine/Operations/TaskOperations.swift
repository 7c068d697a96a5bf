extension Operation {
  private static let splits: [OperationParameter] = [
    .init("train", .int, "questions to learn from", bounds: 0...1_000_000, default: .int(500)),
    .init("validation", .int, "questions to choose by", bounds: 0...1_000_000, default: .int(200)),
    .init("test", .int, "questions to report", bounds: 1...1_000_000, default: .int(500)),
  ]
  private static let promptsDefault = ArgumentValue.settings(
    constructor: "prompts", fields: [("question", .string("{question}=")), ("correction", .string("?"))])

  static let arithmetic = Operation(
    name: "arithmetic", version: 1,
    summary: "Questions such as `17+25`, drawn without repetition; the splits have none in common.",
    parameters: [
      .init(
        "operators", .list(.choice(ArithmeticSettings.Operator.allCases.map(\.rawValue))), "drawn from these",
        default: .list([.choice("add")])),
      .init(
        "digits", .int,
        "most digits of an operand; at most half of all the questions that they make can be asked for",
        bounds: 1...6, default: .int(2)),
    ] + splits + [
      .init(
        "reward", .choice(["exact", "graded"]),
        "1 for a right answer and 0 for a wrong one, or the share of right digits",
        default: .choice("exact")),
      .init("prompts", .settings("Prompts"), "what surrounds a question", default: promptsDefault),
      .init("seed", .int, "other questions", bounds: 0...1_000_000_000, default: .int(0)),
    ],
    result: .task
  ) { call in
    var settings = ArithmeticSettings()
    settings.operators = try call.choices("operators").compactMap(ArithmeticSettings.Operator.init)
    guard !settings.operators.isEmpty else {
      throw OperationError("`operators` is empty", remedy: "name at least one: add, subtract, multiply")
    }
    settings.digits = try call.int("digits")
    settings.train = try call.int("train")
    settings.validation = try call.int("validation")
    settings.test = try call.int("test")
    settings.isGraded = try call.choice("reward") == "graded"
    settings.prompts = try call.prompts("prompts")
    settings.seed = try call.int("seed")
    return .task(try Task.arithmetic(settings))
  }

  static let jsonLines = Operation(
    name: "json_lines", version: 2,
    summary:
      "Questions from a file with one JSON object a line, split in an order that depends on `seed` only.",
    parameters: [
      .init("path", .file, "the file, relative to the recipe"),
      .init("question", .string, "the field with the question", default: .string("question")),
      .init(
        "answer", .string, "the field with the answer: a text, a number, or a list of them",
        default: .string("answer")),
    ] + splits + [
      .init(
        "grader", .choice(Grader.allCases.map(\.rawValue)),
        "exact: equal; digits: share of equal characters from the right; contains: a gold answer's words in a row; em and f1: SQuAD's; numeric: the number after ####, else the last; math: the extracted answer, compared as mathematics",
        default: .choice("exact")),
      .init(
        "span", .choice(AnswerSpan.allCases.map(\.rawValue)),
        "which part of a text is graded: default: all of it; final: what follows `Final Answer:`",
        default: .choice("default")),
      .init("prompts", .settings("Prompts"), "what surrounds a question", default: promptsDefault),
      .init("seed", .int, "another split", bounds: 0...1_000_000_000, default: .int(0)),
    ],
    result: .task
  ) { call in
    var settings = JSONLinesSettings(
      path: try call.file("path").path, train: try call.int("train"), validation: try call.int("validation"),
      test: try call.int("test"))
    settings.question = try call.string("question")
    settings.answer = try call.string("answer")
    settings.grading = Grading(
      Grader(rawValue: try call.choice("grader")) ?? .exact,
      span: AnswerSpan(rawValue: try call.choice("span")) ?? .whole)
    settings.prompts = try call.prompts("prompts")
    settings.seed = try call.int("seed")
    return .task(try Task.jsonLines(settings))
  }

  static let corpus = Operation(
    name: "corpus", version: 1,
    summary:
      "Scripted conversations to pretrain on: a question, an answer that may be wrong, a correction that may be.",
    parameters: [
      .init(
        "task", .value(.task), "whose questions; those of its splits are left out where it can make others"),
      .init("conversations", .int, "how many", bounds: 1...1_000_000, default: .int(20_000)),
      .init(
        "first_right", .float, "share of first answers that are right", bounds: 0...1, default: .float(0.5)),
      .init(
        "fixes", .float, "share of wrong answers whose correction is right", bounds: 0...1,
        default: .float(0.5)),
      .init(
        "keeps", .float, "share of right answers that the correction keeps", bounds: 0...1,
        default: .float(0.8)),
      .init(
        "copies", .float, "share of failed corrections that repeat the answer", bounds: 0...1,
        default: .float(0.3)),
      .init("seed", .int, "other conversations", bounds: 0...1_000_000_000, default: .int(0)),
    ],
    result: .corpus
  ) { call in
    var settings = CorpusSettings()
    settings.conversations = try call.int("conversations")
    settings.firstRight = try call.float("first_right")
    settings.fixes = try call.float("fixes")
    settings.keeps = try call.float("keeps")
    settings.copies = try call.float("copies")
    settings.seed = try call.int("seed")
    let task = try call.task("task")
    if task.grading.reasoning != nil {
      throw OperationError(
        "\(task.name) is answered in steps, and `corpus` writes plain answers",
        remedy: "learn from `model.rationales(task.pool, errors: 0.5)`, beginning with `untrained`")
    }
    let corpus = task.corpus(settings)
    guard !corpus.conversations.isEmpty else {
      throw OperationError("the task has no questions to write about", remedy: "give it a train split")
    }
    return .corpus(corpus)
  }
}
