import Engine

/// The forward pass of one sequence, one number at a time, in the orders of summation that `Numerics.md` states: no vectors, no tiles, no packing,
/// no threads. Whoever follows the orders gets the engine's bits, however wide the processor's registers are.
struct ScalarTransformer {
  let parameters: Parameters
  private var a: Architecture { parameters.architecture }

  /// Logits at every token.
  func logits(_ tokens: [Int32]) -> [Float] {
    let C = a.width
    let rotary = RotaryTable(a, positions: a.contextLength)
    let table = numbers(parameters.layout.embedding)
    var x = tokens.map { Array(table[Int($0) * C..<(Int($0) + 1) * C]) }
    for layer in parameters.layout.layers {
      let projected = x.map { row -> [Float] in
        var p = product(normalized(row, numbers(layer.attentionNorm)), numbers(layer.projection))
        if let bias = layer.projectionBias {
          for (index, value) in numbers(bias).enumerated() { p[index] = p[index].addingProduct(1, value) }
        }
        return p
      }
      let turned = projected.enumerated().map { turn($1, layer, position: $0, rotary) }
      let attended = attend(turned)
      for t in x.indices {
        x[t] = product(attended[t], numbers(layer.attentionOutput), from: x[t])
        let both = product(normalized(x[t], numbers(layer.feedForwardNorm)), numbers(layer.gateAndUp))
        let hidden = (0..<a.feedForward).map { f in
          both[f] / (1 + exponential(-both[f])) * both[a.feedForward + f]
        }
        x[t] = product(hidden, numbers(layer.down), from: x[t])
      }
    }
    return x.flatMap {
      product(normalized($0, numbers(parameters.layout.finalNorm)), numbers(parameters.layout.output))
    }
  }

  private func numbers(_ tensor: TensorDescription) -> [Float] { parameters[tensor].array() }

  /// Each output one chain over the inputs ascending, beginning at `start` or 0.
  private func product(_ x: [Float], _ weight: [Float], from start: [Float]? = nil) -> [Float] {
    (0..<weight.count / x.count).map { row in
      var chain = start?[row] ?? 0
      for k in x.indices { chain = chain.addingProduct(x[k], weight[row * x.count + k]) }
      return chain
    }
  }

  /// Eight chains over i mod 8 added as halves, quarters, pairs, and then what lies beyond the last eight, in order.
  private func squares(_ x: [Float]) -> Float {
    var lanes = [Float](repeating: 0, count: 8)
    let whole = x.count / 8 * 8
    for i in 0..<whole { lanes[i % 8] = lanes[i % 8].addingProduct(x[i], x[i]) }
    var total = folded(lanes)
    for i in whole..<x.count { total = total.addingProduct(x[i], x[i]) }
    return total
  }

  private func folded(_ lanes: [Float]) -> Float {
    let four = (0..<4).map { lanes[$0] + lanes[$0 + 4] }
    return (four[0] + four[2]) + (four[1] + four[3])
  }

  private func normalized(_ x: [Float], _ weight: [Float]) -> [Float] {
    let inverse = 1 / (squares(x) / Float(x.count) + a.normEpsilon).squareRoot()
    return zip(x, weight).map { $0 * inverse * $1 }
  }

  private func turn(
    _ row: [Float], _ layer: ParameterLayout.Layer, position: Int, _ rotary: RotaryTable
  ) -> [Float] {
    var row = row
    let D = a.headWidth
    for head in 0..<a.heads + a.keyValueHeads {
      var view = Array(row[head * D..<(head + 1) * D])
      if let norm = head < a.heads ? layer.queryNorm : layer.keyNorm {
        view = normalized(view, numbers(norm))
      }
      for d in 0..<D / 2 {
        let (cosine, sine) = rotary.angle(d, position: position)
        let (x, y) = (view[d], view[D / 2 + d])
        row[head * D + d] = (x * cosine).addingProduct(-y, sine)
        row[head * D + D / 2 + d] = (y * cosine).addingProduct(x, sine)
      }
    }
    return row
  }

  private func attend(_ rows: [[Float]]) -> [[Float]] {
    let D = a.headWidth
    let scale = 1 / Float(D).squareRoot()
    return rows.indices.map { i in
      (0..<a.heads).flatMap { head -> [Float] in
        let shared = head / (a.heads / a.keyValueHeads)
        let key = a.queryWidth + shared * D
        var scores = (0...i).map { j -> Float in
          var chain: Float = 0
          for d in 0..<D { chain = chain.addingProduct(rows[i][head * D + d], rows[j][key + d]) }
          return chain * scale
        }
        let maximum = scores.max() ?? 0
        var lanes = [Float](repeating: 0, count: 8)
        for j in scores.indices {
          scores[j] = exponential(scores[j] - maximum)
          lanes[j % 8] += scores[j]
        }
        let inverse = 1 / folded(lanes)
        return (0..<D).map { d in
          var chain: Float = 0
          for j in scores.indices { chain = chain.addingProduct(scores[j], rows[j][key + a.keyWidth + d]) }
          return chain * inverse
        }
      }
    }
  }

  /// eˣ by the operations that `exp` documents, on one number.
  private func exponential(_ x: Float) -> Float {
    if x < -87.336_54 { return 0 }
    let clipped = min(x, 88)
    let magic: Float = 12_582_912
    let shifted = magic.addingProduct(clipped, 1.442_695_041)
    let n = shifted - magic
    var r = clipped.addingProduct(n, -0.693_359_375)
    r = r.addingProduct(n, 2.121_944_4e-4)
    var p: Float = 1.0 / 720
    for coefficient: Float in [1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1, 1] {
      p = coefficient.addingProduct(p, r)
    }
    return Float(bitPattern: p.bitPattern &+ shifted.bitPattern << 23)
  }
}
