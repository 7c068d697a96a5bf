/// Cuts text into pieces within which a model merges (`pre_tokenizer`).
enum PreTokenizer: Hashable, Sendable {
  case byteLevel(addsPrefixSpace: Bool, usesPattern: Bool)
  case split(SplitPattern, SplitBehavior, inverted: Bool)
  case metaspace(replacement: UInt32, prepends: MetaspacePrepending, splits: Bool)
  case digits(individual: Bool)
  case punctuation(SplitBehavior)
  case sequence([PreTokenizer])
}

/// What becomes of the delimiters a text is split at.
enum SplitBehavior: String, CaseIterable, Sendable {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"
}

/// Before which pieces `Metaspace` puts its sign.
enum MetaspacePrepending: String, CaseIterable, Sendable {
  case first
  case never
  case always
}

/// A piece of text, and whether the whole text begins with it.
struct TextPiece {
  var text: ArraySlice<UInt32>
  var isFirst: Bool
}

extension PreTokenizer {
  /// Treats the first piece of a text otherwise.
  var asksForBeginning: Bool {
    switch self {
    case .metaspace(_, .first, _): true
    case .sequence(let steps): steps.contains(where: \.asksForBeginning)
    default: false
    }
  }

  /// The pieces of a piece; none is empty.
  func pieces(of piece: TextPiece) -> [TextPiece] {
    guard let start = piece.text.first else { return [] }
    switch self {
    case .sequence(let steps):
      return steps.reduce([piece]) { pieces, step in pieces.flatMap { step.pieces(of: $0) } }
    case .byteLevel(let addsPrefixSpace, let usesPattern):
      var piece = piece
      if addsPrefixSpace, start != 0x20 { piece.text = [0x20] + piece.text }
      let pieces = usesPattern ? Self.split(piece, by: .gpt2, .isolated, inverted: false) : [piece]
      return pieces.map { TextPiece(text: ByteAlphabet.encode($0.text)[...], isFirst: $0.isFirst) }
    case .split(let pattern, let behavior, let inverted):
      return Self.split(piece, by: pattern, behavior, inverted: inverted)
    case .metaspace(let replacement, let prepends, let splits):
      var text = piece.text.map { $0 == 0x20 ? replacement : $0 }
      if prepends == .always || prepends == .first && piece.isFirst, text.first != replacement {
        text.insert(replacement, at: 0)
      }
      let piece = TextPiece(text: text[...], isFirst: piece.isFirst)
      return splits
        ? Self.split(piece, by: .literal([replacement]), .mergedWithNext, inverted: false) : [piece]
    case .digits(let individual):
      return Self.split(
        piece, by: .digit, individual ? .isolated : .contiguous, inverted: false)
    case .punctuation(let behavior):
      return Self.join(
        piece.text.indices.map { index in
          (index..<index + 1, CodePointClass(piece.text[index]).contains(.punctuation))
        }, of: piece, behavior)
    }
  }

  private static func split(
    _ piece: TextPiece, by pattern: SplitPattern, _ behavior: SplitBehavior, inverted: Bool
  ) -> [TextPiece] {
    let text = piece.text
    var cuts: [(range: Range<Int>, isDelimiter: Bool)] = []
    var start = text.startIndex
    var index = start
    while index < text.endIndex {
      guard let end = pattern.match(text, at: index) else {
        index += 1
        continue
      }
      if start < index { cuts.append((start..<index, inverted)) }
      cuts.append((index..<end, !inverted))
      start = end
      index = end
    }
    if start < text.endIndex { cuts.append((start..<text.endIndex, inverted)) }
    return join(cuts, of: piece, behavior)
  }

  /// Puts the cuts of a text together by a behaviour.
  private static func join(
    _ cuts: [(range: Range<Int>, isDelimiter: Bool)], of piece: TextPiece, _ behavior: SplitBehavior
  ) -> [TextPiece] {
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(cuts.count)
    var wasDelimiter = false
    for (position, cut) in cuts.enumerated() {
      let joins: Bool
      switch behavior {
      case .removed:
        if !cut.isDelimiter { ranges.append(cut.range) }
        continue
      case .isolated: joins = false
      case .mergedWithPrevious: joins = cut.isDelimiter && !wasDelimiter
      case .mergedWithNext: joins = !cut.isDelimiter && wasDelimiter
      case .contiguous: joins = cut.isDelimiter == wasDelimiter
      }
      if joins, position > 0, let last = ranges.popLast() {
        ranges.append(last.lowerBound..<cut.range.upperBound)
      } else {
        ranges.append(cut.range)
      }
      wasDelimiter = cut.isDelimiter
    }
    return ranges.map {
      TextPiece(text: piece.text[$0], isFirst: piece.isFirst && $0.lowerBound == piece.text.startIndex)
    }
  }
}

/// The 256 characters by which byte-level vocabularies write bytes (GPT-2): printable Latin-1 as it is, the rest from U+0100 on.
enum ByteAlphabet {
  /// The character of each byte.
  static let characters: [UInt32] = {
    var next: UInt32 = 0x100
    return (0..<256).map { (byte: UInt32) in
      if (0x21...0x7e).contains(byte) || (0xa1...0xac).contains(byte) || (0xae...0xff).contains(byte) {
        return byte
      }
      defer { next += 1 }
      return next
    }
  }()

  /// The byte of each character below U+0144.
  private static let bytes: [UInt8?] = {
    var bytes = [UInt8?](repeating: nil, count: 0x144)
    for (byte, character) in characters.enumerated() { bytes[Int(character)] = UInt8(byte) }
    return bytes
  }()

  /// The characters of a text's bytes.
  static func encode(_ text: ArraySlice<UInt32>) -> CodePoints {
    text.utf8.map { characters[Int($0)] }
  }

  /// The bytes some characters stand for; `nil` if one of them stands for none.
  static func decode(_ text: some Sequence<UInt32>) -> [UInt8]? {
    var result: [UInt8] = []
    for point in text {
      guard point < UInt32(bytes.count), let byte = bytes[Int(point)] else { return nil }
      result.append(byte)
    }
    return result
  }
}
