internal import Foundation

/// A complex number with a bound on its rounding error, for deciding whether two formulas agree at a point.
///
/// Principal branches throughout, as in sympy.
struct Complex: Equatable {
  var real: Double
  var imaginary: Double
  /// How far rounding may have taken it from the true value; not a strict bound.
  var error: Double

  static let epsilon = 2e-16

  init(_ real: Double, _ imaginary: Double = 0, error: Double? = nil) {
    self.real = real
    self.imaginary = imaginary
    self.error = error ?? Complex.epsilon * hypot(real, imaginary)
  }

  var magnitude: Double { hypot(real, imaginary) }
  var phase: Double { atan2(imaginary, real) }
  var isFinite: Bool { real.isFinite && imaginary.isFinite && error.isFinite }
  /// Nothing but rounding may be in it.
  var isNoise: Bool { magnitude <= 64 * error || magnitude == 0 }
  var isReal: Bool { abs(imaginary) <= 64 * error }

  static func + (a: Self, b: Self) -> Self {
    let sum = Complex(a.real + b.real, a.imaginary + b.imaginary)
    return Complex(sum.real, sum.imaginary, error: sum.error + a.error + b.error)
  }

  static prefix func - (a: Self) -> Self { Complex(-a.real, -a.imaginary, error: a.error) }

  static func * (a: Self, b: Self) -> Self {
    let product = Complex(
      a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
    return Complex(
      product.real, product.imaginary,
      error: epsilon * a.magnitude * b.magnitude + a.magnitude * b.error + b.magnitude * a.error)
  }

  /// `nil` where the divisor is nothing but rounding.
  static func / (a: Self, b: Self) -> Self? {
    guard !b.isNoise else { return nil }
    let square = b.magnitude * b.magnitude
    guard square.isFinite, square > 0 else { return nil }
    let inverse = Complex(b.real / square, -b.imaginary / square)
    return a * Complex(inverse.real, inverse.imaginary, error: inverse.error + b.error / square)
  }

  /// A function's value, its error estimated by how much the value moves within the argument's error.
  func mapped(_ function: (Complex) -> Complex) -> Complex {
    let value = function(self)
    let moved = function(Complex(real + error, imaginary))
    let slope = hypot(moved.real - value.real, moved.imaginary - value.imaginary)
    return Complex(value.real, value.imaginary, error: Complex.epsilon * (value.magnitude + 1e-3) + slope)
  }

  var exponential: Complex {
    mapped {
      Complex(
        Foundation.exp($0.real) * Foundation.cos($0.imaginary),
        Foundation.exp($0.real) * Foundation.sin($0.imaginary))
    }
  }

  /// The principal logarithm; `nil` at zero.
  var logarithm: Complex? {
    guard !isNoise else { return nil }
    return Complex(
      log(magnitude), isReal && real > 0 ? 0 : isReal ? Double.pi : phase,
      error: Complex.epsilon + error / magnitude)
  }

  var squareRoot: Complex? {
    if isNoise { return Complex(0, 0, error: error.squareRoot()) }
    if isReal {
      let root = abs(real).squareRoot()
      let error = Complex.epsilon * root + self.error / root
      return real > 0 ? Complex(root, 0, error: error) : Complex(0, root, error: error)
    }
    return raised(to: Complex(0.5))
  }

  /// The principal power; 0 to a positive power is 0, 0⁰ and 0 to others have none.
  func raised(to exponent: Complex) -> Complex? {
    if isNoise { return exponent.isReal && exponent.real > 0 ? Complex(0, 0, error: error) : nil }
    if exponent.isReal, let whole = Int(exactly: exponent.real), whole.magnitude <= 64 {
      return raised(toWhole: whole)
    }
    return logarithm.map { ($0 * exponent).exponential }
  }

  private func raised(toWhole exponent: Int) -> Complex? {
    var result = Complex(1, 0, error: 0)
    var square = self
    var rest = abs(exponent)
    while rest > 0 {
      if rest & 1 == 1 { result = result * square }
      square = square * square
      rest >>= 1
    }
    return exponent < 0 ? Complex(1, 0, error: 0) / result : result
  }
}
