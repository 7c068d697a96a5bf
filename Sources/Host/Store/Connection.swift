import CSQLite

/// An open database, in SQLite's own words. Not for several threads at once.
package final class Connection {
  /// What the connection may do.
  package enum Mode: Sendable {
    case readWriteCreate
    case readOnly
    /// For a database on a medium that nobody can write: needs no `-shm` file beside it.
    case immutable
  }

  let handle: OpaquePointer
  private var prepared: [String: Statement] = [:]

  /// Opens the database at `path`.
  package init(path: String, mode: Mode) throws(StoreError) {
    let flags: Int32 =
      switch mode {
      case .readWriteCreate: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      case .readOnly: SQLITE_OPEN_READONLY
      case .immutable: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
      }
    var name = path
    if case .immutable = mode { name = "file:\(Self.uriEncoded(path))?immutable=1" }
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(name, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let handle = opened else {
      let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(opened)
      throw .sqlite(SQLiteError(code: code, message: message, sql: "open \(path)"))
    }
    self.handle = handle
    sqlite3_extended_result_codes(handle, 1)
  }

  deinit {
    prepared = [:]
    // A statement that someone still holds keeps the handle alive until it is finalised.
    sqlite3_close_v2(handle)
  }

  /// A compiled statement of one's own.
  package func prepare(_ sql: String) throws(StoreError) -> Statement {
    try Statement(sql, on: self)
  }

  /// A compiled statement that is kept for next time, reset and without bindings.
  package func statement(_ sql: String) throws(StoreError) -> Statement {
    if let known = prepared[sql] {
      known.reset()
      return known
    }
    let new = try prepare(sql)
    prepared[sql] = new
    return new
  }

  /// Runs one or several statements that give no rows of interest.
  package func execute(_ sql: String) throws(StoreError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code, sql) }
  }

  /// The first column of the first row, as an integer; `nil` without a row.
  package func integer(_ sql: String) throws(StoreError) -> Int? {
    let statement = try statement(sql)
    defer { statement.reset() }
    return try statement.step() ? statement.integer(0) : nil
  }

  /// The first column of the first row, as text; `nil` without a row.
  package func text(_ sql: String) throws(StoreError) -> String? {
    let statement = try statement(sql)
    defer { statement.reset() }
    return try statement.step() ? statement.text(0) : nil
  }

  /// Everything in `body`, or nothing. Takes the writer's place at once, so that it cannot fail for being late.
  package func transaction<Result>(
    _ kind: String = "IMMEDIATE", _ body: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try execute("BEGIN \(kind)")
    do throws(StoreError) {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      // A failed COMMIT or a full disk may have rolled back already.
      if sqlite3_get_autocommit(handle) == 0 { _ = sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      throw error
    }
  }

  /// The key of the row that was inserted last.
  package var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

  /// How many rows the last statement changed.
  package var changes: Int { Int(sqlite3_changes(handle)) }

  /// Copies the whole database to a new file, consistently, whoever writes meanwhile.
  package func backUp(to path: String) throws(StoreError) {
    let copy = try Connection(path: path, mode: .readWriteCreate)
    guard let backup = sqlite3_backup_init(copy.handle, "main", handle, "main") else {
      throw copy.error(sqlite3_errcode(copy.handle), "backup to \(path)")
    }
    let code = sqlite3_backup_step(backup, -1)
    let finished = sqlite3_backup_finish(backup)
    guard code == SQLITE_DONE, finished == SQLITE_OK else {
      throw copy.error(code == SQLITE_DONE ? finished : code, "backup to \(path)")
    }
  }

  func error(_ code: Int32, _ sql: String) -> StoreError {
    .sqlite(SQLiteError(code: code, message: String(cString: sqlite3_errmsg(handle)), sql: sql))
  }

  private static func uriEncoded(_ path: String) -> String {
    var text = ""
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
        UInt8(ascii: "-"), UInt8(ascii: "_"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return text
  }
}
