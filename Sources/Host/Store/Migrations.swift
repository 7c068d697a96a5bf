/// One step of the database's format.
package struct Migration: Sendable {
  package var name: String
  package var sql: String

  package init(name: String, sql: String) {
    self.name = name
    self.sql = sql
  }
}

/// Brings a database to the newest format: each migration in a transaction of its own, with a backup before the first.
package struct Migrations: Sendable {
  package var all: [Migration]

  package init(_ all: [Migration]) {
    self.all = all
  }

  /// The format that the last migration makes.
  package var newest: Int { all.count }

  /// Creates the tables in a database that has none.
  ///
  /// `auto_vacuum` must be the very first thing that is written; set later it is ignored without a word.
  package func create(in connection: Connection) throws(StoreError) {
    try connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    try connection.transaction("EXCLUSIVE") { () throws(StoreError) in
      // Another process may have been faster.
      guard try connection.integer("SELECT count(*) FROM sqlite_master") == 0 else { return }
      try connection.execute("PRAGMA application_id = \(StoreSchema.applicationID)")
      for (index, migration) in all.enumerated() {
        try apply(migration, version: index + 1, backup: nil, in: connection)
      }
    }
  }

  /// Applies what is missing. Returns where the database was copied to before, or `nil` if nothing was missing.
  package func bringUpToDate(_ connection: Connection, path: String) throws(StoreError) -> String? {
    var backup: String?
    while true {
      let version = try Self.version(of: connection)
      guard version < newest else { return backup }
      if backup == nil {
        let name = "\(path).format-\(version).backup"
        try connection.backUp(to: name)
        backup = name
      }
      try connection.transaction("EXCLUSIVE") { [backup] () throws(StoreError) in
        // Between reading the version and taking the lock, someone else may have migrated.
        guard try Self.version(of: connection) == version else { return }
        try apply(all[version], version: version + 1, backup: backup, in: connection)
        let check = try connection.prepare("PRAGMA foreign_key_check")
        if try check.step() {
          throw .damaged(
            path: path,
            detail:
              "after migration \(version + 1) (\(all[version].name)), rows of `\(check.text(0))` lack what they refer to"
          )
        }
      }
    }
  }

  /// The database's format; 0 for one without tables.
  package static func version(of connection: Connection) throws(StoreError) -> Int {
    try connection.integer("PRAGMA user_version") ?? 0
  }

  private func apply(
    _ migration: Migration, version: Int, backup: String?, in connection: Connection
  ) throws(StoreError) {
    try connection.execute(migration.sql)
    let note = try connection.prepare(
      "INSERT INTO migrations(version, name, applied, backup) VALUES (?, ?, ?, ?)")
    note.bind(1, version)
    note.bind(2, migration.name)
    note.bind(3, UTCTime.now.description)
    note.bind(4, backup)
    try note.run()
    try connection.execute("PRAGMA user_version = \(version)")
  }
}
