import CSQLite

/// For whom a query is answered, which decides what it may read.
package enum QueryPurpose: Sendable, Hashable {
  /// For a document's report: nothing that differs between runs may be read (times, machines, `random()`).
  case report(document: String)
  /// For a person: everything may be read. With a document, its studies are views too.
  case exploration(document: String?)

  var document: String? {
    switch self {
    case .report(let document): document
    case .exploration(let document): document
    }
  }
}

extension Store {
  /// Answers one SELECT, on a connection of its own that cannot write.
  ///
  /// Besides the views of the store there is one for each study of the document, with a column for each axis, then `trial`,
  /// `seed`, `iteration`, `is_last`, and one for each metric.
  /// - Throws: `StoreError.refused` with a reason where it is not answered.
  package func query(
    _ sql: String, for purpose: QueryPurpose, rowLimit: Int = 10_000, seconds: Double = 10
  ) throws(StoreError) -> QueryResult {
    let connection = try Self.openToRead(path)
    try connection.execute("PRAGMA query_only = OFF")
    if let document = purpose.document { try StudyViews(connection: connection).create(for: document) }
    if case .report(let document) = purpose { try StudyViews(connection: connection).narrow(to: document) }
    try connection.execute("PRAGMA query_only = ON")
    let guardian = QueryGuard(purpose: purpose, seconds: seconds)
    guardian.install(on: connection)
    defer { guardian.remove(from: connection) }
    do throws(StoreError) {
      return try Self.rows(of: sql, on: connection, limit: rowLimit)
    } catch .sqlite(let error) {
      if let refusal = guardian.refusal { throw .refused(refusal) }
      switch error.code & 0xFF {
      case SQLITE_INTERRUPT: throw .refused(.tooSlow(seconds: seconds))
      case SQLITE_ERROR, SQLITE_AUTH, SQLITE_TOOBIG, SQLITE_MISUSE, SQLITE_MISMATCH, SQLITE_RANGE:
        throw .refused(.wrong(message: error.message, sql: sql))
      default: throw StoreFile.meaning(of: .sqlite(error), path: path)
      }
    }
  }

  /// A study as one table, for export: a row for each trial and iteration, a column for each axis, then `trial`, `seed`,
  /// `iteration`, `is_last`, and one for each metric.
  package func table(of study: String, in document: String) throws(StoreError) -> QueryResult {
    let name = StudyViews.quoted(study)
    return try query(
      "SELECT * FROM temp.\(name)", for: .report(document: document), rowLimit: 10_000_000, seconds: 600)
  }

  private static func rows(of sql: String, on connection: Connection, limit: Int) throws(StoreError)
    -> QueryResult
  {
    guard let statement = try first(of: sql, on: connection) else { throw .refused(.notOneStatement) }
    if try first(of: statement.rest, on: connection) != nil { throw .refused(.notOneStatement) }
    guard sqlite3_stmt_readonly(statement.handle) != 0, statement.columnCount > 0 else {
      throw .refused(.notOneStatement)
    }
    var result = QueryResult(
      columns: (0..<statement.columnCount).map { statement.columnName($0) }, rows: [])
    while try statement.step() {
      guard result.rows.count < limit else { throw .refused(.tooManyRows(limit: limit)) }
      result.rows.append((0..<statement.columnCount).map { statement.value($0) })
    }
    return result
  }

  /// `nil` where there are only spaces and comments.
  private static func first(of sql: String, on connection: Connection) throws(StoreError) -> Statement? {
    do throws(StoreError) {
      return try connection.prepare(sql)
    } catch .sqlite(let error) where error.code == SQLITE_MISUSE {
      return nil
    }
  }
}

/// What keeps a query to reading, and to its time.
private final class QueryGuard {
  private let purpose: QueryPurpose
  private let deadline: ContinuousClock.Instant
  private(set) var refusal: QueryRefusal?

  init(purpose: QueryPurpose, seconds: Double) {
    self.purpose = purpose
    deadline = .now + .seconds(seconds)
  }

  func install(on connection: Connection) {
    sqlite3_limit(connection.handle, SQLITE_LIMIT_LENGTH, 100_000_000)
    let myself = Unmanaged.passUnretained(self).toOpaque()
    sqlite3_set_authorizer(
      connection.handle,
      { context, action, first, second, _, _ in
        guard let context else { return SQLITE_DENY }
        let guardian = Unmanaged<QueryGuard>.fromOpaque(context).takeUnretainedValue()
        return guardian.judge(
          action, first.map { String(cString: $0) } ?? "", second.map { String(cString: $0) } ?? "")
      }, myself)
    sqlite3_progress_handler(
      connection.handle, 10_000,
      { context in
        guard let context else { return 1 }
        let guardian = Unmanaged<QueryGuard>.fromOpaque(context).takeUnretainedValue()
        return ContinuousClock.now < guardian.deadline ? 0 : 1
      }, myself)
  }

  /// Before this object goes.
  func remove(from connection: Connection) {
    sqlite3_set_authorizer(connection.handle, nil, nil)
    sqlite3_progress_handler(connection.handle, 0, nil, nil)
  }

  private func judge(_ action: Int32, _ first: String, _ second: String) -> Int32 {
    switch action {
    case SQLITE_SELECT, SQLITE_RECURSIVE: return SQLITE_OK
    case SQLITE_READ: return judge(table: first.lowercased())
    case SQLITE_FUNCTION: return judge(function: second.lowercased())
    case SQLITE_PRAGMA: return refuse("PRAGMA \(first)", "ask for rows with SELECT")
    case SQLITE_ATTACH, SQLITE_DETACH: return refuse("ATTACH", "a query reads this store only")
    case SQLITE_TRANSACTION, SQLITE_SAVEPOINT:
      return refuse("a transaction", "a query is one SELECT")
    default: return refuse("changing the store", "a query only reads; write SELECT …")
    }
  }

  private func judge(table: String) -> Int32 {
    if table.hasPrefix("pragma_") || table.hasPrefix("sqlite_dbpage") {
      return refuse("reading \(table)", "read the views, such as last_metrics")
    }
    if case .report = purpose, StoreSchema.volatileNames.contains(table) {
      return refuse(
        "`\(table)` in a report",
        "it differs between runs, and a report must not; look at it with `emend query`")
    }
    return SQLITE_OK
  }

  private func judge(function: String) -> Int32 {
    if function == "load_extension" { return refuse("load_extension()", "leave it out") }
    if case .report = purpose, Self.unstable.contains(function) {
      return refuse(
        "\(function)() in a report", "it may differ between runs or machines, and a report must not")
    }
    return SQLITE_OK
  }

  private func refuse(_ what: String, _ remedy: String) -> Int32 {
    refusal = refusal ?? .notAllowed(what: what, remedy: remedy)
    return SQLITE_DENY
  }

  private static let unstable: Set<String> = [
    "random", "randomblob", "date", "time", "datetime", "julianday", "unixepoch", "strftime",
    "timediff", "current_date", "current_time", "current_timestamp", "changes", "total_changes",
    "last_insert_rowid", "sqlite_version", "sqlite_source_id", "sqlite_compileoption_get",
    "sqlite_compileoption_used",
  ]
}
