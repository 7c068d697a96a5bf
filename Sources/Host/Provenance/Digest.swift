/// A SHA-256 digest: what steps, values, files and plans are known by.
package struct Digest: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The 32 bytes as four big-endian words, so that comparing words compares bytes.
  private var a: UInt64
  private var b: UInt64
  private var c: UInt64
  private var d: UInt64

  /// From the eight words that SHA-256 ends with.
  package init(words h: [8 of UInt32]) {
    a = UInt64(h[0]) << 32 | UInt64(h[1])
    b = UInt64(h[2]) << 32 | UInt64(h[3])
    c = UInt64(h[4]) << 32 | UInt64(h[5])
    d = UInt64(h[6]) << 32 | UInt64(h[7])
  }

  /// From 64 hexadecimal digits, upper or lower case; `nil` for anything else.
  package init?(hex: some StringProtocol) {
    self.init(hexBytes: hex.utf8)
  }

  /// From the bytes of 64 hexadecimal digits.
  package init?(hexBytes: some Sequence<UInt8>) {
    var words: [4 of UInt64] = .init(repeating: 0)
    var count = 0
    for byte in hexBytes {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- UInt8(ascii: "a") &+ 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte &- UInt8(ascii: "A") &+ 10
      default: return nil
      }
      guard count < 64 else { return nil }
      words[count >> 4] = words[count >> 4] << 4 | UInt64(digit)
      count += 1
    }
    guard count == 64 else { return nil }
    (a, b, c, d) = (words[0], words[1], words[2], words[3])
  }

  /// Of a text's UTF-8 bytes.
  package init(of text: String) {
    var hash = SHA256()
    hash.update(text)
    self = hash.finalize()
  }

  /// Of bytes in memory.
  package init(of bytes: [UInt8]) {
    var hash = SHA256()
    hash.update(bytes)
    self = hash.finalize()
  }

  /// 64 lower-case hexadecimal digits.
  package var hex: String { hexDigits(64) }

  /// The 64 digits as bytes, for where a string would be made for nothing.
  package var hexBytes: [64 of UInt8] {
    let words: [4 of UInt64] = [a, b, c, d]
    var digits: [64 of UInt8] = .init(repeating: 0)
    for index in 0..<64 {
      let nibble = UInt8(truncatingIfNeeded: words[index >> 4] >> UInt64(60 - 4 * (index & 15))) & 15
      digits[index] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
    return digits
  }

  /// The first 12 hexadecimal digits: enough for people, never for identity.
  package var short: String { hexDigits(12) }

  package var description: String { hex }

  /// One word of it is as good a hash as any.
  package func hash(into hasher: inout Hasher) { hasher.combine(a) }

  package static func < (x: Digest, y: Digest) -> Bool {
    if x.a != y.a { return x.a < y.a }
    if x.b != y.b { return x.b < y.b }
    if x.c != y.c { return x.c < y.c }
    return x.d < y.d
  }

  /// Appends the 32 bytes, first byte first.
  package func append(to bytes: inout [UInt8]) {
    for word in [a, b, c, d] {
      withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }
  }

  private func hexDigits(_ count: Int) -> String {
    let digits = hexBytes
    return String(unsafeUninitializedCapacity: count) { buffer in
      for index in 0..<count { buffer[index] = digits[index] }
      return count
    }
  }
}
