import CSQLite

/// A compiled statement: bind its parameters (from 1), step through its rows, read their columns (from 0), reset.
package final class Statement {
  let handle: OpaquePointer
  package let sql: String
  /// What follows the first statement in the text that it was made from.
  package let rest: String

  /// Compiles the first statement of `sql`.
  init(_ sql: String, on connection: Connection) throws(StoreError) {
    var compiled: OpaquePointer?
    var code: Int32 = SQLITE_OK
    var used = 0
    var text = sql
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        guard let start = characters.baseAddress else { return }
        var tail: UnsafePointer<CChar>?
        code = sqlite3_prepare_v2(
          connection.handle, start, Int32(clamping: characters.count), &compiled, &tail)
        used = tail.map { $0 - start } ?? characters.count
      }
    }
    guard code == SQLITE_OK else { throw connection.error(code, sql) }
    guard let compiled else {
      throw .sqlite(
        SQLiteError(code: SQLITE_MISUSE, message: "there is no statement in it", sql: sql))
    }
    handle = compiled
    self.sql = sql
    rest = String(decoding: sql.utf8.dropFirst(used), as: UTF8.self)
  }

  deinit { sqlite3_finalize(handle) }

  /// Goes to the next row; `false` when there is none, or nothing to give.
  package func step() throws(StoreError) -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    if code == SQLITE_DONE { return false }
    let message = String(cString: sqlite3_errmsg(sqlite3_db_handle(handle)))
    sqlite3_reset(handle)
    throw .sqlite(SQLiteError(code: code, message: message, sql: sql))
  }

  /// Executes a statement that gives no rows, and makes it ready for other parameters.
  package func run() throws(StoreError) {
    while try step() {}
    sqlite3_reset(handle)
  }

  /// Makes it ready to run again; parameters without a new value are NULL.
  package func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  // MARK: Parameters

  /// A whole number.
  package func bind(_ index: Int32, _ value: Int) {
    sqlite3_bind_int64(handle, index, Int64(value))
  }

  /// A whole number, or NULL.
  package func bind(_ index: Int32, _ value: Int?) {
    if let value { bind(index, value) } else { sqlite3_bind_null(handle, index) }
  }

  /// SQLite has no NaN: it is NULL, as what is undefined.
  package func bind(_ index: Int32, _ value: Double?) {
    if let value { sqlite3_bind_double(handle, index, value) } else { sqlite3_bind_null(handle, index) }
  }

  /// A text of any content, NUL characters included.
  package func bind(_ index: Int32, _ value: String) {
    var value = value
    value.withUTF8 { bytes in
      // An empty buffer may have no address, and a NULL address would bind NULL.
      guard let start = bytes.baseAddress, !bytes.isEmpty else {
        sqlite3_bind_text(handle, index, "", 0, Self.copied)
        return
      }
      start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
        _ = sqlite3_bind_text64(
          handle, index, $0, UInt64(bytes.count), Self.copied, UInt8(SQLITE_UTF8))
      }
    }
  }

  /// A text, or NULL.
  package func bind(_ index: Int32, _ value: String?) {
    if let value { bind(index, value) } else { sqlite3_bind_null(handle, index) }
  }

  /// A digest, as hexadecimal text.
  package func bind(_ index: Int32, _ value: Digest) {
    withUnsafeBytes(of: value.hexBytes) { bytes in
      _ = bytes.withMemoryRebound(to: CChar.self) {
        sqlite3_bind_text(handle, index, $0.baseAddress, 64, Self.copied)
      }
    }
  }

  /// 1 or 0.
  package func bind(_ index: Int32, _ value: Bool) { bind(index, value ? 1 : 0) }

  /// A setting, in the type of SQLite's that it has.
  package func bind(_ index: Int32, _ value: SettingValue) {
    switch value {
    case .bool(let bool): bind(index, bool)
    case .int(let int): bind(index, int)
    case .float(let double): bind(index, double)
    case .text(let text): bind(index, text)
    }
  }

  // MARK: Columns

  /// Columns of each row.
  package var columnCount: Int32 { sqlite3_column_count(handle) }

  /// The name of a column.
  package func columnName(_ index: Int32) -> String {
    sqlite3_column_name(handle, index).map { String(cString: $0) } ?? ""
  }

  /// Whether a column of the present row is NULL.
  package func isNull(_ index: Int32) -> Bool {
    sqlite3_column_type(handle, index) == SQLITE_NULL
  }

  /// A whole number; 0 for NULL, and whatever SQLite makes of anything else.
  package func integer(_ index: Int32) -> Int { Int(clamping: sqlite3_column_int64(handle, index)) }

  /// A whole number, or `nil` for NULL.
  package func optionalInteger(_ index: Int32) -> Int? { isNull(index) ? nil : integer(index) }

  /// A number, or `nil` for NULL.
  package func real(_ index: Int32) -> Double? {
    isNull(index) ? nil : sqlite3_column_double(handle, index)
  }

  /// Text, with whatever is not UTF-8 repaired; empty for NULL.
  package func text(_ index: Int32) -> String {
    guard let start = sqlite3_column_text(handle, index) else { return "" }
    let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, index)))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Text, or `nil` for NULL.
  package func optionalText(_ index: Int32) -> String? { isNull(index) ? nil : text(index) }

  /// A digest in hexadecimal; `nil` for anything else.
  package func digest(_ index: Int32) -> Digest? {
    guard let start = sqlite3_column_text(handle, index) else { return nil }
    let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, index)))
    return Digest(hexBytes: bytes)
  }

  /// A column of any type.
  package func value(_ index: Int32) -> SQLValue {
    switch sqlite3_column_type(handle, index) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, index))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, index))
    case SQLITE_TEXT: return .text(text(index))
    case SQLITE_BLOB:
      let count = Int(sqlite3_column_bytes(handle, index))
      guard let start = sqlite3_column_blob(handle, index) else { return .blob([]) }
      return .blob([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
    default: return .null
    }
  }

  /// Tells SQLite to copy what it is given before the call returns.
  private static var copied: sqlite3_destructor_type {
    unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }
}
