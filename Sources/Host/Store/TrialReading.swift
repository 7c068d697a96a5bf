extension Store {
  /// Studies of a document's present plan, or of all documents, in the documents' order.
  package func studies(of document: String?) throws(StoreError) -> [StudyRecord] {
    try withConnection { connection throws(StoreError) in
      let rows = try connection.statement(
        """
        SELECT s.id, d.path, s.name, s.algorithm, s.key, s.axes,
          (SELECT count(*) FROM trials t WHERE t.study = s.id AND t.current = 1),
          (SELECT count(*) FROM trials t WHERE t.study = s.id AND t.current = 1 AND NOT EXISTS (
            SELECT 1 FROM logs l JOIN steps p ON p.id = l.step
            WHERE l.trial = t.id AND p.digest IS NULL))
        FROM studies s JOIN documents d ON d.id = s.document
        WHERE s.current = 1 AND (?1 IS NULL OR d.path = ?1) ORDER BY d.path, s.position
        """)
      rows.bind(1, document)
      defer { rows.reset() }
      var found: [StudyRecord] = []
      while try rows.step() {
        guard let key = rows.digest(4) else { continue }
        found.append(
          StudyRecord(
            document: rows.text(1), name: rows.text(2), algorithm: rows.text(3), key: key,
            axes: Self.strings(rows.text(5)),
            metrics: try Self.metrics(of: rows.integer(0), connection), trials: rows.integer(6),
            finishedTrials: rows.integer(7)))
      }
      return found
    }
  }

  /// Trials of a study in the plan's order, with logs and the figures known by now.
  package func trials(of study: String, in document: String, currentOnly: Bool = true)
    throws(StoreError) -> [TrialRecord]
  {
    try trials(
      where: "d.path = ? AND s.name = ?" + (currentOnly ? " AND t.current = 1" : ""), document, study)
  }

  /// Trials whose key starts with these hexadecimal digits, current ones first.
  package func trials(withPrefix prefix: String) throws(StoreError) -> [TrialRecord] {
    guard let (low, high) = Self.range(ofPrefix: prefix) else { return [] }
    return try trials(where: "t.key >= ? AND t.key < ?", low, high)
  }

  private func trials(where condition: String, _ parameters: String...) throws(StoreError)
    -> [TrialRecord]
  {
    try withConnection { connection throws(StoreError) in
      let rows = try connection.statement(
        """
        SELECT t.id, d.path, s.name, t.key, t.current, t.settings, s.axes, t.seed, r.key
        FROM trials t JOIN studies s ON s.id = t.study JOIN documents d ON d.id = s.document
          LEFT JOIN steps r ON r.id = t.result
        WHERE \(condition) ORDER BY t.current DESC, d.path, s.position, t.position, t.key
        """)
      for (index, parameter) in parameters.enumerated() { rows.bind(Int32(index + 1), parameter) }
      defer { rows.reset() }
      var found: [TrialRecord] = []
      while try rows.step() {
        guard let key = rows.digest(3) else { continue }
        let settings = JSON(parsing: rows.text(5)) ?? .object([])
        let axes = Self.strings(rows.text(6))
        found.append(
          TrialRecord(
            document: rows.text(1), study: rows.text(2), key: key, isCurrent: rows.integer(4) != 0,
            settings: Self.settings(settings, axes: axes), seed: rows.integer(7),
            logs: try Self.logs(of: rows.integer(0), connection), result: rows.digest(8)))
      }
      return found
    }
  }

  private static func settings(_ settings: JSON, axes: [String]) -> [TrialSetting] {
    guard case .object(let members) = settings else { return [] }
    // A trial of an earlier plan may have axes that the study no longer has; they come last.
    let names = axes + members.map(\.name).filter { !axes.contains($0) }
    return names.compactMap { name in
      settings[name].map { TrialSetting(name: name, value: SettingValue(json: $0)) }
    }
  }

  private static func logs(of trial: Int, _ connection: Connection) throws(StoreError) -> [TrialLog] {
    let rows = try connection.statement(
      """
      SELECT l.position, l.iteration, l.name, l.value, p.key, p.digest IS NOT NULL, f.name, f.value
      FROM logs l LEFT JOIN steps p ON p.id = l.step LEFT JOIN figures f ON f.step = l.step
      WHERE l.trial = ? ORDER BY l.position, f.position
      """)
    rows.bind(1, trial)
    defer { rows.reset() }
    var logs: [TrialLog] = []
    var position: Int?
    while try rows.step() {
      let name = rows.text(2)
      let step = rows.digest(4)
      if rows.integer(0) != position {
        position = rows.integer(0)
        var log = TrialLog(
          iteration: rows.integer(1), name: name.isEmpty ? nil : name, step: step, figures: nil)
        if step == nil {
          log.figures = [StepFigure(name: name, value: rows.real(3))]
        } else if rows.integer(5) != 0 {
          log.figures = []
        }
        logs.append(log)
      }
      guard step != nil, !rows.isNull(6) else { continue }
      let figure = rows.text(6)
      let full = name.isEmpty ? figure : figure.isEmpty ? name : "\(name).\(figure)"
      logs[logs.count - 1].figures?.append(StepFigure(name: full, value: rows.real(7)))
    }
    return logs
  }

  private static func metrics(of study: Int, _ connection: Connection) throws(StoreError)
    -> [MetricRegistration]
  {
    let rows = try connection.statement(
      "SELECT name, unit, direction FROM study_metrics WHERE study = ? ORDER BY position")
    rows.bind(1, study)
    defer { rows.reset() }
    var found: [MetricRegistration] = []
    while try rows.step() {
      found.append(
        MetricRegistration(name: rows.text(0), unit: rows.text(1), direction: rows.text(2)))
    }
    return found
  }

  static func strings(_ text: String) -> [String] {
    guard case .array(let items)? = JSON(parsing: text) else { return [] }
    return items.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }
}
