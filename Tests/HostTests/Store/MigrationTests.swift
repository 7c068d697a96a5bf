import Foundation
import Host
import Testing

@Suite struct MigrationTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/emend.sqlite" }

  init() throws { folder = try TemporaryFolder() }

  private let next = Migration(
    name: "notes",
    sql: """
      CREATE TABLE notes(trial INTEGER NOT NULL REFERENCES trials(id), text TEXT NOT NULL);
      INSERT INTO notes SELECT id, 'from format 1' FROM trials;
      """)

  /// Every format that ever was is opened, brought up to date, and read.
  @Test(arguments: StoredFormats.all.indices)
  func `a store of any past format is brought up to date with its rows`(index: Int) throws {
    let old = try Connection(path: path, mode: .readWriteCreate)
    try old.execute(StoredFormats.all[index])
    #expect(try Migrations.version(of: old) == index + 1)
    let store = try Store.open(at: folder.path, for: .write)
    #expect((store.backup != nil) == (index + 1 < StoreSchema.migrations.count))
    let trials = try store.trials(of: "variants", in: "a.md")
    #expect(trials.map(\.seed) == [1, 2])
    #expect(trials[0].settings.map(\.value) == [.text("improving")])
    #expect(
      trials[0].logs[0].figures == [
        StepFigure(name: "accuracy_2", value: 0.5), StepFigure(name: "delta", value: nil),
      ])
    #expect(trials[1].logs[0].figures == nil)
    #expect(try store.samples(of: Sample.key("step")).map { $0.attempts.map(\.text) } == [["5", "6"]])
    #expect(try store.checkIntegrity(readingBlobs: false).isEmpty)
    #expect(StoredFormats.all.count == StoreSchema.migrations.count, "each format has its stored store")
  }

  @Test func `the tables of a new store are those of the stored newest one`() throws {
    let old = try Connection(path: path, mode: .readWriteCreate)
    try old.execute(try #require(StoredFormats.all.last))
    let other = try TemporaryFolder()
    _ = try Store.open(at: other.path, for: .write)
    let new = try Connection(path: other.path + "/emend.sqlite", mode: .readOnly)
    func schema(_ connection: Connection) throws -> [String] {
      let rows = try connection.prepare("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")
      var found: [String] = []
      while try rows.step() { found.append("\(rows.text(0)) \(rows.text(1)): \(rows.text(2))") }
      return found
    }
    let (a, b) = (try schema(old), try schema(new))
    #expect(a == b, "a change of the tables is a migration, not an edit of an old one")
  }

  @Test func `a migration keeps a copy of what was before and says so`() throws {
    try Sample.fill(try Store.open(at: folder.path, for: .write))
    let migrations = Migrations(StoreSchema.migrations + [next])
    #expect(
      throws: StoreError.older(
        path: path, version: StoreSchema.migrations.count, supported: migrations.newest)
    ) {
      try Store.open(at: folder.path, for: .read, migrations: migrations)
    }
    let store = try Store.open(at: folder.path, for: .write, migrations: migrations)
    let backup = try #require(store.backup)
    let before = try Connection(path: backup, mode: .readOnly)
    #expect(try Migrations.version(of: before) == StoreSchema.migrations.count)
    #expect(try before.integer("SELECT count(*) FROM trials") == 3)
    let now = try Connection(path: path, mode: .readOnly)
    #expect(try now.integer("SELECT count(*) FROM notes") == 3)
    #expect(try now.text("SELECT name || backup FROM migrations ORDER BY version DESC") == "notes" + backup)
    store.close()
    #expect(try Store.open(at: folder.path, for: .write, migrations: migrations).backup == nil)
  }

  @Test func `a migration that fails leaves the format before it`() throws {
    try Sample.fill(try Store.open(at: folder.path, for: .write))
    for bad in [
      "CREATE TABLE a(b); CREATE TABLE a(b);",
      "CREATE TABLE a(trial INTEGER REFERENCES trials(id)); PRAGMA defer_foreign_keys = ON; INSERT INTO a VALUES (99);",
    ] {
      let migrations = Migrations(StoreSchema.migrations + [next, Migration(name: "bad", sql: bad)])
      #expect(throws: StoreError.self) {
        try Store.open(at: folder.path, for: .write, migrations: migrations)
      }
      let now = try Connection(path: path, mode: .readOnly)
      #expect(
        try Migrations.version(of: now) == StoreSchema.migrations.count + 1, "the good one before it holds")
      #expect(try now.integer("SELECT count(*) FROM sqlite_master WHERE name = 'a'") == 0)
    }
  }

  @Test func `two processes that migrate at once migrate once`() throws {
    try Sample.fill(try Store.open(at: folder.path, for: .write))
    let migrations = Migrations(StoreSchema.migrations + [next])
    let failures = try (0..<4).map { _ in try Connection(path: path, mode: .readWriteCreate) }.map {
      connection in
      try connection.execute("PRAGMA busy_timeout = 10000")
      return connection
    }
    for connection in failures { _ = try migrations.bringUpToDate(connection, path: path) }
    #expect(try failures[0].integer("SELECT count(*) FROM notes") == 3)
    #expect(try failures[0].integer("SELECT count(*) FROM migrations") == migrations.newest)
  }
}
