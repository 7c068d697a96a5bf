/// A project's results: one SQLite database and a folder of blobs.
///
/// One process writes at a time, any number read. Everything here may be called from any thread.
package final class Store: Sendable {
  package enum Access: Sendable, Hashable {
    /// Creates the store where there is none and brings an older one up to date.
    case write
    case read
  }

  /// Opens the store in `folder` (`results`).
  package static func open(at folder: String, for access: Access) throws(StoreError) -> Store {
    preconditionFailure("being written")
  }

  /// Where the store is.
  package let folder: String

  init(folder: String) { self.folder = folder }

  /// Gives up the store; using it afterwards is an error of the caller.
  package func close() {}
}

/// One `emend run` (or another command that computes), in the volatile tables.
package struct RunID: Hashable, Sendable {
  package var number: Int64
}

package enum RunStatus: String, Hashable, Sendable {
  case running, done, failed, interrupted
}

package enum BlobReading: Sendable, Hashable {
  case bytes([UInt8])
  case absent
  /// Its content was not what its name says; it was moved aside and is absent from now on.
  case damaged(found: Digest, movedTo: String)
}

/// What a garbage collection removes, or would remove.
package struct GarbageReport: Hashable, Sendable {
  package var blobs: [Blob]
  /// Files of no use: temporary ones of dead writers, content that no step names.
  package var strayFiles: [String]
  package var strayBytes: Int
  package var keptBlobs: Int
  package var keptBytes: Int
  package var deleted: Bool
}

/// Something that `doctor` found wrong in the store.
package struct IntegrityFinding: Hashable, Sendable {
  package var what: String
  package var remedy: String
}

/// What recomputing a step or a trial found.
package struct VerificationRecord: Hashable, Sendable {
  package var subject: Digest
  /// `step` or `trial`.
  package var scope: String
  package var identical: Bool
  /// `bits`, or `tolerance` with what was asked.
  package var level: String
  package var firstDifference: String?
}

/// A cell of a query's result.
package enum SQLValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])
}

package struct QueryResult: Hashable, Sendable {
  package var columns: [String]
  package var rows: [[SQLValue]]
}

package enum QueryPurpose: Sendable, Hashable {
  /// For a report: nothing that differs between runs may be read (times, machines, `random()`).
  case report(document: String)
  /// For a person: everything may be read. With a document, its studies are views too.
  case exploration(document: String?)
}

extension Store {
  // MARK: plans
  /// Makes the document's trials those of this plan. Trials that it no longer has stay, and are no longer current.
  package func register(_ plan: PlanRegistration) throws(StoreError) { preconditionFailure() }
  package func documents() throws(StoreError) -> [String] { preconditionFailure() }
  package func studies(of document: String?) throws(StoreError) -> [StudyRecord] { preconditionFailure() }
  /// Current trials of a study in the plan's order, with logs and the figures known by now.
  package func trials(of study: String, in document: String, currentOnly: Bool = true) throws(StoreError)
    -> [TrialRecord]
  { preconditionFailure() }
  /// Trials whose key starts with these hexadecimal digits.
  package func trials(withPrefix prefix: String) throws(StoreError) -> [TrialRecord] { preconditionFailure() }
  /// SHA-256 over everything deterministic that the store holds of a trial.
  package func digest(ofTrial key: Digest) throws(StoreError) -> Digest { preconditionFailure() }

  // MARK: runs
  package func beginRun(document: String?, command: String, environment: EnvironmentRecord) throws(StoreError)
    -> RunID
  { preconditionFailure() }
  package func endRun(_ run: RunID, status: RunStatus) throws(StoreError) { preconditionFailure() }

  // MARK: steps
  /// In the order of `keys`. Fast for hundreds of thousands.
  package func presence(of keys: [Digest]) throws(StoreError) -> [StepPresence] { preconditionFailure() }
  /// Records a finished step, all or nothing; its blob must have been written. Forgets its failures.
  package func record(_ step: FinishedStep, in run: RunID) throws(StoreError) { preconditionFailure() }
  package func record(_ step: FailedStep, in run: RunID) throws(StoreError) { preconditionFailure() }
  package func step(_ key: Digest) throws(StoreError) -> StepRecord? { preconditionFailure() }
  package func steps(withPrefix prefix: String) throws(StoreError) -> [StepRecord] { preconditionFailure() }
  package func failures() throws(StoreError) -> [FailureRecord] { preconditionFailure() }
  package func figures(of key: Digest) throws(StoreError) -> [StepFigure] { preconditionFailure() }
  package func curve(of key: Digest) throws(StoreError) -> [CurvePoint] { preconditionFailure() }
  /// By question, then attempt.
  package func scores(of key: Digest) throws(StoreError) -> [QuestionScore] { preconditionFailure() }
  /// In the order of the step's rows.
  package func samples(of key: Digest, question: Int? = nil, limit: Int = 1_000_000) throws(StoreError)
    -> [SampleRecord]
  { preconditionFailure() }
  /// What past executions took, to estimate those to come.
  package func pastTimes() throws(StoreError) -> PastTimes { preconditionFailure() }
  package func record(_ verification: VerificationRecord, in run: RunID) throws(StoreError) {
    preconditionFailure()
  }

  // MARK: blobs
  /// Writes content under its digest: durable when this returns.
  package func writeBlob(_ bytes: [UInt8]) throws(StoreError) -> Blob { preconditionFailure() }
  /// The content of a digest, checked against it.
  package func readBlob(_ digest: Digest) throws(StoreError) -> BlobReading { preconditionFailure() }
  package func hasBlob(_ digest: Digest) throws(StoreError) -> Bool { preconditionFailure() }
  /// Removes the values of steps; their keys, figures and rows stay. Returns the bytes freed.
  package func dropBlobs(_ digests: [Digest]) throws(StoreError) -> Int { preconditionFailure() }
  package func pinBlobs(_ digests: [Digest]) throws(StoreError) { preconditionFailure() }
  package func collectGarbage(keeping reachable: Set<Digest>, delete: Bool = false) throws(StoreError)
    -> GarbageReport
  { preconditionFailure() }

  // MARK: care and queries
  package func checkIntegrity() throws(StoreError) -> [IntegrityFinding] { preconditionFailure() }
  /// One SELECT, on a connection of its own that cannot write.
  package func query(_ sql: String, for purpose: QueryPurpose, rowLimit: Int = 10_000, seconds: Double = 10)
    throws(StoreError) -> QueryResult
  { preconditionFailure() }
}

/// What past executions took.
package struct PastTimes: Sendable {
  /// Seconds that a step would take, from the most alike execution of the same operation; `nil` if there was none.
  package func estimate(for step: StepIdentity) -> Double? { preconditionFailure() }
}
