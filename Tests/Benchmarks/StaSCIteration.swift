import Engine
import Foundation

/// One iteration of STaSC on the tiny model by the engine's verbs: answers, corrections, grading, the filter, fine-tuning, evaluation.
struct StaSCIteration {
  let threads: Int

  private func call(_ operation: String, _ arguments: [(name: String, value: ArgumentValue)]) throws -> Value
  {
    guard let operation = Catalogue.operations.first(where: { $0.name == operation }) else {
      throw OperationError("no operation \(operation)", remedy: "")
    }
    var complete = operation.parameters.map { parameter in
      (
        name: parameter.name,
        value: arguments.first { $0.name == parameter.name }?.value ?? parameter.defaultValue ?? .none
      )
    }
    if operation.usesSeed { complete.append((name: "seed", value: .int(1))) }
    return try operation.run(Call(arguments: complete, context: ExecutionContext(threads: threads)))
  }

  private func settings(_ constructor: String, _ fields: [(name: String, value: ArgumentValue)])
    -> ArgumentValue
  {
    let all = Catalogue.constructors.first { $0.name == constructor }?.parameters ?? []
    return .settings(
      constructor: constructor,
      fields: all.map { parameter in
        (
          name: parameter.name,
          value: fields.first { $0.name == parameter.name }?.value ?? parameter.defaultValue ?? .none
        )
      })
  }

  /// The model has learned the form of a conversation, no more, so that answers have their usual length; how right they are costs nothing.
  func measure(repeats: Int) throws -> Measurement {
    let task = try call(
      "arithmetic",
      [(name: "digits", value: .int(3)), (name: "train", value: .int(500)), (name: "test", value: .int(500))])
    let corpus = try call(
      "corpus", [(name: "task", value: .value(task)), (name: "conversations", value: .int(20_000))])
    let architecture = settings(
      "transformer",
      [
        (name: "layers", value: .int(4)), (name: "width", value: .int(128)), (name: "heads", value: .int(4)),
        (name: "feed_forward", value: .int(512)), (name: "context", value: .int(64)),
      ])
    let training = settings(
      "adamw", [(name: "learning_rate", value: .float(1e-3)), (name: "batch", value: .int(64))])
    let model = try call(
      "pretrain",
      [
        (name: "architecture", value: architecture), (name: "on", value: .value(corpus)),
        (name: "steps", value: .int(150)), (name: "training", value: training),
      ])
    let decoding = settings(
      "sampling", [(name: "temperature", value: .float(1)), (name: "max_tokens", value: .int(8))])
    guard let train = task.field("train"), let test = task.field("test") else {
      throw OperationError("a task without splits", remedy: "")
    }
    // Kept whatever it is worth: fine-tuning has the same work on every machine.
    return try Stopwatch.measure(amount: 500, repeats: repeats) {
      let first = try call(
        "answer",
        [
          (name: "model", value: .value(model)), (name: "questions", value: .value(train)),
          (name: "samples", value: .int(5)), (name: "decoding", value: decoding),
        ])
      let second = try call(
        "correct",
        [
          (name: "model", value: .value(model)), (name: "rows", value: .value(first)),
          (name: "samples", value: .int(5)), (name: "decoding", value: decoding),
        ])
      let kept = try call(
        "where",
        [
          (name: "rows", value: .value(second)),
          (
            name: "condition",
            value: .row(.apply(.greaterOrEqual, [.field("reward"), .field("previous.reward")]))
          ),
        ])
      // As many rows are learned from as a trained model's filter keeps of 12,500: which ones costs nothing.
      guard case .rows(var learned) = kept else { throw OperationError("no rows", remedy: "") }
      for index in learned.rows.indices {
        learned.rows[index].rejection = index < 2000 ? nil : "beyond 2,000"
      }
      let tuned = try call(
        "fine_tune",
        [
          (name: "model", value: .value(model)), (name: "rows", value: .value(.rows(learned))),
          (name: "training", value: training),
        ])
      _ = try call(
        "evaluate",
        [
          (name: "model", value: .value(tuned)), (name: "questions", value: .value(test)),
          (name: "decoding", value: decoding),
        ])
    }
  }
}
