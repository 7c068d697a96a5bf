import Engine
import Testing

/// What several samples begin with is read once, and nothing that a sample says depends on it.
@Suite struct SharedReadingTests {
  private let model: Model
  private let alphabet: Int

  init() throws {
    let fixture = try Fixture(Fixture.names[0])
    alphabet = fixture.header.architecture.vocabularySize - 2
    model = fixture.model
  }

  private func generator(
    _ decoding: Decoding, threads: Int = 2, endTokens: [Int32]? = nil, portion: Int = 2048
  ) -> Generator {
    Generator(
      model: model, decoding: decoding, random: Philox(seed: 5, stream: "test"), attempt: 1,
      context: ExecutionContext(threads: threads), endTokens: endTokens, portion: portion)
  }

  /// What comes of some requests, and how many tokens the model read for it.
  private func sample(
    _ generator: Generator, _ requests: [GenerationRequest], capacity: Int = 24, lanes: Generator.Lanes
  ) throws -> (results: [[Generation]], read: Int) {
    let queue = PromptQueue(requests, most: generator.decoding.maxTokens)
    try generator.sample(queue, capacity: capacity, lanes: lanes)
    return (queue.results, queue.read)
  }

  private func prompt(_ seed: Int, _ count: Int) -> [Int32] {
    (0..<count).map { Int32(2 + (seed * 31 + $0 * 7 + $0 * $0 * seed) % alphabet) }
  }

  @Test func `a tree of any shape gives each sample what it has alone, in one slot or many`() throws {
    // Prompts that are equal, that share a beginning, that begin one another, and that have nothing in common; few letters, so that samples often agree.
    let beginning = prompt(1, 6)
    let requests = (0..<30).map { question in
      GenerationRequest(
        question: question,
        prompt: question % 5 == 0
          ? prompt(question, 3 + question % 4) : beginning + prompt(question % 3, question % 4),
        sampleKeys: (0..<UInt32(question % 7)).map { $0 * 3 },
        limits: question % 2 == 0 ? (0..<question % 7).map { 1 + ($0 * 5) % 9 } : nil)
    }
    for decoding in [
      Decoding(temperature: 0.3, maxTokens: 9), Decoding(temperature: 1, topP: 0.8, maxTokens: 9),
      Decoding.greedy(maxTokens: 9),
    ] {
      let generator = generator(decoding, endTokens: [2, 3, 5, 8, 13])
      let alone = try requests.map { request -> [Generation] in
        try request.sampleKeys.indices.map { index in
          var single = request
          single.sampleKeys = [request.sampleKeys[index]]
          single.limits = request.limits.map { [$0[index]] }
          return try generator.generate([single])[0][0]
        }
      }
      #expect(Set(alone.flatMap(\.self)).count < alone.flatMap(\.self).count, "some samples agree")
      for (count, slots) in [(1, 1), (1, 2), (2, 3), (3, 7), (1, 200)] {
        let together = try sample(
          generator, requests, lanes: Generator.Lanes(count: count, slots: slots))
        #expect(together.results == alone, "\(count) lanes of \(slots), temperature \(decoding.temperature)")
      }
      // Prompts that take several steps.
      for portion in [1, 2, 5] {
        let piecewise = self.generator(decoding, endTokens: [2, 3, 5, 8, 13], portion: portion)
        let together = try sample(piecewise, requests, lanes: Generator.Lanes(count: 2, slots: 3))
        #expect(together.results == alone, "\(portion) tokens at once")
      }
    }
  }

  @Test func `a prompt without tokens is refused, and so are logits that are no numbers`() throws {
    let request = GenerationRequest(question: 0, prompt: prompt(1, 5), sampleKeys: [0, 1])
    let empty = GenerationRequest(question: 1, prompt: [], sampleKeys: [0])
    for threads in [1, 2] {
      #expect(throws: OperationError.self) {
        try generator(.greedy(maxTokens: 4), threads: threads).generate([request, empty, request])
      }
    }
    let damaged = Parameters(copying: model.parameters)
    damaged.all.fill(.nan)
    for decoding in [
      Decoding.greedy(maxTokens: 4), Decoding(temperature: 1, maxTokens: 4),
      Decoding(temperature: 0.6, topP: 0.9, maxTokens: 4),
    ] {
      let generator = Generator(
        model: model.replacing(damaged), decoding: decoding, random: Philox(seed: 5, stream: "test"),
        attempt: 1,
        context: ExecutionContext(threads: 2))
      #expect(throws: OperationError.self) { try generator.generate([request]) }
    }
  }

  @Test(arguments: [1, 7, 8, 9, 40])
  func `a distribution is defined where every logit is a number or can never come`(count: Int) {
    for place in [0, count / 2, count - 1] {
      for (logit, isDefined) in [
        (Float.nan, false), (.infinity, false), (-.infinity, count > 1), (3e38, true), (-3e38, true),
      ] {
        let logits = FloatBuffer(count: count)
        logits.floats.fill(0.5)
        logits.floats[place] = logit
        let distribution = TokenDistribution(logits.floats, .greedy(maxTokens: 1), suppressing: nil)
        #expect(
          (distribution != nil) == isDefined || (count == 1 && logit == -.infinity), "\(logit) at \(place)")
      }
    }
  }

  @Test func `samples that say the same are computed once`() throws {
    let request = GenerationRequest(
      question: 0, prompt: prompt(1, 8), sampleKeys: Array(0..<16))
    let greedy = generator(.greedy(maxTokens: 6), endTokens: [])
    // Eight tokens of the prompt, and five of six of the answer: nothing follows the last.
    #expect(try sample(greedy, [request], lanes: .init(count: 1, slots: 16)).read == 13)
    // Every other request with the same prompt shares both.
    let twins = (0..<5).map { GenerationRequest(question: $0, prompt: request.prompt, sampleKeys: [0, 1]) }
    #expect(try sample(greedy, twins, lanes: .init(count: 1, slots: 4)).read == 13)
    // Samples that part share what they said before: as many tokens as the tree has nodes, whatever the slots.
    let generator = generator(Decoding(temperature: 1, maxTokens: 6), endTokens: [])
    for slots in [1, 3, 16] {
      let (results, read) = try sample(generator, [request], lanes: .init(count: 1, slots: slots))
      let said = Set(results[0].flatMap { sample in (1..<6).map { Array(sample.tokens.prefix($0)) } })
      #expect(read == 8 + said.count, "\(slots) slots")
    }
  }

  @Test func `a prompt is read from where it differs from the one before`() throws {
    let examples = prompt(1, 12)
    let requests = (0..<10).map {
      GenerationRequest(question: $0, prompt: examples + [Int32(2 + $0), Int32(3 + $0)], sampleKeys: [0])
    }
    let generator = generator(Decoding(temperature: 1, maxTokens: 1))
    for slots in [1, 4, 10] {
      // The examples once, and two tokens of each question, the first of which is its own.
      #expect(try sample(generator, requests, lanes: .init(count: 1, slots: slots)).read == 12 + 20)
    }
  }
}
