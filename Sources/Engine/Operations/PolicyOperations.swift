extension Operation {
  static let reinforce = Operation(
    name: "reinforce", version: 1,
    summary:
      "The policy after one step of policy gradient on attempts it sampled, each credited with its own reward.",
    parameters: [
      .init(
        "policy", .value(.model), "who sampled the rows, and learns; AdamW's moments go on from its last step"
      ),
      .init(
        "rows", .value(.rows), "what it sampled: only rows that are kept, only attempts that are its own"),
      .init(
        "rewards", .list(.rowNumber),
        "what each attempt earned, first to last, read where the last attempt is the row's: `[previous.reward, reward]`"
      ),
      .init("kl", .list(.float), "β for each attempt: how much divergence from the reference costs"),
      .init("reference", .value(.model), "who the policy is held to"),
      .init(
        "training", .settings("Training"),
        "AdamW's settings; one update on all rows at a constant rate, so `batch`, `epochs`, `schedule` and `warmup` are not looked at"
      ),
      .init(
        "baseline", .choice(PolicySettings.Baseline.allCases.map(\.rawValue)),
        "what a reward is compared with: nothing; the other samples of its question; the batch",
        default: .choice("leave_one_out")),
      .init(
        "estimator", .choice(PolicySettings.Divergence.allCases.map(\.rawValue)),
        "the divergence over the whole vocabulary; from the sampled token; or taken off the attempt's reward",
        default: .choice("full")),
      .init(
        "normalization", .choice(PolicySettings.Normalization.allCases.map(\.rawValue)),
        "an attempt's sum over tokens is divided by nothing, by its length, or by `length`",
        default: .choice("none")),
      .init("length", .int, "for `constant`", bounds: 1...1_000_000, default: .int(64)),
      .init(
        "discount", .float, "γ: the share of the next attempt's reward that an attempt is credited with",
        bounds: 0...1, default: .float(0)),
      .init(
        "balance", .choice(["none", "earlier_attempts"]),
        "β of earlier attempts as it is, or as a share of the last attempt's objective",
        default: .choice("none")),
      .init("updates", .int, "passes over the rows", bounds: 1...64, default: .int(1)),
    ],
    result: .model
  ) { call in
    let policy = try call.model("policy")
    let reference = try call.model("reference")
    let all = try call.rows("rows", readBy: policy)
    let rows = all.kept
    let expressions = try call.rows(ofNumbers: "rewards")
    var settings = PolicySettings(penalties: try call.floats("kl"))
    settings.baseline = .init(rawValue: try call.choice("baseline")) ?? .leaveOneOut
    settings.divergence = .init(rawValue: try call.choice("estimator")) ?? .full
    settings.normalization = .init(rawValue: try call.choice("normalization")) ?? .none
    settings.constantLength = Float(try call.int("length"))
    settings.discount = Double(try call.float("discount"))
    settings.isBalanced = try call.choice("balance") == "earlier_attempts"
    settings.updates = try call.int("updates")
    guard expressions.count == settings.penalties.count else {
      throw OperationError(
        "`rewards` names \(expressions.count) attempts and `kl` \(settings.penalties.count)",
        remedy: "give one of each for every attempt, 0 where there is none")
    }
    guard !(settings.isBalanced && settings.divergence == .inReward) else {
      throw OperationError(
        "`balance` needs a divergence in the loss, and `in_reward` has it in the reward",
        remedy: "take estimator: full or k3")
    }
    try call.check(rows, attempts: expressions.count, policy: policy, reference: reference, settings)
    guard !rows.isEmpty else {
      call.context.report(.metric(name: "rows", position: 0, value: 0))
      return .model(policy)
    }
    let rewards = try rows.map { row in
      let reader = RowReader(row: row, source: all.source)
      return try expressions.map { try reader.number($0) }
    }
    let batch = try PolicyBatch(rows, rewards: rewards, policy.tokenizer)
    try batch.checkComparable(settings.baseline)
    guard try call.dropout("training") == nil else {
      throw OperationError(
        "`dropout` would make the policy that learns another than the one that answered",
        remedy: "leave it at 0 for reinforcement learning")
    }
    // What LoRA adds is nothing at first, whatever its seed.
    let update = PolicyUpdate(
      policy: try call.start(from: policy, seed: 0), reference: reference, settings: settings,
      optimizer: try call.training("training").settings, context: call.context)
    return .model(try update.run(batch))
  }

  static let divergence = Operation(
    name: "divergence", version: 1,
    summary:
      "How far a model has moved from another on an attempt of some rows: KL over the vocabulary, summed over the attempt's tokens, mean over the rows.",
    parameters: [
      .init("model", .value(.model), "who has moved"), .init("rows", .value(.rows), "where it is looked at"),
      .init("reference", .value(.model), "from whom"),
      .init("attempt", .int, "which attempt's tokens", bounds: 1...10, default: .int(1)),
    ],
    result: .number
  ) { call in
    let model = try call.model("model")
    let reference = try call.model("reference")
    let rows = try call.rows("rows", readBy: model).kept
    let attempt = try call.int("attempt")
    try call.check(rows, attempts: nil, policy: model, reference: reference, nil)
    var total = 0.0
    let all = try rows.map { row -> TrainingSequence in
      guard row.attempts.count >= attempt,
        let sequence = try row.trainingSequence(onAttempt: attempt, model.tokenizer)
      else {
        throw OperationError(
          "a row has \(row.attempts.count) attempts, and attempt \(attempt) is asked for",
          remedy: "ask for one that there is")
      }
      return sequence
    }
    // Few rows at a time, so that distributions over a large vocabulary do not stand in memory all at once.
    var next = 0
    while next < all.count {
      if call.context.isCancelled() { throw CancellationError() }
      let first = next
      var numbers = 0
      repeat {
        numbers += all[next].weights.count { $0 != 0 } * model.architecture.vocabularySize
        next += 1
      } while next < min(first + 16, all.count) && numbers < divergenceNumbers
      let sequences = Array(all[first..<next])
      let ours = TokenScores(
        of: sequences, by: model, keepingAll: true, products: call.context.products)
      let theirs = TokenScores(
        of: sequences, by: reference, keepingAll: true, products: call.context.products)
      guard let p = ours.all?.floats, let q = theirs.all?.floats else { continue }
      for index in 0..<p.count { total += Double(exp(p[index])) * Double(p[index] - q[index]) }
    }
    return .number(rows.isEmpty ? .nan : total / Double(rows.count))
  }
}

/// Probabilities of each of the two models that `divergence` lets stand in memory before it goes on to further rows: 128 MB.
private let divergenceNumbers = 1 << 25

extension PolicyBatch {
  /// - Throws: when a baseline is asked for that this batch cannot give.
  fileprivate func checkComparable(_ baseline: PolicySettings.Baseline) throws {
    guard baseline == .leaveOneOut else { return }
    var samples: [Int: Set<[Int]>] = [:]
    for row in rows { samples[row.question, default: []].insert(row.samples) }
    guard samples.values.allSatisfy({ $0.count < 2 }) else { return }
    throw OperationError(
      "`leave_one_out` compares the samples of a question with each other, and no question has two",
      remedy: "sample at least 2 for each question, or ask for another baseline")
  }
}

extension Call {
  /// Numbers that fit a model's context and two models that speak of the same tokens.
  fileprivate func check(
    _ rows: [Row], attempts: Int?, policy: Model, reference: Model, _ settings: PolicySettings?
  ) throws {
    let sizes = (policy.architecture.vocabularySize, reference.architecture.vocabularySize)
    guard policy.tokenizer.description == reference.tokenizer.description, sizes.0 == sizes.1 else {
      throw OperationError(
        "the model and its reference have different tokens: \(policy.tokenizer.description) (\(sizes.0) in its vocabulary), and \(reference.tokenizer.description) (\(sizes.1))",
        remedy: "compare models of one base")
    }
    let context = min(policy.architecture.contextLength, reference.architecture.contextLength)
    for row in rows {
      try reference.check(row)
      if let attempts, row.attempts.count != attempts {
        throw OperationError(
          "a row has \(row.attempts.count) attempts, and `rewards` names \(attempts)",
          remedy: "give one reward for each attempt")
      }
      let length = try row.readings(policy.tokenizer).map { $0.reduce(0) { $0 + $1.tokens.count } }.max() ?? 0
      guard length <= context else {
        throw OperationError(
          "a row has \(length) tokens, and the model's context holds \(context)",
          remedy: "give the model a longer context, or the decoding a smaller max_tokens")
      }
    }
    guard let settings, settings.divergence == .full, settings.penalties.contains(where: { $0 != 0 }) else {
      return
    }
    let labels = rows.reduce(0) { $0 + $1.attempts.reduce(0) { $0 + $1.tokens.count } }
    let numbers = labels.multipliedReportingOverflow(by: policy.architecture.vocabularySize)
    guard !numbers.overflow, numbers.partialValue <= 1 << 30 else {
      throw OperationError(
        "the divergence over \(policy.architecture.vocabularySize) tokens at \(labels) places does not fit in 4 GB",
        remedy: "take estimator: k3, which needs the sampled tokens only, or fewer rows")
    }
  }
}
