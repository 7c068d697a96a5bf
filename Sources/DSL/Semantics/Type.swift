/// A type of the language.
package indirect enum Type: Hashable, Sendable {
  case int
  case float
  case bool
  case string
  /// A path, written as a string literal; the host reads and hashes what it names.
  case file
  /// One of the named cases, in the order they were declared.
  case choice([String])
  case list(Type)
  case range
  case record([RecordField])
  /// A record made by a constructor of the vocabulary, such as `Decoding`; two with one name are one type.
  case settings(String)
  /// A value that only the engine can look into, such as `Model` or `Rows`.
  case opaque(String)
  /// A number that is known only after running: it can be logged or shown, never computed with.
  case measure
  /// An expression over a row's fields with values of this type, kept as an expression: `reward > previous.reward`.
  case rowExpression(Type)
  case study(String)
  /// The type of what has been reported as wrong; it agrees with every type, so one error is told once.
  case invalid
}

/// A field of a record type.
package struct RecordField: Hashable, Sendable {
  package var name: String
  package var type: Type

  package init(name: String, type: Type) {
    self.name = name
    self.type = type
  }
}
