package import Engine

/// What a step is, complete: everything its key covers, readable again.
package struct StepIdentity: Hashable, Sendable {
  package var key: Digest
  package var operation: String
  /// Of the operation, as the engine counts it.
  package var version: Int
  /// `native`, or `openblas` with its version and core name.
  package var numerics: String
  /// Every argument as canonical JSON. An input step is `{"step":"KEY","fields":[…]}`, a file
  /// `{"file":"path","sha256":"…"}`, settings `{"constructor":"nucleus",…}`.
  package var arguments: String
  /// Keys of the steps that it takes its inputs from, each once, ascending.
  package var inputs: [Digest]

  package init(
    key: Digest, operation: String, version: Int, numerics: String, arguments: String,
    inputs: [Digest]
  ) {
    self.key = key
    self.operation = operation
    self.version = version
    self.numerics = numerics
    self.arguments = arguments
    self.inputs = inputs
  }
}

/// Content by its digest, and how much there is of it.
package struct Blob: Hashable, Sendable {
  package var digest: Digest
  package var bytes: Int

  package init(digest: Digest, bytes: Int) {
    self.digest = digest
    self.bytes = bytes
  }
}

/// A figure that a step found: one of an evaluation's metrics, or, under the empty name, a count or a mean.
package struct StepFigure: Hashable, Sendable {
  package var name: String
  /// `nil` where it is not defined. A NaN is stored as `nil`.
  package var value: Double?

  package init(name: String, value: Double?) {
    self.name = name
    self.value = value
  }
}

/// A figure of the way to a step's value, such as the training loss at an update.
package struct CurvePoint: Hashable, Sendable {
  package var name: String
  package var position: Int
  package var value: Double?

  package init(name: String, position: Int, value: Double?) {
    self.name = name
    self.position = position
    self.value = value
  }
}

/// What one attempt at one question was worth.
package struct QuestionScore: Hashable, Sendable {
  /// Position of the question in its `Questions`.
  package var question: Int
  /// From 1.
  package var attempt: Int
  package var score: Score

  package init(question: Int, attempt: Int, score: Score) {
    self.question = question
    self.attempt = attempt
    self.score = score
  }
}

/// One conversation of a step's rows, as a person reads it.
package struct SampleRecord: Hashable, Sendable {
  /// One turn of the model's, with what it answers to.
  package struct Attempt: Hashable, Sendable {
    /// What the model was told before it wrote.
    package var prompt: String
    package var text: String
    /// `nil` where it was not graded.
    package var score: Score?
    /// `nil` where nobody sampled it.
    package var finish: Turn.Finish?

    package init(prompt: String, text: String, score: Score?, finish: Turn.Finish?) {
      self.prompt = prompt
      self.text = text
      self.score = score
      self.finish = finish
    }
  }
  package var question: Int
  /// Which sample of each attempt it is, as in `Row.samples`.
  package var samples: [Int]
  package var attempts: [Attempt]
  /// Why a filter left it out; `nil` if it was kept.
  package var rejection: String?

  package init(question: Int, samples: [Int], attempts: [Attempt], rejection: String? = nil) {
    self.question = question
    self.samples = samples
    self.attempts = attempts
    self.rejection = rejection
  }
}

/// How one execution of a step went, apart from what it gave. Differs from run to run.
package struct Execution: Hashable, Sendable {
  package var started: UTCTime
  package var seconds: Double
  package var peakMemoryBytes: Int?
  package var threads: Int
  /// Pieces of work that it reported as its total.
  package var units: Int?

  package init(
    started: UTCTime, seconds: Double, peakMemoryBytes: Int?, threads: Int, units: Int?
  ) {
    self.started = started
    self.seconds = seconds
    self.peakMemoryBytes = peakMemoryBytes
    self.threads = threads
    self.units = units
  }
}

/// Everything that is kept of a step that finished. Its blob is written first, with `Store.writeBlob`.
package struct FinishedStep: Sendable {
  package var identity: StepIdentity
  package var kind: ValueKind
  package var output: Blob
  package var figures: [StepFigure]
  package var curve: [CurvePoint]
  package var scores: [QuestionScore]
  package var samples: [SampleRecord]
  package var execution: Execution

  package init(
    identity: StepIdentity, kind: ValueKind, output: Blob, figures: [StepFigure] = [],
    curve: [CurvePoint] = [], scores: [QuestionScore] = [], samples: [SampleRecord] = [],
    execution: Execution
  ) {
    self.identity = identity
    self.kind = kind
    self.output = output
    self.figures = figures
    self.curve = curve
    self.scores = scores
    self.samples = samples
    self.execution = execution
  }
}

/// A step that gave no value, and why.
package struct FailedStep: Hashable, Sendable {
  /// Whose doing it was.
  package enum Reason: String, Sendable, Hashable {
    case failed
    /// Stopped from outside; not its own fault.
    case cancelled
  }
  package var key: Digest
  package var operation: String
  package var reason: Reason
  /// What is wrong, as the operation words it.
  package var message: String
  package var remedy: String
  package var execution: Execution

  package init(
    key: Digest, operation: String, reason: Reason, message: String, remedy: String,
    execution: Execution
  ) {
    self.key = key
    self.operation = operation
    self.reason = reason
    self.message = message
    self.remedy = remedy
    self.execution = execution
  }
}

/// What the store holds of a step.
package enum StepPresence: Hashable, Sendable {
  case absent
  /// Its rows are here, its value is not (dropped, or found damaged).
  case recorded(StepOutput)
  /// Its rows and its value are here.
  case present(StepOutput)
}

/// A finished step's value, by name.
package struct StepOutput: Hashable, Sendable {
  package var kind: ValueKind
  package var blob: Blob

  package init(kind: ValueKind, blob: Blob) {
    self.kind = kind
    self.blob = blob
  }
}

/// A finished step as the store knows it.
package struct StepRecord: Hashable, Sendable {
  package var identity: StepIdentity
  package var output: StepOutput

  package init(identity: StepIdentity, output: StepOutput) {
    self.identity = identity
    self.output = output
  }
}

extension SampleRecord {
  /// A row of the engine's: each of the model's attempts with what was said since the one before.
  package init(of row: Row) {
    var attempts: [Attempt] = []
    var prompt = ""
    for turn in row.turns {
      switch turn.role {
      case .user, .feedback: prompt += turn.text
      case .assistant:
        attempts.append(
          Attempt(prompt: prompt, text: turn.text, score: turn.score, finish: turn.finish))
        prompt = ""
      }
    }
    // Feedback on the last attempt is a text of its own, without a score.
    if let last = row.turns.last, last.role == .feedback {
      attempts.append(
        Attempt(
          prompt: row.turns.dropLast().last?.text ?? "", text: last.text, score: nil, finish: last.finish))
    }
    self.init(
      question: row.question, samples: row.samples, attempts: attempts, rejection: row.rejection)
  }
}

extension QuestionScore {
  /// Every graded attempt of an evaluation's rows, by question, then attempt.
  package static func all(in rows: [Row]) -> [QuestionScore] {
    rows.flatMap { row in
      row.attempts.enumerated().compactMap { index, turn in
        turn.score.map { QuestionScore(question: row.question, attempt: index + 1, score: $0) }
      }
    }.sorted { ($0.question, $0.attempt) < ($1.question, $1.attempt) }
  }
}
