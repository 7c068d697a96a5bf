import Engine
import Testing

/// A first answer that fills the context is followed by a correction of no tokens, not by an error.
@Suite struct FullContextTests {
  private let task: Task
  private let model: Model

  init() throws {
    guard
      case .task(let task) = try Verbs.run(
        "arithmetic",
        ["digits": .int(1), "train": .int(12), "validation": .int(2), "test": .int(6)])
    else { throw OperationError("no task", remedy: "") }
    self.task = task
    // Questions have 4 tokens, so that answers of 8 tokens fill the context.
    model = try Verbs.model(task, context: 12)
  }

  private func corrected() throws -> Rows {
    let decoding = try Verbs.settings("sampling", ["max_tokens": .int(40)])
    let questions = try #require(task.questions("train"))
    let first = try Verbs.rows(
      "answer",
      [
        "model": .model(model), "questions": .value(.questions(questions)), "samples": .int(3),
        "decoding": decoding,
      ])
    return try Verbs.rows(
      "correct", ["model": .model(model), "rows": .rows(first), "samples": .int(2), "decoding": decoding])
  }

  @Test func `it is wrong, cut off, and the others are what they are`() throws {
    let rows = try corrected().rows
    var silent = 0
    for row in rows {
      let first = row.turns[0].tokens.count + row.turns[1].tokens.count
      // What ends the answer, and the prompt between.
      let isFull = first + (row.turns[1].finish == .truncated ? 1 : 0) + 1 >= 12
      guard isFull else {
        #expect(row.turns[2].text == "?" && !row.turns[3].tokens.isEmpty)
        continue
      }
      silent += 1
      #expect(row.turns[2].tokens.isEmpty && row.turns[3].tokens.isEmpty)
      #expect(row.turns[3].finish == .truncated && row.turns[3].score?.isCorrect == false)
    }
    #expect(rows.count == 12 * 3 * 2 && silent > 0 && silent < rows.count, "\(silent) of \(rows.count)")
  }

  @Test func `it is evaluated, and learned from by every objective`() throws {
    let rows = try corrected()
    let test = try #require(task.questions("test"))
    _ = try Verbs.run("evaluate", ["model": .model(model), "questions": .value(.questions(test))])
    let training = try Verbs.settings("adamw", ["learning_rate": .float(1e-3), "epochs": .int(1)])
    for loss in ["last", "all_attempts", "everything"] {
      _ = try Verbs.run(
        "fine_tune",
        ["model": .model(model), "rows": .rows(rows), "loss_on": .choice(loss), "training": training])
    }
    for (estimator, normalization) in [("full", "sequence"), ("k3", "none"), ("in_reward", "constant")] {
      _ = try Verbs.run(
        "reinforce",
        [
          "policy": .model(model), "reference": .model(model), "rows": .rows(rows), "training": training,
          "rewards": .list([.row(.field("previous.reward")), .row(.field("reward"))]),
          "kl": .list([.float(0.1), .float(0.1)]),
          "estimator": .choice(estimator), "normalization": .choice(normalization),
        ])
    }
  }
}
