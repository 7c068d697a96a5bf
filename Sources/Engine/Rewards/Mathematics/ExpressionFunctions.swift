internal import Foundation

extension ExpressionEvaluator {
  /// A function's value; the inverse functions and the whole ones only on the real line.
  func applied(_ function: Expression.Function, to x: Complex) -> Complex? {
    let one = Complex(1, 0, error: 0)
    switch function {
    case .sin: return sine(x)
    case .cos: return cosine(x)
    case .tan: return sine(x) / cosine(x)
    case .cot: return cosine(x) / sine(x)
    case .sec: return one / cosine(x)
    case .csc: return one / sine(x)
    case .sinh:
      return x.mapped {
        Complex(sinh($0.real) * Foundation.cos($0.imaginary), cosh($0.real) * Foundation.sin($0.imaginary))
      }
    case .cosh:
      return x.mapped {
        Complex(cosh($0.real) * Foundation.cos($0.imaginary), sinh($0.real) * Foundation.sin($0.imaginary))
      }
    case .tanh: return x.isReal ? x.mapped { Complex(tanh($0.real)) } : nil
    case .ln: return x.logarithm
    case .exp: return x.exponential
    case .absolute: return Complex(x.magnitude, 0, error: x.error + Complex.epsilon * x.magnitude)
    case .conjugate: return Complex(x.real, -x.imaginary, error: x.error)
    case .arctan: return x.isReal ? x.mapped { Complex(atan($0.real)) } : nil
    case .arcsin: return isInUnit(x) ? x.mapped { Complex(asin(min(max($0.real, -1), 1))) } : nil
    case .arccos: return isInUnit(x) ? x.mapped { Complex(acos(min(max($0.real, -1), 1))) } : nil
    case .floor, .ceiling:
      guard x.isReal else { return nil }
      // A value within rounding of a whole number is that number.
      let nearest = x.real.rounded()
      if abs(x.real - nearest) <= 64 * x.error { return Complex(nearest, 0, error: 0) }
      return Complex(function == .floor ? x.real.rounded(.down) : x.real.rounded(.up), 0, error: 0)
    case .factorial:
      guard x.isReal, x.real < 170 else { return nil }
      if x.real < 0, x.real == x.real.rounded() { return nil }
      return x.mapped { Complex(tgamma($0.real + 1)) }
    }
  }

  private func isInUnit(_ x: Complex) -> Bool { x.isReal && abs(x.real) <= 1 + 64 * x.error }

  private func sine(_ x: Complex) -> Complex {
    x.mapped {
      Complex(Foundation.sin($0.real) * cosh($0.imaginary), Foundation.cos($0.real) * sinh($0.imaginary))
    }
  }

  private func cosine(_ x: Complex) -> Complex {
    x.mapped {
      Complex(Foundation.cos($0.real) * cosh($0.imaginary), -Foundation.sin($0.real) * sinh($0.imaginary))
    }
  }
}
