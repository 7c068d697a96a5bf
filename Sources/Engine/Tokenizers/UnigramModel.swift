/// The unigram language model of SentencePiece (Kudo, 2018): the cut of a piece into tokens whose scores sum highest (Viterbi).
struct UnigramModel: TokenModel {
  private let vocabulary: TokenVocabulary
  /// Log-probability by id.
  private let scores: [Double]
  private let unknown: Int32?
  private let bytes: [Int32?]?
  /// Ids in ascending order of their contents' bytes, without those that text never becomes.
  private let sorted: [Int32]
  /// The score of a character without a token.
  private let unknownScore: Double
  /// Of the longest token, in bytes.
  private let longest: Int

  /// - Parameters:
  ///   - scores: one for each id of the vocabulary.
  ///   - bytes: the byte tokens, if characters without a token become bytes.
  ///   - reserved: tokens that text never becomes.
  init(
    vocabulary: TokenVocabulary, scores: [Double], unknown: Int32?, bytes: [Int32?]?, reserved: Set<Int32>
  ) {
    self.vocabulary = vocabulary
    self.scores = scores
    self.unknown = unknown
    self.bytes = bytes
    let usable = vocabulary.contents.enumerated().compactMap {
      id, content -> (id: Int32, content: [UInt8])? in
      guard id < scores.count, let content, !content.isEmpty, !reserved.contains(Int32(id)) else {
        return nil
      }
      return (Int32(id), content)
    }
    sorted = usable.sorted { $0.content.lexicographicallyPrecedes($1.content) }.map(\.id)
    longest = usable.map(\.content.count).max() ?? 0
    // Ten below the lowest, as in SentencePiece.
    unknownScore = (scores.min() ?? 0) - 10
  }

  /// The best way to a position in a piece.
  private struct Node {
    var score = 0.0
    var start = -1
    var isUnknown = false
  }

  func encode(_ piece: ArraySlice<UInt32>, into tokens: inout [Int32]) throws(TokenizerError) {
    let text = piece.utf8
    let nodes = bestPaths(text, lengths: piece.map { CollectionOfOne($0).utf8.count })
    var ranges: [Range<Int>] = []
    var end = text.count
    var wasUnknown = false
    while end > 0 {
      let node = nodes[end]
      if node.isUnknown, wasUnknown, unknown != nil, let last = ranges.popLast() {
        ranges.append(node.start..<last.upperBound)
      } else {
        ranges.append(node.start..<end)
      }
      wasUnknown = node.isUnknown
      end = node.start
    }
    for range in ranges.reversed() {
      let content = Array(text[range])
      if let token = vocabulary.id(of: content), isUsable(token) {
        tokens.append(token)
        continue
      }
      if let bytes {
        let fallback = content.compactMap { bytes[Int($0)] }
        if fallback.count == content.count {
          tokens += fallback
          continue
        }
      }
      guard let unknown else { throw .noToken(content: content.text) }
      tokens.append(unknown)
    }
  }

  private func isUsable(_ token: Int32) -> Bool {
    guard let content = vocabulary.content(of: token) else { return false }
    let place = lowerBound(in: 0..<sorted.count) { $0.lexicographicallyPrecedes(content) }
    return place < sorted.count && sorted[place] == token
  }

  private func bestPaths(_ text: [UInt8], lengths: [Int]) -> [Node] {
    var nodes = [Node](repeating: Node(), count: text.count + 1)
    var start = 0
    for length in lengths {
      let score = nodes[start].score
      var hasCharacter = false
      func offer(_ end: Int, _ candidate: Double, isUnknown: Bool) {
        guard nodes[end].start < 0 || candidate > nodes[end].score else { return }
        nodes[end] = Node(score: candidate, start: start, isUnknown: isUnknown)
      }
      // The tokens that begin here: each byte narrows the range of the sorted ones that begin with all so far.
      var range = 0..<sorted.count
      var depth = 0
      while start + depth < text.count, depth < longest, !range.isEmpty {
        let byte = text[start + depth]
        let low = lowerBound(in: range) { $0.count <= depth || $0[depth] < byte }
        let high = lowerBound(in: low..<range.upperBound) { $0[depth] == byte }
        range = low..<high
        depth += 1
        guard let first = range.first, let content = vocabulary.content(of: sorted[first]),
          content.count == depth
        else { continue }
        offer(start + depth, scores[Int(sorted[first])] + score, isUnknown: sorted[first] == unknown)
        if depth == length { hasCharacter = true }
      }
      if !hasCharacter { offer(start + length, unknownScore + score, isUnknown: true) }
      start += length
    }
    return nodes
  }

  /// The first place of a range whose token's content does not meet a condition that holds up to there.
  private func lowerBound(in range: Range<Int>, where condition: ([UInt8]) -> Bool) -> Int {
    var low = range.lowerBound
    var high = range.upperBound
    while low < high {
      let middle = (low + high) / 2
      if let content = vocabulary.content(of: sorted[middle]), condition(content) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}
