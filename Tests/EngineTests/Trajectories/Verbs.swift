import Engine
import Testing

/// Operations by name, with their defaults.
enum Verbs {
  static func run(
    _ name: String, _ given: [String: ArgumentValue], seed: Int = 1, threads: Int = 1
  ) throws -> Value {
    let operation = try #require(Catalogue.operations.first { $0.name == name })
    let unknown = given.keys.filter { key in !operation.parameters.contains { $0.name == key } }
    #expect(unknown.isEmpty, "\(name) has no parameter \(unknown)")
    var arguments: [(name: String, value: ArgumentValue)] = operation.parameters.map {
      ($0.name, given[$0.name] ?? $0.defaultValue ?? .none)
    }
    if operation.usesSeed { arguments.append(("seed", .int(seed))) }
    return try operation.run(Call(arguments: arguments, context: ExecutionContext(threads: threads)))
  }

  static func rows(_ name: String, _ given: [String: ArgumentValue], seed: Int = 1, threads: Int = 1) throws
    -> Rows
  {
    guard case .rows(let rows) = try run(name, given, seed: seed, threads: threads) else {
      throw OperationError("\(name) gives no rows", remedy: "")
    }
    return rows
  }

  static func settings(_ name: String, _ given: [String: ArgumentValue] = [:]) throws -> ArgumentValue {
    let constructor = try #require(Catalogue.constructors.first { $0.name == name })
    return .settings(
      constructor: name,
      fields: constructor.parameters.map { ($0.name, given[$0.name] ?? $0.defaultValue ?? .none) })
  }

  /// Word sorting with two and three words, four in the test only.
  static func words(train: Int = 20, test: Int = 9, pool: Int = 0) throws -> Task {
    let value = try run(
      "reasoning",
      [
        "kind": .choice("word_sorting"), "seen": .list([.string("words2"), .string("words3")]),
        "unseen": .list([.string("words4")]), "train": .int(train), "validation": .int(4), "test": .int(test),
        "pool": .int(pool), "longest": .int(4),
      ])
    guard case .task(let task) = value else { throw OperationError("no task", remedy: "") }
    return task
  }

  /// A model of a task with random weights.
  static func model(_ task: Task, context: Int = 256) throws -> Model {
    let shape = try settings(
      "transformer",
      [
        "layers": .int(1), "width": .int(32), "heads": .int(2), "feed_forward": .int(64),
        "context": .int(context),
      ])
    guard
      case .model(let model) = try run("untrained", ["architecture": shape, "task": .value(.task(task))])
    else { throw OperationError("no model", remedy: "") }
    return model
  }
}

extension ArgumentValue {
  static func rows(_ rows: Rows) -> ArgumentValue { .value(.rows(rows)) }
  static func model(_ model: Model) -> ArgumentValue { .value(.model(model)) }
}

/// One question about three words, and trajectories about it written by hand.
struct HandWritten {
  static let question = "sort bee yew bat"
  static let steps = [
    "1:@1 bee b2,yew y25,bat b2", "2:[bee?bat]<yew", "3:@2 bee e5,bat a1", "4:bat<bee<yew", "=bat bee yew",
  ]
  static let right = steps.joined(separator: ";")
  let form = ReasoningForm(.wordSorting, .compact, seen: ["words3"])
  let model: Model
  let questions: Questions

  init() throws {
    let question = Question(text: Self.question, answers: ["bat bee yew"])
    let form = ReasoningForm(.wordSorting, .compact, seen: ["words3"])
    let task = Task(
      name: "word_sorting", train: [question], validation: [], test: [], pool: [], prompts: form.prompts,
      grading: Grading(form))
    model = try Verbs.model(task)
    questions = try #require(task.questions("train"))
  }

  /// Attempt, feedback, update, feedback …, as the model would have sampled them.
  func row(_ texts: String..., samples: [Int] = [0]) throws -> Row {
    var turns = [try questions.prompts.firstTurn(Self.question, model.tokenizer)]
    for (index, text) in texts.enumerated() {
      let isAttempt = index % 2 == 0
      if index > 0 {
        turns.append(
          isAttempt
            ? try questions.prompts.correctionTurn(after: turns.last, about: "", model.tokenizer)
            : try form.feedbackTurn(after: turns.last, model))
      }
      var turn = try questions.prompts.goldTurn(text, model.tokenizer)
      turn.origin = .sampled
      turn.role = isAttempt ? .assistant : .feedback
      turn.score = isAttempt ? questions.grading.score(text, gold: ["bat bee yew"]) : nil
      turns.append(turn)
    }
    return Row(question: 0, samples: samples, turns: turns)
  }

  func rows(_ rows: Row...) -> Rows { Rows(rows: rows, source: questions) }

  func feedback(_ rows: Rows, by author: ArgumentValue? = nil) throws -> Rows {
    try Verbs.rows(
      "feedback",
      ["model": .model(model), "rows": .rows(rows), "by": author ?? Verbs.settings("script")])
  }

  func improve(_ rows: Rows) throws -> Rows {
    try Verbs.rows("improve", ["model": .model(model), "rows": .rows(rows)])
  }
}

extension Row {
  /// Texts without prompts: attempt, feedback, update …
  var said: [String] { turns.filter { $0.role != .user }.map(\.text) }
}
