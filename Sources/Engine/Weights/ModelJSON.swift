/// A JSON value of a model folder: of a header, an index or a `config.json`.
///
/// Members keep the file's order, and a key given twice is refused, which general parsers pass over. `NaN` and `Infinity` are
/// numbers, since Python writes them.
package indirect enum ModelJSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([ModelJSON])
  case object([Member])

  /// A key and its value.
  package struct Member: Hashable, Sendable {
    /// As written, escapes resolved.
    package var key: String
    /// What stands behind the colon.
    package var value: ModelJSON

    package init(key: String, value: ModelJSON) {
      self.key = key
      self.value = value
    }
  }

  /// Parses all of a text. Throws what is wrong, with the byte where.
  package init(parsing bytes: some Collection<UInt8>) throws(Fault) {
    var parser = Parser(bytes: Array(bytes))
    self = try parser.value(depth: 0)
    parser.skipBlanks()
    guard parser.position == parser.bytes.count else { throw parser.fault("there is text after the value") }
  }

  /// What is wrong with a text.
  package struct Fault: Error, Hashable, Sendable {
    /// Of the byte at fault.
    package var offset: Int
    /// In words.
    package var reason: String
  }

  /// The member with a key; `nil` for another key or no object.
  package subscript(key: String) -> ModelJSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// A whole number, also where it is written `2.0`.
  package var int: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// A number, whole or not.
  package var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// As it would be written, shortened: for messages.
  package var shown: String {
    switch self {
    case .null: "null"
    case .bool(let value): String(value)
    case .integer(let value): String(value)
    case .number(let value): String(value)
    case .string(let value): String(value.prefix(60)).debugDescription
    case .array(let values): "a list of \(values.count)"
    case .object(let members): "an object of \(members.count)"
    }
  }
}

private struct Parser {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// Deeper nesting is refused: the parser recurses.
  private static let maximumDepth = 64

  func fault(_ reason: String) -> ModelJSON.Fault { ModelJSON.Fault(offset: position, reason: reason) }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skipBlanks() {
    while let byte = next, byte == 32 || byte == 9 || byte == 10 || byte == 13 { position += 1 }
  }

  private mutating func take(_ character: UInt8) -> Bool {
    skipBlanks()
    guard next == character else { return false }
    position += 1
    return true
  }

  private mutating func take(word: StaticString, _ value: ModelJSON) throws(ModelJSON.Fault) -> ModelJSON {
    let letters = Array(word.description.utf8)
    guard bytes[position...].starts(with: letters) else { throw fault("no JSON value") }
    position += letters.count
    return value
  }

  mutating func value(depth: Int) throws(ModelJSON.Fault) -> ModelJSON {
    guard depth < Self.maximumDepth else { throw fault("nested deeper than \(Self.maximumDepth)") }
    skipBlanks()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try take(word: "true", .bool(true))
    case UInt8(ascii: "f"): return try take(word: "false", .bool(false))
    case UInt8(ascii: "n"): return try take(word: "null", .null)
    case UInt8(ascii: "N"): return try take(word: "NaN", .number(.nan))
    case UInt8(ascii: "I"): return try take(word: "Infinity", .number(.infinity))
    case nil: throw fault("the text ends too early")
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(ModelJSON.Fault) -> ModelJSON {
    position += 1
    var members: [ModelJSON.Member] = []
    var keys: Set<String> = []
    if take(UInt8(ascii: "}")) { return .object([]) }
    repeat {
      skipBlanks()
      guard next == UInt8(ascii: "\"") else { throw fault("a key in quotes is expected") }
      let key = try string()
      guard keys.insert(key).inserted else {
        throw fault("the key \(String(key.prefix(60)).debugDescription) is given twice")
      }
      guard take(UInt8(ascii: ":")) else { throw fault("a colon is expected") }
      members.append(ModelJSON.Member(key: key, value: try value(depth: depth + 1)))
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw fault("a comma or } is expected") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(ModelJSON.Fault) -> ModelJSON {
    position += 1
    var values: [ModelJSON] = []
    if take(UInt8(ascii: "]")) { return .array([]) }
    repeat { values.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw fault("a comma or ] is expected") }
    return .array(values)
  }

  private mutating func number() throws(ModelJSON.Fault) -> ModelJSON {
    let start = position
    if next == UInt8(ascii: "-"), position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "I") {
      position += 1
      return try take(word: "Infinity", .number(-.infinity))
    }
    let isNegative = next == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let whole = skipDigits()
    guard whole > 0, whole == 1 || bytes[start + (isNegative ? 1 : 0)] != UInt8(ascii: "0") else {
      throw fault("no JSON value")
    }
    var isWhole = true
    if next == UInt8(ascii: ".") {
      position += 1
      isWhole = false
      guard skipDigits() > 0 else { throw fault("a digit is expected") }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      isWhole = false
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      guard skipDigits() > 0 else { throw fault("a digit is expected") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      position = start
      throw fault("\(String(text.prefix(40)).debugDescription) is too large a number")
    }
    return .number(value)
  }

  /// How many digits it went past.
  private mutating func skipDigits() -> Int {
    let start = position
    while let byte = next, (48...57).contains(byte) { position += 1 }
    return position - start
  }

  private mutating func string() throws(ModelJSON.Fault) -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let valid = String(validating: text, as: UTF8.self) else { throw fault("a text is not UTF-8") }
        return valid
      case UInt8(ascii: "\\"): try escape(into: &text)
      case 0..<32: throw fault("a text has a control character")
      default: text.append(byte)
      }
    }
    throw fault("a text has no closing quote")
  }

  private mutating func escape(into text: inout [UInt8]) throws(ModelJSON.Fault) {
    guard let byte = next else { throw fault("a text has no closing quote") }
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
        guard low & 0xFC00 == 0xDC00 else { throw fault("half a surrogate pair") }
        code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
      }
      guard let scalar = Unicode.Scalar(code) else { throw fault("half a surrogate pair") }
      text += Array(String(Character(scalar)).utf8)
    default: throw fault("an unknown escape")
    }
  }

  private mutating func hexadecimal() throws(ModelJSON.Fault) -> UInt32 {
    guard bytes.count - position >= 4 else { throw fault("a text has no closing quote") }
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw fault("no hexadecimal digit")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }
}
