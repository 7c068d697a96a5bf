/// SHA-256 (FIPS 180-4), fed in pieces.
///
/// The sixteen words of the message schedule live in local variables, so that the compression of a block touches no
/// memory but the block itself.
package struct SHA256: Sendable {
  private var state: [8 of UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var pending: [64 of UInt8] = .init(repeating: 0)
  private var pendingCount = 0
  private var length: UInt64 = 0

  package init() {}

  /// Takes more of the message.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return }
    length &+= UInt64(bytes.count)
    var offset = 0
    if pendingCount > 0 {
      let taken = min(64 - pendingCount, bytes.count)
      for index in 0..<taken { pending[pendingCount + index] = bytes[index] }
      pendingCount += taken
      offset = taken
      guard pendingCount == 64 else { return }
      compressPending()
    }
    let blocks = (bytes.count - offset) / 64
    if blocks > 0 {
      Self.compress(&state, base + offset, blocks: blocks)
      offset += blocks * 64
    }
    while offset < bytes.count {
      pending[pendingCount] = bytes[offset]
      pendingCount += 1
      offset += 1
    }
  }

  /// Takes more of the message.
  package mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Takes a text's UTF-8 bytes.
  package mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// The digest of everything taken so far; more may be taken afterwards.
  package func finalize() -> Digest {
    var copy = self
    let bits = length &* 8
    copy.pending[copy.pendingCount] = 0x80
    copy.pendingCount += 1
    if copy.pendingCount > 56 {
      for index in copy.pendingCount..<64 { copy.pending[index] = 0 }
      copy.compressPending()
    }
    for index in copy.pendingCount..<56 { copy.pending[index] = 0 }
    for index in 0..<8 {
      copy.pending[56 + index] = UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * index))
    }
    copy.compressPending()
    return Digest(words: copy.state)
  }

  private mutating func compressPending() {
    let block = pending
    withUnsafeBytes(of: block) { bytes in
      if let base = bytes.baseAddress { Self.compress(&state, base, blocks: 1) }
    }
    pendingCount = 0
  }

  /// FIPS 180-4 §6.2.2 over `blocks` blocks of 64 bytes at `start`.
  private static func compress(
    _ state: inout [8 of UInt32], _ start: UnsafeRawPointer, blocks: Int
  ) {
    var s = state
    roundConstants.span.withUnsafeBufferPointer { k in
      for block in 0..<blocks {
        let p = start + 64 * block
        var w0 = word(p, 0)
        var w1 = word(p, 1)
        var w2 = word(p, 2)
        var w3 = word(p, 3)
        var w4 = word(p, 4)
        var w5 = word(p, 5)
        var w6 = word(p, 6)
        var w7 = word(p, 7)
        var w8 = word(p, 8)
        var w9 = word(p, 9)
        var w10 = word(p, 10)
        var w11 = word(p, 11)
        var w12 = word(p, 12)
        var w13 = word(p, 13)
        var w14 = word(p, 14)
        var w15 = word(p, 15)
        var a = s[0]
        var b = s[1]
        var c = s[2]
        var d = s[3]
        var e = s[4]
        var f = s[5]
        var g = s[6]
        var h = s[7]
        var t = 0
        while true {
          // Each round renames the eight variables, so none is moved; after eight they are back.
          round(a, b, c, &d, e, f, g, &h, k[t] &+ w0)
          round(h, a, b, &c, d, e, f, &g, k[t + 1] &+ w1)
          round(g, h, a, &b, c, d, e, &f, k[t + 2] &+ w2)
          round(f, g, h, &a, b, c, d, &e, k[t + 3] &+ w3)
          round(e, f, g, &h, a, b, c, &d, k[t + 4] &+ w4)
          round(d, e, f, &g, h, a, b, &c, k[t + 5] &+ w5)
          round(c, d, e, &f, g, h, a, &b, k[t + 6] &+ w6)
          round(b, c, d, &e, f, g, h, &a, k[t + 7] &+ w7)
          round(a, b, c, &d, e, f, g, &h, k[t + 8] &+ w8)
          round(h, a, b, &c, d, e, f, &g, k[t + 9] &+ w9)
          round(g, h, a, &b, c, d, e, &f, k[t + 10] &+ w10)
          round(f, g, h, &a, b, c, d, &e, k[t + 11] &+ w11)
          round(e, f, g, &h, a, b, c, &d, k[t + 12] &+ w12)
          round(d, e, f, &g, h, a, b, &c, k[t + 13] &+ w13)
          round(c, d, e, &f, g, h, a, &b, k[t + 14] &+ w14)
          round(b, c, d, &e, f, g, h, &a, k[t + 15] &+ w15)
          t += 16
          if t == 64 { break }
          extend(&w0, w1, w9, w14)
          extend(&w1, w2, w10, w15)
          extend(&w2, w3, w11, w0)
          extend(&w3, w4, w12, w1)
          extend(&w4, w5, w13, w2)
          extend(&w5, w6, w14, w3)
          extend(&w6, w7, w15, w4)
          extend(&w7, w8, w0, w5)
          extend(&w8, w9, w1, w6)
          extend(&w9, w10, w2, w7)
          extend(&w10, w11, w3, w8)
          extend(&w11, w12, w4, w9)
          extend(&w12, w13, w5, w10)
          extend(&w13, w14, w6, w11)
          extend(&w14, w15, w7, w12)
          extend(&w15, w0, w8, w13)
        }
        s[0] &+= a
        s[1] &+= b
        s[2] &+= c
        s[3] &+= d
        s[4] &+= e
        s[5] &+= f
        s[6] &+= g
        s[7] &+= h
      }
    }
    state = s
  }

  @inline(__always)
  private static func round(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32,
    _ g: UInt32, _ h: inout UInt32, _ kw: UInt32
  ) {
    let big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    let choice = g ^ (e & (f ^ g))
    let t1 = h &+ big1 &+ choice &+ kw
    let big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    let majority = (a & b) | (c & (a | b))
    d &+= t1
    h = t1 &+ big0 &+ majority
  }

  /// The message schedule: word `t` from words `t - 16` (which it replaces), `t - 15`, `t - 7` and `t - 2`.
  @inline(__always)
  private static func extend(_ w: inout UInt32, _ w15: UInt32, _ w7: UInt32, _ w2: UInt32) {
    let small0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >> 3)
    let small1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >> 10)
    w = w &+ small0 &+ w7 &+ small1
  }

  @inline(__always)
  private static func word(_ block: UnsafeRawPointer, _ index: Int) -> UInt32 {
    UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
  }

  @inline(__always)
  private static func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { x &>> n | x &<< (32 &- n) }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let roundConstants: [64 of UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
    0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
    0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
    0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
    0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
    0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
    0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
    0xc671_78f2,
  ]
}
