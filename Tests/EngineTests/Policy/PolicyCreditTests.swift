import Engine
import Testing

/// Who is credited with what: rewards, baselines, labels.
@Suite struct PolicyCreditTests {
  private func advantages(
    _ rewards: [[Double]], _ baseline: PolicySettings.Baseline, discount: Double = 0,
    change: (inout [Row]) -> Void = { _ in }
  ) throws -> [[Double]] {
    var rows = try PolicyWorld().rows.rows
    change(&rows)
    var batch = try PolicyBatch(rows, rewards: rewards)
    _ = batch.assignAdvantages(baseline, discount: discount)
    return batch.attempts.map { $0.map(\.advantage) }
  }

  @Test func `the shaped reward is 0, 11, -10 and 1`() throws {
    let world = try PolicyWorld()
    // The rows are, in order: right and right, a repair, spoilt, wrong and wrong.
    for (row, expected) in zip(world.rows.rows, [1.0, 11, -10, 0]) {
      let found = try PolicyWorld.run(
        "mean",
        [
          "rows": .value(.rows(Rows(rows: [row], source: world.rows.source))),
          "of": .row(PolicyWorld.shaped(10)),
        ])
      guard case .number(let number) = found else { throw OperationError("not a number", remedy: "") }
      #expect(number == expected)
    }
  }

  @Test
  func `an attempt is credited with its own reward, and with the next one's share where that is asked for`()
    throws
  {
    let one = try advantages([[1, 5], [0, -3], [0, 2], [1, 9]], .none)
    let other = try advantages([[1, 0], [0, 100], [0, 7], [1, -8]], .none)
    #expect(one.map { $0[0] } == [1, 0, 0, 1])
    #expect(one.map { $0[0] } == other.map { $0[0] })
    #expect(one.map { $0[1] } == [5, -3, 2, 9])
    let discounted = try advantages([[1, 5], [0, -3], [0, 2], [1, 9]], .none, discount: 0.5)
    #expect(discounted.map { $0[0] } == [3.5, -1.5, 1, 5.5])
  }

  @Test func `a baseline takes off what is common`() throws {
    let alike = [[1.0, 11], [1, 11], [0, -10], [0, -10]]
    for baseline in [PolicySettings.Baseline.leaveOneOut, .batchMean] {
      let found = try advantages([[1, 4], [1, 4], [1, 4], [1, 4]], baseline)
      #expect(found.flatMap(\.self).allSatisfy { $0 == 0 })
    }
    // Questions differ: only the comparison within a question sees nothing.
    #expect(try advantages(alike, .leaveOneOut).flatMap(\.self).allSatisfy { $0 == 0 })
    #expect(try advantages(alike, .batchMean).map { $0[1] } == [10.5, 10.5, -10.5, -10.5])
    #expect(try advantages(alike, .none).map { $0[1] } == [11, 11, -10, -10])
    // The mean of the others, not of all.
    #expect(
      try advantages([[0, 6], [0, 2], [0, 1], [0, 1]], .leaveOneOut).map { $0[1] } == [4, -4, 0, 0])
  }

  @Test func `corrections of one answer are compared with each other, and the answer with other answers`()
    throws
  {
    // Of question 0 two corrections of one first answer and one of another.
    let found = try advantages([[1, 0], [1, 3], [0, 9], [5, 5]], .leaveOneOut) { rows in
      rows[1].samples = [0, 1]
      rows[2].question = 0
      rows[2].samples = [1, 0]
    }
    #expect(found.map { $0[0] } == [1, 1, -1, 0])
    #expect(found.map { $0[1] } == [-6, -1.5, 7.5, 0])
  }

  @Test func `a baseline that needs several samples is refused where there is one`() throws {
    let world = try PolicyWorld()
    let single = Rows(rows: [world.rows.rows[0], world.rows.rows[2]], source: world.rows.source)
    let error = #expect(throws: OperationError.self) { try world.reinforce(rows: single) }
    #expect(error?.remedy.contains("2") == true)
    _ = try world.reinforce(["baseline": .choice("batch_mean")], rows: single)
  }

  @Test func `labels are the sampled tokens with their end, and nothing after`() throws {
    let world = try PolicyWorld()
    var rows = world.rows.rows
    // A first answer that was cut off: its end is supplied with the next prompt and is no label.
    rows[1].turns[1].tokens.removeLast()
    rows[1].turns[1].finish = .truncated
    rows[1].turns[2] = try PolicyWorld.prompts.correctionTurn(
      after: rows[1].turns[1], about: "", world.policy.tokenizer)
    let batch = try PolicyBatch(rows, rewards: Array(repeating: [0, 1], count: 4))
    for (row, sequence) in zip(rows, batch.sequences) {
      let expected = row.turns.flatMap { turn in
        Array(repeating: Float(turn.role == .assistant ? 1 : 0), count: turn.tokens.count)
      }
      #expect(sequence.weights == expected)
      #expect(sequence.tokens == row.turns.flatMap(\.tokens))
    }
    #expect(batch.sequences[0].weights.reduce(0, +) == 6)
    #expect(batch.sequences[1].weights.reduce(0, +) == 5)
    #expect(batch.sequences[1].tokens.count { $0 == CharacterTokenizer.endOfTurn } == 2)
  }

  @Test func `credit for the form is no accuracy`() throws {
    let world = try PolicyWorld()
    var rows = world.rows
    for row in rows.rows.indices {
      for turn in [1, 3] {
        rows.rows[row].turns[turn].score = Score(answer: "4", isCorrect: false, reward: 0.5)
      }
    }
    let metrics = Metrics(of: rows)
    func value(_ name: String) -> Double? {
      zip(EvaluationMetric.all, metrics.values).first { $0.0.name == name }?.1
    }
    #expect(value("reward_1") == 0.5 && value("reward_2") == 0.5)
    #expect(value("accuracy_1") == 0 && value("accuracy_2") == 0 && value("delta") == 0)
  }

  @Test func `delta is what was repaired less what was spoilt`() throws {
    let world = try PolicyWorld()
    let metrics = Metrics(of: world.rows)
    func value(_ name: String) -> Double {
      (zip(EvaluationMetric.all, metrics.values).first { $0.0.name == name }?.1 ?? nil) ?? .nan
    }
    #expect(value("i_to_c") == 0.25 && value("c_to_i") == 0.25)
    #expect(value("delta") == value("i_to_c") - value("c_to_i"))
    let repaired = Metrics(of: Rows(rows: [world.rows.rows[1]], source: world.rows.source))
    let names = EvaluationMetric.all.map(\.name)
    let delta = try #require(names.firstIndex(of: "delta"))
    let gained = try #require(names.firstIndex(of: "i_to_c"))
    #expect(repaired.values[delta] == repaired.values[gained] && repaired.values[delta] == 1)
  }
}
