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
  /// Right if its number equals a gold answer's number (GSM8K): the first after `####`, else the last. See `NumericAnswer`.
  case numeric
  /// Right if its extracted answer is mathematically the same as a gold answer (`math_acc`). See `MathAnswer` and `MathEquivalence`.
  case math

  var isNumeric: Bool { self == .exact || self == .digits }

  /// The score of a text against the gold answers, of which one has to match.
  ///
  /// Every text gets a score: one that cannot be read is wrong. `span` says which part of the text counts.
  package func score(_ text: String, gold: [String], span: AnswerSpan = .whole) -> Score {
    guard let part = span.part(of: text) else { return Score(answer: "", isCorrect: false, reward: 0) }
    let answer = part.trimmingBlanks
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
      let isRight = gold.contains { GradedText.areEqual($0, answer) }
      return Score(answer: answer, isCorrect: isRight, reward: isRight ? 1 : 0)
    case .f1:
      let reward = gold.map { GradedText.f1(answer, $0) }.max() ?? 0
      return Score(answer: answer, isCorrect: reward == 1, reward: reward)
    case .numeric:
      let number = NumericAnswer(in: answer)
      let isRight = number.map { number in gold.contains { NumericAnswer(in: $0) == number } } ?? false
      return Score(answer: number?.shown ?? "", isCorrect: isRight, reward: isRight ? 1 : 0)
    case .math:
      let found = MathAnswer.extracted(from: answer)
      let isRight = gold.contains { MathEquivalence().areEqual(found, MathAnswer.gold($0)) }
      return Score(answer: found, isCorrect: isRight, reward: isRight ? 1 : 0)
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
  package var trimmingBlanks: String {
    let isBlank: (Character) -> Bool = { $0.isWhitespace }
    return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }
}

extension Array where Element: Equatable {
  /// Whether `run` stands in it without a gap.
  func containsRun(_ run: [Element]) -> Bool {
    guard run.count <= count else { return false }
    return (0...(count - run.count)).contains { self[$0..<$0 + run.count].elementsEqual(run) }
  }
}
