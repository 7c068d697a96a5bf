internal import Synchronization

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

/// Samples many answers at once: as one ends, the next begins in its place, and samples of one prompt share its reading.
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
  /// Tokens of prompts at which a step takes no further one, so that its intermediate results stay small.
  package static let promptTokensInStep = 2048
  /// Most weights with which each thread samples by itself: 16 MB, which stay in the last-level cache.
  private static let fewWeights = 1 << 22
  /// Numbers that keys and values of one lane's slots may take where they are to stay in the cache, 5 MB, unless these are fewer than four; and elsewhere, 512 MB.
  private static let nearCache = 5 << 18
  private static let farCache = 1 << 27
  /// Conversations of all lanes together.
  private static let mostConversations = 512

  /// - Parameter endTokens: by default the tokenizer's.
  package init(
    model: Model, decoding: Decoding, random: Philox, attempt: Int, context: ExecutionContext,
    endTokens: [Int32]? = nil
  ) {
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
  ///   - samples: of a request at the most: they begin together.
  ///   - total: samples of all requests.
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
    let even = (total + count * rounds - 1) / (count * rounds)
    return Lanes(count: count, slots: (even + samples - 1) / samples * samples)
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
        remedy: "use a model with a longer context, or shorter questions")
    }
    let queue = RequestQueue(requests)
    guard queue.total > 0 else { return queue.results }
    let capacity = min(a.contextLength, longest + decoding.maxTokens)
    let lanes = Self.lanes(
      a, parameters: model.parameters.layout.count, capacity: capacity,
      samples: requests.map(\.sampleKeys.count).max() ?? 1, total: queue.total, threads: context.threads)
    let pool = WorkPool(threads: context.threads)
    let products = MatrixProducts(
      pool: lanes.count == 1 ? pool : WorkPool(threads: 1), numerics: context.numerics)
    let shared = sharedPrefix(of: requests)
    let slots = shared.isEmpty ? lanes.slots : lanes.slots + 1
    let weights = DecodingWeights(
      model.parameters, adapter: model.adapter, positions: capacity, pool: pool,
      numerics: context.numerics)
    pool.run(lanes.count) { _ in
      let decoder = Decoder(weights, slots: slots, capacity: capacity, products: products)
      var lane = Lane(self, queue, decoder, products.pool, prefix: shared, slots: lanes.slots)
      do { try lane.run() } catch { queue.stop(error) }
    }
    if let error = queue.error { throw error }
    return queue.results
  }

  /// What all prompts begin with, such as examples before the question; nothing where that would save little. Each prompt has a token more.
  private func sharedPrefix(of requests: [GenerationRequest]) -> ArraySlice<Int32> {
    guard requests.count > 1, var shared = requests.first?.prompt.dropLast() else { return [] }
    for request in requests {
      let count = zip(shared, request.prompt.dropLast()).prefix { $0 == $1 }.count
      shared = shared.prefix(count)
    }
    return shared.count >= 16 ? shared : []
  }
}

/// Requests that wait, and what came of the others: all that lanes share.
private final class RequestQueue: Sendable {
  private struct State {
    var next = 0
    var done = 0
    var results: [[Generation]]
    var error: (any Error)?
  }

  let requests: [GenerationRequest]
  /// Samples of all requests.
  let total: Int
  private let state: Mutex<State>

  init(_ requests: [GenerationRequest]) {
    self.requests = requests
    total = requests.reduce(0) { $0 + $1.sampleKeys.count }
    state = Mutex(
      State(
        results: requests.map {
          Array(repeating: Generation(tokens: [], finish: .truncated), count: $0.sampleKeys.count)
        }))
  }

  /// The next request, unless it has more samples than there is room for.
  func take(room: Int) -> Int? {
    state.withLock { state in
      while state.next < requests.count, requests[state.next].sampleKeys.isEmpty { state.next += 1 }
      guard state.error == nil, state.next < requests.count, requests[state.next].sampleKeys.count <= room
      else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  /// Keeps a sample; gives how many there are now.
  func finish(request: Int, sample: Int, _ generation: Generation) -> Int {
    state.withLock { state in
      state.results[request][sample] = generation
      state.done += 1
      return state.done
    }
  }

  /// Lets the lanes begin nothing more, and finish no step that is not under way.
  func stop(_ error: any Error) {
    state.withLock { $0.error = $0.error ?? error }
  }

  var error: (any Error)? { state.withLock { $0.error } }
  var results: [[Generation]] { state.withLock { $0.results } }
}

/// One decoder's part of the work: as one sample ends, the next begins in its place.
private struct Lane {
  private struct Active {
    var request: Int
    var sample: Int
    var slot: Int
    var tokens: [Int32] = []
  }

  private let generator: Generator
  private let queue: RequestQueue
  private let decoder: Decoder
  private let pool: WorkPool
  /// What all prompts begin with, and the slot that holds it.
  private let prefix: ArraySlice<Int32>
  private let prefixSlot: Int
  private var free: [Int]
  private var active: [Active] = []

  init(
    _ generator: Generator, _ queue: RequestQueue, _ decoder: Decoder, _ pool: WorkPool,
    prefix: ArraySlice<Int32>, slots: Int
  ) {
    self.generator = generator
    self.queue = queue
    self.decoder = decoder
    self.pool = pool
    self.prefix = prefix
    prefixSlot = slots
    free = Array((0..<slots).reversed())
    if !prefix.isEmpty { _ = decoder.advance([.init(slot: prefixSlot, tokens: prefix)]) }
  }

  /// Samples until no request waits.
  mutating func run() throws {
    while queue.error == nil {
      if generator.context.isCancelled() { throw CancellationError() }
      var segments = active.map { Decoder.Segment(slot: $0.slot, tokens: $0.tokens.suffix(1)) }
      var rows = Array(active.indices)
      let begun = begin(&segments)
      if segments.isEmpty { return }
      let logits = decoder.advance(segments)
      for request in begun {
        // The samples of a prompt share its reading, and its logits.
        let row = rows.last.map { $0 + 1 } ?? 0
        for (sample, slot) in request.slots.enumerated() {
          if sample > 0 { decoder.copy(from: request.slots[0], to: slot) }
          active.append(Active(request: request.index, sample: sample, slot: slot))
          rows.append(row)
        }
      }
      choose(rows, logits)
      finish()
    }
  }

  /// Takes requests as long as there is room, and adds their prompts to a step.
  private mutating func begin(_ segments: inout [Decoder.Segment]) -> [(index: Int, slots: [Int])] {
    var begun: [(index: Int, slots: [Int])] = []
    var tokens = 0
    while tokens < Generator.promptTokensInStep, let index = queue.take(room: free.count) {
      let request = queue.requests[index]
      let slots = Array(free.suffix(request.sampleKeys.count).reversed())
      free.removeLast(slots.count)
      decoder.truncate(slot: slots[0], to: 0)
      if !prefix.isEmpty { decoder.copy(from: prefixSlot, to: slots[0]) }
      let rest = request.prompt[prefix.count...]
      tokens += rest.count
      segments.append(.init(slot: slots[0], tokens: rest))
      begun.append((index, slots))
    }
    return begun
  }

  /// Appends the next token to each sample; `rows` says which row of the logits each one reads.
  private mutating func choose(_ rows: [Int], _ logits: Floats) {
    let model = generator.model
    let V = model.architecture.vocabularySize
    let scratch = FloatBuffer(count: active.count * V)
    let chosen = FloatBuffer(count: active.count)
    let samples = active
    pool.forEachRow(samples.count) { index in
      let sample = samples[index]
      let own = scratch.floats.slice(index * V, V)
      own.copy(from: logits.slice(rows[index] * V, V))
      let request = queue.requests[sample.request]
      let uniform = generator.random.uniform(
        UInt32(truncatingIfNeeded: request.question), request.sampleKeys[sample.sample],
        UInt64(generator.attempt) << 32 | UInt64(sample.tokens.count))
      chosen.floats[index] = Float(
        generator.decoding.choose(own, uniform: uniform, suppressing: model.tokenizer.suppressed))
    }
    for index in active.indices { active[index].tokens.append(Int32(chosen.floats[index])) }
  }

  /// Hands over the samples that have ended, and frees their slots.
  private mutating func finish() {
    var remaining: [Active] = []
    for sample in active {
      let request = queue.requests[sample.request]
      let ended = sample.tokens.last.map(generator.endTokens.contains) ?? false
      let limit = min(generator.decoding.maxTokens, request.limits?[sample.sample] ?? .max)
      if ended || sample.tokens.count >= limit
        || request.prompt.count + sample.tokens.count >= decoder.capacity
      {
        let done = queue.finish(
          request: sample.request, sample: sample.sample,
          Generation(tokens: sample.tokens, finish: ended ? .endOfTurn : .truncated))
        free.append(sample.slot)
        generator.context.report(.progress(done: done, total: queue.total))
      } else {
        remaining.append(sample)
      }
    }
    active = remaining
  }
}
