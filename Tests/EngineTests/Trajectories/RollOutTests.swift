import Engine
import Testing

/// Self-improvement as a model does it, at training and at the test.
@Suite struct RollOutTests {
  /// A model that has learned to call most things wrong, briefly: its roll-outs have updates.
  private static func pessimist(_ task: Task) throws -> Model {
    let model = try Verbs.model(task)
    let questions = try #require(task.questions("train"))
    let brief = try Verbs.settings("script", ["part": .bool(false), "reason": .choice("none")])
    let wrong = try Verbs.rows(
      "rationales",
      ["model": .model(model), "questions": .value(.questions(questions)), "errors": .float(1)])
    let told = try Verbs.rows("feedback", ["model": .model(model), "rows": .rows(wrong), "by": brief])
    let improved = try Verbs.rows("improve", ["model": .model(model), "rows": .rows(told)])
    let tuned = try Verbs.run(
      "fine_tune",
      [
        "model": .model(model), "rows": .rows(improved), "loss_on": .choice("all_attempts"),
        "training": try Verbs.settings(
          "adamw", ["learning_rate": .float(1e-2), "batch": .int(5), "epochs": .int(30)]),
      ])
    guard case .model(let result) = tuned else { return model }
    return result
  }

  private static func improved(
    _ model: Model, _ task: Task, _ given: [String: ArgumentValue] = [:], threads: Int = 1
  ) throws -> Rows {
    let questions = try #require(task.questions("test"))
    var arguments: [String: ArgumentValue] = [
      "model": .model(model), "questions": .value(.questions(questions)), "updates": .int(2),
    ]
    arguments.merge(given) { $1 }
    return try Verbs.rows("self_improve", arguments, threads: threads)
  }

  @Test(arguments: [(0.3, nil), (0.005, nil), (0.0004, "whole thousandths")])
  func `errors are planted by the thousand`(share: Double, remedy: String?) throws {
    let task = try Verbs.words()
    let questions = try #require(task.questions("train"))
    let arguments: [String: ArgumentValue] = [
      "model": .model(try Verbs.model(task)), "questions": .value(.questions(questions)),
      "errors": .float(share),
    ]
    guard let remedy else {
      #expect(try Verbs.rows("rationales", arguments).rows.count == questions.questions.count)
      return
    }
    let error = #expect(throws: OperationError.self) { try Verbs.run("rationales", arguments) }
    #expect(error?.remedy.contains(remedy) == true)
  }

  @Test func `later turns are sampled as asked, not greedily`() throws {
    let task = try Verbs.words()
    let model = try Self.pessimist(task)
    let hot = try Verbs.settings("sampling", ["max_tokens": .int(60)])
    let rows = try Self.improved(model, task, ["samples": .int(8), "decoding": hot]).rows
    let updated = rows.filter { $0.attempts.count > 1 }
    #expect(
      updated.count > 2, "\(updated.count) of \(rows.count) roll-outs have an update: the test sees nothing")
    // Samples of one question say different things in feedback and updates.
    let byQuestion = Dictionary(grouping: updated, by: \.question).values.filter { $0.count > 1 }
    #expect(byQuestion.contains { Set($0.map { $0.attempts[1].text }).count > 1 })
    // Another stream, as of the next iteration, is another sample; the same one the same.
    let next = try Self.improved(
      model, task, ["samples": .int(8), "decoding": hot, "stream": .int(2)]
    ).rows
    #expect(next.map(\.said) != rows.map(\.said))
    let cold = try Verbs.settings("greedy", ["max_tokens": .int(60)])
    let greedy = try Self.improved(model, task, ["samples": .int(8), "decoding": cold]).rows
    for same in Dictionary(grouping: greedy, by: \.question).values {
      #expect(Set(same.map(\.said)).count == 1)
    }
  }

  @Test func `roll-outs do not depend on threads and end for a reason`() throws {
    let task = try Verbs.words()
    let model = try Self.pessimist(task)
    let hot = try Verbs.settings("sampling", ["max_tokens": .int(60)])
    let one = try Self.improved(model, task, ["decoding": hot])
    let two = try Self.improved(model, task, ["decoding": hot], threads: 2)
    #expect(Value.rows(one).encoded() == Value.rows(two).encoded())
    for row in one.rows {
      let trajectory = try #require(Trajectory(row))
      #expect(trajectory.turns == row.turns)
      #expect(trajectory.rounds.count <= 3)
      for round in trajectory.rounds.indices.dropLast() {
        let told = try #require(trajectory.feedback(on: round, .compact))
        #expect(told.verdict != .correct)
      }
      let attempts = row.attempts.map(\.text)
      let last = trajectory.lastFeedback(.compact)
      let ended =
        trajectory.rounds.count == 3 || last == nil || last?.verdict == .correct
        || attempts.last == attempts.dropLast().last
      #expect(ended, "it stopped after \(row.said)")
    }
    // The first answers are those of no updates at all.
    let first = try Self.improved(model, task, ["decoding": hot, "updates": .int(0)])
    #expect(first.rows.map { $0.attempts[0].text } == one.rows.map { $0.attempts[0].text })
    #expect(first.rows.allSatisfy { $0.turns.count == 2 })
  }

  @Test func `gold answers change no text, only the scores`() throws {
    let task = try Verbs.words()
    let model = try Self.pessimist(task)
    let hot = try Verbs.settings("sampling", ["max_tokens": .int(60)])
    var other = task
    for index in other.test.indices { other.test[index].answers = ["another thing"] }
    let rows = try Self.improved(model, task, ["decoding": hot]).rows
    let blind = try Self.improved(model, other, ["decoding": hot]).rows
    #expect(blind.map(\.said) == rows.map(\.said))
    #expect(blind.allSatisfy { row in row.attempts.allSatisfy { $0.score?.isCorrect == false } })
  }

  @Test func `a full context ends a roll-out without a prompt that nobody answers`() throws {
    let task = try Verbs.words()
    let model = try Verbs.model(task, context: 32)
    let rows = try Self.improved(model, task, ["sees": .choice("conversation")]).rows
    #expect(rows.allSatisfy { $0.turns.last?.role != .user })
  }

  @Test func `a teacher's feedback is read, and what cannot be read leaves the row out`() throws {
    let hand = try HandWritten()
    let teacher = try Verbs.settings("teacher", ["model": .model(hand.model)])
    let wrong = HandWritten.steps[0] + ";2:bee<bat<yew;=bee bat yew"
    // An untrained teacher says nothing that can be read; what is right it is not asked about.
    let rows = try hand.feedback(
      hand.rows(hand.row(wrong), hand.row(HandWritten.right)), by: teacher
    ).rows
    #expect(rows[0].rejection == "feedback that cannot be read" && rows[0].said == [wrong])
    #expect(rows[1].said == [HandWritten.right, "4ok"])
    let told = hand.rows(try hand.row(wrong, "2!bee<bat!unread"))
    let improved = try Verbs.rows(
      "improve", ["model": .model(hand.model), "rows": .rows(told), "by": teacher]
    ).rows
    #expect(improved[0].said.count == 3)
    #expect(improved[0].said[2].hasPrefix(HandWritten.steps[0] + ";"))
  }

  @Test func `a teacher that has learned to find and mend errors is believed, and written down as gold`()
    throws
  {
    let task = try Verbs.words()
    let model = try Self.pessimist(task)
    let questions = try #require(task.questions("train"))
    let teacher = try Verbs.settings("teacher", ["model": .model(model)])
    let wrong = try Verbs.rows(
      "rationales",
      ["model": .model(model), "questions": .value(.questions(questions)), "errors": .float(1)])
    let told = try Verbs.rows("feedback", ["model": .model(model), "rows": .rows(wrong), "by": teacher])
    let read = told.rows.filter { $0.rejection == nil }
    #expect(read.count > 10, "\(read.count) of \(told.rows.count) of its verdicts can be read")
    for row in read {
      let turn = try #require(row.turns.last)
      #expect(turn.role == .feedback && turn.origin == .gold)
      #expect(Feedback(turn.text, .compact) != nil)
    }
    let improved = try Verbs.rows(
      "improve", ["model": .model(model), "rows": .rows(told), "by": teacher])
    let updates = improved.rows.filter { $0.rejection == nil && $0.attempts.count == 2 }
    #expect(updates.count > 1, "\(updates.count) of its updates can be read")
    // What it keeps is what its feedback calls right, byte for byte.
    for row in updates {
      let feedback = try #require(Feedback(row.said[1], .compact))
      let kept = row.said[0].split(separator: ";").prefix(feedback.rightSteps).joined(separator: ";")
      #expect(row.said[2].hasPrefix(kept), "\(row.said)")
    }
  }
}
