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
  private let packed: PackedParameters
  private let workspace = Workspace()
  private let keys: [FloatBuffer]
  private let values: [FloatBuffer]
  private var lengths: [Int]

  private var a: Architecture { block.a }
  private var pool: WorkPool { block.pool }

  package init(parameters: Parameters, slots: Int, capacity: Int, products: MatrixProducts) {
    self.slots = slots
    self.capacity = min(capacity, parameters.architecture.contextLength)
    block = Block(parameters: parameters, rotary: RotaryTable(parameters.architecture), products: products)
    packed = PackedParameters(parameters, .forward, pool: products.pool)
    let room = slots * self.capacity * parameters.architecture.keyWidth
    keys = (0..<parameters.architecture.layers).map { _ in FloatBuffer(count: room) }
    values = (0..<parameters.architecture.layers).map { _ in FloatBuffer(count: room) }
    lengths = Array(repeating: 0, count: slots)
  }

  /// Tokens in a slot.
  package func length(of slot: Int) -> Int { lengths[slot] }

  /// Forgets all but a slot's first `length` tokens.
  package func truncate(slot: Int, to length: Int) {
    lengths[slot] = min(lengths[slot], length)
  }

  /// Makes one slot's conversation another's beginning: what samples of one prompt share.
  package func copy(from source: Int, to target: Int) {
    let count = lengths[source] * a.keyWidth
    let room = capacity * a.keyWidth
    for layer in keys.indices {
      keys[layer].floats.slice(target * room, count).copy(
        from: keys[layer].floats.slice(source * room, count))
      values[layer].floats.slice(target * room, count).copy(
        from: values[layer].floats.slice(source * room, count))
    }
    lengths[target] = lengths[source]
  }

  /// Appends each segment to its slot; gives logits `[segments.count, V]` after each one's last token, valid until the next call.
  ///
  /// - Precondition: no slot twice, no empty segment, and room for every token.
  package func advance(_ segments: [Segment]) -> Floats {
    workspace.reset()
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
    let T = tokens.count
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
    let scores = workspace.take((T + WorkPool.rowsInUnit) / WorkPool.rowsInUnit * (capacity + 8))
    block.embed(tokens, into: x)
    for (index, layer) in block.parameters.layout.layers.enumerated() {
      pool.normalize(
        x, weight: block.parameters[layer.attentionNorm], epsilon: a.normEpsilon, into: normed,
        inverses: inverses, T, C)
      products.multiply(normed, rows: T, by: packed.layers[index].projection, into: projected)
      block.finishProjection(projected, layer: layer, positions: positions, raw: nil, inverses: nil)
      remember(projected, layer: index, slots: slotOfRow, positions: positions)
      attend(projected, layer: index, slots: slotOfRow, positions: positions, scores: scores, into: attended)
      products.multiply(attended, rows: T, by: packed.layers[index].attentionOutput, into: x, adding: true)
      pool.normalize(
        x, weight: block.parameters[layer.feedForwardNorm], epsilon: a.normEpsilon, into: normed,
        inverses: inverses, T, C)
      products.multiply(normed, rows: T, by: packed.layers[index].gateAndUp, into: gateAndUp)
      pool.forEachRow(T) { t in gate(gateAndUp.slice(t * 2 * F, 2 * F), into: hidden.slice(t * F, F), F) }
      products.multiply(hidden, rows: T, by: packed.layers[index].down, into: x, adding: true)
    }
    let L = last.count
    let final = workspace.take(L * C)
    for (target, row) in last.enumerated() { final.slice(target * C, C).copy(from: x.slice(row * C, C)) }
    pool.normalize(
      final, weight: block.parameters[block.parameters.layout.finalNorm], epsilon: a.normEpsilon, into: final,
      inverses: inverses, L, C)
    let logits = workspace.take(L * a.vocabularySize)
    products.multiply(final, rows: L, by: packed.output, into: logits)
    return logits
  }

  /// Writes the rows' keys and values to their slots.
  private func remember(_ projected: Floats, layer: Int, slots: [Int], positions: [Int32]) {
    let K = a.keyWidth
    let P = a.projectedWidth
    pool.forEachRow(slots.count) { row in
      let place = (slots[row] * capacity + Int(positions[row])) * K
      keys[layer].floats.slice(place, K).copy(from: projected.slice(row * P + a.queryWidth, K))
      values[layer].floats.slice(place, K).copy(from: projected.slice(row * P + a.queryWidth + K, K))
    }
  }

  private func attend(
    _ projected: Floats, layer: Int, slots: [Int], positions: [Int32], scores: Floats, into attended: Floats
  ) {
    let D = a.headWidth
    let K = a.keyWidth
    let group = a.heads / a.keyValueHeads
    let allKeys = keys[layer].floats
    let allValues = values[layer].floats
    pool.run((slots.count + WorkPool.rowsInUnit - 1) / WorkPool.rowsInUnit) { unit in
      let p = scores.slice(unit * (capacity + 8), capacity + 8)
      for row in unit * WorkPool.rowsInUnit..<min((unit + 1) * WorkPool.rowsInUnit, slots.count) {
        let n = Int(positions[row]) + 1
        for head in 0..<a.heads {
          let first = slots[row] * capacity * K + head / group * D
          _ = Engine.attend(
            projected.slice(row * a.projectedWidth + head * D, D),
            keys: HeadView(floats: allKeys.slice(first, allKeys.count - first), stride: K),
            values: HeadView(floats: allValues.slice(first, allValues.count - first), stride: K), n: n,
            scale: block.scale, scores: p, into: attended.slice(row * a.queryWidth + head * D, D), D)
        }
      }
    }
  }
}
