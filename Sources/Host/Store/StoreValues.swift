/// One `emend run` (or another command that computes), in the volatile tables.
package struct RunID: Hashable, Sendable {
  package var number: Int

  package init(
    number: Int
  ) {
    self.number = number
  }
}

/// How a run stands.
package enum RunStatus: String, Hashable, Sendable {
  case running
  case done
  case failed
  case interrupted
}

/// What came of asking for a value.
package enum BlobReading: Sendable, Hashable {
  case bytes([UInt8])
  case absent
  /// Its content was not what its name says. Whoever may write has moved it aside, to `at`, and it is absent from now on.
  case damaged(found: Digest, at: String)
}

/// What a garbage collection removes, or would remove.
package struct GarbageReport: Hashable, Sendable {
  /// By digest.
  package var blobs: [Blob]
  /// Files of no use: temporary ones of dead writers, content that no step names. Sorted.
  package var strayFiles: [String]
  package var strayBytes: Int
  package var keptBlobs: Int
  package var keptBytes: Int
  package var deleted: Bool

  package init(
    blobs: [Blob], strayFiles: [String], strayBytes: Int, keptBlobs: Int, keptBytes: Int, deleted: Bool
  ) {
    self.blobs = blobs
    self.strayFiles = strayFiles
    self.strayBytes = strayBytes
    self.keptBlobs = keptBlobs
    self.keptBytes = keptBytes
    self.deleted = deleted
  }
}

/// Something that `doctor` found wrong in the store.
package struct IntegrityFinding: Hashable, Sendable {
  package var what: String
  package var remedy: String

  package init(
    what: String, remedy: String
  ) {
    self.what = what
    self.remedy = remedy
  }
}

/// What recomputing a step or a trial found.
package struct VerificationRecord: Hashable, Sendable {
  /// What was computed again.
  package enum Scope: String, Hashable, Sendable {
    case step
    case trial
  }
  package var subject: Digest
  package var scope: Scope
  package var identical: Bool
  /// `bits`, or the tolerance that was asked for.
  package var level: String
  package var firstDifference: String?

  package init(
    subject: Digest, scope: Scope, identical: Bool, level: String, firstDifference: String?
  ) {
    self.subject = subject
    self.scope = scope
    self.identical = identical
    self.level = level
    self.firstDifference = firstDifference
  }
}

/// A cell of a query's result.
package enum SQLValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])
}

/// Columns by name, and rows with a value for each.
package struct QueryResult: Hashable, Sendable {
  package var columns: [String]
  package var rows: [[SQLValue]]

  package init(
    columns: [String], rows: [[SQLValue]]
  ) {
    self.columns = columns
    self.rows = rows
  }
}

/// Instants in the recording of a step at which a test may stop it, or look at what is on the disk.
package enum RecordingStage: String, CaseIterable, Hashable, Sendable {
  case blobHalfWritten
  case blobWritten
  case blobRenamed
  case stepInserted
  case samplesInserted
  case beforeCommit
  case committed
}
