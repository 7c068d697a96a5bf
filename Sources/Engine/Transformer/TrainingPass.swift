/// One forward and one backward pass over packed sequences: no padding, each sequence sees itself only.
///
/// The objective stands between the two: it reads the logits at each label and writes their gradient in their place. Kept between the two
/// is what cannot be had again for a few operations a number; norms and the MLP's product are computed again. Matrices are laid out
/// for the micro-kernel just before they are used, a layer at a time.
///
/// Legend: T tokens, R rows behind a layer's attention (T, of the last layer L), C width, P numbers of queries, keys and values, A of attention's
/// output, F inside the MLP, V vocabulary, L labels.
package final class TrainingPass {
  /// What the backward pass needs of a layer.
  struct Saved {
    /// The tokens that go on behind attention.
    var rows: TokenRows
    var input: Floats  // [T, C]
    var inverse: Floats  // [T]
    var projected: Floats  // [T, P], after the rotation
    var raw: Floats?  // [T, heads + key heads, D], before the norms
    var headInverse: Floats?  // [T, heads + key heads]
    var maximum: Floats  // [T, heads]
    var reciprocal: Floats  // [T, heads]
    var attended: Floats  // [T, A]
    var attentionBranch: PostNorm?
    var middle: Floats  // [R, C]
    var inverseMiddle: Floats  // [R]
    var gateAndUp: Floats  // [R, 2F]
    var feedForwardBranch: PostNorm?
  }

  /// What the backward pass needs of a norm behind attention or the MLP.
  struct PostNorm {
    var input: Floats  // [R, C]
    var inverse: Floats  // [R]
  }

  let parameters: Parameters
  /// What is added to some weights; products are with the sum, as in decoding, so that both give the same bits.
  let adapter: Adapter?
  /// Of what the adapter reads, where some of it falls out.
  let dropout: AdapterDropout?
  let block: Block
  let workspace: Workspace
  var saved: [Saved] = []
  /// Each layer's input `[T, C]`, where the rest is computed again.
  private var inputs: [Floats] = []
  var tokens: [Int32] = []
  var positions: [Int32] = []
  /// By token, the place of its sequence among these.
  var sequenceOfToken: [Int] = []
  /// The rows of all tokens, and those that leave the last layer.
  private(set) var everyToken = TokenRows.all(0)
  private(set) var answering = TokenRows.all(0)
  /// Where each sequence begins, and at last the number of tokens.
  var starts: [Int] = []
  /// The place of the first of these sequences in their batch.
  private(set) var firstSequence = 0
  private var x: Floats
  /// Gradients of the embedding's rows that wait for their group's end, with their tokens.
  private var waiting: [(tokens: [Int32], dx: FloatBuffer)] = []

  var a: Architecture { parameters.architecture }
  var pool: WorkPool { block.pool }
  var products: MatrixProducts { block.products }

  package init(
    parameters: Parameters, adapter: Adapter? = nil, dropout: AdapterDropout? = nil, rotary: RotaryTables,
    products: MatrixProducts, workspace: Workspace
  ) {
    self.parameters = parameters
    self.adapter = adapter
    self.dropout = dropout
    self.workspace = workspace
    block = Block(parameters: parameters, rotary: rotary, products: products)
    x = workspace.take(0)
  }

  /// Logits `[rows.count, V]` at some rows of the packed sequences (row = place of a token in their concatenation), valid until the next call.
  ///
  /// - Parameter rows: ascending.
  package func logits(_ sequences: [[Int32]], at rows: [Int]) -> Floats {
    forward(sequences, keeping: .nothing, answering: rows)
    let last = finalRows()
    let logits = workspace.take(rows.count * a.vocabularySize)
    score(last.normed, rows: rows.count, into: logits)
    return logits
  }

  /// Adds the gradient of every parameter, or of the adapter, to `gradients`.
  ///
  /// - Parameters:
  ///   - first: the place of the first sequence in its batch.
  ///   - rows: where a label is predicted from: places in the sequences' concatenation, ascending.
  ///   - endsGroup: the embedding gets its gradient, from the calls before it too whose sequences end no group.
  ///   - recomputing: keeps each layer's input only, and computes the layer again on the way back: the same bits for a third more work.
  ///   - objective: gets each label's number and its V logits, and writes their gradient in their place; called from any thread.
  package func addGradient(
    of sequences: [[Int32]], from first: Int = 0, labelsAt rows: [Int], to gradients: Gradients,
    endsGroup: Bool = true, recomputing: Bool = false, objective: (_ label: Int, _ logits: Floats) -> Void
  ) {
    let need = TrainingNeed(
      a, adapter: adapter?.shape, drops: dropout != nil, tokens: sequences.reduce(0) { $0 + $1.count },
      labels: rows.count,
      longest: sequences.map(\.count).max() ?? 0, threads: pool.threads,
      recomputing: recomputing)
    workspace.reset(expecting: need.count)
    firstSequence = first
    let C = a.width
    forward(sequences, keeping: recomputing ? .inputs : .all, answering: rows)
    let dx = workspace.takeZeros(tokens.count * C)
    workspace.scoped {
      let dRows = answering.areAll ? dx : workspace.takeZeros(answering.count * C)
      outputGradient(into: dRows, gradients, objective)
      for index in parameters.layout.layers.indices.reversed() {
        let dOut = index == parameters.layout.layers.count - 1 ? dRows : dx
        if recomputing {
          workspace.scoped {
            x = inputs[index]
            backward(index, forward(index), dRows: dOut, dx: dx, gradients)
          }
        } else {
          backward(index, saved[index], dRows: dOut, dx: dx, gradients)
        }
      }
    }
    guard let table = gradients.of(parameters.layout.embedding) else { return }
    if !endsGroup {
      let kept = FloatBuffer(count: tokens.count * C)
      kept.floats.copy(from: dx.slice(0, tokens.count * C))
      waiting.append((tokens, kept))
      return
    }
    for (tokens, dx) in waiting { addEmbeddingGradient(tokens, dx.floats, to: table) }
    waiting = []
    addEmbeddingGradient(tokens, dx, to: table)
  }

  /// Each token's gradient goes to its row of the embedding, in the tokens' order.
  private func addEmbeddingGradient(_ tokens: [Int32], _ dx: Floats, to table: Floats) {
    let C = a.width
    for (t, token) in tokens.enumerated() {
      add(a.embeddingScale, dx.slice(t * C, C), to: table.slice(Int(token) * C, C), C)
    }
  }

  // MARK: Forward

  /// What of each layer stays for the way back.
  private enum Keeping { case nothing, inputs, all }

  private func forward(_ sequences: [[Int32]], keeping: Keeping, answering rows: [Int]) {
    workspace.reset()
    saved = []
    inputs = []
    tokens = []
    positions = []
    sequenceOfToken = []
    starts = [0]
    for (index, sequence) in sequences.enumerated() {
      tokens += sequence
      positions += (0..<sequence.count).map(Int32.init)
      sequenceOfToken += Array(repeating: index, count: sequence.count)
      starts.append(tokens.count)
    }
    everyToken = .all(tokens.count)
    answering = TokenRows(rows, of: tokens.count)
    x = workspace.take(tokens.count * a.width)
    block.embed(tokens, into: x)
    for index in parameters.layout.layers.indices {
      if keeping == .all {
        saved.append(forward(index))
        continue
      }
      let stream = x
      if keeping == .inputs {
        let input = workspace.take(stream.count)
        input.copy(from: stream)
        inputs.append(input)
      }
      // The last layer may leave fewer rows.
      var left = stream
      workspace.scoped {
        _ = forward(index)
        left = stream.slice(0, x.count)
        left.copy(from: x)
      }
      x = left
    }
  }

  private func forward(_ index: Int) -> Saved {
    let layer = parameters.layout.layers[index]
    let entries = adapter?.layout.layers[index]
    let T = tokens.count
    let rows = index == parameters.layout.layers.count - 1 ? answering : everyToken
    let R = rows.count
    let C = a.width
    let F = a.feedForward
    let normedHeads = a.heads + a.keyValueHeads
    let s = Saved(
      rows: rows, input: x, inverse: workspace.take(T), projected: workspace.take(T * a.projectedWidth),
      raw: a.queryKeyNorm ? workspace.take(T * normedHeads * a.headWidth) : nil,
      headInverse: a.queryKeyNorm ? workspace.take(T * normedHeads) : nil,
      maximum: workspace.take(T * a.heads), reciprocal: workspace.take(T * a.heads),
      attended: workspace.take(T * a.queryWidth), attentionBranch: takePostNorm(R),
      middle: workspace.take(R * C), inverseMiddle: workspace.take(R), gateAndUp: workspace.take(R * 2 * F),
      feedForwardBranch: takePostNorm(R))
    let out = workspace.take(R * C)
    workspace.scoped {
      let normed = workspace.take(T * C)
      let before = NormalizedRows(
        x: x, weight: parameters[layer.attentionNorm], inverses: s.inverse, C: C)
      multiply(
        normed, everyToken, byTransposed: layer.projection, entries?.projection, into: s.projected,
        preparing: { before.normalize($0, epsilon: a.normEpsilon, into: normed) },
        finishing: {
          block.finishProjection(
            s.projected, rows: $0, layer: index, positions: positions, raw: s.raw, inverses: s.headInverse)
        })
      attend(s, layer: index)
      addToStream(
        attended(s), rows, layer.attentionOutput, entries?.attentionOutput, layer.attentionPostNorm,
        s.attentionBranch, s.middle, beginning: { rows.gather($0, of: x, into: s.middle, C) })
      let middle = NormalizedRows(
        x: s.middle, weight: parameters[layer.feedForwardNorm], inverses: s.inverseMiddle, C: C)
      let hidden = workspace.take(R * F)
      multiply(
        normed, rows, byTransposed: layer.gateAndUp, entries?.gateAndUp, into: s.gateAndUp,
        preparing: { middle.normalize($0, epsilon: a.normEpsilon, into: normed) },
        finishing: {
          for t in $0 {
            a.activation.gate(s.gateAndUp.slice(t * 2 * F, 2 * F), into: hidden.slice(t * F, F), F)
          }
        })
      addToStream(
        hidden, rows, layer.down, entries?.down, layer.feedForwardPostNorm, s.feedForwardBranch, out,
        beginning: { rows in
          let numbers = rows.count * C
          out.slice(rows.lowerBound * C, numbers).copy(from: s.middle.slice(rows.lowerBound * C, numbers))
        })
    }
    x = out
    return s
  }

  private func takePostNorm(_ R: Int) -> PostNorm? {
    guard a.postNorms else { return nil }
    return PostNorm(input: workspace.take(R * a.width), inverse: workspace.take(R))
  }

  /// Attention's output for the rows that go on, `[R, A]`.
  func attended(_ s: Saved) -> Floats {
    if s.rows.areAll { return s.attended }
    let rows = workspace.take(s.rows.count * a.queryWidth)
    s.rows.gather(0..<s.rows.count, of: s.attended, into: rows, a.queryWidth)
    return rows
  }

  /// x += Y·Wᵀ, or the norm of the product where the architecture has one there; `beginning` says what rows of x are before.
  private func addToStream(
    _ y: Floats, _ rows: TokenRows, _ weight: TensorDescription, _ entries: [AdapterLayout.Entry]?,
    _ norm: TensorDescription?, _ branch: PostNorm?, _ x: Floats, beginning: (Range<Int>) -> Void
  ) {
    guard let norm, let branch else {
      return multiply(y, rows, byTransposed: weight, entries, into: x, adding: true, preparing: beginning)
    }
    let C = a.width
    workspace.scoped {
      let normed = workspace.take(rows.count * C)
      let after = NormalizedRows(x: branch.input, weight: parameters[norm], inverses: branch.inverse, C: C)
      multiply(
        y, rows, byTransposed: weight, entries, into: branch.input, preparing: beginning,
        finishing: { rows in
          after.normalize(rows, epsilon: a.normEpsilon, into: normed)
          for t in rows { add(1, normed.slice(t * C, C), to: x.slice(t * C, C), C) }
        })
    }
  }

  /// Y (+)= X·Wᵀ for a weight W; `preparing` makes rows of X, or of Y where it is added to, and `finishing` gets rows of Y that are complete.
  private func multiply(
    _ x: Floats, _ rows: TokenRows, byTransposed weight: TensorDescription, _ entries: [AdapterLayout.Entry]?,
    into y: Floats, adding: Bool = false, preparing: (Range<Int>) -> Void,
    finishing: (Range<Int>) -> Void = { _ in }
  ) {
    let drops = drops(entries)
    workspace.scoped {
      let packed = pack(transposing: effective(weight, entries), rows: weight.rows, columns: weight.columns)
      products.multiply(
        x, rows: rows.count, by: packed, into: y, adding: adding, preparing: preparing,
        finishing: { if !drops { finishing($0) } })
    }
    guard drops else { return }
    addDropped(x, rows, weight, entries ?? [], to: y)
    pool.forEachRows(rows.count, finishing)
  }

  /// Whether something of what these read falls out.
  func drops(_ entries: [AdapterLayout.Entry]?) -> Bool { dropout != nil && entries?.isEmpty == false }

  /// The numbers of a weight, with an adapter's part where there is one.
  func effective(_ weight: TensorDescription, _ entries: [AdapterLayout.Entry]?) -> Weights {
    guard let adapter, let entries, !entries.isEmpty else { return parameters.weights(weight) }
    let merged = workspace.take(weight.count)
    adapter.merge(parameters.weights(weight), columns: weight.columns, entries, into: merged, pool: pool)
    return .float32(merged)
  }

  /// The last layer's output, before and after the final norm.
  func finalRows() -> (input: Floats, normed: Floats, inverses: Floats) {
    let C = a.width
    let L = answering.count
    let normed = workspace.take(L * C)
    let inverses = workspace.take(L)
    pool.normalize(
      x, weight: parameters[parameters.layout.finalNorm], epsilon: a.normEpsilon, into: normed,
      inverses: inverses, L, C)
    return (x, normed, inverses)
  }

  // MARK: Attention

  /// Calls `body` for each sequence, told by its first token and how many it has, and each of its heads of keys and values; from any thread.
  func forEachHead(_ body: (_ start: Int, _ count: Int, _ shared: Int, _ worker: Int) -> Void) {
    let sequences = starts.count - 1
    // A token's heads lie side by side: where there are sequences enough for the threads to end together, one thread takes all heads of each.
    let heads = sequences >= 8 * pool.threads ? a.keyValueHeads : 1
    let parts = a.keyValueHeads / heads
    pool.run(sequences * parts) { unit, worker in
      let start = starts[unit / parts]
      let count = starts[unit / parts + 1] - start
      guard count > 0 else { return }
      for shared in unit % parts * heads..<(unit % parts + 1) * heads { body(start, count, shared, worker) }
    }
  }

  var longest: Int { zip(starts.dropFirst(), starts).map { $0 - $1 }.max() ?? 0 }

  private func attend(_ s: Saved, layer: Int) {
    let rule = AttentionRule(a, layer: layer)
    let D = a.headWidth
    let P = a.projectedWidth
    let H = a.heads
    let group = H / a.keyValueHeads
    let longest = longest
    let keySize = KeyValuePanels.keySize(tokens: longest, D)
    let valueSize = KeyValuePanels.valueSize(tokens: longest, D)
    let size = keySize + valueSize + QueryBlock.scratchSize(keys: longest, D)
    let scratch = workspace.take(pool.threads * size)
    forEachHead { start, count, shared, worker in
      let own = scratch.slice(worker * size, size)
      let cache = KeyValuePanels(
        keys: own.slice(0, keySize), values: own.slice(keySize, valueSize), capacity: longest, D: D)
      let keys = start * P + a.queryWidth + shared * D
      packTokens(
        s.projected.suffix(from: keys), stride: P, tokens: count, D, into: cache.keys)
      packNumbers(
        s.projected.suffix(from: keys + a.keyWidth), stride: P, tokens: count,
        capacity: longest, D, into: cache.values)
      for head in shared * group..<(shared + 1) * group {
        let first = start * P + head * D
        QueryBlock(
          queries: s.projected.suffix(from: first), stride: P, count: count, keys: 1,
          isCausal: true, D: D
        ).attend(
          to: cache, rule, scratch: own.slice(keySize + valueSize, size - keySize - valueSize)
        ) { row, sum, maximum, inverse in
          let t = start + row
          scale(sum, by: inverse, into: s.attended.slice(t * a.queryWidth + head * D, D), D)
          s.maximum[t * H + head] = maximum
          s.reciprocal[t * H + head] = inverse
        }
      }
    }
  }
}

extension Floats {
  /// One tensor's part of numbers in the parameters' layout.
  @inline(__always)
  func slice(_ tensor: TensorDescription) -> Floats { slice(tensor.offset, tensor.count) }
}
