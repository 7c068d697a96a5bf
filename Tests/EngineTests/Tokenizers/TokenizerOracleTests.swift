import Engine
import Testing

/// The tokenizers against the Python library: 10,000 strings a family.
struct TokenizerOracleTests {
  static let families = [
    "gpt2", "llama3", "qwen2", "marks", "smollm", "llama2", "llama2first", "gemma", "unigram", "unigramunk",
    "mixed",
  ]

  @Test(arguments: families)
  func `the first strings have the tokens that the library gives`(family: String) throws {
    let fixtures = try TokenizerFixtures.load()
    let facts = try #require(fixtures.families[family])
    let tokenizer = try TokenizerFixtures.tokenizer(family)
    for (index, sample) in facts.samples.enumerated() {
      let text = fixtures.string(seed: facts.seed, index: index)
      #expect(Array(text.utf8) == Array(sample.text.utf8), "string \(index) is made otherwise here")
      let parsed = try tokenizer.encode(text, addSpecial: true, parsesSpecial: true)
      #expect(parsed == sample.parsed, "string \(index): \(text.debugDescription)")
      let plain = try tokenizer.encode(text)
      #expect(plain == sample.plain, "string \(index) as plain text: \(text.debugDescription)")
    }
  }

  @Test(arguments: families)
  func `ten thousand strings have the tokens and the texts that the library gives`(family: String) throws {
    let fixtures = try TokenizerFixtures.load()
    let facts = try #require(fixtures.families[family])
    try Self.compare(try TokenizerFixtures.tokenizer(family), with: facts, fixtures)
  }

  static func compare(
    _ tokenizer: Tokenizer, with facts: TokenizerFixtures.Family, _ fixtures: TokenizerFixtures
  ) throws {
    #expect(facts.parsed.count == 100 && facts.plain.count == 100 && facts.decoded.count == 100)
    for block in facts.parsed.indices {
      var (parsed, plain, decoded) = (ByteHash(), ByteHash(), ByteHash())
      var lists: [[Int32]] = []
      for index in block * 100..<block * 100 + 100 {
        let text = fixtures.string(seed: facts.seed, index: index)
        let ids = try tokenizer.encode(text, addSpecial: true, parsesSpecial: true)
        lists.append(ids)
        parsed.add(ids)
        plain.add(try tokenizer.encode(text))
      }
      for (index, ids) in lists.enumerated() {
        decoded.add(tokenizer.decode(ids, skipsSpecial: index % 2 == 0).utf8)
        decoded.add([0xff] as [UInt8])
      }
      for ids in lists {
        decoded.add(tokenizer.decode(stride(from: 0, to: ids.count, by: 3).map { ids[$0] }).utf8)
        decoded.add([0xff] as [UInt8])
      }
      #expect(parsed.text == facts.parsed[block], "ids of the strings from \(block * 100) on")
      #expect(plain.text == facts.plain[block], "ids of the plain strings from \(block * 100) on")
      #expect(decoded.text == facts.decoded[block], "texts of the strings from \(block * 100) on")
    }
  }
}
