/// The way back through a layer.
extension TrainingPass {
  /// Makes of the gradient of a layer's output `[R, C]`, which it overwrites, that of its input, dx `[T, C]`, and adds those of its weights.
  ///
  /// - Parameter dx: where all rows go on, the same numbers as `dRows`; else zeros before.
  func backward(_ index: Int, _ s: Saved, dRows: Floats, dx: Floats, _ gradients: Gradients) {
    workspace.scoped { feedForwardBackward(index, s, dx: dRows, gradients) }
    workspace.scoped { attentionBackward(index, s, dRows: dRows, dx: dx, gradients) }
  }

  /// The gradient of what a branch of a layer gave before its norm, if it has one; else that of the stream itself.
  private func branchGradient(
    _ dx: Floats, _ R: Int, _ norm: TensorDescription?, _ branch: PostNorm?, _ gradients: Gradients
  ) -> Floats {
    guard let norm, let branch else { return dx }
    let dBranch = workspace.takeZeros(R * a.width)
    pool.normalizeBackward(
      dx, x: branch.input, weight: parameters[norm], inverses: branch.inverse, dx: dBranch,
      dWeight: gradients.of(norm), R, a.width)
    return dBranch
  }

  private func feedForwardBackward(
    _ index: Int, _ s: Saved, dx: Floats, _ gradients: Gradients
  ) {
    let layer = parameters.layout.layers[index]
    let entries = adapter?.layout.layers[index]
    let R = s.rows.count
    let C = a.width
    let F = a.feedForward
    let dOut = branchGradient(dx, R, layer.feedForwardPostNorm, s.feedForwardBranch, gradients)
    let dGateAndUp = workspace.take(R * 2 * F)
    workspace.scoped {
      // Its gradient first, which leaves the numbers themselves.
      let hidden = workspace.take(R * F)
      multiply(dOut, s.rows, by: layer.down, entries?.down, into: hidden) { rows in
        for t in rows {
          a.activation.gateBackward(
            hidden.slice(t * F, F), s.gateAndUp.slice(t * 2 * F, 2 * F),
            into: dGateAndUp.slice(t * 2 * F, 2 * F), F)
        }
      }
      addWeightGradient(layer.down, entries?.down ?? [], rows: s.rows, dY: dOut, x: hidden, gradients)
    }
    let norm = NormalizedRows(
      x: s.middle, weight: parameters[layer.feedForwardNorm], inverses: s.inverseMiddle, C: C)
    addWeightGradient(
      layer.gateAndUp, entries?.gateAndUp ?? [], rows: s.rows, dY: dGateAndUp, gradients,
      norm.normalizeAgain)
    let dNormed = workspace.take(R * C)
    multiply(dGateAndUp, s.rows, by: layer.gateAndUp, entries?.gateAndUp, into: dNormed) {
      norm.addGradient($0, dNormed, to: dx)
    }
    if let dWeight = gradients.of(layer.feedForwardNorm) {
      norm.addWeightGradient(dNormed, to: dWeight, R, pool)
    }
  }

  private func attentionBackward(
    _ index: Int, _ s: Saved, dRows: Floats, dx: Floats, _ gradients: Gradients
  ) {
    let layer = parameters.layout.layers[index]
    let entries = adapter?.layout.layers[index]
    let T = tokens.count
    let C = a.width
    let P = a.projectedWidth
    // Rows that do not go on have no gradient.
    let dAttended =
      s.rows.areAll ? workspace.take(T * a.queryWidth) : workspace.takeZeros(T * a.queryWidth)
    workspace.scoped {
      let dOut = branchGradient(dRows, s.rows.count, layer.attentionPostNorm, s.attentionBranch, gradients)
      workspace.scoped {
        addWeightGradient(
          layer.attentionOutput, entries?.attentionOutput ?? [], rows: s.rows, dY: dOut, x: attended(s),
          gradients)
      }
      let own = s.rows.areAll ? dAttended : workspace.take(s.rows.count * a.queryWidth)
      multiply(dOut, s.rows, by: layer.attentionOutput, entries?.attentionOutput, into: own)
      if s.rows.areAll { return }
      s.rows.scatter(own, into: dAttended, a.queryWidth)
      s.rows.scatter(dRows, into: dx, C)
    }
    let dProjected = workspace.take(T * P)
    attendBackward(s, layer: index, dAttended: dAttended, dProjected: dProjected)
    finishProjectionBackward(s, index, dProjected: dProjected, gradients)
    let norm = NormalizedRows(
      x: s.input, weight: parameters[layer.attentionNorm], inverses: s.inverse, C: C)
    addWeightGradient(
      layer.projection, entries?.projection ?? [], rows: everyToken, dY: dProjected, gradients,
      norm.normalizeAgain)
    let dNormed = workspace.take(T * C)
    multiply(dProjected, everyToken, by: layer.projection, entries?.projection, into: dNormed) {
      norm.addGradient($0, dNormed, to: dx)
    }
    if let dWeight = gradients.of(layer.attentionNorm) {
      norm.addWeightGradient(dNormed, to: dWeight, T, pool)
    }
  }

  /// dX = dY·W for a weight W; `finishing` gets rows of dX that are complete.
  private func multiply(
    _ dy: Floats, _ rows: TokenRows, by weight: TensorDescription, _ entries: [AdapterLayout.Entry]?,
    into dx: Floats, finishing: (Range<Int>) -> Void = { _ in }
  ) {
    let drops = drops(entries)
    workspace.scoped {
      let packed = pack(copying: effective(weight, entries), rows: weight.rows, columns: weight.columns)
      products.multiply(
        dy, rows: rows.count, by: packed, into: dx, preparing: { _ in },
        finishing: { if !drops { finishing($0) } })
    }
    guard drops else { return }
    addDroppedGradient(dy, rows, weight, entries ?? [], to: dx)
    pool.forEachRows(rows.count, finishing)
  }

  private func attendBackward(_ s: Saved, layer: Int, dAttended: Floats, dProjected: Floats) {
    let rule = AttentionRule(a, layer: layer)
    let D = a.headWidth
    let P = a.projectedWidth
    let H = a.heads
    let group = H / a.keyValueHeads
    let size = AttentionGradient.scratchSize(longest, D)
    let scratch = workspace.take(pool.threads * size)
    forEachHead { start, count, shared, worker in
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
      AttentionGradient(n: count, D: D, rule: rule, scratch: scratch.slice(worker * size, size)).run(
        keys: .init(floats: s.projected, offset: keys, stride: P),
        values: .init(floats: s.projected, offset: keys + a.keyWidth, stride: P), heads: heads,
        dKeys: .init(floats: dProjected, offset: keys, stride: P),
        dValues: .init(floats: dProjected, offset: keys + a.keyWidth, stride: P))
    }
  }

  /// Turns the gradients of queries and keys back, through their norms, and gathers those of norms and biases.
  private func finishProjectionBackward(
    _ s: Saved, _ index: Int, dProjected: Floats, _ gradients: Gradients
  ) {
    let layer = parameters.layout.layers[index]
    let rotary = block.rotary[index]
    let T = tokens.count
    let D = a.headWidth
    let P = a.projectedWidth
    let normed = a.heads + a.keyValueHeads
    pool.forEachRow(T) { t in
      for head in 0..<normed {
        rotary.rotate(dProjected.slice(t * P + head * D, D), position: Int(positions[t]), inverse: true)
      }
    }
    if let raw = s.raw, let inverses = s.headInverse, let queryNorm = layer.queryNorm,
      let keyNorm = layer.keyNorm
    {
      normBackward(raw, inverses, dProjected, heads: 0..<a.heads, queryNorm, gradients.of(queryNorm))
      normBackward(raw, inverses, dProjected, heads: a.heads..<normed, keyNorm, gradients.of(keyNorm))
    }
    if let bias = layer.projectionBias, let dBias = gradients.of(bias) {
      pool.forEachColumns(P) { columns in
        for t in 0..<T {
          for column in columns { dBias[column] += dProjected[t * P + column] }
        }
      }
    }
  }

  private func normBackward(
    _ raw: Floats, _ inverses: Floats, _ dProjected: Floats, heads: Range<Int>, _ tensor: TensorDescription,
    _ dWeight: Floats?
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
    if let dWeight { addNormGradient(raw, inverses, dProjected, heads: heads, to: dWeight) }
    pool.forEachRow(tokens.count) { t in
      for head in heads {
        dProjected.slice(t * P + head * D, D).copy(from: before.slice((t * normed + head) * D, D))
      }
    }
  }

  private func addNormGradient(
    _ raw: Floats, _ inverses: Floats, _ dProjected: Floats, heads: Range<Int>, to dWeight: Floats
  ) {
    let D = a.headWidth
    let P = a.projectedWidth
    let normed = a.heads + a.keyValueHeads
    pool.forEachColumns(D) { columns in
      for t in 0..<tokens.count {
        for head in heads {
          let inverse = inverses[t * normed + head]
          for d in columns {
            dWeight[d] = dWeight[d].addingProduct(
              dProjected[t * P + head * D + d] * inverse, raw[(t * normed + head) * D + d])
          }
        }
      }
    }
  }
}
