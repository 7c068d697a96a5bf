import Engine
import Testing

/// The verbs that prepare conversations for learning, and those that count over many samples.
@Suite struct ConversationOperationTests {
  private func rows(_ name: String, _ given: [String: ArgumentValue], seed: Int = 1) throws -> Rows {
    guard case .rows(let rows) = try PolicyWorld.run(name, given, seed: seed) else {
      throw OperationError("not rows", remedy: "")
    }
    return rows
  }

  private func number(_ name: String, _ given: [String: ArgumentValue]) throws -> Double {
    guard case .number(let number) = try PolicyWorld.run(name, given) else {
      throw OperationError("not a number", remedy: "")
    }
    return number
  }

  @Test func `batches pass over all questions, in another order each time`() throws {
    let questions = Questions(
      split: "train", questions: (0..<10).map { Question(text: "\($0)", answers: ["0"]) },
      prompts: Prompts(), grading: Grading(.exact))
    func batch(_ size: Int, _ step: Int, seed: Int = 1) throws -> Questions {
      let value = try PolicyWorld.run(
        "batch", ["questions": .value(.questions(questions)), "size": .int(size), "at": .int(step)],
        seed: seed)
      guard case .questions(let batch) = value else { throw OperationError("no questions", remedy: "") }
      return batch
    }
    let texts = try (1...10).flatMap { try batch(4, $0).questions.map(\.text) }
    for pass in 0..<4 { #expect(Set(texts[10 * pass..<10 * pass + 10]).count == 10) }
    #expect(Array(texts[..<10]) != Array(texts[10..<20]))
    #expect(try batch(4, 3).questions.map(\.text) == Array(texts[8..<12]))
    #expect(try batch(4, 1).split != (try batch(4, 2).split), "their samples must differ")
    #expect(try batch(10, 1, seed: 2).questions != (try batch(10, 1).questions))
  }

  @Test func `what counts as a prompt teaches nothing`() throws {
    let world = try PolicyWorld()
    let context = try rows("as_context", ["rows": .value(.rows(world.rows))])
    #expect(context.rows.map(\.attempts.count) == [2, 2, 2, 2])
    #expect(context.rows.map { $0.attempts.map(\.score) } == world.rows.rows.map { $0.attempts.map(\.score) })
    #expect(try world.reinforce(rows: context, kl: [1, 1]).bytes == world.policy.bytes)
    #expect(try context.rows[0].trainingSequence(on: .allAttempts).weights.allSatisfy { $0 == 0 })
  }

  @Test(arguments: [
    ("Q: {question} in {land}", "{land}"), ("{answer}?", "{answer}"), ("{question}{x_1}", "{x_1}"),
    ("$\\boxed{answer}$ of {question}", nil), ("{ answer } {question}", nil), ("{\"a\": 1} {}", nil),
    ("{{name}}", nil),
  ])
  func `what stands for nothing in a prompt is found`(prompt: String, name: String?) throws {
    #expect(Prompts.unknownPlaceholder(in: prompt) == name)
    let world = try PolicyWorld()
    let arguments: [String: ArgumentValue] = [
      "rows": .value(.rows(world.rows)), "correction": .string(prompt),
    ]
    guard let name else {
      #expect(try rows("ask", arguments).source.prompts.correction == prompt)
      return
    }
    let error = #expect(throws: OperationError.self) { try rows("ask", arguments) }
    #expect(error?.message.contains(name) == true)
  }

  @Test func `a share of the rows is replaced by others of the same sample`() throws {
    let world = try PolicyWorld()
    let context = try rows("as_context", ["rows": .value(.rows(world.rows))])
    func mixed(_ share: Double, seed: Int = 1) throws -> [Bool] {
      try rows(
        "mix",
        [
          "rows": .value(.rows(world.rows)), "others": .value(.rows(context)), "share": .float(share),
        ], seed: seed
      ).rows.map { $0.attempts[0].origin == .prompt }
    }
    #expect(try mixed(0).allSatisfy { !$0 } && mixed(1).allSatisfy { $0 })
    let draws = try (0..<100).flatMap { try mixed(0.25, seed: $0) }
    #expect((60...140).contains(draws.count { $0 }))
  }

  @Test func `answers of a question are paired with each other`() throws {
    let world = try PolicyWorld()
    var singles = world.rows
    for row in singles.rows.indices {
      singles.rows[row].turns.removeLast(2)
      singles.rows[row].samples.removeLast()
    }
    let pairs = try rows("pair", ["model": .value(.model(world.policy)), "rows": .value(.rows(singles))])
    #expect(
      pairs.rows.map { $0.attempts.map(\.text) } == [["42", "41"], ["41", "42"], ["7", "6"], ["6", "7"]])
    #expect(pairs.rows.map { $0.turns.map(\.text)[2] } == ["?", "?", "?", "?"])
    let repairs = pairs.rows.filter { $0.attempts[1].score?.isCorrect == true }
    #expect(repairs.map(\.samples) == [[1, 0], [1, 0]])
    #expect(throws: OperationError.self) {
      try rows("pair", ["model": .value(.model(world.policy)), "rows": .value(.rows(world.rows))])
    }
  }

  @Test func `gold answers are right, and are learned`() throws {
    let world = try PolicyWorld()
    let gold = try rows(
      "gold", ["model": .value(.model(world.policy)), "questions": .value(.questions(world.rows.source))])
    #expect(gold.rows.map { $0.attempts.map(\.text) } == [["42"], ["7"]])
    #expect(gold.rows.allSatisfy { $0.attempts[0].score?.isCorrect == true })
    #expect(try gold.rows[1].trainingSequence(on: .last).weights.reduce(0, +) == 2)
  }

  @Test func `another prompt asks for the next attempt`() throws {
    let world = try PolicyWorld()
    let asked = try rows("ask", ["rows": .value(.rows(world.rows)), "correction": .string("+")])
    let answered = try rows(
      "correct", ["model": .value(.model(world.policy)), "rows": .value(.rows(asked))])
    #expect(answered.rows.allSatisfy { $0.turns[4].text == "+" && $0.attempts.count == 3 })
  }

  @Test func `the most frequent answer is voted, the first among equals`() throws {
    let world = try PolicyWorld()
    // Question 0: 42, 42; question 1: 8, 69, and over all attempts 7 comes first among four.
    #expect(try number("vote", ["rows": .value(.rows(world.rows))]) == 0.5)
    #expect(try number("vote", ["rows": .value(.rows(world.rows)), "over": .choice("all")]) == 1)
    var silent = world.rows
    for row in silent.rows.indices where row < 2 {
      silent.rows[row].turns[3].score = Score(answer: "", isCorrect: false, reward: 0)
    }
    #expect(try number("vote", ["rows": .value(.rows(silent))]) == 0)
  }

  @Test func `edit distance is that of letters over both lengths`() {
    #expect(editDistanceRatio("kitten", "sitting") == 3.0 / 13)
    #expect(editDistanceRatio("", "") == 0)
    #expect(editDistanceRatio("", "ab") == 1)
    #expect(editDistanceRatio("123", "123") == 0)
    #expect(editDistanceRatio("12", "21") == 0.5)
  }

  @Test func `edit distance and deviation are read from rows`() throws {
    let world = try PolicyWorld()
    // 42 42, 41 42, 7 8, 6 69
    let mean = try number(
      "mean", ["rows": .value(.rows(world.rows)), "of": .row(.field("edit_distance"))])
    #expect(mean == (0 + 1.0 / 4 + 1.0 / 2 + 1.0 / 3) / 4)
    let deviation = try number(
      "deviation", ["rows": .value(.rows(world.rows)), "of": .row(.field("reward"))])
    #expect(deviation == 0.5)
  }
}
