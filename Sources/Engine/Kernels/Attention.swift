// Legend: D numbers a head, n keys that a query sees.

/// Keys (or values) of one head in memory: token j's D numbers begin at `j · stride`.
struct HeadView {
  let floats: Floats
  let stride: Int

  @inline(__always)
  subscript(token: Int) -> Floats { floats.slice(token * stride, floats.count - token * stride) }
}

/// Softmax attention of one query over n keys: out = Σⱼ pⱼ·vⱼ, pⱼ = exp(q·kⱼ/√D - m) / Σ.
///
/// Scores lie in `p` (room for n rounded up to eight); afterwards it holds the unnormalised exponentials. The sum runs over
/// lanes j mod 8, and each output is a chain with j ascending, so the bits depend on the query and its keys alone. Gives the maximum and the
/// reciprocal of the sum, from which the backward pass finds the same pⱼ.
@inline(__always)
func attend(
  _ q: Floats, keys: HeadView, values: HeadView, n: Int, scale: Float, scores p: Floats, into out: Floats,
  _ D: Int
) -> (maximum: Float, inverse: Float) {
  for j in 0..<n { p[j] = dot(q, keys[j], D) * scale }
  let (maximum, total) = exponentials(p, n)
  let inverse = 1 / total
  out.fill(0)
  for j in 0..<n { add(p[j], values[j], to: out, D) }
  for d in 0..<D { out[d] *= inverse }
  return (maximum, inverse)
}

/// Replaces n scores by exp(score - maximum); gives the maximum and the sum. `p` has room for n rounded up to eight.
@inline(__always)
func exponentials(_ p: Floats, _ n: Int) -> (maximum: Float, total: Float) {
  let padded = (n + 7) / 8 * 8
  for j in n..<padded { p[j] = -.infinity }
  var most = p.load8(0)
  var j = 8
  while j < padded {
    let v = p.load8(j)
    most.replace(with: v, where: v .> most)
    j += 8
  }
  let maximum = greatest(most)
  let shift = Vector(repeating: maximum)
  var lanes = Vector()
  j = 0
  while j < padded {
    let e = exp(p.load8(j) - shift)
    p.store8(e, j)
    lanes += e
    j += 8
  }
  return (maximum, sum(lanes))
}

/// The gradient of `attend` for one query: adds to dq, and to the keys' and values' gradients.
///
/// dpⱼ = do·vⱼ; dsⱼ = pⱼ·(dpⱼ - do·o)/√D; dq += Σ dsⱼ·kⱼ; dkⱼ += dsⱼ·q; dvⱼ += pⱼ·do.
@inline(__always)
func attendBackward(
  _ dOut: Floats, out: Floats, q: Floats, keys: HeadView, values: HeadView, n: Int, scale: Float,
  maximum: Float, inverse: Float, scores p: Floats, dq: Floats, dKeys: HeadView, dValues: HeadView, _ D: Int
) {
  for j in 0..<n { p[j] = dot(q, keys[j], D) * scale }
  let padded = (n + 7) / 8 * 8
  for j in n..<padded { p[j] = -.infinity }
  let shift = Vector(repeating: maximum)
  let norm = Vector(repeating: inverse)
  for j in stride(from: 0, to: padded, by: 8) { p.store8(exp(p.load8(j) - shift) * norm, j) }
  let delta = dot(dOut, out, D)
  for j in 0..<n {
    let ds = p[j] * (dot(dOut, values[j], D) - delta) * scale
    add(ds, keys[j], to: dq, D)
    add(ds, q, to: dKeys[j], D)
    add(p[j], dOut, to: dValues[j], D)
  }
}
