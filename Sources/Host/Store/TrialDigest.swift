extension Store {
  /// SHA-256 over everything deterministic that the store holds of a trial: one ordered query.
  ///
  /// `nil` if there is no such trial. Two stores in which a trial has the same digest hold the same settings, log entries, steps, values' digests, figures,
  /// scores and samples of it, whatever was recorded in which order, by how many threads, on whatever machine.
  package func digest(ofTrial key: Digest) throws(StoreError) -> Digest? {
    try withConnection { connection throws(StoreError) in
      let find = try connection.statement("SELECT id FROM trials WHERE key = ? ORDER BY id LIMIT 1")
      find.bind(1, key)
      var trial: Int?
      if try find.step() { trial = find.integer(0) }
      find.reset()
      guard let trial else { return nil }
      let rows = try connection.statement(Self.everything)
      rows.bind(1, trial)
      defer { rows.reset() }
      var hash = SHA256()
      hash.update("emend trial rows 1\0")
      var bytes: [UInt8] = []
      while try rows.step() {
        bytes.removeAll(keepingCapacity: true)
        for column in 0..<rows.columnCount { Self.append(rows.value(column), to: &bytes) }
        hash.update(bytes)
      }
      return hash.finalize()
    }
  }

  /// Type-tagged and length-prefixed, so that no two rows share an encoding.
  static func append(_ value: SQLValue, to bytes: inout [UInt8]) {
    switch value {
    case .null: bytes.append(0)
    case .integer(let number):
      bytes.append(1)
      CanonicalEncoding.append(UInt64(bitPattern: number), to: &bytes)
    case .real(let number):
      bytes.append(2)
      CanonicalEncoding.append(number, to: &bytes)
    case .text(let text):
      bytes.append(3)
      CanonicalEncoding.append(text, to: &bytes)
    case .blob(let content):
      bytes.append(4)
      CanonicalEncoding.append(count: content.count, to: &bytes)
      bytes += content
    }
  }

  /// Rows of one width, told apart by their first column. Steps are named by key, texts by themselves: the numbers that tables
  /// use for them depend on the order of recording.
  private static let everything = """
    WITH trial_part AS (SELECT * FROM trials WHERE id = ?1),
      needed AS (SELECT DISTINCT s.* FROM trial_steps ts JOIN steps s ON s.id = ts.step WHERE ts.trial = ?1
        UNION SELECT s.* FROM logs l JOIN steps s ON s.id = l.step WHERE l.trial = ?1)
    SELECT * FROM (
      SELECT 1 AS part, key AS a, 0 AS b, 0 AS c, settings AS d, seed AS e, last_iteration AS f,
        NULL AS g, NULL AS h, NULL AS i FROM trial_part
      UNION ALL SELECT 2, '', l.position, l.iteration, l.name, s.key, l.value, NULL, NULL, NULL
        FROM logs l LEFT JOIN steps s ON s.id = l.step WHERE l.trial = ?1
      UNION ALL SELECT 3, key, 0, 0, operation, version, numerics, arguments, digest, bytes
        FROM needed
      UNION ALL SELECT 4, n.key, x.position, 0, x.name, x.value, NULL, NULL, NULL, NULL
        FROM needed n JOIN figures x ON x.step = n.id
      UNION ALL SELECT 5, n.key, x.position, 0, x.name, x.value, NULL, NULL, NULL, NULL
        FROM needed n JOIN step_metrics x ON x.step = n.id
      UNION ALL SELECT 6, n.key, x.question, x.attempt, x.correct, x.reward, x.answer, NULL, NULL, NULL
        FROM needed n JOIN scores x ON x.step = n.id
      UNION ALL SELECT 7, n.key, x.position, x.question, x.sample, x.kept, t.text, NULL, NULL, NULL
        FROM needed n JOIN samples x ON x.step = n.id LEFT JOIN texts t ON t.id = x.reason
      UNION ALL SELECT 8, n.key, x.position, x.attempt, p.text, t.text, w.text, x.correct, x.reward, x.finish
        FROM needed n JOIN sample_attempts x ON x.step = n.id
          JOIN texts p ON p.id = x.prompt JOIN texts t ON t.id = x.text
          LEFT JOIN texts w ON w.id = x.answer)
    ORDER BY part, a, b, c, d
    """
}
