import Engine

extension Store {
  /// Records a finished step, all or nothing; its blob must have been written. Forgets its failures.
  ///
  /// A step that is recorded already (its value was dropped or found damaged and computed again) keeps its rows, unless
  /// the value came out different: then the rows are those of the new value.
  package func record(_ step: FinishedStep, in run: RunID) throws(StoreError) {
    // What took long must survive a loss of power too; the rest is cheap to compute again.
    let isCostly = step.execution.seconds >= 1
    try write(durably: isCostly) { connection throws(StoreError) in
      try Recorder(connection: connection, observer: observer).record(step, in: run)
      try observer(.beforeCommit)
    }
    try observer(.committed)
  }

  /// Records texts of a finished step that has none yet: an earlier plan had them in other rows.
  package func addSamples(_ samples: [SampleRecord], of key: Digest) throws(StoreError) {
    try write { connection throws(StoreError) in
      let number = try StepNumbers(connection: connection).number(of: key)
      let writer = SampleWriter(connection: connection)
      if try !writer.hasSamples(of: number) { try writer.insert(samples, of: number) }
    }
  }

  /// Those of some steps that have no texts.
  package func withoutSamples(_ keys: [Digest]) throws(StoreError) -> Set<Digest> {
    try withConnection { connection throws(StoreError) in
      var found: Set<Digest> = []
      let count = try connection.statement(
        "SELECT EXISTS (SELECT 1 FROM samples p JOIN steps s ON s.id = p.step WHERE s.key = ?)")
      for key in keys {
        count.bind(1, key)
        defer { count.reset() }
        if try count.step(), count.integer(0) == 0 { found.insert(key) }
      }
      return found
    }
  }

  /// Records that a step gave no value.
  package func record(_ step: FailedStep, in run: RunID) throws(StoreError) {
    try write { connection throws(StoreError) in
      let number = try StepNumbers(connection: connection).number(of: step.key)
      let recorder = Recorder(connection: connection, observer: observer)
      try recorder.recordAttempt(
        of: number, operation: step.operation, execution: step.execution, in: run,
        status: step.reason.rawValue, error: step.message, remedy: step.remedy)
    }
  }
}

/// The recording of one step, inside a transaction.
private struct Recorder {
  let connection: Connection
  let observer: Store.StageObserver

  func record(_ step: FinishedStep, in run: RunID) throws(StoreError) {
    let identity = step.identity
    let numbers = StepNumbers(connection: connection)
    let number = try numbers.number(of: identity.key)
    let earlier = try digest(of: number)
    if earlier != step.output.digest {
      if earlier != nil { try forgetRows(of: number) }
      try updateStep(number, step)
      for input in identity.inputs {
        let insert = try connection.statement(
          "INSERT OR IGNORE INTO step_inputs(step, input) VALUES (?, ?)")
        insert.bind(1, number)
        insert.bind(2, try numbers.number(of: input))
        try insert.run()
      }
      try observer(.stepInserted)
      try insertFigures(step, number)
      try insertScores(step.scores, number)
      try SampleWriter(connection: connection).insert(step.samples, of: number)
      try observer(.samplesInserted)
    } else if try !SampleWriter(connection: connection).hasSamples(of: number) {
      // An earlier plan had these texts in other rows.
      try SampleWriter(connection: connection).insert(step.samples, of: number)
    }
    let blob = try connection.statement(
      """
      INSERT INTO blobs(digest, bytes, present) VALUES (?1, ?2, 1)
      ON CONFLICT(digest) DO UPDATE SET present = 1
      """)
    blob.bind(1, step.output.digest)
    blob.bind(2, step.output.bytes)
    try blob.run()
    let forget = try connection.statement("DELETE FROM attempts WHERE step = ? AND status <> 'done'")
    forget.bind(1, number)
    try forget.run()
    try recordAttempt(
      of: number, operation: identity.operation, execution: step.execution, in: run,
      status: "done", error: nil, remedy: nil)
  }

  func recordAttempt(
    of step: Int, operation: String, execution: Execution, in run: RunID, status: String,
    error: String?, remedy: String?
  ) throws(StoreError) {
    let insert = try connection.statement(
      """
      INSERT INTO attempts(
        step, run, operation, started, seconds, peak_memory, threads, units, status, error, remedy)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    insert.bind(1, step)
    insert.bind(2, run.number)
    insert.bind(3, operation)
    insert.bind(4, execution.started.description)
    insert.bind(5, execution.seconds)
    insert.bind(6, execution.peakMemoryBytes)
    insert.bind(7, execution.threads)
    insert.bind(8, execution.units)
    insert.bind(9, status)
    insert.bind(10, error)
    insert.bind(11, remedy)
    try insert.run()
  }

  private func digest(of step: Int) throws(StoreError) -> Digest? {
    let rows = try connection.statement("SELECT digest FROM steps WHERE id = ?")
    rows.bind(1, step)
    defer { rows.reset() }
    return try rows.step() ? rows.digest(0) : nil
  }

  private func updateStep(_ number: Int, _ step: FinishedStep) throws(StoreError) {
    let update = try connection.statement(
      """
      UPDATE steps SET operation = ?, version = ?, numerics = ?, arguments = ?, kind = ?, digest = ?,
        bytes = ?
      WHERE id = ?
      """)
    update.bind(1, step.identity.operation)
    update.bind(2, step.identity.version)
    update.bind(3, step.identity.numerics)
    update.bind(4, step.identity.arguments)
    update.bind(5, step.kind.rawValue)
    update.bind(6, step.output.digest)
    update.bind(7, step.output.bytes)
    update.bind(8, number)
    try update.run()
  }

  private func forgetRows(of step: Int) throws(StoreError) {
    for table in ["figures", "step_metrics", "scores", "samples", "sample_attempts"] {
      let delete = try connection.statement("DELETE FROM \(table) WHERE step = ?")
      delete.bind(1, step)
      try delete.run()
    }
  }

  private func insertFigures(_ step: FinishedStep, _ number: Int) throws(StoreError) {
    for (position, figure) in step.figures.enumerated() {
      let insert = try connection.statement(
        "INSERT INTO figures(step, position, name, value) VALUES (?, ?, ?, ?)")
      insert.bind(1, number)
      insert.bind(2, position)
      insert.bind(3, figure.name)
      insert.bind(4, figure.value)
      try insert.run()
    }
    // The last word on a position counts, as when an update is reported twice.
    let insert = try connection.statement(
      "INSERT OR REPLACE INTO step_metrics(step, name, position, value) VALUES (?, ?, ?, ?)")
    for point in step.curve {
      insert.bind(1, number)
      insert.bind(2, point.name)
      insert.bind(3, point.position)
      insert.bind(4, point.value)
      try insert.run()
    }
  }

  private func insertScores(_ scores: [QuestionScore], _ number: Int) throws(StoreError) {
    let insert = try connection.statement(
      """
      INSERT INTO scores(step, question, attempt, correct, reward, answer) VALUES (?, ?, ?, ?, ?, ?)
      """)
    for score in scores {
      insert.bind(1, number)
      insert.bind(2, score.question)
      insert.bind(3, score.attempt)
      insert.bind(4, score.score.isCorrect)
      insert.bind(5, Double(score.score.reward))
      insert.bind(6, score.score.answer)
      try insert.run()
    }
  }
}
