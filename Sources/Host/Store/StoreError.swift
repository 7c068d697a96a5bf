/// What SQLite said, to which statement.
package struct SQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
  /// SQLite's extended result code.
  package var code: Int32
  package var message: String
  /// The statement, or what was being done.
  package var sql: String

  package init(code: Int32, message: String, sql: String) {
    self.code = code
    self.message = message
    self.sql = sql
  }

  package var description: String { "SQLite error \(code): \(message) (in: \(sql))" }
}

/// A system call on a file that failed.
package struct FileError: Error, Hashable, Sendable {
  package var path: String
  /// What was being done, as a verb: `read`, `rename`.
  package var action: String
  /// `errno`.
  package var code: Int32

  package init(path: String, action: String, code: Int32) {
    self.path = path
    self.action = action
    self.code = code
  }
}

/// Why the store cannot be used, or could not do what was asked. The command line exits with 3.
package enum StoreError: Error, Sendable, Hashable {
  /// Asked to read where there is no store.
  case missing(path: String)
  /// A file that is not a store of Emend's; it was not touched.
  case foreign(path: String, detail: String)
  /// Written by a newer Emend; it can be read, not written.
  case newer(path: String, version: Int, supported: Int)
  /// Written by an older Emend, and opened only to read.
  case older(path: String, version: Int, supported: Int)
  case damaged(path: String, detail: String)
  case readOnly(path: String, detail: String)
  /// Another process is writing to it.
  case held(path: String, holder: String)
  /// A query was not answered.
  case refused(QueryRefusal)
  case sqlite(SQLiteError)
  case file(FileError)
}

/// Why a query of a document or of `emend query` was not answered.
package enum QueryRefusal: Hashable, Sendable {
  /// SQLite cannot make sense of it.
  case wrong(message: String, sql: String)
  /// It does more than read, or reads what it must not; `what` says which.
  case notAllowed(what: String, remedy: String)
  case tooSlow(seconds: Double)
  case tooManyRows(limit: Int)
  /// No statement, or several.
  case notOneStatement
}

extension StoreError {
  /// What is wrong, in one sentence.
  package var message: String {
    switch self {
    case .missing(let path): "there is no store at \(path)"
    case .foreign(let path, let detail):
      "\(path) is not a store of Emend's (\(detail)); it was not touched"
    case .newer(let path, let version, let supported):
      "\(path) was written by a newer Emend (format \(version); this one writes \(supported))"
    case .older(let path, let version, let supported):
      "\(path) was written by an older Emend (format \(version); this one reads \(supported))"
    case .damaged(let path, let detail): "\(path) is damaged: \(detail)"
    case .readOnly(let path, let detail): "\(path) cannot be written: \(detail)"
    case .held(let path, let holder): "\(path) is being written by \(holder)"
    case .refused(let refusal): refusal.message
    case .sqlite(let error): "the store could not do its work: \(error)"
    case .file(let error):
      "cannot \(error.action) \(error.path): \(SystemCall.message(of: error.code))"
    }
  }

  /// What to do about it.
  package var remedy: String {
    switch self {
    case .missing: "run a recipe first, or name the folder with --store"
    case .foreign: "name another folder with --store, or move that file away"
    case .newer: "use that Emend to run; reading (list, show, report, query) works with this one"
    case .older: "run any recipe with this Emend once, which brings the store up to date"
    case .damaged:
      "put a backup in its place, if there is one; else move it away with the files beside it that begin with its name, and run the recipes again: a new one is made"
    case .readOnly: "check the folder's permissions and the free space of its disk"
    case .held: "wait until it is done, or stop it; reading is possible meanwhile"
    case .refused(let refusal): refusal.remedy
    case .sqlite: "run `emend doctor`; if it finds nothing, this is a bug of Emend's"
    case .file: "check permissions and free space"
    }
  }
}

extension QueryRefusal {
  /// What is wrong, in one sentence.
  package var message: String {
    switch self {
    case .wrong(let message, _): message
    case .notAllowed(let what, _): "\(what) is not allowed in a query"
    case .tooSlow(let seconds): "the query took more than \(seconds) seconds"
    case .tooManyRows(let limit): "the query gives more than \(limit) rows"
    case .notOneStatement: "a query is exactly one SELECT statement"
    }
  }

  /// What to do about it.
  package var remedy: String {
    switch self {
    case .wrong: "the views are: \(StoreSchema.viewNames.joined(separator: ", "))"
    case .notAllowed(_, let remedy): remedy
    case .tooSlow: "narrow it with WHERE, or ask for fewer rows"
    case .tooManyRows: "add a LIMIT, or aggregate"
    case .notOneStatement: "put each query in a cell of its own"
    }
  }
}
