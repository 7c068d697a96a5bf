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

  /// The next token, given a uniform random number in [0, 1). Overwrites the logits.
  ///
  /// Which token it is depends on the logits and the number alone: sums run in one order, and of equally likely tokens the one with the smaller number
  /// comes first.
  ///
  /// - Parameter suppressed: never chosen.
  package func choose(_ logits: Floats, uniform: Float, suppressing suppressed: Int32?) -> Int32 {
    let V = logits.count
    if let suppressed { logits[Int(suppressed)] = -.infinity }
    if temperature == 0 { return Int32(likeliest(logits)) }
    if temperature != 1 { scale(logits, by: 1 / temperature, into: logits, V) }
    exponentiate(logits, shift: logSumExp(logits, V))
    if topK == 0 && topP >= 1 { return pick(logits, uniform: uniform) }
    return pick(likeliestFew(logits), logits, uniform: uniform)
  }

  /// x = exp(x - shift).
  private func exponentiate(_ x: Floats, shift: Float) {
    let lanes = Vector(repeating: shift)
    var i = 0
    while i + 8 <= x.count {
      x.store8(exp(x.load8(i) - lanes), i)
      i += 8
    }
    while i < x.count {
      x[i] = exp(x[i] - shift)
      i += 1
    }
  }

  private func likeliest(_ logits: Floats) -> Int {
    var most = Vector(repeating: -.infinity)
    var i = 0
    while i + 8 <= logits.count {
      let v = logits.load8(i)
      most.replace(with: v, where: v .> most)
      i += 8
    }
    var maximum = greatest(most)
    while i < logits.count {
      maximum = logits[i] > maximum ? logits[i] : maximum
      i += 1
    }
    return (0..<logits.count).first { logits[$0] == maximum } ?? 0
  }

  /// The tokens that top-k and top-p leave, likeliest first.
  ///
  /// Only those above a threshold are sorted, which falls until it leaves enough.
  private func likeliestFew(_ p: Floats) -> [Int] {
    let V = p.count
    let wanted = topK > 0 ? min(topK, V) : V
    let mass = topP < 1 ? topP * Self.total(p) : .infinity
    var threshold = p[likeliest(p)] / 16
    var few: [Int] = []
    while true {
      few.removeAll(keepingCapacity: true)
      for i in 0..<V where p[i] >= threshold { few.append(i) }
      let isEnough = few.count >= wanted || few.reduce(0) { $0 + p[$1] } > mass
      if threshold == 0 || isEnough { break }
      threshold = threshold < 1e-30 ? 0 : threshold / 256
    }
    few.sort { p[$0] != p[$1] ? p[$0] > p[$1] : $0 < $1 }
    if few.count > wanted { few.removeLast(few.count - wanted) }
    var reached: Float = 0
    var kept = 0
    while kept < few.count, kept == 0 || reached < mass {
      reached += p[few[kept]]
      kept += 1
    }
    few.removeLast(few.count - kept)
    return few
  }

  /// Numbers whose sum `total` and `pick` take at once.
  private static let block = 64

  /// Σ p: eight lanes within blocks of 64, blocks in order.
  private static func total(_ p: Floats) -> Float {
    var total: Float = 0
    for start in stride(from: 0, to: p.count, by: block) { total += sum(of: p, start) }
    return total
  }

  private static func sum(of p: Floats, _ start: Int) -> Float {
    let end = min(start + block, p.count)
    var lanes = Vector()
    var i = start
    while i + 8 <= end {
      lanes += p.load8(i)
      i += 8
    }
    var total = Engine.sum(lanes)
    while i < end {
      total += p[i]
      i += 1
    }
    return total
  }

  /// The token at which the running sum of all probabilities passes `uniform` of their total.
  private func pick(_ p: Floats, uniform: Float) -> Int32 {
    var rest = uniform * Self.total(p)
    var start = 0
    while start + Self.block < p.count {
      let sum = Self.sum(of: p, start)
      if rest < sum { break }
      rest -= sum
      start += Self.block
    }
    var last = 0
    for i in start..<p.count where p[i] > 0 {
      last = i
      rest -= p[i]
      if rest < 0 { return Int32(i) }
    }
    return Int32(last > 0 ? last : likeliest(p))
  }

  /// The same over some tokens in their order.
  private func pick(_ order: [Int], _ p: Floats, uniform: Float) -> Int32 {
    var rest = uniform * order.reduce(0) { $0 + p[$1] }
    for i in order {
      rest -= p[i]
      if rest < 0 { return Int32(i) }
    }
    return Int32(order.last ?? likeliest(p))
  }
}
