import Engine
import Testing

/// The objectives of policy gradients against PyTorch's automatic gradients in double precision.
@Suite struct PolicyOracleTests {
  @Test(arguments: 0..<9)
  func `loss and gradient of every objective equal those of PyTorch`(index: Int) throws {
    let fixture = try PolicyFixture.load()
    #expect(fixture.results.count == 9)
    let theirs = fixture.results[index]
    let policy = fixture.model(fixture.policy)
    #expect(policy.parameters.layout.tensors.map(\.name) == fixture.tensors)
    let context = ExecutionContext(threads: 1)
    let settings = try fixture.settings(theirs)
    let update = PolicyUpdate(
      policy: policy, reference: fixture.model(fixture.reference), settings: settings,
      optimizer: OptimizerSettings(learningRate: 1e-3, updates: 1), context: context)
    var prepared = try update.prepare(fixture.batch)
    if theirs.off_policy == true {
      // As if the reference had sampled them.
      for place in prepared.tokens.indices { prepared.tokens[place].old = prepared.tokens[place].reference }
    }
    let trainer = Trainer(
      starting: policy.parameters, settings: update.optimizer,
      products: MatrixProducts(pool: WorkPool(threads: 1), numerics: .native))
    let (loss, _) = trainer.accumulate(
      prepared.sequences,
      minimising: PolicyObjective(
        tokens: prepared.tokens, starts: prepared.starts, divergence: settings.divergence,
        reference: prepared.references))
    let ours = trainer.lastGradient.array()
    let scale = theirs.gradient.map(abs).max() ?? 0
    #expect(scale > 0.01, "the fixture must have something to compare")
    let worst = zip(ours, theirs.gradient).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst < 1e-4 * scale, "\(theirs.name): off by \(worst), the largest is \(scale)")
    #expect(ours.count == theirs.gradient.count)
    #expect(abs(loss - theirs.loss) < 1e-4 * max(0.1, abs(theirs.loss)), "\(theirs.name): \(loss)")
  }

  @Test func `the divergence of a model from another is that of the definition`() throws {
    let world = try PolicyWorld()
    guard
      case .number(let ours) = try PolicyWorld.run(
        "divergence",
        [
          "model": .value(.model(world.policy)), "rows": .value(.rows(world.rows)),
          "reference": .value(.model(world.reference)), "attempt": .int(2),
        ])
    else { throw OperationError("not a number", remedy: "") }
    var total = 0.0
    for row in world.rows.rows {
      let tokens = row.turns.flatMap(\.tokens)
      let p = allLogits(world.policy.parameters, [tokens])
      let q = allLogits(world.reference.parameters, [tokens])
      let V = world.policy.architecture.vocabularySize
      let first = row.turns.dropLast().reduce(0) { $0 + $1.tokens.count }
      for place in first..<tokens.count {
        total += divergence(p, q, ((place - 1) * V)..<(place * V))
      }
    }
    #expect(abs(ours - total / 4) < 1e-4 * ours)
    #expect(ours > 0.1)
  }

  /// KL of the distributions whose logits stand in a range, in double precision.
  private func divergence(_ p: [Float], _ q: [Float], _ range: Range<Int>) -> Double {
    func normalised(_ x: [Float]) -> [Double] {
      let x = x[range].map(Double.init)
      let sum = x.reduce(0) { $0 + exponential($1) }
      return x.map { exponential($0) / sum }
    }
    return zip(normalised(p), normalised(q)).reduce(0) { $0 + $1.0 * logarithm($1.0 / $1.1) }
  }
}
