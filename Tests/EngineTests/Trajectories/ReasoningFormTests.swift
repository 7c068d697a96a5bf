import Engine
import Testing

/// Tasks with steps, within a recipe's reach.
@Suite struct ReasoningFormTests {
  @Test func `splits have the levels asked for, and rows know which are seen`() throws {
    let task = try Verbs.words(train: 11, test: 9, pool: 10)
    #expect([task.train, task.validation, task.test, task.pool].map(\.count) == [11, 4, 9, 10])
    let form = try #require(task.grading.reasoning)
    #expect(form.seen == ["words2", "words3"])
    #expect(try task.train.allSatisfy { try form.isSeen($0.text) })
    #expect(try task.test.count { try form.isSeen($0.text) } == 6)
    let model = try Verbs.model(task)
    let questions = try #require(task.questions("test"))
    let rows = try Verbs.rows(
      "rationales", ["model": .model(model), "questions": .value(.questions(questions))])
    #expect(rows.rows.allSatisfy { $0.attempts[0].score?.isCorrect == true })
    let seen = try Verbs.rows("where", ["rows": .rows(rows), "condition": .row(.field("seen"))])
    #expect(seen.kept.count == 6)
    let scripted = try Verbs.rows("where", ["rows": .rows(rows), "condition": .row(.field("scripted"))])
    #expect(scripted.kept.count == 9)
  }

  @Test func `without levels the task has the paper's`() throws {
    let value = try Verbs.run(
      "reasoning",
      [
        "kind": .choice("logical_deduction"), "train": .int(4), "validation": .int(0), "test": .int(6),
        "pool": .int(0),
      ])
    guard case .task(let task) = value else { return }
    let form = try #require(task.grading.reasoning)
    #expect(form.seen == ["objects3", "objects5"])
    #expect(
      try task.test.map { try form.problem($0.text).cell } == [3, 3, 5, 5, 7, 7].map { "objects\($0)" })
    #expect(throws: OperationError.self) {
      try Verbs.run("reasoning", ["kind": .choice("word_sorting"), "seen": .list([.string("nonsense")])])
    }
    #expect(throws: OperationError.self) {
      try Verbs.run(
        "reasoning",
        [
          "kind": .choice("word_sorting"), "seen": .list([.string("words2")]),
          "unseen": .list([.string("words2")]),
        ])
    }
  }

  @Test(arguments: ReasoningTask.allCases, ReasoningStyle.allCases)
  func `the grading is the problem's own, with its name and its bytes`(
    kind: ReasoningTask, style: ReasoningStyle
  ) throws {
    let cell = try #require(kind.cells.first).name
    let problems = try kind.splits([ReasoningSplit(name: "test", counts: [(cell, 40)])], seed: 3)[0]
    let form = ReasoningForm(kind, style, seen: [cell])
    let grading = Grading(form)
    #expect(Grading(name: grading.name) == grading)
    for (index, problem) in problems.enumerated() {
      var draws = Draws(Philox(seed: 1, stream: "form"), item: index)
      let planted = problem.plantedError(style, &draws).text
      for text in [problem.rationale(style), planted, "", "nonsense"] {
        let score = grading.score(text, gold: [problem.answer])
        #expect(score.isCorrect == problem.isAnswerRight(in: text, style), "\(text)")
        #expect(score.reward == (score.isCorrect ? 1 : 0))
      }
    }
    let questions = problems.map { Question(text: $0.question(style), answers: [$0.answer]) }
    let task = Task(
      name: kind.rawValue, train: questions, validation: [], test: [], pool: [], prompts: form.prompts,
      grading: grading)
    let bytes = Value.task(task).encoded()
    guard case .task(let back) = try Value.decoded(bytes, as: .task) else { return }
    #expect(back.grading == grading && back.train == questions)
    // Every text of the task can be written in its characters.
    let model = try Verbs.model(task, context: 8)
    let rows = try Verbs.rows(
      "rationales",
      [
        "model": .model(model), "questions": .value(.questions(try #require(task.questions("train")))),
        "errors": .float(1),
      ])
    #expect(rows.rows.count == 40)
    let told = try Verbs.rows("feedback", ["model": .model(model), "rows": .rows(rows)])
    #expect(told.kept.count == 40 && told.rows.allSatisfy { Feedback($0.said[1], style) != nil })
  }

  @Test func `answers alone have no steps, and errors are planted as often as asked`() throws {
    let task = try Verbs.words(train: 200)
    let model = try Verbs.model(task)
    let questions = ArgumentValue.value(.questions(try #require(task.questions("train"))))
    let short = try Verbs.rows(
      "rationales", ["model": .model(model), "questions": questions, "steps": .bool(false)])
    #expect(short.rows.allSatisfy { $0.said[0].hasPrefix("=") && $0.attempts[0].score?.isCorrect == true })
    let wrong = try Verbs.rows(
      "rationales", ["model": .model(model), "questions": questions, "errors": .float(0.4)])
    let form = try #require(task.grading.reasoning)
    let count = try wrong.rows.count { row in
      try form.problem(task.train[row.question].text).feedback(on: row.said[0], .compact).verdict != .correct
    }
    #expect((60...100).contains(count), "\(count) of 200 are wrong")
    // Samples of a question, streams and seeds each err in places of their own.
    func texts(samples: Int = 1, stream: Int = 0, seed: Int = 1) throws -> [String] {
      try Verbs.rows(
        "rationales",
        [
          "model": .model(model), "questions": questions, "errors": .float(0.4), "samples": .int(samples),
          "stream": .int(stream),
        ], seed: seed
      ).rows.map { $0.said[0] }
    }
    let three = try texts(samples: 3)
    #expect(three.count == 600)
    #expect(stride(from: 0, to: 600, by: 3).map { three[$0] } == wrong.rows.map { $0.said[0] })
    for other in [
      stride(from: 1, to: 600, by: 3).map { three[$0] }, try texts(stream: 1), try texts(seed: 2),
    ] {
      let equal = zip(other, wrong.rows).count { $0 == $1.said[0] }
      #expect((60...140).contains(equal), "\(equal) of 200 are the same")
    }
  }

  @Test func `corpus says what to use instead`() throws {
    let task = try Verbs.words()
    let error = #expect(throws: OperationError.self) {
      try Verbs.run("corpus", ["task": .value(.task(task))])
    }
    #expect(error?.remedy.contains("rationales") == true)
  }
}
