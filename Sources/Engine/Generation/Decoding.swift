/// How the next token is chosen from the logits.
package struct Decoding: Hashable, Sendable {
  /// 0: the likeliest token, the one with the smaller number of equals.
  package var temperature: Float
  /// Only the k likeliest tokens; 0: all.
  package var topK: Int
  /// Only the likeliest tokens that together reach this probability.
  package var topP: Float
  /// After so many tokens an answer is cut off.
  package var maxTokens: Int

  package init(temperature: Float, topK: Int = 0, topP: Float = 1, maxTokens: Int = 64) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.maxTokens = maxTokens
  }

  package static func greedy(maxTokens: Int = 64) -> Decoding {
    Decoding(temperature: 0, maxTokens: maxTokens)
  }

  /// The next token, given a uniform random number in [0, 1). The token that begins conversations is never chosen.
  package func choose(_ logits: Floats, uniform: Float) -> Int32 {
    let V = logits.count
    logits[Int(CharacterTokenizer.begin)] = -.infinity
    if temperature == 0 { return likeliest(logits) }
    let inverse = 1 / temperature
    for i in 0..<V { logits[i] *= inverse }
    let normalizer = logSumExp(logits, V)
    for i in 0..<V { logits[i] = exp(logits[i] - normalizer) }
    if topK == 0, topP >= 1 {
      return pick(0..<V, logits, total: total(0..<V, logits), uniform)
    }
    // Likeliest first; of equals the smaller number first, so the order is one.
    var order = Array(0..<V)
    order.sort { logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1 }
    if topK > 0, topK < V { order.removeLast(V - topK) }
    if topP < 1 {
      let all = total(order, logits)
      var reached: Float = 0
      var kept = 0
      while kept < order.count, kept == 0 || reached < topP * all {
        reached += logits[order[kept]]
        kept += 1
      }
      order.removeLast(order.count - kept)
    }
    return pick(order, logits, total: total(order, logits), uniform)
  }

  private func likeliest(_ logits: Floats) -> Int32 {
    var best = 0
    for i in 1..<logits.count where logits[i] > logits[best] { best = i }
    return Int32(best)
  }

  private func total(_ order: some Sequence<Int>, _ p: Floats) -> Float {
    var sum: Float = 0
    for i in order { sum += p[i] }
    return sum
  }

  private func pick(_ order: some Sequence<Int>, _ p: Floats, total: Float, _ uniform: Float) -> Int32 {
    var rest = uniform * total
    var last = 0
    for i in order where p[i] > 0 {
      last = i
      rest -= p[i]
      if rest < 0 { return Int32(i) }
    }
    return Int32(last)
  }
}
