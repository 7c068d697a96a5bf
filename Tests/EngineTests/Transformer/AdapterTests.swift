import Engine
import Testing

/// LoRA: what is added, and what learns.
@Suite struct AdapterTests {
  private static let targets = Set(AdapterShape.Target.allCases)
  private let products = MatrixProducts(pool: WorkPool(threads: 2), numerics: .native)

  private func sequences(_ a: Architecture, seed: UInt64 = 5) -> [TrainingSequence] {
    let random = Philox(seed: seed, stream: "tokens")
    return (0..<4).map { item in
      let tokens = (0..<5 + 4 * item).map {
        Int32(random.integer(below: a.vocabularySize, UInt32(item), 0, UInt64($0)))
      }
      return TrainingSequence(tokens: tokens, weights: tokens.map { Float($0 % 3) * 0.5 })
    }
  }

  /// An adapter that does add something: neither of its matrices is 0.
  private func adapter(_ a: Architecture, targets: Set<AdapterShape.Target> = Self.targets) -> Adapter {
    let adapter = Adapter(AdapterShape(rank: 3, alpha: 6, targets: targets), for: a, seed: 9)
    let random = Philox(seed: 2, stream: "ups")
    for index in 0..<adapter.all.count where adapter.all[index] == 0 {
      adapter.all[index] = 0.1 * random.normal(0, 0, UInt64(index))
    }
    return adapter
  }

  @Test(arguments: Fixture.names)
  func `a new adapter changes no bit of the logits`(name: String) throws {
    let p = try Fixture(name).parameters
    let new = Adapter(AdapterShape(rank: 3, alpha: 6, targets: Self.targets), for: p.architecture, seed: 1)
    let plain = logits(p, nil)
    #expect(logits(p, new) == plain)
    #expect(logits(p, adapter(p.architecture)) != plain)
  }

  @Test(arguments: Fixture.names)
  func `adapted and merged models give the same bits, in training and in decoding`(name: String) throws {
    let p = try Fixture(name).parameters
    let adapter = adapter(p.architecture)
    let merged = p.merged(with: adapter, pool: products.pool)
    let adapted = logits(p, adapter)
    #expect(adapted == logits(merged, nil))
    let tokens: [Int32] = [1, 4, 9, 3, 7]
    let decoder = Decoder(
      parameters: p, adapter: adapter, slots: 1, capacity: 8, products: products)
    let decoded = decoder.advance([.init(slot: 0, tokens: tokens[...])]).array()
    let pass = TrainingPass(
      parameters: p, adapter: adapter, rotary: RotaryTables(p.architecture, positions: 8), products: products,
      workspace: Workspace())
    #expect(decoded == pass.logits([tokens], at: [4]).array())
  }

  @Test(arguments: Fixture.names)
  func `the gradient of every adapted matrix is the slope of the loss`(name: String) throws {
    let p = try Fixture(name).parameters
    let a = p.architecture
    let batch = sequences(a)
    let adapter = adapter(a)
    func loss(_ adapter: Adapter) -> (Double, [Float]) {
      let trainer = Trainer(
        starting: p, adapter: adapter, settings: OptimizerSettings(learningRate: 0, updates: 1),
        products: products)
      let loss = trainer.accumulate(batch).loss
      return (loss, trainer.lastGradient.array())
    }
    let gradient = loss(adapter).1
    #expect(gradient.count == adapter.layout.count)
    for tensor in adapter.layout.tensors {
      // The number with the steepest slope shows a fault best above rounding.
      let place = (tensor.offset..<tensor.offset + tensor.count).max { abs(gradient[$0]) < abs(gradient[$1]) }
      let index = try #require(place)
      let step: Float = 0.01
      func moved(by step: Float) -> Double {
        let copy = Adapter(copying: adapter, for: a)
        copy.all[index] += step
        return loss(copy).0
      }
      let slope = (moved(by: step) - moved(by: -step)) / Double(2 * step)
      #expect(
        abs(slope - Double(gradient[index])) < 0.02 * abs(slope) + 2e-4,
        "\(tensor.name): \(slope) and \(gradient[index])")
    }
  }

  @Test func `training moves the adapter alone, and only what it targets`() throws {
    let p = try Fixture("untied").parameters
    let before = p.array()
    let start = Adapter(
      AdapterShape(rank: 2, alpha: 4, targets: [.query, .down]), for: p.architecture, seed: 1)
    var settings = OptimizerSettings(learningRate: 0.01, updates: 30)
    settings.warmup = 0
    settings.schedule = .constant
    let trainer = Trainer(starting: p, adapter: start, settings: settings, products: products)
    let batch = sequences(p.architecture)
    let first = try trainer.update(batch).loss
    for _ in 1..<30 { _ = try trainer.update(batch) }
    #expect(trainer.accumulate(batch).loss < first - 0.05)
    #expect(p.array() == before)
    let end = try #require(trainer.finishAdapter())
    #expect(end.layout.tensors.map(\.name) == start.layout.tensors.map(\.name))
    #expect(end.all.array() != start.all.array())
    #expect(end.layout.tensors.allSatisfy { $0.name.contains("query") || $0.name.contains("down") })
  }

  @Test(arguments: Fixture.names)
  func `layers computed again on the way back give the same gradient`(name: String) throws {
    let p = try Fixture(name).parameters
    func gradient(recomputing: Bool) -> [Float] {
      let buffer = FloatBuffer(count: p.layout.count)
      let pass = TrainingPass(
        parameters: p, rotary: RotaryTables(p.architecture, positions: 24), products: products,
        workspace: Workspace())
      let objective = WeightedCrossEntropy()
      pass.addGradient(
        of: [[1, 5, 3, 8], [2, 7, 9]], labelsAt: [0, 2, 5], to: Gradients(ofParameters: buffer.floats),
        recomputing: recomputing
      ) { label, logits in
        _ = objective.apply(
          logits, label: Label(sequence: 0, position: 1, token: Int32(label + 3), weight: 1), denominator: 3)
      }
      return buffer.floats.array()
    }
    let kept = gradient(recomputing: false)
    #expect(kept.contains { $0 != 0 })
    #expect(gradient(recomputing: true) == kept)
  }

  private func logits(_ p: Parameters, _ adapter: Adapter?) -> [Float] {
    let pass = TrainingPass(
      parameters: p, adapter: adapter, rotary: RotaryTables(p.architecture, positions: 24),
      products: products,
      workspace: Workspace())
    return pass.logits([[1, 5, 3, 8], [2, 7, 9]], at: [0, 3, 6]).array()
  }
}
