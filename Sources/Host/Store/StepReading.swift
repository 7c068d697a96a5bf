import Engine

extension Store {
  /// In the order of `keys`. Fast for hundreds of thousands.
  package func presence(of keys: [Digest]) throws(StoreError) -> [StepPresence] {
    try withConnection { connection throws(StoreError) in
      let rows = try connection.statement(
        """
        SELECT s.kind, s.digest, s.bytes, b.present FROM steps s LEFT JOIN blobs b ON b.digest = s.digest
        WHERE s.key = ? AND s.digest IS NOT NULL
        """)
      var found = [StepPresence](repeating: .absent, count: keys.count)
      // All answers of one instant.
      try connection.execute("BEGIN")
      defer { try? connection.execute("COMMIT") }
      // In the index's order, so that each of its pages is visited once.
      for position in keys.indices.sorted(by: { keys[$0] < keys[$1] }) {
        rows.bind(1, keys[position])
        if try rows.step(), let output = Self.output(rows, kind: 0, digest: 1, bytes: 2) {
          found[position] = rows.integer(3) == 1 ? .present(output) : .recorded(output)
        }
        rows.reset()
      }
      return found
    }
  }

  /// The numerics that finished steps were computed with.
  package func numerics() throws(StoreError) -> [String] {
    try withConnection { connection throws(StoreError) in
      let rows = try connection.statement(
        "SELECT DISTINCT numerics FROM steps WHERE digest IS NOT NULL ORDER BY numerics")
      defer { rows.reset() }
      var found: [String] = []
      while try rows.step() { found.append(rows.text(0)) }
      return found
    }
  }

  /// A finished step; `nil` if it is not finished.
  package func step(_ key: Digest) throws(StoreError) -> StepRecord? {
    try steps(where: "s.key = ?", key.hex).first
  }

  /// Finished steps whose keys start with these hexadecimal digits, by key.
  package func steps(withPrefix prefix: String) throws(StoreError) -> [StepRecord] {
    guard let (low, high) = Self.range(ofPrefix: prefix) else { return [] }
    return try steps(where: "s.key >= ? AND s.key < ?", low, high)
  }

  /// Finished steps of an operation, the latest first: where to look for the step that one was before an edit.
  package func steps(of operation: String, limit: Int) throws(StoreError) -> [StepRecord] {
    try steps(where: "s.operation = ?", operation, order: "s.id DESC LIMIT \(limit)")
  }

  /// Steps whose value comes from this one, by key.
  package func steps(using key: Digest) throws(StoreError) -> [StepRecord] {
    try steps(
      where: """
        s.id IN (SELECT i.step FROM step_inputs i JOIN steps t ON t.id = i.input WHERE t.key = ?)
        """, key.hex)
  }

  private func steps(where condition: String, _ parameters: String..., order: String = "s.key")
    throws(StoreError) -> [StepRecord]
  {
    try withConnection { connection throws(StoreError) in
      let rows = try connection.statement(
        """
        SELECT s.key, s.operation, s.version, s.numerics, s.arguments, s.kind, s.digest, s.bytes,
          (SELECT group_concat(i.key) FROM step_inputs e JOIN steps i ON i.id = e.input
            WHERE e.step = s.id)
        FROM steps s WHERE s.digest IS NOT NULL AND \(condition) ORDER BY \(order)
        """)
      for (index, parameter) in parameters.enumerated() { rows.bind(Int32(index + 1), parameter) }
      defer { rows.reset() }
      var found: [StepRecord] = []
      while try rows.step() {
        guard let key = rows.digest(0), let output = Self.output(rows, kind: 5, digest: 6, bytes: 7)
        else { continue }
        let inputs = rows.text(8).split(separator: ",").compactMap { Digest(hex: $0) }.sorted()
        found.append(
          StepRecord(
            identity: StepIdentity(
              key: key, operation: rows.text(1), version: rows.integer(2), numerics: rows.text(3),
              arguments: rows.text(4), inputs: inputs),
            output: output))
      }
      return found
    }
  }

  private static func output(_ rows: Statement, kind: Int32, digest: Int32, bytes: Int32) -> StepOutput? {
    guard let kind = ValueKind(rawValue: rows.text(kind)), let digest = rows.digest(digest) else {
      return nil
    }
    return StepOutput(kind: kind, blob: Blob(digest: digest, bytes: rows.integer(bytes)))
  }

  /// The texts between which keys with this prefix lie; `nil` if it is no prefix of a key.
  static func range(ofPrefix prefix: String) -> (String, String)? {
    let prefix = prefix.lowercased()
    guard !prefix.isEmpty, prefix.utf8.count <= 64,
      prefix.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
    else { return nil }
    return (prefix, prefix + "g")
  }

  /// The latest failure of each step that has failed and not succeeded since, by key.
  package func failures() throws(StoreError) -> [FailureRecord] {
    try withConnection { connection throws(StoreError) in
      let rows = try connection.statement(
        """
        SELECT s.key, a.operation, a.error, a.remedy, n.attempts
        FROM (SELECT step, max(id) AS last, count(*) AS attempts FROM attempts
            WHERE status = 'failed' GROUP BY step) n
          JOIN attempts a ON a.id = n.last JOIN steps s ON s.id = n.step
        WHERE s.digest IS NULL ORDER BY s.key
        """)
      defer { rows.reset() }
      var found: [FailureRecord] = []
      while try rows.step() {
        guard let key = rows.digest(0) else { continue }
        found.append(
          FailureRecord(
            key: key, operation: rows.text(1), message: rows.text(2), remedy: rows.text(3),
            attempts: rows.integer(4)))
      }
      return found
    }
  }

  /// A finished step's figures, in the order in which it gave them.
  package func figures(of key: Digest) throws(StoreError) -> [StepFigure] {
    try rows(
      "SELECT name, value FROM figures WHERE step = (SELECT id FROM steps WHERE key = ?) ORDER BY position",
      of: key
    ) { StepFigure(name: $0.text(0), value: $0.real(1)) }
  }

  /// A finished step's figures of the way, by name, then position.
  package func curve(of key: Digest) throws(StoreError) -> [CurvePoint] {
    try rows(
      """
      SELECT name, position, value FROM step_metrics WHERE step = (SELECT id FROM steps WHERE key = ?)
      ORDER BY name, position
      """, of: key
    ) { CurvePoint(name: $0.text(0), position: $0.integer(1), value: $0.real(2)) }
  }

  /// What each question's attempts were worth, by question, then attempt.
  package func scores(of key: Digest) throws(StoreError) -> [QuestionScore] {
    try rows(
      """
      SELECT question, attempt, correct, reward, answer FROM scores
      WHERE step = (SELECT id FROM steps WHERE key = ?) ORDER BY question, attempt
      """, of: key
    ) {
      QuestionScore(
        question: $0.integer(0), attempt: $0.integer(1),
        score: Score(
          answer: $0.text(4), isCorrect: $0.integer(2) != 0, reward: Float($0.real(3) ?? .nan)))
    }
  }

  private func rows<Row>(_ sql: String, of key: Digest, _ row: (Statement) -> Row) throws(StoreError)
    -> [Row]
  {
    try withConnection { connection throws(StoreError) in
      let statement = try connection.statement(sql)
      statement.bind(1, key)
      defer { statement.reset() }
      var found: [Row] = []
      while try statement.step() { found.append(row(statement)) }
      return found
    }
  }
}
