/// What one token of a sampled attempt contributes to a policy's loss.
package struct PolicyToken: Sendable {
  /// A: the attempt's return less its baseline.
  package var advantage: Float = 0
  /// β, where the divergence is part of the loss.
  package var penalty: Float = 0
  /// What the token's loss is multiplied by: one over the rows, and over a length where that is asked for.
  package var scale: Float = 0
  /// log π of the token when it was sampled; `nil`: the policy is still the one that sampled it.
  package var old: Float?
  /// log π_ref of the token.
  package var reference: Float = 0
  /// Its row in the reference's distributions.
  package var label = 0

  package init() {}
}

/// The loss of policy gradients, token by token:
///
///     L = Σ scale · ( -A · π(token) / π_old(token)  +  β · KL(π ‖ π_ref) )
///
/// With π = π_old its gradient is that of -A · log π(token): REINFORCE. Both terms carry gradient to the policy; the reference has none.
package struct PolicyObjective: Objective {
  /// By place in the concatenation of all sequences of the update.
  package var tokens: [PolicyToken]
  /// Where each sequence begins in that concatenation.
  package var starts: [Int]
  package var divergence: PolicySettings.Divergence
  /// log π_ref of every token, `[labels, V]`, for `full`.
  package var reference: FloatBuffer?
  /// π / π_old of each token, written as it is met.
  package let ratios: FloatBuffer

  package init(
    tokens: [PolicyToken], starts: [Int], divergence: PolicySettings.Divergence, reference: FloatBuffer?
  ) {
    self.tokens = tokens
    self.starts = starts
    self.divergence = divergence
    self.reference = reference
    ratios = FloatBuffer(count: tokens.count)
  }

  /// The denominator is not looked at: each token says what it is divided by.
  package func apply(_ logits: Floats, label: Label, denominator: Float) -> Float {
    let V = logits.count
    let place = starts[label.sequence] + label.position
    let token = tokens[place]
    let chosen = Int(label.token)
    let normalizer = logSumExp(logits, V)
    let score = logits[chosen] - normalizer
    let ratio = token.old.map { exp(score - $0) } ?? 1
    ratios.floats[place] = ratio
    var loss = -token.advantage * ratio
    // ∂loss / ∂ log π(token)
    var slope = loss
    if token.penalty != 0, divergence == .k3 {
      let difference = token.reference - score
      let likelier = exp(difference)
      loss += token.penalty * (likelier - difference - 1)
      slope += token.penalty * (1 - likelier)
    }
    if token.penalty != 0, divergence == .full, let reference {
      let theirs = reference.floats.slice(token.label * V, V)
      loss += token.penalty * replaceByGradient(logits, normalizer, theirs, token, slope: slope)
    } else {
      replaceByGradient(logits, normalizer, token, slope: slope)
    }
    logits[chosen] += token.scale * slope
    return token.scale * loss
  }

  /// Writes -scale · slope · π: what ∂ log π(token) / ∂ logits has beside the chosen token.
  private func replaceByGradient(
    _ logits: Floats, _ normalizer: Float, _ token: PolicyToken, slope: Float
  ) {
    let factor = -token.scale * slope
    let shift = Vector(repeating: normalizer)
    let factors = Vector(repeating: factor)
    var i = 0
    while i + 8 <= logits.count {
      logits.store8(exp(logits.load8(i) - shift) * factors, i)
      i += 8
    }
    while i < logits.count {
      logits[i] = exp(logits[i] - normalizer) * factor
      i += 1
    }
  }

  /// The same with the divergence's π · (log π - log π_ref - KL) · β · scale added. Gives KL; its sum over the vocabulary runs upwards.
  private func replaceByGradient(
    _ logits: Floats, _ normalizer: Float, _ theirs: Floats, _ token: PolicyToken, slope: Float
  ) -> Float {
    var divergence: Float = 0
    for v in 0..<logits.count {
      let score = logits[v] - normalizer
      divergence = divergence.addingProduct(exp(score), score - theirs[v])
    }
    let penalty = token.scale * token.penalty
    let factor = -token.scale * slope
    for v in 0..<logits.count {
      let score = logits[v] - normalizer
      let probability = exp(score)
      logits[v] = probability * factor + penalty * probability * (score - theirs[v] - divergence)
    }
    return divergence
  }
}
