/// Text on its way to tokens: one number a Unicode scalar. A byte that is no part of valid UTF-8 is its value above `invalidByte`,
/// so that any bytes at all can be encoded and come back.
typealias CodePoints = [UInt32]

extension CodePoints {
  /// Stands for an invalid byte when added to it; beyond Unicode.
  static var invalidByte: UInt32 { 0x11_0000 }

  init(of text: some StringProtocol) { self = text.unicodeScalars.map(\.value) }

  /// The scalars of some UTF-8, by table 3-7 of the Unicode standard.
  init(utf8 bytes: some Sequence<UInt8>) {
    let bytes = [UInt8](bytes)
    self = []
    reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let length = Self.validLength(bytes, index)
      switch length {
      case 1: append(UInt32(bytes[index]))
      case 2: append(UInt32(bytes[index] & 0x1f) << 6 | UInt32(bytes[index + 1] & 0x3f))
      case 3:
        append(
          UInt32(bytes[index] & 0x0f) << 12 | UInt32(bytes[index + 1] & 0x3f) << 6
            | UInt32(bytes[index + 2] & 0x3f))
      case 4:
        let high = UInt32(bytes[index] & 0x07) << 18 | UInt32(bytes[index + 1] & 0x3f) << 12
        append(high | UInt32(bytes[index + 2] & 0x3f) << 6 | UInt32(bytes[index + 3] & 0x3f))
      default: append(Self.invalidByte + UInt32(bytes[index]))
      }
      index += Swift.max(length, 1)
    }
  }

  /// How many bytes from here are one scalar; 0 if they are none.
  private static func validLength(_ bytes: [UInt8], _ index: Int) -> Int {
    let first = bytes[index]
    if first < 0x80 { return 1 }
    var second: ClosedRange<UInt8> = 0x80...0xbf
    let length: Int
    switch first {
    case 0xc2...0xdf: length = 2
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: length = 3
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: length = 4
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    default: return 0
    }
    guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return 0 }
    for offset in 2..<Swift.max(length, 2) where bytes[index + offset] & 0xc0 != 0x80 { return 0 }
    return length
  }
}

extension Sequence<UInt32> {
  /// The bytes of some code points.
  var utf8: [UInt8] {
    var bytes: [UInt8] = []
    for point in self { point.appendUTF8(to: &bytes) }
    return bytes
  }
}

extension UInt32 {
  /// Adds the bytes of a code point: those of its UTF-8, or the one it stands for.
  func appendUTF8(to bytes: inout [UInt8]) {
    if self < 0x80 {
      bytes.append(UInt8(self))
    } else if self < 0x800 {
      bytes.append(UInt8(0xc0 | self >> 6))
      bytes.append(UInt8(0x80 | self & 0x3f))
    } else if self < 0x1_0000 {
      bytes.append(UInt8(0xe0 | self >> 12))
      bytes.append(UInt8(0x80 | self >> 6 & 0x3f))
      bytes.append(UInt8(0x80 | self & 0x3f))
    } else if self < CodePoints.invalidByte {
      bytes.append(UInt8(0xf0 | self >> 18))
      bytes.append(UInt8(0x80 | self >> 12 & 0x3f))
      bytes.append(UInt8(0x80 | self >> 6 & 0x3f))
      bytes.append(UInt8(0x80 | self & 0x3f))
    } else {
      bytes.append(UInt8(truncatingIfNeeded: self - CodePoints.invalidByte))
    }
  }
}
