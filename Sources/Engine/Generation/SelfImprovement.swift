/// A model answers, says what is wrong with its answer, updates it, and so on, until it calls its answer right or a limit is reached.
///
/// Gold answers are never looked at: they only grade what comes out. It stops when its own feedback says that all is right, cannot be
/// read, or is followed by the same attempt again; when there is no room left in the context; and after the last update.
package struct SelfImprovement {
  /// What the model sees of its way when it gives feedback or writes an update.
  package enum Sight: String, Sendable, CaseIterable {
    /// Everything.
    case conversation
    /// The question and the last attempt: the form in which examples are learned.
    case lastAttempt = "last_attempt"
  }
  package let conversations: Conversations
  package let form: ReasoningForm
  package let sight: Sight

  package init(_ conversations: Conversations, _ form: ReasoningForm, sight: Sight) {
    self.conversations = conversations
    self.form = form
    self.sight = sight
  }

  /// `samples` trajectories of each question with at most so many updates.
  package func trajectories(samples: Int, updates: Int) throws -> [Row] {
    var rows = try conversations.answers(samples: samples)
    var active = Array(rows.indices)
    for round in 0..<max(0, updates) {
      for index in active {
        rows[index].turns.append(
          try form.feedbackTurn(after: rows[index].turns.last, conversations.model))
      }
      active = try extend(&rows, active, role: .feedback, draw: 2 * round + 1)
      active.removeAll { index in
        let feedback = rows[index].turns.last.flatMap { Feedback($0.text, form.style) }
        return feedback.map { $0.verdict == .correct } ?? true
      }
      for index in active {
        rows[index].turns.append(
          try form.prompts.correctionTurn(
            after: rows[index].turns.last, about: conversations.questions[rows[index].question].text,
            conversations.model.tokenizer))
      }
      active = try extend(&rows, active, role: .assistant, draw: 2 * round + 2)
      active.removeAll { index in
        let attempts = rows[index].attempts
        return attempts.last?.text == attempts.dropLast().last?.text
      }
    }
    return rows
  }

  /// Adds what the model says to the rows that have room for it, and gives those; the others lose the prompt that nobody answers.
  private func extend(_ rows: inout [Row], _ active: [Int], role: Turn.Role, draw: Int) throws -> [Int] {
    let room = conversations.model.architecture.contextLength
    var fitting: [Int] = []
    var requests: [GenerationRequest] = []
    for index in active {
      let prompt = try visible(rows[index]).flatMap(conversations.model.tokenizer.later)
      if prompt.count < room {
        fitting.append(index)
        requests.append(
          GenerationRequest(
            question: rows[index].question, prompt: prompt,
            sampleKeys: [Row.key(rows[index].samples)]))
      } else {
        rows[index].turns.removeLast()
      }
    }
    let generations = try conversations.generate(requests, attempt: draw)
    for (index, generation) in zip(fitting, generations) {
      let text = conversations.model.tokenizer.decode(generation.tokens)
      let gold = conversations.questions[rows[index].question].answers
      rows[index].turns.append(
        Turn(
          role: role, text: text, tokens: generation.tokens, origin: .sampled, finish: generation.finish,
          score: role == .assistant ? conversations.grading.score(text, gold: gold) : nil))
    }
    return fitting
  }

  private func visible(_ row: Row) -> [Turn] {
    guard sight == .lastAttempt, let last = row.turns.lastIndex(where: { $0.role == .assistant }) else {
      return row.turns
    }
    return Array(row.turns.prefix(1) + row.turns[last...])
  }
}
