/// A JSON value whose objects keep their entries as the file has them.
///
/// A dictionary of strings would not do: Swift's strings are equal when they are canonically equivalent, so a vocabulary with both
/// `é` and `e` + U+0301 would lose one of them.
enum TokenizerJSON: Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([TokenizerJSON])
  case object([(key: String, value: TokenizerJSON)])

  /// - Throws: `TokenizerError.malformedJSON` with the first byte that cannot be.
  init(bytes: [UInt8]) throws(TokenizerError) {
    var parser = TokenizerJSONParser(bytes: bytes)
    self = try parser.document()
  }

  /// What is under a key, `nil` where the key is absent or null. The last of several wins, as in the reference library.
  subscript(key: String) -> TokenizerJSON? {
    guard case .object(let entries) = self, let entry = entries.last(where: { $0.key == key }) else {
      return nil
    }
    if case .null = entry.value { return nil }
    return entry.value
  }

  /// The kind and, of what is short, the value, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): value.unicodeScalars.count < 60 ? value.debugDescription : "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

/// Reads one JSON document (RFC 8259) in one pass; nesting is limited, so that no file can exhaust the stack.
private struct TokenizerJSONParser {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(TokenizerError) -> TokenizerJSON {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw expected("the end") }
    return value
  }

  private func expected(_ what: String) -> TokenizerError { .malformedJSON(byte: position, expected: what) }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(TokenizerError) -> TokenizerJSON {
    guard depth < 64 else { throw expected("less nesting than 64 levels") }
    skipSpace()
    guard let byte = next else { throw expected("a value") }
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default: throw expected("a value")
    }
  }

  private mutating func word(_ text: StaticString, _ value: TokenizerJSON) throws(TokenizerError)
    -> TokenizerJSON
  {
    for byte in text.description.utf8 {
      guard take(byte) else { throw expected("`\(text)`") }
    }
    return value
  }

  private mutating func object(depth: Int) throws(TokenizerError) -> TokenizerJSON {
    position += 1
    var entries: [(key: String, value: TokenizerJSON)] = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(entries) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw expected("a key") }
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw expected("`:`") }
      entries.append((key, try value(depth: depth + 1)))
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw expected("`,` or `}`") }
    return .object(entries)
  }

  private mutating func array(depth: Int) throws(TokenizerError) -> TokenizerJSON {
    position += 1
    var values: [TokenizerJSON] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(values) }
    repeat {
      values.append(try value(depth: depth + 1))
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw expected("`,` or `]`") }
    return .array(values)
  }

  private mutating func number() throws(TokenizerError) -> Double {
    let start = position
    func isPart(_ byte: UInt8) -> Bool {
      byte >= 0x30 && byte <= 0x39 || byte == 0x2b || byte == 0x2d || byte == 0x2e || byte | 0x20 == 0x65
    }
    while let byte = next, isPart(byte) { position += 1 }
    guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)), value.isFinite else {
      position = start
      throw expected("a finite number")
    }
    return value
  }

  private mutating func string() throws(TokenizerError) -> String {
    position += 1
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      position += 1
    }
    if next == UInt8(ascii: "\"") {
      defer { position += 1 }
      return try validated(bytes[start..<position])
    }
    var content = Array(bytes[start..<position])
    while let byte = next, byte >= 0x20 {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return try validated(content[...])
      case UInt8(ascii: "\\"): try escape(into: &content)
      default: content.append(byte)
      }
    }
    throw expected("the end of a text")
  }

  private func validated(_ content: ArraySlice<UInt8>) throws(TokenizerError) -> String {
    guard let text = String(validating: content, as: UTF8.self) else { throw expected("a text in UTF-8") }
    return text
  }

  private mutating func escape(into content: inout [UInt8]) throws(TokenizerError) {
    guard let byte = next else { throw expected("an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): content.append(0x0a)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "r"): content.append(0x0d)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0c)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "u"):
      var scalar = try hexadecimal()
      if scalar >= 0xd800, scalar < 0xdc00 {
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
          throw expected("the second half of a pair")
        }
        let low = try hexadecimal()
        guard low >= 0xdc00, low < 0xe000 else { throw expected("the second half of a pair") }
        scalar = 0x1_0000 + (scalar - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let valid = Unicode.Scalar(scalar) else { throw expected("a Unicode scalar") }
      content.append(contentsOf: UTF8.encode(valid) ?? Unicode.UTF8.encodedReplacementCharacter)
    default:
      position -= 1
      throw expected("an escape")
    }
  }

  private mutating func hexadecimal() throws(TokenizerError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw expected("four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
