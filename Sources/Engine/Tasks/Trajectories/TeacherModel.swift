/// Another model of the recipe as the author of feedback and updates: it reads the question and the attempt in its own tokens.
struct TeacherModel {
  private let model: Model
  private let decoding: Decoding
  private let form: ReasoningForm
  private let random: Philox
  private let context: ExecutionContext

  init(
    _ model: Model, _ decoding: Decoding, _ form: ReasoningForm, _ random: Philox, _ context: ExecutionContext
  ) {
    self.model = model
    self.decoding = decoding
    self.form = form
    self.random = random
    self.context = context
  }

  /// What it says of each attempt; `nil` where that cannot be read.
  func feedback(_ requests: [TrajectoryEditor.Request]) throws -> [Feedback?] {
    let prompts = try requests.map { request in
      try judged(request.trajectory, request.round).flatMap(model.tokenizer.later)
    }
    return try said(requests, prompts, attempt: 0).map { Feedback($0, form.style) }
  }

  /// Its updates: the right steps of the attempt, as the feedback has it, and what it writes after them.
  func updates(_ requests: [TrajectoryEditor.Request]) throws -> [String] {
    var kept: [String] = []
    let prompts = try requests.map { request -> [Int32] in
      let round = request.trajectory.rounds[request.round]
      let said = round.feedback?.text ?? ""
      let feedback = Feedback(said, form.style) ?? Feedback(.wrongStep, rightSteps: 0)
      kept.append(form.rightPrefix(of: round.attempt.text, feedback))
      var turns = try judged(request.trajectory, request.round)
      turns.append(try form.prompts.goldTurn(said, model.tokenizer))
      turns.append(try form.prompts.correctionTurn(after: turns.last, about: "", model.tokenizer))
      return try turns.flatMap(model.tokenizer.later)
        + model.tokenizer.answer(kept[kept.count - 1]).dropLast()
    }
    return zip(kept, try said(requests, prompts, attempt: 1)).map { $0 + $1 }
  }

  /// The question, the attempt, and what asks for feedback on it.
  private func judged(_ trajectory: Trajectory, _ round: Int) throws -> [Turn] {
    let attempt = try form.prompts.goldTurn(trajectory.rounds[round].attempt.text, model.tokenizer)
    return [
      // The row's first turn is already the prompt around the question.
      try Prompts(question: "{question}").firstTurn(trajectory.question.text, model.tokenizer), attempt,
      try form.feedbackTurn(after: attempt, model),
    ]
  }

  private func said(_ requests: [TrajectoryEditor.Request], _ prompts: [[Int32]], attempt: Int) throws
    -> [String]
  {
    let room = model.architecture.contextLength
    // What does not fit is said nothing about.
    let fitting = prompts.indices.filter { prompts[$0].count < room }
    let generations = try Generator(
      model: model, decoding: decoding, random: random, attempt: attempt, context: context
    ).generate(
      fitting.map { index in
        let row = requests[index].row
        return GenerationRequest(
          question: row.question, prompt: prompts[index],
          sampleKeys: [Row.key([requests[index].round] + row.samples)])
      })
    var texts = Array(repeating: "", count: prompts.count)
    for (index, samples) in zip(fitting, generations) {
      texts[index] = samples.first.map { model.tokenizer.decode($0.tokens) } ?? ""
    }
    return texts
  }
}
