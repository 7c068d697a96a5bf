/// One decoder's part of the sampling.
///
/// Prompts and samples make a tree: samples of a prompt go together until they say different things, and a prompt is read from where it differs
/// from what a slot has read already. So no token is read twice after the same ones, as long as a slot still has them. A sample that parts from others waits with
/// the slot that holds their common beginning, until another slot is free to copy it or this one has ended: one slot is enough for any tree.
struct Lane {
  /// Samples of one prompt that have said the same so far: one row of a step serves them all.
  private struct Branch {
    let prompt: [Int32]
    var samples: [RequestedSample]
    /// What they said; the last token has not been read yet.
    var said: [Int32] = []

    /// Tokens before the one to be read.
    var depth: Int { prompt.count + said.count - 1 }
  }

  private struct Slot {
    /// The tokens whose keys and values it has.
    var history: [Int32] = []
    /// The tokens that it reads next.
    var unread: ArraySlice<Int32> = []
    /// Who reads them; nobody in a free slot.
    var branch: Branch?
    /// Branches that part from `history`, the one that parts latest last.
    var waiting: [Branch] = []
  }

  private let generator: Generator
  private let queue: PromptQueue
  private let decoder: Decoder
  private let pool: WorkPool
  private var slots: [Slot]
  private var free: [Int]
  /// A prompt that begins when what it shares with another has been read.
  private var held: SampledPrompt?

  init(_ generator: Generator, _ queue: PromptQueue, _ decoder: Decoder, _ pool: WorkPool) {
    self.generator = generator
    self.queue = queue
    self.decoder = decoder
    self.pool = pool
    slots = Array(repeating: Slot(), count: decoder.slots)
    free = Array((0..<decoder.slots).reversed())
  }

  /// Samples until no prompt waits.
  mutating func run() throws {
    while queue.error == nil {
      if generator.context.isCancelled() { throw CancellationError() }
      fill()
      let busy = slots.indices.filter { slots[$0].branch != nil }
      if busy.isEmpty { return }
      let segments = busy.map {
        Decoder.Segment(slot: $0, tokens: slots[$0].unread.prefix(generator.portion))
      }
      let logits = decoder.advance(segments)
      queue.count(read: segments.reduce(0) { $0 + $1.tokens.count })
      for segment in segments { keepRead(segment) }
      // Who has more of a prompt to read says nothing yet.
      let ready = busy.indices.filter { slots[busy[$0]].unread.isEmpty }
      let chosen = try choose(ready.map { (row: $0, slot: busy[$0]) }, logits)
      for (row, tokens) in zip(ready, chosen) { proceed(busy[row], tokens) }
    }
  }

  /// Notes that a slot has read a segment.
  private mutating func keepRead(_ segment: Decoder.Segment) {
    slots[segment.slot].history += segment.tokens
    slots[segment.slot].unread = slots[segment.slot].unread.dropFirst(segment.tokens.count)
  }

  // MARK: Beginning

  /// Gives free slots to branches that wait, then to prompts.
  private mutating func fill() {
    while !free.isEmpty, let source = slots.indices.first(where: { !slots[$0].waiting.isEmpty }) {
      let target = free.removeLast()
      // The one that parted first: the most is still to be said, and the least to be copied.
      let branch = slots[source].waiting.removeFirst()
      copy(from: source, to: target, first: branch.depth)
      occupy(target, branch)
    }
    // A prompt that takes several steps keeps others from beginning.
    var tokens = slots.reduce(0) { $0 + ($1.unread.count > 1 ? $1.unread.count : 0) }
    while !free.isEmpty, tokens < generator.portion, let prompt = held ?? queue.take() {
      held = prompt
      guard let count = begin(prompt) else { return }
      held = nil
      tokens += count
    }
  }

  /// Gives a prompt a free slot, with what any slot has read of it already; gives how many tokens are left to read.
  ///
  /// `nil`: half of it or more is being read for another prompt in the coming step, so it waits for that.
  private mutating func begin(_ prompt: SampledPrompt) -> Int? {
    let tokens = prompt.tokens
    var best = (slot: 0, count: 0)
    var coming = 0
    for (index, slot) in slots.enumerated() {
      // The last token is read in any case: its logits are needed.
      let shared = Self.shared(tokens.dropLast(), slot.history[...])
      if shared > best.count { best = (index, shared) }
      if shared == slot.history.count {
        coming = max(coming, shared + Self.shared(tokens.dropLast().dropFirst(shared), slot.unread))
      }
    }
    if coming > best.count, 2 * (coming - best.count) >= tokens.count { return nil }
    let target: Int
    if let place = free.lastIndex(of: best.slot) {
      target = free.remove(at: place)
      shorten(target, to: best.count)
    } else {
      target = free.removeLast()
      copy(from: best.slot, to: target, first: best.count)
    }
    slots[target].branch = Branch(prompt: tokens, samples: prompt.samples)
    slots[target].unread = tokens[best.count...]
    return tokens.count - best.count
  }

  /// How many tokens both begin with.
  private static func shared(_ a: ArraySlice<Int32>, _ b: ArraySlice<Int32>) -> Int {
    var count = 0
    while count < a.count, count < b.count, a[a.startIndex + count] == b[b.startIndex + count] { count += 1 }
    return count
  }

  /// Makes the first tokens of one slot another's.
  private mutating func copy(from source: Int, to target: Int, first count: Int) {
    decoder.copy(from: source, to: target, first: count)
    slots[target].history = Array(slots[source].history.prefix(count))
  }

  /// Leaves a slot its first tokens.
  private mutating func shorten(_ slot: Int, to count: Int) {
    decoder.truncate(slot: slot, to: count)
    slots[slot].history.removeLast(slots[slot].history.count - count)
  }

  /// Lets a branch read its last token in a slot that has those before.
  private mutating func occupy(_ slot: Int, _ branch: Branch) {
    slots[slot].unread = branch.said.suffix(1)
    slots[slot].branch = branch
  }

  // MARK: Going on

  private static let undefined = OperationError(
    "the model's logits are no finite numbers, so no token can be chosen",
    remedy:
      "its weights have grown beyond measure or its file is damaged: lower the learning_rate of the training before, or fetch the file again"
  )

  /// The next token of each sample, by slot; each with its row of the logits.
  ///
  /// - Throws: `OperationError` where the model's logits are no numbers.
  private func choose(_ ready: [(row: Int, slot: Int)], _ logits: Floats) throws -> [[Int32]] {
    let V = generator.model.architecture.vocabularySize
    let suppressed = generator.model.tokenizer.suppressed
    var first: [Int] = []
    var count = 0
    for (_, slot) in ready {
      first.append(count)
      count += slots[slot].branch?.samples.count ?? 0
    }
    let chosen = FloatBuffer(count: count)
    pool.forEachRow(ready.count) { [slots, generator, queue] place in
      let (row, slot) = ready[place]
      guard let branch = slots[slot].branch else { return }
      guard
        let distribution = TokenDistribution(
          logits.slice(row * V, V), generator.decoding, suppressing: suppressed)
      else { return queue.stop(Self.undefined) }
      for (index, sample) in branch.samples.enumerated() {
        let uniform =
          distribution.isCertain
          ? 0
          : generator.random.uniform(
            sample.question, sample.key, UInt64(generator.attempt) << 32 | UInt64(branch.said.count))
        chosen.floats[first[place] + index] = Float(distribution.token(at: uniform))
      }
    }
    if let error = queue.error { throw error }
    return ready.indices.map { place in
      let end = place + 1 < ready.count ? first[place + 1] : count
      return (first[place]..<end).map { Int32(chosen.floats[$0]) }
    }
  }

  /// Appends to each sample of a slot what was chosen for it: those that say the same stay together, those that end are handed over.
  private mutating func proceed(_ slot: Int, _ chosen: [Int32]) {
    guard let branch = slots[slot].branch else { return }
    slots[slot].branch = nil
    var parts: [Branch] = []
    for (sample, token) in zip(branch.samples, chosen) {
      if let place = parts.firstIndex(where: { $0.said.last == token }) {
        parts[place].samples.append(sample)
      } else {
        parts.append(Branch(prompt: branch.prompt, samples: [sample], said: branch.said + [token]))
      }
    }
    for var part in parts {
      part.samples = unfinished(part)
      if part.samples.isEmpty { continue }
      if slots[slot].branch == nil {
        occupy(slot, part)
      } else {
        slots[slot].waiting.append(part)
      }
    }
    guard slots[slot].branch == nil else { return }
    if let next = slots[slot].waiting.popLast() {
      shorten(slot, to: next.depth)
      occupy(slot, next)
    } else {
      slots[slot].unread = []
      free.append(slot)
    }
  }

  /// Hands over the samples of a branch that have ended, and gives the others.
  private func unfinished(_ branch: Branch) -> [RequestedSample] {
    let count = branch.said.count
    let isEnded = branch.said.last.map(generator.endTokens.contains) ?? false
    let isFull = branch.prompt.count + count >= decoder.capacity
    return branch.samples.filter { sample in
      guard isEnded || isFull || count >= sample.limit else { return true }
      let done = queue.finish(
        sample, Generation(tokens: branch.said, finish: isEnded ? .endOfTurn : .truncated))
      generator.context.report(.progress(done: done, total: queue.total))
      return false
    }
  }
}
