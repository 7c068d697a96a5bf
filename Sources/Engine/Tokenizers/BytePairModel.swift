/// Byte-pair encoding (Sennrich et al., 2016): the pair of neighbours with the lowest rank is merged until none has one.
///
/// A queue of candidate merges over a linked list: n log n for a piece of n characters, however long it is.
struct BytePairModel: TokenModel {
  /// What becomes of characters without a token.
  struct Unknown: Sendable {
    var token: Int32?
    /// Neighbours become one token.
    var fuses = false
    /// By byte; used where all bytes of a character have one.
    var bytes: [Int32?]?
  }

  /// What two neighbours become.
  struct Merge: Sendable {
    var rank: Int32
    var token: Int32
  }

  private let vocabulary: TokenVocabulary
  private let merges: [UInt64: Merge]
  private let unknown: Unknown
  /// A piece that is a token is not merged (Llama 3).
  private let ignoresMerges: Bool
  /// Tokens that text never becomes.
  private let reserved: Set<Int32>
  /// Tokens of the code points below U+0400, -1 where there is none.
  private let short: [Int32]

  init(
    vocabulary: TokenVocabulary, merges: [UInt64: Merge], unknown: Unknown, ignoresMerges: Bool,
    reserved: Set<Int32>
  ) {
    self.vocabulary = vocabulary
    self.unknown = unknown
    self.ignoresMerges = ignoresMerges
    self.reserved = reserved
    self.merges = merges.filter { !reserved.contains($0.value.token) }
    short = (0..<0x400).map { vocabulary.id(of: CollectionOfOne(UInt32($0)).utf8) ?? -1 }
  }

  /// The key of a pair in a table of merges.
  static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// The merges of a file, in its order of rank.
  ///
  /// - Throws: `TokenizerError` that names the first merge at fault. One with an empty part would never end.
  static func merges(
    _ pairs: [(left: [UInt8], right: [UInt8])], in vocabulary: TokenVocabulary
  ) throws(TokenizerError) -> [UInt64: Merge] {
    var merges: [UInt64: Merge] = Dictionary(minimumCapacity: pairs.count)
    for (rank, pair) in pairs.enumerated() {
      guard !pair.left.isEmpty, !pair.right.isEmpty else {
        throw .malformedMerge(
          merge: rank, found: "\(pair.left.text.debugDescription) and \(pair.right.text.debugDescription)")
      }
      guard let left = vocabulary.id(of: pair.left) else {
        throw .mergeOutsideVocabulary(merge: rank, content: pair.left.text)
      }
      guard let right = vocabulary.id(of: pair.right) else {
        throw .mergeOutsideVocabulary(merge: rank, content: pair.right.text)
      }
      guard let token = vocabulary.id(of: pair.left + pair.right) else {
        throw .mergeOutsideVocabulary(merge: rank, content: (pair.left + pair.right).text)
      }
      if let known = merges.updateValue(Merge(rank: Int32(rank), token: token), forKey: key(left, right)) {
        throw .duplicateMerge(
          first: Int(known.rank), second: rank, left: pair.left.text, right: pair.right.text)
      }
    }
    return merges
  }

  /// The merges of a SentencePiece vocabulary: every way to put a token together from two, ranked by the token's score; equal
  /// scores rank equal, so that the leftmost is merged first.
  ///
  /// - Parameter mergeable: ids of the tokens that are ordinary text.
  static func merges(
    scores: [Float], mergeable: [Int32], in vocabulary: TokenVocabulary
  ) -> [UInt64: Merge] {
    let order = mergeable.sorted { (scores[Int($0)], $1) > (scores[Int($1)], $0) }
    var merges: [UInt64: Merge] = [:]
    var rank: Int32 = 0
    var previous: Float?
    for token in order {
      if let previous, previous != scores[Int(token)] { rank += 1 }
      previous = scores[Int(token)]
      guard let content = vocabulary.content(of: token) else { continue }
      for cut in content.indices.dropFirst() where content[cut] & 0xc0 != 0x80 {
        guard let left = vocabulary.id(of: Array(content[..<cut])),
          let right = vocabulary.id(of: Array(content[cut...]))
        else { continue }
        merges[key(left, right)] = Merge(rank: rank, token: token)
      }
    }
    return merges
  }

  func encode(_ piece: ArraySlice<UInt32>, into tokens: inout [Int32]) throws(TokenizerError) {
    if ignoresMerges, let token = vocabulary.id(of: piece.utf8), !reserved.contains(token) {
      tokens.append(token)
      return
    }
    var symbols = characters(of: piece)
    if symbols.count > 1 { merge(&symbols) }
    tokens += symbols
  }

  private func token(of point: UInt32) -> Int32? {
    let token =
      point < UInt32(short.count)
      ? short[Int(point)]
      : point >= CodePoints.invalidByte ? -1 : vocabulary.id(of: CollectionOfOne(point).utf8) ?? -1
    return token < 0 || reserved.contains(token) ? nil : token
  }

  /// The tokens of the single characters, by the reference library's order: unknown ones wait until a known one comes.
  private func characters(of piece: ArraySlice<UInt32>) -> [Int32] {
    var symbols: [Int32] = []
    symbols.reserveCapacity(piece.count)
    var waits = false
    for point in piece {
      if let token = token(of: point) {
        if waits, let unknown = unknown.token { symbols.append(unknown) }
        waits = false
        symbols.append(token)
        continue
      }
      if let table = unknown.bytes {
        let bytes = CollectionOfOne(point).utf8.compactMap { table[Int($0)] }
        if bytes.count == CollectionOfOne(point).utf8.count {
          symbols += bytes
          continue
        }
      }
      // Without a token for the unknown the character goes, as in the reference library.
      guard let token = unknown.token else { continue }
      if waits, !unknown.fuses { symbols.append(token) }
      waits = true
    }
    if waits, let unknown = unknown.token { symbols.append(unknown) }
    return symbols
  }

  private func merge(_ symbols: inout [Int32]) {
    let count = symbols.count
    var next = Array(1...count)
    var previous = Array(-1..<count - 1)
    var queue = MergeQueue()
    func propose(_ left: Int, _ right: Int) {
      guard let merge = merges[Self.key(symbols[left], symbols[right])] else { return }
      queue.insert(MergeQueue.Entry(rank: merge.rank, token: merge.token, position: left))
    }
    for left in 0..<count - 1 { propose(left, left + 1) }
    while let entry = queue.popFirst() {
      let left = entry.position
      // A symbol that was merged away has no successor left.
      guard next[left] >= 0, next[left] < count else { continue }
      let right = next[left]
      guard let merge = merges[Self.key(symbols[left], symbols[right])], merge.token == entry.token else {
        continue
      }
      symbols[left] = merge.token
      next[left] = next[right]
      if next[right] < count { previous[next[right]] = left }
      next[right] = -1
      if previous[left] >= 0 { propose(previous[left], left) }
      if next[left] < count { propose(left, next[left]) }
    }
    var result: [Int32] = []
    var index = 0
    while index < count {
      result.append(symbols[index])
      index = next[index]
    }
    symbols = result
  }
}

/// A binary heap of candidate merges: lowest rank first, then leftmost.
private struct MergeQueue {
  struct Entry {
    var rank: Int32
    var token: Int32
    var position: Int

    func precedes(_ other: Entry) -> Bool {
      rank != other.rank ? rank < other.rank : position < other.position
    }
  }

  private var entries: [Entry] = []

  mutating func insert(_ entry: Entry) {
    var index = entries.count
    entries.append(entry)
    while index > 0, entry.precedes(entries[(index - 1) / 2]) {
      entries[index] = entries[(index - 1) / 2]
      index = (index - 1) / 2
    }
    entries[index] = entry
  }

  mutating func popFirst() -> Entry? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    guard !entries.isEmpty else { return first }
    var index = 0
    while true {
      var child = 2 * index + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
      guard entries[child].precedes(last) else { break }
      entries[index] = entries[child]
      index = child
    }
    entries[index] = last
    return first
  }
}
