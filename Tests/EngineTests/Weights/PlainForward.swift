import Engine
import Foundation

/// A forward pass read off the description's fields, one token at a time, in double precision: slow, plain, and without any of the
/// engine's kernels. It shows that the fields and the parameters say all there is to know of a model.
struct PlainForward {
  var d: Architecture
  let weights: [String: [Double]]

  init(_ files: ModelFiles) throws {
    d = files.architecture
    var weights: [String: [Double]] = [:]
    for parameter in files.parameters {
      weights[parameter.name] = try files.read(parameter.name).map(Double.init)
    }
    self.weights = weights
  }

  /// Logits after each token.
  func logits(_ tokens: [Int]) -> [[Double]] {
    var keys = [[[Double]]](repeating: [], count: d.layers)
    var values = keys
    return tokens.enumerated().map { position, token in
      var x = (0..<d.width).map { w("embedding")[token * d.width + $0] * Double(d.embeddingScale) }
      for layer in 0..<d.layers {
        let name = "layers.\(layer)."
        var attended = attend(layer, norm(x, name + "attention_norm"), position, &keys[layer], &values[layer])
        attended = product(name + "attention_output", attended)
        if d.postNorms { attended = norm(attended, name + "attention_post_norm") }
        x = zip(x, attended).map { $0 + $1 }
        let gated = product(name + "gate_and_up", norm(x, name + "feed_forward_norm"))
        let hidden = (0..<d.feedForward).map { activation(gated[$0]) * gated[d.feedForward + $0] }
        var out = product(name + "down", hidden)
        if d.postNorms { out = norm(out, name + "feed_forward_post_norm") }
        x = zip(x, out).map { $0 + $1 }
      }
      let logits = product(d.tiedEmbeddings ? "embedding" : "output", norm(x, "final_norm"))
      return logits.map { capped($0, d.finalSoftCap) }
    }
  }

  private func w(_ name: String) -> [Double] { weights[name] ?? [] }

  private func product(_ name: String, _ x: [Double]) -> [Double] {
    let matrix = w(name)
    return (0..<matrix.count / x.count).map { row in
      (0..<x.count).reduce(0) { $0 + matrix[row * x.count + $1] * x[$1] }
    }
  }

  private func norm(_ x: [Double], _ name: String) -> [Double] {
    let inverse = 1 / (x.reduce(0) { $0 + $1 * $1 } / Double(x.count) + Double(d.normEpsilon)).squareRoot()
    return zip(x, w(name)).map { $0 * inverse * ((d.normAddsOne ? 1 : 0) + $1) }
  }

  private func activation(_ x: Double) -> Double {
    switch d.activation {
    case .silu: x / (1 + exp(-x))
    case .geluTanh: x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }
  }

  private func capped(_ x: Double, _ cap: Float?) -> Double {
    cap.map { Double($0) * tanh(x / Double($0)) } ?? x
  }

  private func attend(
    _ layer: Int, _ x: [Double], _ position: Int, _ keys: inout [[Double]], _ values: inout [[Double]]
  ) -> [Double] {
    let name = "layers.\(layer)."
    var projected = product(name + "projection", x)
    if d.attentionBias { projected = zip(projected, w(name + "projection_bias")).map { $0 + $1 } }
    func head(_ index: Int, _ normName: String) -> [Double] {
      let raw = Array(projected[index * d.headWidth..<(index + 1) * d.headWidth])
      return turned(d.queryKeyNorm ? norm(raw, name + normName) : raw, position, local: d.localLayers[layer])
    }
    keys.append((0..<d.keyValueHeads).flatMap { head(d.heads + $0, "key_norm") })
    values.append(Array(projected[(d.queryWidth + d.keyWidth)...]))
    let first = d.localLayers[layer] ? max(0, position + 1 - (d.slidingWindow ?? 0)) : 0
    return (0..<d.heads).flatMap { index in
      let query = head(index, "query_norm")
      let start = index / (d.heads / d.keyValueHeads) * d.headWidth
      let scores = (first...position).map { other in
        let sum = (0..<d.headWidth).reduce(0) { $0 + query[$1] * keys[other][start + $1] }
        return exp(capped(sum * Double(d.attentionScale), d.attentionSoftCap))
      }
      let total = scores.reduce(0, +)
      return (0..<d.headWidth).map { i in
        (first...position).reduce(0) { $0 + scores[$1 - first] * values[$1][start + i] } / total
      }
    }
  }

  private func turned(_ head: [Double], _ position: Int, local: Bool) -> [Double] {
    var turned = head
    let half = d.rotaryWidth / 2
    let own = local ? d.ropeLocalBase : nil
    for i in 0..<half {
      var frequency = pow(own ?? d.ropeBase, -Double(i) / Double(half))
      if own == nil { frequency = d.ropeScaling.frequency(frequency, at: i) }
      let magnitude = own == nil ? d.ropeScaling.magnitude : 1
      let (c, s) = (
        cos(Double(position) * frequency) * magnitude, sin(Double(position) * frequency) * magnitude
      )
      turned[i] = head[i] * c - head[half + i] * s
      turned[half + i] = head[half + i] * c + head[i] * s
    }
    return turned
  }
}
