import Engine
import Testing

/// What is said beforehand against what the engine's buffers then take.
@Suite struct MemoryEstimateTests {
  private static let adapters: [AdapterShape?] = [
    nil, AdapterShape(rank: 4, alpha: 8, targets: [.query, .value]),
    AdapterShape(rank: 16, alpha: 8, targets: Set(AdapterShape.Target.allCases)),
  ]

  /// A family's shape, with a vocabulary larger than one block of the output layer.
  private func architecture(_ name: String) throws -> Architecture {
    var a = try ModelFiles.open(FamilyFixture.folder(name)).architecture
    a.vocabularySize = 5000
    a.contextLength = 512
    return a
  }

  private func sequences(_ lengths: [Int]) -> [[Int32]] {
    lengths.map { length in (0..<length).map { Int32($0 * 7 % 4999) } }
  }

  @Test(arguments: FamilyFixture.names, [[300, 20, 100], [9], [64, 64, 64, 64]])
  func `a pass takes of its workspace what is said, never more`(name: String, lengths: [Int]) throws {
    let a = try architecture(name)
    let parameters = Parameters(architecture: a, seed: 1)
    for shape in Self.adapters {
      for (threads, recomputing, drops) in [
        (1, false, false), (3, false, false), (1, true, true), (3, true, false), (2, false, true),
      ] {
        let workspace = Workspace()
        let adapter = shape.map { Adapter($0, for: a, seed: 2) }
        let dropout = drops && shape != nil ? AdapterDropout(probability: 0.1, seed: 3) : nil
        let count = adapter?.layout.count ?? parameters.layout.count
        let buffer = FloatBuffer(count: count)
        let gradients = buffer.floats
        let pass = TrainingPass(
          parameters: parameters, adapter: adapter, dropout: dropout,
          rotary: RotaryTables(a, positions: 512),
          products: MatrixProducts(pool: WorkPool(threads: threads), numerics: .native), workspace: workspace)
        let rows = Array(stride(from: 1, to: lengths.reduce(0, +), by: 2))
        pass.addGradient(
          of: sequences(lengths), labelsAt: rows,
          to: shape == nil ? .init(ofParameters: gradients) : .init(ofAdapter: gradients),
          recomputing: recomputing
        ) { _, logits in logits.fill(0.01) }
        let need = TrainingNeed(
          a, adapter: shape, drops: dropout != nil, tokens: lengths.reduce(0, +), labels: rows.count,
          longest: lengths.max() ?? 0, threads: threads, recomputing: recomputing
        ).count
        #expect(
          workspace.peak <= need,
          "rank \(shape?.rank ?? 0), \(threads) threads, recomputing \(recomputing), dropout \(drops)")
        #expect(
          Double(need) <= 1.1 * Double(workspace.peak),
          "rank \(shape?.rank ?? 0), \(threads) threads, recomputing \(recomputing), dropout \(drops)")
        #expect(buffer.count == count, "a view does not keep its buffer alive")
        #expect(workspace.bytes <= max(need, 1 << 18) * 4 + 32, "one piece was enough")
      }
    }
  }

  @Test(arguments: FamilyFixture.names, adapters)
  func `training takes the bytes that are said`(name: String, shape: AdapterShape?) throws {
    let a = try architecture(name)
    let lengths = [400, 112, 300]
    let trainer = Trainer(
      starting: Parameters(architecture: a, seed: 1), adapter: shape.map { Adapter($0, for: a, seed: 2) },
      settings: OptimizerSettings(learningRate: 1e-3, updates: 1),
      products: MatrixProducts(pool: WorkPool(threads: 2), numerics: .native))
    _ = trainer.accumulate(
      sequences(lengths).map { TrainingSequence(tokens: $0, weights: $0.map { _ in 1 }) })
    let said = MemoryEstimate.training(
      a, adapter: shape, tokens: 812, labels: 809, longest: 400, threads: 2
    ).bytes
    #expect(abs(said - trainer.bytes) < trainer.bytes / 20, "\(said) said, \(trainer.bytes) taken")
  }

  @Test(arguments: FamilyFixture.names, WeightFormat.allCases)
  func `sampling takes the bytes that are said`(name: String, format: WeightFormat) throws {
    let a = try architecture(name)
    let shape = format == .bfloat16 ? Self.adapters[1] : nil
    let decoder = Decoder(
      parameters: Parameters(copying: Parameters(architecture: a, seed: 1), format: format),
      adapter: shape.map { Adapter($0, for: a, seed: 1) }, slots: 9, capacity: 200,
      products: MatrixProducts(pool: WorkPool(threads: 2), numerics: .native))
    _ = decoder.advance(
      sequences(Array(repeating: 150, count: 9)).enumerated().map { .init(slot: $0, tokens: $1[...]) })
    let said = MemoryEstimate.sampling(
      a, format: format, adapter: shape, lanes: .init(count: 1, slots: 9), capacity: 200, promptTokens: 1350,
      threads: 2)
    // Room for merging is given back.
    let bytes = said.parts.filter { $0.name != "merging the adapter" }
      .reduce(0) { $0 + $1.bytes }
    #expect(abs(bytes - decoder.bytes) < decoder.bytes / 20, "\(bytes) said, \(decoder.bytes) taken")
  }

  @Test func `weights of a model are counted as they lie in memory`() throws {
    let a = try architecture("qwen3")
    #expect(MemoryEstimate.model(a).bytes == Parameters(architecture: a).all.count * 4)
    let shape = AdapterShape(rank: 3, alpha: 6, targets: [.gate, .down])
    let adapter = Adapter(shape, for: a)
    #expect(
      MemoryEstimate.model(a, adapter: shape).bytes
        == (Parameters(architecture: a).all.count + adapter.all.count) * 4)
  }

  @Test func `Qwen2.5 with 1.5 billion parameters trains an adapter and samples within 24 GB`() {
    var a = Architecture(
      vocabularySize: 151_936, layers: 28, width: 1536, heads: 12, keyValueHeads: 2, headWidth: 128,
      feedForward: 8960, contextLength: 32_768)
    a.attentionBias = true
    let shape = AdapterShape(rank: 8, alpha: 16, targets: Set(AdapterShape.Target.allCases))
    let weights = MemoryEstimate.model(a, adapter: shape).bytes
    let tokens = MicroBatch.tokens(a, movingAdapter: true, numerics: .native)
    let training = MemoryEstimate.training(
      a, adapter: shape, tokens: tokens, labels: tokens, longest: tokens, threads: 2
    ).bytes
    let lanes = Generator.lanes(
      a, parameters: ParameterLayout(a).count, capacity: 640, samples: 8, total: 1000, threads: 2)
    let sampling = MemoryEstimate.sampling(
      a, adapter: shape, lanes: lanes, capacity: 640, promptTokens: 512 * lanes.slots, threads: 2
    ).bytes
    #expect(weights > 6_000_000_000 && weights < 6_300_000_000)
    #expect(weights + training < 12_000_000_000, "\(training)")
    #expect(weights + sampling < 24_000_000_000, "\(sampling)")
  }

  @Test func `a workspace that grew in pieces holds one piece as large as it needs to be`() {
    let workspace = Workspace()
    for size in stride(from: 100_000, through: 3_000_000, by: 100_000) {
      workspace.reset()
      for part in 1...4 { workspace.scoped { _ = workspace.take(size * part) } }
      for _ in 0..<3 { _ = workspace.take(size) }
    }
    workspace.reset()
    #expect(workspace.peak >= 12_000_000)
    #expect(workspace.bytes <= workspace.peak * 4 + 64)
  }
}
