import Engine
import Testing

/// One token's loss and gradient: what re-implementations of SCoRe got wrong (PAPERS.md, B.8).
@Suite struct PolicyObjectiveTests {
  private let p: [Float] = [0.3, -1.2, 0.9, 0.1, -0.4, 1.7, 0.2, -2, 0.6]
  private let q: [Float] = [1.1, 0.4, -0.7, 0.3, -0.9, 0.2, 0.8, 0.5, -1.3]

  private func scores(_ logits: [Float]) -> [Float] {
    let buffer = FloatBuffer(logits)
    let normalizer = logSumExp(buffer.floats, logits.count)
    return logits.map { $0 - normalizer }
  }

  /// Loss and gradient at one label whose policy has the logits `p` and whose reference has `reference`.
  private func apply(
    _ token: Int, reference: [Float], _ divergence: PolicySettings.Divergence,
    _ change: (inout PolicyToken) -> Void
  ) -> (loss: Float, gradient: [Float]) {
    let theirs = scores(reference)
    var place = PolicyToken()
    place.scale = 1
    place.reference = theirs[token]
    change(&place)
    let objective = PolicyObjective(
      tokens: [PolicyToken(), place], starts: [0], divergence: divergence, reference: FloatBuffer(theirs))
    let logits = FloatBuffer(p)
    let loss = objective.apply(
      logits.floats, label: Label(sequence: 0, position: 1, token: Int32(token), weight: 1), denominator: 1)
    return (loss, logits.floats.array())
  }

  @Test(arguments: [PolicySettings.Divergence.full, .k3])
  func `the divergence has a gradient, and none where policy and reference agree`(
    divergence: PolicySettings.Divergence
  ) {
    let apart = apply(2, reference: q, divergence) { $0.penalty = 0.5 }
    #expect(apart.gradient.contains { abs($0) > 0.01 })
    let together = apply(2, reference: p, divergence) { $0.penalty = 0.5 }
    #expect(together.gradient.allSatisfy { $0 == 0 } && together.loss == 0)
  }

  @Test func `the divergence is that of the policy from the reference, summed over the vocabulary`() {
    let ours = scores(p).map(Double.init)
    let theirs = scores(q).map(Double.init)
    let forward = zip(ours, theirs).reduce(0) { $0 + exponential($1.0) * ($1.0 - $1.1) }
    let backward = zip(ours, theirs).reduce(0) { $0 + exponential($1.1) * ($1.1 - $1.0) }
    #expect(abs(forward - backward) > 0.1, "the two directions must differ to be told apart")
    let found = apply(0, reference: q, .full) { $0.penalty = 1 }.loss
    #expect(abs(Double(found) - forward) < 1e-5)
    // k3's mean over what the policy samples is the same number.
    let mean = (0..<p.count).reduce(0.0) { total, token in
      total
        + exponential(ours[token])
        * Double(apply(token, reference: q, .k3) { $0.penalty = 1 }.loss)
    }
    #expect(abs(mean - forward) < 1e-5)
  }

  @Test func `a step down the divergence's gradient brings the policy nearer`() {
    let before = apply(0, reference: q, .full) { $0.penalty = 1 }
    let moved = zip(p, before.gradient).map { $0 - 0.1 * $1 }
    let ours = scores(moved).map(Double.init)
    let theirs = scores(q).map(Double.init)
    let after = zip(ours, theirs).reduce(0) { $0 + exponential($1.0) * ($1.0 - $1.1) }
    #expect(after < Double(before.loss))
  }

  @Test func `without penalty the gradient is REINFORCE's, whatever the reference is`() {
    for divergence in [PolicySettings.Divergence.full, .k3, .inReward] {
      let found = apply(3, reference: q, divergence) { $0.advantage = 2 }
      #expect(found.gradient == apply(3, reference: p, divergence) { $0.advantage = 2 }.gradient)
      let probabilities = scores(p).map { exponential(Double($0)) }
      for v in 0..<p.count {
        let expected = -2 * ((v == 3 ? 1 : 0) - probabilities[v])
        #expect(abs(Double(found.gradient[v]) - expected) < 1e-6)
      }
    }
  }

  @Test func `a sample that has become twice as likely counts twice`() {
    let fresh = apply(3, reference: q, .k3) { $0.advantage = 1 }
    let old = apply(3, reference: q, .k3) {
      $0.advantage = 1
      $0.old = scores(p)[3] - Float(logarithm(2))
    }
    for (one, two) in zip(fresh.gradient, old.gradient) { #expect(abs(two - 2 * one) < 1e-6) }
  }
}
