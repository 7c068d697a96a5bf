/// The tokens of a vocabulary: content by id, id by content.
///
/// Contents are compared by their bytes. Ids may have gaps.
struct TokenVocabulary: Sendable {
  /// Content by id, `nil` where an id has none.
  private(set) var contents: [[UInt8]?]
  private var identifiers: [[UInt8]: Int32]

  /// - Throws: `TokenizerError` if a content or an id occurs twice, or an id is negative or absurdly high.
  init(_ entries: [(content: [UInt8], id: Int)]) throws(TokenizerError) {
    // A file of a few bytes must not ask for gigabytes by one id.
    let limit = 4 * entries.count + 0x1_0000
    contents = []
    identifiers = Dictionary(minimumCapacity: entries.count)
    for (content, id) in entries { try insert(content, id: id, limit: limit) }
  }

  /// Adds a token that is no part of the model's own vocabulary.
  mutating func insert(_ content: [UInt8], id: Int, limit: Int) throws(TokenizerError) {
    guard id >= 0, id < limit else {
      throw .identifierOutOfRange(content: content.text, id: id, limit: limit)
    }
    if let known = identifiers[content] {
      throw .duplicateToken(content: content.text, first: Int(known), second: id)
    }
    if id >= contents.count {
      contents.append(contentsOf: repeatElement(nil, count: id + 1 - contents.count))
    } else if let known = contents[id] {
      throw .duplicateIdentifier(id: id, first: known.text, second: content.text)
    }
    contents[id] = content
    identifiers[content] = Int32(id)
  }

  func id(of content: [UInt8]) -> Int32? { identifiers[content] }

  func content(of id: Int32) -> [UInt8]? {
    id >= 0 && Int(id) < contents.count ? contents[Int(id)] : nil
  }

  /// The tokens `<0x00>` to `<0xFF>` by their bytes.
  var byteTokens: [Int32?] {
    let digits = Array("0123456789ABCDEF".utf8)
    return (0..<256).map { byte in
      id(of: Array("<0x".utf8) + [digits[byte >> 4], digits[byte & 15]] + Array(">".utf8))
    }
  }
}

extension [UInt8] {
  /// As text for a message.
  var text: String { String(decoding: self, as: UTF8.self) }
}

/// What turns a piece of text into tokens.
protocol TokenModel: Sendable {
  /// Adds the tokens of a piece to a list.
  ///
  /// - Throws: `TokenizerError.noToken` where the vocabulary has none.
  func encode(_ piece: ArraySlice<UInt32>, into tokens: inout [Int32]) throws(TokenizerError)
}
