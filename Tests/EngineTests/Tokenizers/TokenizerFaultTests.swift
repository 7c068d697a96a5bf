import Engine
import Foundation
import Testing

/// Tokenizers that cannot be: each fault by its own error, and nothing traps.
struct TokenizerFaultTests {
  static func bytePair(
    vocabulary: String = #"{"a": 0, "b": 1, "ab": 2}"#, merges: String = #"["a b"]"#, rest: String = ""
  ) -> [UInt8] {
    Array(#"{"model": {"type": "BPE", "vocab": \#(vocabulary), "merges": \#(merges)}\#(rest)}"#.utf8)
  }

  static let faults: [(file: [UInt8], error: TokenizerError)] = [
    (bytePair(merges: #"["a b", ["a", "b"]]"#), .duplicateMerge(first: 0, second: 1, left: "a", right: "b")),
    (bytePair(merges: #"["a c"]"#), .mergeOutsideVocabulary(merge: 0, content: "c")),
    (bytePair(merges: #"["a b", "b a"]"#), .mergeOutsideVocabulary(merge: 1, content: "ba")),
    (bytePair(merges: #"["ab"]"#), .malformedMerge(merge: 0, found: "\"ab\"")),
    (bytePair(merges: #"[["a", "b", "c"]]"#), .malformedMerge(merge: 0, found: "a list")),
    (bytePair(merges: #"[7]"#), .malformedMerge(merge: 0, found: "7.0")),
    // Merging nothing with `a` into `a` would never end.
    (
      bytePair(vocabulary: #"{"": 0, "a": 1}"#, merges: #"[["", "a"]]"#),
      .malformedMerge(merge: 0, found: #""" and "a""#)
    ),
    (bytePair(vocabulary: #"{"a": 0, "b": 0}"#), .duplicateIdentifier(id: 0, first: "a", second: "b")),
    (bytePair(vocabulary: #"{"a": 0, "a": 1}"#), .duplicateToken(content: "a", first: 0, second: 1)),
    (bytePair(vocabulary: #"{"a": -1}"#), .identifierOutOfRange(content: "a", id: -1, limit: 0x1_0004)),
    (
      bytePair(vocabulary: #"{"a": 2147483647}"#),
      .identifierOutOfRange(content: "a", id: 2_147_483_647, limit: 0x1_0004)
    ),
    (
      bytePair(vocabulary: #"{"a": 1e300}"#),
      .wrongValue(path: #"model.vocab["a"]"#, expected: "a whole number", found: "1e+300")
    ),
    (
      bytePair(vocabulary: #"{"a": -9223372036854775808}"#),
      .wrongValue(path: #"model.vocab["a"]"#, expected: "a whole number", found: "-9.223372036854776e+18")
    ),
    (
      bytePair(rest: #", "added_tokens": [{"id": 7, "content": "a"}]"#),
      .duplicateToken(content: "a", first: 0, second: 7)
    ),
    (
      bytePair(rest: #", "added_tokens": [{"id": 1, "content": "c"}]"#),
      .duplicateIdentifier(id: 1, first: "b", second: "c")
    ),
    (Array("{}".utf8), .missing(path: "model")),
    (
      Array(#"{"model": {"type": "WordPiece"}}"#.utf8),
      .unsupported(component: "model", found: "WordPiece", known: ["BPE", "Unigram"])
    ),
    (Array(#"{"model": {"type": "BPE", "vocab": {"a": 0}}}"#.utf8), .missing(path: "model.merges")),
    (Array(#"{"model": {"#.utf8), .malformedJSON(byte: 11, expected: "a key")),
    (
      Array(String(repeating: "[", count: 100_000).utf8),
      .malformedJSON(byte: 64, expected: "less nesting than 64 levels")
    ),
    (
      Array(#"{"model": {"type": "Unigram", "vocab": [["a", 0]], "unk_id": 1}}"#.utf8),
      .identifierOutOfRange(content: "unk_id", id: 1, limit: 1)
    ),
    (
      Array(#"{"model": {"type": "Unigram", "vocab": [["a"]]}}"#.utf8),
      .wrongValue(path: "model.vocab[0]", expected: "a text and a score", found: "1 values")
    ),
  ]

  @Test(arguments: faults.indices)
  func `a fault is named`(index: Int) {
    let fault = Self.faults[index]
    #expect(throws: fault.error) { try Tokenizer(tokenizerJSON: fault.file) }
    #expect(!fault.error.operationError.message.isEmpty && !fault.error.operationError.remedy.isEmpty)
  }

  @Test func `a pattern that is not known is refused with its text`() {
    let rest = #", "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "\\w+"}, "behavior": "Isolated"}"#
    #expect {
      try Tokenizer(tokenizerJSON: Self.bytePair(rest: rest))
    } throws: { error in
      guard case .unsupported("pre-tokenizer pattern", #""\\w+""#, _)? = error as? TokenizerError else {
        return false
      }
      return true
    }
  }

  @Test func `contents that Swift's strings take for equal are two tokens`() throws {
    let file = Self.bytePair(
      vocabulary: #"{"\u00e9": 0, "e": 1, "\u0301": 2, "e\u0301": 3}"#, merges: #"["e \u0301"]"#)
    let tokenizer = try Tokenizer(tokenizerJSON: file)
    #expect(try tokenizer.encode("\u{e9}") == [0])
    #expect(try tokenizer.encode("e\u{301}") == [3])
    #expect(tokenizer.id(of: "\u{e9}") == 0)
  }

  @Test func `escapes in a file are the characters they stand for`() throws {
    let file = Self.bytePair(
      vocabulary:
        #"{"\ud83d\ude00": 0, "\n": 1, "\"": 2, "\\": 3, "\/": 4, "\u0000": 5, "\u00E4": 6, "\t\r\b\f": 7}"#,
      merges: "[]")
    let tokenizer = try Tokenizer(tokenizerJSON: file)
    #expect(try tokenizer.encode("😀\n\"\\/\0ä") == [0, 1, 2, 3, 4, 5, 6])
    #expect(tokenizer.content(of: 7) == "\t\r\u{8}\u{c}")
    for bad in [
      #"{"\ud83d": 0}"#, #"{"\ude00": 0}"#, #"{"\ud83dx": 0}"#, #"{"\x": 0}"#, "{\"\n\": 0}", #"{"a": 01x}"#,
      #"{"a": 1e999}"#,
    ] {
      #expect(throws: TokenizerError.self) { try Tokenizer(tokenizerJSON: Self.bytePair(vocabulary: bad)) }
    }
    #expect(throws: TokenizerError.self) {
      try Tokenizer(tokenizerJSON: Array(#"{"model": {"vocab": {""#.utf8) + [0xff] + Array(#"": 0}}}"#.utf8))
    }
  }

  @Test func `a character without a token goes, as in the library, or is named`() throws {
    let tokenizer = try Tokenizer(tokenizerJSON: Self.bytePair(rest: #", "decoder": {"type": "ByteLevel"}"#))
    #expect(try tokenizer.encode("acb") == [2])
    #expect(tokenizer.missingBytes.count == 254)
    let unigram = try Tokenizer(
      tokenizerJSON: Array(#"{"model": {"type": "Unigram", "vocab": [["a", 0]], "unk_id": null}}"#.utf8))
    #expect(throws: TokenizerError.noToken(content: "c")) { try unigram.encode("ac") }
    #expect(throws: TokenizerError.noToken(content: "</s>")) {
      try Tokenizer(tokenizerJSON: Self.bytePair(), endOfSequence: ["</s>"])
    }
  }

  @Test func `a configuration gives its tokens and its template in either form`() throws {
    let plain = try TokenizerConfiguration(
      json: Array(#"{"bos_token": null, "eos_token": "</s>", "chat_template": "x"}"#.utf8))
    #expect(plain.beginning == nil && plain.end == "</s>" && plain.chatTemplate == "x")
    let named = try TokenizerConfiguration(
      json: Array(
        #"{"bos_token": {"content": "<s>"}, "chat_template": [{"name": "tool_use", "template": "y"}, {"name": "default", "template": "z"}]}"#
          .utf8))
    #expect(named.beginning == "<s>" && named.end == nil && named.chatTemplate == "z")
    #expect(throws: TokenizerError.wrongValue(path: "eos_token", expected: "a text", found: "7.0")) {
      try TokenizerConfiguration(json: Array(#"{"eos_token": 7}"#.utf8))
    }
  }

  @Test(arguments: ["marks", "unigram"])
  func `every beginning of a file is refused, and no changed file traps`(family: String) throws {
    let file = Array(try TokenizerFixtures.bytes(of: family).dropLast())
    // Near both ends every one, between them some.
    for count in Array(0..<600) + stride(from: 600, to: file.count - 200, by: 997)
      + (file.count - 200..<file.count)
    {
      #expect(throws: TokenizerError.self) { try Tokenizer(tokenizerJSON: Array(file.prefix(count))) }
    }
    var random = SplitMix(state: 3)
    for round in 0..<300 {
      var changed = file
      for _ in 0...round % 3 {
        // The components are at the beginning, where a change matters most.
        let range = round % 2 == 0 ? 1500 : changed.count
        changed[Int(random.next() % UInt64(range))] = UInt8(truncatingIfNeeded: random.next())
      }
      if let tokenizer = try? Tokenizer(tokenizerJSON: changed) {
        _ = tokenizer.decode((try? tokenizer.encode("Hello wörld <s> 123\n", addSpecial: true)) ?? [])
      }
    }
  }
}
