/// TriPosT's post-processing: which edited trajectories are learned from, and as what.
extension Rows {
  /// The trajectories that pass the paper's checks; the others with the reason.
  ///
  /// One that never got right is left out, and so is one that cannot be read, and one that says what another of its question said. Where an
  /// update changed nothing it was told to change, or feedback went back, only the first attempt with its feedback stays.
  package func checked(_ form: ReasoningForm) throws(OperationError) -> Rows {
    var result = self
    var known: Set<[String]> = []
    for index in result.rows.indices where result.rows[index].rejection == nil {
      var trajectory = try trajectory(of: result.rows[index], "checked")
      if let reason = trajectory.fault(form.style) {
        result.rows[index].rejection = reason
        continue
      }
      if !trajectory.makesProgress(form.style) {
        trajectory.rounds.removeLast(trajectory.rounds.count - 1)
        result.rows[index].turns = trajectory.turns
      }
      // Texts begin with the question, so equal ones are about equal questions.
      if !known.insert(trajectory.texts).inserted { result.rows[index].rejection = "a duplicate" }
    }
    return result
  }

  /// Each kept trajectory as examples: every attempt with its feedback and the update after it; and the last attempt with its feedback.
  ///
  /// An example stands alone: it begins with the question. If the last feedback says that something is wrong, no update follows it, and the
  /// example teaches feedback only. The last attempt without feedback is none.
  package func turns() throws(OperationError) -> Rows {
    var examples: [Row] = []
    for row in kept {
      let trajectory = try trajectory(of: row, "turns")
      for (index, round) in trajectory.rounds.enumerated() {
        guard let feedbackPrompt = round.feedbackPrompt, let feedback = round.feedback else { break }
        var turns = [trajectory.question, round.attempt, feedbackPrompt, feedback]
        if trajectory.rounds.indices.contains(index + 1), let prompt = trajectory.rounds[index + 1].prompt {
          turns += [prompt, trajectory.rounds[index + 1].attempt]
        }
        examples.append(Row(question: row.question, samples: row.samples + [index], turns: turns))
      }
    }
    return Rows(rows: examples, source: source)
  }

  /// The examples' tokens from the feedback on, its prompt included, weigh so much where the feedback says that something is wrong;
  /// the wrong attempt before it weighs `before`, 0 to leave it unlearned. Everything in examples of right attempts weighs 1.
  package func weighted(_ form: ReasoningForm, feedback weight: Float, before: Float) throws(OperationError)
    -> Rows
  {
    var result = self
    for index in result.rows.indices where result.rows[index].rejection == nil {
      let row = result.rows[index]
      guard let first = row.turns.firstIndex(where: { $0.role == .feedback }), first > 0,
        Feedback(row.turns[first].text, form.style)?.verdict != .correct
      else { continue }
      for turn in row.turns.indices {
        if turn >= first - 1 { result.rows[index].turns[turn].weight = weight }
        if turn < first - 1, before != 1 { result.rows[index].turns[turn].weight = before }
      }
    }
    return result
  }
}

extension Trajectory {
  /// Why it is not learned from at all; `nil` if it may be.
  func fault(_ style: ReasoningStyle) -> String? {
    guard let last = rounds.last, last.attempt.score?.isCorrect == true,
      lastFeedback(style)?.verdict == .correct
    else { return "it never got right" }
    for (index, round) in rounds.enumerated() where !style.isReadable(round.attempt.text) {
      return "attempt \(index + 1) cannot be read"
    }
    return nil
  }

  /// Whether each update follows the feedback before it, and no feedback goes back behind an earlier one.
  func makesProgress(_ style: ReasoningStyle) -> Bool {
    for index in rounds.indices.dropLast() {
      guard let told = feedback(on: index, style),
        style.isProgress(from: rounds[index].attempt.text, told, to: rounds[index + 1].attempt.text)
      else { return false }
      if let next = feedback(on: index + 1, style), !next.isProgress(since: told) { return false }
    }
    return true
  }
}

extension Rows {
  /// A mix of examples: improvements, right attempts and gold ones as ratio : 1 : 1, drawn at random; those beyond stay with the reason.
  ///
  /// Feedback without an update counts as an improvement.
  ///
  /// - Parameter gold: the place of the first gold example; all that follow are gold.
  package func balanced(_ form: ReasoningForm, _ balance: TurnBalance, gold: Int, _ random: Philox) -> Rows {
    var result = self
    var kinds: [[Int]] = [[], [], []]
    for (index, row) in rows.enumerated() where row.rejection == nil {
      let feedback = row.turns.first { $0.role == .feedback }.flatMap { Feedback($0.text, form.style) }
      let isRight = feedback.map { $0.verdict == .correct } ?? (row.attempts.count == 1)
      kinds[index >= gold ? 2 : isRight ? 1 : 0].append(index)
    }
    let counts = balance.counts(
      available: .init(improvements: kinds[0].count, correct: kinds[1].count, gold: kinds[2].count))
    for (kind, wanted) in [counts.improvements, counts.correct, counts.gold].enumerated() {
      let order = random.permutation(of: kinds[kind].count, UInt32(kind), 0)
      for place in order.dropFirst(wanted) {
        result.rows[kinds[kind][place]].rejection = "beyond the balance"
      }
    }
    return result
  }

  /// The rows of each question whose answer is its most frequent one; of equally frequent ones the first counts. Texts without an answer
  /// do not vote (LMSI).
  package func majority() -> Rows {
    var result = self
    let winners = Voting.last.winners(of: kept)
    for index in rows.indices where rows[index].rejection == nil {
      let winner = winners[rows[index].question]??.answer
      let own = rows[index].attempts.last?.score?.answer ?? ""
      if winner == nil || own != winner {
        result.rows[index].rejection = "the majority says \(winner ?? "nothing")"
      }
    }
    return result
  }
}
