import Engine
import Foundation
import Testing

/// What `Oracles/make_tokenizer_fixtures.py` wrote: facts of the Python library `tokenizers`.
struct TokenizerFixtures: Decodable {
  struct Family: Decodable {
    /// Of the strings.
    var seed: UInt64
    /// For each hundred strings, a hash of their ids: special tokens parsed, beginning and end added.
    var parsed: [String]
    /// Likewise, as ordinary text.
    var plain: [String]
    /// Of the texts that the first ids decode to.
    var decoded: [String]
    /// A string and its ids of both kinds.
    var samples: [Sample]
  }

  struct Sample: Decodable {
    var text: String
    var parsed: [Int32]
    var plain: [Int32]

    init(from decoder: any Swift.Decoder) throws {
      var container = try decoder.unkeyedContainer()
      text = try container.decode(String.self)
      parsed = try container.decode([Int32].self)
      plain = try container.decode([Int32].self)
    }
  }

  var fragments: [String]
  var ranges: [[UInt32]]
  var families: [String: Family]

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Oracles/Fixtures")

  static func load() throws -> Self {
    try JSONDecoder().decode(Self.self, from: Data(contentsOf: folder.appending(path: "tokenizers.json")))
  }

  static func bytes(of family: String) throws -> [UInt8] {
    try Array(Data(contentsOf: folder.appending(path: "tokenizer-\(family).json")))
  }

  static func tokenizer(_ family: String) throws -> Tokenizer {
    try Tokenizer(tokenizerJSON: bytes(of: family))
  }

  /// The string of a seed and an index, as the script makes it.
  func string(seed: UInt64, index: Int) -> String {
    var random = SplitMix(state: seed << 32 | UInt64(index))
    var text = ""
    for _ in 0..<1 + random.next() % 14 {
      var number = random.next()
      let kind = number % 8
      number >>= 3
      if kind == 0 {
        let range = ranges[Int(number % UInt64(ranges.count))]
        let value = range[0] + UInt32((number >> 16) % UInt64(range[1] - range[0] + 1))
        if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
      } else {
        let fragment = fragments[Int(number % UInt64(fragments.count))]
        for _ in 0..<(kind == 1 ? 1 + (number >> 32) % 9 : 1) { text += fragment }
      }
    }
    return text
  }
}

/// SplitMix64 (Steele et al., 2014).
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}

/// FNV-1a of 64 bits.
struct ByteHash {
  private var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  mutating func add(_ ids: [Int32]) {
    for id in ids {
      for shift in [0, 8, 16, 24] { add(CollectionOfOne(UInt8(truncatingIfNeeded: id >> shift))) }
    }
    add([0xff, 0xff, 0xff, 0xff] as [UInt8])
  }

  var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
