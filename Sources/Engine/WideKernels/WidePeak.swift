/// `steps` times sixteen chains of fused multiply-adds, sixteen lanes each: what the processor gives at most, for benchmarks.
///
/// - Returns: a number that depends on all of them, so that none is left out.
@inline(never)
package func wideMultiplyAdds(_ steps: Int) -> Float {
  let x = WideVector(repeating: 0.999_999)
  let y = WideVector(repeating: 1e-6)
  var chains = InlineArray<16, WideVector>(repeating: x)
  for _ in 0..<steps {
    for chain in 0..<16 { chains[chain] = y.addingProduct(chains[chain], x) }
  }
  var total: Float = 0
  for chain in 0..<16 { total += chains[chain].sum() }
  return total
}
