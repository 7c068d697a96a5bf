extension Lexer {
  /// Reads a string up to its closing quote, or to the end of the line.
  ///
  /// - Parameters:
  ///   - closing: the bytes of the closing quote.
  ///   - opening: how many bytes the opening quote has.
  mutating func string(closing: [UInt8], opening: Int = 1) {
    let start = position
    position += opening
    var value: [UInt8] = []
    var isClosed = false
    while position < limit {
      let byte = document.bytes[position]
      if byte == ASCII.newline || byte == ASCII.carriageReturn { break }
      if byte == closing[0], document.bytes[position..<limit].starts(with: closing) {
        position += closing.count
        isClosed = true
        break
      }
      if byte == ASCII.backslash {
        escape(into: &value)
      } else {
        value.append(byte)
        position += 1
      }
    }
    if !isClosed {
      report(
        .unterminatedString, "this string is not closed", from: start,
        remedy: "close it with `\"` on the same line; a line break in it is written `\\n`")
    } else if closing == [ASCII.apostrophe] {
      report(
        .foreignSpelling, "single quotes do not delimit a string", from: start,
        remedy: "write \"…\"")
    }
    add(.string(String(decoding: value, as: UTF8.self)), from: start)
  }

  /// Reads `\n`, `\t`, `\"`, `\\` or `\u{…}`; anything else is reported and kept as it stands.
  private mutating func escape(into value: inout [UInt8]) {
    let start = position
    position += 1
    let letter = peek(0)
    switch letter {
    case UInt8(ascii: "n"): value.append(ASCII.newline)
    case UInt8(ascii: "t"): value.append(ASCII.tab)
    case ASCII.quote, ASCII.backslash: value.append(letter)
    case UInt8(ascii: "u") where peek(1) == UInt8(ascii: "{"):
      return unicodeEscape(from: start, into: &value)
    case 0, ASCII.newline, ASCII.carriageReturn:
      return  // The string's missing end is the error to tell.
    default:
      position += scalar(at: position).map(UTF8.width) ?? 1
      let text = document.text(start..<position)
      report(
        .badEscape, "`\(text)` is no escape", from: start,
        remedy: "write `\\\\` for a backslash; the others are `\\n`, `\\t`, `\\\"` and `\\u{…}`")
      return value.append(contentsOf: text.utf8)
    }
    position += 1
  }

  private mutating func unicodeEscape(from start: Int, into value: inout [UInt8]) {
    position += 2
    let digits = position
    while ASCII.isLetter(peek(0)) || ASCII.isDigit(peek(0)) { position += 1 }
    let text = document.text(digits..<position)
    let closed = peek(0) == UInt8(ascii: "}")
    if closed { position += 1 }
    if closed, text.count <= 8, let number = UInt32(text, radix: 16), let scalar = Unicode.Scalar(number) {
      value.append(contentsOf: String(Character(scalar)).utf8)
    } else {
      report(
        .badEscape, "`\(document.text(start..<position))` names no character", from: start,
        remedy: "write the character's hexadecimal number, as in `\\u{e9}`")
    }
  }

  /// Reads `12`, `1_000`, `1.5` or `7e-6`.
  mutating func number() {
    let start = position
    var isFloat = false
    var isWellFormed = digits()
    if peek(0) == ASCII.dot, ASCII.isDigit(peek(1)) {
      isFloat = true
      position += 1
      isWellFormed = digits() && isWellFormed
    }
    if peek(0) | 0x20 == UInt8(ascii: "e") {
      let signed = peek(1) == UInt8(ascii: "-") || peek(1) == UInt8(ascii: "+")
      if ASCII.isDigit(peek(signed ? 2 : 1)) {
        isFloat = true
        position += signed ? 2 : 1
        isWellFormed = digits() && isWellFormed
      }
    }
    if ASCII.isNamePart(peek(0)) {
      isWellFormed = false
      while ASCII.isNamePart(peek(0)) { position += 1 }
    }
    let written = document.text(start..<position)
    guard isWellFormed else {
      report(
        .badNumber, "`\(written)` is not a number", from: start,
        remedy: "write digits alone, as in `12`, `1_000`, `0.5` or `7e-6`; a name does not begin with a digit"
      )
      return add(.invalid, from: start)
    }
    let plain = written.filter { $0 != "_" }
    if isFloat {
      let value = Double(plain) ?? .infinity
      if !value.isFinite {
        report(
          .badNumber, "`\(written)` is too large", from: start,
          remedy: "the largest number is about 1.8e308")
      }
      add(.float(value.isFinite ? value : 0), from: start)
    } else {
      let value = Int(plain)
      if value == nil {
        report(
          .badNumber, "`\(written)` is too large", from: start,
          remedy: "the largest whole number is 9223372036854775807; write `1e30` for a larger Float")
      }
      add(.integer(value ?? 0), from: start)
    }
  }

  /// Reads digits with `_` between them; false when a `_` stands anywhere else.
  private mutating func digits() -> Bool {
    var isWellFormed = true
    var last: UInt8 = ASCII.underscore
    while ASCII.isDigit(peek(0)) || peek(0) == ASCII.underscore {
      if last == ASCII.underscore, peek(0) == ASCII.underscore { isWellFormed = false }
      last = peek(0)
      position += 1
    }
    return isWellFormed && last != ASCII.underscore
  }
}
