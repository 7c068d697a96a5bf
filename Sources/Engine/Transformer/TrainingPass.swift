/// One forward and one backward pass over packed sequences: no padding, each sequence sees itself only.
///
/// The objective stands between the two: it reads the logits at the positions it asked for and writes their gradient in their place.
/// Legend: T tokens, C width, P numbers of queries, keys and values, A of attention's output, F inside the MLP, V vocabulary.
package final class TrainingPass {
  /// What the backward pass needs of a layer.
  private struct Saved {
    var input: Floats  // [T, C]
    var normed: Floats  // [T, C]
    var inverse: Floats  // [T]
    var projected: Floats  // [T, P], after the rotation
    var raw: Floats?  // [T, heads + key heads, D], before the norms
    var headInverse: Floats?  // [T, heads + key heads]
    var maximum: Floats  // [T, heads]
    var reciprocal: Floats  // [T, heads]
    var attended: Floats  // [T, A]
    var middle: Floats  // [T, C]
    var normedMiddle: Floats  // [T, C]
    var inverseMiddle: Floats  // [T]
    var gateAndUp: Floats  // [T, 2F]
    var hidden: Floats  // [T, F]
  }

  private let parameters: Parameters
  private let block: Block
  private let forwardPacked: PackedParameters
  private let backwardPacked: PackedParameters?
  private let workspace: Workspace
  private var saved: [Saved] = []
  private var tokens: [Int32] = []
  private var positions: [Int32] = []
  private var starts: [Int] = []
  private var rows: [Int] = []
  private var x: Floats
  private var finalInput: Floats
  private var finalNormed: Floats
  private var finalInverse: Floats

  private var a: Architecture { parameters.architecture }
  private var pool: WorkPool { block.pool }
  private var products: MatrixProducts { block.products }

  /// - Parameter backward: whether gradients will be asked for.
  package init(
    parameters: Parameters, rotary: RotaryTable, products: MatrixProducts, workspace: Workspace,
    backward: Bool
  ) {
    self.parameters = parameters
    self.workspace = workspace
    block = Block(parameters: parameters, rotary: rotary, products: products)
    forwardPacked = PackedParameters(parameters, .forward, pool: products.pool)
    backwardPacked = backward ? PackedParameters(parameters, .backward, pool: products.pool) : nil
    x = workspace.take(0)
    finalInput = x
    finalNormed = x
    finalInverse = x
  }

  /// Logits `[rows.count, V]` at some rows of the packed sequences (row = place of a token in their concatenation).
  package func forward(_ sequences: [[Int32]], logitsAt rows: [Int]) -> Floats {
    workspace.reset()
    saved = []
    tokens = []
    positions = []
    starts = [0]
    for sequence in sequences {
      tokens += sequence
      positions += (0..<sequence.count).map(Int32.init)
      starts.append(tokens.count)
    }
    self.rows = rows
    let T = tokens.count
    let C = a.width
    x = workspace.take(T * C)
    block.embed(tokens, into: x)
    for (index, layer) in parameters.layout.layers.enumerated() {
      forward(layer, forwardPacked.layers[index])
    }
    let L = rows.count
    finalInput = workspace.take(L * C)
    finalNormed = workspace.take(L * C)
    finalInverse = workspace.take(L)
    for (target, row) in rows.enumerated() { finalInput.slice(target * C, C).copy(from: x.slice(row * C, C)) }
    pool.normalize(
      finalInput, weight: parameters[parameters.layout.finalNorm], epsilon: a.normEpsilon, into: finalNormed,
      inverses: finalInverse, L, C)
    let logits = workspace.take(L * a.vocabularySize)
    products.multiply(finalNormed, rows: L, by: forwardPacked.output, into: logits)
    return logits
  }

  private func forward(_ layer: ParameterLayout.Layer, _ packed: PackedParameters.Layer) {
    let T = tokens.count
    let C = a.width
    let normedHeads = a.heads + a.keyValueHeads
    let s = Saved(
      input: x, normed: workspace.take(T * C), inverse: workspace.take(T),
      projected: workspace.take(T * a.projectedWidth),
      raw: a.queryKeyNorm ? workspace.take(T * normedHeads * a.headWidth) : nil,
      headInverse: a.queryKeyNorm ? workspace.take(T * normedHeads) : nil,
      maximum: workspace.take(T * a.heads), reciprocal: workspace.take(T * a.heads),
      attended: workspace.take(T * a.queryWidth), middle: workspace.take(T * C),
      normedMiddle: workspace.take(T * C), inverseMiddle: workspace.take(T),
      gateAndUp: workspace.take(T * 2 * a.feedForward), hidden: workspace.take(T * a.feedForward))
    pool.normalize(
      x, weight: parameters[layer.attentionNorm], epsilon: a.normEpsilon, into: s.normed, inverses: s.inverse,
      T, C)
    products.multiply(s.normed, rows: T, by: packed.projection, into: s.projected)
    block.finishProjection(
      s.projected, layer: layer, positions: positions, raw: s.raw, inverses: s.headInverse)
    attend(s)
    s.middle.copy(from: x)
    products.multiply(s.attended, rows: T, by: packed.attentionOutput, into: s.middle, adding: true)
    pool.normalize(
      s.middle, weight: parameters[layer.feedForwardNorm], epsilon: a.normEpsilon, into: s.normedMiddle,
      inverses: s.inverseMiddle, T, C)
    products.multiply(s.normedMiddle, rows: T, by: packed.gateAndUp, into: s.gateAndUp)
    let F = a.feedForward
    pool.forEachRow(T) { t in gate(s.gateAndUp.slice(t * 2 * F, 2 * F), into: s.hidden.slice(t * F, F), F) }
    let out = workspace.take(T * C)
    out.copy(from: s.middle)
    products.multiply(s.hidden, rows: T, by: packed.down, into: out, adding: true)
    x = out
    saved.append(s)
  }

  /// One sequence and one head of keys and values: a unit of attention's work.
  private func attentionUnit(_ unit: Int) -> (start: Int, count: Int, shared: Int) {
    let sequence = unit / a.keyValueHeads
    return (starts[sequence], starts[sequence + 1] - starts[sequence], unit % a.keyValueHeads)
  }

  private var attentionUnits: Int { (starts.count - 1) * a.keyValueHeads }
  private var longest: Int { zip(starts.dropFirst(), starts).map { $0 - $1 }.max() ?? 0 }

  private func attend(_ s: Saved) {
    let D = a.headWidth
    let P = a.projectedWidth
    let H = a.heads
    let group = H / a.keyValueHeads
    let longest = longest
    let keySize = KeyValuePanels.keySize(tokens: longest, D)
    let valueSize = KeyValuePanels.valueSize(tokens: longest, D)
    let size = keySize + valueSize + QueryBlock.scratchSize(keys: longest, D)
    let scratch = workspace.takeZeros(pool.threads * size)
    pool.run(attentionUnits) { unit, worker in
      let (start, count, shared) = attentionUnit(unit)
      let own = scratch.slice(worker * size, size)
      let cache = KeyValuePanels(
        keys: own.slice(0, keySize), values: own.slice(keySize, valueSize), capacity: longest, D: D)
      for t in 0..<count {
        let row = s.projected.slice((start + t) * P, P)
        cache.store(
          key: row.slice(a.queryWidth + shared * D, D),
          value: row.slice(a.queryWidth + a.keyWidth + shared * D, D),
          at: t)
      }
      for head in shared * group..<(shared + 1) * group {
        let first = start * P + head * D
        QueryBlock(
          queries: s.projected.slice(first, s.projected.count - first), stride: P, count: count, keys: 1,
          isCausal: true, D: D
        ).attend(
          to: cache, scale: block.scale, scratch: own.slice(keySize + valueSize, size - keySize - valueSize)
        ) { row, sum, maximum, inverse in
          let t = start + row
          scale(sum, by: inverse, into: s.attended.slice(t * a.queryWidth + head * D, D), D)
          s.maximum[t * H + head] = maximum
          s.reciprocal[t * H + head] = inverse
        }
      }
    }
  }

  /// Adds the gradient of every parameter to `gradients` (in the parameters' layout), given that of the logits.
  ///
  /// - Precondition: `forward` was called last, and the pass was made with `backward`.
  package func backward(_ dLogits: Floats, into gradients: Floats) {
    guard let packed = backwardPacked else { preconditionFailure("a pass made without `backward`") }
    let layout = parameters.layout
    let T = tokens.count
    let C = a.width
    let L = rows.count
    func gradient(_ tensor: TensorDescription) -> Floats { gradients.slice(tensor.offset, tensor.count) }

    addProduct(transposing: dLogits, a.vocabularySize, finalNormed, C, rows: L, to: gradient(layout.output))
    let dNormed = workspace.take(L * C)
    products.multiply(dLogits, rows: L, by: packed.output, into: dNormed)
    let dFinal = workspace.takeZeros(L * C)
    pool.normalizeBackward(
      dNormed, x: finalInput, weight: parameters[layout.finalNorm], inverses: finalInverse, dx: dFinal,
      dWeight: gradient(layout.finalNorm), L, C)
    let dx = workspace.takeZeros(T * C)
    for (source, row) in rows.enumerated() {
      add(1, dFinal.slice(source * C, C), to: dx.slice(row * C, C), C)
    }

    for index in layout.layers.indices.reversed() {
      backward(layout.layers[index], packed.layers[index], saved[index], dx: dx, gradient: gradient)
    }
    // Each token's gradient goes to its row of the embedding, in the tokens' order.
    let table = gradient(layout.embedding)
    for (t, token) in tokens.enumerated() {
      add(1, dx.slice(t * C, C), to: table.slice(Int(token) * C, C), C)
    }
  }

  /// gradient += Aᵀ·B with A `[rows, m]`, B `[rows, n]`.
  private func addProduct(
    transposing A: Floats, _ m: Int, _ B: Floats, _ n: Int, rows: Int, to gradient: Floats
  ) {
    let storage = workspace.take(PackedMatrix.size(depth: rows, columns: n))
    let packed = PackedMatrix(copying: B, depth: rows, columns: n, into: storage)
    let tiles = workspace.take(MatrixProducts.tileSize(depth: rows, rows: m))
    products.multiply(transposing: A, rows: m, by: packed, into: gradient, adding: true, scratch: tiles)
  }

  private func backward(
    _ layer: ParameterLayout.Layer, _ packed: PackedParameters.Layer, _ s: Saved, dx: Floats,
    gradient: (TensorDescription) -> Floats
  ) {
    let T = tokens.count
    let C = a.width
    let F = a.feedForward
    // The MLP.
    addProduct(transposing: dx, C, s.hidden, F, rows: T, to: gradient(layer.down))
    let dHidden = workspace.take(T * F)
    products.multiply(dx, rows: T, by: packed.down, into: dHidden)
    let dGateAndUp = workspace.take(T * 2 * F)
    pool.forEachRow(T) { t in
      gateBackward(
        dHidden.slice(t * F, F), s.gateAndUp.slice(t * 2 * F, 2 * F),
        into: dGateAndUp.slice(t * 2 * F, 2 * F), F)
    }
    addProduct(transposing: dGateAndUp, 2 * F, s.normedMiddle, C, rows: T, to: gradient(layer.gateAndUp))
    let dNormedMiddle = workspace.take(T * C)
    products.multiply(dGateAndUp, rows: T, by: packed.gateAndUp, into: dNormedMiddle)
    pool.normalizeBackward(
      dNormedMiddle, x: s.middle, weight: parameters[layer.feedForwardNorm], inverses: s.inverseMiddle,
      dx: dx,
      dWeight: gradient(layer.feedForwardNorm), T, C)
    // Attention.
    addProduct(transposing: dx, C, s.attended, a.queryWidth, rows: T, to: gradient(layer.attentionOutput))
    let dAttended = workspace.take(T * a.queryWidth)
    products.multiply(dx, rows: T, by: packed.attentionOutput, into: dAttended)
    let dProjected = workspace.take(T * a.projectedWidth)
    attendBackward(s, dAttended: dAttended, dProjected: dProjected)
    finishProjectionBackward(s, layer, dProjected: dProjected, gradient: gradient)
    addProduct(
      transposing: dProjected, a.projectedWidth, s.normed, C, rows: T, to: gradient(layer.projection))
    let dNormed = workspace.take(T * C)
    products.multiply(dProjected, rows: T, by: packed.projection, into: dNormed)
    pool.normalizeBackward(
      dNormed, x: s.input, weight: parameters[layer.attentionNorm], inverses: s.inverse, dx: dx,
      dWeight: gradient(layer.attentionNorm), T, C)
  }

  private func attendBackward(_ s: Saved, dAttended: Floats, dProjected: Floats) {
    let D = a.headWidth
    let P = a.projectedWidth
    let H = a.heads
    let group = H / a.keyValueHeads
    let size = AttentionGradient.scratchSize(longest, D)
    let scratch = workspace.take(pool.threads * size)
    pool.run(attentionUnits) { unit, worker in
      let (start, count, shared) = attentionUnit(unit)
      let keys = start * P + a.queryWidth + shared * D
      let heads = (shared * group..<(shared + 1) * group).map { head in
        let place = start * a.queryWidth + head * D
        return AttentionGradient.QueryHead(
          queries: .init(floats: s.projected, offset: start * P + head * D, stride: P),
          dQueries: .init(floats: dProjected, offset: start * P + head * D, stride: P),
          dOut: .init(floats: dAttended, offset: place, stride: a.queryWidth),
          out: .init(floats: s.attended, offset: place, stride: a.queryWidth),
          maximum: .init(floats: s.maximum, offset: start * H + head, stride: H),
          inverse: .init(floats: s.reciprocal, offset: start * H + head, stride: H))
      }
      AttentionGradient(n: count, D: D, scale: block.scale, scratch: scratch.slice(worker * size, size)).run(
        keys: .init(floats: s.projected, offset: keys, stride: P),
        values: .init(floats: s.projected, offset: keys + a.keyWidth, stride: P), heads: heads,
        dKeys: .init(floats: dProjected, offset: keys, stride: P),
        dValues: .init(floats: dProjected, offset: keys + a.keyWidth, stride: P))
    }
  }

  /// Turns the gradients of queries and keys back, through their norms, and gathers those of norms and biases.
  private func finishProjectionBackward(
    _ s: Saved, _ layer: ParameterLayout.Layer, dProjected: Floats, gradient: (TensorDescription) -> Floats
  ) {
    let T = tokens.count
    let D = a.headWidth
    let P = a.projectedWidth
    let normed = a.heads + a.keyValueHeads
    pool.forEachRow(T) { t in
      for head in 0..<normed {
        block.rotary.rotate(dProjected.slice(t * P + head * D, D), position: Int(positions[t]), inverse: true)
      }
    }
    if let raw = s.raw, let inverses = s.headInverse, let queryNorm = layer.queryNorm,
      let keyNorm = layer.keyNorm
    {
      normBackward(raw, inverses, dProjected, heads: 0..<a.heads, queryNorm, gradient(queryNorm))
      normBackward(raw, inverses, dProjected, heads: a.heads..<normed, keyNorm, gradient(keyNorm))
    }
    if let bias = layer.projectionBias {
      let dBias = gradient(bias)
      pool.sumColumns(P) { first, width in
        for t in 0..<T {
          for column in first..<first + width { dBias[column] += dProjected[t * P + column] }
        }
      }
    }
  }

  private func normBackward(
    _ raw: Floats, _ inverses: Floats, _ dProjected: Floats, heads: Range<Int>, _ tensor: TensorDescription,
    _ dWeight: Floats
  ) {
    let D = a.headWidth
    let P = a.projectedWidth
    let normed = a.heads + a.keyValueHeads
    let weight = parameters[tensor]
    let before = workspace.takeZeros(tokens.count * normed * D)
    pool.forEachRow(tokens.count) { t in
      for head in heads {
        normalizeRowBackward(
          dProjected.slice(t * P + head * D, D), x: raw.slice((t * normed + head) * D, D), weight: weight,
          inverse: inverses[t * normed + head], into: before.slice((t * normed + head) * D, D), D)
      }
    }
    pool.sumColumns(D) { first, width in
      for t in 0..<tokens.count {
        for head in heads {
          let inverse = inverses[t * normed + head]
          for d in first..<first + width {
            dWeight[d] = dWeight[d].addingProduct(
              dProjected[t * P + head * D + d] * inverse, raw[(t * normed + head) * D + d])
          }
        }
      }
    }
    pool.forEachRow(tokens.count) { t in
      for head in heads {
        dProjected.slice(t * P + head * D, D).copy(from: before.slice((t * normed + head) * D, D))
      }
    }
  }
}
