import Engine
import Synchronization
import Testing

/// How a batch goes through: which sequences together, which tokens at all.
@Suite struct MicroBatchTests {
  private func batch(_ lengths: [Int]) -> [TrainingSequence] {
    lengths.map {
      TrainingSequence(tokens: Array(repeating: 1, count: $0), weights: Array(repeating: 1, count: $0))
    }
  }

  @Test func `what goes together is full before it has too many tokens, and has one sequence at least`() {
    let lengths = [4, 4, 4, 9, 1, 2]
    #expect(MicroBatch.cut(batch(lengths), tokens: 8) == [0..<2, 2..<3, 3..<4, 4..<6])
    #expect(MicroBatch.cut(batch(lengths), tokens: 100) == [0..<6])
    #expect(MicroBatch.cut(batch(lengths), 2..<5, tokens: 13) == [2..<4, 4..<5])
    #expect(MicroBatch.cut([], tokens: 8).isEmpty)
  }

  @Test func `a small model's tokens go through while they stay in the cache`() {
    let a = Architecture(
      vocabularySize: 64, layers: 4, width: 128, heads: 4, keyValueHeads: 4, headWidth: 32,
      feedForward: 512, contextLength: 256)
    #expect(MicroBatch.tokensInGroup(a) == 2048)
    for adapter in [false, true] {
      #expect(MicroBatch.tokens(a, movingAdapter: adapter, numerics: .native) == 1024)
      #expect(MicroBatch.tokens(a, movingAdapter: adapter, numerics: .openblas) == 2048)
    }
  }

  @Test func `only an adapter under native numerics takes several groups together`() {
    let a = Architecture(
      vocabularySize: 49_152, layers: 30, width: 576, heads: 9, keyValueHeads: 3, headWidth: 64,
      feedForward: 1536, contextLength: 8192)
    let group = MicroBatch.tokensInGroup(a)
    #expect(group == 512)
    #expect(MicroBatch.tokens(a, movingAdapter: false, numerics: .native) == group)
    #expect(MicroBatch.tokens(a, movingAdapter: true, numerics: .openblas) == group)
    let most = MicroBatch.tokens(a, movingAdapter: true, numerics: .native)
    #expect(most > 2 * group)
    #expect(!MicroBatch.recomputes(a, tokens: most) && MicroBatch.recomputes(a, tokens: most + 1))
  }

  @Test func `tokens behind the last that a label is predicted from are left out`() {
    let batch = [
      TrainingSequence(tokens: [1, 2, 3, 4, 5], weights: [1, 0, 1, 0, 0]),
      TrainingSequence(tokens: [6, 7], weights: [1, 0]),
      TrainingSequence(tokens: [8, 9, 10], weights: [0, 2, 1]),
    ]
    let content = LabelledTokens(of: batch, 0..<3)
    #expect(content.sequences == [[1, 2], [], [8, 9]])
    #expect(content.rows == [1, 2, 3])
    #expect(content.labels.map(\.token) == [3, 9, 10])
    #expect(content.labels.map(\.sequence) == [0, 2, 2])
    #expect(content.tokens == 4)
    #expect(LabelledTokens(of: batch, 2..<3).rows == [0, 1])
  }

  @Test(arguments: Fixture.names)
  func `left-out tokens change no bit of a gradient`(name: String) throws {
    let parameters = try Fixture(name).parameters
    let batch = [
      TrainingSequence(tokens: [1, 5, 3, 8, 4, 2, 6], weights: [0, 0, 1, 0, 0.5, 0, 0]),
      TrainingSequence(tokens: [2, 7, 9], weights: [0, 0, 0]),
      TrainingSequence(tokens: [4, 4, 1, 8, 5], weights: [0, 0, 0, 0, 1]),
    ]
    let content = LabelledTokens(of: batch, 0..<3)
    // Row 1 and 3 of the first sequence, row 3 of the third, counted with all tokens.
    let whole = gradient(
      parameters, nil, nil, batches: [(0, batch.map(\.tokens), [1, 3, 13])], labels: content.labels)
    let left = gradient(
      parameters, nil, nil, batches: [(0, content.sequences, content.rows)], labels: content.labels)
    #expect(left == whole)
    #expect(whole.contains { $0 != 0 })
  }

  @Test(arguments: Fixture.names)
  func `an adapter's gradient has the same bits however a batch is cut`(name: String) throws {
    let parameters = try Fixture(name).parameters
    let a = parameters.architecture
    let shape = AdapterShape(rank: 2, alpha: 4, targets: Set(AdapterShape.Target.allCases))
    let adapter = Adapter(shape, for: a, seed: 2)
    for index in 0..<adapter.all.count { adapter.all[index] += 0.01 * Float(index % 7) }
    let batch = [[1, 5, 3, 8], [2, 7, 9], [6], [4, 4, 1, 8, 5]].map { (tokens: [Int32]) in
      TrainingSequence(tokens: tokens + [3], weights: Array(repeating: 1, count: tokens.count + 1))
    }
    let labels = LabelledTokens(of: batch, 0..<4).labels
    for dropout in [nil, AdapterDropout(probability: 0.3, seed: 1)] {
      func cut(_ ranges: [Range<Int>]) -> [Float] {
        gradient(
          parameters, adapter, dropout,
          batches: ranges.map {
            let content = LabelledTokens(of: batch, $0)
            return ($0.lowerBound, content.sequences, content.rows)
          }, labels: labels)
      }
      let together = cut([0..<4])
      #expect(together.contains { $0 != 0 })
      #expect(cut([0..<2, 2..<4]) == together)
      #expect(cut([0..<1, 1..<2, 2..<3, 3..<4]) == together)
    }
  }

  @Test(arguments: Fixture.names)
  func `a group's gradient has the same bits however it is cut`(name: String) throws {
    let parameters = try Fixture(name).parameters
    let batch = [[1, 5, 3, 8], [2, 7, 9], [6], [4, 4, 1, 8, 5]].map { (tokens: [Int32]) in
      TrainingSequence(tokens: tokens + [3], weights: Array(repeating: 1, count: tokens.count + 1))
    }
    let labels = LabelledTokens(of: batch, 0..<4).labels
    func cut(_ ranges: [Range<Int>]) -> [Float] {
      gradient(
        parameters, nil, nil,
        batches: ranges.map {
          let content = LabelledTokens(of: batch, $0)
          return ($0.lowerBound, content.sequences, content.rows)
        }, labels: labels)
    }
    let together = cut([0..<4])
    #expect(together.contains { $0 != 0 })
    #expect(cut([0..<2, 2..<4]) == together)
    #expect(cut([0..<1, 1..<2, 2..<3, 3..<4]) == together)
  }

  @Test(arguments: [false, true])
  func `a trainer's micro-batches give the bits of whole groups`(isTied: Bool) throws {
    var a = Architecture(
      vocabularySize: 64, layers: 2, width: 48, heads: 2, keyValueHeads: 1, headWidth: 16, feedForward: 40,
      contextLength: 128)
    a.tiedEmbeddings = isTied
    let parameters = Parameters(architecture: a, seed: 3)
    // 2,310 tokens in two groups, the first of two micro-batches; the sequences that end it have no label.
    let batch = (0..<33).map { sequence in
      TrainingSequence(
        tokens: (0..<70).map { Int32(($0 * 7 + sequence * 5) % 64) },
        weights: Array(repeating: 15..<29 ~= sequence ? 0 : 1, count: 70))
    }
    let groups = MicroBatch.cut(batch, tokens: MicroBatch.tokensInGroup(a))
    #expect(groups == [0..<29, 29..<33])
    #expect(MicroBatch.tokens(a, movingAdapter: false, numerics: .native) == 1024)
    let products = MatrixProducts(pool: WorkPool(threads: 2), numerics: .native)
    let trainer = Trainer(
      starting: parameters, settings: OptimizerSettings(learningRate: 0, updates: 1), products: products)
    let (loss, labels) = trainer.accumulate(batch)
    let buffer = FloatBuffer(count: parameters.layout.count)
    let pass = TrainingPass(
      parameters: parameters, rotary: RotaryTables(a, positions: 128), products: products,
      workspace: Workspace())
    let objective = WeightedCrossEntropy()
    var expected = 0.0
    for group in groups {
      let content = LabelledTokens(of: batch, group)
      let losses = FloatBuffer(count: content.labels.count)
      pass.addGradient(
        of: content.sequences, labelsAt: content.rows, to: .init(ofParameters: buffer.floats)
      ) { label, logits in
        losses.floats[label] = objective.apply(
          logits, label: content.labels[label], denominator: Float(labels))
      }
      expected += losses.floats.array().reduce(0.0) { $0 + Double($1) }
    }
    #expect(loss == expected && loss > 0)
    #expect(trainer.lastGradient.array() == buffer.floats.array())
  }

  /// The gradient of cross-entropy over the passes of one group: each the place of its first sequence, tokens, and rows of labels.
  private func gradient(
    _ parameters: Parameters, _ adapter: Adapter?, _ dropout: AdapterDropout?,
    batches: [(first: Int, sequences: [[Int32]], rows: [Int])], labels: [Label]
  ) -> [Float] {
    let buffer = FloatBuffer(count: adapter?.layout.count ?? parameters.layout.count)
    let pass = TrainingPass(
      parameters: parameters, adapter: adapter, dropout: dropout,
      rotary: RotaryTables(parameters.architecture, positions: 24),
      products: MatrixProducts(pool: WorkPool(threads: 2), numerics: .native), workspace: Workspace())
    let objective = WeightedCrossEntropy()
    var done = 0
    for (index, batch) in batches.enumerated() {
      pass.addGradient(
        of: batch.sequences, from: batch.first, labelsAt: batch.rows,
        to: adapter == nil ? .init(ofParameters: buffer.floats) : .init(ofAdapter: buffer.floats),
        endsGroup: index == batches.count - 1
      ) { label, logits in
        _ = objective.apply(logits, label: labels[done + label], denominator: 3)
      }
      done += batch.rows.count
    }
    return buffer.floats.array()
  }

  @Test(arguments: [1, 2, 3])
  func `rows are prepared once before their product and finished once after`(threads: Int) {
    let random = Philox(seed: 7, stream: "test")
    for (rows, depth, columns) in [(1, 5, 3), (7, 40, 33), (100, 24, 48), (1600, 8, 20), (1601, 600, 1000)] {
      let pool = WorkPool(threads: threads)
      let x = FloatBuffer((0..<rows * depth).map { random.normal(0, 0, UInt64($0)) })
      let w = FloatBuffer((0..<columns * depth).map { random.normal(1, 0, UInt64($0)) })
      let storage = FloatBuffer(count: PackedMatrix.size(depth: depth, columns: columns))
      let packed = PackedMatrix(
        transposing: w.floats, columns: columns, depth: depth, into: storage.floats, pool: pool)
      let products = MatrixProducts(pool: pool, numerics: .native)
      let expected = FloatBuffer(count: rows * columns)
      products.multiply(x.floats, rows: rows, by: packed, into: expected.floats)
      let y = FloatBuffer(count: rows * columns)
      let made = FloatBuffer(count: rows * depth)
      let prepared = Mutex(Array(repeating: 0, count: rows))
      let finished = Mutex(Array(repeating: 0, count: rows))
      products.multiply(
        made.floats, rows: rows, by: packed, into: y.floats,
        preparing: { range in
          let start = range.lowerBound * depth
          made.floats.slice(start, range.count * depth).copy(
            from: x.floats.slice(start, range.count * depth))
          prepared.withLock { for row in range { $0[row] += 1 } }
        },
        finishing: { range in
          for at in range.lowerBound * columns..<range.upperBound * columns { y.floats[at] *= 2 }
          finished.withLock { for row in range { $0[row] += 1 } }
        })
      #expect(prepared.withLock { $0.allSatisfy { $0 == 1 } }, "\(rows) rows")
      #expect(finished.withLock { $0.allSatisfy { $0 == 1 } }, "\(rows) rows")
      #expect(y.floats.array() == expected.floats.array().map { 2 * $0 }, "\(rows) × \(columns) × \(depth)")
      withExtendedLifetime((x, w, storage, made, y, expected)) {}
    }
  }

  @Test(arguments: [1, 3])
  func `a matrix packed as its rows come is the matrix packed from memory`(threads: Int) {
    let pool = WorkPool(threads: threads)
    for (depth, columns) in [(1, 1), (8, 16), (5, 40), (77, 33), (200, 7)] {
      let b = FloatBuffer((0..<depth * columns).map { Float($0) + 1 })
      let size = PackedMatrix.size(depth: depth, columns: columns)
      let one = FloatBuffer(count: size)
      let other = FloatBuffer(count: size)
      for index in 0..<size { other.floats[index] = -1 }
      let scratch = FloatBuffer(count: PackedMatrix.scratchSize(columns: columns, threads: threads))
      _ = PackedMatrix(copying: b.floats, depth: depth, columns: columns, into: one.floats, pool: pool)
      _ = PackedMatrix(
        depth: depth, columns: columns, into: other.floats, scratch: scratch.floats, pool: pool
      ) { row, target in
        target.copy(from: b.floats.slice(row * columns, columns))
      }
      #expect(one.floats.slice(0, size).array() == other.floats.slice(0, size).array())
      withExtendedLifetime((b, one, other, scratch)) {}
    }
  }
}
