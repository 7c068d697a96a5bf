// Legend: F numbers inside the MLP; a row holds the gate's F numbers, then the way up's.

/// h = silu(g) ∘ u for one row, silu(g) = g / (1 + e^-g).
@inline(__always)
func gate(_ gu: Floats, into h: Floats, _ F: Int) {
  let one = Vector(repeating: 1)
  var f = 0
  while f + 8 <= F {
    let g = gu.load8(f)
    h.store8(g / (one + exp(-g)) * gu.load8(F + f), f)
    f += 8
  }
  while f < F {
    let g = gu[f]
    h[f] = g / (1 + exp(-g)) * gu[F + f]
    f += 1
  }
}

/// The gradient for one row: dg = dh ∘ u ∘ s·(1 + g·(1 - s)), du = dh ∘ g·s, s = 1/(1 + e^-g).
@inline(__always)
func gateBackward(_ dh: Floats, _ gu: Floats, into dgu: Floats, _ F: Int) {
  let one = Vector(repeating: 1)
  var f = 0
  while f + 8 <= F {
    let g = gu.load8(f)
    let s = one / (one + exp(-g))
    let d = dh.load8(f)
    dgu.store8(d * gu.load8(F + f) * s * one.addingProduct(g, one - s), f)
    dgu.store8(d * g * s, F + f)
    f += 8
  }
  while f < F {
    let g = gu[f]
    let s = 1 / (1 + exp(-g))
    dgu[f] = dh[f] * gu[F + f] * s * Float(1).addingProduct(g, 1 - s)
    dgu[F + f] = dh[f] * g * s
    f += 1
  }
}
