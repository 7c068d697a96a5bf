import Engine
import Testing

@Suite struct PhiloxTests {
  /// The known answers that the authors publish with Random123 (kat_vectors, philox4x32 10).
  @Test func `the published vectors come out`() {
    #expect(
      Philox(key0: 0, key1: 0).words(SIMD4(0, 0, 0, 0))
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    let ones = UInt32.max
    #expect(
      Philox(key0: ones, key1: ones).words(SIMD4(ones, ones, ones, ones))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox(key0: 0xa409_3822, key1: 0x299f_31d0).words(
        SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func `uniform numbers are in their range and evenly spread`() {
    let random = Philox(seed: 5, stream: "test")
    let numbers = (0..<20_000).map { random.uniform(1, 2, UInt64($0)) }
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = numbers.reduce(0, +) / 20_000
    #expect(abs(mean - 0.5) < 0.01)
    let normal = (0..<20_000).map { random.normal(1, 3, UInt64($0)) }
    #expect(abs(normal.reduce(0, +) / 20_000) < 0.03)
    #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / 20_000 - 1) < 0.05)
    #expect(random.permutation(of: 100, 0, 0).sorted() == Array(0..<100))
    #expect(random.uniform(1, 2, 3) != Philox(seed: 6, stream: "test").uniform(1, 2, 3))
    #expect(random.uniform(1, 2, 3) != Philox(seed: 5, stream: "tess").uniform(1, 2, 3))
  }
}
