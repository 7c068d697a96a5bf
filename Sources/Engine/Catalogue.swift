/// Everything the engine offers to recipes: one line for each operation, constructor and field.
package enum Catalogue {
  /// Calls that compute something.
  package static let operations: [Operation] = [
    .arithmetic,
    .jsonLines,
    .reasoning,
    .corpus,
    .pretrain,
    .untrained,
    .rationales,
    .load,
    .answer,
    .correct,
    .selfImprove,
    .feedback,
    .improve,
    .checked,
    .turns,
    .balance,
    .weighted,
    .majority,
    .together,
    .cross,
    .batch,
    .gold,
    .asContext,
    .mix,
    .pair,
    .ask,
    .filter,
    .fineTune,
    .reinforce,
    .evaluate,
    .measure,
    .count,
    .mean,
    .deviation,
    .divergence,
    .vote,
  ]

  /// Calls that only gather settings.
  package static let constructors: [SettingsConstructor] = [
    .greedy,
    .nucleus,
    .sampling,
    .adamw,
    .lora,
    .tiny,
    .small,
    .transformer,
    .prompts,
    .script,
    .teacher,
    .server,
    .chat,
    .ownTemplate,
    .plainText,
    .frames,
  ]

  /// Parts of values that a recipe names without a call.
  package static func fields(of kind: ValueKind) -> [(name: String, kind: ValueKind, summary: String)] {
    switch kind {
    case .task:
      [
        ("train", .questions, "questions to learn from"),
        ("validation", .questions, "questions to choose by"),
        ("test", .questions, "questions to report"),
        ("pool", .questions, "further questions, in no split: those that a corpus is written about"),
        ("corpus", .corpus, "the two-turn corpus with the defaults of `corpus`"),
      ]
    default: []
    }
  }

  /// AdamW's settings as a default.
  static func adamw(learningRate: Double, batch: Int) -> ArgumentValue {
    SettingsConstructor.adamw.defaults(replacing: [
      "learning_rate": .float(learningRate), "batch": .int(batch),
    ])
  }

  static var greedy: ArgumentValue { SettingsConstructor.greedy.defaults(replacing: [:]) }
}

extension Catalogue {
  /// The operation with that name.
  package static func operation(named name: String) -> Operation? { operations.first { $0.name == name } }
}

extension Value {
  /// A part of a value: `train` of a task.
  package func field(_ name: String) -> Value? {
    guard case .task(let task) = self else { return nil }
    if name == "corpus" { return .corpus(task.corpus()) }
    return task.questions(name).map(Value.questions)
  }
}
