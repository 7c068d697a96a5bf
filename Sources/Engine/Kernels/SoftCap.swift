/// tanh y, off by less than 1e-7 absolutely: by the exponential, and for small y by the Taylor series, where the exponential would lose digits.
@inline(__always)
func tanh(_ y: Vector) -> Vector {
  let two = Vector(repeating: 2)
  let one = Vector(repeating: 1)
  let large = one - two / (one + exp(two * y))
  let z = y * y
  var p = Vector(repeating: 62.0 / 2835)
  p = Vector(repeating: -17.0 / 315).addingProduct(p, z)
  p = Vector(repeating: 2.0 / 15).addingProduct(p, z)
  p = Vector(repeating: -1.0 / 3).addingProduct(p, z)
  let small = y.addingProduct(y * z, p)
  return large.replacing(with: small, where: z .< Vector(repeating: 0.09))
}

/// z = c · tanh(z / c) for a row of numbers (Gemma 2).
func softCap(_ z: Floats, _ cap: Float) {
  let c = Vector(repeating: cap)
  var i = 0
  while i + 8 <= z.count {
    z.store8(c * tanh(z.load8(i) / c), i)
    i += 8
  }
  while i < z.count {
    z[i] = cap * tanh(Vector(repeating: z[i]) / c)[0]
    i += 1
  }
}

/// Multiplies a row's slopes with that of the cap, 1 - (capped / c)².
func softCapBackward(_ slopes: Floats, capped: Floats, _ cap: Float) {
  let inverse = Vector(repeating: 1 / cap)
  let one = Vector(repeating: 1)
  var i = 0
  while i + 8 <= slopes.count {
    let t = capped.load8(i) * inverse
    slopes.store8(slopes.load8(i) * (one - t * t), i)
    i += 8
  }
  while i < slopes.count {
    let t = capped[i] * (1 / cap)
    slopes[i] *= 1 - t * t
    i += 1
  }
}
