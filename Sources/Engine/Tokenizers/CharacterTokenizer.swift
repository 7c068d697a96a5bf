/// Characters as tokens: a fixed alphabet and two tokens that are no character.
package struct CharacterTokenizer: Codable, Hashable, Sendable {
  /// Unicode scalars in ascending order; scalar i is token i + 2.
  package let alphabet: [UInt32]

  /// Begins every conversation.
  package static let begin: Int32 = 0
  /// Ends every turn of the model.
  package static let endOfTurn: Int32 = 1

  /// The alphabet of some texts.
  package init(texts: some Sequence<String>) {
    var scalars: Set<UInt32> = []
    for text in texts { for scalar in text.unicodeScalars { scalars.insert(scalar.value) } }
    alphabet = scalars.sorted()
  }

  package init(alphabet: [UInt32]) {
    self.alphabet = alphabet
  }

  package var vocabularySize: Int { alphabet.count + 2 }

  /// The tokens of a text.
  ///
  /// - Throws: `OperationError` that names the first character outside the alphabet.
  package func encode(_ text: String) throws -> [Int32] {
    try text.unicodeScalars.map { scalar in
      guard let index = index(of: scalar.value) else {
        throw OperationError(
          "the model does not know the character \(String(scalar).debugDescription) in \(text.debugDescription)",
          remedy: "pretrain on a corpus in which it occurs: its alphabet is \(description)")
      }
      return Int32(index + 2)
    }
  }

  /// The text of some tokens; those that are no character are left out.
  package func decode(_ tokens: some Sequence<Int32>) -> String {
    var text = ""
    for token in tokens where token >= 2 && Int(token) - 2 < alphabet.count {
      if let scalar = Unicode.Scalar(alphabet[Int(token) - 2]) { text.unicodeScalars.append(scalar) }
    }
    return text
  }

  /// The alphabet as text.
  package var description: String { decode((0..<alphabet.count).map { Int32($0 + 2) }).debugDescription }

  private func index(of scalar: UInt32) -> Int? {
    var low = 0
    var high = alphabet.count
    while low < high {
      let middle = (low + high) / 2
      if alphabet[middle] < scalar { low = middle + 1 } else { high = middle }
    }
    return low < alphabet.count && alphabet[low] == scalar ? low : nil
  }
}
