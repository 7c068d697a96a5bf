extension Store {
  /// Makes the document's trials those of this plan.
  ///
  /// Trials and studies that the document no longer has stay, and are no longer current. Registering the same plan again
  /// changes nothing.
  package func register(_ plan: PlanRegistration) throws(StoreError) {
    try write { connection throws(StoreError) in
      try Registrar(connection: connection).register(plan)
    }
  }

  /// Paths of all documents, sorted.
  package func documents() throws(StoreError) -> [String] {
    try withConnection { connection throws(StoreError) in
      let rows = try connection.statement("SELECT path FROM documents ORDER BY path")
      defer { rows.reset() }
      var paths: [String] = []
      while try rows.step() { paths.append(rows.text(0)) }
      return paths
    }
  }

  /// A document as it was registered last; `nil` if it never was.
  package func document(_ path: String) throws(StoreError) -> DocumentRecord? {
    try withConnection { connection throws(StoreError) in
      let rows = try connection.statement(
        "SELECT s.text, d.plan FROM documents d JOIN sources s ON s.digest = d.source WHERE d.path = ?")
      rows.bind(1, path)
      defer { rows.reset() }
      guard try rows.step(), let plan = rows.digest(1) else { return nil }
      return DocumentRecord(path: path, text: rows.text(0), planKey: plan)
    }
  }
}

/// A registration under way, inside a transaction.
private struct Registrar {
  let connection: Connection
  let steps: StepNumbers

  init(connection: Connection) {
    self.connection = connection
    steps = StepNumbers(connection: connection)
  }

  func register(_ plan: PlanRegistration) throws(StoreError) {
    let source = Digest(of: plan.text)
    let sources = try connection.statement("INSERT OR IGNORE INTO sources(digest, text) VALUES (?, ?)")
    sources.bind(1, source)
    sources.bind(2, plan.text)
    try sources.run()
    let documents = try connection.statement(
      """
      INSERT INTO documents(path, source, plan) VALUES (?1, ?2, ?3)
      ON CONFLICT(path) DO UPDATE SET source = ?2, plan = ?3
      """)
    documents.bind(1, plan.document)
    documents.bind(2, source)
    documents.bind(3, plan.key)
    try documents.run()
    let document = try number("SELECT id FROM documents WHERE path = ?", plan.document)
    let retire = try connection.statement("UPDATE studies SET current = 0 WHERE document = ?")
    retire.bind(1, document)
    try retire.run()
    let retireTrials = try connection.statement(
      """
      UPDATE trials SET current = 0
      WHERE current = 1 AND study IN (SELECT id FROM studies WHERE document = ?)
      """)
    retireTrials.bind(1, document)
    try retireTrials.run()
    for (position, study) in plan.studies.enumerated() {
      try register(study, position: position, document: document)
    }
    let forget = try connection.statement("DELETE FROM kept_values WHERE document = ?")
    forget.bind(1, document)
    try forget.run()
    try steps.prepare(Set(plan.kept))
    for key in plan.kept {
      let keep = try connection.statement("INSERT INTO kept_values(step, document) VALUES (?, ?)")
      keep.bind(1, try steps.number(of: key))
      keep.bind(2, document)
      try keep.run()
    }
  }

  private func register(_ study: StudyRegistration, position: Int, document: Int) throws(StoreError) {
    let studies = try connection.statement(
      """
      INSERT INTO studies(document, name, position, algorithm, key, axes, current)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)
      ON CONFLICT(document, name) DO UPDATE
      SET position = ?3, algorithm = ?4, key = ?5, axes = ?6, current = 1
      """)
    studies.bind(1, document)
    studies.bind(2, study.name)
    studies.bind(3, position)
    studies.bind(4, study.algorithm)
    studies.bind(5, study.key)
    studies.bind(6, JSON.array(study.axes.map(JSON.string)).text)
    try studies.run()
    let number = try number("SELECT id FROM studies WHERE document = \(document) AND name = ?", study.name)
    try register(study.metrics, of: number)
    var known: [Digest: Int] = [:]
    let existing = try connection.statement("SELECT id, key FROM trials WHERE study = ?")
    existing.bind(1, number)
    while try existing.step() {
      if let key = existing.digest(1) { known[key] = existing.integer(0) }
    }
    try prepareSteps(of: study.trials.filter { known[$0.key] == nil })
    for (position, trial) in study.trials.enumerated() {
      if let id = known[trial.key] {
        try renew(id, trial, axes: study.axes, position: position)
      } else {
        known[trial.key] = try insert(trial, axes: study.axes, position: position, study: number)
      }
    }
  }

  /// What the recipe's text changes of a trial that computes the same: its place among the others, and what its settings are called.
  private func renew(_ id: Int, _ trial: TrialRegistration, axes: [String], position: Int)
    throws(StoreError)
  {
    let settings = Self.sorted(axes, trial.settings)
    let update = try connection.statement(
      "UPDATE trials SET position = ?, settings = ?, current = 1 WHERE id = ?")
    update.bind(1, position)
    update.bind(2, Self.json(settings).text)
    update.bind(3, id)
    try update.run()
    for (name, value) in settings {
      let update = try connection.statement("UPDATE settings SET value = ? WHERE trial = ? AND name = ?")
      update.bind(1, value)
      update.bind(2, id)
      update.bind(3, name)
      try update.run()
    }
  }

  private static func sorted(_ axes: [String], _ settings: [SettingValue]) -> [(
    name: String, value: SettingValue
  )] {
    zip(axes, settings).sorted { $0.0 < $1.0 }.map { ($0, $1) }
  }

  private static func json(_ settings: [(name: String, value: SettingValue)]) -> JSON {
    .object(settings.map { JSONMember($0.name, $0.value.json) })
  }

  private func prepareSteps(of trials: [TrialRegistration]) throws(StoreError) {
    var keys: Set<Digest> = []
    for trial in trials {
      for step in trial.steps { keys.insert(step.step) }
      for log in trial.logs {
        if case .step(let key) = log.source { keys.insert(key) }
      }
    }
    try steps.prepare(keys)
  }

  private func register(_ metrics: [MetricRegistration], of study: Int) throws(StoreError) {
    let clear = try connection.statement("DELETE FROM study_metrics WHERE study = ?")
    clear.bind(1, study)
    try clear.run()
    for (position, metric) in metrics.enumerated() {
      let insert = try connection.statement(
        "INSERT INTO study_metrics(study, position, name, unit, direction) VALUES (?, ?, ?, ?, ?)")
      insert.bind(1, study)
      insert.bind(2, position)
      insert.bind(3, metric.name)
      insert.bind(4, metric.unit)
      insert.bind(5, metric.direction)
      try insert.run()
    }
  }

  private func insert(_ trial: TrialRegistration, axes: [String], position: Int, study: Int)
    throws(StoreError) -> Int
  {
    let settings = Self.sorted(axes, trial.settings)
    let insert = try connection.statement(
      """
      INSERT INTO trials(study, key, position, settings, seed, last_iteration, result, current)
      VALUES (?, ?, ?, ?, ?, ?, ?, 1)
      """)
    insert.bind(1, study)
    insert.bind(2, trial.key)
    insert.bind(3, position)
    insert.bind(4, Self.json(settings).text)
    insert.bind(5, trial.seed)
    insert.bind(6, trial.logs.map(\.iteration).max())
    if let result = trial.result { insert.bind(7, try steps.number(of: result)) }
    try insert.run()
    let id = Int(connection.lastInsertedRow)
    for (name, value) in settings {
      let insert = try connection.statement("INSERT INTO settings(trial, name, value) VALUES (?, ?, ?)")
      insert.bind(1, id)
      insert.bind(2, name)
      insert.bind(3, value)
      try insert.run()
    }
    for (position, log) in trial.logs.enumerated() {
      let insert = try connection.statement(
        "INSERT INTO logs(trial, position, iteration, name, step, value) VALUES (?, ?, ?, ?, ?, ?)")
      insert.bind(1, id)
      insert.bind(2, position)
      insert.bind(3, log.iteration)
      insert.bind(4, log.name ?? "")
      switch log.source {
      case .step(let key): insert.bind(5, try steps.number(of: key))
      case .number(let value): insert.bind(6, value)
      }
      try insert.run()
    }
    for (position, step) in trial.steps.enumerated() {
      let insert = try connection.statement(
        "INSERT INTO trial_steps(trial, position, step, iteration) VALUES (?, ?, ?, ?)")
      insert.bind(1, id)
      insert.bind(2, position)
      insert.bind(3, try steps.number(of: step.step))
      insert.bind(4, step.iteration)
      try insert.run()
    }
    return id
  }

  private func number(_ sql: String, _ parameter: String) throws(StoreError) -> Int {
    let rows = try connection.statement(sql)
    rows.bind(1, parameter)
    defer { rows.reset() }
    return try rows.step() ? rows.integer(0) : 0
  }
}

/// The numbers by which tables know steps, made when a step is first heard of.
final class StepNumbers {
  private let connection: Connection
  private var known: [Digest: Int] = [:]

  init(connection: Connection) {
    self.connection = connection
  }

  /// Makes the numbers of many steps. In the order of their keys, the index grows at its end instead of all over.
  func prepare(_ keys: Set<Digest>) throws(StoreError) {
    for key in keys.subtracting(known.keys).sorted() {
      let insert = try connection.statement("INSERT OR IGNORE INTO steps(key) VALUES (?)")
      insert.bind(1, key)
      try insert.run()
      if connection.changes == 1 { known[key] = Int(connection.lastInsertedRow) }
    }
  }

  /// Inside a transaction.
  func number(of key: Digest) throws(StoreError) -> Int {
    if let number = known[key] { return number }
    let find = try connection.statement("SELECT id FROM steps WHERE key = ?")
    find.bind(1, key)
    var number: Int?
    if try find.step() { number = find.integer(0) }
    find.reset()
    if number == nil {
      let insert = try connection.statement("INSERT INTO steps(key) VALUES (?)")
      insert.bind(1, key)
      try insert.run()
      number = Int(connection.lastInsertedRow)
    }
    known[key] = number
    return number ?? 0
  }
}

extension SettingValue {
  /// As it stands in a trial's settings.
  package var json: JSON {
    switch self {
    case .bool(let bool): .bool(bool)
    case .int(let int): .int(int)
    case .float(let double): .float(double)
    case .text(let text): .string(text)
    }
  }

  /// From a member of a trial's settings.
  package init(json: JSON) {
    switch json {
    case .bool(let bool): self = .bool(bool)
    case .number(let text):
      if let int = Int(text) { self = .int(int) } else { self = .float(Double(text) ?? .nan) }
    case .string(let text): self = .text(text)
    case .null, .array, .object: self = .text(json.text)
    }
  }
}
