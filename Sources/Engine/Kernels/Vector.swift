/// Elementary functions and reductions on eight lanes. Each has one fixed order of operations, so its bits are the same on every
/// processor with fused multiply-add; the C library's differ between versions.

/// Eight numbers.
package typealias Vector = SIMD8<Float>

/// The sum of the lanes: halves, quarters, pairs.
@inline(__always)
package func sum(_ v: Vector) -> Float {
  let four = v.lowHalf + v.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}

/// The greatest lane.
@inline(__always)
package func greatest(_ v: Vector) -> Float {
  let four = v.lowHalf.replacing(with: v.highHalf, where: v.highHalf .> v.lowHalf)
  let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
  return two.y > two.x ? two.y : two.x
}

/// eˣ, off by less than 2 units in the last place for -87 ≤ x ≤ 88; below that 0, above that e⁸⁸.
///
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2, and a polynomial of degree 6 for eʳ (coefficients: the Taylor series, whose remainder at
/// |r| = 0.347 is 1.2e-7 of r⁷'s factor).
@inline(__always)
package func exp(_ x: Vector) -> Vector {
  let low = Vector(repeating: -87.336_54)
  let high = Vector(repeating: 88)
  var clipped = x.replacing(with: high, where: x .> high)
  clipped.replace(with: low, where: x .< low)
  // Adding 1.5 · 2²³ rounds to the nearest integer, which then stands in the low bits.
  let magic = Vector(repeating: 12_582_912)
  let shifted = magic.addingProduct(clipped, Vector(repeating: 1.442_695_041))
  let n = shifted - magic
  var r = clipped.addingProduct(n, Vector(repeating: -0.693_359_375))
  r = r.addingProduct(n, Vector(repeating: 2.121_944_4e-4))
  var p = Vector(repeating: 1.0 / 720)
  p = Vector(repeating: 1.0 / 120).addingProduct(p, r)
  p = Vector(repeating: 1.0 / 24).addingProduct(p, r)
  p = Vector(repeating: 1.0 / 6).addingProduct(p, r)
  p = Vector(repeating: 0.5).addingProduct(p, r)
  p = Vector(repeating: 1).addingProduct(p, r)
  p = Vector(repeating: 1).addingProduct(p, r)
  let bits = unsafe unsafeBitCast(shifted, to: SIMD8<Int32>.self) &<< 23
  let scaled = unsafe unsafeBitCast(unsafeBitCast(p, to: SIMD8<Int32>.self) &+ bits, to: Vector.self)
  return scaled.replacing(with: Vector(), where: x .< low)
}

/// eˣ of one number, by the same operations as on eight.
@inline(__always)
package func exp(_ x: Float) -> Float { exp(Vector(repeating: x))[0] }

/// Natural logarithm of a positive, normal number, off by less than 2 units in the last place.
///
/// x = m · 2ᵉ with m in [√½, √2); log m by the series of artanh: 2·(s + s³/3 + s⁵/5 + …), s = (m - 1)/(m + 1).
package func log(_ x: Float) -> Float {
  if x == 0 { return -.infinity }
  if !(x > 0) { return .nan }
  if x == .infinity { return x }
  var exponent = Float(x.exponent)
  var m = x.significand
  if m > 1.414_213_5 {
    m *= 0.5
    exponent += 1
  }
  let s = (m - 1) / (m + 1)
  let z = s * s
  var p: Float = 1.0 / 11
  p = Float(1.0 / 9).addingProduct(p, z)
  p = Float(1.0 / 7).addingProduct(p, z)
  p = Float(1.0 / 5).addingProduct(p, z)
  p = Float(1.0 / 3).addingProduct(p, z)
  // ln 2 in two parts, the first with zeros in its low bits, so that its product with the exponent is exact.
  let tail = Float(2 * s).addingProduct(2 * s * z, p)
  let sum = tail.addingProduct(exponent, -2.121_944_4e-4)
  return sum.addingProduct(exponent, 0.693_359_375)
}

/// Sine and cosine of an angle in radians, both off by less than 1e-7 absolutely for angles below 10⁵.
///
/// Computed in double precision by reduction to |r| ≤ π/4 and the Taylor series, so that long contexts keep their phase.
package func sineAndCosine(_ angle: Double) -> (sine: Float, cosine: Float) {
  let quarter = (angle * 0.636_619_772_367_581_34).rounded()
  var r = angle.addingProduct(quarter, -1.570_796_326_794_896_6)
  r = r.addingProduct(quarter, -6.123_233_995_736_766e-17)
  let z = r * r
  var s = -1.0 / 39_916_800
  for factor in [1.0 / 362_880, -1.0 / 5040, 1.0 / 120, -1.0 / 6] { s = factor.addingProduct(s, z) }
  let sine = r.addingProduct(r * z, s)
  var c = -1.0 / 3_628_800 + z / 479_001_600
  for factor in [1.0 / 40_320, -1.0 / 720, 1.0 / 24, -0.5] { c = factor.addingProduct(c, z) }
  let cosine = 1.0.addingProduct(z, c)
  // An angle beyond all whole numbers has no phase left.
  switch (Int(exactly: quarter) ?? 0) & 3 {
  case 0: return (Float(sine), Float(cosine))
  case 1: return (Float(cosine), Float(-sine))
  case 2: return (Float(-sine), Float(-cosine))
  default: return (Float(-cosine), Float(sine))
  }
}

/// Σ aᵢ·bᵢ: eight chains of fused multiply-adds, then `sum`, then what is left over beyond the last eight, in order.
@inline(__always)
package func dot(_ a: Floats, _ b: Floats, _ count: Int) -> Float {
  var lanes = Vector()
  var index = 0
  while index + 8 <= count {
    lanes = lanes.addingProduct(a.load8(index), b.load8(index))
    index += 8
  }
  var total = sum(lanes)
  while index < count {
    total = total.addingProduct(a[index], b[index])
    index += 1
  }
  return total
}

/// y += s·x.
@inline(__always)
package func add(_ scale: Float, _ x: Floats, to y: Floats, _ count: Int) {
  let lanes = Vector(repeating: scale)
  var index = 0
  while index + 8 <= count {
    y.store8(y.load8(index).addingProduct(lanes, x.load8(index)), index)
    index += 8
  }
  while index < count {
    y[index] = y[index].addingProduct(scale, x[index])
    index += 1
  }
}

/// y = s·x.
@inline(__always)
package func scale(_ x: Floats, by factor: Float, into y: Floats, _ count: Int) {
  let lanes = Vector(repeating: factor)
  var index = 0
  while index + 8 <= count {
    y.store8(x.load8(index) * lanes, index)
    index += 8
  }
  while index < count {
    y[index] = x[index] * factor
    index += 1
  }
}
