/// Whose feedback replaces a model's own, or who writes an update.
package enum TrajectoryAuthor: Sendable {
  /// The task's verifier and improver. The detail is how much feedback tells.
  case script(FeedbackDetail)
  /// Another model of the recipe, decoded this way.
  case model(Model, Decoding)
  /// A model behind a server.
  case server(CompletionServer)
}

/// Edits trajectories as TriPosT does: replaces the first wrong feedback of a model, and writes updates.
package struct TrajectoryEditor {
  /// In whose tokens texts are written.
  package let model: Model
  package let source: Questions
  package let form: ReasoningForm
  package let author: TrajectoryAuthor
  package let random: Philox
  package let context: ExecutionContext

  package init(
    model: Model, source: Questions, form: ReasoningForm, author: TrajectoryAuthor, random: Philox,
    context: ExecutionContext
  ) {
    self.model = model
    self.source = source
    self.form = form
    self.author = author
    self.random = random
    self.context = context
  }

  /// An attempt on which feedback, or an update, is wanted.
  package struct Request: Sendable {
    package var row: Row
    package var trajectory: Trajectory
    package var round: Int
  }

  /// The rows with their first feedback replaced that differs from the author's, and everything after it dropped. The last attempt gets
  /// feedback if it has none.
  ///
  /// If the last attempt is right, the trajectory stays and is closed, whatever the feedback on its way. Feedback that the author has
  /// given before is not asked for again. Rows on which the author says nothing that can be read are rejected.
  package func feedback(_ rows: [Row]) throws -> [Row] {
    let all = Rows(rows: rows, source: source)
    let trajectories = try rows.map { try all.trajectory(of: $0, "feedback") }
    var requests: [Request] = []
    for (row, trajectory) in zip(rows, trajectories) {
      for round in trajectory.rounds.indices where trajectory.rounds[round].feedback?.origin != .gold {
        requests.append(Request(row: row, trajectory: trajectory, round: round))
      }
    }
    var judgments = try judged(requests)[...]
    return try zip(rows, trajectories).map { row, trajectory in
      let own = trajectory.rounds.map { round -> Feedback? in
        round.feedback?.origin == .gold
          ? round.feedback.flatMap { Feedback($0.text, form.style) } : judgments.removeFirst()
      }
      return try edited(row, trajectory, own)
    }
  }

  private func edited(_ row: Row, _ trajectory: Trajectory, _ judgments: [Feedback?]) throws -> Row {
    var row = row
    var trajectory = trajectory
    let last = trajectory.rounds.count - 1
    func rejected() -> Row {
      var row = row
      row.rejection = "feedback that cannot be read"
      return row
    }
    if judgments[last]?.verdict == .correct {
      if trajectory.lastFeedback(form.style)?.verdict != .correct, let truth = judgments[last] {
        try set(&trajectory, last, truth)
      }
    } else {
      for round in trajectory.rounds.indices where trajectory.rounds[round].feedback?.origin != .gold {
        guard let truth = judgments[round] else { return rejected() }
        if let own = trajectory.feedback(on: round, form.style), own.agrees(with: truth) { continue }
        try set(&trajectory, round, truth)
        trajectory.rounds.removeLast(last - round)
        break
      }
    }
    row.turns = trajectory.turns
    return row
  }

  private func set(_ trajectory: inout Trajectory, _ round: Int, _ feedback: Feedback) throws {
    trajectory.rounds[round].feedbackPrompt = try form.feedbackTurn(
      after: trajectory.rounds[round].attempt, model)
    var turn = try form.prompts.goldTurn(feedback.text(form.style), model.tokenizer)
    turn.role = .feedback
    trajectory.rounds[round].feedback = turn
  }

  /// The author's feedback on each attempt; `nil` where it cannot be read.
  ///
  /// A right and readable attempt is called correct without asking another model: it never sees gold answers, only what is wrong.
  private func judged(_ requests: [Request]) throws -> [Feedback?] {
    if case .script(let detail) = author {
      return try requests.map { request in
        let problem = try form.problem(source.questions[request.row.question].text)
        return problem.feedback(on: request.trajectory.rounds[request.round].attempt.text, form.style)
          .reduced(to: detail)
      }
    }
    var result = requests.map { request -> Feedback? in
      let attempt = request.trajectory.rounds[request.round].attempt
      guard attempt.score?.isCorrect == true, form.style.isReadable(attempt.text) else { return nil }
      return Feedback(.correct, rightSteps: form.stepCount(attempt.text))
    }
    let asked = requests.indices.filter { result[$0] == nil }
    let texts: [Feedback?]
    switch author {
    case .script: texts = []
    case .model(let teacher, let decoding):
      texts = try TeacherModel(teacher, decoding, form, random, context).feedback(asked.map { requests[$0] })
    case .server(let server):
      texts = try server.feedback(asked.map { requests[$0] }, source, form, context)
    }
    for (index, feedback) in zip(asked, texts) { result[index] = feedback }
    return result
  }

  /// One more update where the last feedback says that something is wrong; the other rows as they are, and those with as many updates
  /// as there may be, whoever wrote them.
  ///
  /// The author is given the steps that the feedback calls right, and goes on from there: they stay byte for byte.
  package func improved(_ rows: [Row], updates: Int = .max) throws -> [Row] {
    let all = Rows(rows: rows, source: source)
    var requests: [Request] = []
    var places: [Int] = []
    for (index, row) in rows.enumerated() {
      let trajectory = try all.trajectory(of: row, "improve")
      guard trajectory.rounds.count <= updates, let feedback = trajectory.lastFeedback(form.style),
        feedback.verdict != .correct
      else { continue }
      requests.append(Request(row: row, trajectory: trajectory, round: trajectory.rounds.count - 1))
      places.append(index)
    }
    let texts: [String]
    switch author {
    case .script:
      texts = try requests.map { request in
        let problem = try form.problem(source.questions[request.row.question].text)
        return problem.improved(request.trajectory.rounds[request.round].attempt.text, form.style)
      }
    case .model(let teacher, let decoding):
      texts = try TeacherModel(teacher, decoding, form, random, context).updates(requests)
    case .server(let server): texts = try server.updates(requests, source, form, context)
    }
    var result = rows
    for ((request, place), text) in zip(zip(requests, places), texts) {
      let gold = source.questions[request.row.question].answers
      result[place].turns.append(
        try form.prompts.correctionTurn(
          after: result[place].turns.last, about: source.questions[request.row.question].text, model.tokenizer
        ))
      var update = try form.prompts.goldTurn(text, model.tokenizer)
      update.score = source.grading.score(text, gold: gold)
      result[place].turns.append(update)
    }
    return result
  }
}

extension ReasoningForm {
  /// What asks for feedback, in a model's tokens. If the attempt was cut off, its end is supplied here.
  package func feedbackTurn(after attempt: Turn?, _ model: Model) throws -> Turn {
    try Prompts(question: "", correction: feedbackPrompt).correctionTurn(
      after: attempt, about: "", model.tokenizer)
  }

  /// The steps of an attempt before the one that feedback calls wrong, with what separates them from the next.
  package func rightPrefix(of attempt: String, _ feedback: Feedback) -> String {
    let segments = RationaleText(attempt, style).segments
    guard feedback.rightSteps > 0 else { return "" }
    guard segments.indices.contains(feedback.rightSteps) else {
      return attempt + (style == .compact ? ";" : "\n")
    }
    return String(attempt[..<segments[feedback.rightSteps].whole.startIndex])
  }
}
