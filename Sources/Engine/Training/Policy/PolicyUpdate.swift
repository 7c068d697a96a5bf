/// Moves a policy by what it sampled: advantages, old and reference log-probabilities, then one or several steps of AdamW.
package struct PolicyUpdate {
  package var policy: Model
  package var reference: Model
  package var settings: PolicySettings
  package var optimizer: OptimizerSettings
  package var context: ExecutionContext

  package init(
    policy: Model, reference: Model, settings: PolicySettings, optimizer: OptimizerSettings,
    context: ExecutionContext
  ) {
    self.policy = policy
    self.reference = reference
    self.settings = settings
    self.optimizer = optimizer
    self.context = context
  }

  /// What a batch gives the loss: sequences whose weights mark the labels, and each token's part.
  package struct Prepared {
    package var batch: PolicyBatch
    package var sequences: [TrainingSequence]
    package var tokens: [PolicyToken]
    package var starts: [Int]
    package var references: FloatBuffer?
    /// Mean over the rows, by attempt; empty where there is no penalty.
    package var divergences: [Double]
    /// Attempts that had nothing to be compared with.
    package var alone: Int
  }

  /// The policy after learning from a batch; on nothing to learn from it is the policy itself.
  ///
  /// - Throws: `OperationError` when the loss is no number any more; `CancellationError`.
  package func run(_ batch: PolicyBatch) throws -> Model {
    let prepared = try prepare(batch)
    report(prepared)
    guard prepared.sequences.contains(where: { $0.weights.contains { $0 != 0 } }) else { return policy }
    var settings = optimizer
    // How many calls follow is not known here: the rate stays as it is.
    settings.schedule = .constant
    settings.warmup = 0
    settings.updates = self.settings.updates
    let trainer = Trainer(
      starting: policy.parameters, adapter: policy.adapter, settings: settings, products: context.products,
      continuing: policy.optimizer)
    let objective = PolicyObjective(
      tokens: prepared.tokens, starts: prepared.starts, divergence: self.settings.divergence,
      reference: prepared.references)
    for update in 1...self.settings.updates {
      if context.isCancelled() { throw CancellationError() }
      let done = try trainer.update(prepared.sequences, minimising: objective)
      context.report(.metric(name: "loss", position: update, value: done.loss))
      context.report(.metric(name: "gradient_norm", position: update, value: done.gradientNorm))
      context.report(
        .metric(name: "ratio", position: update, value: meanRatio(objective, prepared.sequences)))
      context.report(.progress(done: update, total: self.settings.updates))
    }
    let moved = trainer.finishAdapter().map(policy.replacing) ?? policy.replacing(trainer.finish())
    return moved.remembering(trainer.optimizerState)
  }

  /// Scores the batch's tokens and gives each its part of the loss.
  package func prepare(_ original: PolicyBatch) throws -> Prepared {
    var batch = original
    let isPenalised = settings.penalties.contains { $0 != 0 }
    let needsAll = isPenalised && settings.divergence == .full
    let needsOld = settings.updates > 1 || isPenalised
    let theirs =
      isPenalised
      ? TokenScores(
        of: batch.sequences, by: reference, keepingAll: needsAll, products: context.products)
      : nil
    let ours =
      needsOld
      ? TokenScores(
        of: batch.sequences, by: policy, keepingAll: false, products: context.products
      ).chosen
      : nil
    var divergences: [Double] = []
    var costs: [[Double]]?
    if let ours, let theirs = theirs?.chosen {
      // What is reported and balanced is k3, whatever the loss uses: positive, and known without the whole distribution.
      let sums = batch.sums(
        zip(ours, theirs).map { ours, theirs in Double(exp(theirs - ours) - (theirs - ours) - 1) })
      divergences = (0..<batch.count).map { attempt in
        sums.reduce(0) { $0 + $1[attempt] } / Double(max(1, sums.count))
      }
      if settings.divergence == .inReward {
        costs = batch.sums(zip(ours, theirs).map { Double($0) - Double($1) }).map { row in
          row.enumerated().map { Double(settings.penalties[$0.offset]) * $0.element }
        }
      }
    }
    let alone = batch.assignAdvantages(settings.baseline, discount: settings.discount, costs: costs)
    var sequences = batch.sequences
    let penalties = balanced(divergences, batch)
    var starts: [Int] = []
    var count = 0
    for sequence in sequences {
      starts.append(count)
      count += sequence.tokens.count
    }
    var tokens = [PolicyToken](repeating: PolicyToken(), count: count)
    var label = 0
    for attempts in batch.attempts {
      for (index, attempt) in attempts.enumerated() where attempt.isSampled {
        var token = PolicyToken()
        token.advantage = Float(attempt.advantage)
        token.penalty = settings.divergence == .inReward ? 0 : penalties[index]
        token.scale = scale(attempt, rows: batch.rows.count)
        let teaches = token.advantage != 0 || token.penalty != 0
        for place in attempt.places {
          token.old = settings.updates > 1 ? ours?[label] : nil
          token.reference = theirs?.chosen[label] ?? 0
          token.label = label
          label += 1
          tokens[starts[attempt.sequence] + place] = token
          if !teaches { sequences[attempt.sequence].weights[place] = 0 }
        }
      }
    }
    return Prepared(
      batch: batch, sequences: sequences, tokens: tokens, starts: starts, references: theirs?.all,
      divergences: divergences, alone: alone)
  }

  private func scale(_ attempt: PolicyBatch.Attempt, rows: Int) -> Float {
    switch settings.normalization {
    case .none: 1 / Float(rows)
    case .sequence: 1 / Float(rows) / Float(max(1, attempt.places.count))
    case .constant: 1 / Float(rows) / settings.constantLength
    }
  }

  private func balanced(_ divergences: [Double], _ batch: PolicyBatch) -> [Float] {
    guard settings.isBalanced, !divergences.isEmpty else { return settings.penalties }
    let last = batch.count - 1
    let advantage = batch.statistics(last) { abs($0.advantage) }.mean
    return settings.penalties.enumerated().map { index, penalty in
      guard index < last else { return penalty }
      return penalty
        * Float(advantage / max(divergences[index], PolicySettings.leastBalancedDivergence))
    }
  }

  private func report(_ prepared: Prepared) {
    func metric(_ name: String, _ value: Double) {
      context.report(.metric(name: name, position: 0, value: value))
    }
    metric("rows", Double(prepared.batch.rows.count))
    metric("not_compared", Double(prepared.alone))
    for attempt in 0..<prepared.batch.count {
      let reward = prepared.batch.statistics(attempt) { $0.reward }
      metric("reward_\(attempt + 1)", reward.mean)
      metric("reward_\(attempt + 1)_deviation", reward.deviation)
    }
    for (index, divergence) in prepared.divergences.enumerated() { metric("kl_\(index + 1)", divergence) }
  }

  private func meanRatio(_ objective: PolicyObjective, _ sequences: [TrainingSequence]) -> Double {
    var total = 0.0
    var count = 0.0
    for (row, sequence) in sequences.enumerated() {
      for position in sequence.weights.indices.dropFirst() where sequence.weights[position] != 0 {
        total += Double(objective.ratios.floats[objective.starts[row] + position])
        count += 1
      }
    }
    return count > 0 ? total / count : 1
  }
}
