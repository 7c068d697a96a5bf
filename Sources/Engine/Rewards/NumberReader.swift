internal import Foundation

/// Reads the numbers of a text from left to right, each byte a bounded number of times. The grammar is ``NumericAnswer``'s.
struct NumberReader {
  private var bytes: [UInt8]
  private var position = 0
  /// The end of what is known to be no number, such as `1.2.3`.
  private var skipped = 0

  init(_ text: String) {
    var plain = text
    // LaTeX's spellings of a thousands comma and of a fraction, and the minus sign, in plain ASCII.
    for (spelling, ascii) in [
      ("{,}", ","), (",\\!", ","), ("\u{2212}", "-"), ("\\$", "$"), ("\\dfrac", "\\frac"),
      ("\\tfrac", "\\frac"),
      ("\\times", "*"), ("\\cdot", "*"), ("\u{D7}", "*"),
    ] where plain.contains(spelling) {
      plain = plain.replacingOccurrences(of: spelling, with: ascii)
    }
    bytes = Array(plain.utf8)
  }

  /// The number after the last `####`, or the last number.
  mutating func answer() -> NumericAnswer? {
    let mark = Array("####".utf8)
    var start: Int?
    if bytes.count >= mark.count {
      start = (0...(bytes.count - mark.count)).last { bytes[$0..<$0 + mark.count].elementsEqual(mark) }
    }
    position = start.map { $0 + mark.count } ?? 0
    var last: NumericAnswer?
    var glued: NumericAnswer?
    while position < bytes.count {
      let isGlued = position > 0 && isGlue(at: position - 1)
      guard let number = number() else {
        position = max(position + 1, skipped)
        continue
      }
      if isGlued { glued = number } else { last = number }
      if start != nil, !isGlued { break }
    }
    return last ?? glued
  }

  /// The number that starts here, if one does; then the position is behind it.
  private mutating func number() -> NumericAnswer? {
    guard let first = signed() else { return nil }
    // `1 3/4`: a whole number, one blank, a proper fraction.
    if first.isWhole, byte(position) == UInt8(ascii: " ") || byte(position) == UInt8(ascii: "\\") {
      let behind = position
      if byte(position) == UInt8(ascii: " ") { position += 1 }
      if isDigit(position) || byte(position) == UInt8(ascii: "\\"), let part = fraction(), part < 1 {
        return NumericAnswer(value: first.isNegative ? first.value - part : first.value + part)
      }
      position = behind
    }
    return first.number
  }

  /// What `signed` read.
  private struct Read {
    var number: NumericAnswer
    var isNegative: Bool
    var isWhole: Bool
    var value: Double { number.value }
  }

  private mutating func signed() -> Read? {
    let start = position
    var isNegative = false
    var hasSign = false
    // An operator between two terms is not a sign.
    let isBehindTerm =
      position > 0
      && (isDigit(position - 1) || isLetter(position - 1) || ")]}".utf8.contains(bytes[position - 1]))
    while let next = byte(position) {
      if next == UInt8(ascii: "-") || next == UInt8(ascii: "+"), !hasSign, !isBehindTerm || position > start {
        hasSign = true
        isNegative = next == UInt8(ascii: "-")
      } else if next != UInt8(ascii: "$") {
        // €, £ and ¥ in UTF-8.
        guard let length = currencyLength(at: position) else { break }
        position += length - 1
      }
      position += 1
      if position - start > 8 { break }
    }
    if byte(position) == UInt8(ascii: "\\"), let value = fraction() {
      return Read(
        number: NumericAnswer(value: isNegative ? -value : value), isNegative: isNegative, isWhole: false)
    }
    guard let plain = plain() else {
      position = start
      return nil
    }
    return finished(plain, isNegative, isBehindSlash: start > 0 && bytes[start - 1] == UInt8(ascii: "/"))
  }

  /// A plain number's slash, exponent or power.
  private mutating func finished(
    _ plain: (whole: String, decimals: String), _ isNegative: Bool, isBehindSlash: Bool
  )
    -> Read
  {
    let number = NumericAnswer(whole: plain.whole, decimals: plain.decimals, isNegative: isNegative)
    let read = Read(number: number, isNegative: isNegative, isWhole: plain.decimals.isEmpty)
    func with(_ value: Double) -> Read {
      Read(number: NumericAnswer(value: value), isNegative: isNegative, isWhole: false)
    }
    let behind = position
    switch byte(position) {
    case UInt8(ascii: "/") where !isBehindSlash:
      position += 1
      if let below = self.plain(), byte(position) != UInt8(ascii: "/") {
        let divisor = NumericAnswer(whole: below.whole, decimals: below.decimals, isNegative: false).value
        if divisor > 0 { return with(number.value / divisor) }
      }
    case UInt8(ascii: "e"), UInt8(ascii: "E"):
      position += 1
      if let power = wholePower() { return with(scaled(plain, isNegative, by: power)) }
    case UInt8(ascii: "^"):
      position += 1
      if let power = wholePower() {
        let value = pow(abs(number.value), Double(power))
        return with(isNegative ? -value : value)
      }
    default:
      if isTimesTen(), let power = wholePower() { return with(scaled(plain, isNegative, by: power)) }
    }
    position = behind
    return read
  }

  private func scaled(_ plain: (whole: String, decimals: String), _ isNegative: Bool, by power: Int) -> Double
  {
    // The decimal literal is rounded once, as `1.1e3` is 1100 and not 1100.0000000000002.
    Double("\(isNegative ? "-" : "")\(plain.whole.isEmpty ? "0" : plain.whole).\(plain.decimals)0e\(power)")
      ?? .nan
  }

  /// Digits with thousands commas and a point; `nil` where none starts, or where there is more than one point.
  private mutating func plain() -> (whole: String, decimals: String)? {
    let start = position
    var whole = digits()
    let isGrouped = (1...3).contains(whole.count)
    while isGrouped, byte(position) == UInt8(ascii: ","),
      isDigit(position + 1), isDigit(position + 2), isDigit(position + 3), !isDigit(position + 4)
    {
      position += 1
      whole += digits()
    }
    var decimals = ""
    if byte(position) == UInt8(ascii: "."), isDigit(position + 1) {
      position += 1
      decimals = digits()
      if byte(position) == UInt8(ascii: "."), isDigit(position + 1) {
        while byte(position) == UInt8(ascii: "."), isDigit(position + 1) {
          position += 1
          _ = digits()
        }
        skipped = position
        position = start
        return nil
      }
    }
    if whole.isEmpty && decimals.isEmpty {
      position = start
      return nil
    }
    return (whole, decimals)
  }

  private mutating func digits() -> String {
    let start = position
    while isDigit(position) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// `3/4`, `\frac{3}{4}`, `\frac34` and `{3}/{4}`'s value, of whole numbers, with a denominator above zero.
  private mutating func fraction() -> Double? {
    let start = position
    var above: String?
    var below: String?
    if skip("\\frac") {
      above = argument()
      below = argument()
    } else {
      above = digits()
      if skip("/") { below = digits() }
    }
    guard let top = above.flatMap(Double.init), let bottom = below.flatMap(Double.init), bottom > 0,
      byte(position) != UInt8(ascii: "/")
    else {
      position = start
      return nil
    }
    return top / bottom
  }

  /// LaTeX's argument: whole number in braces, or one digit.
  private mutating func argument() -> String? {
    _ = skip(" ")
    if isDigit(position) {
      position += 1
      return String(decoding: bytes[(position - 1)..<position], as: UTF8.self)
    }
    guard skip("{") else { return nil }
    let sign = skip("-") ? "-" : ""
    let inside = digits()
    return skip("}") && !inside.isEmpty ? sign + inside : nil
  }

  /// `×10^`, written with a star, a cross or the letter x.
  private mutating func isTimesTen() -> Bool {
    _ = skip(" ")
    guard skip("*") || skip("x") || skip("X") else { return false }
    _ = skip(" ")
    return skip("10^")
  }

  /// A whole exponent, with or without braces; too long a one counts as 99999.
  private mutating func wholePower() -> Int? {
    let isBraced = skip("{")
    let isNegative = skip("-")
    if !isNegative { _ = skip("+") }
    let inside = digits()
    guard !inside.isEmpty, !isBraced || skip("}") else { return nil }
    let power = min(Int(inside) ?? 99_999, 99_999)
    return isNegative ? -power : power
  }

  private mutating func skip(_ text: String) -> Bool {
    let end = position + text.utf8.count
    guard end <= bytes.count, bytes[position..<end].elementsEqual(text.utf8) else { return false }
    position = end
    return true
  }

  private func byte(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

  private func isDigit(_ index: Int) -> Bool {
    guard let byte = byte(index) else { return false }
    return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private func isLetter(_ index: Int) -> Bool {
    guard let byte = byte(index) else { return false }
    return byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
      || byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
  }

  /// What makes the digits behind it part of a word, a power or an index.
  private func isGlue(at index: Int) -> Bool {
    if isLetter(index) || bytes[index] == UInt8(ascii: "^") || bytes[index] == UInt8(ascii: "_") {
      return true
    }
    return bytes[index] == UInt8(ascii: "{") && index > 0 && "^_".utf8.contains(bytes[index - 1])
  }

  /// The bytes of €, £ or ¥, if one stands here.
  private func currencyLength(at index: Int) -> Int? {
    ["\u{20AC}", "\u{A3}", "\u{A5}"].first { sign in
      index + sign.utf8.count <= bytes.count
        && bytes[index..<index + sign.utf8.count].elementsEqual(sign.utf8)
    }?.utf8.count
  }
}
