import Engine
import Testing

/// Dropout of what an adapter reads.
@Suite struct AdapterDropoutTests {
  private let products = MatrixProducts(pool: WorkPool(threads: 2), numerics: .native)
  private let dropout = AdapterDropout(probability: 0.4, seed: 3)

  /// An adapter of every matrix that does add something.
  private func adapter(_ a: Architecture) -> Adapter {
    let adapter = Adapter(
      AdapterShape(rank: 3, alpha: 6, targets: Set(AdapterShape.Target.allCases)), for: a, seed: 9)
    let random = Philox(seed: 2, stream: "ups")
    for index in 0..<adapter.all.count where adapter.all[index] == 0 {
      adapter.all[index] = 0.1 * random.normal(0, 0, UInt64(index))
    }
    return adapter
  }

  private func pass(
    _ p: Parameters, _ adapter: Adapter, _ dropout: AdapterDropout?, threads: Int = 2
  ) -> TrainingPass {
    TrainingPass(
      parameters: p, adapter: adapter, dropout: dropout, rotary: RotaryTables(p.architecture, positions: 32),
      products: MatrixProducts(pool: WorkPool(threads: threads), numerics: .native), workspace: Workspace())
  }

  /// The gradient of a weighted sum of all logits, and that sum.
  private func gradient(
    _ p: Parameters, _ adapter: Adapter, _ dropout: AdapterDropout?, _ sequences: [[Int32]],
    from first: Int = 0,
    recomputing: Bool = false, threads: Int = 2
  ) -> (slopes: [Float], sum: Double) {
    let buffer = FloatBuffer(count: adapter.layout.count)
    let V = p.architecture.vocabularySize
    let count = sequences.reduce(0) { $0 + $1.count }
    let sums = FloatBuffer(count: count)
    pass(p, adapter, dropout, threads: threads).addGradient(
      of: sequences, from: first, labelsAt: Array(0..<count), to: Gradients(ofAdapter: buffer.floats),
      recomputing: recomputing
    ) { label, logits in
      for v in 0..<V {
        let weight = Float((label * 7 + v * 3) % 11) * 0.1 - 0.5
        sums.floats[label] += weight * logits[v]
        logits[v] = weight
      }
    }
    return (buffer.floats.array(), sums.floats.array().reduce(0) { $0 + Double($1) })
  }

  @Test func `so many numbers fall out, the others grow, and no two places are alike`() {
    let ones = FloatBuffer(Array(repeating: 1, count: 10_000))
    func mask(_ d: AdapterDropout, matrix: Int = 0, sequence: Int = 0, position: Int = 0) -> [Float] {
      let y = FloatBuffer(count: 10_000)
      d.apply(
        to: ones.floats, shift: 0, matrix: matrix, sequence: sequence, position: position, into: y.floats,
        10_000)
      return y.floats.array()
    }
    let first = mask(dropout)
    #expect(Set(first) == [0, 1 / (1 - 0.4)])
    #expect(abs(first.reduce(0, +) / 10_000 - 1) < 0.03)
    #expect(mask(dropout) == first)
    let others = [
      mask(dropout, matrix: 1), mask(dropout, sequence: 1), mask(dropout, position: 1),
      mask(dropout.at(update: 1)), mask(AdapterDropout(probability: 0.4, seed: 4)),
    ]
    for other in others {
      // Two masks that know nothing of each other agree in 0.4² + 0.6² of the places.
      let alike = zip(first, other).count { $0 == $1 }
      #expect(abs(Double(alike) / 10_000 - 0.52) < 0.03)
    }
  }

  @Test(arguments: Fixture.names)
  func `what an adapter reads of one token falls out as columns of A would`(name: String) throws {
    let p = try Fixture(name).parameters
    let adapter = adapter(p.architecture)
    let masked = Adapter(copying: adapter, for: p.architecture)
    for tensor in adapter.layout.tensors where tensor.name.hasSuffix("lora_A") {
      for row in 0..<tensor.rows {
        let own = masked[tensor].slice(row * tensor.columns, tensor.columns)
        dropout.apply(
          to: own, shift: 0, matrix: tensor.offset, sequence: 0, position: 0, into: own, tensor.columns)
      }
    }
    let dropped = gradient(p, adapter, dropout, [[5]]).sum
    let exact = gradient(p, masked, nil, [[5]]).sum
    #expect(abs(dropped - exact) < 1e-4 * max(1, abs(exact)))
    #expect(abs(dropped - gradient(p, adapter, nil, [[5]]).sum) > 1e-3, "nothing fell out")
  }

  @Test(arguments: Fixture.names)
  func `the gradient is the slope`(name: String) throws {
    let p = try Fixture(name).parameters
    let adapter = adapter(p.architecture)
    let sequences: [[Int32]] = [[1, 5, 3, 8], [2, 7, 9]]
    let slopes = gradient(p, adapter, dropout, sequences).slopes
    for tensor in adapter.layout.tensors {
      let place = (tensor.offset..<tensor.offset + tensor.count).max { abs(slopes[$0]) < abs(slopes[$1]) }
      let index = try #require(place)
      func moved(by step: Float) -> Double {
        let copy = Adapter(copying: adapter, for: p.architecture)
        copy.all[index] += step
        return gradient(p, copy, dropout, sequences).sum
      }
      let slope = (moved(by: 0.01) - moved(by: -0.01)) / 0.02
      #expect(
        abs(slope - Double(slopes[index])) < 0.02 * abs(slope) + 5e-4,
        "\(tensor.name): \(slope) and \(slopes[index])")
    }
  }

  @Test func `neither threads nor recomputation nor the micro-batch change a bit`() throws {
    let p = try Fixture("untied").parameters
    let adapter = adapter(p.architecture)
    let (a, b): ([Int32], [Int32]) = ([1, 5, 3, 8], [2, 7, 9])
    let whole = gradient(p, adapter, dropout, [a, b]).slopes
    for threads in [1, 3] {
      #expect(gradient(p, adapter, dropout, [a, b], threads: threads).slopes == whole)
    }
    #expect(gradient(p, adapter, dropout, [a, b], recomputing: true).slopes == whole)
    // The second sequence alone falls out as it does beside the first.
    let alone = gradient(p, adapter, dropout, [b], from: 1).slopes
    #expect(alone == gradient(p, adapter, dropout, [b], from: 1, recomputing: true).slopes)
    let other = gradient(p, adapter, dropout, [b], from: 0).slopes
    #expect(alone != other)
  }

  @Test func `training with dropout moves otherwise, and the same way again`() throws {
    let p = try Fixture("untied").parameters
    let start = adapter(p.architecture)
    let batch = [TrainingSequence(tokens: [1, 5, 3, 8], weights: [0, 1, 1, 1])]
    func trained(_ dropout: AdapterDropout?) throws -> [Float] {
      let trainer = Trainer(
        starting: p, adapter: start, dropout: dropout,
        settings: OptimizerSettings(learningRate: 0.01, updates: 5),
        products: products)
      for _ in 0..<5 { _ = try trainer.update(batch) }
      let adapter = try #require(trainer.finishAdapter())
      return withExtendedLifetime(adapter) { adapter.all.array() }
    }
    #expect(try trained(dropout) == trained(dropout))
    #expect(try trained(dropout) != trained(nil))
  }
}
