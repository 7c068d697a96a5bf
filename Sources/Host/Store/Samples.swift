import Engine

/// Writes samples, each distinct text once.
struct SampleWriter {
  let connection: Connection

  func hasSamples(of step: Int) throws(StoreError) -> Bool {
    let rows = try connection.statement("SELECT EXISTS (SELECT 1 FROM samples WHERE step = ?)")
    rows.bind(1, step)
    defer { rows.reset() }
    return try rows.step() && rows.integer(0) == 1
  }

  /// Inside a transaction.
  func insert(_ samples: [SampleRecord], of step: Int) throws(StoreError) {
    guard !samples.isEmpty else { return }
    let texts = try TextNumbers(connection: connection)
    let sampleRow = try connection.statement(
      """
      INSERT INTO samples(step, position, question, sample, kept, reason) VALUES (?, ?, ?, ?, ?, ?)
      """)
    let attemptRow = try connection.statement(
      """
      INSERT INTO sample_attempts(
        step, position, attempt, prompt, text, answer, correct, reward, finish)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    for (position, sample) in samples.enumerated() {
      sampleRow.bind(1, step)
      sampleRow.bind(2, position)
      sampleRow.bind(3, sample.question)
      sampleRow.bind(4, sample.samples.map(String.init).joined(separator: "."))
      sampleRow.bind(5, sample.rejection == nil)
      sampleRow.bind(
        6, try sample.rejection.map { reason throws(StoreError) in try texts.number(of: reason) })
      try sampleRow.run()
      for (index, attempt) in sample.attempts.enumerated() {
        attemptRow.bind(1, step)
        attemptRow.bind(2, position)
        attemptRow.bind(3, index + 1)
        attemptRow.bind(4, try texts.number(of: attempt.prompt))
        attemptRow.bind(5, try texts.number(of: attempt.text))
        if let score = attempt.score {
          attemptRow.bind(6, try texts.number(of: score.answer))
          attemptRow.bind(7, score.isCorrect)
          attemptRow.bind(8, Double(score.reward))
        } else {
          for column: Int32 in 6...8 { attemptRow.bind(column, Optional<Int>.none) }
        }
        attemptRow.bind(9, attempt.finish?.rawValue)
        try attemptRow.run()
      }
    }
  }
}

/// The numbers by which samples know texts.
private final class TextNumbers {
  /// A text as its bytes: two spellings of one accented letter are two texts.
  private struct Text: Hashable {
    let text: String
    let hash: UInt64

    init(_ text: String) {
      var text = text
      // FNV-1a in 64 bits: finds a text among millions; the text itself decides.
      hash = text.withUTF8 { bytes in
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash
      }
      self.text = text
    }

    static func == (a: Text, b: Text) -> Bool {
      guard a.hash == b.hash else { return false }
      var (x, y) = (a.text, b.text)
      return x.withUTF8 { x in y.withUTF8 { y in x.elementsEqual(y) } }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }
  }

  private let find: Statement
  private let insert: Statement
  private let connection: Connection
  private var known: [Text: Int] = [:]

  init(connection: Connection) throws(StoreError) {
    self.connection = connection
    find = try connection.statement("SELECT id FROM texts WHERE hash = ?1 AND text = ?2")
    insert = try connection.statement("INSERT INTO texts(hash, text) VALUES (?, ?)")
  }

  func number(of string: String) throws(StoreError) -> Int {
    let text = Text(string)
    if let number = known[text] { return number }
    let hash = Int(truncatingIfNeeded: text.hash)
    find.bind(1, hash)
    find.bind(2, string)
    var number: Int?
    if try find.step() { number = find.integer(0) }
    find.reset()
    if number == nil {
      insert.bind(1, hash)
      insert.bind(2, string)
      try insert.run()
      number = Int(connection.lastInsertedRow)
    }
    known[text] = number
    return number ?? 0
  }
}

extension Store {
  /// In the order of the step's rows; of one question only, if given.
  package func samples(of key: Digest, question: Int? = nil, limit: Int = 1_000_000)
    throws(StoreError) -> [SampleRecord]
  {
    try withConnection { connection throws(StoreError) in
      let rows = try connection.statement(
        """
        SELECT p.position, p.question, p.sample, r.text, a.attempt, q.text, t.text, n.text, a.correct,
          a.reward, a.finish
        FROM (SELECT * FROM samples WHERE step = (SELECT id FROM steps WHERE key = ?1)
            AND (?2 IS NULL OR question = ?2) ORDER BY position LIMIT ?3) p
          LEFT JOIN sample_attempts a ON a.step = p.step AND a.position = p.position
          LEFT JOIN texts q ON q.id = a.prompt LEFT JOIN texts t ON t.id = a.text
          LEFT JOIN texts n ON n.id = a.answer LEFT JOIN texts r ON r.id = p.reason
        ORDER BY p.position, a.attempt
        """)
      rows.bind(1, key)
      rows.bind(2, question)
      rows.bind(3, limit)
      defer { rows.reset() }
      var samples: [SampleRecord] = []
      var position: Int?
      while try rows.step() {
        if rows.integer(0) != position {
          position = rows.integer(0)
          samples.append(
            SampleRecord(
              question: rows.integer(1),
              samples: rows.text(2).split(separator: ".").compactMap { Int($0) }, attempts: [],
              rejection: rows.optionalText(3)))
        }
        if !rows.isNull(4) { samples[samples.count - 1].attempts.append(Self.attempt(rows)) }
      }
      return samples
    }
  }

  private static func attempt(_ rows: Statement) -> SampleRecord.Attempt {
    let score: Score? =
      rows.isNull(7)
      ? nil
      : Score(
        answer: rows.text(7), isCorrect: rows.integer(8) != 0, reward: Float(rows.real(9) ?? .nan))
    return SampleRecord.Attempt(
      prompt: rows.text(5), text: rows.text(6), score: score,
      finish: rows.optionalText(10).flatMap(Turn.Finish.init(rawValue:)))
  }
}
