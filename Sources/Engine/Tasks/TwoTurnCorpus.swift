/// How often the conversations of a corpus are right: what makes a base model that knows the form of a correction and not yet the skill.
package struct CorpusSettings: Sendable {
  package var conversations = 20_000
  /// Share of first answers that are right.
  package var firstRight: Float = 0.5
  /// Share of wrong first answers whose correction is right.
  package var fixes: Float = 0.5
  /// Share of right first answers that the correction keeps; the others are spoilt.
  package var keeps: Float = 0.8
  /// Share of the corrections of wrong answers that, not being right, repeat the answer instead of being wrong in another way.
  package var copies: Float = 0.3
  package var seed: Int = 0

  package init() {}
}

extension Task {
  /// Conversations about the pool's questions, written by a script.
  package func corpus(_ settings: CorpusSettings = CorpusSettings()) -> Corpus {
    let tokenizer = alphabet
    guard !pool.isEmpty else { return Corpus(conversations: [], prompts: prompts, tokenizer: tokenizer) }
    let random = Philox(seed: UInt64(bitPattern: Int64(settings.seed)), stream: "corpus")
    let conversations = (0..<settings.conversations).map { index in
      let item = UInt32(truncatingIfNeeded: index)
      let question = pool[random.integer(below: pool.count, item, 0, 0)]
      let gold = question.answers[0]
      let mistakes = Mistakes(task: self, random: random, item: item)
      let isRight = random.uniform(item, 0, 1) < settings.firstRight
      let answer = isRight ? gold : mistakes.mistake(of: gold, not: [gold], draw: 1)
      let draw = random.uniform(item, 0, 2)
      let correction: String
      if isRight {
        correction = draw < settings.keeps ? gold : mistakes.mistake(of: gold, not: [gold], draw: 2)
      } else if draw < settings.fixes {
        correction = gold
      } else if random.uniform(item, 0, 3) < settings.copies {
        correction = answer
      } else {
        correction = mistakes.mistake(of: answer, not: [gold, answer], draw: 2)
      }
      return Corpus.Conversation(question: question.text, answer: answer, correction: correction)
    }
    return Corpus(conversations: conversations, prompts: prompts, tokenizer: tokenizer)
  }
}

/// Wrong answers that a learner might give: a digit off, a digit replaced; for words, another question's answer or a slip of letters.
private struct Mistakes {
  let task: Task
  let random: Philox
  let item: UInt32

  /// A text that is none of `excluded`, made from `answer`.
  func mistake(of answer: String, not excluded: [String], draw: UInt32) -> String {
    for attempt in 0..<32 {
      let place = UInt64(attempt) << 8
      let candidate = slip(answer, draw, place)
      if !candidate.isEmpty, !excluded.contains(candidate) { return candidate }
    }
    return answer + answer
  }

  private func slip(_ answer: String, _ draw: UInt32, _ place: UInt64) -> String {
    var letters = Array(answer)
    let digits = letters.indices.filter { letters[$0].isASCII && letters[$0].isNumber }
    if digits.isEmpty {
      if random.uniform(item, draw, place) < 0.5 {
        let other = task.pool[random.integer(below: task.pool.count, item, draw, place + 1)]
        return other.answers[0]
      }
      guard letters.count > 1 else { return "" }
      let at = random.integer(below: letters.count - 1, item, draw, place + 2)
      letters.swapAt(at, at + 1)
      return String(letters)
    }
    // One digit is off in seven of ten mistakes, two in the others; half of them by one, as when a carry is forgotten.
    let count: UInt64 = random.uniform(item, draw, place) < 0.7 ? 1 : 2
    for index in 0..<count {
      let at = digits[random.integer(below: digits.count, item, draw, place + 3 + 3 * index)]
      let old = letters[at].wholeNumberValue ?? 0
      let step: Int
      switch random.integer(below: 4, item, draw, place + 4 + 3 * index) {
      case 0: step = 1
      case 1: step = 9
      default: step = 1 + random.integer(below: 9, item, draw, place + 5 + 3 * index)
      }
      letters[at] = Character(String((old + step) % 10))
    }
    return String(letters)
  }
}
