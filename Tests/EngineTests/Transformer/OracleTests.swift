import Engine
import Testing

/// The transformer against an independent implementation in double precision.
@Suite struct OracleTests {
  @Test(arguments: Fixture.names, [Numerics.native, .openblas])
  func `logits equal those of PyTorch`(name: String, numerics: Numerics) throws {
    let fixture = try Fixture(name)
    let ours = allLogits(fixture.parameters, fixture.batch.map(\.tokens), numerics: numerics)
    expectClose(ours, fixture.logits, tolerance: 2e-5)
  }

  @Test(arguments: Fixture.names)
  func `the gradient of every parameter equals that of PyTorch`(name: String) throws {
    let fixture = try Fixture(name)
    let trainer = Trainer(
      starting: fixture.parameters, settings: fixture.settings,
      products: MatrixProducts(pool: WorkPool(threads: 1), numerics: .native))
    let (loss, labels) = trainer.accumulate(fixture.batch)
    #expect(labels == fixture.batch.reduce(0) { $0 + $1.weights.dropFirst().count { $0 != 0 } })
    #expect(abs(loss - fixture.header.losses[0]) < 1e-5 * fixture.header.losses[0])
    for tensor in fixture.parameters.layout.tensors {
      let ours = trainer.lastGradient.slice(tensor.offset, tensor.count).array()
      let theirs = Array(fixture.gradients[tensor.offset..<tensor.offset + tensor.count])
      expectClose(ours, theirs, tolerance: 3e-5, tensor.name)
    }
  }

  @Test(arguments: Fixture.names)
  func `ten losses of training equal those of PyTorch`(name: String) throws {
    let fixture = try Fixture(name)
    let trainer = Trainer(
      starting: fixture.parameters, settings: fixture.settings,
      products: MatrixProducts(pool: WorkPool(threads: 2), numerics: .native))
    for (update, theirs) in fixture.header.losses.enumerated() {
      let ours = try trainer.update(fixture.batch).loss
      #expect(abs(ours - theirs) < 2e-4 * theirs, "update \(update): \(ours) against \(theirs)")
    }
    #expect(fixture.header.losses[9] < 0.9 * fixture.header.losses[0], "the fixture must learn something")
  }

  /// Every number within `tolerance` of the largest, and the mean difference a hundredth of that from zero: no bias.
  private func expectClose(_ ours: [Float], _ theirs: [Float], tolerance: Float, _ what: String = "") {
    #expect(ours.count == theirs.count)
    let scale = theirs.map(abs).max() ?? 0
    let differences = zip(ours, theirs).map { $0 - $1 }
    let worst = differences.map(abs).max() ?? 0
    #expect(worst <= tolerance * scale + 1e-9, "\(what): off by \(worst), the largest is \(scale)")
    let mean = differences.reduce(0, +) / Float(max(1, differences.count))
    #expect(abs(mean) <= 0.1 * tolerance * scale + 1e-9, "\(what): off by \(mean) in the mean")
  }
}
