import Engine
import Foundation
import Testing

/// Every family against transformers: the numbers that a loaded model gives, and those it learns by.
@Suite struct FamilyNumbersTests {
  private let products = MatrixProducts(pool: WorkPool(threads: 1), numerics: .native)

  private func model(_ name: String) throws -> Model { try Model.load(FamilyFixture.folder(name)) }

  @Test(arguments: FamilyFixture.names, [Numerics.native, .openblas])
  func `logits equal those of transformers`(name: String, numerics: Numerics) throws {
    let fixture = try FamilyFixture(name)
    let all = allLogits(try model(name).parameters, [fixture.tokens], numerics: numerics)
    let V = try #require(fixture.logits.first).count
    for (position, theirs) in zip(fixture.positions, fixture.logits) {
      let ours = all[position * V..<(position + 1) * V]
      let scale = theirs.map(abs).max() ?? 0
      let worst = zip(ours, theirs).map { abs($0 - $1) }.max() ?? .infinity
      #expect(worst <= 1e-4 * scale, "after token \(position): off by \(worst), the largest is \(scale)")
    }
  }

  @Test(arguments: FamilyFixture.names)
  func `64 tokens of greedy decoding equal those of transformers`(name: String) throws {
    let fixture = try FamilyFixture(name)
    let parameters = try model(name).parameters
    let V = parameters.architecture.vocabularySize
    let decoder = Decoder(
      parameters: parameters, slots: 1, capacity: fixture.prompt.count + fixture.greedy.count,
      products: products)
    var next = fixture.prompt
    var said: [Int32] = []
    for _ in fixture.greedy {
      let logits = decoder.advance([.init(slot: 0, tokens: next[...])]).array()
      let most = try #require(logits.prefix(V).max())
      next = [Int32(try #require(logits.firstIndex(of: most)))]
      said += next
    }
    #expect(said == fixture.greedy)
  }

  @Test(arguments: FamilyFixture.names)
  func `gradients of every tensor equal those of transformers`(name: String) throws {
    let fixture = try FamilyFixture(name)
    let parameters = try model(name).parameters
    let places = try TensorPlaces(FamilyFixture.folder(name), parameters.layout)
    let trainer = Trainer(starting: parameters, settings: fixture.settings(), products: products)
    let (loss, _) = trainer.accumulate(fixture.sequences)
    #expect(abs(loss - fixture.loss) < 1e-5 * fixture.loss)
    #expect(fixture.gradients.count == places.count)
    for theirs in fixture.gradients {
      let ours = try places.slice(theirs.tensor, of: trainer.lastGradient)
      let norm = ours.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(norm - theirs.norm) < 1e-4 * theirs.norm, "\(theirs.tensor): \(norm), \(theirs.norm)")
      let scale = theirs.values.map(abs).max() ?? 0
      for (place, value) in zip(theirs.at, theirs.values) {
        #expect(
          abs(Double(ours[place]) - value) < 1e-4 * scale,
          "\(theirs.tensor)[\(place)]: \(ours[place]), \(value)")
      }
    }
  }

  @Test(arguments: FamilyFixture.names)
  func `ten losses of training all weights equal those of transformers`(name: String) throws {
    let fixture = try FamilyFixture(name)
    let trainer = Trainer(
      starting: try model(name).parameters, settings: fixture.settings(), products: products)
    for (update, theirs) in fixture.full.enumerated() {
      let ours = try trainer.update(fixture.sequences).loss
      #expect(abs(ours - theirs) < 2e-4 * theirs, "update \(update): \(ours) against \(theirs)")
    }
  }

  @Test(arguments: FamilyFixture.names)
  func `ten losses of training an adapter equal those of peft`(name: String) throws {
    let fixture = try FamilyFixture(name)
    let model = try model(name)
    let lora = fixture.lora
    let shape = AdapterShape(
      rank: lora.rank, alpha: lora.alpha, targets: Set(try lora.targets.map(FamilyFixture.target)))
    let adapter = Adapter(shape, for: model.architecture)
    for matrix in lora.initial {
      let tensor = try FamilyFixture.tensor(matrix.tensor, "lora_A", of: adapter)
      #expect([tensor.rows, tensor.columns] == matrix.shape)
      for (i, value) in matrix.values.enumerated() { adapter[tensor][i] = value }
    }
    #expect(lora.initial.count * 2 == adapter.layout.tensors.count)
    let trainer = Trainer(
      starting: model.parameters, adapter: adapter,
      settings: fixture.settings(learningRate: lora.learningRate),
      products: products)
    _ = trainer.accumulate(fixture.sequences)
    for theirs in lora.gradientNormsOfB {
      let tensor = try FamilyFixture.tensor(theirs.tensor, "lora_B", of: adapter)
      let ours = trainer.lastGradient.slice(tensor.offset, tensor.count).array()
      let norm = ours.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(norm - theirs.norm) < 1e-4 * theirs.norm, "\(theirs.tensor): \(norm), \(theirs.norm)")
    }
    for (update, theirs) in lora.losses.enumerated() {
      let ours = try trainer.update(fixture.sequences).loss
      #expect(abs(ours - theirs) < 2e-4 * theirs, "update \(update): \(ours) against \(theirs)")
    }
  }
}
