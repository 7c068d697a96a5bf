/// A place in a tokenizer's file: a value, and the path that names it in errors.
struct TokenizerNode {
  let value: TokenizerJSON
  let path: String

  init(_ value: TokenizerJSON, path: String = "") {
    self.value = value
    self.path = path
  }

  /// What is under a key; `nil` where it is absent or null.
  subscript(key: String) -> TokenizerNode? {
    value[key].map { TokenizerNode($0, path: path.isEmpty ? key : "\(path).\(key)") }
  }

  /// What has to be under a key.
  func required(_ key: String) throws(TokenizerError) -> TokenizerNode {
    guard let node = self[key] else { throw .missing(path: path.isEmpty ? key : "\(path).\(key)") }
    return node
  }

  private func wrong(_ expected: String) -> TokenizerError {
    .wrongValue(path: path, expected: expected, found: value.kind)
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
    guard case .number(let value) = value else { throw wrong("a number") }
    return value
  }

  func int() throws(TokenizerError) -> Int {
    guard let value = Int(exactly: try number()), abs(value) <= 1 << 52 else { throw wrong("a whole number") }
    return value
  }

  func array() throws(TokenizerError) -> [TokenizerNode] {
    guard case .array(let values) = value else { throw wrong("a list") }
    return values.enumerated().map { TokenizerNode($1, path: "\(path)[\($0)]") }
  }

  func object() throws(TokenizerError) -> [(key: String, value: TokenizerJSON)] {
    guard case .object(let entries) = value else { throw wrong("an object") }
    return entries
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
