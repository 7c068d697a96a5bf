/// How an answer is read and what it is worth.
package enum Grader: String, Codable, Hashable, Sendable, CaseIterable {
  /// Right if equal to a gold answer, blanks at the ends aside.
  case exact
  /// Right if equal; worth the share of equal characters, the last under the last (units under units).
  case digits
  /// Right if a gold answer's words stand in it in a row (STaSC's `in_acc`).
  case contains
  /// Right if equal after lowering, without punctuation and articles (SQuAD's exact match).
  case em
  /// Worth SQuAD's F1 of the words; right if that is 1.
  case f1
  /// Right if its last number equals a gold answer's last number.
  case numeric

  var isNumeric: Bool { self == .exact || self == .digits }

  /// The score of a text against the gold answers.
  package func score(_ text: String, gold: [String]) -> Score {
    let answer = text.trimmingBlanks
    switch self {
    case .exact:
      let isRight = gold.contains { $0.trimmingBlanks == answer }
      return Score(answer: answer, isCorrect: isRight, reward: isRight ? 1 : 0)
    case .digits:
      let reward = gold.map { alignedShare(answer, $0.trimmingBlanks) }.max() ?? 0
      return Score(answer: answer, isCorrect: reward == 1, reward: reward)
    case .contains:
      let words = GradedText.tokens(answer)
      let isRight = gold.contains { gold in
        let wanted = GradedText.tokens(gold)
        // An answer of nothing but articles or punctuation would be found everywhere; it has to be the whole text.
        return wanted.isEmpty ? answer == gold.trimmingBlanks : words.containsRun(wanted)
      }
      return Score(answer: answer, isCorrect: isRight, reward: isRight ? 1 : 0)
    case .em:
      let isRight = gold.contains { GradedText.normalized($0) == GradedText.normalized(answer) }
      return Score(answer: answer, isCorrect: isRight, reward: isRight ? 1 : 0)
    case .f1:
      let reward = gold.map { GradedText.f1(answer, $0) }.max() ?? 0
      return Score(answer: answer, isCorrect: reward == 1, reward: reward)
    case .numeric:
      let number = GradedText.lastNumber(answer)
      let isRight = number.map { number in gold.contains { GradedText.lastNumber($0) == number } } ?? false
      return Score(answer: number.map(GradedText.shown) ?? "", isCorrect: isRight, reward: isRight ? 1 : 0)
    }
  }

  /// Equal characters counted from the right, over the longer one's length.
  private func alignedShare(_ a: String, _ b: String) -> Float {
    if a == b { return 1 }
    let length = max(a.count, b.count)
    let equal = zip(a.reversed(), b.reversed()).count { $0 == $1 }
    return Float(equal) / Float(length)
  }
}

extension String {
  /// Without blanks and line ends at both ends.
  var trimmingBlanks: String {
    let isBlank: (Character) -> Bool = { $0.isWhitespace }
    return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }
}

extension Array where Element: Equatable {
  /// Whether `run` stands in it without a gap.
  func containsRun(_ run: [Element]) -> Bool {
    guard run.count <= count else { return false }
    return (0...(count - run.count)).contains { Array(self[$0..<$0 + run.count]) == run }
  }
}
