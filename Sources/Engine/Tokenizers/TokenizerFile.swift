extension Tokenizer {
  /// The tokenizer of a `tokenizer.json` of the reference library.
  ///
  /// - Parameters:
  ///   - bytes: the file's.
  ///   - endOfSequence: contents of the tokens that end a text, from `tokenizer_config.json`.
  /// - Throws: `TokenizerError` that names the key at fault. A component that is not known is refused: ignoring it would give other
  ///   tokens than the model was trained with.
  package init(tokenizerJSON bytes: [UInt8], endOfSequence: [String] = []) throws(TokenizerError) {
    let file = try TokenizerNode(file: bytes)
    let node = try file.required("model")
    let type = try node["type"]?.string() ?? (node["merges"] == nil ? "Unigram" : "BPE")
    var entries: [(content: [UInt8], id: Int)] = []
    var scores: [Double] = []
    switch type {
    case "BPE":
      for member in try node.required("vocab").object() {
        let id = TokenizerNode(member.value, path: "model.vocab[\(member.key.debugDescription)]")
        entries.append((Array(member.key.utf8), try id.int()))
      }
    case "Unigram":
      for (id, entry) in try node.required("vocab").array().enumerated() {
        let pair = try entry.array()
        guard pair.count == 2 else {
          throw .wrongValue(path: entry.path, expected: "a text and a score", found: "\(pair.count) values")
        }
        entries.append((Array(try pair[0].string().utf8), id))
        scores.append(try pair[1].number())
      }
    default: throw .unsupported(component: "model", found: type, known: ["BPE", "Unigram"])
    }
    let own = try TokenVocabulary(entries)
    var vocabulary = own
    let addedTokens = try Self.addedTokens(file, into: &vocabulary, limit: 4 * entries.count + 0x1_0000)
    let reserved = Set(addedTokens.filter(\.isSpecial).map(\.id))
    let model: any TokenModel =
      type == "BPE"
      ? try Self.bytePairModel(node, vocabulary: own, reserved: reserved)
      : try Self.unigramModel(node, vocabulary: own, scores: scores, reserved: reserved)
    var ends: [Int32] = []
    for content in endOfSequence {
      guard let id = vocabulary.id(of: Array(content.utf8)) else { throw .noToken(content: content) }
      ends.append(id)
    }
    let affixes = try file["post_processor"].map { node throws(TokenizerError) in try TokenAffixes(node) }
    for id in (affixes?.prefix ?? []) + (affixes?.suffix ?? []) where vocabulary.content(of: id) == nil {
      throw .identifierOutOfRange(content: "post_processor", id: Int(id), limit: vocabulary.contents.count)
    }
    let normalizer = try file["normalizer"].map { node throws(TokenizerError) in try TokenNormalizer(node) }
    let preTokenizer = try file["pre_tokenizer"].map { node throws(TokenizerError) in try PreTokenizer(node) }
    if let normalizer, let preTokenizer, normalizer.stripsLeft, preTokenizer.asksForBeginning {
      // Whether a piece is the first is a matter of places in the text as it was, which are not kept here.
      throw .unsupported(
        component: "pre-tokenizer", found: "Metaspace with prepend_scheme first, behind Strip",
        known: ["either alone"])
    }
    self.init(
      vocabulary: vocabulary, addedTokens: addedTokens, normalizer: normalizer, preTokenizer: preTokenizer,
      model: model,
      decoder: try file["decoder"].map { node throws(TokenizerError) in try TokenDecoder(node) },
      prefix: affixes?.prefix ?? [], suffix: affixes?.suffix ?? [], endOfSequence: ends)
  }

  private static func addedTokens(
    _ file: TokenizerNode, into vocabulary: inout TokenVocabulary, limit: Int
  ) throws(TokenizerError) -> [AddedToken] {
    guard let list = file["added_tokens"] else { return [] }
    var tokens: [AddedToken] = []
    var known: [Int: String] = [:]
    let nodes = try list.array()
    for node in nodes {
      let content = try node.required("content").string()
      let id = try node.required("id").int()
      if let first = known.updateValue(content, forKey: id) {
        throw .duplicateIdentifier(id: id, first: first, second: content)
      }
      if vocabulary.id(of: Array(content.utf8)) != Int32(exactly: id) {
        try vocabulary.insert(Array(content.utf8), id: id, limit: limit + 4 * nodes.count)
      }
      guard let id = Int32(exactly: id) else { continue }
      tokens.append(
        AddedToken(
          id: id, content: content, isSpecial: try node.flag("special"), stripsLeft: try node.flag("lstrip"),
          stripsRight: try node.flag("rstrip"), isSingleWord: try node.flag("single_word"),
          isNormalized: try node.flag("normalized")))
    }
    return tokens
  }

  private static func bytePairModel(
    _ node: TokenizerNode, vocabulary: TokenVocabulary, reserved: Set<Int32>
  ) throws(TokenizerError) -> BytePairModel {
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let text = try node[key]?.string(), !text.isEmpty {
        throw .unsupported(component: key, found: text.debugDescription, known: ["none"])
      }
    }
    var pairs: [(left: [UInt8], right: [UInt8])] = []
    for (rank, merge) in try node.required("merges").array().enumerated() {
      switch merge.value {
      case .string(let text):
        let parts = text.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .malformedMerge(merge: rank, found: text.debugDescription) }
        pairs.append((Array(parts[0]), Array(parts[1])))
      case .array(let parts):
        guard parts.count == 2, case .string(let left) = parts[0], case .string(let right) = parts[1] else {
          throw .malformedMerge(merge: rank, found: merge.kind)
        }
        pairs.append((Array(left.utf8), Array(right.utf8)))
      default: throw .malformedMerge(merge: rank, found: merge.kind)
      }
    }
    var unknown = BytePairModel.Unknown(fuses: try node.flag("fuse_unk"))
    if let text = try node["unk_token"]?.string() {
      guard let id = vocabulary.id(of: Array(text.utf8)) else { throw .noToken(content: text) }
      unknown.token = id
    }
    if try node.flag("byte_fallback") { unknown.bytes = vocabulary.byteTokens }
    return BytePairModel(
      vocabulary: vocabulary, merges: try BytePairModel.merges(pairs, in: vocabulary), unknown: unknown,
      ignoresMerges: try node.flag("ignore_merges"), reserved: reserved)
  }

  private static func unigramModel(
    _ node: TokenizerNode, vocabulary: TokenVocabulary, scores: [Double], reserved: Set<Int32>
  ) throws(TokenizerError) -> UnigramModel {
    var unknown: Int32?
    if let id = try node["unk_id"]?.int() {
      guard id >= 0, id < scores.count else {
        throw .identifierOutOfRange(content: "unk_id", id: id, limit: scores.count)
      }
      unknown = Int32(id)
    }
    let bytes = try node.flag("byte_fallback") ? vocabulary.byteTokens : nil
    return UnigramModel(
      vocabulary: vocabulary, scores: scores, unknown: unknown, bytes: bytes, reserved: reserved)
  }
}
