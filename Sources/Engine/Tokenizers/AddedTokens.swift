/// Tokens that are found in the text before it is normalised and cut, whatever the model would make of them.
package struct AddedToken: Hashable, Sendable {
  /// Its place in the vocabulary.
  package var id: Int32
  /// The text it is found as.
  package var content: String
  /// Has a meaning for the model; found only in text that is trusted.
  package var isSpecial: Bool
  /// Takes the white space before it along.
  package var stripsLeft: Bool
  /// Takes the white space behind it along.
  package var stripsRight: Bool
  /// Found only between characters that are of no word.
  package var isSingleWord: Bool
  /// Looked for after normalising.
  package var isNormalized: Bool

  package init(
    id: Int32, content: String, isSpecial: Bool, stripsLeft: Bool = false, stripsRight: Bool = false,
    isSingleWord: Bool = false, isNormalized: Bool = false
  ) {
    self.id = id
    self.content = content
    self.isSpecial = isSpecial
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
    self.isSingleWord = isSingleWord
    self.isNormalized = isNormalized
  }
}

/// Finds added tokens in a text: the leftmost, and of those that begin there the longest.
struct AddedTokenFinder: Sendable {
  /// A stretch of text: an added token, or text between two.
  enum Part {
    case token(Int32)
    case text(Range<Int>)
  }

  private let tokens: [AddedToken]
  /// A trie: the child of a node by code point. Node 0 is the root.
  private var children: [UInt64: Int32] = [:]
  /// The token that ends at a node, -1 if none does.
  private var ends: [Int32] = [-1]

  /// - Parameter contents: for each token, as what it is looked for.
  init(_ tokens: [AddedToken], contents: [CodePoints]) {
    self.tokens = tokens
    for (index, content) in contents.enumerated() where !content.isEmpty {
      var node: Int32 = 0
      for point in content {
        let key = Self.key(node, point)
        if let child = children[key] {
          node = child
        } else {
          node = Int32(ends.count)
          children[key] = node
          ends.append(-1)
        }
      }
      ends[Int(node)] = Int32(index)
    }
  }

  private static func key(_ node: Int32, _ point: UInt32) -> UInt64 {
    UInt64(UInt32(node)) << 32 | UInt64(point)
  }

  /// The parts of a text, in order.
  ///
  /// - Parameter trusted: the end of the stretch of trusted text a position is in; the position itself in text that is not trusted.
  ///   A special token counts only if all of it is in one stretch.
  func parts(of text: ArraySlice<UInt32>, trusted: (Int) -> Int) -> [Part] {
    guard ends.count > 1 else { return text.isEmpty ? [] : [.text(text.indices)] }
    var parts: [Part] = []
    var start = text.startIndex
    var index = text.startIndex
    while index < text.endIndex {
      guard let match = match(text, at: index, trustedTo: trusted) else {
        index += 1
        continue
      }
      let token = tokens[match.token]
      index = match.end
      if token.isSingleWord, !standsAlone(match.start..<match.end, in: text) { continue }
      let isSpace = { (point: UInt32) in CodePointClass(point).contains(.space) }
      var first = match.start
      if token.stripsLeft { while first > start, isSpace(text[first - 1]) { first -= 1 } }
      if token.stripsRight { while index < text.endIndex, isSpace(text[index]) { index += 1 } }
      if start < first { parts.append(.text(start..<first)) }
      parts.append(.token(token.id))
      start = index
    }
    if start < text.endIndex { parts.append(.text(start..<text.endIndex)) }
    return parts
  }

  private func match(
    _ text: ArraySlice<UInt32>, at start: Int, trustedTo: (Int) -> Int
  ) -> (token: Int, start: Int, end: Int)? {
    var node: Int32 = 0
    var index = start
    var best: (token: Int, start: Int, end: Int)?
    while index < text.endIndex, let child = children[Self.key(node, text[index])] {
      node = child
      index += 1
      let token = Int(ends[Int(node)])
      if token >= 0, !tokens[token].isSpecial || trustedTo(start) >= index { best = (token, start, index) }
    }
    return best
  }

  private func standsAlone(_ range: Range<Int>, in text: ArraySlice<UInt32>) -> Bool {
    let before =
      range.lowerBound > text.startIndex && CodePointClass(text[range.lowerBound - 1]).contains(.word)
    let behind = range.upperBound < text.endIndex && CodePointClass(text[range.upperBound]).contains(.word)
    return !before && !behind
  }
}
