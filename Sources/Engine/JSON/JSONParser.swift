/// Reads one JSON document (RFC 8259) in one pass; nesting is limited, so that no file can exhaust the stack.
struct JSONParser {
  private let bytes: [UInt8]
  private let rules: JSONValue.Rules
  private var position = 0
  private static let maximumDepth = 64

  init(bytes: [UInt8], rules: JSONValue.Rules) {
    self.bytes = bytes
    self.rules = rules
  }

  mutating func document() throws(JSONValue.Fault) -> JSONValue {
    let value = try value(depth: 0)
    skipBlanks()
    guard position == bytes.count else { throw expected("the end") }
    return value
  }

  private func expected(_ what: String, because reason: String? = nil) -> JSONValue.Fault {
    JSONValue.Fault(offset: position, expected: what, reason: reason ?? "\(what) should follow")
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 32 || byte == 9 || byte == 10 || byte == 13 { position += 1 }
  }

  private mutating func take(_ character: UInt8) -> Bool {
    skipBlanks()
    guard next == character else { return false }
    position += 1
    return true
  }

  private mutating func take(word: StaticString, _ value: JSONValue) throws(JSONValue.Fault) -> JSONValue {
    let letters = Array(word.description.utf8)
    guard bytes[position...].starts(with: letters) else { throw expected("`\(word)`") }
    position += letters.count
    return value
  }

  private mutating func value(depth: Int) throws(JSONValue.Fault) -> JSONValue {
    guard depth < Self.maximumDepth else { throw expected("less nesting than \(Self.maximumDepth) levels") }
    skipBlanks()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try take(word: "true", .bool(true))
    case UInt8(ascii: "f"): return try take(word: "false", .bool(false))
    case UInt8(ascii: "n"): return try take(word: "null", .null)
    case UInt8(ascii: "N") where rules == .configuration: return try take(word: "NaN", .number(.nan))
    case UInt8(ascii: "I") where rules == .configuration:
      return try take(word: "Infinity", .number(.infinity))
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(JSONValue.Fault) -> JSONValue {
    position += 1
    var members: [JSONValue.Member] = []
    var keys: Set<String> = []
    if take(UInt8(ascii: "}")) { return .object([]) }
    repeat {
      skipBlanks()
      guard next == UInt8(ascii: "\"") else { throw expected("a key") }
      let key = try string()
      if rules == .configuration, !keys.insert(key).inserted {
        throw expected(
          "another key", because: "the key \(String(key.prefix(60)).debugDescription) is given twice")
      }
      guard take(UInt8(ascii: ":")) else { throw expected("`:`") }
      members.append(JSONValue.Member(key: key, value: try value(depth: depth + 1)))
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw expected("`,` or `}`") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(JSONValue.Fault) -> JSONValue {
    position += 1
    var values: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return .array([]) }
    repeat { values.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw expected("`,` or `]`") }
    return .array(values)
  }

  private mutating func number() throws(JSONValue.Fault) -> JSONValue {
    let start = position
    if rules == .configuration, next == UInt8(ascii: "-"), position + 1 < bytes.count,
      bytes[position + 1] == UInt8(ascii: "I")
    {
      position += 1
      return try take(word: "Infinity", .number(-.infinity))
    }
    let isNegative = next == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let whole = skipDigits()
    guard whole > 0, whole == 1 || bytes[start + (isNegative ? 1 : 0)] != UInt8(ascii: "0") else {
      throw expected("a value")
    }
    var isWhole = true
    if next == UInt8(ascii: ".") {
      position += 1
      isWhole = false
      guard skipDigits() > 0 else { throw expected("a digit") }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      isWhole = false
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      guard skipDigits() > 0 else { throw expected("a digit") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      position = start
      throw expected("a finite number")
    }
    return .number(value)
  }

  /// How many digits it went past.
  private mutating func skipDigits() -> Int {
    let start = position
    while let byte = next, (48...57).contains(byte) { position += 1 }
    return position - start
  }

  private mutating func string() throws(JSONValue.Fault) -> String {
    position += 1
    // Most texts have no escape and are taken whole: a vocabulary has hundreds of thousands.
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 32 {
      position += 1
    }
    var text = bytes[start..<position]
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let valid = String(validating: text, as: UTF8.self) else { throw expected("a text in UTF-8") }
        return valid
      case UInt8(ascii: "\\"): try escape(into: &text)
      case 0..<32: throw expected("the end of a text")
      default: text.append(byte)
      }
    }
    throw expected("the end of a text")
  }

  private mutating func escape(into text: inout ArraySlice<UInt8>) throws(JSONValue.Fault) {
    guard let byte = next else { throw expected("the end of a text") }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if code & 0xFC00 == 0xD800, bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
        position += 2
        let low = try hexadecimal()
        guard low & 0xFC00 == 0xDC00 else { throw expected("both halves of a surrogate pair") }
        code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
      }
      guard let scalar = Unicode.Scalar(code) else { throw expected("both halves of a surrogate pair") }
      text += Array(String(Character(scalar)).utf8)
    default: throw expected("an escape")
    }
  }

  private mutating func hexadecimal() throws(JSONValue.Fault) -> UInt32 {
    guard bytes.count - position >= 4 else { throw expected("the end of a text") }
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw expected("four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }
}
