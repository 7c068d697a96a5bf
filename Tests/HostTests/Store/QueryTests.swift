import Host
import Testing

@Suite struct QueryTests {
  private let folder: TemporaryFolder
  private let store: Store

  init() throws {
    folder = try TemporaryFolder()
    store = try Store.open(at: folder.path, for: .write)
    try Sample.fill(store)
  }

  private func refusal(
    _ sql: String, _ purpose: QueryPurpose = .exploration(document: nil), seconds: Double = 5
  ) -> QueryRefusal? {
    do throws(StoreError) {
      _ = try store.query(sql, for: purpose, seconds: seconds)
      return nil
    } catch {
      guard case .refused(let refusal) = error else {
        Issue.record("\(sql): \(error)")
        return nil
      }
      #expect(!refusal.message.isEmpty && !refusal.remedy.isEmpty)
      return refusal
    }
  }

  @Test(arguments: [
    "INSERT INTO documents(path, source, plan) VALUES ('x', 'x', 'x')", "UPDATE trials SET current = 0",
    "DELETE FROM steps",
    "DROP TABLE steps", "CREATE TABLE x(a)", "CREATE TEMP TABLE x(a)", "CREATE VIEW v AS SELECT 1",
    "ALTER TABLE steps RENAME TO s",
    "PRAGMA user_version = 3", "PRAGMA writable_schema = ON", "PRAGMA table_info(steps)",
    "PRAGMA query_only = OFF",
    "ATTACH '/tmp/other.sqlite' AS other", "DETACH main", "VACUUM", "REINDEX", "ANALYZE", "BEGIN", "COMMIT",
    "SAVEPOINT s",
    "SELECT load_extension('x')", "SELECT * FROM pragma_table_info('steps')", "EXPLAIN DELETE FROM steps",
    "WITH x AS (SELECT 1) DELETE FROM steps", "REPLACE INTO sources VALUES ('a', 'b')",
  ])
  func `a query does nothing but read`(sql: String) throws {
    let before = try store.digest(ofTrial: Sample.key("t1"))
    let refused = refusal(sql)
    #expect(refused != nil)
    #expect(try store.digest(ofTrial: Sample.key("t1")) == before)
    #expect(try store.trials(of: "variants", in: "a.md").count == 3)
  }

  @Test func `a query is one statement`() throws {
    for sql in ["", "  -- nothing\n", ";", "SELECT 1; SELECT 2", "SELECT 1; DELETE FROM steps"] {
      #expect(refusal(sql) != nil, "\(sql)")
    }
    #expect(
      try store.query("SELECT 1; -- that is all\n ; ", for: .exploration(document: nil)).rows == [
        [.integer(1)]
      ])
  }

  @Test func `a mistake is answered with the names that there are`() throws {
    guard case .wrong(let message, _)? = refusal("SELECT * FROM last_metric") else {
      Issue.record("no refusal")
      return
    }
    #expect(message.contains("last_metric"))
    #expect(refusal("SELECT * FROM last_metric")?.remedy.contains("last_metrics") == true)
    #expect(refusal("SELEC 1") != nil)
  }

  @Test(arguments: [
    "SELECT seconds FROM step_times", "SELECT * FROM runs", "SELECT count(*) FROM Attempts",
    "SELECT random()",
    "SELECT datetime('now')", "SELECT CURRENT_TIMESTAMP", "SELECT strftime('%s', 'now')",
    "SELECT * FROM variants WHERE seed IN (SELECT threads FROM attempts)", "SELECT sqlite_version()",
  ])
  func `a report reads nothing that differs between runs`(sql: String) throws {
    guard case .notAllowed(let what, _)? = refusal(sql, .report(document: "a.md")) else {
      Issue.record("allowed: \(sql)")
      return
    }
    #expect(what.contains("in a report"))
    if !sql.contains("variants") { #expect(refusal(sql) == nil, "a person may") }
  }

  @Test func `an endless query ends, and so does an endless result`() throws {
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    #expect(refusal("\(endless) SELECT count(*) FROM n", seconds: 0.05) == .tooSlow(seconds: 0.05))
    #expect(refusal("\(endless) SELECT i FROM n") == .tooManyRows(limit: 10_000))
    #expect(refusal("SELECT zeroblob(1000000000)") != nil)
    #expect(
      try store.query("\(endless) SELECT i FROM n LIMIT 10000", for: .exploration(document: nil)).rows.count
        == 10_000)
  }

  @Test func `values keep their types`() throws {
    let result = try store.query(
      "SELECT 1 AS a, 1.0 AS b, 'x' AS c, NULL AS d, x'00ff' AS e, 9e999 AS f",
      for: .exploration(document: nil))
    #expect(result.columns == ["a", "b", "c", "d", "e", "f"])
    #expect(result.rows == [[.integer(1), .real(1), .text("x"), .null, .blob([0, 255]), .real(.infinity)]])
  }

  @Test func `names of studies, axes and metrics may be anything`() throws {
    var plan = Sample.plan(Sample.trials)
    plan.studies[0].name = #"steps"; DROP TABLE x; --'"#
    plan.studies[0].axes = [#"a"b'c"#, "select"]
    plan.studies[0].metrics.append(
      MetricRegistration(name: "it's \"m\"", unit: "share", direction: "neither"))
    var second = plan.studies[0]
    second.name = "samples"
    second.axes = ["trial", "Seed"]
    plan.studies.append(second)
    try store.register(plan)
    let result = try store.query(
      #"SELECT "a""b'c", "select", "it's ""m""" FROM "steps""; DROP TABLE x; --'" LIMIT 1"#,
      for: .report(document: "a.md"))
    #expect(result.columns == [#"a"b'c"#, "select", "it's \"m\""])
    #expect(
      try store.query("SELECT * FROM samples", for: .report(document: "a.md")).columns.prefix(3) == [
        "trial", "Seed", "trial:1",
      ])
    #expect(
      try store.query("SELECT count(*) FROM main.samples", for: .report(document: "a.md")).rows == [
        [.integer(12)]
      ])
    #expect(refusal("SELECT * FROM variants", .report(document: "b.md")) != nil)
  }
}
