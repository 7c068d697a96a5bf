/// The keys of a model's configuration while a family reads them, whichever file they stand in: `config.json`, or the metadata of a GGUF
/// file. It remembers what was read, so that whatever nobody read is refused by name.
struct ModelConfiguration {
  /// Of the file, for messages.
  let path: String
  private let values: [(key: String, value: JSONValue)]
  private var read: Set<String> = []

  init(path: String, values: [(key: String, value: JSONValue)]) {
    self.path = path
    self.values = values
  }

  /// Most that any size may be; what needs more cannot be a model of these families.
  static let maximumSize = 1 << 26

  /// A key's value; `nil` where it is not there or null.
  mutating func value(_ key: String) -> JSONValue? {
    read.insert(key)
    let value = values.first { $0.key == key }?.value
    return value == .null ? nil : value
  }

  /// Whether a key is there, also where it is null.
  func isGiven(_ key: String) -> Bool { values.contains { $0.key == key } }

  func unsupported(_ key: String, _ message: String) -> ModelFileError {
    ModelFileError(
      .unsupported, path, key, message,
      remedy:
        "this engine does not compute such a model; use one of Llama, SmolLM2, Qwen 2, 2.5 or 3, Phi-3, Gemma 2 or 3"
    )
  }

  func wrong(_ key: String, _ value: JSONValue, expected: String) -> ModelFileError {
    .malformed(path, key, "\(key) is \(value.shown), and \(expected) is expected")
  }

  private func missing(_ key: String) -> ModelFileError {
    ModelFileError(
      .missing, path, key, "there is no \(key)", remedy: "the configuration is not complete; fetch it again")
  }

  /// A whole number from 1 up.
  mutating func size(_ key: String, atMost most: Int = maximumSize) throws(ModelFileError) -> Int {
    guard let size = try optionalSize(key, atMost: most) else { throw missing(key) }
    return size
  }

  mutating func optionalSize(_ key: String, atMost most: Int = maximumSize) throws(ModelFileError) -> Int? {
    guard let value = value(key) else { return nil }
    guard let size = value.int, size >= 1, size <= most else {
      throw wrong(key, value, expected: "a whole number in 1...\(most)")
    }
    return size
  }

  mutating func number(_ key: String) throws(ModelFileError) -> Double {
    guard let number = try optionalNumber(key) else { throw missing(key) }
    return number
  }

  mutating func optionalNumber(_ key: String) throws(ModelFileError) -> Double? {
    guard let value = value(key) else { return nil }
    guard let number = value.double, number.isFinite else {
      throw wrong(key, value, expected: "a finite number")
    }
    return number
  }

  /// `otherwise` where the key is not there.
  mutating func flag(_ key: String, otherwise: Bool) throws(ModelFileError) -> Bool {
    guard let value = value(key) else { return otherwise }
    guard case .bool(let flag) = value else { throw wrong(key, value, expected: "true or false") }
    return flag
  }

  mutating func text(_ key: String) throws(ModelFileError) -> String? {
    guard let value = value(key) else { return nil }
    guard case .string(let text) = value else { throw wrong(key, value, expected: "a text") }
    return text
  }

  mutating func numbers(_ key: String) throws(ModelFileError) -> [Double]? {
    guard let value = value(key) else { return nil }
    guard case .array(let values) = value else { throw wrong(key, value, expected: "a list of numbers") }
    let numbers = values.compactMap(\.double)
    guard numbers.count == values.count else { throw wrong(key, value, expected: "a list of numbers") }
    return numbers
  }

  /// Refuses any value of a key but these; not being there is allowed.
  mutating func require(_ key: String, _ allowed: [JSONValue]) throws(ModelFileError) {
    guard let value = value(key), !allowed.contains(value) else { return }
    let shown = allowed.map(\.shown).joined(separator: " or ")
    throw unsupported(key, "\(key) is \(value.shown); only \(shown) is supported")
  }

  /// Refuses what is false where the family computes without it: `attention_bias`, `mlp_bias`.
  mutating func refuse(_ keys: String...) throws(ModelFileError) {
    for key in keys { try require(key, [.bool(false), .integer(0), .string("none")]) }
  }

  /// The configuration of a nested object, with its name before each key in messages.
  mutating func nested(_ key: String) throws(ModelFileError) -> ModelConfiguration? {
    guard let value = value(key) else { return nil }
    guard case .object(let members) = value else { throw wrong(key, value, expected: "an object") }
    return ModelConfiguration(path: "\(path): \(key)", values: members.map { ($0.key, $0.value) })
  }

  /// Ends reading: refuses a key that nobody read, is not null and does not change what the model computes.
  func finish(harmless: Set<String> = []) throws(ModelFileError) {
    for (key, value) in values where !read.contains(key) && !harmless.contains(key) && value != .null {
      throw unsupported(
        key, "\(key) (\(value.shown)) is not known for this family, and may change what the model computes")
    }
  }
}
