/// Rows hold the tokens of the model that said them. They mean something to another model only where it has the same tokens.
extension Call {
  /// The rows of an argument, which `model` is going to read.
  ///
  /// - Throws: `OperationError` where they are written in other tokens than the model's.
  func rows(_ name: String, readBy model: Model) throws -> Rows {
    let rows = try rows(name)
    for row in rows.kept { try model.check(row) }
    return rows
  }
}

extension Model {
  /// - Throws: `OperationError` where a row is written in other tokens than this model's.
  func check(_ row: Row) throws {
    let known = 0..<Int32(clamping: architecture.vocabularySize)
    for turn in row.turns where !turn.tokens.allSatisfy(known.contains) || !tokenizer.writes(turn) {
      throw OperationError(
        "the rows are written in other tokens than this model's (\(tokenizer.description)): it would read \(turn.text.debugDescription) as something else",
        remedy: "take rows of this model, or of one with the same tokenizer")
    }
  }
}

extension ModelTokenizer {
  /// Whether a turn's text is what its tokens say here, as far as that is sure: what was sampled is its tokens' text; what is given may have been
  /// written in other tokens than its text alone would be.
  fileprivate func writes(_ turn: Turn) -> Bool {
    switch self {
    case .characters:
      // A prompt may begin with what is said before every question.
      turn.role == .user ? decode(turn.tokens).hasSuffix(turn.text) : decode(turn.tokens) == turn.text
    case .language: turn.origin != .sampled || decode(turn.tokens) == turn.text
    }
  }
}
