/// Tokens to learn from, with a weight for each: how much predicting it counts, 0 for what is only context.
package struct TrainingSequence: Sendable {
  package var tokens: [Int32]
  /// As many as tokens. The first has nothing to be predicted from; its weight is not looked at.
  package var weights: [Float]

  package init(tokens: [Int32], weights: [Float]) {
    precondition(tokens.count == weights.count, "\(tokens.count) tokens with \(weights.count) weights")
    self.tokens = tokens
    self.weights = weights
  }
}

/// What one update did.
package struct UpdateReport: Sendable {
  package var loss: Double
  /// Before clipping.
  package var gradientNorm: Double
  package var learningRate: Float
  package var labels: Int
}

/// Moves a copy of a model's weights, or of an adapter to them, one batch of sequences after another.
///
/// Sequences lie packed one after another, without padding. A batch goes through in micro-batches, and gradients are summed in their order: the
/// bits do not depend on memory or threads.
package final class Trainer {
  private var parameters: Parameters
  /// Somebody else has the parameters by now; they are copied before they move again.
  private var isHandedOver = false
  /// What is moved instead of the parameters.
  private let adapter: Adapter?
  private let dropout: AdapterDropout?
  private let gradients: FloatBuffer
  private let optimizer: AdamW
  private let settings: OptimizerSettings
  private let objective: any Objective
  private let products: MatrixProducts
  private var rotary: RotaryTables
  private let workspace = Workspace()
  private var updates = 0

  /// - Parameters:
  ///   - adapter: where there is one, it is moved and the parameters are not.
  ///   - dropout: of what the adapter reads.
  ///   - state: the optimizer's memory of earlier updates of what is moved.
  package init(
    starting: Parameters, adapter: Adapter? = nil, dropout: AdapterDropout? = nil,
    settings: OptimizerSettings, objective: any Objective = WeightedCrossEntropy(), products: MatrixProducts,
    continuing state: OptimizerState? = nil
  ) {
    let a = starting.architecture
    self.adapter = adapter.map { Adapter(copying: $0, for: a) }
    self.dropout = adapter == nil ? nil : dropout
    parameters = adapter == nil ? Parameters(copying: starting) : starting
    let count = adapter?.layout.count ?? starting.layout.count
    gradients = FloatBuffer(count: count)
    optimizer = AdamW(
      count: count, settings: settings, pool: products.pool,
      continuing: state?.first.count == count ? state : nil)
    self.settings = settings
    self.objective = objective
    self.products = products
    rotary = RotaryTables(a, positions: min(a.contextLength, 1024))
  }

  /// Bytes that it holds beside the model it began with.
  package var bytes: Int {
    let moved = adapter?.buffer.bytes ?? parameters.buffer.bytes
    return moved + gradients.bytes + optimizer.bytes + rotary.bytes + workspace.bytes
  }

  /// Does one update.
  ///
  /// - Parameter other: what this update minimises, where it is not what the trainer was made for.
  /// - Throws: `OperationError` when the loss or the gradient is no number any more.
  package func update(_ batch: [TrainingSequence], minimising other: (any Objective)? = nil) throws
    -> UpdateReport
  {
    let (loss, labels) = accumulate(batch, minimising: other)
    let norm = optimizer.norm(of: gradients.floats)
    guard loss.isFinite, norm.isFinite else {
      throw OperationError(
        "training diverged at update \(updates + 1) of \(settings.updates): the loss is \(loss), the gradient's norm \(norm)",
        remedy: "lower learning_rate (\(settings.learningRate)), or set clip")
    }
    let rate = settings.rate(at: updates)
    var scale: Float = 1
    if settings.clip > 0, norm > Double(settings.clip) { scale = Float(Double(settings.clip) / norm) }
    if labels > 0 {
      if isHandedOver { parameters = Parameters(copying: parameters) }
      isHandedOver = false
      optimizer.step(
        adapter?.all ?? parameters.all, adapter?.layout.tensors ?? parameters.layout.tensors,
        gradients: gradients.floats, scale: scale, rate: rate)
    }
    updates += 1
    return UpdateReport(loss: loss, gradientNorm: norm, learningRate: rate, labels: labels)
  }

  /// The loss of a batch, its gradient left in `gradients`.
  package func accumulate(_ batch: [TrainingSequence], minimising other: (any Objective)? = nil) -> (
    loss: Double, labels: Int
  ) {
    clearGradients()
    let labels = batch.reduce(0) { $0 + $1.weights.dropFirst().count { $0 != 0 } }
    guard labels > 0 else { return (0, 0) }
    let longest = batch.map(\.tokens.count).max() ?? 0
    if longest > rotary.positions {
      rotary = RotaryTables(parameters.architecture, positions: max(longest, 2 * rotary.positions))
    }
    let pass = TrainingPass(
      parameters: parameters, adapter: adapter, dropout: dropout?.at(update: updates), rotary: rotary,
      products: products, workspace: workspace)
    let a = parameters.architecture
    let groups = MicroBatch.cut(batch, tokens: MicroBatch.tokensInGroup(a))
    let tokens = MicroBatch.tokens(a, movingAdapter: adapter != nil, numerics: products.numerics)
    var losses: [(label: Label, loss: Float)] = []
    // An adapter's gradient is one sum over the whole batch.
    for block in adapter != nil && products.numerics == .native ? [batch.indices] : groups {
      let parts = MicroBatch.cut(batch, block, tokens: tokens)
        .map { (first: $0.lowerBound, content: LabelledTokens(of: batch, $0)) }
        .filter { !$0.content.labels.isEmpty }
      for (index, part) in parts.enumerated() {
        let own = accumulate(
          pass, part.content, from: part.first, endsGroup: index == parts.count - 1,
          denominator: Float(labels), other ?? objective)
        losses += zip(part.content.labels, own).map { ($0, $1) }
      }
    }
    return (Self.sum(losses, by: groups), labels)
  }

  /// Groups' sums in order; losses come in the order of their sequences.
  private static func sum(_ losses: [(label: Label, loss: Float)], by groups: [Range<Int>]) -> Double {
    var total = 0.0
    var next = 0
    for group in groups {
      var sum = 0.0
      while next < losses.count, group.contains(losses[next].label.sequence) {
        sum += Double(losses[next].loss)
        next += 1
      }
      total += sum
    }
    return total
  }

  private func clearGradients() {
    products.pool.forEachBlock(of: gradients.count, size: 1 << 18) { block in
      gradients.floats.slice(block.lowerBound, block.count).fill(0)
    }
  }

  /// The loss of each label.
  private func accumulate(
    _ pass: TrainingPass, _ content: LabelledTokens, from first: Int, endsGroup: Bool, denominator: Float,
    _ objective: any Objective
  ) -> [Float] {
    let losses = FloatBuffer(count: content.labels.count)
    let target =
      adapter == nil ? Gradients(ofParameters: gradients.floats) : Gradients(ofAdapter: gradients.floats)
    pass.addGradient(
      of: content.sequences, from: first, labelsAt: content.rows, to: target, endsGroup: endsGroup,
      recomputing: MicroBatch.recomputes(parameters.architecture, tokens: content.tokens)
    ) { label, logits in
      losses.floats[label] = objective.apply(
        logits, label: content.labels[label], denominator: denominator)
    }
    return losses.floats.array()
  }

  /// The gradient of the last batch, in the layout of what is moved.
  package var lastGradient: Floats { gradients.floats }

  /// The optimizer's memory as it is now.
  package var optimizerState: OptimizerState { optimizer.state }

  /// The parameters as they are now; the starting ones where an adapter is moved. No copy is made: of a large model there is no room for one.
  package func finish() -> Parameters {
    isHandedOver = adapter == nil
    return parameters
  }

  /// The adapter as it is now, where one is moved.
  package func finishAdapter() -> Adapter? {
    adapter.map { Adapter(copying: $0, for: parameters.architecture) }
  }
}
