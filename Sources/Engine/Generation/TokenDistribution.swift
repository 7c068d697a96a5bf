/// What the next token is drawn from: a row of logits made into probabilities once, for all samples that have said the same so far.
///
/// Which token a number draws depends on the logits and the number alone: sums run in one order, and of equally likely tokens the one with the
/// smaller number comes first.
package struct TokenDistribution {
  /// Probabilities up to a factor; at temperature 0 the logits.
  private let p: Floats
  /// The only tokens that can come, likeliest first; `nil`: all.
  private let few: [Int]?
  /// Of the probabilities that can come.
  private let total: Float
  /// At temperature 0 the one token that comes.
  private let certain: Int32?

  /// Overwrites the logits, and reads them as long as it is used.
  ///
  /// `nil` where one of the logits is no number, or none of them is finite.
  ///
  /// - Parameter suppressed: never drawn.
  package init?(_ logits: Floats, _ decoding: Decoding, suppressing suppressed: Int32?) {
    p = logits
    guard Self.areDefined(p) else { return nil }
    if let suppressed { p[Int(suppressed)] = -.infinity }
    guard decoding.temperature != 0 else {
      few = nil
      total = 0
      certain = Int32(Self.likeliest(p))
      return
    }
    certain = nil
    if decoding.temperature != 1 { scale(p, by: 1 / decoding.temperature, into: p, p.count) }
    Self.exponentiate(p, shift: logSumExp(p, p.count))
    if decoding.topK == 0 && decoding.topP >= 1 {
      few = nil
      total = Self.total(p)
    } else {
      let likely = Self.likeliestFew(p, decoding)
      few = likely
      total = likely.reduce(0) { [p] in $0 + p[$1] }
    }
  }

  /// Whether every number draws the same token.
  package var isCertain: Bool { certain != nil }

  /// The token that a uniform random number in [0, 1) draws.
  package func token(at uniform: Float) -> Int32 {
    if let certain { return certain }
    guard let few else { return pick(rest: uniform * total) }
    var rest = uniform * total
    for token in few {
      rest -= p[token]
      if rest < 0 { return Int32(token) }
    }
    return Int32(few.last ?? Self.likeliest(p))
  }

  /// The token at which the running sum of all probabilities passes `rest`.
  private func pick(rest: Float) -> Int32 {
    var rest = rest
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
    return Int32(last > 0 ? last : Self.likeliest(p))
  }

  /// No NaN, and nothing that is infinite but what can never come.
  private static func areDefined(_ x: Floats) -> Bool {
    // 0 · x is 0 for a finite number; sums keep what is none.
    var lanes = Vector()
    var i = 0
    while i + 8 <= x.count {
      let v = x.load8(i)
      lanes += v.replacing(with: Vector(), where: v .== Vector(repeating: -.infinity)) * 0
      i += 8
    }
    var rest: Float = lanes.sum()
    while i < x.count {
      rest += x[i] == -.infinity ? 0 : x[i] * 0
      i += 1
    }
    return rest == 0
  }

  /// x = exp(x - shift).
  private static func exponentiate(_ x: Floats, shift: Float) {
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

  private static func likeliest(_ logits: Floats) -> Int {
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
  private static func likeliestFew(_ p: Floats, _ decoding: Decoding) -> [Int] {
    let V = p.count
    let wanted = decoding.topK > 0 ? min(decoding.topK, V) : V
    let mass = decoding.topP < 1 ? decoding.topP * total(p) : .infinity
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
}
