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

/// Moves a copy of a model's weights, one batch of sequences after another.
///
/// Sequences lie packed one after another, without padding. A batch goes through in micro-batches whose composition depends on the
/// sequences' lengths only, and gradients are summed in their order: the bits do not depend on memory or threads.
package final class Trainer {
  private let parameters: Parameters
  private let gradients: FloatBuffer
  private let optimizer: AdamW
  private let settings: OptimizerSettings
  private let objective: any Objective
  private let products: MatrixProducts
  private let rotary: RotaryTable
  private let workspace = Workspace()
  private var updates = 0
  /// Tokens at which a micro-batch is full: as many as keep what the backward pass needs below 400 MB, within 256…2048.
  private let microBatchTokens: Int

  /// - Parameter state: the optimizer's memory of earlier updates of the same parameters.
  package init(
    starting: Parameters, settings: OptimizerSettings, objective: any Objective = WeightedCrossEntropy(),
    products: MatrixProducts, continuing state: OptimizerState? = nil
  ) {
    parameters = Parameters(copying: starting)
    gradients = FloatBuffer(count: starting.layout.count)
    optimizer = AdamW(
      count: starting.layout.count, settings: settings, pool: products.pool, continuing: state)
    self.settings = settings
    self.objective = objective
    self.products = products
    rotary = RotaryTable(starting.architecture)
    microBatchTokens = Self.microBatchTokens(starting.architecture)
  }

  static func microBatchTokens(_ a: Architecture) -> Int {
    let saved = a.layers * (2 * a.width + a.projectedWidth + a.queryWidth + 2 * a.feedForward)
    return max(256, min(2048, 100_000_000 / saved / 256 * 256))
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
    if labels > 0 { optimizer.step(parameters, gradients: gradients.floats, scale: scale, rate: rate) }
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
    let pass = TrainingPass(
      parameters: parameters, rotary: rotary, products: products, workspace: workspace)
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
    pass.addGradient(of: batch[range].map(\.tokens), labelsAt: rows, to: gradients.floats) { label, logits in
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

  /// The gradient of the last batch, in the parameters' layout.
  package var lastGradient: Floats { gradients.floats }

  /// The optimizer's memory as it is now.
  package var optimizerState: OptimizerState { optimizer.state }

  /// The weights as they are now.
  package func finish() -> Parameters { Parameters(copying: parameters) }
}
