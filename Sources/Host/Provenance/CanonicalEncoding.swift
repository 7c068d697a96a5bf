import DSL

/// Values of a plan as bytes for hashing: type-tagged and length-prefixed, so that no two values share an encoding.
///
/// Part of every key. A change here is a change of the format's name in `StepKeys`.
package enum CanonicalEncoding {
  /// The first byte of a value: what kind it is.
  package enum Tag {
    static let none: UInt8 = 0
    static let bool: UInt8 = 1
    static let int: UInt8 = 2
    static let float: UInt8 = 3
    static let string: UInt8 = 4
    static let choice: UInt8 = 5
    static let file: UInt8 = 6
    static let list: UInt8 = 7
    static let record: UInt8 = 8
    static let settings: UInt8 = 9
    static let step: UInt8 = 10
    static let number: UInt8 = 11
    static let field: UInt8 = 12
    static let unary: UInt8 = 13
    static let binary: UInt8 = 14
    static let rowExpression: UInt8 = 15
  }

  /// Eight bytes, least significant first.
  @inline(__always)
  package static func append(_ word: UInt64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// A whole number.
  @inline(__always)
  package static func append(_ number: Int, to bytes: inout [UInt8]) {
    append(UInt64(bitPattern: Int64(number)), to: &bytes)
  }

  /// A count: seven bits a byte, the least significant first, the last byte without the eighth bit. Most take one byte.
  @inline(__always)
  package static func append(count: Int, to bytes: inout [UInt8]) {
    var rest = UInt64(bitPattern: Int64(count))
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// A text: its length in bytes, then its UTF-8.
  @inline(__always)
  package static func append(_ text: String, to bytes: inout [UInt8]) {
    append(count: text.utf8.count, to: &bytes)
    bytes.append(contentsOf: text.utf8)
  }

  /// The bits of a number. All NaNs are one; 0 and −0 are two, since a quotient tells them apart.
  @inline(__always)
  package static func append(_ number: Double, to bytes: inout [UInt8]) {
    append(number.isNaN ? 0x7FF8_0000_0000_0000 : number.bitPattern, to: &bytes)
  }

  /// A value. Fields of a record are sorted by name, so that the order in which they are declared means nothing.
  static func append(
    _ value: PlanValue, keys: [Digest], files: [FileName: Digest], to bytes: inout [UInt8]
  ) {
    switch value {
    case .none: bytes.append(Tag.none)
    case .bool(let bool):
      bytes.append(Tag.bool)
      bytes.append(bool ? 1 : 0)
    case .int(let int):
      bytes.append(Tag.int)
      append(int, to: &bytes)
    case .float(let double):
      bytes.append(Tag.float)
      append(double, to: &bytes)
    case .string(let text):
      bytes.append(Tag.string)
      append(text, to: &bytes)
    case .choice(let name):
      bytes.append(Tag.choice)
      append(name, to: &bytes)
    case .file(let path, let document):
      // The content, not the name: a file may be moved.
      bytes.append(Tag.file)
      files[FileName(path: path, document: document)]?.append(to: &bytes)
    case .list(let items):
      bytes.append(Tag.list)
      append(count: items.count, to: &bytes)
      for item in items { append(item, keys: keys, files: files, to: &bytes) }
    case .record(let constructor, let fields):
      if let constructor {
        bytes.append(Tag.settings)
        append(constructor, to: &bytes)
      } else {
        bytes.append(Tag.record)
      }
      append(count: fields.count, to: &bytes)
      for index in sortedOrder(of: fields) {
        append(fields[index].name, to: &bytes)
        append(fields[index].value, keys: keys, files: files, to: &bytes)
      }
    case .step(let step, let fields):
      bytes.append(Tag.step)
      if step.index < keys.count { keys[step.index].append(to: &bytes) }
      append(count: fields.count, to: &bytes)
      for field in fields { append(field, to: &bytes) }
    case .rowExpression(let expression):
      bytes.append(Tag.rowExpression)
      append(expression, to: &bytes)
    }
  }

  /// An expression over a row, as the tree it is.
  static func append(_ expression: RowExpression, to bytes: inout [UInt8]) {
    switch expression {
    case .number(let number):
      bytes.append(Tag.number)
      append(number, to: &bytes)
    case .bool(let bool):
      bytes.append(Tag.bool)
      bytes.append(bool ? 1 : 0)
    case .string(let text):
      bytes.append(Tag.string)
      append(text, to: &bytes)
    case .field(let name):
      bytes.append(Tag.field)
      append(name, to: &bytes)
    case .unary(let operation, let operand):
      bytes.append(Tag.unary)
      append(operation.rawValue, to: &bytes)
      append(operand, to: &bytes)
    case .binary(let operation, let left, let right):
      bytes.append(Tag.binary)
      append(operation.rawValue, to: &bytes)
      append(left, to: &bytes)
      append(right, to: &bytes)
    }
  }

  /// Indices of the fields by the bytes of their names.
  static func sortedOrder(of fields: [PlanField]) -> [Int] {
    fields.indices.sorted { fields[$0].name.utf8.lexicographicallyPrecedes(fields[$1].name.utf8) }
  }
}

/// A file as a recipe names it.
package struct FileName: Hashable, Sendable {
  package var path: String
  /// Index of the document that the path is relative to.
  package var document: Int
}
