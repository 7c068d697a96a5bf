// Legend: D numbers a head, E = D rounded up to 16, n tokens of a sequence, N = n rounded up to 16.

/// The gradient of causal attention for one sequence and the heads that share one head of keys and values.
///
/// For query i and key j ≤ i: dPᵢⱼ = doᵢ·vⱼ; dSᵢⱼ = Pᵢⱼ·(dPᵢⱼ - doᵢ·oᵢ)·s', s' the slope of the rule; dqᵢ = Σⱼ dSᵢⱼ·kⱼ; dkⱼ = Σᵢ dSᵢⱼ·qᵢ; dvⱼ = Σᵢ Pᵢⱼ·doᵢ. Heads follow
/// one another in their order, queries in blocks of 48 in theirs; every sum is one chain.
struct AttentionGradient {
  /// Queries at a time.
  private static let blockRows = 48
  let n: Int
  let D: Int
  let rule: AttentionRule
  private let E: Int
  private let N: Int
  private let keyPanels: Floats  // [N / 16, D, 16]
  private let valuePanels: Floats  // [N / 16, D, 16]: V turned as K is
  private let keyRows: Floats  // [E / 16, n, 16]
  private let queryRows: Floats  // [E / 16, block, 16]
  private let outRows: Floats  // [E / 16, block, 16]
  private let weights: Floats  // [block, N]: P
  private let slopes: Floats  // [block, N]: dP, then dS
  private let dQueries: Floats  // [block, E]
  private let dKeys: Floats  // [n, E]
  private let dValues: Floats  // [n, E]

  /// Numbers of scratch memory for sequences of up to n tokens.
  static func scratchSize(_ n: Int, _ D: Int) -> Int {
    let E = roundedToPanels(D)
    let N = roundedToPanels(n)
    return 2 * N * D + 3 * n * E + blockRows * (3 * E + 2 * N)
  }

  init(n: Int, D: Int, rule: AttentionRule, scratch: Floats) {
    let E = roundedToPanels(D)
    let N = roundedToPanels(n)
    (self.n, self.D, self.rule, self.E, self.N) = (n, D, rule, E, N)
    var used = 0
    func take(_ count: Int) -> Floats {
      defer { used += count }
      return scratch.slice(used, count)
    }
    keyPanels = take(N * D)
    valuePanels = take(N * D)
    keyRows = take(n * E)
    dKeys = take(n * E)
    dValues = take(n * E)
    queryRows = take(Self.blockRows * E)
    outRows = take(Self.blockRows * E)
    dQueries = take(Self.blockRows * E)
    weights = take(Self.blockRows * N)
    slopes = take(Self.blockRows * N)
  }

  /// Numbers of one head of a packed sequence: token t's D numbers are at `offset + t · stride`.
  struct Head {
    let floats: Floats
    let offset: Int
    let stride: Int

    @inline(__always)
    subscript(t: Int) -> Floats { floats.suffix(from: offset + t * stride) }
  }

  /// One query head: q, dq, do, o, and what its softmax left.
  struct QueryHead {
    let queries: Head
    let dQueries: Head
    let dOut: Head
    let out: Head
    /// mᵢ and the reciprocal of the sum at `i · stride`.
    let maximum: Head
    let inverse: Head
  }

  /// Writes dq of each head, dk and dv.
  func run(keys: Head, values: Head, heads: [QueryHead], dKeys dk: Head, dValues dv: Head) {
    packTokens(keys[0], stride: keys.stride, tokens: n, D, into: keyPanels)
    packTokens(values[0], stride: values.stride, tokens: n, D, into: valuePanels)
    packNumbers(keys[0], stride: keys.stride, tokens: n, capacity: n, D, into: keyRows)
    for (index, head) in heads.enumerated() {
      for first in Swift.stride(from: 0, to: n, by: Self.blockRows) {
        block(head, first..<min(first + Self.blockRows, n), isFirstHead: index == 0)
      }
    }
    for t in 0..<n {
      dk[t].slice(0, D).copy(from: dKeys.slice(t * E, D))
      dv[t].slice(0, D).copy(from: dValues.slice(t * E, D))
    }
  }

  private func block(_ head: QueryHead, _ rows: Range<Int>, isFirstHead: Bool) {
    let first = rows.lowerBound
    let count = rows.count
    let width = roundedToPanels(rows.upperBound)
    product(
      head.queries[first], head.queries.stride, keyPanels, 16 * D, into: weights, width, rows: count, depth: D
    )
    product(
      head.dOut[first], head.dOut.stride, valuePanels, 16 * D, into: slopes, width, rows: count, depth: D)
    for row in 0..<count {
      let i = first + row
      softmaxGradient(
        weights.slice(row * width, width), slopes.slice(row * width, width), rule.visible(i + 1), rule,
        maximum: head.maximum[i][0], inverse: head.inverse[i][0], delta: dot(head.dOut[i], head.out[i], D))
    }
    // dq = dS·K, each tile of six rows with the keys that its last one sees.
    let toQueries = BlockProduct<SinglePanels>(
      a: LeftOperand(rows: slopes, stride: width), panels: keyRows, panelStride: 16 * n, c: dQueries,
      cStride: E,
      isFresh: true)
    for tile in Swift.stride(from: 0, to: count, by: 6) {
      let end = min(tile + 6, count)
      toQueries.run(rows: tile..<end, panels: 0..<E / 16, depth: 0..<first + end)
    }
    for row in 0..<count { head.dQueries[first + row].slice(0, D).copy(from: dQueries.slice(row * E, D)) }
    packNumbers(
      head.queries[first], stride: head.queries.stride, tokens: count, capacity: count, D, into: queryRows)
    packNumbers(head.dOut[first], stride: head.dOut.stride, tokens: count, capacity: count, D, into: outRows)
    // A key that this block sees first has nothing in dk yet, unless an earlier head put it there.
    gather(slopes, width, queryRows, rows, into: dKeys, isFirstHead: isFirstHead)
    gather(weights, width, outRows, rows, into: dValues, isFirstHead: isFirstHead)
  }

  /// c[j] (+)= Σᵢ weight[i, j]·row[i] for the keys j that the block's queries see.
  private func gather(
    _ weights: Floats, _ width: Int, _ panels: Floats, _ rows: Range<Int>, into c: Floats, isFirstHead: Bool
  ) {
    let a = LeftOperand(columns: weights, stride: width)
    func run(_ keys: Range<Int>, isFresh: Bool) {
      BlockProduct<SinglePanels>(
        a: a, panels: panels, panelStride: 16 * rows.count, c: c, cStride: E, isFresh: isFresh
      )
      .run(rows: keys, panels: 0..<E / 16, depth: 0..<rows.count)
    }
    if isFirstHead {
      if rows.lowerBound > 0 { run(0..<rows.lowerBound, isFresh: false) }
      run(rows, isFresh: true)
    } else {
      run(0..<rows.upperBound, isFresh: false)
    }
  }

  private func product(
    _ a: Floats, _ stride: Int, _ panels: Floats, _ panelStride: Int, into c: Floats, _ width: Int, rows: Int,
    depth: Int
  ) {
    BlockProduct<SinglePanels>(
      a: LeftOperand(rows: a, stride: stride), panels: panels, panelStride: panelStride, c: c, cStride: width,
      isFresh: true
    ).run(rows: 0..<rows, panels: 0..<width / 16, depth: 0..<depth)
  }
}

/// For one query: products become P, dP becomes dS = P·(dP - delta)·slope; both 0 beyond the keys it sees.
@inline(__always)
private func softmaxGradient(
  _ p: Floats, _ slopes: Floats, _ visible: Range<Int>, _ rule: AttentionRule, maximum: Float, inverse: Float,
  delta: Float
) {
  let scale = Vector(repeating: rule.scale)
  let factor = rule.cap(p)
  let shift = Vector(repeating: maximum)
  let norm = Vector(repeating: inverse)
  let center = Vector(repeating: delta)
  let cap = Vector(repeating: rule.softCap ?? 1)
  let one = Vector(repeating: 1)
  let isCapped = rule.softCap != nil
  for j in 0..<visible.lowerBound { p[j] = -.infinity }
  for j in visible.upperBound..<p.count { p[j] = -.infinity }
  var j = 0
  while j < p.count {
    let score = p.load8(j) * factor
    let weight = exp(score - shift) * norm
    p.store8(weight, j)
    var slope = weight * (slopes.load8(j) - center) * scale
    if isCapped {
      let t = score / cap
      // Scores that are not seen are infinite; their weight is 0, and so is their slope.
      slope = (slope * (one - t * t)).replacing(with: Vector(), where: weight .== Vector())
    }
    slopes.store8(slope, j)
    j += 8
  }
}
