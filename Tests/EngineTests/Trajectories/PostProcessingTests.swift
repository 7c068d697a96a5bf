import Engine
import Testing

/// What edited trajectories become before they are learned from.
@Suite struct PostProcessingTests {
  private let hand: HandWritten
  private let wrong = HandWritten.steps[0] + ";2:bee<bat<yew;=bee bat yew"
  private let told = "2!bee!unread"

  init() throws { hand = try HandWritten() }

  private func checked(_ rows: Rows) throws -> [Row] { try Verbs.rows("checked", ["rows": .rows(rows)]).rows }
  private func turns(_ rows: Rows) throws -> Rows { try Verbs.rows("turns", ["rows": .rows(rows)]) }

  @Test func `failures, what cannot be read, and duplicates are left out with the reason`() throws {
    let good = try hand.row(wrong, told, HandWritten.right, "4ok")
    let rows = try checked(
      hand.rows(
        good,
        hand.row(wrong, told, wrong, told),
        hand.row(HandWritten.right),
        hand.row("1:what;=bee;bat", "1!what!form", HandWritten.right, "4ok"),
        hand.row(wrong, told, HandWritten.right, "4ok", samples: [1]),
        hand.row(HandWritten.right, "4ok")))
    #expect(
      rows.map(\.rejection) == [
        nil, "it never got right", "it never got right", "attempt 1 cannot be read", "a duplicate", nil,
      ])
    #expect(rows[0] == good)
  }

  @Test func `without progress only the first attempt with its feedback stays`() throws {
    let spoilt = HandWritten.right.replacing("yew y25", with: "yew y24")
    let rows = try checked(
      hand.rows(
        // The update changed a step that was right.
        hand.row(
          wrong, told,
          "1:@1 bee b2,bat b2,yew y25;2:[bee?bat]<yew;3:@2 bee e5,bat a1;4:bat<bee<yew;=bat bee yew", "4ok"),
        // Feedback goes back to an earlier step.
        hand.row(
          wrong, told, HandWritten.steps[0] + ";2:[bee?bat]<yew;=yew bee bat", "1!bat!let", HandWritten.right,
          "4ok"),
        hand.row(spoilt, "1!yew y24!idx", HandWritten.right, "4ok")))
    #expect(rows.map(\.said.count) == [2, 2, 4])
    // What is left of the second is what is left of the first.
    #expect(rows.map(\.rejection) == [nil, "a duplicate", nil])
  }

  @Test func `turns stand alone: attempt, feedback, update; and the last attempt with its feedback`() throws {
    let middle = HandWritten.steps[0...2].joined(separator: ";") + ";4:bee<bat<yew;=bee bat yew"
    let row = try hand.row(wrong, told, middle, "4!bee<bat!tie", HandWritten.right, "4ok", samples: [3])
    let examples = try turns(hand.rows(row)).rows
    #expect(
      examples.map(\.said) == [
        [wrong, told, middle], [middle, "4!bee<bat!tie", HandWritten.right], [HandWritten.right, "4ok"],
      ])
    #expect(examples.map(\.samples) == [[3, 0], [3, 1], [3, 2]])
    #expect(examples.allSatisfy { $0.turns[0] == row.turns[0] })
    // Feedback without an update is an example, too; an attempt nobody judged is none.
    #expect(try turns(hand.rows(hand.row(wrong, told))).rows.map(\.said) == [[wrong, told]])
    #expect(try turns(hand.rows(hand.row(wrong))).rows.isEmpty)
  }

  /// Golden check 7: 1.5 : 1 : 1 is a share of 3/7, by the operation, whatever there is too much of.
  @Test(arguments: [(9, 6, 6), (20, 4, 30), (3, 10, 2), (0, 5, 5)])
  func `balance leaves improvements, right attempts and gold as 3 to 2 to 2`(
    improvements: Int, correct: Int, gold: Int
  ) throws {
    let turns = Rows(
      rows: try (0..<improvements).map { try hand.row(wrong, told, HandWritten.right, samples: [$0]) }
        + (0..<correct).map { try hand.row(HandWritten.right, "4ok", samples: [100 + $0]) },
      source: hand.questions)
    let ideal = Rows(
      rows: try (0..<gold).map { try hand.row(HandWritten.right, "4ok", samples: [200 + $0]) },
      source: hand.questions)
    let mixed = try Verbs.rows("balance", ["turns": .rows(turns), "gold": .rows(ideal)])
    let kept = mixed.kept
    let counts = [
      kept.count { $0.said.count == 3 }, kept.count { (100..<200).contains($0.samples[0]) },
      kept.count { $0.samples[0] >= 200 },
    ]
    let expected = TurnBalance().counts(
      available: .init(improvements: improvements, correct: correct, gold: gold))
    #expect(counts == [expected.improvements, expected.correct, expected.gold])
    if counts[0] % 3 == 0, counts[0] > 0 {
      #expect(counts == [counts[0], counts[0] / 3 * 2, counts[0] / 3 * 2])
      #expect(Double(counts[0]) / Double(kept.count) == 3.0 / 7)
    }
    #expect(mixed.rows.count == improvements + correct + gold)
    let all = try Verbs.rows(
      "balance", ["turns": .rows(turns), "gold": .rows(ideal), "ratio": .float(0)])
    #expect(all.kept.count == improvements + correct + gold)
  }

  @Test func `which of too many are kept depends on the seed, not on their order alone`() throws {
    let turns = Rows(
      rows: try (0..<3).map { try hand.row(wrong, told, HandWritten.right, samples: [$0]) }
        + (0..<20).map { try hand.row(HandWritten.right, "4ok", samples: [100 + $0]) },
      source: hand.questions)
    let gold = Rows(rows: [try hand.row(HandWritten.right, "4ok", samples: [200])], source: hand.questions)
    func kept(_ seed: Int) throws -> [[Int]] {
      try Verbs.rows("balance", ["turns": .rows(turns), "gold": .rows(gold)], seed: seed).kept.map(\.samples)
    }
    #expect(try kept(1) == kept(1))
    #expect(Set(try (1...8).map { try kept($0) }).count > 1)
  }

  @Test func `the weight stands on feedback and update of an improvement, and nowhere else`() throws {
    let rows = hand.rows(
      try hand.row(wrong, told, HandWritten.right), try hand.row(HandWritten.right, "4ok"),
      try hand.row(wrong, told))
    let weighted = try Verbs.rows("weighted", ["rows": .rows(rows)]).rows
    #expect(weighted[0].turns.map(\.weight) == [nil, nil, 1.5, 1.5, 1.5, 1.5])
    #expect(weighted[1].turns.map(\.weight) == [nil, nil, nil, nil])
    #expect(weighted[2].turns.map(\.weight) == [nil, nil, 1.5, 1.5])
    let masked = try Verbs.rows("weighted", ["rows": .rows(rows), "before": .float(0)]).rows
    #expect(masked[0].turns.map(\.weight) == [0, 0, 1.5, 1.5, 1.5, 1.5])
    #expect(masked[1].turns.map(\.weight) == [nil, nil, nil, nil])
    let sequence = try weighted[0].trainingSequence(on: .everything)
    let begins = weighted[0].turns[...1].flatMap(\.tokens).count
    let expected = FeedbackWeightedLoss().weights(count: sequence.tokens.count, feedbackBegins: begins)
    #expect(sequence.weights == expected.map { Float($0) })
    // Prompts are no labels unless asked for; the last turn alone keeps its weight.
    let attempts = try weighted[0].trainingSequence(on: .allAttempts).weights
    let lengths = weighted[0].turns.map(\.tokens.count)
    #expect(attempts.count { $0 == 0 } == lengths[0] + lengths[2] + lengths[4])
    let last = try weighted[0].trainingSequence(on: .last).weights
    #expect(last.count { $0 != 0 } == lengths[5] && last.last == 1.5)
  }

  /// L = Σ w CE / Σ m: a weight is a larger step, not another mean; and there is no padding, so a short row beside a long one changes
  /// nothing of it.
  @Test func `the loss divides by labels, not by weights, and knows no padding`() throws {
    let long = try Verbs.rows(
      "weighted", ["rows": .rows(hand.rows(try hand.row(wrong, told, HandWritten.right)))]
    ).rows[0]
    let short = try hand.row(HandWritten.right, "4ok")
    func loss(_ batch: [TrainingSequence]) -> (loss: Double, labels: Int) {
      Trainer(
        starting: hand.model.parameters, settings: OptimizerSettings(learningRate: 0, updates: 1),
        products: MatrixProducts(pool: WorkPool(threads: 1), numerics: .native)
      ).accumulate(batch)
    }
    let weighted = try long.trainingSequence(on: .everything)
    let plain = TrainingSequence(tokens: weighted.tokens, weights: weighted.weights.map { _ in 1 })
    let above = TrainingSequence(tokens: weighted.tokens, weights: weighted.weights.map { $0 == 1.5 ? 1 : 0 })
    let all = loss([plain])
    let part = loss([above])
    #expect(all.labels == weighted.tokens.count - 1)
    let expected = all.loss + 0.5 * part.loss * Double(part.labels) / Double(all.labels)
    #expect(abs(loss([weighted]).loss - expected) < 1e-5)
    #expect(loss([weighted]).labels == all.labels)

    let other = try short.trainingSequence(on: .everything)
    let alone = loss([other])
    let both = loss([weighted, other])
    #expect(both.labels == all.labels + alone.labels)
    let mean =
      (loss([weighted]).loss * Double(all.labels) + alone.loss * Double(alone.labels)) / Double(both.labels)
    #expect(abs(both.loss - mean) < 1e-5)
  }

  @Test func `rows with feedback and weights are read back as they were`() throws {
    let plain = hand.rows(try hand.row(wrong))
    let rows = try Verbs.rows(
      "weighted", ["rows": .rows(hand.rows(try hand.row(wrong, told, HandWritten.right)))])
    for rows in [plain, rows] {
      let bytes = Value.rows(rows).encoded()
      guard case .rows(let back) = try Value.decoded(bytes, as: .rows) else { return }
      #expect(back.rows == rows.rows)
      #expect(back.source.grading == rows.source.grading)
    }
  }

  @Test func `the majority's answer is kept, the first of equals, and no answer has no vote`() throws {
    let rows = hand.rows(
      try hand.row("=a b", samples: [0]), try hand.row("=b a", samples: [1]),
      try hand.row("nothing", samples: [2]),
      try hand.row("=b a", samples: [3]), try hand.row("nothing", samples: [4]),
      try hand.row("nothing", samples: [5]))
    let voted = try Verbs.rows("majority", ["rows": .rows(rows)])
    #expect(voted.kept.map(\.samples) == [[1], [3]])
    let tied = hand.rows(try hand.row("=a b", samples: [0]), try hand.row("=b a", samples: [1]))
    #expect(try Verbs.rows("majority", ["rows": .rows(tied)]).kept.map(\.samples) == [[0]])
  }

  @Test func `rows about other questions are not put together`() throws {
    let mine = hand.rows(try hand.row(wrong))
    var theirs = mine
    theirs.source.questions[0].text = "sort a b c"
    #expect(try Verbs.rows("together", ["first": .rows(mine), "second": .rows(mine)]).rows.count == 2)
    #expect(throws: OperationError.self) {
      try Verbs.rows("together", ["first": .rows(mine), "second": .rows(theirs)])
    }
  }
}
