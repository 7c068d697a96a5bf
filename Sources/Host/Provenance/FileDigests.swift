import Foundation
import Synchronization

/// Digests of the files that recipes name, each computed once.
///
/// A digest is remembered with the file's size, time, inode and device, and computed again when any of them differs.
/// `changedFiles` is asked after the files were used: a file that moved under a run spoils its results.
package final class FileDigests: Sendable {
  /// What tells a file's content from an earlier one without reading it.
  package struct Stamp: Hashable, Sendable {
    package var size: Int64
    /// Nanoseconds since 1970.
    package var modified: Int64
    package var inode: Int64
    package var device: Int64

    package init(size: Int64, modified: Int64, inode: Int64, device: Int64) {
      self.size = size
      self.modified = modified
      self.inode = inode
      self.device = device
    }
  }

  /// A file's digest, and the state of the file that it was taken in.
  package struct Entry: Hashable, Sendable {
    package var path: String
    package var stamp: Stamp
    package var digest: Digest

    package init(path: String, stamp: Stamp, digest: Digest) {
      self.path = path
      self.stamp = stamp
      self.digest = digest
    }
  }

  private struct Memory {
    var known: [String: Entry] = [:]
    var used: [String: Digest] = [:]
  }

  private let memory = Mutex(Memory())

  /// - Parameter remembered: entries that an earlier process knew, as `entries` gave them.
  package init(remembered: [Entry] = []) {
    memory.withLock { memory in
      for entry in remembered { memory.known[entry.path] = entry }
    }
  }

  /// Of a file's content, or of a folder's: names and contents of everything in it.
  package func digest(ofFile path: String) throws(FileError) -> Digest {
    let digest = try currentDigest(of: path)
    memory.withLock { $0.used[path] = $0.used[path] ?? digest }
    return digest
  }

  /// Files whose content is no longer what it was when they were first asked for, sorted by path.
  package func changedFiles() -> [String] {
    let used = memory.withLock { $0.used }
    return used.keys.sorted().filter { path in (try? currentDigest(of: path)) != used[path] }
  }

  /// What may be remembered for another process, sorted by path. A file that was written within the last two seconds
  /// is left out: it may be written again without its time showing it.
  package func entries() -> [Entry] {
    let latest = (UTCTime.now.milliseconds - 2000) * 1_000_000
    return memory.withLock { memory in
      memory.known.values.filter { $0.stamp.modified < latest }.sorted { $0.path < $1.path }
    }
  }

  private func currentDigest(of path: String) throws(FileError) -> Digest {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw FileError(path: path, action: "read", code: errno)
    }
    if status.st_mode & S_IFMT == S_IFDIR { return try digest(ofFolder: path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      // A pipe or a device has no content to speak of, and reading it may never end.
      throw FileError(path: path, action: "read", code: EINVAL)
    }
    let stamp = Self.stamp(status)
    if let known = memory.withLock({ $0.known[path] }), known.stamp == stamp { return known.digest }
    let digest = try Self.contentDigest(of: path)
    var after = stat()
    guard stat(path, &after) == 0, Self.stamp(after) == stamp else {
      // It was written while it was read.
      throw FileError(path: path, action: "read", code: EBUSY)
    }
    memory.withLock { $0.known[path] = Entry(path: path, stamp: stamp, digest: digest) }
    return digest
  }

  private func digest(ofFolder path: String) throws(FileError) -> Digest {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw FileError(path: path, action: "read", code: EACCES)
    }
    var bytes = [UInt8]("emend folder 1\0".utf8)
    // By bytes, so that no collation matters.
    for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      let inner = try currentDigest(of: path + "/" + name)
      CanonicalEncoding.append(name, to: &bytes)
      inner.append(to: &bytes)
    }
    return Digest(of: bytes)
  }

  private static func stamp(_ status: stat) -> Stamp {
    #if os(Linux)
      let time = status.st_mtim
    #else
      let time = status.st_mtimespec
    #endif
    return Stamp(
      size: Int64(status.st_size),
      modified: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec),
      inode: Int64(truncatingIfNeeded: status.st_ino),
      device: Int64(truncatingIfNeeded: status.st_dev))
  }

  private static func contentDigest(of path: String) throws(FileError) -> Digest {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw FileError(path: path, action: "read", code: errno) }
    defer { close(file) }
    var hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
      if count == 0 { return hash.finalize() }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(path: path, action: "read", code: errno)
      }
      buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[0..<count])) }
    }
  }
}
