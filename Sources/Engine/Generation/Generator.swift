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
  /// Numbers that keys and values of all slots may take: 64 million are 256 MB.
  private static let cacheSize = 1 << 26
  /// Tokens of prompts at which a step takes no further one, so that its intermediate results stay small.
  package static let promptTokensInStep = 2048
  /// Numbers that stay in the last-level cache: 16 MB.
  private static let nearCache = 1 << 22

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

  /// Conversations side by side, at least as many as one prompt's samples.
  ///
  /// Where the weights are small, so many that their keys and values stay in the last-level cache; where they are large, as many as possible,
  /// since each step reads all weights.
  package static func slots(_ a: Architecture, parameters: Int, capacity: Int, samples: Int) -> Int {
    let perSlot = capacity * a.keyValueHeads * a.headWidth * 2 * a.layers
    let room = parameters <= nearCache ? max(nearCache, 16 * perSlot) : cacheSize
    return max(samples, min(512, room / perSlot))
  }

  private struct Active {
    var request: Int
    var sample: Int
    var slot: Int
    var tokens: [Int32]
  }

  /// The samples of each request, in the requests' order.
  ///
  /// - Throws: `CancellationError`; `OperationError` when a prompt leaves no room for an answer.
  package func generate(_ requests: [GenerationRequest]) throws -> [[Generation]] {
    var results = requests.map { request in
      Array(repeating: Generation(tokens: [], finish: .truncated), count: request.sampleKeys.count)
    }
    let a = model.architecture
    let longest = requests.map(\.prompt.count).max() ?? 0
    guard longest < a.contextLength else {
      throw OperationError(
        "a prompt has \(longest) tokens, and the model's context holds \(a.contextLength)",
        remedy: "use a model with a longer context, or shorter questions")
    }
    let most = requests.map(\.sampleKeys.count).max() ?? 0
    let total = requests.reduce(0) { $0 + $1.sampleKeys.count }
    guard total > 0 else { return results }
    let capacity = min(a.contextLength, longest + decoding.maxTokens)
    let slots = min(
      total, Self.slots(a, parameters: model.parameters.layout.count, capacity: capacity, samples: most))
    let pool = WorkPool(threads: context.threads)
    let shared = sharedPrefix(of: requests)
    let decoder = Decoder(
      parameters: model.parameters, adapter: model.adapter, slots: shared.isEmpty ? slots : slots + 1,
      capacity: capacity, products: MatrixProducts(pool: pool, numerics: context.numerics))
    // One slot more holds what all prompts begin with, read once.
    if !shared.isEmpty { _ = decoder.advance([.init(slot: slots, tokens: shared)]) }
    var free = Array((0..<slots).reversed())
    var active: [Active] = []
    var next = 0
    var done = 0
    while done < total {
      if context.isCancelled() { throw CancellationError() }
      var segments = active.map { Decoder.Segment(slot: $0.slot, tokens: $0.tokens.suffix(1)) }
      var starting: [(request: Int, slot: Int)] = []
      var promptTokens = 0
      while next < requests.count, free.count >= requests[next].sampleKeys.count,
        promptTokens < Self.promptTokensInStep
      {
        if let slot = requests[next].sampleKeys.isEmpty ? nil : free.last {
          free.removeLast(requests[next].sampleKeys.count)
          starting.append((next, slot))
          decoder.truncate(slot: slot, to: 0)
          if !shared.isEmpty { decoder.copy(from: slots, to: slot) }
          let rest = requests[next].prompt[shared.count...]
          promptTokens += rest.count
          segments.append(.init(slot: slot, tokens: rest))
        }
        next += 1
      }
      let logits = decoder.advance(segments)
      // A request took the slots from its first one downwards in `free`; they are handed out again below, in order.
      var begun: [Active] = []
      var sources: [Int] = Array(active.indices)
      for (index, start) in starting.enumerated() {
        for sample in requests[start.request].sampleKeys.indices {
          let slot = sample == 0 ? start.slot : -1
          begun.append(Active(request: start.request, sample: sample, slot: slot, tokens: []))
          sources.append(active.count + index)
        }
      }
      assignSlots(&begun, starting, slots: slots, active: active, free: free, decoder)
      active += begun
      choose(&active, sources, logits, requests, pool)
      var remaining: [Active] = []
      for sample in active {
        let ended = sample.tokens.last.map(endTokens.contains) ?? false
        let limit = min(decoding.maxTokens, requests[sample.request].limits?[sample.sample] ?? .max)
        let isFull =
          sample.tokens.count >= limit
          || requests[sample.request].prompt.count + sample.tokens.count >= capacity
        if ended || isFull {
          results[sample.request][sample.sample] = Generation(
            tokens: sample.tokens, finish: ended ? .endOfTurn : .truncated)
          free.append(sample.slot)
          done += 1
        } else {
          remaining.append(sample)
        }
      }
      active = remaining
      context.report(.progress(done: done, total: total))
    }
    return results
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

  /// Gives the further samples of a prompt slots of their own, filled with the prompt's keys and values.
  private func assignSlots(
    _ begun: inout [Active], _ starting: [(request: Int, slot: Int)], slots: Int, active: [Active],
    free: [Int],
    _ decoder: Decoder
  ) {
    var isTaken = Array(repeating: false, count: slots)
    for sample in active { isTaken[sample.slot] = true }
    for slot in free { isTaken[slot] = true }
    for start in starting { isTaken[start.slot] = true }
    var candidate = 0
    var source = 0
    for index in begun.indices {
      if begun[index].sample == 0 {
        source = begun[index].slot
        continue
      }
      while isTaken[candidate] { candidate += 1 }
      isTaken[candidate] = true
      begun[index].slot = candidate
      decoder.copy(from: source, to: candidate)
    }
  }

  /// Appends the next token to each sample; `sources` says which row of the logits each one reads.
  private func choose(
    _ active: inout [Active], _ sources: [Int], _ logits: Floats, _ requests: [GenerationRequest],
    _ pool: WorkPool
  ) {
    let V = model.architecture.vocabularySize
    let scratch = FloatBuffer(count: active.count * V)
    let chosen = FloatBuffer(count: active.count)
    let samples = active
    pool.forEachRow(active.count) { row in
      let sample = samples[row]
      let own = scratch.floats.slice(row * V, V)
      own.copy(from: logits.slice(sources[row] * V, V))
      let request = requests[sample.request]
      let uniform = random.uniform(
        UInt32(truncatingIfNeeded: request.question), request.sampleKeys[sample.sample],
        UInt64(attempt) << 32 | UInt64(sample.tokens.count))
      chosen.floats[row] = Float(
        decoding.choose(own, uniform: uniform, suppressing: model.tokenizer.suppressed))
    }
    for row in active.indices { active[row].tokens.append(Int32(chosen.floats[row])) }
  }
}
