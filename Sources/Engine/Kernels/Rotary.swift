/// Rotary position embedding (Su et al. 2021) in the layout of Hugging Face folders: of the numbers of a head that turn, the first half turns with the second.
package struct RotaryTable: Sendable {
  private let buffer: FloatBuffer
  private let half: Int
  /// Positions it knows.
  package let positions: Int

  /// Angles position · frequency, in double precision, for the first so many positions.
  ///
  /// - Parameter isLocal: of the layers with a window, which in some families have a base of their own.
  package init(_ a: Architecture, positions: Int, isLocal: Bool = false) {
    let half = a.rotaryWidth / 2
    self.half = half
    self.positions = positions
    buffer = FloatBuffer(count: positions * 2 * half)
    let table = buffer.floats
    let local = isLocal ? a.ropeLocalBase : nil
    let magnitude = local == nil ? Float(a.ropeScaling.magnitude) : 1
    for d in 0..<half {
      let unscaled = reciprocalPower(local ?? a.ropeBase, Double(2 * d) / Double(a.rotaryWidth))
      let frequency = local == nil ? a.ropeScaling.frequency(unscaled, at: d) : unscaled
      for position in 0..<positions {
        let (sine, cosine) = sineAndCosine(Double(position) * frequency)
        table[position * 2 * half + d] = cosine * magnitude
        table[position * 2 * half + half + d] = sine * magnitude
      }
    }
  }

  var bytes: Int { buffer.bytes }

  /// By how much pair `d` turns at a position.
  package func angle(_ d: Int, position: Int) -> (cosine: Float, sine: Float) {
    (buffer.floats[position * 2 * half + d], buffer.floats[position * 2 * half + half + d])
  }

  /// Turns one head's numbers to a position; `inverse` turns back, which is the gradient.
  @inline(__always)
  package func rotate(_ head: Floats, position: Int, inverse: Bool = false) {
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

/// The tables of a model's layers: one, or another one for local layers.
package struct RotaryTables: Sendable {
  package let whole: RotaryTable
  private let local: RotaryTable?
  private let localLayers: [Bool]

  /// For the first so many positions, at most the context's.
  package init(_ a: Architecture, positions: Int) {
    let positions = min(positions, a.contextLength)
    whole = RotaryTable(a, positions: positions)
    local = a.ropeLocalBase == nil ? nil : RotaryTable(a, positions: positions, isLocal: true)
    localLayers = a.localLayers
  }

  var bytes: Int { whole.bytes + (local?.bytes ?? 0) }

  /// Positions they know.
  package var positions: Int { whole.positions }

  @inline(__always)
  subscript(layer: Int) -> RotaryTable { localLayers[layer] ? local ?? whole : whole }
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
