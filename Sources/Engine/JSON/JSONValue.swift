/// A JSON value of a model's files: of a header, an index, a `config.json` or a `tokenizer.json`.
///
/// Members keep the file's order. A dictionary of strings would not do: Swift's strings are equal when they are canonically equivalent, so a
/// vocabulary with both `é` and `e` + U+0301 would lose one of them.
package indirect enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A key and its value.
  package struct Member: Hashable, Sendable {
    /// As written, escapes resolved.
    package var key: String
    /// What stands behind the colon.
    package var value: JSONValue

    package init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// Where files differ in what they may hold.
  package enum Rules: Sendable {
    /// A key given twice is refused, which general parsers pass over; `NaN` and `Infinity` are numbers, since Python writes them.
    case configuration
    /// Of equal keys the last counts, as in the reference library of tokenizers; every number is finite.
    case tokenizer
  }

  /// Parses all of a text. Throws what is wrong, with the byte where.
  package init(parsing bytes: some Collection<UInt8>, rules: Rules = .configuration) throws(Fault) {
    var parser = JSONParser(bytes: Array(bytes), rules: rules)
    self = try parser.document()
  }

  /// What is wrong with a text.
  package struct Fault: Error, Hashable, Sendable {
    /// Of the byte at fault.
    package var offset: Int
    /// What should stand there.
    package var expected: String
    /// In words.
    package var reason: String
  }

  /// The member with a key, the last of several; `nil` for another key or no object.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.key == key }?.value
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

extension JSONValue {
  /// An object as a file holds it, a member a line; the values are JSON already.
  static func text(ofMembers members: [(String, String)]) -> String {
    "{\n" + members.map { "  \(quoted($0.0)): \($0.1)" }.joined(separator: ",\n") + "\n}\n"
  }

  /// A text as JSON.
  package static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
