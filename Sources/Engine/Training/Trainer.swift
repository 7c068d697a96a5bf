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
/// Sequences lie packed one after another, without padding. A batch goes through in micro-batches whose composition depends on the
/// sequences' lengths only, and gradients are summed in their order: the bits do not depend on memory or threads.
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
  /// Tokens at which a micro-batch is full: as many as keep what the backward pass needs below 400 MB, within 256…2048.
  private let microBatchTokens: Int
  /// Above so many saved numbers, 800 MB, layers are computed again instead.
  package static let mostSaved = 200_000_000

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
    microBatchTokens = Self.microBatchTokens(a)
  }

  /// Numbers that the backward pass needs of each token.
  private static func savedPerToken(_ a: Architecture) -> Int {
    a.layers * (2 * a.width + a.projectedWidth + a.queryWidth + 2 * a.feedForward)
  }

  /// Tokens at which a micro-batch is full; a longer sequence makes one alone.
  package static func microBatchTokens(_ a: Architecture) -> Int {
    max(256, min(2048, 100_000_000 / savedPerToken(a) / 256 * 256))
  }

  /// Whether layers are computed again on the way back through a micro-batch of so many tokens.
  package static func recomputes(_ a: Architecture, tokens: Int) -> Bool {
    tokens * savedPerToken(a) > mostSaved
  }

  /// Bytes that it holds beside the model it began with.
  package var bytes: Int {
    let moved = adapter?.buffer.bytes ?? parameters.buffer.bytes
    return moved + gradients.bytes + optimizer.bytes + rotary.bytes + workspace.bytes
  }

  /// Which sequences go through together: as many in a row as have `tokens` tokens, at least one.
  static func microBatches(of batch: [TrainingSequence], tokens limit: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var first = 0
    while first < batch.count {
      var end = first
      var tokens = 0
      repeat {
        tokens += batch[end].tokens.count
        end += 1
      } while end < batch.count && tokens + batch[end].tokens.count <= limit
      ranges.append(first..<end)
      first = end
    }
    return ranges
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
    gradients.floats.fill(0)
    let labels = batch.reduce(0) { $0 + $1.weights.dropFirst().count { $0 != 0 } }
    guard labels > 0 else { return (0, 0) }
    let longest = batch.map(\.tokens.count).max() ?? 0
    if longest > rotary.positions {
      rotary = RotaryTables(parameters.architecture, positions: max(longest, 2 * rotary.positions))
    }
    let pass = TrainingPass(
      parameters: parameters, adapter: adapter, dropout: dropout?.at(update: updates), rotary: rotary,
      products: products, workspace: workspace)
    var loss = 0.0
    for range in Self.microBatches(of: batch, tokens: microBatchTokens) {
      loss += accumulate(pass, batch, range, denominator: Float(labels), other ?? objective)
    }
    return (loss, labels)
  }

  private func accumulate(
    _ pass: TrainingPass, _ batch: [TrainingSequence], _ range: Range<Int>, denominator: Float,
    _ objective: any Objective
  ) -> Double {
    let (labels, rows) = Self.labels(of: batch, range)
    guard !labels.isEmpty else { return 0 }
    let losses = FloatBuffer(count: labels.count)
    let target =
      adapter == nil ? Gradients(ofParameters: gradients.floats) : Gradients(ofAdapter: gradients.floats)
    let tokens = batch[range].reduce(0) { $0 + $1.tokens.count }
    pass.addGradient(
      of: batch[range].map(\.tokens), from: range.lowerBound, labelsAt: rows, to: target,
      recomputing: Self.recomputes(parameters.architecture, tokens: tokens)
    ) { label, logits in
      losses.floats[label] = objective.apply(logits, label: labels[label], denominator: denominator)
    }
    var total = 0.0
    for row in labels.indices { total += Double(losses.floats[row]) }
    return total
  }

  /// The labels of some sequences, in order, and where each is predicted from: places in those sequences' concatenation.
  static func labels(of batch: [TrainingSequence], _ range: Range<Int>) -> (labels: [Label], rows: [Int]) {
    var labels: [Label] = []
    var rows: [Int] = []
    var start = 0
    for index in range {
      let sequence = batch[index]
      for position in 1..<max(1, sequence.tokens.count) where sequence.weights[position] != 0 {
        labels.append(
          Label(
            sequence: index, position: position, token: sequence.tokens[position],
            weight: sequence.weights[position]))
        rows.append(start + position - 1)
      }
      start += sequence.tokens.count
    }
    return (labels, rows)
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
