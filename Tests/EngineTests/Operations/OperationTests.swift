import Engine
import Testing

/// The verbs together, on a model small enough for seconds.
@Suite struct OperationTests {
  /// Runs an operation with its defaults, some arguments given.
  private func run(
    _ name: String, _ given: [String: ArgumentValue], seed: Int = 1, threads: Int = 1
  ) throws -> Value {
    let operation = try #require(Catalogue.operations.first { $0.name == name })
    var arguments: [(name: String, value: ArgumentValue)] = operation.parameters.map {
      ($0.name, given[$0.name] ?? $0.defaultValue ?? .none)
    }
    if operation.usesSeed { arguments.append(("seed", .int(seed))) }
    return try operation.run(Call(arguments: arguments, context: ExecutionContext(threads: threads)))
  }

  private func settings(_ name: String, _ given: [String: ArgumentValue]) throws -> ArgumentValue {
    let constructor = try #require(Catalogue.constructors.first { $0.name == name })
    return .settings(
      constructor: name,
      fields: constructor.parameters.map { ($0.name, given[$0.name] ?? $0.defaultValue ?? .none) })
  }

  private func study(threads: Int) throws -> (
    base: Value, first: Rows, second: Rows, tuned: Value, metrics: Metrics
  ) {
    let task = try run(
      "arithmetic", ["digits": .int(1), "train": .int(20), "validation": .int(5), "test": .int(20)])
    let shape = try settings(
      "transformer",
      ["layers": .int(2), "width": .int(32), "heads": .int(2), "feed_forward": .int(64), "context": .int(32)])
    let corpus = try #require(task.field("corpus"))
    let base = try run(
      "pretrain",
      [
        "architecture": shape, "on": .value(corpus), "steps": .int(400),
        "training": try settings("adamw", ["learning_rate": .float(3e-3), "batch": .int(32)]),
      ], threads: threads)
    let decoding = try settings("sampling", ["max_tokens": .int(4)])
    let train = try #require(task.field("train"))
    guard
      case .rows(let first) = try run(
        "answer",
        ["model": .value(base), "questions": .value(train), "samples": .int(5), "decoding": decoding],
        threads: threads),
      case .rows(let second) = try run(
        "correct",
        ["model": .value(base), "rows": .value(.rows(first)), "samples": .int(5), "decoding": decoding],
        threads: threads)
    else { throw OperationError("not rows", remedy: "") }
    let kept = try run(
      "where",
      [
        "rows": .value(.rows(second)),
        "condition": .row(.apply(.greater, [.field("reward"), .field("previous.reward")])),
      ])
    let tuned = try run(
      "fine_tune",
      [
        "model": .value(base), "rows": .value(kept),
        "training": try settings("adamw", ["learning_rate": .float(1e-3)]),
      ], threads: threads)
    let test = try #require(task.field("test"))
    guard
      case .metrics(let metrics) = try run(
        "evaluate", ["model": .value(tuned), "questions": .value(test), "decoding": decoding],
        threads: threads)
    else {
      throw OperationError("not metrics", remedy: "")
    }
    return (base, first, second, tuned, metrics)
  }

  @Test func `an iteration gives the same bytes again and with other threads, and learns`() throws {
    let one = try study(threads: 1)
    let two = try study(threads: 2)
    #expect(one.base.encoded() == two.base.encoded())
    #expect(Value.rows(one.second).encoded() == Value.rows(two.second).encoded())
    #expect(one.tuned.encoded() == two.tuned.encoded())
    #expect(one.tuned.encoded() != one.base.encoded())
    #expect(Value.metrics(one.metrics).encoded() == Value.metrics(two.metrics).encoded())
    #expect(one.first.rows.count == 100 && one.second.rows.count == 500)
    // A model that learned nothing ends no turn after a number: it would be right hardly ever.
    let right = one.first.rows.count { $0.attempts[0].score?.isCorrect == true }
    #expect(right >= 5, "\(right) of 100 right")
  }

  @Test func `improving and keeping partition the right corrections (golden check 1)`() throws {
    let second = try study(threads: 1).second
    func count(_ condition: RowExpression) throws -> Double {
      let kept = try run("where", ["rows": .value(.rows(second)), "condition": .row(condition)])
      guard case .number(let count) = try run("count", ["rows": .value(kept)]) else { return -1 }
      return count
    }
    let isRight = RowExpression.apply(.equal, [.field("reward"), .number(1)])
    let wasRight = RowExpression.apply(.equal, [.field("previous.reward"), .number(1)])
    let improving = RowExpression.apply(.greater, [.field("reward"), .field("previous.reward")])
    let equalAndEnough = RowExpression.apply(
      .and,
      [
        .apply(.equal, [.field("reward"), .field("previous.reward")]),
        .apply(.greaterOrEqual, [.field("reward"), .number(1)]),
      ])
    let right = try count(isRight)
    #expect(right > 0)
    #expect(try count(improving) + count(.apply(.and, [isRight, wasRight])) == right)
    #expect(try count(.apply(.or, [improving, equalAndEnough])) == right)
  }

  @Test func `one model's corrections of another's answers are measured as an evaluation is`() throws {
    let study = try study(threads: 1)
    let questions = study.first.source
    let decoding = try settings("sampling", ["max_tokens": .int(4)])
    let first = try run(
      "answer",
      ["model": .value(study.base), "questions": .value(.questions(questions)), "decoding": decoding])
    let second = try run(
      "correct", ["model": .value(study.tuned), "rows": .value(first), "decoding": decoding])
    guard case .rows(let rows) = second,
      case .metrics(let metrics) = try run("measure", ["rows": .value(second)])
    else {
      Issue.record("not metrics")
      return
    }
    let attempts = rows.rows.map { $0.attempts.map { $0.score?.isCorrect == true } }
    let accuracy = (0...1).map { attempt in Double(attempts.count { $0[attempt] }) / Double(attempts.count) }
    #expect(metrics.values[0] == accuracy[0] && metrics.values[1] == accuracy[1])
    #expect(throws: OperationError.self) { try run("measure", ["rows": .value(.rows(study.second))]) }
  }

  @Test func `crossing pairs every first answer with every correction of its question (golden check 2)`()
    throws
  {
    let second = try study(threads: 1).second
    guard case .rows(let crossed) = try run("cross", ["rows": .value(.rows(second))]) else { return }
    #expect(second.rows.count { $0.question == 3 } == 25)
    #expect(crossed.rows.count { $0.question == 3 } == 125)
    #expect(Set(crossed.rows.map { [$0.question] + $0.samples }).count == crossed.rows.count)
  }

  @Test func `a row alone has the samples it has among others`() throws {
    let task = try run(
      "arithmetic", ["digits": .int(1), "train": .int(20), "validation": .int(5), "test": .int(20)])
    let shape = try settings("tiny", [:])
    let corpus = try #require(task.field("corpus"))
    guard
      case .model(let model) = try run(
        "pretrain", ["architecture": shape, "on": .value(corpus), "steps": .int(3)])
    else { return }
    let random = Philox(seed: 3, stream: "test")
    let generator = Generator(
      model: model, decoding: Decoding(temperature: 1.5, topP: 0.95, maxTokens: 9), random: random,
      attempt: 0,
      context: ExecutionContext(threads: 2))
    let requests = (0..<700).map { index in
      GenerationRequest(
        question: index, prompt: [0] + (0..<1 + index % 7).map { Int32(2 + ($0 * index) % 9) },
        sampleKeys: (0..<UInt32(index % 4)).map { $0 * 7 })
    }
    let together = try generator.generate(requests)
    #expect(Set(together.flatMap(\.self).map(\.tokens)).count > 300, "samples differ")
    for index in [1, 2, 3, 350, 699] {
      #expect(try generator.generate([requests[index]]) == [together[index]])
    }
  }

  @Test func `fine-tuning on nothing gives the model it was given (golden check 9)`() throws {
    let task = try run(
      "arithmetic", ["digits": .int(1), "train": .int(5), "validation": .int(5), "test": .int(5)])
    let corpus = try #require(task.field("corpus"))
    let model = try run(
      "pretrain", ["architecture": try settings("tiny", [:]), "on": .value(corpus), "steps": .int(2)])
    let questions = try #require(task.field("train"))
    guard case .questions(let source) = questions else { return }
    let same = try run(
      "fine_tune",
      [
        "model": .value(model), "rows": .value(.rows(Rows(rows: [], source: source))),
        "training": try settings("adamw", ["learning_rate": .float(1)]),
      ])
    #expect(same.encoded() == model.encoded())
  }

  @Test
  func `a row that the context would cut off is left out and counted, and it is an error if none is left`()
    throws
  {
    let study = try study(threads: 1)
    guard case .model(let model) = study.base else { return }
    let fine = try settings("adamw", ["learning_rate": .float(1e-3)])
    func tuned(_ rows: [Row]) throws -> (value: Value, tooLong: Double?) {
      let operation = try #require(Catalogue.operations.first { $0.name == "fine_tune" })
      let counted = Counter()
      let value = try operation.run(
        Call(
          arguments: [
            ("model", .value(study.base)),
            ("rows", .value(.rows(Rows(rows: rows, source: study.second.source)))),
            ("training", fine), ("loss_on", .choice("last")), ("seed", .int(1)),
          ],
          context: ExecutionContext(
            threads: 1,
            report: { event in
              if case .metric("rows_too_long", _, let value) = event { counted.value = value }
            })))
      return (value, counted.value)
    }
    let short = Array(study.second.rows.prefix(20))
    var long = study.second.rows[20]
    let turn = long.turns[long.turns.count - 1]
    let tokens = Array(repeating: turn.tokens[0], count: model.architecture.contextLength)
    long.turns[long.turns.count - 1].tokens = tokens
    long.turns[long.turns.count - 1].text = model.tokenizer.decode(tokens)
    let without = try tuned(short)
    let with = try tuned(short + [long])
    #expect(without.tooLong == 0 && with.tooLong == 1)
    #expect(with.value.encoded() == without.value.encoded())
    #expect(throws: OperationError.self) { try tuned([long]) }
  }

  @Test func `rows in other tokens than the model's are refused by all that read them`() throws {
    let study = try study(threads: 1)
    let task = try run(
      "arithmetic",
      [
        "operators": .list([.choice("multiply")]), "digits": .int(1), "train": .int(5), "validation": .int(5),
        "test": .int(5),
      ])
    let corpus = try #require(task.field("corpus"))
    // As many tokens, and one of them another character.
    let other = try run(
      "pretrain", ["architecture": try settings("tiny", [:]), "on": .value(corpus), "steps": .int(1)])
    guard case .model(let base) = study.base, case .model(let stranger) = other else { return }
    #expect(base.architecture.vocabularySize == stranger.architecture.vocabularySize)
    let rows = ArgumentValue.value(.rows(study.second))
    let training = try settings("adamw", ["learning_rate": .float(1e-3)])
    let calls: [(name: String, given: [String: ArgumentValue])] = [
      ("fine_tune", ["model": .value(other), "rows": rows, "training": training]),
      ("correct", ["model": .value(other), "rows": rows]),
      ("divergence", ["model": .value(other), "reference": .value(other), "rows": rows]),
      (
        "reinforce",
        [
          "policy": .value(other), "reference": .value(other), "rows": rows, "training": training,
          "rewards": .list([.row(.number(0)), .row(.field("reward"))]),
          "kl": .list([.float(0), .float(0.1)]),
        ]
      ),
    ]
    for call in calls {
      #expect("\(call.name)") { try run(call.name, call.given) } throws: { error in
        (error as? OperationError)?.message.contains("written in other tokens") == true
      }
    }
    // A token that the model does not have at all.
    var wild = study.second
    wild.rows[0].turns[1].tokens[0] = Int32.max
    #expect(throws: OperationError.self) {
      try run(
        "fine_tune",
        ["model": .value(study.base), "rows": .value(.rows(wild)), "training": training])
    }
  }

  @Test func `asking for more questions than one operator makes is refused, though it is named twice`() {
    #expect(throws: OperationError.self) {
      try run(
        "arithmetic",
        [
          "operators": .list([.choice("add"), .choice("add")]), "digits": .int(1), "train": .int(40),
          "validation": .int(0), "test": .int(40),
        ])
    }
  }

  @Test func `numbers of any size are shown`() {
    #expect(Value.number(-1.5).markdown == "-1.5000" && Value.number(3e30).markdown == "3e+30")
    #expect(Value.number(2.5e-3).markdown == "0.0025" && Value.number(-.infinity).markdown == "–")
  }

  /// A figure that an operation reports.
  private final class Counter: @unchecked Sendable {
    var value: Double?
  }

  @Test func `every value survives its bytes, and no prefix or mutation of them traps`() throws {
    let parts = try study(threads: 1)
    let task = try run(
      "arithmetic", ["digits": .int(1), "train": .int(5), "validation": .int(5), "test": .int(5)])
    let values: [Value] = [
      parts.base, task, try #require(task.field("corpus")), try #require(task.field("test")),
      .rows(parts.second), .metrics(parts.metrics), .number(0.25),
    ]
    let random = Philox(seed: 1, stream: "mutations")
    for value in values {
      let bytes = value.encoded()
      #expect(try Value.decoded(bytes, as: value.kind).encoded() == bytes)
      for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 300)) {
        #expect(throws: DecodingFault.self) { try Value.decoded(Array(bytes[..<length]), as: value.kind) }
      }
      for round in 0..<300 {
        var mutated = bytes
        let at = random.integer(below: min(bytes.count, round < 200 ? 80 : bytes.count), UInt32(round), 0, 0)
        mutated[at] = UInt8(truncatingIfNeeded: random.words(UInt32(round), 1, 0).x)
        _ = try? Value.decoded(mutated, as: value.kind)
      }
    }
  }

  @Test func `no label stands outside the model's turns, and a cut-off turn gets its end from the prompt`()
    throws
  {
    let tokenizer = ModelTokenizer.characters(CharacterTokenizer(texts: ["0123456789+=?"]))
    let prompts = Prompts()
    var answer = try prompts.goldTurn("12", tokenizer)
    answer.tokens.removeLast()
    answer.finish = .truncated
    let correction = try prompts.correctionTurn(after: answer, about: "5+6", tokenizer)
    #expect(correction.tokens.first == CharacterTokenizer.endOfTurn)
    let row = Row(
      question: 0, samples: [0, 0],
      turns: [
        try prompts.firstTurn("5+6", tokenizer), answer, correction, try prompts.goldTurn("11", tokenizer),
      ])
    let last = try row.trainingSequence(on: .last)
    // <begin> 5 + 6 = | 1 2 | <end> ? | 1 1 <end>
    #expect(last.weights == [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1])
    #expect(last.tokens.last == CharacterTokenizer.endOfTurn)
    #expect(try row.trainingSequence(on: .allAttempts).weights == [0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1])
  }
}
