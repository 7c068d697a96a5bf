// Legend: F numbers inside the MLP; a row holds the gate's F numbers, then the way up's. An activation is g · σ(z(g)), which gives SiLU with z = g and the
// tanh form of GELU with z = 2·√(2/π)·(g + 0.044715 g³), since (1 + tanh y) / 2 = σ(2y).

/// What stands under the logistic function, and its slope.
private protocol GateCurve {
  static func exponent(_ g: Vector) -> Vector
  static func slope(_ g: Vector) -> Vector
}

private enum SiLU: GateCurve {
  @inline(__always)
  static func exponent(_ g: Vector) -> Vector { g }
  @inline(__always)
  static func slope(_ g: Vector) -> Vector { Vector(repeating: 1) }
}

private enum TanhGELU: GateCurve {
  /// 2·√(2/π)
  private static var root: Vector { Vector(repeating: 1.595_769_1) }
  @inline(__always)
  static func exponent(_ g: Vector) -> Vector {
    root * g * Vector(repeating: 1).addingProduct(g * g, Vector(repeating: 0.044_715))
  }
  @inline(__always)
  static func slope(_ g: Vector) -> Vector {
    root * Vector(repeating: 1).addingProduct(g * g, Vector(repeating: 3 * 0.044_715))
  }
}

extension Architecture.Activation {
  /// h = g · σ(z(g)) ∘ u for one row.
  @inline(__always)
  package func gate(_ gu: Floats, into h: Floats, _ F: Int) {
    switch self {
    case .silu: run(SiLU.self, gu, into: h, F)
    case .geluTanh: run(TanhGELU.self, gu, into: h, F)
    }
  }

  /// The gradient for one row: dg = dh ∘ u ∘ s·(1 + g·(1 - s)·z'), du = dh ∘ g·s, s = 1/(1 + e^-z).
  ///
  /// In place of dh it leaves h, the same bits as `gate`'s, since the exponentials are at hand.
  @inline(__always)
  func gateBackward(_ dh: Floats, _ gu: Floats, into dgu: Floats, _ F: Int) {
    switch self {
    case .silu: runBackward(SiLU.self, dh, gu, into: dgu, F)
    case .geluTanh: runBackward(TanhGELU.self, dh, gu, into: dgu, F)
    }
  }
}

@inline(__always)
private func run<Curve: GateCurve>(_: Curve.Type, _ gu: Floats, into h: Floats, _ F: Int) {
  let one = Vector(repeating: 1)
  var f = 0
  while f + 8 <= F {
    let g = gu.load8(f)
    h.store8(g / (one + exp(-Curve.exponent(g))) * gu.load8(F + f), f)
    f += 8
  }
  while f < F {
    let g = Vector(repeating: gu[f])
    h[f] = gu[f] / (one + exp(-Curve.exponent(g)))[0] * gu[F + f]
    f += 1
  }
}

@inline(__always)
private func runBackward<Curve: GateCurve>(
  _: Curve.Type, _ dh: Floats, _ gu: Floats, into dgu: Floats, _ F: Int
) {
  let one = Vector(repeating: 1)
  @inline(__always)
  func slopes(_ g: Vector, _ u: Vector, _ d: Vector) -> (dg: Vector, du: Vector, h: Vector) {
    let sum = one + exp(-Curve.exponent(g))
    let s = one / sum
    return (d * u * s * one.addingProduct(g, (one - s) * Curve.slope(g)), d * g * s, g / sum * u)
  }
  var f = 0
  while f + 8 <= F {
    let (dg, du, h) = slopes(gu.load8(f), gu.load8(F + f), dh.load8(f))
    dgu.store8(dg, f)
    dgu.store8(du, F + f)
    dh.store8(h, f)
    f += 8
  }
  while f < F {
    let (dg, du, h) = slopes(
      Vector(repeating: gu[f]), Vector(repeating: gu[F + f]), Vector(repeating: dh[f]))
    dgu[f] = dg[0]
    dgu[F + f] = du[0]
    dh[f] = h[0]
    f += 1
  }
}
