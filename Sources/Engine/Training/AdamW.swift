/// How weights are moved: AdamW with decoupled decay (Loshchilov & Hutter 2019).
package struct OptimizerSettings: Sendable, Hashable {
  package enum Schedule: String, Sendable, Hashable, CaseIterable {
    case constant, linear, cosine
  }
  package var learningRate: Float
  package var beta1: Float = 0.9
  package var beta2: Float = 0.999
  package var epsilon: Float = 1e-8
  /// Per update, times the learning rate; norms and biases are not decayed.
  package var weightDecay: Float = 0.1
  /// Greatest norm of the gradient; 0: not clipped.
  package var clip: Float = 1
  package var schedule: Schedule = .cosine
  /// Share of the updates in which the rate rises from 0.
  package var warmup: Float = 0.03
  package var updates: Int

  package init(learningRate: Float, updates: Int) {
    self.learningRate = learningRate
    self.updates = updates
  }

  /// The learning rate of an update, counted from 0: rises to the full rate over ⌈warm-up · updates⌉ updates, then stays, or falls to 0 along a
  /// line or half a cosine.
  package func rate(at update: Int) -> Float {
    let rising = Int((warmup * Float(updates)).rounded(.up))
    if update < rising { return learningRate * Float(update + 1) / Float(rising) }
    let progress = Float(update - rising) / Float(max(1, updates - rising))
    switch schedule {
    case .constant: return learningRate
    case .linear: return learningRate * (1 - progress)
    case .cosine: return learningRate * 0.5 * (1 + sineAndCosine(Double(progress) * .pi).cosine)
    }
  }
}

/// The moments of AdamW, and its step: one pass over all numbers.
package final class AdamW {
  private let first: FloatBuffer
  private let second: FloatBuffer
  private let settings: OptimizerSettings
  private let pool: WorkPool
  private var beta1Power: Double = 1
  private var beta2Power: Double = 1
  private var updates = 0
  /// Numbers in one unit of work.
  private static let block = 16_384

  var bytes: Int { first.bytes + second.bytes }

  /// - Parameter state: where another optimizer of as many numbers stopped.
  package init(
    count: Int, settings: OptimizerSettings, pool: WorkPool, continuing state: OptimizerState? = nil
  ) {
    first = state.map { FloatBuffer(copying: $0.first) } ?? FloatBuffer(count: count)
    second = state.map { FloatBuffer(copying: $0.second) } ?? FloatBuffer(count: count)
    self.settings = settings
    self.pool = pool
    for _ in 0..<(state?.updates ?? 0) {
      countUpdate()
      // Further updates change nothing, however many there were.
      if beta1Power == 0, beta2Power == 0 { break }
    }
    updates = state?.updates ?? 0
  }

  /// What another optimizer needs to go on from here.
  var state: OptimizerState {
    OptimizerState(
      first: FloatBuffer(copying: first), second: FloatBuffer(copying: second), updates: updates)
  }

  private func countUpdate() {
    beta1Power *= Double(settings.beta1)
    beta2Power *= Double(settings.beta2)
    updates += 1
  }

  /// √Σ g²: lanes within blocks of 16,384, blocks in order in double precision.
  func norm(of gradients: Floats) -> Double {
    let sums = FloatBuffer(count: gradients.count / Self.block + 1)
    pool.forEachBlock(of: gradients.count, size: Self.block) { block in
      let part = gradients.slice(block.lowerBound, block.count)
      sums.floats[block.lowerBound / Self.block] = dot(part, part, part.count)
    }
    var total = 0.0
    for block in 0..<sums.count { total += Double(sums.floats[block]) }
    return total.squareRoot()
  }

  /// Moves weights against `scale` times their gradients, tensor by tensor of their layout.
  package func step(
    _ all: Floats, _ tensors: [TensorDescription], gradients: Floats, scale: Float, rate: Float
  ) {
    countUpdate()
    let correction1 = Float(1 / (1 - beta1Power))
    let correction2 = Float(1 / (1 - beta2Power))
    for tensor in tensors {
      let weights = all.slice(tensor)
      let slopes = gradients.slice(tensor)
      let m = first.floats.slice(tensor)
      let v = second.floats.slice(tensor)
      let decay = tensor.isDecayed ? 1 - rate * settings.weightDecay : 1
      pool.forEachBlock(of: tensor.count, size: Self.block) { block in
        move(
          weights, slopes, m, v, block, scale: scale, rate: rate, decay: decay, correction1: correction1,
          correction2: correction2)
      }
    }
  }

  private func move(
    _ weights: Floats, _ slopes: Floats, _ m: Floats, _ v: Floats, _ range: Range<Int>, scale: Float,
    rate: Float,
    decay: Float, correction1: Float, correction2: Float
  ) {
    let b1 = settings.beta1
    let b2 = settings.beta2
    var i = range.lowerBound
    while i + 8 <= range.upperBound {
      let g = slopes.load8(i) * scale
      let mean = (m.load8(i) * b1).addingProduct(g, Vector(repeating: 1 - b1))
      let square = (v.load8(i) * b2).addingProduct(g * g, Vector(repeating: 1 - b2))
      m.store8(mean, i)
      v.store8(square, i)
      let step = mean * correction1 / ((square * correction2).squareRoot() + settings.epsilon)
      weights.store8((weights.load8(i) * decay).addingProduct(step, Vector(repeating: -rate)), i)
      i += 8
    }
    while i < range.upperBound {
      let g = slopes[i] * scale
      let mean = (m[i] * b1).addingProduct(g, 1 - b1)
      let square = (v[i] * b2).addingProduct(g * g, 1 - b2)
      m[i] = mean
      v[i] = square
      let step = mean * correction1 / ((square * correction2).squareRoot() + settings.epsilon)
      weights[i] = (weights[i] * decay).addingProduct(step, -rate)
      i += 1
    }
  }
}
