/// One token to be predicted: where, what, and how much it counts.
package struct Label: Sendable {
  /// Which sequence of the update it belongs to.
  package var sequence: Int
  /// Its place in that sequence; it is predicted from everything before.
  package var position: Int
  package var token: Int32
  package var weight: Float

  package init(sequence: Int, position: Int, token: Int32, weight: Float) {
    self.sequence = sequence
    self.position = position
    self.token = token
    self.weight = weight
  }
}

/// What training minimises: a function from the logits at a label to a loss, and its gradient.
///
/// Fine-tuning and policy gradients differ only here.
package protocol Objective: Sendable {
  /// Gives the loss at one label and overwrites its V logits with the gradient; both already divided by `denominator`.
  func apply(_ logits: Floats, label: Label, denominator: Float) -> Float
}

/// Σ w·(-log p(label)) / Σ m, where m counts the labels, whatever they weigh (TriPosT's weighted loss; with w = 1 the mean cross-entropy).
package struct WeightedCrossEntropy: Objective {
  package init() {}

  package func apply(_ logits: Floats, label: Label, denominator: Float) -> Float {
    let V = logits.count
    let normalizer = logSumExp(logits, V)
    let token = Int(label.token)
    let factor = label.weight / denominator
    let loss = factor * (normalizer - logits[token])
    let shift = Vector(repeating: normalizer)
    let scale = Vector(repeating: factor)
    var i = 0
    while i + 8 <= V {
      logits.store8(exp(logits.load8(i) - shift) * scale, i)
      i += 8
    }
    while i < V {
      logits[i] = exp(logits[i] - normalizer) * factor
      i += 1
    }
    logits[token] -= factor
    return loss
  }
}
