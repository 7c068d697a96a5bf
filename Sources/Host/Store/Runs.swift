import Foundation

extension Store {
  /// Notes that a command starts to compute.
  package func beginRun(document: String?, command: String, environment: EnvironmentRecord)
    throws(StoreError) -> RunID
  {
    try write { connection throws(StoreError) in
      let process = ProcessIdentity.current
      let insert = try connection.statement(
        """
        INSERT INTO runs(environment, document, command, started, status, pid, boot)
        VALUES (?, ?, ?, ?, 'running', ?, ?)
        """)
      insert.bind(1, try Self.number(of: environment, connection))
      insert.bind(2, document)
      insert.bind(3, command)
      insert.bind(4, UTCTime.now.description)
      insert.bind(5, Int(process.pid))
      insert.bind(6, process.boot)
      try insert.run()
      return RunID(number: Int(connection.lastInsertedRow))
    }
  }

  /// Notes how it ended. A run whose process was killed is found to be interrupted when the store is opened again.
  package func endRun(_ run: RunID, status: RunStatus) throws(StoreError) {
    try write { connection throws(StoreError) in
      let update = try connection.statement("UPDATE runs SET status = ?, ended = ? WHERE id = ?")
      update.bind(1, status.rawValue)
      update.bind(2, UTCTime.now.description)
      update.bind(3, run.number)
      try update.run()
    }
  }

  /// Notes what a verification found.
  package func record(_ verification: VerificationRecord, in run: RunID) throws(StoreError) {
    try write { connection throws(StoreError) in
      let insert = try connection.statement(
        """
        INSERT INTO verifications(run, subject, scope, identical, level, first_difference, made)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
      insert.bind(1, run.number)
      insert.bind(2, verification.subject)
      insert.bind(3, verification.scope.rawValue)
      insert.bind(4, verification.identical)
      insert.bind(5, verification.level)
      insert.bind(6, verification.firstDifference)
      insert.bind(7, UTCTime.now.description)
      try insert.run()
    }
  }

  /// Files whose digests earlier processes computed.
  package func rememberedFiles() throws(StoreError) -> [FileDigests.Entry] {
    try withConnection { connection throws(StoreError) in
      let rows = try connection.statement(
        "SELECT path, size, modified, inode, device, digest FROM file_digests ORDER BY path")
      defer { rows.reset() }
      var entries: [FileDigests.Entry] = []
      while try rows.step() {
        guard let digest = rows.digest(5) else { continue }
        let stamp = FileDigests.Stamp(
          size: Int64(rows.integer(1)), modified: Int64(rows.integer(2)),
          inode: Int64(rows.integer(3)), device: Int64(rows.integer(4)))
        entries.append(FileDigests.Entry(path: rows.text(0), stamp: stamp, digest: digest))
      }
      return entries
    }
  }

  /// Keeps digests of files for the next process.
  package func remember(_ entries: [FileDigests.Entry]) throws(StoreError) {
    try write { connection throws(StoreError) in
      let insert = try connection.statement(
        """
        INSERT OR REPLACE INTO file_digests(path, size, modified, inode, device, digest)
        VALUES (?, ?, ?, ?, ?, ?)
        """)
      for entry in entries {
        insert.bind(1, entry.path)
        insert.bind(2, Int(entry.stamp.size))
        insert.bind(3, Int(entry.stamp.modified))
        insert.bind(4, Int(entry.stamp.inode))
        insert.bind(5, Int(entry.stamp.device))
        insert.bind(6, entry.digest)
        try insert.run()
      }
    }
  }

  private static func number(of environment: EnvironmentRecord, _ connection: Connection)
    throws(StoreError) -> Int
  {
    let fields = [
      environment.emendVersion, environment.commit ?? "", environment.isDirty?.description ?? "",
      environment.numerics, environment.host, environment.processor, String(environment.cores),
      environment.system, environment.swiftVersion,
    ]
    let digest = Digest(of: JSON.array(fields.map(JSON.string)).text)
    let insert = try connection.statement(
      """
      INSERT OR IGNORE INTO environments(
        digest, emend_version, git_commit, git_dirty, numerics, host, processor, cores, system,
        swift_version)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    insert.bind(1, digest)
    insert.bind(2, environment.emendVersion)
    insert.bind(3, environment.commit)
    insert.bind(4, environment.isDirty.map { $0 ? 1 : 0 })
    insert.bind(5, environment.numerics)
    insert.bind(6, environment.host)
    insert.bind(7, environment.processor)
    insert.bind(8, environment.cores)
    insert.bind(9, environment.system)
    insert.bind(10, environment.swiftVersion)
    try insert.run()
    let find = try connection.statement("SELECT id FROM environments WHERE digest = ?")
    find.bind(1, digest)
    defer { find.reset() }
    return try find.step() ? find.integer(0) : 0
  }
}
