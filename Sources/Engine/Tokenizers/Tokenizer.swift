/// Text to tokens and back, equal to the reference library (Hugging Face `tokenizers`) for the model families known here.
///
/// The way of a text: added tokens are cut out; the rest is normalised, cut into pieces, and each piece becomes tokens by the model.
package struct Tokenizer: Sendable {
  /// Special and other tokens that stand beside the model's own, in ascending order of id.
  package let addedTokens: [AddedToken]
  /// Ends a text of the model.
  package var endOfSequence: [Int32]
  /// Put before a text on demand.
  package var prefix: [Int32]
  /// Put behind a text on demand.
  package var suffix: [Int32]

  private let vocabulary: TokenVocabulary
  private let normalizer: TokenNormalizer?
  private let preTokenizer: PreTokenizer?
  private let model: any TokenModel
  private let decoder: TokenDecoder?
  private let special: Set<Int32>
  /// What normalised tokens decode to: their normalised contents, as in the reference library.
  private let normalizedContents: [Int32: [UInt8]]
  private let rawFinder: AddedTokenFinder
  private let normalizedFinder: AddedTokenFinder
  /// Of texts that are trusted in part only: every special token is looked for before normalising, where trust is known.
  private let segmentFinder: AddedTokenFinder

  init(
    vocabulary: TokenVocabulary, addedTokens: [AddedToken], normalizer: TokenNormalizer?,
    preTokenizer: PreTokenizer?, model: any TokenModel, decoder: TokenDecoder?, prefix: [Int32] = [],
    suffix: [Int32] = [], endOfSequence: [Int32] = []
  ) {
    self.vocabulary = vocabulary
    self.addedTokens = addedTokens.sorted { $0.id < $1.id }
    self.normalizer = normalizer
    self.preTokenizer = preTokenizer
    self.model = model
    self.decoder = decoder
    self.prefix = prefix
    self.suffix = suffix
    self.endOfSequence = endOfSequence
    special = Set(addedTokens.filter(\.isSpecial).map(\.id))
    normalizedContents = Dictionary(
      addedTokens.filter(\.isNormalized).map { token in
        let content = CodePoints(of: token.content)
        return (token.id, (normalizer?.normalize(content) ?? content).utf8)
      }, uniquingKeysWith: { $1 })
    func finder(_ tokens: [AddedToken], _ content: (CodePoints) -> CodePoints) -> AddedTokenFinder {
      AddedTokenFinder(tokens, contents: tokens.map { content(CodePoints(of: $0.content)) })
    }
    rawFinder = finder(addedTokens.filter { !$0.isNormalized }) { $0 }
    segmentFinder = finder(addedTokens.filter { !$0.isNormalized || $0.isSpecial }) { $0 }
    normalizedFinder = finder(addedTokens.filter(\.isNormalized)) { normalizer?.normalize($0) ?? $0 }
  }

  /// One more than the highest id.
  package var vocabularySize: Int { vocabulary.contents.count }

  /// The token with this very content.
  package func id(of content: String) -> Int32? { vocabulary.id(of: Array(content.utf8)) }

  /// The content of a token as its vocabulary writes it.
  package func content(of token: Int32) -> String? { vocabulary.content(of: token)?.text }

  /// The bytes a byte-level vocabulary has no token for: where they are in a text they are lost, as in the reference library.
  /// SmolLM2 lacks 21: six control characters, and bytes that begin hardly any character or none.
  package var missingBytes: [UInt8] {
    guard decoder == .byteLevel else { return [] }
    return (UInt8.min...UInt8.max).filter { byte in
      vocabulary.id(of: CollectionOfOne(ByteAlphabet.characters[Int(byte)]).utf8) == nil
    }
  }

  /// A token with a meaning for the model, which no ordinary text becomes.
  package func isSpecial(_ token: Int32) -> Bool { special.contains(token) }
}

/// A stretch of a text, and whether special tokens written out in it are meant.
package struct TextSegment: Hashable, Sendable {
  /// May be empty.
  package var text: String
  /// Special tokens written out in the text are these tokens. Never so for what a user or a model wrote.
  package var isTrusted: Bool

  package init(_ text: String, isTrusted: Bool) {
    self.text = text
    self.isTrusted = isTrusted
  }
}

extension Tokenizer {
  /// The tokens of a text.
  ///
  /// - Parameters:
  ///   - addSpecial: with what the model's texts begin and end.
  ///   - parsesSpecial: special tokens written out in the text are these tokens; otherwise they are text like any other.
  /// - Throws: `TokenizerError.noToken` where the vocabulary has none for a character.
  package func encode(
    _ text: String, addSpecial: Bool = false, parsesSpecial: Bool = false
  ) throws(TokenizerError) -> [Int32] {
    try encode(CodePoints(of: text), ends: [], isTrusted: parsesSpecial, addSpecial: addSpecial)
  }

  /// The tokens of some bytes, which need be no valid UTF-8.
  package func encode(
    bytes: some Sequence<UInt8>, addSpecial: Bool = false, parsesSpecial: Bool = false
  ) throws(TokenizerError) -> [Int32] {
    try encode(CodePoints(utf8: bytes), ends: [], isTrusted: parsesSpecial, addSpecial: addSpecial)
  }

  /// The tokens of several segments as one text: pieces go across the borders, special tokens are only within trusted segments.
  package func encode(_ segments: [TextSegment], addSpecial: Bool = false) throws(TokenizerError) -> [Int32] {
    var text: CodePoints = []
    var ends: [(end: Int, isTrusted: Bool)] = []
    for segment in segments where !segment.text.isEmpty {
      text += CodePoints(of: segment.text)
      ends.append((text.count, segment.isTrusted))
    }
    let isTrusted = ends.allSatisfy(\.isTrusted)
    let isMixed = !isTrusted && ends.contains(where: \.isTrusted)
    // One trusted text of several segments still keeps special tokens from going across their borders.
    return try encode(
      text, ends: isMixed || ends.count > 1 ? ends : [], isTrusted: isTrusted, addSpecial: addSpecial)
  }

  /// - Parameters:
  ///   - ends: where the segments of a text of several end; empty for a text of one kind.
  ///   - isTrusted: of the whole text.
  private func encode(
    _ text: CodePoints, ends: [(end: Int, isTrusted: Bool)], isTrusted: Bool, addSpecial: Bool
  ) throws(TokenizerError) -> [Int32] {
    var tokens = addSpecial ? prefix : []
    let finder = ends.isEmpty ? rawFinder : segmentFinder
    let parts = finder.parts(of: text[...]) { position in
      guard !ends.isEmpty else { return isTrusted ? .max : position }
      var low = 0
      var high = ends.count
      while low < high {
        let middle = (low + high) / 2
        if ends[middle].end <= position { low = middle + 1 } else { high = middle }
      }
      return low < ends.count && ends[low].isTrusted ? ends[low].end : position
    }
    for part in parts {
      switch part {
      case .token(let token): tokens.append(token)
      case .text(let range):
        let normal = normalizer?.normalize(Array(text[range])) ?? Array(text[range])
        try encode(
          normal, isFirst: range.lowerBound == 0, isTrusted: isTrusted && ends.isEmpty, into: &tokens)
      }
    }
    return addSpecial ? tokens + suffix : tokens
  }

  /// The tokens of normalised text.
  private func encode(
    _ text: CodePoints, isFirst: Bool, isTrusted: Bool, into tokens: inout [Int32]
  ) throws(TokenizerError) {
    for part in normalizedFinder.parts(of: text[...], trusted: { isTrusted ? .max : $0 }) {
      switch part {
      case .token(let token): tokens.append(token)
      case .text(let range):
        let piece = TextPiece(text: text[range], isFirst: isFirst && range.lowerBound == 0)
        for piece in preTokenizer?.pieces(of: piece) ?? [piece] {
          try model.encode(piece.text, into: &tokens)
        }
      }
    }
  }

  /// The bytes of some tokens. For byte-level vocabularies those that were encoded, whatever they were.
  ///
  /// - Parameter skipsSpecial: special tokens give nothing; otherwise their content.
  package func decodeBytes(_ tokens: some Sequence<Int32>, skipsSpecial: Bool = true) -> [UInt8] {
    decode(tokens, skipsSpecial: skipsSpecial, repairs: false)
  }

  /// The text of some tokens; bytes that are no UTF-8 become U+FFFD. Ids without a token give nothing.
  ///
  /// - Parameter skipsSpecial: special tokens give nothing; otherwise their content.
  package func decode(_ tokens: some Sequence<Int32>, skipsSpecial: Bool = true) -> String {
    String(decoding: decode(tokens, skipsSpecial: skipsSpecial, repairs: true), as: UTF8.self)
  }

  private func decode(_ tokens: some Sequence<Int32>, skipsSpecial: Bool, repairs: Bool) -> [UInt8] {
    let pieces = tokens.compactMap { token in
      skipsSpecial && isSpecial(token) ? nil : normalizedContents[token] ?? vocabulary.content(of: token)
    }
    guard let decoder else { return Array(pieces.joined(separator: [0x20])) }
    return Array(decoder.decode(pieces, repairs: repairs).joined())
  }
}
