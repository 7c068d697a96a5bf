import Foundation

/// The C library's functions, beside the engine's own of the same names.
func exponential(_ x: Double) -> Double { Foundation.exp(x) }
func logarithm(_ x: Double) -> Double { Foundation.log(x) }
