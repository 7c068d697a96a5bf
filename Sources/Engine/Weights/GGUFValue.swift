/// A metadata value of a GGUF file. Lists are left in the file, checked, and decoded when they are asked for: a vocabulary's texts are
/// many times their bytes in memory.
package enum GGUFValue: Sendable {
  case integer(Int)
  /// A whole number above 2⁶³ - 1.
  case large(UInt64)
  case number(Double)
  case bool(Bool)
  case string(String)
  case list(GGUFList)

  /// A whole number; `nil` for anything else.
  package var int: Int? { if case .integer(let value) = self { value } else { nil } }
  /// A text; `nil` for anything else.
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  /// A truth value; `nil` for anything else.
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// A list; `nil` for anything else.
  package var list: GGUFList? { if case .list(let value) = self { value } else { nil } }
  /// A number, whole or not.
  package var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// For messages.
  package var shown: String {
    switch self {
    case .integer(let value): String(value)
    case .large(let value): String(value)
    case .number(let value): String(value)
    case .bool(let value): String(value)
    case .string(let value): String(value.prefix(60)).debugDescription
    case .list(let list): "a list of \(list.count)"
    }
  }
}

/// A list in the metadata of a GGUF file, whose bounds and texts were checked when the file was opened.
package struct GGUFList: Sendable {
  let file: MappedFile
  let type: GGUFType
  /// Of its first element in the file.
  let offset: Int
  /// Elements.
  package let count: Int

  /// Its texts; throws where it is a list of something else.
  package func strings() throws(ModelFileError) -> [String] {
    guard type == .string else {
      throw .malformed(file.path, nil, "a list of texts is expected, and it is of \(type)")
    }
    var reader = GGUFReader(file: file, position: offset)
    var strings: [String] = []
    strings.reserveCapacity(count)
    for _ in 0..<count { strings.append(try reader.string("a text of a list")) }
    return strings
  }

  /// Its whole numbers or truth values (0 and 1); throws where it is a list of something else.
  package func integers() throws(ModelFileError) -> [Int] {
    try elements { (value) throws(ModelFileError) in
      switch value {
      case .integer(let number): number
      case .bool(let value): value ? 1 : 0
      default:
        throw .malformed(file.path, nil, "a list of whole numbers is expected, and it has \(value.shown)")
      }
    }
  }

  /// Its numbers; throws where it is a list of something else.
  package func numbers() throws(ModelFileError) -> [Double] {
    try elements { (value) throws(ModelFileError) in
      guard let number = value.double else {
        throw .malformed(file.path, nil, "a list of numbers is expected, and it has \(value.shown)")
      }
      return number
    }
  }

  /// Its elements, whatever they are.
  func values() throws(ModelFileError) -> [GGUFValue] { try elements { $0 } }

  private func elements<Element>(_ body: (GGUFValue) throws(ModelFileError) -> Element) throws(ModelFileError)
    -> [Element]
  {
    var reader = GGUFReader(file: file, position: offset)
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for _ in 0..<count { elements.append(try body(try reader.value(type, of: "a list"))) }
    return elements
  }
}

/// The types of metadata values, by their numbers in the file.
enum GGUFType: UInt32, Sendable {
  case uint8 = 0
  case int8
  case uint16
  case int16
  case uint32
  case int32
  case float32
  case bool
  case string
  case list
  case uint64
  case int64
  case float64

  /// Bytes that a value needs at least.
  var minimumBytes: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .string: 8
    case .list: 12
    }
  }

  /// Whether every value has `minimumBytes` and any bytes will do.
  var isPlain: Bool { self != .string && self != .list && self != .bool }
}
