/// One conversation about one question, as far as it has come: the unit that is sampled, graded, kept and learned from.
package struct Row: Codable, Hashable, Sendable {
  /// Position of the question in its `Questions`.
  package var question: Int
  /// Which sample of each attempt this is: `[2, 4]` is correction 4 of first answer 2. Keys the random numbers, so it never changes.
  package var samples: [Int]
  package var turns: [Turn]
  /// Why a `where` left this row out, with the figures that decided; `nil` while it is kept.
  /// Rows left out stay in the value, so that every text can be looked at; nothing else uses them.
  package var rejection: String?

  package init(question: Int, samples: [Int], turns: [Turn], rejection: String? = nil) {
    self.question = question
    self.samples = samples
    self.turns = turns
    self.rejection = rejection
  }

  /// What random numbers of a sample are drawn by, beside its question. Base 64: paths of up to five attempts with up to 64 samples each have keys of
  /// their own. Longer ones are scattered, so that no two of a question are likely to meet.
  package static func key(_ samples: [Int]) -> UInt32 {
    if samples.count > 5 {
      return samples.reduce(0x811C_9DC5) { ($0 ^ UInt32(truncatingIfNeeded: $1)) &* 0x0100_0193 }
    }
    return samples.reduce(0) { $0 &* 64 &+ UInt32(truncatingIfNeeded: $1) }
  }

  /// The model's answers, in order: attempt 1 is the first. Feedback is none.
  package var attempts: [Turn] { turns.filter { $0.role == .assistant } }
}

/// One turn of a conversation, with the tokens that stand for it in the model's context.
package struct Turn: Codable, Hashable, Sendable {
  package enum Role: String, Codable, Hashable, Sendable {
    case user, assistant
    /// What was said about the attempt before it: the model's own feedback, or another's.
    case feedback
  }
  /// Where the tokens come from; loss and policy gradient may only touch what was sampled or given as gold.
  package enum Origin: String, Codable, Hashable, Sendable {
    case prompt, sampled, gold
  }
  package enum Finish: String, Codable, Hashable, Sendable {
    /// The model ended its turn.
    case endOfTurn
    /// The limit on new tokens cut it off.
    case truncated
  }
  package var role: Role
  package var text: String
  /// Everything the turn adds to the context, its end-of-turn token included where there is one.
  package var tokens: [Int32]
  package var origin: Origin
  package var finish: Finish?
  /// Only for the assistant's turns that were graded.
  package var score: Score?
  /// How much its labels count in training, where it has any; `nil`: 1.
  package var weight: Float?

  package init(
    role: Role, text: String, tokens: [Int32], origin: Origin, finish: Finish? = nil,
    score: Score? = nil, weight: Float? = nil
  ) {
    self.role = role
    self.text = text
    self.tokens = tokens
    self.origin = origin
    self.finish = finish
    self.score = score
    self.weight = weight
  }
}

/// What a grader says of an answer.
package struct Score: Codable, Hashable, Sendable {
  /// The answer as the task's extractor read it; empty when it found none.
  package var answer: String
  /// Fully right, whatever the reward is.
  package var isCorrect: Bool
  /// In 0...1.
  package var reward: Float

  package init(answer: String, isCorrect: Bool, reward: Float) {
    self.answer = answer
    self.isCorrect = isCorrect
    self.reward = reward
  }
}

/// Rows with the questions they are about, so that they can be graded and asked about again.
package struct Rows: Codable, Sendable {
  package var rows: [Row]
  package var source: Questions

  package init(rows: [Row], source: Questions) {
    self.rows = rows
    self.source = source
  }

  /// The rows that no `where` left out.
  package var kept: [Row] { rows.filter { $0.rejection == nil } }
}
