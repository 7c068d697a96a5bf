import Foundation

extension Store {
  /// Writes content under its digest: durable when this returns. To be followed by the record of the step that gave it.
  package func writeBlob(_ bytes: [UInt8]) throws(StoreError) -> Blob {
    guard access == .write else {
      throw .readOnly(path: path, detail: "it was opened only to read")
    }
    return try blobs.write(bytes)
  }

  /// The content of a digest, checked against it. What is damaged or missing is absent from now on.
  package func readBlob(_ digest: Digest) throws(StoreError) -> BlobReading {
    let reading = try blobs.read(digest, movingAside: access == .write)
    if case .bytes = reading { return reading }
    if access == .write { try markAbsent([digest]) }
    return reading
  }

  /// Where the content of a digest is, if it is there. For a look at large files; nothing was checked.
  package func blobPath(_ digest: Digest) -> String? {
    let file = blobs.file(of: digest)
    return BlobFolder.size(of: file) == nil ? nil : file
  }

  /// Whether a value's file is there and as long as it should be. Its content was not checked.
  package func hasFile(of blob: Blob) -> Bool {
    BlobFolder.size(of: blobs.file(of: blob.digest)) == blob.bytes
  }

  /// Removes the values of steps; their keys, figures and rows stay. Pinned ones are left. Returns the bytes freed.
  package func dropBlobs(_ digests: [Digest]) throws(StoreError) -> Int {
    let pinned = try blobRows("SELECT digest, bytes FROM blobs WHERE pinned = 1")
    let dropped = Set(digests).subtracting(pinned.map(\.digest)).sorted()
    // The row first: a kill in between leaves a stray file, never a promise that cannot be kept.
    try markAbsent(dropped)
    var freed = 0
    for digest in dropped {
      freed += BlobFolder.size(of: blobs.file(of: digest)) ?? 0
      try blobs.remove(digest)
    }
    return freed
  }

  /// Removes values that a run made on its way, but those of steps that some document keeps, and those, models apart, that took a second, and 5 for each
  /// megabyte: what a language model said in an hour is a few megabytes, and a changed line that comes behind it should not cost the hour again.
  package func dropPassing(_ digests: [Digest]) throws(StoreError) {
    let unkept = try withConnection { connection throws(StoreError) in
      var found: [Digest] = []
      for digest in digests {
        let keepers = try connection.statement(
          """
          SELECT count(*) FROM steps s WHERE s.digest = ?
          AND (EXISTS (SELECT 1 FROM kept_values k WHERE k.step = s.id)
            OR s.kind <> 'Model' AND EXISTS (SELECT 1 FROM attempts a
              WHERE a.step = s.id AND a.status = 'done' AND a.seconds >= max(1, s.bytes / 200000.0)))
          """)
        keepers.bind(1, digest)
        defer { keepers.reset() }
        if try keepers.step(), keepers.integer(0) == 0 { found.append(digest) }
      }
      return found
    }
    if !unkept.isEmpty { _ = try dropBlobs(unkept) }
  }

  /// Keeps values whatever a garbage collection would say.
  package func pinBlobs(_ digests: [Digest]) throws(StoreError) {
    try write { connection throws(StoreError) in
      for digest in digests {
        let update = try connection.statement("UPDATE blobs SET pinned = 1 WHERE digest = ?")
        update.bind(1, digest)
        try update.run()
      }
    }
  }

  /// Finds, and on request removes, every value that is neither pinned nor in `reachable`, and files of no use.
  package func collectGarbage(keeping reachable: Set<Digest>, delete: Bool = false)
    throws(StoreError) -> GarbageReport
  {
    let known = try blobRows("SELECT digest, bytes FROM blobs WHERE present = 1 ORDER BY digest")
    let pinned = Set(try blobRows("SELECT digest, bytes FROM blobs WHERE pinned = 1").map(\.digest))
    let present = Set(known.map(\.digest))
    let listing = blobs.list()
    let kept = known.filter { reachable.contains($0.digest) || pinned.contains($0.digest) }
    var report = GarbageReport(
      blobs: known.filter { !reachable.contains($0.digest) && !pinned.contains($0.digest) },
      strayFiles: [], strayBytes: 0, keptBlobs: kept.count,
      keptBytes: kept.reduce(0) { $0 + $1.bytes }, deleted: delete)
    let orphans = listing.blobs.filter { !present.contains($0.digest) }
      .map { (path: blobs.file(of: $0.digest), bytes: $0.bytes) }
    for stray in orphans + listing.strays {
      report.strayFiles.append(stray.path)
      report.strayBytes += stray.bytes
    }
    report.strayFiles.sort()
    guard delete else { return report }
    _ = try dropBlobs(report.blobs.map(\.digest))
    for file in report.strayFiles where unlink(file) != 0 && errno != ENOENT {
      throw .file(FileError(path: file, action: "remove", code: errno))
    }
    try withConnection { connection throws(StoreError) in
      // Gives the pages of deleted rows back to the disk; each row of its result frees one.
      let vacuum = try connection.prepare("PRAGMA incremental_vacuum")
      while try vacuum.step() {}
    }
    return report
  }

  private func blobRows(_ sql: String) throws(StoreError) -> [Blob] {
    try withConnection { connection throws(StoreError) in
      let rows = try connection.statement(sql)
      defer { rows.reset() }
      var found: [Blob] = []
      while try rows.step() {
        if let digest = rows.digest(0) { found.append(Blob(digest: digest, bytes: rows.integer(1))) }
      }
      return found
    }
  }

  private func markAbsent(_ digests: [Digest]) throws(StoreError) {
    try write { connection throws(StoreError) in
      for digest in digests {
        let update = try connection.statement("UPDATE blobs SET present = 0 WHERE digest = ?")
        update.bind(1, digest)
        try update.run()
      }
    }
  }
}
