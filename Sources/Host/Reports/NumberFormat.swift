import DSL

/// How figures are printed: the same in every locale.
enum NumberFormat {
  /// A number with a fixed count of decimals, rounded half away from zero; `−0.0` is printed as `0.0`.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "undefined" : value < 0 ? "-∞" : "∞" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    // A value such as 0.15 is stored below itself; the relative nudge rounds it as it is written.
    let scaled = (abs(value) * scale * (1 + 1e-13)).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let digits = String(Int(scaled))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = value < 0 && scaled != 0 ? "-" : ""
    if decimals == 0 { return sign + padded }
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  /// About `digits` significant digits without an exponent where it can be avoided.
  static func significant(_ value: Double, _ digits: Int = 4) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : fixed(value, 0) }
    var magnitude = 0
    var size = abs(value)
    while size >= 10, magnitude < 400 { (size, magnitude) = (size / 10, magnitude + 1) }
    while size < 1, magnitude > -400 { (size, magnitude) = (size * 10, magnitude - 1) }
    if magnitude < -5 || magnitude > 14 {
      let mantissa = trimmed(fixed(value < 0 ? -size : size, digits - 1))
      return "\(mantissa)e\(magnitude)"
    }
    return trimmed(fixed(value, max(0, digits - 1 - magnitude)))
  }

  /// Without zeros at the end of the decimals.
  static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = Substring(text)
    while text.hasSuffix("0") { text = text.dropLast() }
    return String(text.hasSuffix(".") ? text.dropLast() : text)
  }

  /// `-` as the sign that stands in running text.
  static func typographic(_ text: String) -> String {
    text.replacing("-", with: "−")
  }

  /// To three decimals; none that reads as on the other side of 0.05.
  static func pValue(_ value: Double) -> String {
    if value < 0.001 { return "< 0.001" }
    let text = fixed(value, 3)
    return text == "0.050" && value > 0.05 ? "> 0.050" : text
  }

  /// `= 0.012`, `< 0.001`.
  static func pComparison(_ value: Double) -> String {
    let text = pValue(value)
    return text.first?.isNumber == true ? "= " + text : text
  }
}

/// `1 step`, `2 steps`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// Printing of a metric's figures: shares in percent with one decimal, their differences in points.
struct FigureFormat: Hashable {
  var unit: MetricSignature.Unit
  var decimals: Int

  /// Means of counts get a decimal below 100; numbers get as many decimals as show four digits of the greatest of them.
  init(_ unit: MetricSignature.Unit, values: [Double] = []) {
    self.unit = unit
    switch unit {
    case .share: decimals = 1
    case .count: decimals = values.allSatisfy { $0 == $0.rounded() || abs($0) >= 100 } ? 0 : 1
    case .number:
      let greatest = values.filter(\.isFinite).map(abs).max() ?? 1
      decimals = greatest >= 1000 ? 0 : greatest >= 100 ? 1 : greatest >= 10 ? 2 : greatest >= 0.1 ? 3 : 5
    }
  }

  /// In percent for shares.
  func scaled(_ value: Double) -> Double { unit == .share ? value * 100 : value }

  func plain(_ value: Double) -> String { NumberFormat.fixed(scaled(value), decimals) }

  func text(_ value: Double) -> String { NumberFormat.typographic(plain(value)) }

  /// `48.2 %`.
  func withUnit(_ value: Double) -> String { text(value) + (unit == .share ? " %" : "") }

  /// With its sign, unless it rounds to 0.
  func difference(_ value: Double) -> String {
    let plain = plain(value)
    let isZero = plain.allSatisfy { $0 == "0" || $0 == "." }
    return NumberFormat.typographic(plain.hasPrefix("-") || isZero ? plain : "+" + plain)
  }

  /// A mean and half the width of its interval; a width of counts keeps a decimal.
  func interval(_ mean: Double, _ halfWidth: Double?) -> String {
    text(mean) + (halfWidth.map { " ± " + text($0) } ?? "")
  }

  var differenceUnit: String { unit == .share ? " points" : "" }
}
