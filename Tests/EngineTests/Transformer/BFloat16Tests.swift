import Engine
import Testing

/// Matrices in bfloat16: what is rounded, and that nothing else changes. Single precision with the same numbers gives the same bits.
@Suite struct BFloat16Tests {
  /// The nearest of the two neighbours, found by trying both.
  private func nearest(_ number: Float) -> Float {
    let low = Float(bitPattern: number.bitPattern & 0xffff_0000)
    let high = Float(bitPattern: (number.bitPattern & 0xffff_0000) &+ 0x1_0000)
    let below = Double(number.magnitude) - Double(low.magnitude)
    // Beyond the greatest number the next place is infinity, which stands for 2¹²⁸.
    let above = (high.isInfinite ? 0x1p128 : Double(high.magnitude)) - Double(number.magnitude)
    if below != above { return below < above ? low : high }
    return low.bitPattern >> 16 & 1 == 0 ? low : high
  }

  @Test func `rounding gives the nearest number, of two the even one`() {
    for upper in stride(from: UInt32(0), to: 0x1_0000, by: 37) {
      for lower: UInt32 in [0, 1, 0x1234, 0x7fff, 0x8000, 0x8001, 0xcafe, 0xffff] {
        let number = Float(bitPattern: upper << 16 | lower)
        guard number.isFinite else { continue }
        #expect(roundedToBFloat16(number).bitPattern == nearest(number).bitPattern, "\(number)")
      }
    }
    #expect(roundedToBFloat16(.infinity) == .infinity)
    #expect(roundedToBFloat16(-.infinity) == -.infinity)
    #expect(roundedToBFloat16(.nan).isNaN)
    // A NaN whose only bits are those that go stays one.
    #expect(roundedToBFloat16(Float(bitPattern: 0x7f80_0001)).isNaN)
    #expect(roundedToBFloat16(-0.0).sign == .minus)
    #expect(roundedToBFloat16(.greatestFiniteMagnitude) == .infinity)
  }

  private func architecture(_ layers: Int, _ width: Int, _ heads: Int, _ shared: Int, _ D: Int, _ F: Int)
    -> Architecture
  {
    var a = Architecture(
      vocabularySize: 29, layers: layers, width: width, heads: heads, keyValueHeads: shared, headWidth: D,
      feedForward: F, contextLength: 128)
    a.attentionBias = true
    a.queryKeyNorm = layers % 2 == 1
    return a
  }

  /// Widths that are multiples of sixteen, of eight, and of neither.
  private static let shapes = [
    (2, 32, 4, 2, 8, 48), (1, 40, 5, 1, 12, 24), (2, 18, 3, 3, 6, 21), (1, 16, 2, 2, 8, 792),
  ]

  private func pair(_ shape: (Int, Int, Int, Int, Int, Int)) -> (rounded: Parameters, single: Parameters) {
    let a = architecture(shape.0, shape.1, shape.2, shape.3, shape.4, shape.5)
    let rounded = Parameters(copying: Parameters(architecture: a, seed: 3), format: .bfloat16)
    return (rounded, Parameters(copying: rounded))
  }

  @Test(arguments: shapes)
  func `matrices are rounded, norms and biases are not, and half the memory is taken`(
    shape: (Int, Int, Int, Int, Int, Int)
  ) {
    let a = architecture(shape.0, shape.1, shape.2, shape.3, shape.4, shape.5)
    let exact = Parameters(architecture: a, seed: 3)
    for (index, tensor) in exact.layout.tensors.enumerated() where !tensor.isDecayed {
      exact[tensor][0] = 1 + 0x1p-20 * Float(index + 1)
    }
    let rounded = Parameters(copying: exact, format: .bfloat16)
    for tensor in exact.layout.tensors {
      let numbers = rounded.weights(tensor)
      #expect(numbers.count == tensor.count)
      for index in 0..<tensor.count {
        let wanted =
          tensor.isDecayed ? roundedToBFloat16(exact[tensor][index]) : exact[tensor][index]
        #expect(numbers[index] == wanted, "\(tensor.name) \(index)")
      }
    }
    #expect(rounded.array() == Parameters(copying: rounded).array())
    #expect(
      Double(rounded.bytes) < 0.5 * Double(exact.bytes) + 64 + 4 * Double(a.layers * 8 * a.projectedWidth))
  }

  @Test(arguments: shapes, [1, 3])
  func `training and decoding give the bits of the same numbers in single precision`(
    shape: (Int, Int, Int, Int, Int, Int), threads: Int
  ) {
    let (rounded, single) = pair(shape)
    let V = single.architecture.vocabularySize
    let random = Philox(seed: 4, stream: "test")
    func sequence(_ length: Int) -> [Int32] {
      (0..<length).map { Int32(random.integer(below: 29, UInt32(length), 0, UInt64($0))) }
    }
    for length in [1, 2, 5, 6, 7, 16, 49] {
      #expect(
        allLogits(rounded, [sequence(length)], threads: threads) == allLogits(single, [sequence(length)]))
    }
    // Rounded weights are packed as they are; with an adapter, some of them are not.
    let shape = AdapterShape(rank: 2, alpha: 4, targets: [.query, .down])
    let adapter = Adapter(shape, for: single.architecture, seed: 5)
    for index in 0..<adapter.layout.count { adapter.all[index] += 0.01 }
    for adapter in [nil, adapter] {
      for (numerics, lanes) in Lanes.known.map({ (Numerics.native, $0) }) + [(.openblas, .available)] {
        let products = MatrixProducts(pool: WorkPool(threads: threads), numerics: numerics, lanes: lanes)
        let decoders = [rounded, single].map {
          Decoder(parameters: $0, adapter: adapter, slots: 20, capacity: 128, products: products)
        }
        for rows in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 20] {
          let segments = (0..<rows).map {
            Decoder.Segment(slot: $0, tokens: sequence(1 + ($0 * rows) % 4)[...])
          }
          let logits = decoders.map { $0.advance(segments).slice(0, rows * V).array() }
          #expect(logits[0] == logits[1], "\(rows) rows, \(lanes)")
        }
        if numerics == .native { #expect(decoders[0].bytes < decoders[1].bytes) }
      }
    }
  }

  @Test(arguments: shapes)
  func `an adapter learns the same, and full training leaves bfloat16`(
    shape: (Int, Int, Int, Int, Int, Int)
  ) throws {
    let (rounded, single) = pair(shape)
    let batch = (0..<5).map { item in
      TrainingSequence(
        tokens: (0..<9).map { Int32(($0 * 5 + item) % 29) }, weights: Array(repeating: 1, count: 9))
    }
    let settings = OptimizerSettings(learningRate: 1e-2, updates: 3)
    let products = MatrixProducts(pool: WorkPool(threads: 2), numerics: .native)
    let lora = AdapterShape(rank: 2, alpha: 4, targets: [.query, .gate, .output])
    let adapter = Adapter(lora, for: single.architecture, seed: 5)
    for dropout in [nil, AdapterDropout(probability: 0.3, seed: 1)] {
      let adapters = try [rounded, single].map { parameters in
        let trainer = Trainer(
          starting: parameters, adapter: adapter, dropout: dropout, settings: settings, products: products)
        for _ in 0..<3 { _ = try trainer.update(batch) }
        #expect(trainer.finish() === parameters)
        return try #require(trainer.finishAdapter())
      }
      #expect(adapters[0].all.array() == adapters[1].all.array())
      #expect(
        rounded.merged(with: adapters[0], pool: products.pool).array()
          == single.merged(with: adapters[1], pool: products.pool).array())
      withExtendedLifetime(adapters) {}
    }
    let full = try [rounded, single].map { parameters in
      let trainer = Trainer(starting: parameters, settings: settings, products: products)
      for _ in 0..<3 { _ = try trainer.update(batch) }
      return trainer.finish()
    }
    #expect(full[0].format == .float32)
    #expect(full[0].array() == full[1].array())
    #expect(full[0].array() != single.array())
  }

  @Test(arguments: FamilyFixture.names)
  func `a model of each family loads to what rounding its weights gives`(name: String) throws {
    let exact = try Model.load(FamilyFixture.folder(name))
    let loaded = try Model.load(FamilyFixture.folder(name), format: .bfloat16)
    #expect(loaded.parameters.format == .bfloat16)
    let rounded = Parameters(copying: exact.parameters, format: .bfloat16)
    #expect(loaded.parameters.array() == rounded.array())
    let said = MemoryEstimate.model(loaded.architecture, format: .bfloat16).bytes
    #expect(abs(said - loaded.parameters.bytes) < 256)
  }
}
