import Foundation
import Host
import Testing

/// Stores that are not there, not ours, not of this time, not free.
@Suite struct StoreFileTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/emend.sqlite" }

  init() throws { folder = try TemporaryFolder() }

  private func error(_ access: Store.Access) -> StoreError? {
    do throws(StoreError) {
      _ = try Store.open(at: folder.path, for: access)
      return nil
    } catch { return error }
  }

  @Test func `reading where there is nothing makes nothing`() throws {
    #expect(error(.read) == .missing(path: folder.path))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func `a new store has the settings that can only be made at its birth`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    let connection = try Connection(path: path, mode: .readOnly)
    #expect(try connection.integer("PRAGMA auto_vacuum") == 2)
    #expect(try connection.integer("PRAGMA application_id") == 0x456D_6E64)
    #expect(try connection.integer("PRAGMA user_version") == StoreSchema.migrations.count)
    #expect(try connection.text("PRAGMA journal_mode") == (StoreFile.isLocal(folder.path) ? "wal" : "delete"))
    #expect(try connection.integer("SELECT count(*) FROM migrations") == StoreSchema.migrations.count)
    store.close()
    #expect(throws: StoreError.missing(path: folder.path)) { try store.documents() }
  }

  @Test(arguments: [
    Data(
      "this is a text that somebody keeps here, and it is a little longer than a hundred bytes, so that it has a header"
        .utf8),
    Data([1]), Data("SQLite format 3\0".utf8), Data(repeating: 0, count: 4096),
    Data("SQLite format 3\0".utf8) + Data(repeating: 255, count: 200),
  ])
  func `a file that is not a store is told and stays as it is`(content: Data) throws {
    try content.write(to: URL(fileURLWithPath: path))
    for access in [Store.Access.read, .write] {
      guard case .foreign(let file, _)? = error(access) else {
        Issue.record("\(String(describing: error(access)))")
        return
      }
      #expect(file == path)
      #expect(FileManager.default.contents(atPath: path) == content)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["emend.sqlite"])
    }
  }

  @Test func `another program's database is told and stays as it is`() throws {
    let other = try Connection(path: path, mode: .readWriteCreate)
    try other.execute("PRAGMA application_id = 7; CREATE TABLE t(a); INSERT INTO t VALUES (1)")
    let content = FileManager.default.contents(atPath: path)
    #expect(error(.write)?.message.contains("application_id 7") == true)
    #expect(FileManager.default.contents(atPath: path) == content)
  }

  @Test func `a first page that says nothing is a creation that was interrupted`() throws {
    // What is left of a store whose maker was killed between SQLite's first page and the tables.
    try Connection(path: path, mode: .readWriteCreate).execute("PRAGMA auto_vacuum = INCREMENTAL")
    #expect(try #require(FileManager.default.contents(atPath: path)).count > 0)
    #expect(error(.read) == .missing(path: folder.path))
    try Sample.fill(try Store.open(at: folder.path, for: .write))
    #expect(error(.read) == nil)
  }

  @Test func `tables that stand in a write-ahead log yet are somebody else's`() throws {
    let other = try Connection(path: path, mode: .readWriteCreate)
    try other.execute("PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1)")
    guard case .foreign? = error(.write) else {
      Issue.record("\(String(describing: error(.write)))")
      return
    }
  }

  @Test func `an empty file is a creation that was interrupted`() throws {
    try Data().write(to: URL(fileURLWithPath: path))
    #expect(error(.read) == .missing(path: folder.path))
    try Sample.fill(try Store.open(at: folder.path, for: .write))
    #expect(error(.read) == nil)
  }

  @Test func `a newer store can be read and not written`() throws {
    try Sample.fill(try Store.open(at: folder.path, for: .write))
    let connection = try Connection(path: path, mode: .readWriteCreate)
    try connection.execute("PRAGMA user_version = 99")
    #expect(error(.write) == .newer(path: path, version: 99, supported: StoreSchema.migrations.count))
    #expect(try connection.integer("PRAGMA user_version") == 99)
    let store = try Store.open(at: folder.path, for: .read)
    #expect(try store.trials(of: "variants", in: "a.md").count == 3)
  }

  @Test func `a damaged store is told, page by page, and never traps`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    try Sample.fill(store)
    store.close()
    let whole = try #require(FileManager.default.contents(atPath: path))
    for page in 1..<whole.count / 4096 {
      var content = whole
      for offset in 0..<4096 {
        content[page * 4096 + offset] = UInt8(truncatingIfNeeded: offset &* 31 &+ page)
      }
      try content.write(to: URL(fileURLWithPath: path))
      // Whatever is asked, there is an answer or an error.
      do throws(StoreError) {
        let store = try Store.open(at: folder.path, for: .read)
        _ = try? store.trials(of: "variants", in: "a.md")
        _ = try? store.samples(of: Sample.key("x1"))
        _ = try? store.query("SELECT * FROM sample_texts", for: .report(document: "a.md"))
        _ = try? store.digest(ofTrial: Sample.key("t1"))
        #expect((try? store.checkIntegrity(readingBlobs: false).isEmpty) != true, "page \(page)")
      } catch {
        guard case .damaged = error else {
          Issue.record("\(error)")
          continue
        }
      }
    }
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
    if let store = try? Store.open(at: folder.path, for: .read) {
      #expect((try? store.checkIntegrity(readingBlobs: false).isEmpty) != true)
    }
  }

  @Test func `one writes, and a second is told who; any number read meanwhile`() throws {
    let writer = try Store.open(at: folder.path, for: .write)
    try Sample.fill(writer, order: ["first"])
    guard case .held(_, let holder)? = error(.write) else {
      Issue.record("a second writer was let in")
      return
    }
    #expect(holder.contains("process \(ProcessInfo.processInfo.processIdentifier)"))
    let reader = try Store.open(at: folder.path, for: .read)
    #expect(
      try reader.presence(of: [Sample.key("first"), Sample.key("x1")]).map { $0 == .absent } == [false, true])
    try Sample.fill(writer)
    #expect(try reader.presence(of: [Sample.key("x1")]) != [.absent])
    #expect(throws: StoreError.self) { try reader.register(Sample.plan([])) }
    #expect(throws: StoreError.self) { try reader.writeBlob([1]) }
  }

  @Test func `a writer that is gone leaves the place free`() throws {
    try Sample.fill(try Store.open(at: folder.path, for: .write))
    try Data("1\nelsewhere\nboot\n1\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/emend.lock"))
    #expect(error(.write) == nil)
  }

  @Test func `a process that holds the lock in earnest is respected until it is killed`() throws {
    _ = try Store.open(at: folder.path, for: .write)
    let python = Process()
    python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let script = """
      import fcntl, struct, sys, time
      f = open(sys.argv[1], 'r+')
      fcntl.fcntl(f, 37, struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0))
      print('held', flush=True)
      time.sleep(60)
      """
    python.arguments = ["python3", "-c", script, folder.path + "/emend.lock"]
    let output = Pipe()
    python.standardOutput = output
    python.standardError = FileHandle.nullDevice
    guard (try? python.run()) != nil, !output.fileHandleForReading.availableData.isEmpty else {
      // There is no Python here.
      return
    }
    #expect(error(.write) == .held(path: folder.path, holder: "another process"))
    kill(python.processIdentifier, SIGKILL)
    python.waitUntilExit()
    #expect(error(.write) == nil)
  }

  @Test func `readers see whole steps while a writer writes`() async throws {
    let writer = try Store.open(at: folder.path, for: .write)
    let run = try writer.beginRun(document: nil, command: "run", environment: Sample.environment)
    let path = folder.path
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<3 {
        group.addTask {
          let reader = try Store.open(at: path, for: .read)
          var seen = 0
          for index in 0..<200 {
            let result = try reader.query(
              """
              SELECT s.key, (SELECT count(*) FROM samples p WHERE p.step = s.id),
                (SELECT count(*) FROM scores p WHERE p.step = s.id) FROM steps s
              """, for: .exploration(document: nil))
            seen = result.rows.count
            #expect(result.rows.allSatisfy { $0[1] == .integer(3) && $0[2] == .integer(6) }, "look \(index)")
          }
          return seen
        }
      }
      for index in 0..<100 {
        let blob = try writer.writeBlob([UInt8(index)])
        try writer.record(Sample.evaluation("s\(index)", accuracy: 1, blob: blob), in: run)
      }
      for try await _ in group {}
    }
    #expect(try writer.steps(of: "evaluate", limit: 1000).count == 100)
  }

  @Test func `threads of one process share the writer`() async throws {
    let store = try Store.open(at: folder.path, for: .write)
    let run = try store.beginRun(document: nil, command: "run", environment: Sample.environment)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<40 {
        group.addTask {
          let blob = try store.writeBlob([UInt8(index % 7)])
          try store.record(Sample.evaluation("s\(index)", accuracy: 1, blob: blob), in: run)
          _ = try store.presence(of: [Sample.key("s\(index)")])
        }
      }
      try await group.waitForAll()
    }
    #expect(try store.presence(of: (0..<40).map { Sample.key("s\($0)") }).contains(.absent) == false)
    #expect(try store.checkIntegrity().isEmpty)
    #expect(try store.collectGarbage(keeping: []).blobs.count == 7)
  }

  @Test func `a store on a medium that cannot be written is read`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    try Sample.fill(store)
    store.close()
    let connection = try Connection(path: path, mode: .immutable)
    #expect(try connection.integer("SELECT count(*) FROM trials") == 3)
    guard getuid() != 0 else { return }  // Root may write anywhere.
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path) }
    #expect(try Store.open(at: folder.path, for: .read).documents() == ["a.md"])
  }

  @Test func `instants are written in UTC, whatever the place`() {
    #expect(UTCTime(milliseconds: 0).description == "1970-01-01T00:00:00.000Z")
    #expect(UTCTime(milliseconds: 951_827_696_789).description == "2000-02-29T12:34:56.789Z")
    #expect(UTCTime(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
    #expect(UTCTime(milliseconds: 4_102_444_799_000).description == "2099-12-31T23:59:59.000Z")
  }

  @Test func `every error says what is wrong and what to do`() {
    let errors: [StoreError] = [
      .missing(path: "p"), .foreign(path: "p", detail: "d"), .newer(path: "p", version: 2, supported: 1),
      .older(path: "p", version: 1, supported: 2), .damaged(path: "p", detail: "d"),
      .readOnly(path: "p", detail: "d"),
      .held(path: "p", holder: "h"), .file(FileError(path: "p", action: "read", code: ENOENT)),
    ]
    for error in errors {
      #expect(error.message.contains("p") && !error.remedy.isEmpty)
    }
    #expect(errors.last?.message == "cannot read p: No such file or directory")
  }
}
