/// Rotary position embedding (Su et al. 2021) in the layout of Hugging Face folders: number d of a head turns with number d + D/2.
package struct RotaryTable: Sendable {
  private let buffer: FloatBuffer
  private let half: Int

  /// Angles position · base^(-2d/D), in double precision, for all positions of a context.
  package init(_ a: Architecture) {
    half = a.headWidth / 2
    buffer = FloatBuffer(count: a.contextLength * a.headWidth)
    let table = buffer.floats
    for d in 0..<half {
      let frequency = reciprocalPower(a.ropeBase, Double(2 * d) / Double(a.headWidth))
      for position in 0..<a.contextLength {
        let (sine, cosine) = sineAndCosine(Double(position) * frequency)
        table[position * 2 * half + d] = cosine
        table[position * 2 * half + half + d] = sine
      }
    }
  }

  /// By how much pair `d` turns at a position.
  package func angle(_ d: Int, position: Int) -> (cosine: Float, sine: Float) {
    (buffer.floats[position * 2 * half + d], buffer.floats[position * 2 * half + half + d])
  }

  /// Turns one head's D numbers to a position; `inverse` turns back, which is the gradient.
  @inline(__always)
  func rotate(_ head: Floats, position: Int, inverse: Bool = false) {
    let table = buffer.floats.slice(position * 2 * half, 2 * half)
    let sign: Float = inverse ? -1 : 1
    var d = 0
    while d + 8 <= half {
      let cosine = table.load8(d)
      let sine = table.load8(half + d) * sign
      let a = head.load8(d)
      let b = head.load8(half + d)
      head.store8((a * cosine).addingProduct(-b, sine), d)
      head.store8((b * cosine).addingProduct(a, sine), half + d)
      d += 8
    }
    while d < half {
      let cosine = table[d]
      let sine = sign * table[half + d]
      let a = head[d]
      let b = head[half + d]
      head[d] = (a * cosine).addingProduct(-b, sine)
      head[half + d] = (b * cosine).addingProduct(a, sine)
      d += 1
    }
  }
}

/// base^(-exponent) in double precision by our own exponential and logarithm, so that no C library enters.
///
/// ln base by the artanh series on the significand, e^y by squaring the Taylor series of y/1024: both good to 1e-14.
private func reciprocalPower(_ base: Double, _ exponent: Double) -> Double {
  let s = (base.significand - 1) / (base.significand + 1)
  var logarithm = 0.0
  for k in stride(from: 39, through: 1, by: -2) {
    logarithm = (1 / Double(k)).addingProduct(logarithm, s * s)
  }
  let y = -exponent * (2 * s * logarithm + Double(base.exponent) * 0.693_147_180_559_945_3) / 1024
  var power = 1.0
  for k in stride(from: 12, through: 1, by: -1) { power = 1.0.addingProduct(y / Double(k), power) }
  for _ in 0..<10 { power *= power }
  return power
}
