extension SettingsConstructor {
  private static let maxTokens = OperationParameter(
    "max_tokens", .int, "after so many an answer is cut off", bounds: 1...32_768, default: .int(64))

  static let greedy = SettingsConstructor(
    name: "greedy", summary: "Always the likeliest token.", parameters: [maxTokens], makes: "Decoding")

  static let nucleus = SettingsConstructor(
    name: "nucleus",
    summary: "Sampling from the likeliest tokens that together reach `top_p` (Holtzman et al. 2020).",
    parameters: [
      .init("temperature", .float, "below 1 sharper, above 1 flatter", bounds: 0.01...10, default: .float(1)),
      .init("top_p", .float, "probability kept", bounds: 0.01...1, default: .float(0.9)), maxTokens,
    ],
    makes: "Decoding")

  static let sampling = SettingsConstructor(
    name: "sampling", summary: "Sampling, from all tokens unless cut.",
    parameters: [
      .init("temperature", .float, "below 1 sharper, above 1 flatter", bounds: 0.01...10, default: .float(1)),
      .init("top_k", .int, "only the k likeliest tokens; 0: all", bounds: 0...1_000_000, default: .int(0)),
      .init("top_p", .float, "probability kept", bounds: 0.01...1, default: .float(1)), maxTokens,
    ],
    makes: "Decoding")

  private static let optimizer: [OperationParameter] = [
    .init("learning_rate", .float, "at its highest", bounds: 0...10),
    .init("batch", .int, "sequences an update", bounds: 1...65_536, default: .int(8)),
    .init("epochs", .int, "passes over the rows", bounds: 1...1000, default: .int(1)),
    .init("weight_decay", .float, "not of norms and biases", bounds: 0...10, default: .float(0.1)),
    .init("beta_1", .float, "memory of the mean", bounds: 0...0.9999, default: .float(0.9)),
    .init("beta_2", .float, "memory of the square", bounds: 0...0.99999, default: .float(0.999)),
    .init("epsilon", .float, "added to the root of the square", bounds: 1e-30...1, default: .float(1e-8)),
    .init(
      "clip", .float, "greatest norm of the gradient; 0: not clipped", bounds: 0...1e6, default: .float(1)),
    .init(
      "schedule", .choice(OptimizerSettings.Schedule.allCases.map(\.rawValue)), "how the rate falls",
      default: .choice("cosine")),
    .init(
      "warmup", .float, "share of the updates in which the rate rises", bounds: 0...1, default: .float(0.03)
    ),
  ]

  static let adamw = SettingsConstructor(
    name: "adamw", summary: "AdamW with decoupled weight decay (Loshchilov & Hutter 2019).",
    parameters: optimizer, makes: "Training")

  static let lora = SettingsConstructor(
    name: "lora",
    summary:
      "Low-rank adaptation (Hu et al. 2021): the model stays as it is, and what is added to some of its matrices is trained by AdamW.",
    parameters: optimizer + [
      .init("rank", .int, "of what is added", bounds: 1...4096, default: .int(8)),
      .init(
        "alpha", .float, "what is added is multiplied by alpha / rank", bounds: 0...1e6, default: .float(16)),
      .init(
        "targets", .list(.choice(AdapterShape.Target.allCases.map(\.rawValue))),
        "the matrices that are adapted",
        default: .list(["query", "key", "value", "output"].map(ArgumentValue.choice))),
      .init(
        "dropout", .float, "probability with which a number that the adapter reads counts as 0",
        bounds: 0...0.99,
        default: .float(0), isAddition: true),
    ],
    makes: "Training")

  static let prompts = SettingsConstructor(
    name: "prompts",
    summary: "What surrounds a question, and what asks for a correction; the same for sampling and training.",
    parameters: [
      .init("question", .string, "`{question}` stands for the question", default: .string("{question}=")),
      .init("correction", .string, "between an answer and its correction", default: .string("?")),
    ],
    makes: "Prompts")

  static let chat = SettingsConstructor(
    name: "chat",
    summary:
      "A conversation in the form of a language model's chat template: who it is told to be, examples, question, correction.",
    parameters: [
      .init(
        "question", .string, "the user's turn; `{question}` stands for the question",
        default: .string("{question}")),
      .init(
        "correction", .string, "the user's turn after an answer; `{question}` may put the question again",
        default: .string("There may be an error in the answer above. Check it, and answer again.")),
      .init(
        "system", .string, "who the model is told to be; empty: what its template says", default: .string("")),
      .init(
        "examples", .list(.string), "turns before the question, the user's and the model's by turns",
        default: .list([])),
    ],
    makes: "Prompts")

  /// What later turns see of the thoughts of earlier ones.
  private static let thinking = OperationParameter(
    "thinking", .choice(ChatTemplate.Thinking.allCases.map(\.rawValue)),
    "thoughts, `<think>…</think>`, of the model's earlier turns: later turns see them, or do not",
    default: .choice("keep"), isAddition: true)

  static let ownTemplate = SettingsConstructor(
    name: "own_template",
    summary: "The chat template that stands in the model's files, if it is a known one.",
    parameters: [thinking], makes: "Template")

  static let plainText = SettingsConstructor(
    name: "plain_text", summary: "No chat template: a conversation is one text, as base models read it.",
    parameters: [], makes: "Template")

  static let frames = SettingsConstructor(
    name: "frames",
    summary:
      "A chat template declared in the recipe: what stands before and behind each turn. Special tokens written out are meant.",
    parameters: [
      .init("user_before", .string, "before a user's turn"),
      .init("user_behind", .string, "behind a user's turn"),
      .init("assistant_before", .string, "before a turn of the model"),
      .init("assistant_behind", .string, "behind a turn of the model, its end first"),
      .init("system_before", .string, "before the system's turn", default: .string("")),
      .init("system_behind", .string, "behind the system's turn", default: .string("")),
      .init("beginning", .string, "before all turns", default: .string("")), thinking,
    ],
    makes: "Template")

  private static func shape(layers: Int, width: Int, heads: Int, feedForward: Int, context: Int)
    -> [OperationParameter]
  {
    [
      .init("layers", .int, "layers", bounds: 1...128, default: .int(layers)),
      .init("width", .int, "numbers a token has between layers", bounds: 8...8192, default: .int(width)),
      .init("heads", .int, "query heads; divides width", bounds: 1...128, default: .int(heads)),
      .init(
        "key_value_heads", .int, "key and value heads; 0: as many as query heads", bounds: 0...128,
        default: .int(0)),
      .init(
        "feed_forward", .int, "numbers inside the gated MLP", bounds: 8...32_768, default: .int(feedForward)),
      .init("context", .int, "tokens a conversation may have", bounds: 8...32_768, default: .int(context)),
      .init("tied_embeddings", .bool, "the output layer is the embedding", default: .bool(true)),
      .init("attention_bias", .bool, "queries, keys and values have a bias", default: .bool(false)),
      .init("query_key_norm", .bool, "queries and keys are normalised", default: .bool(false)),
      .init("rope_base", .float, "of the rotary embedding", bounds: 2...1e8, default: .float(10_000)),
    ]
  }

  static let tiny = SettingsConstructor(
    name: "tiny", summary: "2 layers, 64 wide: 0.1 million parameters, for seconds.",
    parameters: shape(layers: 2, width: 64, heads: 4, feedForward: 256, context: 128), makes: "Architecture")

  static let small = SettingsConstructor(
    name: "small", summary: "3 layers, 96 wide: 0.4 million parameters, for minutes.",
    parameters: shape(layers: 3, width: 96, heads: 4, feedForward: 384, context: 128), makes: "Architecture")

  static let transformer = SettingsConstructor(
    name: "transformer",
    summary: "A transformer of any shape; 4 layers, 256 wide unless said otherwise: 4 million parameters.",
    parameters: shape(layers: 4, width: 256, heads: 8, feedForward: 1024, context: 256), makes: "Architecture"
  )

  /// These settings with their defaults written out, some replaced. What came later is there only where it is replaced.
  func defaults(replacing values: [String: ArgumentValue]) -> ArgumentValue {
    .settings(
      constructor: name,
      fields: parameters.filter { !$0.isAddition || values[$0.name] != nil }.map {
        ($0.name, values[$0.name] ?? $0.defaultValue ?? .none)
      })
  }
}
