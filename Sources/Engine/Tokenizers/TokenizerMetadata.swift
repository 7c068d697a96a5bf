/// The tokenizer of a GGUF file: its metadata `tokenizer.ggml.*` as plain arrays.
package struct TokenizerMetadata: Sendable {
  /// `model`: `gpt2` (byte-level BPE) or `llama` (SentencePiece BPE).
  package var model: String
  /// `pre`: which expression cuts the text; absent for `llama`.
  package var pre: String?
  /// `tokens`: contents, by id.
  package var tokens: [String]
  /// `merges`: for `gpt2`, by rank.
  package var merges: [String]
  /// `scores`: for `llama`, by id.
  package var scores: [Float]
  /// `token_type`: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. May be empty: all normal.
  package var tokenTypes: [Int32]
  /// `bos_token_id`
  package var beginning: Int?
  /// `eos_token_id` and, where it is given, `eot_token_id`.
  package var ends: [Int]
  /// `unknown_token_id`
  package var unknown: Int?
  /// `add_bos_token`; absent: what is usual for the model.
  package var addsBeginning: Bool?
  /// `add_eos_token`
  package var addsEnd: Bool
  /// `add_space_prefix`; absent: what is usual for the model.
  package var addsSpacePrefix: Bool?

  package init(
    model: String, pre: String? = nil, tokens: [String], merges: [String] = [], scores: [Float] = [],
    tokenTypes: [Int32] = [], beginning: Int? = nil, ends: [Int] = [], unknown: Int? = nil,
    addsBeginning: Bool? = nil, addsEnd: Bool = false, addsSpacePrefix: Bool? = nil
  ) {
    self.model = model
    self.pre = pre
    self.tokens = tokens
    self.merges = merges
    self.scores = scores
    self.tokenTypes = tokenTypes
    self.beginning = beginning
    self.ends = ends
    self.unknown = unknown
    self.addsBeginning = addsBeginning
    self.addsEnd = addsEnd
    self.addsSpacePrefix = addsSpacePrefix
  }

  /// The types of tokens that matter here.
  private enum Kind {
    static let unknown: Int32 = 2
    static let control: Int32 = 3
    static let userDefined: Int32 = 4
    static let unused: Int32 = 5
    static let byte: Int32 = 6
  }

  fileprivate func kind(_ id: Int) -> Int32 { id < tokenTypes.count ? tokenTypes[id] : 1 }

  fileprivate func vocabulary() throws(TokenizerError) -> TokenVocabulary {
    let lists = [("token_type", tokenTypes.count), ("scores", scores.count)]
    for (name, count) in lists where count > 0 && count != tokens.count {
      throw .unequalCounts(
        first: "tokenizer.ggml.tokens", firstCount: tokens.count, second: "tokenizer.ggml.\(name)",
        secondCount: count)
    }
    for (name, id) in [("bos_token_id", beginning), ("unknown_token_id", unknown)]
      + ends.map({ ("eos_token_id", $0) })
    {
      guard let id else { continue }
      guard tokens.indices.contains(id) else {
        throw .identifierOutOfRange(content: "tokenizer.ggml.\(name)", id: id, limit: tokens.count)
      }
    }
    return try TokenVocabulary(tokens.enumerated().map { (Array($1.utf8), $0) })
  }

  /// Control tokens, and tokens the model's makers defined, which are text.
  fileprivate var addedTokens: [AddedToken] {
    tokens.indices.compactMap { id in
      let kind = kind(id)
      let isSpecial = kind == Kind.control || kind == Kind.unknown
      guard isSpecial || kind == Kind.userDefined else { return nil }
      return AddedToken(id: Int32(id), content: tokens[id], isSpecial: isSpecial)
    }
  }

  /// Tokens of ordinary text, which SentencePiece merges into.
  fileprivate var mergeable: [Int32] {
    tokens.indices.filter { kind($0) == 1 || kind($0) == Kind.userDefined || kind($0) == Kind.unused }.map(
      Int32.init)
  }
}

extension Tokenizer {
  /// The tokenizer that a GGUF file describes.
  ///
  /// `qwen2` composes characters (NFC) as the model's own tokenizer does, though other readers of GGUF leave that out.
  ///
  /// - Throws: `TokenizerError` that names the key at fault.
  package init(metadata: TokenizerMetadata) throws(TokenizerError) {
    switch metadata.model {
    case "gpt2": try self.init(byteLevel: metadata)
    case "llama": try self.init(sentencePiece: metadata)
    default:
      throw .unsupported(component: "tokenizer.ggml.model", found: metadata.model, known: ["gpt2", "llama"])
    }
  }

  private static func affixes(_ metadata: TokenizerMetadata, addsBeginning: Bool) -> (
    prefix: [Int32], suffix: [Int32]
  ) {
    let adds = metadata.addsBeginning ?? addsBeginning
    return (
      adds ? metadata.beginning.map { [Int32($0)] } ?? [] : [],
      metadata.addsEnd ? metadata.ends.first.map { [Int32($0)] } ?? [] : []
    )
  }

  private init(byteLevel metadata: TokenizerMetadata) throws(TokenizerError) {
    let byteLevel = PreTokenizer.byteLevel(
      addsPrefixSpace: metadata.addsSpacePrefix ?? false, usesPattern: false)
    func words(_ digits: Int) -> PreTokenizer {
      .sequence([.split(.words(digits: digits, marks: false), .isolated, inverted: false), byteLevel])
    }
    let gpt2 = PreTokenizer.sequence([.split(.gpt2, .isolated, inverted: false), byteLevel])
    let preTokenizer: PreTokenizer
    var normalizer: TokenNormalizer?
    let known = [
      "gpt-2", "smollm", "starcoder", "refact", "llama-bpe", "llama3", "llama-v3", "qwen2",
      "deepseek-r1-qwen",
    ]
    switch metadata.pre ?? "absent" {
    case "gpt-2": preTokenizer = gpt2
    case "smollm", "starcoder", "refact": preTokenizer = .sequence([.digits(individual: true), gpt2])
    case "llama-bpe", "llama3", "llama-v3": preTokenizer = words(3)
    case "qwen2", "deepseek-r1-qwen":
      preTokenizer = words(1)
      normalizer = .form(.nfc)
    case let found: throw .unsupported(component: "tokenizer.ggml.pre", found: found, known: known)
    }
    let isLlama = metadata.pre?.hasPrefix("llama") ?? false
    let vocabulary = try metadata.vocabulary()
    var pairs: [(left: [UInt8], right: [UInt8])] = []
    for (rank, merge) in metadata.merges.enumerated() {
      let parts = merge.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw .malformedMerge(merge: rank, found: merge.debugDescription) }
      pairs.append((Array(parts[0]), Array(parts[1])))
    }
    guard !pairs.isEmpty else { throw .missing(path: "tokenizer.ggml.merges") }
    let added = metadata.addedTokens
    let model = BytePairModel(
      vocabulary: vocabulary, merges: try BytePairModel.merges(pairs, in: vocabulary),
      unknown: BytePairModel.Unknown(), ignoresMerges: isLlama,
      reserved: Set(added.filter(\.isSpecial).map(\.id)))
    let affixes = Self.affixes(metadata, addsBeginning: isLlama)
    self.init(
      vocabulary: vocabulary, addedTokens: added, normalizer: normalizer, preTokenizer: preTokenizer,
      model: model,
      decoder: .byteLevel, prefix: affixes.prefix, suffix: affixes.suffix,
      endOfSequence: metadata.ends.map(Int32.init))
  }

  private init(sentencePiece metadata: TokenizerMetadata) throws(TokenizerError) {
    let vocabulary = try metadata.vocabulary()
    guard metadata.scores.count == metadata.tokens.count else {
      throw .missing(path: "tokenizer.ggml.scores")
    }
    if let id = metadata.scores.firstIndex(where: { !$0.isFinite }) {
      throw .scoreNotFinite(content: metadata.tokens[id])
    }
    let added = metadata.addedTokens
    let model = BytePairModel(
      vocabulary: vocabulary,
      merges: BytePairModel.merges(scores: metadata.scores, mergeable: metadata.mergeable, in: vocabulary),
      unknown: BytePairModel.Unknown(
        token: metadata.unknown.map(Int32.init), fuses: true, bytes: vocabulary.byteTokens),
      ignoresMerges: false, reserved: Set(added.filter(\.isSpecial).map(\.id)))
    let addsSpace = metadata.addsSpacePrefix ?? true
    let space = CodePoints(of: "▁")
    var decoder: [TokenDecoder] = [.replace(space, with: [0x20]), .byteFallback, .fuse]
    if addsSpace { decoder.append(.strip(content: 0x20, start: 1, stop: 0)) }
    let affixes = Self.affixes(metadata, addsBeginning: true)
    // SentencePiece puts a space before every text, also one that begins with a space.
    let spaces = TokenNormalizer.replace([0x20], with: space)
    self.init(
      vocabulary: vocabulary, addedTokens: added,
      normalizer: addsSpace ? .sequence([.prepend(space), spaces]) : spaces, preTokenizer: nil,
      model: model, decoder: .sequence(decoder), prefix: affixes.prefix, suffix: affixes.suffix,
      endOfSequence: metadata.ends.map(Int32.init))
  }
}
