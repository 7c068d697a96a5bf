/// A row as TriPosT reads it: an attempt, feedback on it, an update, feedback on that, and so on.
package struct Trajectory: Sendable {
  /// An attempt, with what asked for it and what was said about it.
  package struct Round: Sendable {
    /// What asks for an update; `nil` before the first attempt.
    package var prompt: Turn?
    package var attempt: Turn
    /// What asks for feedback.
    package var feedbackPrompt: Turn?
    package var feedback: Turn?
  }
  /// The question, as asked.
  package var question: Turn
  package var rounds: [Round]

  /// Reads a row; `nil` if it has no attempt yet, or is in another order.
  package init?(_ row: Row) {
    guard let first = row.turns.first, first.role == .user else { return nil }
    question = first
    rounds = []
    var prompt: Turn?
    for turn in row.turns.dropFirst() {
      switch turn.role {
      case .user:
        guard prompt == nil, !rounds.isEmpty else { return nil }
        prompt = turn
      case .assistant:
        guard rounds.isEmpty || prompt != nil else { return nil }
        rounds.append(Round(prompt: prompt, attempt: turn))
        prompt = nil
      case .feedback:
        guard let asking = prompt, let last = rounds.indices.last, rounds[last].feedback == nil else {
          return nil
        }
        rounds[last].feedbackPrompt = asking
        rounds[last].feedback = turn
        prompt = nil
      }
    }
    guard !rounds.isEmpty, prompt == nil else { return nil }
  }

  /// The turns again, in order.
  package var turns: [Turn] {
    [question]
      + rounds.flatMap { [$0.prompt, $0.attempt, $0.feedbackPrompt, $0.feedback].compactMap(\.self) }
  }

  /// What was said about an attempt; `nil` if nothing was, or nothing that can be read.
  package func feedback(on round: Int, _ style: ReasoningStyle) -> Feedback? {
    guard rounds.indices.contains(round) else { return nil }
    return rounds[round].feedback.flatMap { Feedback($0.text, style) }
  }

  /// What was said last, about the last attempt.
  package func lastFeedback(_ style: ReasoningStyle) -> Feedback? { feedback(on: rounds.count - 1, style) }

  /// Texts without what depends on tokens or randomness: two with equal ones teach the same.
  package var texts: [String] { turns.map(\.text) }
}

extension Rows {
  /// Each row as a trajectory.
  ///
  /// - Throws: `OperationError` for rows without an attempt; `use` says who asks.
  package func trajectory(of row: Row, _ use: String) throws(OperationError) -> Trajectory {
    guard let trajectory = Trajectory(row) else {
      throw OperationError(
        "\(use) takes rows with an attempt, and one has \(row.attempts.count) in \(row.turns.count) turns",
        remedy: "answer the questions first, or let the model improve itself")
    }
    return trajectory
  }
}
