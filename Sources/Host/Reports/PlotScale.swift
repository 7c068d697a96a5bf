import Foundation

/// A range of an axis with round numbers to write beside it.
struct PlotScale {
  var lower: Double
  var upper: Double
  var ticks: [Double]
  private var decimals: Int

  /// Covers the values with about `count` ticks at 1, 2 or 5 times a power of ten; the ends are ticks.
  /// `bounds` are never left, where the values allow it: no share lies beyond 0 and 1.
  init(covering values: [Double], count: Int = 5, bounds: ClosedRange<Double>? = nil, whole: Bool = false) {
    var low = values.min() ?? 0
    var high = values.max() ?? 1
    if let bounds {
      // A bar may reach beyond what is possible; it is cut there.
      low = max(low, bounds.lowerBound)
      high = min(high, bounds.upperBound)
    }
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-300) {
      let margin = low == 0 ? 0.5 : abs(low) * 0.1
      (low, high) = (low - margin, high + margin)
    }
    let step = Self.step((high - low) / Double(max(1, count)), whole: whole)
    let first = (low / step + 1e-9).rounded(.down)
    let last = (high / step - 1e-9).rounded(.up)
    ticks = stride(from: first, through: last, by: 1).map { $0 * step + 0 }
    lower = first * step
    upper = last * step
    decimals = step >= 1 ? 0 : min(12, Int((-log10(step) - 1e-9).rounded(.up)))
  }

  func label(_ tick: Double) -> String {
    if abs(tick) >= 1e6 || (decimals > 5) {
      return NumberFormat.typographic(NumberFormat.significant(tick, 4))
    }
    return NumberFormat.typographic(NumberFormat.fixed(tick, decimals))
  }

  private static func step(_ rough: Double, whole: Bool) -> Double {
    var power = 1.0
    while power * 10 <= rough { power *= 10 }
    while power > rough { power /= 10 }
    let step = [1, 2, 5, 10].first { rough <= $0 * power * 1.000_001 }.map { $0 * power } ?? 10 * power
    return whole ? max(1, step) : step
  }
}
