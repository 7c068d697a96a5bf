/// Reads the beginning of a GGUF file, value by value.
struct GGUFReader {
  let file: MappedFile
  var position = 0

  /// Lists in lists are refused beyond this depth.
  private static let maximumDepth = 8

  private var remaining: Int { file.count - position }

  mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type, _ what: @autoclosure () -> String)
    throws(ModelFileError) -> Number
  {
    let value = try file.integer(type, at: position, what())
    position += MemoryLayout<Number>.size
    return value
  }

  /// A count of things that have so many bytes each at least: more than the file has room for are refused.
  mutating func count(of things: String, bytesEach: Int) throws(ModelFileError) -> Int {
    let count = try integer(UInt64.self, "the count of \(things)")
    guard count <= UInt64(remaining / bytesEach) else {
      throw .malformed(
        file.path, nil,
        "it is said to have \(count) \(things), and there are \(remaining) bytes left for them")
    }
    return Int(count)
  }

  mutating func string(_ what: @autoclosure () -> String) throws(ModelFileError) -> String {
    let length = try integer(UInt64.self, what())
    guard length <= UInt64(remaining) else {
      throw .malformed(
        file.path, nil, "\(what()) at \(position) is said to have \(length) bytes, and \(remaining) are left")
    }
    let text = try file.text(at: position, length: Int(length), what())
    position += Int(length)
    return text
  }

  /// A metadata value after its key.
  mutating func value(of key: String) throws(ModelFileError) -> GGUFValue {
    try value(try type(key), of: key)
  }

  private mutating func type(_ key: String) throws(ModelFileError) -> GGUFType {
    let number = try integer(UInt32.self, "the type of \(key)")
    guard let type = GGUFType(rawValue: number) else {
      throw .malformed(file.path, key, "the metadata value \(key) has the unknown type \(number)")
    }
    return type
  }

  mutating func value(_ type: GGUFType, of key: String, depth: Int = 0) throws(ModelFileError) -> GGUFValue {
    switch type {
    case .uint8: return .integer(Int(try integer(UInt8.self, key)))
    case .int8: return .integer(Int(try integer(Int8.self, key)))
    case .uint16: return .integer(Int(try integer(UInt16.self, key)))
    case .int16: return .integer(Int(try integer(Int16.self, key)))
    case .uint32: return .integer(Int(try integer(UInt32.self, key)))
    case .int32: return .integer(Int(try integer(Int32.self, key)))
    case .int64: return .integer(Int(try integer(Int64.self, key)))
    case .uint64:
      let value = try integer(UInt64.self, key)
      return Int(exactly: value).map { .integer($0) } ?? .large(value)
    case .float32: return .number(Double(Float(bitPattern: try integer(UInt32.self, key))))
    case .float64: return .number(Double(bitPattern: try integer(UInt64.self, key)))
    case .bool:
      let byte = try integer(UInt8.self, key)
      guard byte < 2 else {
        throw .malformed(file.path, key, "the metadata value \(key) is \(byte), and must be 0 or 1")
      }
      return .bool(byte == 1)
    case .string: return .string(try string(key))
    case .list: return .list(try list(of: key, depth: depth))
    }
  }

  private mutating func list(of key: String, depth: Int) throws(ModelFileError) -> GGUFList {
    guard depth < Self.maximumDepth else {
      throw .malformed(
        file.path, key, "the metadata value \(key) has lists in lists deeper than \(Self.maximumDepth)")
    }
    let type = try type(key)
    let count = try count(of: "elements of \(key)", bytesEach: type.minimumBytes)
    let list = GGUFList(file: file, type: type, offset: position, count: count)
    if type.isPlain {
      position += count * type.minimumBytes
    } else {
      for _ in 0..<count { _ = try value(type, of: key, depth: depth + 1) }
    }
    return list
  }

  /// A tensor's description; its offset is from the beginning of the tensors' bytes.
  mutating func tensor() throws(ModelFileError) -> StoredTensor {
    let name = try string("a tensor's name")
    let dimensions = try integer(UInt32.self, "the number of dimensions of \(name)")
    guard dimensions <= 4 else {
      throw .malformed(
        file.path, name,
        "the tensor \(name) has \(dimensions) dimensions, and 4 are the most the format allows")
    }
    var shape: [Int] = []
    for _ in 0..<dimensions {
      let size = try integer(UInt64.self, "a dimension of \(name)")
      guard let size = Int(exactly: size) else {
        throw .malformed(file.path, name, "the tensor \(name) has a dimension of \(size)")
      }
      shape.insert(size, at: 0)
    }
    let type = try integer(UInt32.self, "the type of \(name)")
    guard let format = TensorFormat(ggufType: type) else {
      throw ModelFileError(
        .unsupported, file.path, name,
        "the tensor \(name) is stored as ggml type \(type); \(TensorFormat.names) can be read",
        remedy: "fetch the model in one of these, for instance Q8_0 or Q4_K_M")
    }
    let offset = try integer(UInt64.self, "the offset of \(name)")
    guard let count = checkedProduct(shape), (shape.last ?? 1) % format.blockLength == 0,
      let bytes = format.bytes(of: count), let offset = Int(exactly: offset)
    else {
      throw .malformed(
        file.path, name,
        "the tensor \(name) of shape \(shape) at byte \(offset) cannot be \(format.rawValue): rows hold whole blocks of \(format.blockLength), and all of it must be countable"
      )
    }
    return StoredTensor(name: name, shape: shape, format: format, offset: offset, byteCount: bytes)
  }
}
