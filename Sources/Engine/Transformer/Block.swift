/// What training and decoding have in common: the row-wise steps of a layer. Both call the same functions on the same rows, so a token's numbers have
/// the same bits in both.
struct Block {
  let parameters: Parameters
  let rotary: RotaryTables
  let products: MatrixProducts
  var a: Architecture { parameters.architecture }
  var pool: WorkPool { products.pool }

  /// x[row] = embedding[token], scaled where the architecture says so.
  func embed(_ tokens: [Int32], into x: Floats) {
    let C = a.width
    let table = parameters.weights(parameters.layout.embedding)
    pool.forEachRow(tokens.count) { row in
      let own = x.slice(row * C, C)
      table.slice(Int(tokens[row]) * C, C).copy(to: own)
      if a.embeddingScale != 1 { scale(own, by: a.embeddingScale, into: own, C) }
    }
  }

  /// Bias, query and key norms, and rotation of some rows of queries, keys and values, in place.
  ///
  /// With norms, `raw` gets the queries and keys as they were before them, and `inverses` 1/√(mean square + ε) for each row and head.
  func finishProjection(
    _ p: Floats, rows: Range<Int>, layer index: Int, positions: [Int32], raw: Floats?, inverses: Floats?
  ) {
    let layer = parameters.layout.layers[index]
    let rotary = rotary[index]
    let D = a.headWidth
    let P = a.projectedWidth
    let normed = a.heads + a.keyValueHeads
    let bias = layer.projectionBias.map { parameters[$0] }
    let queryNorm = layer.queryNorm.map { parameters[$0] }
    let keyNorm = layer.keyNorm.map { parameters[$0] }
    for row in rows {
      let numbers = p.slice(row * P, P)
      if let bias { add(1, bias, to: numbers, P) }
      for head in 0..<normed {
        let view = numbers.slice(head * D, D)
        if let queryNorm, let keyNorm {
          if let raw { raw.slice((row * normed + head) * D, D).copy(from: view) }
          let inverse = normalizeRow(
            view, weight: head < a.heads ? queryNorm : keyNorm, epsilon: a.normEpsilon, into: view, D)
          if let inverses { inverses[row * normed + head] = inverse }
        }
        rotary.rotate(view, position: Int(positions[row]))
      }
    }
  }
}
