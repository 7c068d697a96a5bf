import Engine
import Testing

/// Results depend on the numbers only: not on threads, on company, or on the pieces a conversation came in.
@Suite struct BitsTests {
  private static let numerics: [Numerics] = [.native, .openblas]

  @Test(arguments: Fixture.names, Self.numerics)
  func `logits are the same bits with one to four threads`(
    name: String, numerics: Numerics
  ) throws {
    let fixture = try Fixture(name)
    let sequences = fixture.batch.map(\.tokens) + Array(repeating: fixture.batch[3].tokens, count: 9)
    let one = allLogits(fixture.parameters, sequences, numerics: numerics)
    for threads in 2...4 {
      #expect(allLogits(fixture.parameters, sequences, threads: threads, numerics: numerics) == one)
    }
  }

  @Test(arguments: Fixture.names, Self.numerics)
  func `a sequence alone has the bits it has among others`(
    name: String, numerics: Numerics
  ) throws {
    let fixture = try Fixture(name)
    let sequences = fixture.batch.map(\.tokens)
    let together = allLogits(fixture.parameters, sequences, numerics: numerics)
    var start = 0
    let V = fixture.header.architecture.vocabularySize
    for sequence in sequences {
      let alone = allLogits(fixture.parameters, [sequence], numerics: numerics)
      #expect(alone == Array(together[start * V..<(start + sequence.count) * V]))
      start += sequence.count
    }
    let reversed = allLogits(fixture.parameters, sequences.reversed(), numerics: numerics)
    #expect(Array(reversed.suffix(sequences[0].count * V)) == Array(together.prefix(sequences[0].count * V)))
  }

  @Test(arguments: Fixture.names, Self.numerics)
  func `decoding gives the bits of training, token by token, in pieces or at once`(
    name: String, numerics: Numerics
  ) throws {
    let fixture = try Fixture(name)
    let a = fixture.header.architecture
    let sequence = fixture.batch[3].tokens
    let V = a.vocabularySize
    let all = allLogits(fixture.parameters, [sequence], numerics: numerics)
    for threads in [1, 3] {
      let decoder = Decoder(
        parameters: fixture.parameters, slots: 5, capacity: a.contextLength,
        products: MatrixProducts(pool: WorkPool(threads: threads), numerics: numerics))
      // Slot 0 token by token; slot 2 in pieces beside it; slot 4 a copy of slot 0 half-way.
      for position in sequence.indices {
        var segments = [Decoder.Segment(slot: 0, tokens: sequence[position...position])]
        if position % 3 == 2 { segments.append(.init(slot: 2, tokens: sequence[position - 2...position])) }
        let logits = decoder.advance(segments)
        #expect(logits.slice(0, V).array() == Array(all[position * V..<(position + 1) * V]))
        if segments.count == 2 {
          #expect(logits.slice(V, V).array() == Array(all[position * V..<(position + 1) * V]))
        }
        if position == sequence.count / 2 { decoder.copy(from: 0, to: 4, first: position + 1) }
      }
      let logits = decoder.advance([
        .init(slot: 4, tokens: sequence[(sequence.count / 2 + 1)...]), .init(slot: 1, tokens: sequence[...]),
      ])
      #expect(logits.slice(0, V).array() == Array(all.suffix(V)))
      #expect(logits.slice(V, V).array() == Array(all.suffix(V)))
    }
  }

  @Test(arguments: Fixture.names, Self.numerics)
  func `training gives the same weights with one to four threads`(
    name: String, numerics: Numerics
  ) throws {
    let fixture = try Fixture(name)
    func trained(_ threads: Int) throws -> [Float] {
      let trainer = Trainer(
        starting: fixture.parameters, settings: fixture.settings,
        products: MatrixProducts(pool: WorkPool(threads: threads), numerics: numerics))
      for _ in 0..<3 { _ = try trainer.update(fixture.batch + fixture.batch) }
      return trainer.finish().array()
    }
    let one = try trained(1)
    for threads in 1...4 { #expect(try trained(threads) == one, "\(threads)") }
  }

  @Test(arguments: Fixture.names)
  func `a program without vectors, tiles and threads gives the same bits`(name: String) throws {
    let fixture = try Fixture(name)
    let scalar = ScalarTransformer(parameters: fixture.parameters)
    for sequence in fixture.batch.map(\.tokens) {
      #expect(allLogits(fixture.parameters, [sequence], threads: 2) == scalar.logits(sequence))
    }
  }

  @Test(arguments: [(1, 16, 2, 1, 8, 24), (2, 24, 3, 3, 8, 40), (1, 40, 5, 1, 12, 17), (2, 32, 4, 2, 20, 33)])
  func `so it does for odd widths and lengths`(
    layers: Int, width: Int, heads: Int, keyValueHeads: Int, headWidth: Int, feedForward: Int
  ) {
    let architecture = Architecture(
      vocabularySize: 29, layers: layers, width: width, heads: heads, keyValueHeads: keyValueHeads,
      headWidth: headWidth, feedForward: feedForward, contextLength: 128)
    let parameters = Parameters(architecture: architecture, seed: 3)
    let random = Philox(seed: 4, stream: "test")
    for length in [1, 2, 5, 6, 7, 15, 16, 17, 49, 97] {
      let sequence = (0..<length).map { Int32(random.integer(below: 29, 0, 0, UInt64($0))) }
      let ours = allLogits(parameters, [sequence], threads: 3)
      #expect(ours == ScalarTransformer(parameters: parameters).logits(sequence), "\(length) tokens")
    }
  }

  @Test
  func `a sample alone is the sample among a thousand, with the log-probability that training gives it`()
    throws
  {
    let fixture = try Fixture(Fixture.names[0])
    let a = fixture.header.architecture
    let model = fixture.model
    func generate(_ questions: Range<Int>, threads: Int) throws -> [[Generation]] {
      let generator = Generator(
        model: model, decoding: Decoding(temperature: 0.8, topP: 0.9, maxTokens: 9),
        random: Philox(seed: 5, stream: "test"),
        attempt: 1, context: ExecutionContext(threads: threads))
      return try generator.generate(
        questions.map { question in
          GenerationRequest(
            question: question,
            prompt: (0..<1 + question % 7).map { Int32(2 + ($0 + question) % (a.vocabularySize - 2)) },
            sampleKeys: Array(0..<UInt32(1 + question % 3)))
        })
    }
    let together = try generate(0..<1000, threads: 2)
    for question in [0, 1, 17, 500, 998] {
      #expect(try generate(question..<question + 1, threads: 1)[0] == together[question])
    }
    #expect(try generate(0..<1000, threads: 3) == together)
  }

  @Test func `conversations go side by side in rounds of equal size`() {
    func lanes(_ width: Int, samples: Int, total: Int, threads: Int) -> Generator.Lanes {
      let a = Architecture(
        vocabularySize: 64, layers: 4, width: width, heads: 4, keyValueHeads: 4, headWidth: width / 4,
        feedForward: 4 * width, contextLength: 256)
      return Generator.lanes(
        a, parameters: ParameterLayout(a).count, capacity: 192, samples: samples, total: total,
        threads: threads)
    }
    // Small weights: each thread for itself, ten at a time at the most, as many as have their keys and values in the cache.
    #expect(lanes(128, samples: 1, total: 40, threads: 2) == .init(count: 2, slots: 10))
    // Eight, four times; not ten, three times, and two at last.
    #expect(lanes(128, samples: 1, total: 64, threads: 2) == .init(count: 2, slots: 8))
    #expect(lanes(128, samples: 1, total: 1, threads: 2) == .init(count: 1, slots: 1))
    // A prompt has one lane, whose threads go together.
    #expect(lanes(128, samples: 16, total: 16, threads: 2) == .init(count: 1, slots: 8))
    // Large weights: all threads together.
    #expect(lanes(1024, samples: 1, total: 32, threads: 2) == .init(count: 1, slots: 32))
    for (width, samples, total, threads) in [
      (128, 5, 2500, 2), (128, 3, 7, 4), (1024, 8, 1000, 2), (1024, 600, 600, 2), (128, 1, 2000, 1000),
    ] {
      let lanes = lanes(width, samples: samples, total: total, threads: threads)
      #expect(lanes.slots > 0 && (1...threads).contains(lanes.count))
    }
  }

  @Test func `a sample is the same whether its prompt's beginning is shared or read alone`() throws {
    let fixture = try Fixture(Fixture.names[0])
    let a = fixture.header.architecture
    let model = fixture.model
    let generator = Generator(
      model: model, decoding: Decoding(temperature: 1, maxTokens: 4), random: Philox(seed: 5, stream: "test"),
      attempt: 1, context: ExecutionContext(threads: 2))
    let beginning = (0..<16).map { Int32(2 + $0 * 5 % (a.vocabularySize - 2)) }
    let requests = (0..<40).map { question in
      GenerationRequest(
        question: question,
        prompt: beginning + (0...question % 3).map { Int32(2 + (question + $0) % (a.vocabularySize - 2)) },
        sampleKeys: Array(0..<UInt32(1 + question % 4)))
    }
    let together = try generator.generate(requests)
    for (request, expected) in zip(requests, together) {
      #expect(try generator.generate([request]) == [expected])
    }
    // A prompt that is the beginning of another still has a token of its own to read.
    let nested = [requests[0], GenerationRequest(question: 3, prompt: beginning, sampleKeys: [0, 1])]
    #expect(try generator.generate(nested) == nested.map { try generator.generate([$0])[0] })
  }

  @Test(arguments: Fixture.names)
  func `a prompt of any length gives the logits that training gives its last token`(name: String) throws {
    let parameters = try Fixture(name).parameters
    let a = parameters.architecture
    let random = Philox(seed: 6, stream: "test")
    let lengths = [1, 2, 15, 47, 48, 49, 96, 97].filter { $0 <= a.contextLength }
    let prompts = lengths.map { length in
      (0..<length).map { Int32(random.integer(below: a.vocabularySize, UInt32(length), 0, UInt64($0))) }
    }
    let decoder = Decoder(
      parameters: parameters, slots: prompts.count, capacity: a.contextLength,
      products: MatrixProducts(pool: WorkPool(threads: 2), numerics: .native))
    // All in one step, so that only some rows leave the last layer.
    let logits = decoder.advance(prompts.enumerated().map { .init(slot: $0, tokens: $1[...]) }).array()
    let V = a.vocabularySize
    for (row, prompt) in prompts.enumerated() {
      #expect(
        Array(logits[row * V..<(row + 1) * V]) == Array(allLogits(parameters, [prompt]).suffix(V)),
        "\(prompt.count) tokens")
    }
  }

  @Test(arguments: Fixture.names)
  func `rows without a label are left out, and the gradient keeps its bits`(name: String) throws {
    let parameters = try Fixture(name).parameters
    let a = parameters.architecture
    let sequences: [[Int32]] = [[1, 5, 3, 8, 4, 2, 6], [2, 7, 9], [3], [4, 4, 1, 8, 5]]
    let count = sequences.reduce(0) { $0 + $1.count }
    let shape = AdapterShape(rank: 2, alpha: 4, targets: Set(AdapterShape.Target.allCases))
    let adapter = Adapter(shape, for: a, seed: 2)
    for index in 0..<adapter.all.count { adapter.all[index] += 0.01 * Float(index % 7) }
    func gradient(
      _ adapter: Adapter?, _ dropout: AdapterDropout?, at rows: [Int], labels: Set<Int>, recomputing: Bool
    ) -> [Float] {
      let buffer = FloatBuffer(count: adapter?.layout.count ?? parameters.layout.count)
      let pass = TrainingPass(
        parameters: parameters, adapter: adapter, dropout: dropout,
        rotary: RotaryTables(a, positions: 24),
        products: MatrixProducts(pool: WorkPool(threads: 2), numerics: .native), workspace: Workspace())
      pass.addGradient(
        of: sequences, labelsAt: rows,
        to: adapter == nil ? .init(ofParameters: buffer.floats) : .init(ofAdapter: buffer.floats),
        recomputing: recomputing
      ) { label, logits in
        for v in 0..<logits.count {
          logits[v] = labels.contains(rows[label]) ? Float((rows[label] * 5 + v) % 13) * 0.1 - 0.6 : 0
        }
      }
      return buffer.floats.array()
    }
    for labels in [[0], [5, 9], [0, 1, 2, 6, 10, 15], Array(0..<count)] {
      for (adapter, dropout) in [
        (nil, nil), (adapter, nil), (adapter, AdapterDropout(probability: 0.3, seed: 1)),
      ] {
        let whole = gradient(
          adapter, dropout, at: Array(0..<count), labels: Set(labels), recomputing: false)
        #expect(whole.contains { $0 != 0 })
        for recomputing in [false, true] {
          #expect(
            gradient(adapter, dropout, at: labels, labels: Set(labels), recomputing: recomputing) == whole,
            "labels at \(labels), adapter \(adapter != nil), dropout \(dropout != nil)")
        }
      }
    }
  }

  @Test(arguments: Fixture.names, Self.numerics)
  func `a token's log-probability has the same bits when sampled and when trained on`(
    name: String, numerics: Numerics
  ) throws {
    let fixture = try Fixture(name)
    let V = fixture.header.architecture.vocabularySize
    let sequence = fixture.batch[3].tokens
    let trained = FloatBuffer(
      allLogits(fixture.parameters, [[2], sequence, sequence], threads: 2, numerics: numerics))
    let decoder = Decoder(
      parameters: fixture.parameters, slots: 2, capacity: sequence.count,
      products: MatrixProducts(pool: WorkPool(threads: 1), numerics: numerics))
    for position in 0..<sequence.count - 1 {
      let sampled = decoder.advance([.init(slot: 1, tokens: sequence[position...position])])
      let row = trained.floats.slice((1 + position) * V, V)
      let token = Int(sequence[position + 1])
      let difference = (sampled[token] - logSumExp(sampled, V)) - (row[token] - logSumExp(row, V))
      #expect(difference == 0 && exp(difference) == 1)
    }
  }

  @Test func `a product's bits are those of one chain, for any shape and tiling`() {
    let random = Philox(seed: 7, stream: "test")
    for (m, n, k) in [
      (1, 1, 1), (2, 16, 3), (5, 17, 9), (6, 15, 40), (7, 33, 1), (13, 31, 100), (97, 50, 33), (200, 300, 20),
      (25, 70, 800), (3, 130, 385), (6, 64, 5), (8, 64, 70), (9, 80, 33), (14, 128, 50), (19, 64, 400),
      (32, 144, 64), (1, 64, 64), (2, 112, 30), (3, 48, 7), (4, 64, 90), (5, 80, 1), (10, 208, 400),
      (11, 24, 6),
    ] {
      let a = FloatBuffer((0..<m * k).map { random.normal(0, 0, UInt64($0)) })
      let w = FloatBuffer((0..<n * k).map { random.normal(1, 0, UInt64($0)) })
      let c0 = (0..<m * n).map { random.normal(2, 0, UInt64($0)) }
      let storage = FloatBuffer(count: PackedMatrix.size(depth: k, columns: n))
      let packed = PackedMatrix(
        transposing: w.floats, columns: n, depth: k, into: storage.floats, pool: WorkPool(threads: 1))
      for adding in [false, true] {
        var expected: [Float] = []
        for i in 0..<m {
          for j in 0..<n {
            var chain = adding ? c0[i * n + j] : 0
            for p in 0..<k { chain = chain.addingProduct(a.floats[i * k + p], w.floats[j * k + p]) }
            expected.append(chain)
          }
        }
        for (threads, lanes) in Lanes.known.flatMap({ [(1, $0), (3, $0)] }) {
          let products = MatrixProducts(pool: WorkPool(threads: threads), numerics: .native, lanes: lanes)
          let c = FloatBuffer(c0)
          products.multiply(a.floats, rows: m, by: packed, into: c.floats, adding: adding)
          #expect(c.floats.array() == expected, "\(m) × \(n) × \(k), \(lanes)")
          // The same product with A turned, as gradients have it.
          let turned = FloatBuffer((0..<k * m).map { a.floats[$0 % m * k + $0 / m] })
          let scratch = FloatBuffer(count: products.tileSize)
          let d = FloatBuffer(c0)
          products.multiply(
            transposing: RowView(turned.floats, stride: m), rows: m, by: packed, into: d.floats,
            adding: adding,
            scratch: scratch.floats)
          #expect(d.floats.array() == expected, "turned \(m) × \(n) × \(k), \(lanes)")
          withExtendedLifetime((storage, turned, scratch)) {}
        }
      }
    }
  }

  @Test func `rows with panels of their own are the chains that each row would be alone`() {
    for (rows, count, depth) in [(1, 1, 1), (1, 7, 33), (2, 3, 5), (3, 2, 64), (4, 4, 17), (7, 6, 40)] {
      // Rows, panels and results lie further apart than they are long.
      let (aStep, panelsStep, cStep) = (depth + 3, count * (16 * depth + 16) + 5, 16 * count + 8)
      let random = Philox(seed: 5, stream: "test")
      let a = FloatBuffer((0..<rows * aStep).map { random.normal(0, 0, UInt64($0)) })
      let panels = FloatBuffer((0..<rows * panelsStep).map { random.normal(1, 0, UInt64($0)) })
      let before = FloatBuffer((0..<rows * cStep).map { random.normal(2, 0, UInt64($0)) })
      var expected = before.floats.array()
      for row in 0..<rows {
        for column in 0..<16 * count {
          let panel = row * panelsStep + column / 16 * (16 * depth + 16) + column % 16
          var chain: Float = 0
          for k in 0..<depth {
            chain = chain.addingProduct(a.floats[row * aStep + k], panels.floats[panel + 16 * k])
          }
          expected[row * cStep + column] = chain
        }
      }
      for lanes in Lanes.known {
        let c = FloatBuffer(before.floats.array())
        RowProducts(
          a: a.floats, aStep: aStep, panels: panels.floats, panelsStep: panelsStep,
          panelStride: 16 * depth + 16, depth: depth, c: c.floats, cStep: cStep, lanes: lanes
        ).run(rows: rows, panels: count)
        #expect(c.floats.array() == expected, "\(rows) rows of \(count) panels, \(depth) deep, \(lanes)")
      }
    }
  }

  @Test(arguments: [(1, 1), (3, 3), (7, 7), (19, 19), (6, 2)])
  func `steps of many conversations give the bits that each has alone`(heads: Int, keyValueHeads: Int) {
    let parameters = Parameters(
      architecture: Architecture(
        vocabularySize: 31, layers: 2, width: 24, heads: heads, keyValueHeads: keyValueHeads, headWidth: 20,
        feedForward: 40, contextLength: 64), seed: 3)
    // Of 1 to 40 tokens, so that some see more panels of keys than others.
    let conversations = (0..<19).map { slot in
      let count = 1 + slot * 39 / 18
      return (0..<count).map { place in Int32((7 * place + 3 * slot) % 31) }
    }
    let alone = conversations.map { Array(allLogits(parameters, [$0]).suffix(31)) }
    for threads in [1, 2, 4] {
      let decoder = Decoder(
        parameters: parameters, slots: conversations.count, capacity: 64,
        products: MatrixProducts(pool: WorkPool(threads: threads), numerics: .native))
      let longer = conversations.indices.filter { conversations[$0].count > 1 }
      _ = decoder.advance(longer.map { .init(slot: $0, tokens: conversations[$0].dropLast()) })
      let logits = decoder.advance(
        conversations.enumerated().map { .init(slot: $0, tokens: $1.suffix(1)) })
      #expect(logits.array() == alone.flatMap { $0 }, "\(threads) threads")
    }
  }
}
