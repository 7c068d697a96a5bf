// The formats are those of ggml; the float operations and their order are those of the `dequantize` of the Python package `gguf`,
// without fused multiply-adds, so that both give the same bits for every block, whatever its bytes.
//
// Letters: d a block's scale, m its minimum, q a small whole number. `at` is a block's first byte, `to` its first number.

extension TensorFormat {
  /// Writes the `count` numbers that `bytes` hold to `numbers`, from `start` on.
  ///
  /// - Precondition: `bytes` are as many as `bytes(of: count)` says, and `numbers` has room.
  func decode(_ bytes: ByteView, count: Int, into numbers: inout MutableSpan<Float>, at start: Int) {
    precondition(
      self.bytes(of: count) == bytes.count && start >= 0 && count <= numbers.count - start,
      "\(bytes.count) bytes for \(count) of \(rawValue) in \(numbers.count) from \(start) on")
    let blocks = count / blockLength
    switch self {
    case .f32:
      for i in 0..<blocks { numbers[start + i] = Float(bitPattern: bytes.integer(UInt32.self, 4 * i)) }
    case .f16:
      for i in 0..<blocks { numbers[start + i] = bytes.half(2 * i) }
    case .bf16:
      for i in 0..<blocks {
        numbers[start + i] = Float(bitPattern: UInt32(bytes.integer(UInt16.self, 2 * i)) << 16)
      }
    case .q8of0:
      for block in 0..<blocks {
        decodeQ8of0(bytes, block * blockBytes, &numbers, start + block * blockLength)
      }
    case .q4of0:
      for block in 0..<blocks {
        decodeQ4of0(bytes, block * blockBytes, &numbers, start + block * blockLength)
      }
    case .q4of1:
      for block in 0..<blocks {
        decodeQ4of1(bytes, block * blockBytes, &numbers, start + block * blockLength)
      }
    case .q5of0:
      for block in 0..<blocks {
        decodeQ5of0(bytes, block * blockBytes, &numbers, start + block * blockLength)
      }
    case .q5of1:
      for block in 0..<blocks {
        decodeQ5of1(bytes, block * blockBytes, &numbers, start + block * blockLength)
      }
    case .q4K:
      for block in 0..<blocks { decodeQ4K(bytes, block * blockBytes, &numbers, start + block * blockLength) }
    case .q5K:
      for block in 0..<blocks { decodeQ5K(bytes, block * blockBytes, &numbers, start + block * blockLength) }
    case .q6K:
      for block in 0..<blocks { decodeQ6K(bytes, block * blockBytes, &numbers, start + block * blockLength) }
    }
  }
}

/// 2 bytes d, 32 signed bytes q; d · q.
private func decodeQ8of0(_ bytes: ByteView, _ at: Int, _ numbers: inout MutableSpan<Float>, _ to: Int) {
  let d = bytes.half(at)
  for i in 0..<32 { numbers[to + i] = Float(Int8(bitPattern: bytes[at + 2 + i])) * d }
}

/// 2 bytes d, 16 bytes of which the low halves are q 0…15 and the high halves q 16…31; d · (q - 8).
private func decodeQ4of0(_ bytes: ByteView, _ at: Int, _ numbers: inout MutableSpan<Float>, _ to: Int) {
  let d = bytes.half(at)
  for i in 0..<16 {
    let q = Int32(bytes[at + 2 + i])
    numbers[to + i] = d * Float((q & 15) - 8)
    numbers[to + 16 + i] = d * Float((q >> 4) - 8)
  }
}

/// 2 bytes d, 2 bytes m, 16 bytes as in Q4_0; d · q + m.
private func decodeQ4of1(_ bytes: ByteView, _ at: Int, _ numbers: inout MutableSpan<Float>, _ to: Int) {
  let d = bytes.half(at)
  let m = bytes.half(at + 2)
  for i in 0..<16 {
    let q = Int32(bytes[at + 4 + i])
    numbers[to + i] = d * Float(q & 15) + m
    numbers[to + 16 + i] = d * Float(q >> 4) + m
  }
}

/// 2 bytes d, 4 bytes with the fifth bits of all q, 16 bytes as in Q4_0; d · (q - 16).
private func decodeQ5of0(_ bytes: ByteView, _ at: Int, _ numbers: inout MutableSpan<Float>, _ to: Int) {
  let d = bytes.half(at)
  let high = bytes.integer(UInt32.self, at + 2)
  for i in 0..<16 {
    let q = UInt32(bytes[at + 6 + i])
    let low = q & 15 | (high >> UInt32(i) & 1) << 4
    let upper = q >> 4 | (high >> UInt32(i + 16) & 1) << 4
    numbers[to + i] = d * Float(Int32(low) - 16)
    numbers[to + 16 + i] = d * Float(Int32(upper) - 16)
  }
}

/// 2 bytes d, 2 bytes m, then as in Q5_0; d · q + m.
private func decodeQ5of1(_ bytes: ByteView, _ at: Int, _ numbers: inout MutableSpan<Float>, _ to: Int) {
  let d = bytes.half(at)
  let m = bytes.half(at + 2)
  let high = bytes.integer(UInt32.self, at + 4)
  for i in 0..<16 {
    let q = UInt32(bytes[at + 8 + i])
    let low = q & 15 | (high >> UInt32(i) & 1) << 4
    let upper = q >> 4 | (high >> UInt32(i + 16) & 1) << 4
    numbers[to + i] = d * Float(low) + m
    numbers[to + 16 + i] = d * Float(upper) + m
  }
}

/// Scale and minimum `group` of 8, six bits each, packed in 12 bytes from `at` on: the first four whole in bytes 0…3 and 4…7, of the
/// others the low four bits in bytes 8…11 and the high two on top of the first four's bytes.
@inline(__always)
private func scaleAndMinimum(_ bytes: ByteView, _ at: Int, _ group: Int) -> (scale: Float, minimum: Float) {
  if group < 4 { return (Float(bytes[at + group] & 63), Float(bytes[at + 4 + group] & 63)) }
  let low = bytes[at + 4 + group]
  let scale = low & 15 | (bytes[at + group - 4] >> 2 & 0x30)
  let minimum = low >> 4 | (bytes[at + group] >> 2 & 0x30)
  return (Float(scale), Float(minimum))
}

/// 2 bytes d, 2 bytes m, 12 bytes of eight scales s and minima n, 128 bytes: 32 hold groups 2j (low halves) and 2j + 1 (high halves)
/// of 32 numbers; (d · s) · q - m · n.
private func decodeQ4K(_ bytes: ByteView, _ at: Int, _ numbers: inout MutableSpan<Float>, _ to: Int) {
  let d = bytes.half(at)
  let m = bytes.half(at + 2)
  for group in 0..<8 {
    let (s, n) = scaleAndMinimum(bytes, at + 4, group)
    let scale = d * s
    let minimum = m * n
    let shift = UInt8(group & 1) * 4
    let first = at + 16 + 32 * (group / 2)
    for i in 0..<32 {
      let q = bytes[first + i] >> shift & 15
      numbers[to + 32 * group + i] = scale * Float(q) - minimum
    }
  }
}

/// As Q4_K, with 32 bytes before the last 128 whose bit g is the fifth bit of q in group g.
private func decodeQ5K(_ bytes: ByteView, _ at: Int, _ numbers: inout MutableSpan<Float>, _ to: Int) {
  let d = bytes.half(at)
  let m = bytes.half(at + 2)
  for group in 0..<8 {
    let (s, n) = scaleAndMinimum(bytes, at + 4, group)
    let scale = d * s
    let minimum = m * n
    let shift = UInt8(group & 1) * 4
    let first = at + 48 + 32 * (group / 2)
    for i in 0..<32 {
      let high = bytes[at + 16 + i] >> UInt8(group) & 1
      let q = bytes[first + i] >> shift & 15 | high << 4
      numbers[to + 32 * group + i] = scale * Float(q) - minimum
    }
  }
}

/// 128 bytes with the low four bits of q, 64 with the high two, 16 signed scales s, 2 bytes d; (d · s) · (q - 32).
///
/// Each half of 128 numbers has 64 bytes of low bits and 32 of high bits: of its four groups of 32 numbers the first two are the low
/// halves of the 64 bytes, the others the high halves; group g has bits 2g and 2g + 1 of the 32. A scale serves 16 numbers.
private func decodeQ6K(_ bytes: ByteView, _ at: Int, _ numbers: inout MutableSpan<Float>, _ to: Int) {
  let d = bytes.half(at + 208)
  for group in 0..<8 {
    let half = group / 4
    let place = group % 4
    let lowAt = at + 64 * half + 32 * (place & 1)
    let highAt = at + 128 + 32 * half
    for i in 0..<32 {
      let low = bytes[lowAt + i] >> UInt8(place / 2 * 4) & 15
      let high = bytes[highAt + i] >> UInt8(2 * place) & 3
      let s = Float(Int8(bitPattern: bytes[at + 192 + 2 * group + i / 16]))
      numbers[to + 32 * group + i] = (d * s) * Float(Int32(low | high << 4) - 32)
    }
  }
}
