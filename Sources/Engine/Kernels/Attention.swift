// Legend: D numbers a head, E = D rounded up to 16, n keys that a query sees, N = n rounded up to 16.
//
// Keys lie in panels of 16 tokens, `[N / 16, D, 16]`, so that scores are products with B = Kᵀ; values in panels of 16 numbers, `[E / 16, tokens, 16]`,
// so that outputs are products with B = V. Training packs both for each sequence, decoding keeps its cache in this form. Each score is one
// chain over d ascending, each output one chain over the tokens ascending: the same bits in both.

/// Numbers of a head, rounded up to whole panels.
@inline(__always)
func roundedToPanels(_ count: Int) -> Int { (count + 15) / 16 * 16 }

/// Keys and values of one head of one conversation.
package struct KeyValuePanels {
  /// `[tokens / 16, D, 16]`
  let keys: Floats
  /// `[E / 16, capacity, 16]`
  let values: Floats
  /// Tokens that a panel of values has room for.
  let capacity: Int
  let D: Int

  package init(keys: Floats, values: Floats, capacity: Int, D: Int) {
    self.keys = keys
    self.values = values
    self.capacity = capacity
    self.D = D
  }

  /// Numbers that keys take.
  package static func keySize(tokens: Int, _ D: Int) -> Int { roundedToPanels(tokens) * D }
  /// Numbers that values take.
  package static func valueSize(tokens: Int, _ D: Int) -> Int { roundedToPanels(D) * tokens }

  /// Puts a token's key and value in their places.
  @inline(__always)
  package func store(key: Floats, value: Floats, at token: Int) {
    let first = token / 16 * 16 * D + token % 16
    for d in 0..<D { keys[first + 16 * d] = key[d] }
    var d = 0
    while d + 16 <= D {
      let place = (d / 16 * capacity + token) * 16
      values.store8(value.load8(d), place)
      values.store8(value.load8(d + 8), place + 8)
      d += 16
    }
    while d < D {
      values[(d / 16 * capacity + token) * 16 + d % 16] = value[d]
      d += 1
    }
  }
}

/// Rows `[tokens, D]`, `stride` numbers apart, to panels of 16 tokens `[D, 16]`; tokens that are missing in the last are 0.
@inline(__always)
func packTokens(_ rows: Floats, stride: Int, tokens: Int, _ D: Int, into panels: Floats) {
  var token = 0
  while token < tokens {
    let place = token / 16 * 16 * D + token % 16
    if token % 8 == 0, token + 8 <= tokens, D % 8 == 0 {
      for d in Swift.stride(from: 0, to: D, by: 8) {
        transpose(rows, token * stride + d, stride, into: panels, place + 16 * d)
      }
      token += 8
    } else {
      for d in 0..<D { panels[place + 16 * d] = rows[token * stride + d] }
      token += 1
    }
  }
  for token in tokens..<roundedToPanels(tokens) {
    let place = token / 16 * 16 * D + token % 16
    for d in 0..<D { panels[place + 16 * d] = 0 }
  }
}

/// Rows `[tokens, D]`, `stride` numbers apart, to panels of 16 numbers `[capacity, 16]`, the last filled up with zeros.
@inline(__always)
func packNumbers(_ rows: Floats, stride: Int, tokens: Int, capacity: Int, _ D: Int, into panels: Floats) {
  for token in 0..<tokens {
    for d in Swift.stride(from: 0, to: D, by: 16) {
      let place = (d / 16 * capacity + token) * 16
      if d + 16 <= D {
        panels.store8(rows.load8(token * stride + d), place)
        panels.store8(rows.load8(token * stride + d + 8), place + 8)
      } else {
        for lane in 0..<16 { panels[place + lane] = d + lane < D ? rows[token * stride + d + lane] : 0 }
      }
    }
  }
}

/// What becomes of the product of a query and a key before the softmax, and which keys a query sees.
package struct AttentionRule {
  /// Multiplies the product.
  let scale: Float
  /// c in c · tanh(s / c) of the scaled product.
  let softCap: Float?
  /// Keys a query sees, its own included.
  let window: Int

  package init(_ a: Architecture, layer: Int) {
    scale = a.attentionScale
    softCap = a.attentionSoftCap
    window = a.localLayers[layer] ? a.slidingWindow ?? .max : .max
  }

  /// Keys that the last of n is not too far away from.
  @inline(__always)
  func visible(_ n: Int) -> Range<Int> { max(0, n - window)..<n }

  /// Scales a row's products and caps them, where there is a cap; gives the factor that makes scores of what is there now.
  @inline(__always)
  func cap(_ products: Floats) -> Vector {
    guard let softCap else { return Vector(repeating: scale) }
    Engine.scale(products, by: scale, into: products, products.count)
    Engine.softCap(products, softCap)
    return Vector(repeating: 1)
  }
}

/// Some queries that attend to one head's keys and values: rows `stride` numbers apart.
package struct QueryBlock {
  let queries: Floats
  let stride: Int
  let count: Int
  /// Keys that the first query sees.
  let keys: Int
  /// Each query sees one key more than the one before (tokens of a sequence), or all see as many (heads that share keys).
  let isCausal: Bool
  let D: Int

  package init(queries: Floats, stride: Int, count: Int, keys: Int, isCausal: Bool, D: Int) {
    self.queries = queries
    self.stride = stride
    self.count = count
    self.keys = keys
    self.isCausal = isCausal
    self.D = D
  }

  @inline(__always)
  func keys(of row: Int) -> Int { isCausal ? keys + row : keys }

  /// N of the last query: what a row of scores takes.
  var width: Int { roundedToPanels(keys(of: max(0, count - 1))) }

  /// Numbers of scratch memory that `attend` needs for up to so many keys.
  package static func scratchSize(keys: Int, _ D: Int) -> Int {
    6 * (roundedToPanels(keys) + roundedToPanels(D))
  }

  /// Softmax attention: outᵢ = Σⱼ pᵢⱼ·vⱼ, pᵢⱼ = exp(sᵢⱼ - mᵢ) / Σⱼ, for each query, six at a time; sᵢⱼ is what the rule makes of qᵢ·kⱼ.
  ///
  /// `finish` gets each row's number, Σⱼ exp(…)·vⱼ, the maximum mᵢ and the reciprocal of the sum of exponentials.
  @inline(__always)
  package func attend(
    to cache: KeyValuePanels, _ rule: AttentionRule, scratch: Floats,
    finish: (_ row: Int, _ sum: Floats, _ maximum: Float, _ inverse: Float) -> Void
  ) {
    let E = roundedToPanels(D)
    let sums = scratch.slice(scratch.count - 6 * E, 6 * E)
    for first in Swift.stride(from: 0, to: count, by: 6) {
      let rows = min(6, count - first)
      let most = keys(of: first + rows - 1)
      let width = roundedToPanels(most)
      let scores = scratch.slice(0, rows * width)
      BlockProduct<SinglePanels>(
        a: LeftOperand(
          rows: queries.suffix(from: first * self.stride), stride: self.stride),
        panels: cache.keys, panelStride: 16 * D, c: scores, cStride: width, isFresh: true
      ).run(rows: 0..<rows, panels: 0..<width / 16, depth: 0..<D)
      var maxima = Vector()
      var inverses = Vector()
      for row in 0..<rows {
        (maxima[row], inverses[row]) = exponentials(
          scores.slice(row * width, width), rule.visible(keys(of: first + row)), rule)
      }
      BlockProduct<SinglePanels>(
        a: LeftOperand(rows: scores, stride: width), panels: cache.values, panelStride: 16 * cache.capacity,
        c: sums, cStride: E, isFresh: true
      ).run(rows: 0..<rows, panels: 0..<E / 16, depth: 0..<most)
      for row in 0..<rows { finish(first + row, sums.slice(row * E, E), maxima[row], inverses[row]) }
    }
  }
}

/// A query of each of some heads, which all see as many keys of their own.
struct LoneQueries {
  /// The first head's query; the next head's is D numbers further.
  let queries: Floats
  /// The first head's; the next head's keys are `keyStep` numbers further, its values `valueStep`.
  let cache: KeyValuePanels
  let keyStep: Int
  let valueStep: Int
  /// Keys that each sees.
  let keys: Int

  /// Heads that attend side by side: no more than `QueryBlock.scratchSize` has room for, six.
  private static let together = 4

  /// What `QueryBlock` gives, for the heads in order; `finish` gets a head's number, Σⱼ exp(…)·vⱼ and the reciprocal of the sum of exponentials.
  @inline(__always)
  func attend(
    heads: Int, _ rule: AttentionRule, scratch: Floats,
    finish: (_ head: Int, _ sum: Floats, _ inverse: Float) -> Void
  ) {
    let D = cache.D
    let E = roundedToPanels(D)
    let width = roundedToPanels(keys)
    for first in Swift.stride(from: 0, to: heads, by: Self.together) {
      let rows = min(Self.together, heads - first)
      let scores = scratch.slice(0, rows * width)
      let sums = scratch.slice(rows * width, rows * E)
      RowProducts(
        a: queries.slice(first * D, rows * D), aStep: D, panels: cache.keys.suffix(from: first * keyStep),
        panelsStep: keyStep, panelStride: 16 * D, depth: D, c: scores, cStep: width
      ).run(rows: rows, panels: width / 16)
      var inverses = Vector()
      for row in 0..<rows {
        inverses[row] = exponentials(scores.slice(row * width, width), rule.visible(keys), rule).inverse
      }
      RowProducts(
        a: scores, aStep: width, panels: cache.values.suffix(from: first * valueStep), panelsStep: valueStep,
        panelStride: 16 * cache.capacity, depth: keys, c: sums, cStep: E
      ).run(rows: rows, panels: E / 16)
      for row in 0..<rows { finish(first + row, sums.slice(row * E, E), inverses[row]) }
    }
  }
}

/// Replaces the visible of a row's products by exp(score - maximum), the others by 0; gives the maximum and the reciprocal of the sum.
///
/// The row's length is a multiple of 8. The sum runs over lanes j mod 8, so zeros beyond the visible change no bit.
@inline(__always)
func exponentials(_ p: Floats, _ visible: Range<Int>, _ rule: AttentionRule) -> (
  maximum: Float, inverse: Float
) {
  let count = p.count
  let end = (visible.upperBound + 7) / 8 * 8
  let factor = rule.cap(p.slice(0, end))
  for j in 0..<visible.lowerBound { p[j] = -.infinity }
  for j in visible.upperBound..<count { p[j] = -.infinity }
  var most = Vector(repeating: -.infinity)
  var j = 0
  while j < end {
    let v = p.load8(j) * factor
    p.store8(v, j)
    most.replace(with: v, where: v .> most)
    j += 8
  }
  let maximum = greatest(most)
  let shift = Vector(repeating: maximum)
  var lanes = Vector()
  j = 0
  while j < end {
    let e = exp(p.load8(j) - shift)
    p.store8(e, j)
    lanes += e
    j += 8
  }
  while j < count {
    p.store8(Vector(), j)
    j += 8
  }
  return (maximum, 1 / sum(lanes))
}
