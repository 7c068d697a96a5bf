/// One temporary view a study, as wide as a reader would draw it.
struct StudyViews {
  let connection: Connection

  /// Creates the views of a document's studies, named as they are.
  func create(for document: String) throws(StoreError) {
    let studies = try connection.prepare(
      """
      SELECT s.id, s.name, s.axes FROM studies s JOIN documents d ON d.id = s.document
      WHERE d.path = ? AND s.current = 1 ORDER BY s.position
      """)
    studies.bind(1, document)
    // SQLite does not tell names apart by case; the first of two such studies has the name.
    var taken: Set<String> = []
    while try studies.step() {
      let name = studies.text(1)
      guard taken.insert(name.lowercased()).inserted else { continue }
      try create(name, study: studies.integer(0), axes: Store.strings(studies.text(2)))
    }
  }

  /// Narrows the store's own views to a document, so that what others hold changes nothing in its report.
  func narrow(to document: String) throws(StoreError) {
    for view in StoreSchema.viewNames where !StoreSchema.volatileNames.contains(view) {
      guard
        try connection.integer("SELECT count(*) FROM temp.sqlite_master WHERE lower(name) = '\(view)'") == 0
      else { continue }
      try connection.execute(
        "CREATE TEMP VIEW \(view) AS SELECT * FROM main.\(view) WHERE document = \(literal(document))")
    }
  }

  private func create(_ name: String, study: Int, axes: [String]) throws(StoreError) {
    let metrics = try connection.prepare("SELECT name FROM study_metrics WHERE study = ? ORDER BY position")
    metrics.bind(1, study)
    var columns = axes.map {
      "(SELECT x.value FROM main.settings x WHERE x.trial = m.id AND x.name = \(literal($0))) AS \(Self.quoted($0))"
    }
    columns += [
      "substr(m.key, 1, 12) AS trial", "m.seed AS seed", "m.iteration AS iteration",
      "m.iteration = m.last_iteration AS is_last",
    ]
    while try metrics.step() {
      let metric = metrics.text(0)
      columns.append(
        "max(CASE WHEN m.metric = \(literal(metric)) THEN m.value END) AS \(Self.quoted(metric))")
    }
    try connection.execute(
      """
      CREATE TEMP VIEW \(Self.quoted(name)) AS SELECT \(columns.joined(separator: ", "))
      FROM (SELECT t.id AS id, t.key AS key, t.seed AS seed, t.last_iteration AS last_iteration,
          t.position AS position, l.iteration AS iteration,
          CASE WHEN l.step IS NULL OR f.name = '' THEN l.name WHEN l.name = '' THEN f.name
            ELSE l.name || '.' || f.name END AS metric,
          CASE WHEN l.step IS NULL THEN l.value ELSE f.value END AS value
        FROM main.trials t JOIN main.logs l ON l.trial = t.id
          LEFT JOIN main.figures f ON f.step = l.step
        WHERE t.study = \(study) AND t.current = 1 AND (l.step IS NULL OR f.step IS NOT NULL)) m
      GROUP BY m.position, m.id, m.iteration
      """)
  }

  /// A name as SQL writes it.
  static func quoted(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  private func literal(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }
}
