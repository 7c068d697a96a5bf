internal import Foundation

/// The number that a text gives as its answer, as the numeric grader reads it (GSM8K).
///
/// Where the text holds `####`, the first number after the last such mark counts, and none if none follows; elsewhere the last number.
/// A number is ASCII digits with, in this order:
/// - a sign `-`, `+` or `−` that touches it, not as an operator behind a digit, letter or closing bracket (`3-5` ends in 5);
///   currency signs may stand between (`-$5`, `$-5`);
/// - thousands commas in groups of three (`1,234`; also `1{,}234` and `1,\!234`); `12,34` is two numbers;
/// - one decimal point with digits behind it (`.5` counts, the stop of `5.` does not belong to it, `1.2.3` is no number);
/// - `e` and a power of ten (`1.5e3`), `×10^3`, `x 10^3`, `*10^3`, `\times 10^{3}`, or a power of its own (`2^10`);
/// - a slash and a denominator without blanks (`3/4`, also `\frac{3}{4}`), and a whole before it (`1 3/4`, `1\frac{3}{4}`); `1/2/2020` is three
///   numbers, and so is a denominator of zero.
/// Percent and degree signs, currencies and units are dropped: `50%` is 50. Digits glued behind a letter, `^` or `_` (`m2`, `x_1`) count only if
/// the text has no other number. Words (`twelve`) are not numbers.
package struct NumericAnswer: Equatable {
  /// The number's value; infinite if it is too large for a `Double`.
  package var value: Double
  /// The digits, for plain whole numbers and decimals, without needless zeros: those are compared exactly, whatever their length.
  package var digits: String?

  /// Equal digits where both have them; otherwise equal values within 1e-9 of the larger.
  package static func == (a: Self, b: Self) -> Bool {
    if let left = a.digits, let right = b.digits { return left == right }
    guard a.value.isFinite, b.value.isFinite else { return false }
    return abs(a.value - b.value) <= 1e-9 * max(abs(a.value), abs(b.value))
  }

  /// For tables: plain numbers as their digits, others as a decimal number.
  package var shown: String { digits ?? GradedText.shown(value) }

  /// The number that a text gives as its answer; `nil` if it holds none.
  package init?(in text: String) {
    var reader = NumberReader(text)
    guard let number = reader.answer() else { return nil }
    self = number
  }

  init(value: Double, digits: String? = nil) {
    self.value = value
    self.digits = digits
  }

  /// A plain number: digits before and after the point.
  init(whole: String, decimals: String, isNegative: Bool) {
    let whole = whole.drop { $0 == "0" }
    let decimals = decimals.reversed().drop { $0 == "0" }.reversed()
    var digits = (whole.isEmpty ? "0" : String(whole)) + (decimals.isEmpty ? "" : "." + String(decimals))
    if isNegative, digits != "0" { digits = "-" + digits }
    self.init(value: Double(digits) ?? .nan, digits: digits)
  }
}
