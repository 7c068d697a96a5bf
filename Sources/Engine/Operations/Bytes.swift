/// Writes numbers and texts as bytes: unsigned numbers in groups of seven bits, texts with their length before them.
struct ByteWriter {
  var bytes: [UInt8] = []

  mutating func write(_ value: Int) {
    var rest = UInt64(bitPattern: Int64(value) << 1 ^ Int64(value) >> 63)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func write(_ value: Bool) { bytes.append(value ? 1 : 0) }

  mutating func write(_ byte: UInt8) { bytes.append(byte) }

  mutating func write(_ value: Float) { append(UInt64(value.bitPattern), 4) }

  mutating func write(_ value: Double) { append(value.bitPattern, 8) }

  private mutating func append(_ bits: UInt64, _ count: Int) {
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * UInt64(index)))) }
  }

  mutating func write(_ text: String) {
    let utf8 = Array(text.utf8)
    write(utf8.count)
    bytes += utf8
  }

  mutating func write<Element>(_ list: [Element], _ body: (inout ByteWriter, Element) -> Void) {
    write(list.count)
    for element in list { body(&self, element) }
  }

  mutating func write<Wrapped>(_ value: Wrapped?, _ body: (inout ByteWriter, Wrapped) -> Void) {
    write(value != nil)
    if let value { body(&self, value) }
  }
}

/// Why stored bytes are not a value.
package struct DecodingFault: Error, Hashable, Sendable {
  package var reason: String
}

/// Reads what `ByteWriter` wrote. Any other bytes are a fault, never a trap and never a large allocation.
struct ByteReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int
  /// The bytes are of the second format.
  var isLater = false

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  var bytesLeft: Int { bytes.endIndex - position }

  mutating func byte() throws(DecodingFault) -> UInt8 {
    guard bytesLeft > 0 else { throw DecodingFault(reason: "it ends too early") }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func int() throws(DecodingFault) -> Int {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      let byte = try byte()
      if shift == 63, byte > 1 { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return Int(Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)) }
    }
    throw DecodingFault(reason: "a number is too long")
  }

  mutating func bool() throws(DecodingFault) -> Bool {
    let byte = try byte()
    guard byte < 2 else { throw DecodingFault(reason: "neither yes nor no") }
    return byte == 1
  }

  mutating func float() throws(DecodingFault) -> Float {
    var bits: UInt32 = 0
    for index in 0..<4 { bits |= UInt32(try byte()) << (8 * UInt32(index)) }
    return Float(bitPattern: bits)
  }

  mutating func double() throws(DecodingFault) -> Double {
    var bits: UInt64 = 0
    for index in 0..<8 { bits |= UInt64(try byte()) << (8 * UInt64(index)) }
    return Double(bitPattern: bits)
  }

  /// A length, which cannot be more than the bytes that are left.
  private mutating func length() throws(DecodingFault) -> Int {
    let count = try int()
    guard count >= 0, count <= bytesLeft else { throw DecodingFault(reason: "a length is beyond the end") }
    return count
  }

  mutating func string() throws(DecodingFault) -> String {
    let count = try length()
    defer { position += count }
    guard let text = String(validating: bytes[position..<position + count], as: UTF8.self) else {
      throw DecodingFault(reason: "a text is not UTF-8")
    }
    return text
  }

  mutating func list<Element>(
    _ body: (inout ByteReader) throws(DecodingFault) -> Element
  ) throws(DecodingFault) -> [Element] {
    let count = try length()
    var list: [Element] = []
    list.reserveCapacity(count)
    for _ in 0..<count { list.append(try body(&self)) }
    return list
  }

  mutating func optional<Wrapped>(
    _ body: (inout ByteReader) throws(DecodingFault) -> Wrapped
  ) throws(DecodingFault) -> Wrapped? {
    try bool() ? try body(&self) : nil
  }

  /// The next so many bytes, which the caller knows to be there.
  mutating func take(_ count: Int) -> ArraySlice<UInt8> {
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// What is left.
  mutating func rest() -> ArraySlice<UInt8> {
    defer { position = bytes.endIndex }
    return bytes[position...]
  }

  func end() throws(DecodingFault) {
    guard bytesLeft == 0 else { throw DecodingFault(reason: "\(bytesLeft) bytes too many") }
  }
}
