/// The logarithm of Σ exp(logits), for one row of V logits: m + log Σ exp(xᵢ - m), lanes i mod 8.
///
/// Sampling and training both call this, so a token's log-probability has the same bits in both.
package func logSumExp(_ logits: Floats, _ V: Int) -> Float {
  var most = Vector(repeating: -.infinity)
  var i = 0
  while i + 8 <= V {
    let v = logits.load8(i)
    most.replace(with: v, where: v .> most)
    i += 8
  }
  var maximum = greatest(most)
  while i < V {
    maximum = logits[i] > maximum ? logits[i] : maximum
    i += 1
  }
  let shift = Vector(repeating: maximum)
  var lanes = Vector()
  i = 0
  while i + 8 <= V {
    lanes += exp(logits.load8(i) - shift)
    i += 8
  }
  var total = sum(lanes)
  while i < V {
    total += exp(logits[i] - maximum)
    i += 1
  }
  return maximum + log(total)
}
