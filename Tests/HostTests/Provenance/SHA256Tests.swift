import Host
import Testing

@Suite struct SHA256Tests {
  /// FIPS 180-4 examples and NIST's CAVP short messages.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func `digests are those of the standard's examples`(text: String, hex: String) {
    #expect(Digest(of: text).hex == hex)
  }

  @Test func `a million letters a, fed in any pieces, give the standard's digest`() {
    let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    for piece in [1_000_000, 64, 63, 65, 1, 4099] {
      var hash = SHA256()
      var left = 1_000_000
      while left > 0 {
        hash.update([UInt8](repeating: UInt8(ascii: "a"), count: min(piece, left)))
        left -= piece
      }
      #expect(hash.finalize().hex == expected, "in pieces of \(piece)")
    }
  }

  @Test func `every length around the padding's borders equals the same bytes fed one by one`() {
    for length in 0...200 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      var hash = SHA256()
      for byte in bytes { hash.update([byte]) }
      #expect(hash.finalize() == Digest(of: bytes))
      var longer = bytes
      longer.append(0)
      #expect(Digest(of: longer) != Digest(of: bytes))
    }
  }

  @Test func `finalizing leaves the message open`() {
    var hash = SHA256()
    hash.update("ab")
    _ = hash.finalize()
    hash.update("c")
    #expect(hash.finalize() == Digest(of: "abc"))
  }

  @Test func `a digest reads back from its digits only`() {
    let digest = Digest(of: "abc")
    #expect(Digest(hex: digest.hex) == digest)
    #expect(Digest(hex: digest.hex.uppercased()) == digest)
    #expect(digest.short == "ba7816bf8f01")
    #expect(Digest(hex: "") == nil)
    #expect(Digest(hex: digest.hex + "0") == nil)
    #expect(Digest(hex: String(digest.hex.dropLast())) == nil)
    #expect(Digest(hex: "g" + digest.hex.dropFirst()) == nil)
    var bytes: [UInt8] = []
    digest.append(to: &bytes)
    #expect(bytes.prefix(4) == [0xBA, 0x78, 0x16, 0xBF])
    let sorted = ["a", "b", "c", "d", "e"].map { Digest(of: $0) }.sorted()
    #expect(sorted.map(\.hex) == sorted.map(\.hex).sorted())
  }

  @Test func `speed is printed`() {
    let bytes = [UInt8](repeating: 7, count: Scale.large * 160)
    let clock = ContinuousClock()
    var digest = Digest(of: "")
    let time = clock.measure { digest = Digest(of: bytes) }
    #expect(digest != Digest(of: ""))
    print("SHA-256: \(Int(Double(bytes.count) / 1e6 / (time / .seconds(1)))) MB/s")
  }
}
