/// A model's weights as decoding needs them: several decoders may share them.
package struct DecodingWeights {
  fileprivate let parameters: Parameters
  fileprivate let rotary: RotaryTables
  fileprivate let packed: PackedParameters

  /// - Parameter positions: of the longest conversation.
  package init(
    _ parameters: Parameters, adapter: Adapter?, positions: Int, pool: WorkPool, numerics: Numerics
  ) {
    self.parameters = parameters
    rotary = RotaryTables(parameters.architecture, positions: positions)
    packed = PackedParameters(parameters, adapter: adapter, pool: pool, numerics: numerics)
  }

  fileprivate var bytes: Int { packed.bytes + rotary.bytes }
}

/// A model with a cache of keys and values for many conversations at once: what sampling runs on.
///
/// Each slot holds one conversation so far. One call appends ragged pieces to any slots, whole prompts and single tokens side by
/// side. What a slot gives depends on its own tokens only, not on the pieces they came in nor on the other slots.
package final class Decoder {
  /// Tokens to append to a slot's conversation.
  package struct Segment {
    package var slot: Int
    package var tokens: ArraySlice<Int32>

    package init(slot: Int, tokens: ArraySlice<Int32>) {
      self.slot = slot
      self.tokens = tokens
    }
  }

  package let slots: Int
  /// Tokens a slot has room for.
  package let capacity: Int
  private let block: Block
  private let weights: DecodingWeights
  private let workspace = Workspace()
  /// By layer: `[slots, key-value heads, capacity / 16, D, 16]`.
  private let keys: [FloatBuffer]
  /// By layer: `[slots, key-value heads, E / 16, capacity, 16]`.
  private let values: [FloatBuffer]
  private var lengths: [Int]
  /// Numbers that one head of one slot takes.
  private let keySize: Int
  private let valueSize: Int

  private var a: Architecture { block.a }
  private var packed: PackedParameters { weights.packed }
  private var pool: WorkPool { block.pool }

  package convenience init(
    parameters: Parameters, adapter: Adapter? = nil, slots: Int, capacity: Int, products: MatrixProducts
  ) {
    let weights = DecodingWeights(
      parameters, adapter: adapter, positions: capacity, pool: products.pool, numerics: products.numerics)
    self.init(weights, slots: slots, capacity: capacity, products: products)
  }

  package init(_ weights: DecodingWeights, slots: Int, capacity: Int, products: MatrixProducts) {
    self.weights = weights
    self.slots = slots
    self.capacity = min(capacity, weights.rotary.positions)
    block = Block(parameters: weights.parameters, rotary: weights.rotary, products: products)
    let a = block.a
    keySize = KeyValuePanels.keySize(tokens: self.capacity, a.headWidth)
    valueSize = KeyValuePanels.valueSize(tokens: self.capacity, a.headWidth)
    keys = (0..<a.layers).map { [keySize] _ in FloatBuffer(count: slots * a.keyValueHeads * keySize) }
    values = (0..<a.layers).map { [valueSize] _ in FloatBuffer(count: slots * a.keyValueHeads * valueSize) }
    lengths = Array(repeating: 0, count: slots)
  }

  /// Bytes that it holds beside the parameters.
  package var bytes: Int {
    weights.bytes + workspace.bytes + (keys + values).reduce(0) { $0 + $1.bytes }
  }

  /// Tokens in a slot.
  package func length(of slot: Int) -> Int { lengths[slot] }

  /// Forgets all but a slot's first `length` tokens.
  package func truncate(slot: Int, to length: Int) {
    lengths[slot] = min(lengths[slot], length)
  }

  /// Makes the first `count` tokens of one slot's conversation another's beginning: what two conversations share.
  package func copy(from source: Int, to target: Int, first count: Int) {
    precondition(count <= lengths[source], "slot \(source) has \(lengths[source]) tokens, not \(count)")
    let D = a.headWidth
    for layer in keys.indices {
      for head in 0..<a.keyValueHeads {
        let from = cache(layer, slot: source, heads: head..<head + 1)
        let to = cache(layer, slot: target, heads: head..<head + 1)
        let keys = KeyValuePanels.keySize(tokens: count, D)
        to.keys.slice(0, keys).copy(from: from.keys.slice(0, keys))
        for panel in 0..<roundedToPanels(D) / 16 {
          let place = 16 * panel * capacity
          to.values.slice(place, 16 * count).copy(from: from.values.slice(place, 16 * count))
        }
      }
    }
    lengths[target] = count
  }

  /// Appends each segment to its slot; gives logits `[segments.count, V]` after each one's last token, valid until the next call.
  ///
  /// - Precondition: no slot twice, no empty segment, and room for every token.
  package func advance(_ segments: [Segment]) -> Floats {
    let need = DecodingNeed(
      a, tokens: segments.reduce(0) { $0 + $1.tokens.count }, rows: segments.count, capacity: capacity,
      threads: pool.threads)
    workspace.reset(expecting: need.count)
    var tokens: [Int32] = []
    var positions: [Int32] = []
    var slotOfRow: [Int] = []
    var last: [Int] = []
    for segment in segments {
      precondition(!segment.tokens.isEmpty, "an empty segment")
      let length = lengths[segment.slot]
      precondition(length + segment.tokens.count <= capacity, "slot \(segment.slot) has no room")
      tokens += segment.tokens
      for i in 0..<segment.tokens.count {
        positions.append(Int32(length + i))
        slotOfRow.append(segment.slot)
      }
      lengths[segment.slot] = length + segment.tokens.count
      last.append(tokens.count - 1)
    }
    let pieces = pieces(of: segments)
    // Rows: all tokens, and behind the last layer's attention those from which a token is chosen.
    var T = tokens.count
    let C = a.width
    let F = a.feedForward
    let products = block.products
    let x = workspace.take(T * C)
    let normed = workspace.take(T * C)
    let inverses = workspace.take(T)
    let projected = workspace.take(T * a.projectedWidth)
    let attended = workspace.take(T * a.queryWidth)
    let gateAndUp = workspace.take(T * 2 * F)
    let hidden = workspace.take(T * F)
    let scratch = workspace.take(pool.threads * QueryBlock.scratchSize(keys: capacity, a.headWidth))
    block.embed(tokens, into: x)
    for (index, layer) in block.parameters.layout.layers.enumerated() {
      pool.normalize(
        x, weight: block.parameters[layer.attentionNorm], epsilon: a.normEpsilon, into: normed,
        inverses: inverses, T, C)
      products.multiply(normed, rows: T, by: packed.layers[index].projection, into: projected)
      let leavesRows = index == keys.count - 1 && last.count < T
      func remembering(_ rows: Range<Int>) {
        remember(projected, rows: rows, layer: index, slots: slotOfRow, positions: positions)
      }
      if segments.count == T {
        attend(
          projected, layer: index, tokens: pieces, scratch: scratch, into: attended, beginning: remembering)
      } else {
        pool.forEachRows(T, remembering)
        if leavesRows {
          attend(
            projected, layer: index, tokens: pieces.compactMap(\.lastOfSegment), scratch: scratch,
            into: attended)
        } else {
          attend(projected, layer: index, pieces, scratch: scratch, into: attended)
        }
      }
      if leavesRows {
        let rows = TokenRows(last, of: T)
        // Each goes where it was or further up, so nothing is overwritten before it is read.
        rows.gather(0..<rows.count, of: attended, into: attended, a.queryWidth)
        rows.gather(0..<rows.count, of: x, into: x, C)
        T = rows.count
      }
      addToStream(
        attended, T, packed.layers[index].attentionOutput, layer.attentionPostNorm, normed, inverses, x)
      pool.normalize(
        x, weight: block.parameters[layer.feedForwardNorm], epsilon: a.normEpsilon, into: normed,
        inverses: inverses, T, C)
      products.multiply(normed, rows: T, by: packed.layers[index].gateAndUp, into: gateAndUp)
      pool.forEachRow(T) { t in
        a.activation.gate(gateAndUp.slice(t * 2 * F, 2 * F), into: hidden.slice(t * F, F), F)
      }
      addToStream(hidden, T, packed.layers[index].down, layer.feedForwardPostNorm, normed, inverses, x)
    }
    let L = last.count
    pool.normalize(
      x, weight: block.parameters[block.parameters.layout.finalNorm], epsilon: a.normEpsilon, into: normed,
      inverses: inverses, L, C)
    let logits = workspace.take(L * a.vocabularySize)
    products.multiply(normed, rows: L, by: packed.output, into: logits)
    if let cap = a.finalSoftCap {
      let V = a.vocabularySize
      pool.forEachRow(L) { softCap(logits.slice($0 * V, V), cap) }
    }
    return logits
  }

  /// x += Y·Wᵀ, or the norm of the product where the architecture has one there; `room` takes the product `[T, C]`.
  private func addToStream(
    _ y: Floats, _ T: Int, _ weight: PackedMatrix, _ norm: TensorDescription?, _ room: Floats,
    _ inverses: Floats,
    _ x: Floats
  ) {
    guard let norm else { return block.products.multiply(y, rows: T, by: weight, into: x, adding: true) }
    let C = a.width
    block.products.multiply(y, rows: T, by: weight, into: room)
    pool.normalize(
      room, weight: block.parameters[norm], epsilon: a.normEpsilon, into: room, inverses: inverses, T, C)
    pool.forEachRow(T) { t in add(1, room.slice(t * C, C), to: x.slice(t * C, C), C) }
  }

  /// Keys and values of some heads of a slot.
  private func cache(_ layer: Int, slot: Int, heads: Range<Int>) -> KeyValuePanels {
    let index = slot * a.keyValueHeads + heads.lowerBound
    return KeyValuePanels(
      keys: keys[layer].floats.slice(index * keySize, heads.count * keySize),
      values: values[layer].floats.slice(index * valueSize, heads.count * valueSize), capacity: capacity,
      D: a.headWidth)
  }

  /// Finishes rows of queries, keys and values, and writes the latter to their slots.
  private func remember(
    _ projected: Floats, rows: Range<Int>, layer: Int, slots: [Int], positions: [Int32]
  ) {
    block.finishProjection(
      projected, rows: rows, layer: layer, positions: positions, raw: nil, inverses: nil)
    let D = a.headWidth
    for row in rows {
      for head in 0..<a.keyValueHeads {
        let place = row * a.projectedWidth + a.queryWidth + head * D
        cache(layer, slot: slots[row], heads: head..<head + 1).store(
          key: projected.slice(place, D), value: projected.slice(place + a.keyWidth, D),
          at: Int(positions[row]))
      }
    }
  }

  /// Consecutive tokens of one slot that attend together.
  private struct Piece {
    var slot: Int
    var row: Int
    var count: Int
    /// Keys that the first of them sees.
    var keys: Int
    /// Whether its last token is its segment's.
    var endsSegment: Bool

    /// The last token of its segment alone, if it has it.
    var lastOfSegment: Piece? {
      endsSegment
        ? Piece(slot: slot, row: row + count - 1, count: 1, keys: keys + count - 1, endsSegment: true) : nil
    }
  }

  /// Segments cut into pieces of at most 48 tokens, so that threads share the reading of a long prompt.
  private func pieces(of segments: [Segment]) -> [Piece] {
    var pieces: [Piece] = []
    var row = 0
    for segment in segments {
      let before = lengths[segment.slot] - segment.tokens.count
      for first in stride(from: 0, to: segment.tokens.count, by: 48) {
        pieces.append(
          Piece(
            slot: segment.slot, row: row + first, count: min(48, segment.tokens.count - first),
            keys: before + first + 1, endsSegment: first + 48 >= segment.tokens.count))
      }
      row += segment.tokens.count
    }
    return pieces
  }

  /// Pieces of one token, each of a slot of its own. `beginning` gets some of their places before these attend, so rows must be in the pieces' order.
  private func attend(
    _ projected: Floats, layer: Int, tokens: [Piece], scratch: Floats, into attended: Floats,
    beginning: (_ pieces: Range<Int>) -> Void = { _ in }
  ) {
    let rule = AttentionRule(a, layer: layer)
    let shared = a.keyValueHeads
    let size = QueryBlock.scratchSize(keys: capacity, a.headWidth)
    // A head takes a microsecond or more: units of about eight, of several pieces or of one.
    let parts = pool.threads == 1 ? 1 : (shared + 7) / 8
    if parts > 1 {
      pool.forEachRows(tokens.count, beginning)
      pool.run(tokens.count * parts) { unit, worker in
        let part = unit % parts
        attend(
          projected, layer, token: tokens[unit / parts], part * shared / parts..<(part + 1) * shared / parts,
          rule, scratch: scratch.slice(worker * size, size), into: attended)
      }
      return
    }
    let inUnit = pool.threads == 1 ? tokens.count : 8 / shared
    pool.run((tokens.count + inUnit - 1) / inUnit) { unit, worker in
      let own = unit * inUnit..<min((unit + 1) * inUnit, tokens.count)
      beginning(own)
      for piece in tokens[own] {
        attend(
          projected, layer, token: piece, 0..<shared, rule, scratch: scratch.slice(worker * size, size),
          into: attended)
      }
    }
  }

  /// The heads of a piece of one token whose keys and values are those of some heads.
  private func attend(
    _ projected: Floats, _ layer: Int, token piece: Piece, _ shared: Range<Int>, _ rule: AttentionRule,
    scratch: Floats, into attended: Floats
  ) {
    let D = a.headWidth
    let group = a.heads / a.keyValueHeads
    let queries = projected.suffix(from: piece.row * a.projectedWidth)
    let out = attended.suffix(from: piece.row * a.queryWidth)
    if group == 1 {
      LoneQueries(
        queries: queries.suffix(from: shared.lowerBound * D),
        cache: cache(layer, slot: piece.slot, heads: shared), keyStep: keySize, valueStep: valueSize,
        keys: piece.keys
      ).attend(heads: shared.count, rule, scratch: scratch) { head, sum, inverse in
        scale(sum, by: inverse, into: out.slice((shared.lowerBound + head) * D, D), D)
      }
      return
    }
    // Those that share keys attend together.
    for head in shared {
      QueryBlock(
        queries: queries.suffix(from: head * group * D), stride: D, count: group, keys: piece.keys,
        isCausal: false, D: D
      ).attend(to: cache(layer, slot: piece.slot, heads: head..<head + 1), rule, scratch: scratch) {
        scale($1, by: $3, into: out.slice((head * group + $0) * D, D), D)
      }
    }
  }

  private func attend(
    _ projected: Floats, layer: Int, _ pieces: [Piece], scratch: Floats, into attended: Floats
  ) {
    let D = a.headWidth
    let P = a.projectedWidth
    let group = a.heads / a.keyValueHeads
    let rule = AttentionRule(a, layer: layer)
    let size = QueryBlock.scratchSize(keys: capacity, D)
    // One piece and one head of keys and values a unit.
    pool.run(pieces.count * a.keyValueHeads) { unit, worker in
      let own = scratch.slice(worker * size, size)
      let piece = pieces[unit / a.keyValueHeads]
      let shared = unit % a.keyValueHeads
      if piece.count == 1 {
        attend(projected, layer, token: piece, shared..<shared + 1, rule, scratch: own, into: attended)
        return
      }
      let cache = cache(layer, slot: piece.slot, heads: shared..<shared + 1)
      for head in shared * group..<(shared + 1) * group {
        QueryBlock(
          queries: projected.suffix(from: piece.row * P + head * D), stride: P, count: piece.count,
          keys: piece.keys, isCausal: true, D: D
        ).attend(to: cache, rule, scratch: own) { row, sum, _, inverse in
          scale(sum, by: inverse, into: attended.slice((piece.row + row) * a.queryWidth + head * D, D), D)
        }
      }
    }
  }
}
