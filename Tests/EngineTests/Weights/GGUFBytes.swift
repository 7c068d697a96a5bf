/// Writes GGUF files for tests, sound or not: nothing is checked.
struct GGUFBytes {
  private(set) var bytes: [UInt8] = Array("GGUF".utf8)

  init(version: UInt32 = 3, tensors: UInt64, metadata: UInt64) {
    number(version)
    number(tensors)
    number(metadata)
  }

  mutating func number<Number: FixedWidthInteger>(_ value: Number) {
    for byte in 0..<MemoryLayout<Number>.size { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
  }

  /// Any bytes.
  mutating func bytes(_ count: Int) { bytes += [UInt8](repeating: 65, count: count) }

  mutating func text(_ text: String) {
    number(UInt64(text.utf8.count))
    bytes += Array(text.utf8)
  }

  /// A key and the number of its value's type.
  mutating func key(_ key: String, _ type: UInt32) {
    text(key)
    number(type)
  }

  mutating func tensor(_ name: String, _ sizes: [UInt64], type: UInt32, offset: UInt64) {
    text(name)
    number(UInt32(sizes.count))
    for size in sizes { number(size) }
    number(type)
    number(offset)
  }

  /// The tensors' bytes, after filling up to a multiple of 32.
  mutating func data(_ count: Int) {
    bytes += [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32)
    bytes += (0..<count).map { UInt8(truncatingIfNeeded: 7 * $0) }
  }

  /// A sound file of values of every type, lists in lists, and three tensors.
  static var small: [UInt8] {
    var file = GGUFBytes(tensors: 3, metadata: 15)
    file.key("u8", 0)
    file.number(UInt8(200))
    file.key("i8", 1)
    file.number(Int8(-7))
    file.key("u16", 2)
    file.number(UInt16(60_000))
    file.key("i16", 3)
    file.number(Int16(-300))
    file.key("u32", 4)
    file.number(UInt32(4_000_000_000))
    file.key("i32", 5)
    file.number(Int32(-70_000))
    file.key("f32", 6)
    file.number(Float(1.5).bitPattern)
    file.key("bool", 7)
    file.number(UInt8(1))
    file.key("text", 8)
    file.text("naïve")
    file.key("texts", 9)
    file.number(UInt32(8))
    file.number(UInt64(3))
    for text in ["", "a", "Ġb"] { file.text(text) }
    file.key("lists", 9)
    file.number(UInt32(9))
    file.number(UInt64(2))
    for count in [UInt64(2), 0] {
      file.number(UInt32(2))
      file.number(count)
      for value in 0..<count { file.number(UInt16(value)) }
    }
    file.key("u64", 10)
    file.number(UInt64.max)
    file.key("i64", 11)
    file.number(Int64.min)
    file.key("f64", 12)
    file.number((-2.25).bitPattern)
    file.key("flags", 9)
    file.number(UInt32(7))
    file.number(UInt64(2))
    file.number(UInt8(0))
    file.number(UInt8(1))
    file.tensor("plain", [3, 2], type: 0, offset: 0)
    file.tensor("blocks", [32, 2], type: 8, offset: 32)
    file.tensor("halves", [5], type: 1, offset: 128)
    file.data(138)
    return file.bytes
  }
}
