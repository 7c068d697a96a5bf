/// Reading arguments. The language has checked types and bounds already; a mismatch here is a fault of the program, told as an error all the same.
extension Call {
  func value(_ name: String) throws -> ArgumentValue {
    for argument in arguments where argument.name == name { return argument.value }
    throw OperationError(
      "there is no argument `\(name)`", remedy: "report this: the operation's signature and its code differ")
  }

  /// Whether an argument that came with a later release is given: at its default it is not there.
  func isGiven(_ name: String) -> Bool { arguments.contains { $0.name == name } }

  private func mismatch(_ name: String, _ expected: String) -> OperationError {
    OperationError(
      "the argument `\(name)` is not \(expected)",
      remedy: "report this: the operation's signature and its code differ")
  }

  func int(_ name: String) throws -> Int {
    guard case .int(let value) = try value(name) else { throw mismatch(name, "a whole number") }
    return value
  }

  func float(_ name: String) throws -> Float {
    switch try value(name) {
    case .float(let value): return Float(value)
    case .int(let value): return Float(value)
    default: throw mismatch(name, "a number")
    }
  }

  func bool(_ name: String) throws -> Bool {
    guard case .bool(let value) = try value(name) else { throw mismatch(name, "true or false") }
    return value
  }

  func string(_ name: String) throws -> String {
    guard case .string(let value) = try value(name) else { throw mismatch(name, "a text") }
    return value
  }

  func choice(_ name: String) throws -> String {
    guard case .choice(let value) = try value(name) else { throw mismatch(name, "a choice") }
    return value
  }

  func choices(_ name: String) throws -> [String] {
    try list(name, of: "choices") { if case .choice(let text) = $0 { text } else { nil } }
  }

  func strings(_ name: String) throws -> [String] {
    try list(name, of: "texts") { if case .string(let text) = $0 { text } else { nil } }
  }

  func floats(_ name: String) throws -> [Float] {
    try list(name, of: "numbers") { value in
      switch value {
      case .float(let number): Float(number)
      case .int(let number): Float(number)
      default: nil
      }
    }
  }

  func rows(ofNumbers name: String) throws -> [RowExpression] {
    try list(name, of: "expressions over a row") { if case .row(let row) = $0 { row } else { nil } }
  }

  private func list<Element>(
    _ name: String, of kind: String, _ read: (ArgumentValue) -> Element?
  ) throws -> [Element] {
    guard case .list(let values) = try value(name) else { throw mismatch(name, "a list") }
    return try values.map { value in
      guard let element = read(value) else { throw mismatch(name, "a list of \(kind)") }
      return element
    }
  }

  func file(_ name: String) throws -> (path: String, digest: String) {
    guard case .file(let path, let digest) = try value(name) else { throw mismatch(name, "a file") }
    return (path, digest)
  }

  func row(_ name: String) throws -> RowExpression {
    guard case .row(let expression) = try value(name) else {
      throw mismatch(name, "an expression over a row")
    }
    return expression
  }

  /// The settings' fields, as a call that can be read by name.
  func settings(_ name: String) throws -> (constructor: String, fields: Call) {
    guard case .settings(let constructor, let fields) = try value(name) else {
      throw mismatch(name, "settings")
    }
    return (constructor, Call(arguments: fields, context: context))
  }

  func model(_ name: String) throws -> Model {
    guard case .value(.model(let value)) = try value(name) else { throw mismatch(name, "a model") }
    return value
  }

  func task(_ name: String) throws -> Task {
    guard case .value(.task(let value)) = try value(name) else { throw mismatch(name, "a task") }
    return value
  }

  func questions(_ name: String) throws -> Questions {
    guard case .value(.questions(let value)) = try value(name) else { throw mismatch(name, "questions") }
    return value
  }

  func corpus(_ name: String) throws -> Corpus {
    guard case .value(.corpus(let value)) = try value(name) else { throw mismatch(name, "a corpus") }
    return value
  }

  func rows(_ name: String) throws -> Rows {
    guard case .value(.rows(let value)) = try value(name) else { throw mismatch(name, "rows") }
    return value
  }

  /// The generator of the trial's seed for a use of randomness.
  func random(_ use: String) throws -> Philox {
    Philox(seed: UInt64(bitPattern: Int64(try int("seed"))), stream: use)
  }

  func decoding(_ name: String) throws -> Decoding {
    let (constructor, fields) = try settings(name)
    let most = try fields.int("max_tokens")
    switch constructor {
    case "greedy": return .greedy(maxTokens: most)
    case "nucleus":
      return Decoding(
        temperature: try fields.float("temperature"), topP: try fields.float("top_p"), maxTokens: most)
    default:
      return Decoding(
        temperature: try fields.float("temperature"), topK: try fields.int("top_k"),
        topP: try fields.float("top_p"),
        maxTokens: most)
    }
  }

  func prompts(_ name: String) throws -> Prompts {
    let (constructor, fields) = try settings(name)
    let question = try fields.string("question")
    guard question.contains("{question}") else {
      throw OperationError(
        "the prompt \(question.debugDescription) has no place for the question: every question would be the same",
        remedy: "write {question} where the question goes")
    }
    let correction = try Self.prompt(fields.string("correction"))
    _ = try Self.prompt(question)
    guard constructor != "chat" else {
      let examples = try fields.strings("examples")
      guard examples.count % 2 == 0 else {
        throw OperationError(
          "`examples` has \(examples.count) turns, and the last would be the user's",
          remedy: "give them in pairs: what the user says, what the model should answer")
      }
      return Prompts(
        system: try fields.string("system"), examples: examples, question: question, correction: correction)
    }
    return Prompts(question: question, correction: correction)
  }

  /// A prompt in which only `{question}` stands for something.
  static func prompt(_ text: String) throws -> String {
    if let name = Prompts.unknownPlaceholder(in: text) {
      throw OperationError(
        "`\(name)` stands for nothing in the prompt \(text.debugDescription): the model would read it as it is",
        remedy: "a prompt knows {question} alone; the answers so far stand before it in the conversation")
    }
    return text
  }

  /// AdamW's settings, the batch and the epochs; how many updates there are is known by the caller.
  func training(_ name: String) throws -> (settings: OptimizerSettings, batch: Int, epochs: Int) {
    let (_, fields) = try settings(name)
    var settings = OptimizerSettings(learningRate: try fields.float("learning_rate"), updates: 0)
    settings.weightDecay = try fields.float("weight_decay")
    settings.beta1 = try fields.float("beta_1")
    settings.beta2 = try fields.float("beta_2")
    settings.epsilon = try fields.float("epsilon")
    settings.clip = try fields.float("clip")
    settings.warmup = try fields.float("warmup")
    settings.schedule = OptimizerSettings.Schedule(rawValue: try fields.choice("schedule")) ?? .cosine
    return (settings, try fields.int("batch"), try fields.int("epochs"))
  }
}
