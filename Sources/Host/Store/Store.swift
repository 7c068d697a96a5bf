import CSQLite
import Foundation

/// A project's results: one SQLite database and a folder of blobs.
///
/// One process writes at a time, any number read. Everything here may be called from any thread. A step is recorded all
/// or nothing, after its blob is durable, so a kill at any instant leaves a store in which every finished step is whole.
package final class Store: Sendable {
  /// What a store is opened for.
  package enum Access: Sendable, Hashable {
    /// Creates the store where there is none and brings an older one up to date.
    case write
    case read
  }

  /// Called at each instant of a recording; what it throws stops the recording there.
  package typealias StageObserver = @Sendable (RecordingStage) throws(StoreError) -> Void

  /// The connection, touched by one thread at a time.
  private final class Guarded: @unchecked Sendable {
    let lock = NSLock()
    var connection: Connection?
    var writerLock: WriterLock?

    init(_ connection: Connection, _ writerLock: WriterLock?) {
      self.connection = connection
      self.writerLock = writerLock
    }
  }

  /// Where the store is.
  package let folder: String
  package let access: Access
  /// Where the database was copied to before it was brought up to date, if it was.
  package let backup: String?
  let blobs: BlobFolder
  let observer: StageObserver
  private let guarded: Guarded

  private init(
    folder: String, access: Access, connection: Connection, lock: WriterLock?, backup: String?,
    observer: @escaping StageObserver
  ) {
    self.folder = folder
    self.access = access
    self.backup = backup
    self.observer = observer
    blobs = BlobFolder(path: folder + "/" + BlobFolder.name, observer: observer)
    guarded = Guarded(connection, lock)
  }

  /// Where the database is.
  package var path: String { folder + "/" + StoreFile.name }

  /// Opens the store in `folder` (`results`). The last two parameters are for tests.
  package static func open(
    at folder: String, for access: Access,
    migrations: Migrations = Migrations(StoreSchema.migrations),
    observer: @escaping StageObserver = { _ in }
  ) throws(StoreError) -> Store {
    let path = folder + "/" + StoreFile.name
    do throws(StoreError) {
      let kind = try StoreFile.inspect(path)
      switch access {
      case .read:
        guard kind == .store else { throw .missing(path: folder) }
        let connection = try openToRead(path, migrations: migrations)
        return Store(
          folder: folder, access: .read, connection: connection, lock: nil, backup: nil,
          observer: observer)
      case .write:
        guard
          (try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)) != nil
        else { throw .readOnly(path: folder, detail: "the folder cannot be made") }
        let lock = try WriterLock(folder: folder)
        let (connection, backup) = try openToWrite(path, migrations: migrations)
        return Store(
          folder: folder, access: .write, connection: connection, lock: lock, backup: backup,
          observer: observer)
      }
    } catch {
      throw StoreFile.meaning(of: error, path: path)
    }
  }

  private static func openToWrite(_ path: String, migrations: Migrations) throws(StoreError)
    -> (Connection, backup: String?)
  {
    // Again, now that nobody else can create it.
    let kind = try StoreFile.inspect(path)
    let connection = try Connection(path: path, mode: .readWriteCreate)
    try connection.execute("PRAGMA busy_timeout = 10000")
    var backup: String?
    if kind == .store {
      let version = try Migrations.version(of: connection)
      guard version <= migrations.newest else {
        throw .newer(path: path, version: version, supported: migrations.newest)
      }
      guard Foundation.access(path, W_OK) == 0 else {
        throw .readOnly(path: path, detail: SystemCall.message(of: errno))
      }
      backup = try migrations.bringUpToDate(connection, path: path)
    } else {
      try migrations.create(in: connection)
    }
    let folder = (path as NSString).deletingLastPathComponent
    try StoreFile.configure(connection, writes: true, isLocal: StoreFile.isLocal(folder))
    // Runs of a process that is no more have ended, whatever they say.
    try connection.execute("UPDATE runs SET status = 'interrupted' WHERE status = 'running'")
    return (connection, backup)
  }

  static func openToRead(_ path: String, migrations: Migrations = Migrations(StoreSchema.migrations))
    throws(StoreError) -> Connection
  {
    var connection = try Connection(path: path, mode: .readOnly)
    do throws(StoreError) {
      try StoreFile.configure(connection, writes: false, isLocal: true)
      _ = try connection.integer("SELECT count(*) FROM sqlite_master")
    } catch .sqlite(let error)
      where error.code & 0xFF == SQLITE_CANTOPEN || error.code & 0xFF == SQLITE_READONLY
    {
      // A log beside a database needs a file of its own to be read; where none can be made, nobody writes either.
      connection = try Connection(path: path, mode: .immutable)
      try StoreFile.configure(connection, writes: false, isLocal: true)
    }
    try connection.execute("PRAGMA query_only = ON")
    let version = try Migrations.version(of: connection)
    guard version >= migrations.newest else {
      throw .older(path: path, version: version, supported: migrations.newest)
    }
    return connection
  }

  /// Gives up the store and the right to write to it. Whoever uses it afterwards is told that it is not there.
  package func close() {
    guarded.lock.withLock {
      if access == .write { try? guarded.connection?.execute("PRAGMA optimize") }
      guarded.connection = nil
      guarded.writerLock = nil
    }
  }

  /// Uses the connection, alone.
  func withConnection<Result>(_ body: (Connection) throws(StoreError) -> Result) throws(StoreError)
    -> Result
  {
    guarded.lock.lock()
    defer { guarded.lock.unlock() }
    guard let connection = guarded.connection else { throw .missing(path: folder) }
    do throws(StoreError) {
      return try body(connection)
    } catch {
      throw StoreFile.meaning(of: error, path: path)
    }
  }

  /// Everything in `body`, or nothing, by the process that may write.
  ///
  /// - Parameter durably: survives a loss of power too, not only of the process.
  func write<Result>(durably: Bool = false, _ body: (Connection) throws(StoreError) -> Result)
    throws(StoreError) -> Result
  {
    guard access == .write else {
      throw .readOnly(path: path, detail: "it was opened only to read")
    }
    return try withConnection { connection throws(StoreError) in
      let usual = try connection.integer("PRAGMA synchronous") ?? 2
      if durably { try connection.execute("PRAGMA synchronous = FULL") }
      defer { if durably { try? connection.execute("PRAGMA synchronous = \(usual)") } }
      return try connection.transaction { () throws(StoreError) in try body(connection) }
    }
  }
}
