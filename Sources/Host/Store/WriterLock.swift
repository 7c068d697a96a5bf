import Foundation

/// The right to write to a store, held by at most one process.
///
/// It is a lock of the kernel's on a file, so it ends with its holder, however that ends. The file says who holds it;
/// on filesystems without such locks, what it says is all there is, and a holder that no longer lives is replaced.
package final class WriterLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock in `folder`, or says who has it.
  package init(folder: String) throws(StoreError) {
    let path = folder + "/emend.lock"
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else {
      let code = errno
      if code == EACCES || code == EROFS || code == EPERM {
        throw .readOnly(path: folder, detail: SystemCall.message(of: code))
      }
      throw .file(FileError(path: path, action: "open", code: code))
    }
    if !Self.set(F_WRLCK, on: file) {
      let code = errno
      let holder = ProcessIdentity(text: Self.content(of: file))
      let isUnsupported = code == ENOLCK || code == EINVAL || code == ENOTSUP || code == ENOSYS
      guard isUnsupported, holder.map({ !$0.isAlive }) ?? true else {
        close(file)
        throw .held(path: folder, holder: holder?.description ?? "another process")
      }
    }
    let bytes = [UInt8](ProcessIdentity.current.text.utf8)
    _ = ftruncate(file, 0)
    _ = bytes.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
    descriptor = file
  }

  /// Unlocks before it closes: a program that is being started elsewhere has the same opening for a moment, and would keep the lock that long.
  deinit {
    _ = ftruncate(descriptor, 0)
    _ = Self.set(F_UNLCK, on: descriptor)
    close(descriptor)
  }

  /// Asks the kernel for a lock on the whole file, or for its end.
  private static func set(_ type: Int32, on file: Int32) -> Bool {
    var request = flock()
    request.l_type = Int16(type)
    request.l_whence = Int16(SEEK_SET)
    return withUnsafeMutablePointer(to: &request) {
      fcntl(file, lockOfOpenFile, UnsafeMutableRawPointer($0)) == 0
    }
  }

  private static func content(of file: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  /// `F_OFD_SETLK`: unlike `F_SETLK`, it excludes another opening in the same process too, and another closing of the
  /// same file does not end it. The C library hides it behind a macro that Swift does not see.
  private static var lockOfOpenFile: Int32 {
    #if os(Linux)
      37
    #else
      90
    #endif
  }
}

/// A process, told from another that got its number later.
package struct ProcessIdentity: Hashable, Sendable, CustomStringConvertible {
  package var pid: Int32
  package var host: String
  package var boot: String
  /// In the kernel's own units since the machine started; empty where it cannot be known.
  package var start: String

  /// This process.
  package static var current: ProcessIdentity {
    ProcessIdentity(
      pid: getpid(), host: Machine.hostName, boot: Machine.bootIdentifier,
      start: Machine.startTime(of: getpid()))
  }

  package init(pid: Int32, host: String, boot: String, start: String) {
    self.pid = pid
    self.host = host
    self.boot = boot
    self.start = start
  }

  /// From a lock file's content; `nil` if it says nothing of the kind.
  package init?(text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 4, let pid = Int32(lines[0]) else { return nil }
    self.init(pid: pid, host: String(lines[1]), boot: String(lines[2]), start: String(lines[3]))
  }

  /// As a lock file says it.
  package var text: String { "\(pid)\n\(host)\n\(boot)\n\(start)\n" }

  package var description: String { "process \(pid) on \(host)" }

  /// Whether it still runs. Of another machine's process nothing is known, so it counts as alive.
  package var isAlive: Bool {
    guard host == Machine.hostName else { return true }
    guard boot == Machine.bootIdentifier else { return false }
    guard kill(pid, 0) == 0 || errno == EPERM else { return false }
    return start.isEmpty || start == Machine.startTime(of: pid)
  }
}
