/// A place in a tokenizer's file: a value, and the path that names it in errors.
struct TokenizerNode {
  let value: JSONValue
  let path: String

  init(_ value: JSONValue, path: String = "") {
    self.value = value
    self.path = path
  }

  /// A whole file.
  init(file bytes: [UInt8]) throws(TokenizerError) {
    do {
      self.init(try JSONValue(parsing: bytes, rules: .tokenizer))
    } catch {
      throw .malformedJSON(byte: error.offset, expected: error.expected)
    }
  }

  /// What is under a key; `nil` where it is absent or null.
  subscript(key: String) -> TokenizerNode? {
    guard let value = value[key], value != .null else { return nil }
    return TokenizerNode(value, path: path.isEmpty ? key : "\(path).\(key)")
  }

  /// The kind and, of what is short, the value, for messages.
  var kind: String {
    switch value {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer, .number: value.double.map { "\($0)" } ?? "a number"
    case .string(let value): value.unicodeScalars.count < 60 ? value.debugDescription : "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// What has to be under a key.
  func required(_ key: String) throws(TokenizerError) -> TokenizerNode {
    guard let node = self[key] else { throw .missing(path: path.isEmpty ? key : "\(path).\(key)") }
    return node
  }

  private func wrong(_ expected: String) -> TokenizerError {
    .wrongValue(path: path, expected: expected, found: kind)
  }

  func string() throws(TokenizerError) -> String {
    guard case .string(let text) = value else { throw wrong("a text") }
    return text
  }

  func bool() throws(TokenizerError) -> Bool {
    guard case .bool(let value) = value else { throw wrong("true or false") }
    return value
  }

  func number() throws(TokenizerError) -> Double {
    guard let number = value.double else { throw wrong("a number") }
    return number
  }

  func int() throws(TokenizerError) -> Int {
    guard let value = Int(exactly: try number()), value.magnitude <= 1 << 52 else {
      throw wrong("a whole number")
    }
    return value
  }

  func array() throws(TokenizerError) -> [TokenizerNode] {
    guard case .array(let values) = value else { throw wrong("a list") }
    return values.enumerated().map { TokenizerNode($1, path: "\(path)[\($0)]") }
  }

  func object() throws(TokenizerError) -> [JSONValue.Member] {
    guard case .object(let members) = value else { throw wrong("an object") }
    return members
  }

  /// A flag that may be absent.
  func flag(_ key: String, default absent: Bool = false) throws(TokenizerError) -> Bool {
    guard let node = self[key] else { return absent }
    return try node.bool()
  }

  /// A text that is one of the raw values of an enumeration.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ kind: Choice.Type, component: String
  ) throws(TokenizerError) -> Choice where Choice.RawValue == String {
    let text = try string()
    guard let choice = Choice(rawValue: text) else {
      throw .unsupported(
        component: component, found: text.debugDescription, known: Choice.allCases.map(\.rawValue))
    }
    return choice
  }

  /// A text of one Unicode scalar.
  func scalar() throws(TokenizerError) -> UInt32 {
    let points = CodePoints(of: try string())
    guard points.count == 1, let point = points.first else { throw wrong("one character") }
    return point
  }

  /// A pattern `{"String": …}` or `{"Regex": …}`.
  func pattern() throws(TokenizerError) -> SplitPattern {
    if let expression = self["Regex"] { return try SplitPattern(expression: try expression.string()) }
    return .literal(CodePoints(of: try required("String").string()))
  }

  /// Which component of the library this is.
  func type() throws(TokenizerError) -> String { try required("type").string() }
}
