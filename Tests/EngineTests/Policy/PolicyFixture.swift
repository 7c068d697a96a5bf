import Engine
import Foundation
import Testing

/// What `Oracles/make_policy_fixtures.py` wrote: conversations of a random policy, and what PyTorch finds of each objective.
struct PolicyFixture: Decodable {
  struct Conversation: Decodable {
    var question: Int
    var sample: Int
    var turns: [[Int32]]
    var rewards: [Double]
  }
  struct Result: Decodable {
    var name: String
    var baseline: String
    var estimator: String
    var normalization: String
    var kl: [Float]
    var discount: Double
    var off_policy: Bool?
    var loss: Double
    var gradient: [Float]
  }
  var architecture: Fixture.Header.Shape
  var tensors: [String]
  var policy: [Float]
  var reference: [Float]
  var rows: [Conversation]
  var length: Float
  var results: [Result]

  static func load() throws -> PolicyFixture {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Oracles/Fixtures/policy.json")
    return try JSONDecoder().decode(PolicyFixture.self, from: Data(contentsOf: url))
  }

  func model(_ weights: [Float]) -> Model {
    let parameters = Parameters(architecture: architecture.architecture)
    for index in 0..<min(weights.count, parameters.layout.count) { parameters.all[index] = weights[index] }
    return Model(
      parameters: parameters, tokenizer: .characters(CharacterTokenizer(alphabet: Array(UInt32(48)..<57))))
  }

  var batch: PolicyBatch {
    get throws {
      let rows = rows.map { row in
        Row(
          question: row.question, samples: [row.sample, 0],
          turns: row.turns.enumerated().map { index, tokens in
            Turn(
              role: index % 2 == 0 ? .user : .assistant, text: "", tokens: tokens,
              origin: index % 2 == 0 ? .prompt : .sampled, finish: index % 2 == 0 ? nil : .endOfTurn)
          })
      }
      return try PolicyBatch(rows, rewards: self.rows.map(\.rewards))
    }
  }

  func settings(_ result: Result) throws -> PolicySettings {
    var settings = PolicySettings(penalties: result.kl)
    settings.baseline = try #require(.init(rawValue: result.baseline))
    settings.divergence = try #require(.init(rawValue: result.estimator))
    settings.normalization = try #require(.init(rawValue: result.normalization))
    settings.constantLength = length
    settings.discount = result.discount
    return settings
  }
}

/// Conversations about two sums, two samples of each, made by hand; every combination of right and wrong is there.
struct PolicyWorld {
  let policy: Model
  let reference: Model
  let rows: Rows
  static let prompts = Prompts()

  init() throws {
    let tokenizer = ModelTokenizer.characters(CharacterTokenizer(texts: ["0123456789+=?"]))
    var architecture = Architecture(
      vocabularySize: tokenizer.vocabularySize, layers: 1, width: 16, heads: 2, keyValueHeads: 2,
      headWidth: 8, feedForward: 24, contextLength: 32)
    architecture.tiedEmbeddings = true
    policy = Model(parameters: Parameters(architecture: architecture, seed: 1), tokenizer: tokenizer)
    reference = Model(parameters: Parameters(architecture: architecture, seed: 2), tokenizer: tokenizer)
    let questions = Questions(
      split: "train",
      questions: [
        Question(text: "17+25", answers: ["42"]), Question(text: "3+4", answers: ["7"]),
      ], prompts: Self.prompts, grading: Grading(.exact))
    rows = Rows(
      rows: try [(0, 0, "42", "42"), (0, 1, "41", "42"), (1, 0, "7", "8"), (1, 1, "6", "69")].map {
        try Self.row($0.0, $0.1, [$0.2, $0.3], questions, tokenizer)
      }, source: questions)
  }

  /// A conversation in which the model sampled these answers.
  static func row(
    _ question: Int, _ sample: Int, _ answers: [String], _ questions: Questions,
    _ tokenizer: ModelTokenizer
  ) throws -> Row {
    var turns = [try prompts.firstTurn(questions.questions[question].text, tokenizer)]
    for (index, text) in answers.enumerated() {
      if index > 0 { turns.append(try prompts.correctionTurn(after: turns.last, about: "", tokenizer)) }
      var answer = try prompts.goldTurn(text, tokenizer)
      answer.origin = .sampled
      answer.score = questions.grading.score(text, gold: questions.questions[question].answers)
      turns.append(answer)
    }
    return Row(
      question: question, samples: [sample] + Array(repeating: 0, count: answers.count - 1), turns: turns)
  }

  /// Runs an operation with its defaults, some arguments given.
  static func run(
    _ name: String, _ given: [String: ArgumentValue], seed: Int = 1, threads: Int = 1,
    report: @escaping @Sendable (ExecutionEvent) -> Void = { _ in }
  ) throws -> Value {
    let operation = try #require(Catalogue.operations.first { $0.name == name })
    var arguments: [(name: String, value: ArgumentValue)] = operation.parameters.map {
      ($0.name, given[$0.name] ?? $0.defaultValue ?? .none)
    }
    if operation.usesSeed { arguments.append(("seed", .int(seed))) }
    return try operation.run(
      Call(arguments: arguments, context: ExecutionContext(threads: threads, report: report)))
  }

  static func adamw(_ rate: Double) throws -> ArgumentValue {
    let constructor = try #require(Catalogue.constructors.first { $0.name == "adamw" })
    return .settings(
      constructor: "adamw",
      fields: constructor.parameters.map {
        switch $0.name {
        case "learning_rate": ($0.name, .float(rate))
        case "weight_decay": ($0.name, .float(0))
        default: ($0.name, $0.defaultValue ?? .none)
        }
      })
  }

  /// r₂ + α·(r₂ - r₁)
  static func shaped(_ alpha: Double) -> RowExpression {
    .apply(
      .add,
      [
        .field("reward"),
        .apply(
          .multiply,
          [.number(alpha), .apply(.subtract, [.field("reward"), .field("previous.reward")])]),
      ])
  }

  /// One step of the operation; by default plain multi-turn REINFORCE.
  func reinforce(
    _ given: [String: ArgumentValue] = [:], policy: Model? = nil, rows: Rows? = nil,
    rewards: [RowExpression] = [.field("previous.reward"), .field("reward")], kl: [Double] = [0, 0],
    threads: Int = 1, report: @escaping @Sendable (ExecutionEvent) -> Void = { _ in }
  ) throws -> Model {
    let arguments: [String: ArgumentValue] = [
      "policy": .value(.model(policy ?? self.policy)), "rows": .value(.rows(rows ?? self.rows)),
      "rewards": .list(rewards.map(ArgumentValue.row)), "kl": .list(kl.map(ArgumentValue.float)),
      "reference": .value(.model(reference)), "training": try Self.adamw(1e-3),
    ]
    let value = try Self.run(
      "reinforce", arguments.merging(given) { $1 }, threads: threads, report: report)
    guard case .model(let model) = value else { throw OperationError("not a model", remedy: "") }
    return model
  }
}

extension Model {
  var bytes: [UInt8] { Value.model(self).encoded() }
}
