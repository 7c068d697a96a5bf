/// Some samples of what a model says after one prompt.
package struct GenerationRequest: Sendable {
  /// Keys the random numbers, with the samples' own keys.
  package var question: Int
  package var prompt: [Int32]
  /// One for each sample.
  package var sampleKeys: [UInt32]
  /// Most tokens of each sample, below the decoding's own limit; `nil`: that limit for all.
  package var limits: [Int]?

  package init(question: Int, prompt: [Int32], sampleKeys: [UInt32], limits: [Int]? = nil) {
    self.question = question
    self.prompt = prompt
    self.sampleKeys = sampleKeys
    self.limits = limits
  }
}

/// What a model said.
package struct Generation: Hashable, Sendable {
  package var tokens: [Int32]
  package var finish: Turn.Finish
}

/// Samples many answers at once: as one ends, the next begins in its place, and what several begin with is read once.
///
/// What a sample says depends on the model, its prompt, and the random numbers of its question and key: not on what else is sampled.
package struct Generator {
  package let model: Model
  package let decoding: Decoding
  package let random: Philox
  /// Distinguishes the random numbers of one attempt from those of another.
  package let attempt: Int
  package let context: ExecutionContext
  /// Tokens that end an answer.
  package let endTokens: [Int32]
  /// Tokens of one prompt that a step reads, and of all together at which it begins no further one, so that its intermediate results stay small.
  package let portion: Int
  package static let usualPortion = 2048
  /// Most weights with which each thread samples by itself: 16 MB, which stay in the last-level cache.
  private static let fewWeights = 1 << 22
  /// Numbers that keys and values of one lane's slots may take where they are to stay in the cache, 8 MB, unless these are fewer than four; and elsewhere, 512 MB.
  private static let nearCache = 8 << 18
  private static let farCache = 1 << 27
  /// Conversations of all lanes together.
  private static let mostConversations = 512

  /// - Parameter endTokens: by default the tokenizer's.
  package init(
    model: Model, decoding: Decoding, random: Philox, attempt: Int, context: ExecutionContext,
    endTokens: [Int32]? = nil, portion: Int = usualPortion
  ) {
    self.portion = portion
    self.endTokens = endTokens ?? model.tokenizer.endTokens
    self.model = model
    self.decoding = decoding
    self.random = random
    self.attempt = attempt
    self.context = context
  }

  /// How many decoders work at the same time, and how many conversations each has side by side.
  package struct Lanes: Hashable, Sendable {
    package var count: Int
    package var slots: Int

    package init(count: Int, slots: Int) {
      self.count = count
      self.slots = slots
    }
  }

  /// Small weights are read from the cache by each thread for conversations of its own, so that no thread waits for another within a step; there are
  /// so few that their keys and values stay in the cache, too. Large weights are read from memory in each step, by all threads for as many
  /// conversations as possible.
  ///
  /// - Parameters:
  ///   - capacity: tokens of a conversation.
  ///   - samples: of a prompt at the most: one lane has them all.
  ///   - total: samples of all prompts.
  package static func lanes(
    _ a: Architecture, parameters: Int, capacity: Int, samples: Int, total: Int, threads: Int
  ) -> Lanes {
    let perSlot = capacity * a.keyValueHeads * a.headWidth * 2 * a.layers
    let isSmall = parameters <= fewWeights
    let count = isSmall ? max(1, min(threads, total / samples, mostConversations)) : 1
    let fitting = isSmall ? max(4, nearCache / perSlot) : max(1, farCache / perSlot)
    let most = min(mostConversations / count, fitting)
    // As many rounds as there have to be, and each as full as the others.
    let rounds = (total + count * most - 1) / (count * most)
    return Lanes(count: count, slots: (total + count * rounds - 1) / (count * rounds))
  }

  /// The samples of each request, in the requests' order.
  ///
  /// - Throws: `CancellationError`; `OperationError` when a prompt leaves no room for an answer.
  package func generate(_ requests: [GenerationRequest]) throws -> [[Generation]] {
    let a = model.architecture
    let longest = requests.map(\.prompt.count).max() ?? 0
    guard longest < a.contextLength else {
      throw OperationError(
        "a prompt has \(longest) tokens, and the model's context holds \(a.contextLength)",
        remedy: "use a model with a longer context, or shorter questions and prompts")
    }
    if let empty = requests.first(where: \.prompt.isEmpty) {
      throw OperationError(
        "the prompt of question \(empty.question + 1) has no tokens, so there is nothing for the model to go on from",
        remedy: "leave blank questions out, or write more into the prompt than the question")
    }
    let queue = PromptQueue(requests, most: decoding.maxTokens)
    try sample(queue, capacity: min(a.contextLength, longest + decoding.maxTokens))
    return queue.results
  }

  /// Answers all prompts of a queue in conversations of at most `capacity` tokens, in the lanes given or those that suit the model.
  package func sample(_ queue: PromptQueue, capacity: Int, lanes given: Lanes? = nil) throws {
    guard queue.total > 0 else { return }
    let lanes =
      given
      ?? Self.lanes(
        model.architecture, parameters: model.parameters.layout.count, capacity: capacity,
        samples: queue.prompts.map(\.samples.count).max() ?? 1, total: queue.total, threads: context.threads)
    let pool = WorkPool(threads: context.threads)
    let products = MatrixProducts(
      pool: lanes.count == 1 ? pool : WorkPool(threads: 1), numerics: context.numerics)
    let weights = DecodingWeights(
      model.parameters, adapter: model.adapter, positions: capacity, pool: pool,
      numerics: context.numerics)
    pool.run(lanes.count) { _ in
      let decoder = Decoder(weights, slots: lanes.slots, capacity: capacity, products: products)
      var lane = Lane(self, queue, decoder, products.pool)
      do { try lane.run() } catch { queue.stop(error) }
    }
    if let error = queue.error { throw error }
  }
}
