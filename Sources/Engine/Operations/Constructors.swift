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

  static let adamw = SettingsConstructor(
    name: "adamw", summary: "AdamW with decoupled weight decay (Loshchilov & Hutter 2019).",
    parameters: [
      .init("learning_rate", .float, "at its highest", bounds: 0...10),
      .init("batch", .int, "sequences an update", bounds: 1...65_536, default: .int(8)),
      .init("epochs", .int, "passes over the rows", bounds: 1...1000, default: .int(1)),
      .init("weight_decay", .float, "not of norms and biases", bounds: 0...10, default: .float(0.1)),
      .init("beta_1", .float, "memory of the mean", bounds: 0...0.9999, default: .float(0.9)),
      .init("beta_2", .float, "memory of the square", bounds: 0...0.99999, default: .float(0.999)),
      .init("epsilon", .float, "added to the root of the square", bounds: 0...1, default: .float(1e-8)),
      .init(
        "clip", .float, "greatest norm of the gradient; 0: not clipped", bounds: 0...1e6, default: .float(1)),
      .init(
        "schedule", .choice(OptimizerSettings.Schedule.allCases.map(\.rawValue)), "how the rate falls",
        default: .choice("cosine")),
      .init(
        "warmup", .float, "share of the updates in which the rate rises", bounds: 0...1, default: .float(0.03)
      ),
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

  /// These settings with their defaults written out, some replaced.
  func defaults(replacing values: [String: ArgumentValue]) -> ArgumentValue {
    .settings(
      constructor: name,
      fields: parameters.map { ($0.name, values[$0.name] ?? $0.defaultValue ?? .none) })
  }
}
