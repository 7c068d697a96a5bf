/// Philox4x32-10 (Salmon et al., SC 2011): random numbers as a pure function of a key and a counter.
///
/// Nothing has a state: the number for (seed, stream, item, sample, position) is the same whoever asks, in whatever order, and how
/// often. The key is the seed folded with the stream's name; the counter is the place.
package struct Philox: Sendable {
  private let key0: UInt32
  private let key1: UInt32

  /// The generator for a seed and a named use of randomness, such as `"answer"`.
  package init(seed: UInt64, stream: String) {
    // FNV-1a over the name, then the seed mixed in by one step of SplitMix64: published, and the same everywhere.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    var mixed = hash ^ (seed &+ 0x9e37_79b9_7f4a_7c15)
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    mixed ^= mixed >> 31
    key0 = UInt32(truncatingIfNeeded: mixed)
    key1 = UInt32(truncatingIfNeeded: mixed >> 32)
  }

  /// The generator with this very key.
  package init(key0: UInt32, key1: UInt32) {
    self.key0 = key0
    self.key1 = key1
  }

  /// Four random words for a counter.
  package func words(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k0 = key0
    var k1 = key1
    for round in 0..<10 {
      if round > 0 {
        k0 &+= 0x9e37_79b9
        k1 &+= 0xbb67_ae85
      }
      let p0 = UInt64(0xd251_1f53) &* UInt64(c.x)
      let p1 = UInt64(0xcd9e_8d57) &* UInt64(c.z)
      c = SIMD4(
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c.y ^ k0, UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c.w ^ k1, UInt32(truncatingIfNeeded: p0))
    }
    return c
  }

  /// Four random words for a place: an item, a sample of it, and a position in that.
  package func words(_ item: UInt32, _ sample: UInt32, _ position: UInt64) -> SIMD4<UInt32> {
    words(
      SIMD4(UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32), item, sample))
  }

  /// Uniform in [0, 1): a multiple of 2⁻²⁴.
  package func uniform(_ item: UInt32, _ sample: UInt32, _ position: UInt64) -> Float {
    Float(words(item, sample, position).x >> 8) * 0x1p-24
  }

  /// A whole number in `0..<bound`, by multiplying 64 random bits: the bias is below bound / 2⁶⁴.
  ///
  /// - Precondition: `bound` is positive.
  package func integer(below bound: Int, _ item: UInt32, _ sample: UInt32, _ position: UInt64) -> Int {
    precondition(bound > 0, "a random number below \(bound)")
    let w = words(item, sample, position)
    let bits = UInt64(w.x) << 32 | UInt64(w.y)
    return Int(bits.multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Normally distributed with mean 0 and deviation 1 (Box–Muller).
  package func normal(_ item: UInt32, _ sample: UInt32, _ position: UInt64) -> Float {
    let w = words(item, sample, position)
    // In (0, 1], so that the logarithm exists.
    let u = (Float(w.x >> 8) + 1) * 0x1p-24
    let angle = Double(w.y) * 0x1p-32 * 6.283_185_307_179_586
    return (-2 * log(u)).squareRoot() * sineAndCosine(angle).cosine
  }

  /// The numbers `0..<count` in random order (Fisher–Yates), for a place.
  package func permutation(of count: Int, _ item: UInt32, _ sample: UInt32) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, integer(below: last + 1, item, sample, UInt64(last)))
    }
    return order
  }
}
