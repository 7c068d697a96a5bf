/// A question and the answers that count as right; the first is the one to learn from.
package struct Question: Codable, Hashable, Sendable {
  package var text: String
  package var answers: [String]

  package init(text: String, answers: [String]) {
    self.text = text
    self.answers = answers
  }
}

/// Questions of one split, with how to ask and how to grade them.
package struct Questions: Codable, Sendable {
  /// `train`, `validation` or `test`.
  package var split: String
  package var questions: [Question]
  package var prompts: Prompts
  package var grading: Grading

  package init(split: String, questions: [Question], prompts: Prompts, grading: Grading) {
    self.split = split
    self.questions = questions
    self.prompts = prompts
    self.grading = grading
  }
}

/// Examples, prompts, extraction and grading under one name.
package struct Task: Codable, Sendable {
  package var name: String
  package var train: [Question]
  package var validation: [Question]
  package var test: [Question]
  /// Questions for corpora: none of them is in a split of a generated task; a file's are those of its train split.
  package var pool: [Question]
  package var prompts: Prompts
  package var grading: Grading

  package init(
    name: String, train: [Question], validation: [Question], test: [Question], pool: [Question],
    prompts: Prompts,
    grading: Grading
  ) {
    self.name = name
    self.train = train
    self.validation = validation
    self.test = test
    self.pool = pool
    self.prompts = prompts
    self.grading = grading
  }

  /// The questions of one split.
  package func questions(_ split: String) -> Questions? {
    let chosen: [Question]
    switch split {
    case "train": chosen = train
    case "validation": chosen = validation
    case "test": chosen = test
    case "pool": chosen = pool
    default: return nil
    }
    return Questions(split: split, questions: chosen, prompts: prompts, grading: grading)
  }

  /// Every character that a question, an answer or a prompt may hold.
  var alphabet: CharacterTokenizer {
    let all = train + validation + test + pool
    return CharacterTokenizer(
      texts: [prompts.first(""), prompts.correction, prompts.system] + prompts.examples + all.map(\.text)
        + all.flatMap(\.answers)
        + (grading.grader.isNumeric ? ["-0123456789"] : []) + (grading.reasoning.map { [$0.alphabet] } ?? []))
  }
}

/// Conversations in the two-turn form, to pretrain on.
package struct Corpus: Codable, Sendable {
  /// A question, an answer that may be wrong, and a correction that may be.
  package struct Conversation: Codable, Hashable, Sendable {
    package var question: String
    package var answer: String
    package var correction: String
  }
  package var conversations: [Conversation]
  package var prompts: Prompts
  package var tokenizer: CharacterTokenizer
}
