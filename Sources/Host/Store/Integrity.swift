extension Store {
  /// Looks for everything that can be wrong with the store: pages, references, and every value against its digest.
  ///
  /// - Parameter readingBlobs: also reads every value, which takes a second for some hundred megabytes.
  package func checkIntegrity(readingBlobs: Bool = true) throws(StoreError) -> [IntegrityFinding] {
    var findings: [IntegrityFinding] = []
    let present = try withConnection { connection throws(StoreError) in
      let pages = try connection.prepare("PRAGMA integrity_check(20)")
      while try pages.step() {
        guard pages.text(0) != "ok" else { continue }
        findings.append(
          IntegrityFinding(
            what: "database: \(pages.text(0))",
            remedy: "restore a backup, or move the database away and run the recipes again"))
      }
      let references = try connection.prepare("PRAGMA foreign_key_check")
      while try references.step() {
        findings.append(
          IntegrityFinding(
            what:
              "a row of `\(references.text(0))` refers to a row of `\(references.text(2))` that is not there",
            remedy: "this is a bug of Emend's, or the database was edited; restore a backup"))
      }
      let rows = try connection.prepare("SELECT digest FROM blobs WHERE present = 1 ORDER BY digest")
      var present: [Digest] = []
      while try rows.step() {
        if let digest = rows.digest(0) { present.append(digest) }
      }
      return present
    }
    for digest in present {
      if readingBlobs {
        switch try readBlob(digest) {
        case .bytes: break
        case .absent: findings.append(Self.missing(digest))
        case .damaged(let found, let file):
          findings.append(
            IntegrityFinding(
              what: "value \(digest.short) is damaged (its content is \(found.short)): \(file)",
              remedy: "remove that file; `emend run` of its recipe computes it again, if anything needs it"))
        }
      } else if blobPath(digest) == nil {
        findings.append(Self.missing(digest))
      }
    }
    return findings
  }

  private static func missing(_ digest: Digest) -> IntegrityFinding {
    IntegrityFinding(
      what: "value \(digest.short) is missing",
      remedy: "nothing: `emend run` of its recipe computes it again, if anything needs it")
  }
}
