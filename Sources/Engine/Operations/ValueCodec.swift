extension Value {
  package var kind: ValueKind {
    switch self {
    case .model: .model
    case .task: .task
    case .questions: .questions
    case .corpus: .corpus
    case .rows: .rows
    case .metrics: .metrics
    case .number: .number
    }
  }

  /// The value as bytes: equal values give equal bytes. The first names the format.
  package func encoded() -> [UInt8] {
    var w = ByteWriter()
    w.write(format)
    switch self {
    case .model(let model): w.write(model)
    case .task(let task): w.write(task)
    case .questions(let questions): w.write(questions)
    case .corpus(let corpus): w.write(corpus)
    case .rows(let rows): w.write(rows)
    case .metrics(let metrics):
      w.write(metrics.values) { $0.write($1) { $0.write($1) } }
      w.write(metrics.rows)
    case .number(let number): w.write(number)
    }
    return w.bytes
  }

  /// The format that can say it: 1, or 2 for what came later.
  private var format: String {
    let isLater: Bool
    switch self {
    case .model(let model): isLater = model.needsLaterFormat
    case .task(let task): isLater = task.prompts.isChat
    case .questions(let questions): isLater = questions.prompts.isChat
    case .corpus(let corpus): isLater = corpus.prompts.isChat
    case .rows(let rows): isLater = rows.source.prompts.isChat
    case .metrics(let metrics): isLater = metrics.rows.source.prompts.isChat
    case .number: isLater = false
    }
    return "emend.\(kind.rawValue)/\(isLater ? 2 : 1)"
  }

  /// The value that these bytes are.
  ///
  /// - Parameter loaded: the model that was loaded from the files with this digest; models that came from files keep only what they do not
  ///   share with them.
  package static func decoded(
    _ bytes: [UInt8], as kind: ValueKind, loaded: (_ digest: String) -> Model? = { _ in nil }
  ) throws(DecodingFault) -> Value {
    var r = ByteReader(bytes[...])
    let format = try r.string()
    guard let version = [1, 2].first(where: { format == "emend.\(kind.rawValue)/\($0)" }) else {
      throw DecodingFault(reason: "it is \(format.debugDescription), not a \(kind.rawValue) of format 1 or 2")
    }
    r.isLater = version == 2
    let value: Value
    switch kind {
    case .model: return .model(try r.isLater ? r.laterModel(loaded) : r.model())
    case .task: value = .task(try r.task())
    case .questions: value = .questions(try r.questions())
    case .corpus: value = .corpus(try r.corpus())
    case .rows: value = .rows(try r.rows())
    case .metrics:
      let values = try r.list { r throws(DecodingFault) in
        try r.optional { r throws(DecodingFault) in try r.double() }
      }
      guard values.count == EvaluationMetric.all.count else {
        throw DecodingFault(reason: "\(values.count) metrics, and there are \(EvaluationMetric.all.count)")
      }
      value = .metrics(Metrics(values: values, rows: try r.rows()))
    case .number: value = .number(try r.double())
    }
    try r.end()
    return value
  }
}

// MARK: - Tasks

extension ByteWriter {
  private mutating func write(_ prompts: Prompts, _ grading: Grading) {
    write(prompts.question)
    write(prompts.correction)
    if prompts.isChat {
      write(prompts.system)
      write(prompts.examples) { $0.write($1) }
    }
    write(grading.name)
  }

  private mutating func write(_ list: [Question]) {
    write(list) {
      $0.write($1.text)
      $0.write($1.answers) { $0.write($1) }
    }
  }

  fileprivate mutating func write(_ questions: Questions) {
    write(questions.split)
    write(questions.prompts, questions.grading)
    write(questions.questions)
  }

  fileprivate mutating func write(_ task: Task) {
    write(task.name)
    write(task.prompts, task.grading)
    for part in [task.train, task.validation, task.test, task.pool] { write(part) }
  }

  fileprivate mutating func write(_ corpus: Corpus) {
    write(corpus.prompts, Grading(.exact))
    write(corpus.tokenizer)
    write(corpus.conversations) {
      $0.write($1.question)
      $0.write($1.answer)
      $0.write($1.correction)
    }
  }
}

extension ByteReader {
  private mutating func style() throws(DecodingFault) -> (Prompts, Grading) {
    var prompts = Prompts(question: try string(), correction: try string())
    if isLater {
      prompts.system = try string()
      prompts.examples = try list { r throws(DecodingFault) in try r.string() }
      // One value has one form.
      guard prompts.isChat else { throw DecodingFault(reason: "a conversation's prompts that are none") }
    }
    guard let grading = Grading(name: try string()) else {
      throw DecodingFault(reason: "an unknown grader")
    }
    return (prompts, grading)
  }

  private mutating func questionList() throws(DecodingFault) -> [Question] {
    try list { r throws(DecodingFault) in
      let text = try r.string()
      let answers = try r.list { r throws(DecodingFault) in try r.string() }
      guard !answers.isEmpty else { throw DecodingFault(reason: "a question without an answer") }
      return Question(text: text, answers: answers)
    }
  }

  fileprivate mutating func questions() throws(DecodingFault) -> Questions {
    let split = try string()
    let (prompts, grading) = try style()
    return Questions(split: split, questions: try questionList(), prompts: prompts, grading: grading)
  }

  fileprivate mutating func task() throws(DecodingFault) -> Task {
    let name = try string()
    let (prompts, grading) = try style()
    return Task(
      name: name, train: try questionList(), validation: try questionList(), test: try questionList(),
      pool: try questionList(), prompts: prompts, grading: grading)
  }

  fileprivate mutating func corpus() throws(DecodingFault) -> Corpus {
    let (prompts, _) = try style()
    let tokenizer = try tokenizer()
    let conversations = try list { r throws(DecodingFault) in
      Corpus.Conversation(question: try r.string(), answer: try r.string(), correction: try r.string())
    }
    return Corpus(conversations: conversations, prompts: prompts, tokenizer: tokenizer)
  }
}

extension Prompts {
  /// There is more than the two texts that the first format knows.
  fileprivate var isChat: Bool { !system.isEmpty || !examples.isEmpty }
}

// MARK: - Rows

extension ByteWriter {
  fileprivate mutating func write(_ rows: Rows) {
    write(rows.source)
    write(rows.rows) { w, row in
      w.write(row.question)
      w.write(row.samples) { $0.write($1) }
      w.write(row.rejection) { $0.write($1) }
      w.write(row.turns) { w, turn in
        w.write(turn.role.code(isWeighted: turn.weight != nil))
        if let weight = turn.weight { w.write(weight) }
        w.write(turn.origin.code)
        w.write(turn.finish) { $0.write($1 == .truncated) }
        w.write(turn.text)
        w.write(turn.tokens) { $0.write(Int($1)) }
        w.write(turn.score) { w, score in
          w.write(score.answer)
          w.write(score.isCorrect)
          w.write(score.reward)
        }
      }
    }
  }
}

extension ByteReader {
  fileprivate mutating func rows() throws(DecodingFault) -> Rows {
    let source = try questions()
    let rows = try list { r throws(DecodingFault) in
      let question = try r.int()
      guard source.questions.indices.contains(question) else {
        throw DecodingFault(reason: "a row without its question")
      }
      let samples = try r.list { r throws(DecodingFault) in try r.int() }
      let rejection = try r.optional { r throws(DecodingFault) in try r.string() }
      return Row(
        question: question, samples: samples, turns: try r.list { r throws(DecodingFault) in try r.turn() },
        rejection: rejection)
    }
    return Rows(rows: rows, source: source)
  }

  private mutating func turn() throws(DecodingFault) -> Turn {
    guard let (role, isWeighted) = Turn.Role.read(code: try byte()) else {
      throw DecodingFault(reason: "a turn of nobody")
    }
    let weight = isWeighted ? try float() : nil
    guard let origin = Turn.Origin(code: try int()) else {
      throw DecodingFault(reason: "a turn from nowhere")
    }
    let finish = try optional { r throws(DecodingFault) -> Turn.Finish in
      try r.bool() ? .truncated : .endOfTurn
    }
    let text = try string()
    let tokens = try list { r throws(DecodingFault) in
      guard let token = Int32(exactly: try r.int()), token >= 0 else {
        throw DecodingFault(reason: "a token that is none")
      }
      return token
    }
    let score = try optional { r throws(DecodingFault) in
      Score(answer: try r.string(), isCorrect: try r.bool(), reward: try r.float())
    }
    return Turn(
      role: role, text: text, tokens: tokens, origin: origin, finish: finish, score: score, weight: weight)
  }
}

extension Turn.Role {
  /// 0, 1, 2 for user, assistant, feedback; 4 more if the turn has a weight, which then follows.
  fileprivate func code(isWeighted: Bool) -> UInt8 {
    let code: UInt8 =
      switch self {
      case .user: 0
      case .assistant: 1
      case .feedback: 2
      }
    return code + (isWeighted ? 4 : 0)
  }

  fileprivate static func read(code: UInt8) -> (role: Turn.Role, isWeighted: Bool)? {
    let roles: [Turn.Role] = [.user, .assistant, .feedback]
    guard roles.indices.contains(Int(code % 4)), code < 8 else { return nil }
    return (roles[Int(code % 4)], code >= 4)
  }
}

extension Turn.Origin {
  fileprivate var code: Int {
    switch self {
    case .prompt: 0
    case .sampled: 1
    case .gold: 2
    }
  }

  fileprivate init?(code: Int) {
    guard (0...2).contains(code) else { return nil }
    self = [.prompt, .sampled, .gold][code]
  }
}
