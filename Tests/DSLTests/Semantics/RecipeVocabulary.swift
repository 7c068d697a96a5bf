import DSL

/// Signatures like the engine's, so that the shipped algorithms can be checked and planned without it.
enum RecipeVocabulary {
  static let vocabulary = Vocabulary(
    opaqueTypes: [
      OpaqueType(name: "Model", summary: "A language model."),
      OpaqueType(
        name: "Task", summary: "Questions with answers.",
        fields: [
          OpaqueField(name: "train", type: questions, summary: "To learn from."),
          OpaqueField(name: "validation", type: questions, summary: "To choose by."),
          OpaqueField(name: "test", type: questions, summary: "To report."),
          OpaqueField(name: "corpus", type: .opaque("Corpus"), summary: "To pretrain on."),
        ]),
      OpaqueType(name: "Questions", summary: "Questions."),
      OpaqueType(name: "Corpus", summary: "Texts."),
      OpaqueType(name: "Rows", summary: "Conversations."),
      OpaqueType(
        name: "Metrics", summary: "Figures of an evaluation.",
        metrics: ["accuracy_1", "accuracy_2", "delta", "i_to_c", "c_to_i"].map {
          MetricSignature(
            name: $0, summary: "", direction: $0 == "c_to_i" ? .lowerIsBetter : .higherIsBetter, unit: .share)
        }),
    ],
    operations: [
      Signature(
        name: "arithmetic", summary: "Sums.",
        parameters: [
          parameter("digits", .int, 1...9, .int(2)), parameter("train", .int, 1...1e6, .int(500)),
          parameter("validation", .int, 0...1e6, .int(200)), parameter("test", .int, 0...1e6, .int(500)),
          parameter("reward", .choice(["exact", "graded"]), nil, .choice("exact")),
        ], result: task),
      Signature(
        name: "json_lines", summary: "A file's questions.",
        parameters: [parameter("path", .file), parameter("question", .string, nil, .string("question"))],
        result: task),
      Signature(
        name: "pretrain", summary: "A base model.",
        parameters: [
          parameter("architecture", .settings("Architecture")), parameter("on", .opaque("Corpus")),
          parameter("steps", .int, 0...1e6),
        ], result: model, usesSeed: true),
      Signature(
        name: "answer", summary: "Samples answers.",
        parameters: [
          parameter("model", model), parameter("questions", questions),
          parameter("samples", .int, 1...1024, .int(1)),
          parameter("decoding", decoding, nil, greedy), parameter("stream", .int, nil, .int(0)),
        ], result: rows, usesSeed: true),
      Signature(
        name: "correct", summary: "Samples corrections.",
        parameters: [
          parameter("model", model), parameter("rows", rows), parameter("samples", .int, 1...1024, .int(1)),
          parameter("decoding", decoding, nil, greedy), parameter("stream", .int, nil, .int(0)),
        ], result: rows, usesSeed: true),
      Signature(
        name: "cross", summary: "Pairs all with all.", parameters: [parameter("rows", rows)], result: rows),
      Signature(
        name: "where", summary: "Keeps rows.",
        parameters: [parameter("rows", rows), parameter("condition", .rowExpression(.bool))], result: rows),
      Signature(
        name: "fine_tune", summary: "Trains.",
        parameters: [
          parameter("model", model), parameter("rows", rows), parameter("training", .settings("Training")),
        ], result: model, usesSeed: true),
      Signature(
        name: "reinforce", summary: "A policy step.",
        parameters: [
          parameter("model", model), parameter("rows", rows),
          parameter("rewards", .list(.rowExpression(.float))),
          parameter("kl", .list(.float), 0...10, .list([])),
          parameter("reference", model, nil, PlanValue.none),
          parameter("training", .settings("Training"), nil, PlanValue.none),
        ], result: model),
      Signature(
        name: "batch", summary: "Some questions.",
        parameters: [
          parameter("questions", questions), parameter("size", .int, 1...1e6), parameter("at", .int, 1...1e8),
        ], result: questions, usesSeed: true),
      Signature(
        name: "evaluate", summary: "Figures.",
        parameters: [
          parameter("model", model), parameter("questions", questions),
          parameter("decoding", decoding, nil, greedy), parameter("attempts", .int, 1...10, .int(2)),
        ], result: .opaque("Metrics"), usesSeed: true),
      Signature(
        name: "measure", summary: "Figures of rows that are there.", parameters: [parameter("rows", rows)],
        result: .opaque("Metrics")),
      Signature(
        name: "count", summary: "How many rows are kept.", parameters: [parameter("rows", rows)],
        result: .measure, unit: .count),
      Signature(
        name: "mean", summary: "Over rows.",
        parameters: [parameter("rows", rows), parameter("of", .rowExpression(.float))], result: .measure),
    ] + trajectories,
    constructors: [
      Signature(
        name: "greedy", summary: "The likeliest token.",
        parameters: [parameter("max_tokens", .int, 1...32768, .int(64))], result: decoding),
      Signature(
        name: "nucleus", summary: "The likeliest tokens up to a share.",
        parameters: [
          parameter("temperature", .float, 0.01...10, .float(1)),
          parameter("top_p", .float, 0...1, .float(0.9)),
          parameter("max_tokens", .int, 1...32768, .int(64)),
        ], result: decoding),
      Signature(
        name: "adamw", summary: "Adam with decoupled decay.",
        parameters: [
          parameter("learning_rate", .float, 0...1), parameter("batch", .int, 1...65536, .int(8)),
          parameter("epochs", .int, 1...100, .int(1)), parameter("weight_decay", .float, 0...1, .float(0.1)),
        ], result: .settings("Training")),
      Signature(name: "tiny", summary: "Small.", parameters: [], result: .settings("Architecture")),
      Signature(name: "script", summary: "A task's verifier.", parameters: [], result: .settings("Author")),
    ],
    rowFields: [
      RowField(path: "reward", type: .float, summary: ""),
      RowField(path: "correct", type: .bool, summary: ""),
      RowField(path: "previous.reward", type: .float, summary: ""),
      RowField(path: "previous.correct", type: .bool, summary: ""),
      RowField(path: "length", type: .int, summary: ""), RowField(path: "answer", type: .string, summary: ""),
    ])

  /// Tasks with steps, and what edits attempts at them.
  private static let trajectories: [Signature] = {
    let author = parameter("by", .settings("Author"), nil, .record(constructor: "script", fields: []))
    return [
      Signature(
        name: "reasoning", summary: "Questions with steps.",
        parameters: [
          parameter("kind", .choice(["word_sorting", "multistep_arithmetic"])),
          parameter("seen", .list(.string), nil, .list([])),
          parameter("unseen", .list(.string), nil, .list([])),
          parameter("train", .int, 1...1e6, .int(500)),
        ], result: task),
      Signature(
        name: "feedback", summary: "Judges attempts.",
        parameters: [parameter("model", model), parameter("rows", rows), author], result: rows),
      Signature(
        name: "improve", summary: "Updates attempts.",
        parameters: [parameter("model", model), parameter("rows", rows), author], result: rows),
      Signature(
        name: "checked", summary: "What passes.", parameters: [parameter("rows", rows)], result: rows),
      Signature(name: "turns", summary: "Examples.", parameters: [parameter("rows", rows)], result: rows),
      Signature(
        name: "weighted", summary: "With weights.",
        parameters: [parameter("rows", rows), parameter("feedback", .float, 0...100, .float(1.5))],
        result: rows),
    ]
  }()
  private static let model = Type.opaque("Model")
  private static let task = Type.opaque("Task")
  private static let questions = Type.opaque("Questions")
  private static let rows = Type.opaque("Rows")
  private static let decoding = Type.settings("Decoding")
  private static let greedy = PlanValue.record(
    constructor: "greedy", fields: [PlanField(name: "max_tokens", value: .int(64))])

  private static func parameter(
    _ name: String, _ type: Type, _ bounds: ClosedRange<Double>? = nil, _ value: PlanValue? = nil
  ) -> Parameter {
    Parameter(name: name, summary: "", type: type, bounds: bounds, defaultValue: value)
  }
}

/// Compiles documents kept in memory; the first is the one asked for.
func compile(
  _ documents: KeyValuePairs<String, String>, vocabulary: Vocabulary = RecipeVocabulary.vocabulary,
  limits: Limits = Limits()
) -> Compilation {
  let first = documents.first?.key ?? ""
  return compile(document: first, vocabulary: vocabulary, limits: limits) { path, _ in
    guard let text = documents.first(where: { $0.key == path })?.value else {
      throw SourceReadError.notFound(nearby: [])
    }
    return SourceFile(path: path, bytes: Array(text.utf8))
  }
}

/// Compiles the inside of one recipe cell.
func compileCell(
  _ recipe: String, vocabulary: Vocabulary = RecipeVocabulary.vocabulary, limits: Limits = Limits()
) -> Compilation {
  compile(["recipe.md": "```recipe\n\(recipe)\n```\n"], vocabulary: vocabulary, limits: limits)
}

/// `E0301 4:7 unknown name …`, in order.
func messages(_ compilation: Compilation) -> [String] {
  compilation.diagnostics.sorted.map { diagnostic in
    let place = compilation.sources[diagnostic.span.document].location(of: diagnostic.span.start)
    return "\(diagnostic.code) \(place.line):\(place.column) \(diagnostic.message)"
  }
}
