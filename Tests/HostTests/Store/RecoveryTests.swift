import Engine
import Foundation
import Host
import Synchronization
import Testing

/// What a kill, a full disk or a bad sector leaves behind.
@Suite struct RecoveryTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func rows(_ store: Store) throws -> [QueryResult] {
    try [
      "steps", "figures", "scores", "samples", "sample_attempts", "texts", "step_metrics", "attempts",
      "blobs",
    ]
    .map { try store.query("SELECT count(*) FROM \($0)", for: .exploration(document: nil)) }
  }

  private let key = Sample.key("x1")

  private func recordStep(in store: Store) throws {
    let run = try store.beginRun(document: nil, command: "run", environment: Sample.environment)
    let blob = try store.writeBlob([UInt8](repeating: 5, count: 100_000))
    try store.record(Sample.evaluation("x1", accuracy: 1, blob: blob), in: run)
  }

  /// A copy of the folder at an instant is what `kill -9` at that instant leaves: nothing of ours is in memory only.
  @Test(arguments: RecordingStage.allCases)
  func `a kill at any instant leaves all of a step or nothing`(stage: RecordingStage) throws {
    let copy = folder.path + "/killed"
    let original = folder.path + "/running"
    let store = try Store.open(at: original, for: .write) { [copy] reached in
      if reached == stage { try? FileManager.default.copyItem(atPath: original, toPath: copy) }
    }
    try recordStep(in: store)
    let whole = try rows(store)

    let killed = try Store.open(at: copy, for: .write)
    let presence = try killed.presence(of: [key])[0]
    if stage == .committed {
      #expect(try rows(killed) == whole)
    } else {
      #expect(presence == .absent)
      #expect(try rows(killed).allSatisfy { $0.rows == [[.integer(0)]] })
    }
    #expect(try killed.checkIntegrity().isEmpty)
    let runs = try killed.query("SELECT status FROM runs", for: .exploration(document: nil))
    #expect(runs.rows == [[.text("interrupted")]])
    // Resumed, it ends as if nothing had happened, and what the kill left lying about is found.
    try recordStep(in: killed)
    #expect(try rows(killed).dropLast(2) == whole.dropLast(2))
    guard case .present(let output) = try killed.presence(of: [key])[0] else {
      Issue.record("the step is not there")
      return
    }
    let garbage = try killed.collectGarbage(keeping: [output.blob.digest], delete: true)
    #expect(garbage.strayFiles.count == (stage == .blobHalfWritten || stage == .blobWritten ? 1 : 0))
    #expect(try killed.readBlob(output.blob.digest) == .bytes([UInt8](repeating: 5, count: 100_000)))
  }

  @Test(arguments: RecordingStage.allCases.filter { $0 != .committed })
  func `a failure at any instant leaves all of a step or nothing, and the store usable`(stage: RecordingStage)
    throws
  {
    let fails = Mutex(true)
    let failure = StoreError.sqlite(SQLiteError(code: 13, message: "disk full", sql: ""))
    let store = try Store.open(at: folder.path, for: .write) { (reached) throws(StoreError) in
      if reached == stage, fails.withLock({ $0 }) { throw failure }
    }
    #expect(throws: StoreError.self) { try recordStep(in: store) }
    #expect(try store.presence(of: [key]) == [.absent])
    #expect(try rows(store).allSatisfy { $0.rows == [[.integer(0)]] })
    fails.withLock { $0 = false }
    try recordStep(in: store)
    #expect(try store.samples(of: key).count == 3)
    #expect(try store.collectGarbage(keeping: []).strayFiles.isEmpty)
  }

  @Test func `a damaged value is never used, is moved aside, and can be computed again`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    try recordStep(in: store)
    guard case .present(let output) = try store.presence(of: [key])[0],
      let path = store.blobPath(output.blob.digest)
    else {
      Issue.record("the step is not there")
      return
    }
    for content in [
      Data(), Data([5]), Data(repeating: 5, count: 99_999) + [6], Data(repeating: 5, count: 100_001),
    ] {
      try content.write(to: URL(fileURLWithPath: path))
      guard case .damaged(let found, let aside) = try store.readBlob(output.blob.digest) else {
        Issue.record("damage was not noticed")
        return
      }
      #expect(found == Digest(of: [UInt8](content)))
      #expect(FileManager.default.contents(atPath: aside) == content)
      #expect(try store.presence(of: [key]) == [.recorded(output)])
      #expect(try store.readBlob(output.blob.digest) == .absent)
      #expect(try store.samples(of: key).count == 3, "rows stay")
      try recordStep(in: store)
      #expect(try store.presence(of: [key]) == [.present(output)])
    }
    try Data([1]).write(to: URL(fileURLWithPath: path))
    let reader = try Store.open(at: folder.path, for: .read)
    #expect(try reader.readBlob(output.blob.digest) == .damaged(found: Digest(of: [1] as [UInt8]), at: path))
    #expect(FileManager.default.fileExists(atPath: path), "a reader changes nothing")
    #expect(try store.checkIntegrity().count == 1)
    #expect(try store.checkIntegrity().isEmpty, "it is known to be absent now")
  }

  @Test func `writing a value whose file is there but damaged writes it`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    let blob = try store.writeBlob([1, 2, 3])
    let path = try #require(store.blobPath(blob.digest))
    try Data([9]).write(to: URL(fileURLWithPath: path))
    #expect(try store.writeBlob([1, 2, 3]) == blob)
    #expect(try store.readBlob(blob.digest) == .bytes([1, 2, 3]))
  }

  @Test func `a value that came out different replaces the rows of the old one`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    try recordStep(in: store)
    let run = try store.beginRun(document: nil, command: "run", environment: Sample.environment)
    var step = Sample.evaluation("x1", accuracy: 0.125, blob: try store.writeBlob([7]))
    step.samples = []
    try store.record(step, in: run)
    #expect(try store.figures(of: key)[1].value == 0.125)
    #expect(try store.samples(of: key).isEmpty)
    #expect(try store.checkIntegrity().isEmpty)
  }

  @Test func `a value that is a folder or a pipe is an error, not a wait`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    let blob = try store.writeBlob([1])
    let path = try #require(store.blobPath(blob.digest))
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    #expect(throws: StoreError.self) { try store.readBlob(blob.digest) }
  }

  @Test func `a run drops what it made on its way, but not what took long for its size`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    try store.register(Sample.plan(Sample.trials))
    let run = try store.beginRun(document: "a.md", command: "run", environment: Sample.environment)
    func record(_ name: String, _ kind: ValueKind, bytes: Int, seconds: Double) throws -> Digest {
      let blob = try store.writeBlob([UInt8](repeating: 7, count: bytes) + [UInt8](name.utf8))
      try store.record(
        FinishedStep(
          identity: Sample.identity(name), kind: kind, output: blob, figures: [], curve: [], scores: [],
          samples: [], execution: Sample.execution(seconds: seconds)), in: run)
      return blob.digest
    }
    let slow = try record("x1", .rows, bytes: 900_000, seconds: 5)
    let quick = try record("x2", .rows, bytes: 1_100_000, seconds: 5)
    let short = try record("x3", .rows, bytes: 10, seconds: 0.9)
    let model = try record("first", .model, bytes: 10, seconds: 100)
    try store.dropPassing([slow, quick, short, model])
    #expect(try store.readBlob(slow) != .absent)
    for digest in [quick, short, model] { #expect(try store.readBlob(digest) == .absent) }
  }

  @Test func `garbage is told first, then removed; rows, pinned and reachable values stay`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    try Sample.fill(store)
    let blobs = try store.presence(of: ["first", "x1", "x2", "x3"].map(Sample.key)).compactMap {
      presence -> Blob? in
      if case .present(let output) = presence { output.blob } else { nil }
    }
    try store.pinBlobs([blobs[0].digest])
    _ = try store.writeBlob([1, 2, 3])
    let dry = try store.collectGarbage(keeping: [blobs[1].digest])
    #expect(Set(dry.blobs) == [blobs[2], blobs[3]])
    #expect(dry.strayFiles.count == 1 && dry.strayBytes == 3 && dry.keptBlobs == 2 && !dry.deleted)
    #expect(try blobs.allSatisfy { if case .bytes = try store.readBlob($0.digest) { true } else { false } })
    #expect(try store.collectGarbage(keeping: [blobs[1].digest], delete: true).blobs == dry.blobs)
    #expect(try store.readBlob(blobs[0].digest) != .absent)
    #expect(try store.readBlob(blobs[1].digest) != .absent)
    #expect(try store.readBlob(blobs[2].digest) == .absent)
    #expect(try store.collectGarbage(keeping: [blobs[1].digest]).strayFiles.isEmpty)
    #expect(
      try store.trials(of: "variants", in: "a.md").allSatisfy { $0.logs.allSatisfy { $0.figures != nil } })
    #expect(try store.samples(of: Sample.key("x2")).count == 3)
    #expect(try store.dropBlobs([blobs[0].digest, blobs[1].digest]) == blobs[1].bytes, "pinned stays")
  }
}
