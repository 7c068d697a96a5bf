import CSQLite
import Foundation

/// The database file: what it is before SQLite touches it, and how it is opened.
package enum StoreFile {
  package static let name = "emend.sqlite"

  /// What is at a path.
  package enum Kind: Equatable {
    case absent
    /// No bytes yet, or a first page that says nothing: a creation that was interrupted.
    case empty
    case store
  }

  /// Looks at the file's header only, so that a file that is not ours stays untouched.
  package static func inspect(_ path: String) throws(StoreError) -> Kind {
    var status = stat()
    guard stat(path, &status) == 0 else {
      guard errno == ENOENT else { throw .file(FileError(path: path, action: "read", code: errno)) }
      return .absent
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .foreign(path: path, detail: "it is no ordinary file")
    }
    guard status.st_size > 0 else { return .empty }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .file(FileError(path: path, action: "read", code: errno)) }
    defer { close(file) }
    var header = [UInt8](repeating: 0, count: 100)
    let count = header.withUnsafeMutableBytes { pread(file, $0.baseAddress, 100, 0) }
    guard count == 100, header.starts(with: "SQLite format 3\0".utf8) else {
      throw .foreign(path: path, detail: "it is no SQLite database")
    }
    func number(at offset: Int) -> Int { header[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    let identifier = number(at: 68)
    // SQLite writes the first page when `auto_vacuum` is set, before there is a table. A schema that was never changed has none; one that stands in a
    // write-ahead log yet is somebody else's.
    let hasSchema = number(at: 40) != 0
    if identifier == 0, !hasSchema, stat(path + "-wal", &status) != 0 || status.st_size == 0 { return .empty }
    guard identifier == StoreSchema.applicationID else {
      throw .foreign(
        path: path, detail: "it is a database of another program, application_id \(identifier)")
    }
    return .store
  }

  /// Settings of every connection. `busy_timeout` comes first: everything after it may have to wait.
  package static func configure(_ connection: Connection, writes: Bool, isLocal: Bool)
    throws(StoreError)
  {
    try connection.execute("PRAGMA busy_timeout = 10000")
    try connection.execute(
      """
      PRAGMA foreign_keys = ON;
      PRAGMA trusted_schema = OFF;
      PRAGMA cell_size_check = ON;
      PRAGMA mmap_size = 0;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -100000;
      """)
    if writes {
      // The write-ahead log needs memory shared between processes, which network filesystems do not give.
      try connection.execute("PRAGMA journal_mode = \(isLocal ? "WAL" : "DELETE")")
      try connection.execute("PRAGMA synchronous = \(isLocal ? "NORMAL" : "FULL")")
    }
  }

  /// Whether the folder is on a disk of this machine.
  package static func isLocal(_ folder: String) -> Bool {
    var status = statfs()
    guard statfs(folder, &status) == 0 else { return false }
    #if os(Linux)
      // AFS, BeeGFS, Ceph, CIFS, Coda, FUSE (sshfs), GFS2, GPFS, Lustre, NFS, OCFS2, PanFS, 9P, SMB, SMB2
      let shared: Set<UInt32> = [
        0x5346_414F, 0x1983_0326, 0x00C3_6400, 0xFF53_4D42, 0x7375_7245, 0x6573_5546, 0x0116_1970,
        0x4750_4653, 0x0BD0_0BD0, 0x6969, 0x7461_636F, 0xAAD7_AAEA, 0x0102_1997, 0x517B,
        0xFE53_4D42,
      ]
      return !shared.contains(UInt32(truncatingIfNeeded: status.f_type))
    #else
      return Int32(bitPattern: status.f_flags) & MNT_LOCAL != 0
    #endif
  }

  /// What an error means for the store at `path`, where SQLite's code says more than that it failed.
  package static func meaning(of error: StoreError, path: String) -> StoreError {
    guard case .sqlite(let sqlite) = error else { return error }
    return switch sqlite.code & 0xFF {
    case SQLITE_NOTADB, SQLITE_CORRUPT: .damaged(path: path, detail: sqlite.message)
    case SQLITE_READONLY, SQLITE_FULL, SQLITE_PERM, SQLITE_CANTOPEN:
      .readOnly(path: path, detail: sqlite.message)
    case SQLITE_BUSY, SQLITE_LOCKED: .held(path: path, holder: "another program")
    default: error
    }
  }
}
