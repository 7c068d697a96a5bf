import Engine
import Foundation
import Testing

/// Tokenizers from the metadata of a GGUF file.
struct TokenizerMetadataTests {
  struct SentencePieceFile: Decodable {
    var tokens: [String]
    var scores: [Float]
    var types: [Int32]
  }

  @Test func `a SentencePiece vocabulary gives the tokens that SentencePiece gives`() throws {
    let url = TokenizerFixtures.folder.appending(path: "tokenizer-sentencepiece.json")
    let file = try JSONDecoder().decode(SentencePieceFile.self, from: Data(contentsOf: url))
    let tokenizer = try Tokenizer(
      metadata: TokenizerMetadata(
        model: "llama", tokens: file.tokens, scores: file.scores, tokenTypes: file.types, beginning: 1,
        ends: [2],
        unknown: 0))
    let fixtures = try TokenizerFixtures.load()
    let facts = try #require(fixtures.families["sentencepiece"])
    for block in facts.plain.indices {
      var plain = ByteHash()
      for index in block * 100..<block * 100 + 100 {
        plain.add(try tokenizer.encode(fixtures.string(seed: facts.seed, index: index)))
      }
      #expect(plain.text == facts.plain[block], "ids of the strings from \(block * 100) on")
    }
    #expect(try tokenizer.encode("", addSpecial: true) == [1])
    #expect(tokenizer.endOfSequence == [2])
  }

  @Test(arguments: [("gpt2", "gpt-2"), ("llama3", "llama-bpe"), ("qwen2", "qwen2"), ("smollm", "smollm")])
  func `plain arrays give the tokens of the file they were taken from`(family: String, pre: String) throws {
    let bytes = try TokenizerFixtures.bytes(of: family)
    let whole = try Tokenizer(tokenizerJSON: bytes)
    let file = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    let merges = try #require((file["model"] as? [String: Any])?["merges"] as? [[String]])
    var types = [Int32](repeating: 1, count: whole.vocabularySize)
    for token in whole.addedTokens { types[Int(token.id)] = token.isSpecial ? 3 : 4 }
    let tokens = try types.indices.map { try #require(whole.content(of: Int32($0))) }
    let tokenizer = try Tokenizer(
      metadata: TokenizerMetadata(
        model: "gpt2", pre: pre, tokens: tokens, merges: merges.map { $0.joined(separator: " ") },
        tokenTypes: types,
        beginning: whole.prefix.first.map(Int.init)))
    let fixtures = try TokenizerFixtures.load()
    for index in 0..<2000 {
      let text = fixtures.string(seed: 600, index: index)
      // What GGUF does not say: white space that tokens take along, and tokens looked for after normalising.
      if family == "gpt2", text.contains("[") || text.contains("WORD") { continue }
      if text.unicodeScalars.contains(where: { [0xc5, 0x212b, 0x30a].contains($0.value) }) { continue }
      let tokens = try tokenizer.encode(text, addSpecial: true, parsesSpecial: true)
      #expect(
        tokens == (try whole.encode(text, addSpecial: true, parsesSpecial: true)), "\(text.debugDescription)")
      #expect(tokenizer.decode(tokens) == whole.decode(tokens))
    }
  }

  @Test func `what is not known or does not fit is refused by its key`() throws {
    var metadata = TokenizerMetadata(model: "gpt2", pre: "gpt-2", tokens: ["a", "b", "ab"], merges: ["a b"])
    #expect(try Tokenizer(metadata: metadata).encode("ab") == [2])
    func refused(_ change: (inout TokenizerMetadata) -> Void) -> TokenizerError? {
      var changed = metadata
      change(&changed)
      do throws(TokenizerError) { _ = try Tokenizer(metadata: changed) } catch { return error }
      return nil
    }
    #expect(
      refused { $0.merges = ["a b", "a b"] } == .duplicateMerge(first: 0, second: 1, left: "a", right: "b"))
    #expect(refused { $0.merges = [] } == .missing(path: "tokenizer.ggml.merges"))
    #expect(refused { $0.merges = ["a  b"] } == .malformedMerge(merge: 0, found: "\"a  b\""))
    #expect(refused { $0.tokens = ["a", "a", "ab"] } == .duplicateToken(content: "a", first: 0, second: 1))
    #expect(
      refused { $0.beginning = 3 }
        == .identifierOutOfRange(content: "tokenizer.ggml.bos_token_id", id: 3, limit: 3))
    #expect(
      refused { $0.tokenTypes = [1] }
        == .unequalCounts(
          first: "tokenizer.ggml.tokens", firstCount: 3, second: "tokenizer.ggml.token_type", secondCount: 1))
    for change in [{ $0.pre = nil }, { $0.pre = "tekken" }, { $0.model = "t5" }]
      as [(inout TokenizerMetadata) -> Void]
    {
      guard case .unsupported? = refused(change) else {
        Issue.record("not refused")
        continue
      }
    }
    metadata.model = "llama"
    #expect(refused { $0.scores = [] } == .missing(path: "tokenizer.ggml.scores"))
    #expect(refused { $0.scores = [0, .nan, 0] } == .scoreNotFinite(content: "b"))
  }

  /// Where the one real model is: `SMOLLM2`, or `models/` in the package.
  static let model: URL? = {
    let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    let path = ProcessInfo.processInfo.environment["SMOLLM2"]
    let url = path.map { URL(filePath: $0) } ?? root.appending(path: "models/SmolLM2-135M-Instruct.Q4_1.gguf")
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
  }()

  @Test(.enabled(if: model != nil, "SmolLM2's GGUF file is not here: set SMOLLM2 to its path"))
  func `the vocabulary of SmolLM2 gives the tokens that the library gives with it`() throws {
    var reader = try GGUFMetadata(#require(Self.model))
    let fields = try reader.fields()
    let tokenizer = try Tokenizer(
      metadata: TokenizerMetadata(
        model: "gpt2", pre: "smollm", tokens: #require(fields.texts["tokenizer.ggml.tokens"]),
        merges: #require(fields.texts["tokenizer.ggml.merges"]),
        tokenTypes: #require(fields.numbers["tokenizer.ggml.token_type"]), beginning: 1, ends: [2],
        unknown: 0,
        addsBeginning: false))
    let fixtures = try TokenizerFixtures.load()
    #expect(tokenizer.vocabularySize == 49_152)
    #expect(tokenizer.missingBytes.prefix(6) == [4, 6, 19, 20, 22, 29] && tokenizer.missingBytes.count == 21)
    try TokenizerOracleTests.compare(tokenizer, with: #require(fixtures.families["smollm2"]), fixtures)
    #expect(
      try ChatTemplate(recognizing: #require(fields.texts["tokenizer.chat_template"]?.first)) == .smolLM2)
  }
}

/// As much of a GGUF file's metadata as the tests need: texts and whole numbers.
private struct GGUFMetadata {
  var data: Data
  var position = 24

  init(_ url: URL) throws { data = try Data(contentsOf: url, options: .alwaysMapped) }

  mutating func number(_ bytes: Int) -> Int {
    defer { position += bytes }
    return (0..<bytes).reduce(0) {
      $0 | Int(truncatingIfNeeded: UInt64(data[position + $1]) << UInt64(8 * $1))
    }
  }

  mutating func text() -> String {
    let count = number(8)
    defer { position += count }
    return String(decoding: data[position..<position + count], as: UTF8.self)
  }

  mutating func fields() throws -> (texts: [String: [String]], numbers: [String: [Int32]]) {
    var texts: [String: [String]] = [:]
    var numbers: [String: [Int32]] = [:]
    let widths = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8]
    position = 16
    for _ in 0..<number(8) {
      let key = text()
      var type = number(4)
      var count = 1
      if type == 9 {
        type = number(4)
        count = number(8)
      }
      if type == 8 {
        texts[key] = (0..<count).map { _ in text() }
      } else {
        numbers[key] = (0..<count).map { _ in Int32(truncatingIfNeeded: number(widths[type])) }
      }
    }
    return (texts, numbers)
  }
}
