import Foundation
import Synchronization

/// Content in files named by its digest: `blobs/ab/cdef…`.
///
/// A file appears under its name whole and durable, or not at all. Nothing read here is believed before its digest was
/// computed again.
package struct BlobFolder: Sendable {
  /// In the store's folder.
  static let name = "blobs"
  package let path: String
  let observer: Store.StageObserver

  private var temporary: String { path + "/temporary" }
  private var damaged: String { path + "/damaged" }

  /// Where the content of a digest is, if it is anywhere.
  package func file(of digest: Digest) -> String {
    let name = digest.hex
    return "\(path)/\(name.prefix(2))/\(name.dropFirst(2))"
  }

  /// Writes content, unless it is there already (whole: its digest is checked).
  func write(_ bytes: [UInt8]) throws(StoreError) -> Blob {
    let blob = Blob(digest: Digest(of: bytes), bytes: bytes.count)
    let target = file(of: blob.digest)
    if Self.size(of: target) != nil {
      if case .bytes = try read(blob.digest) { return blob }
    }
    let folder = (target as NSString).deletingLastPathComponent
    let isNewFolder = Self.size(of: folder) == nil
    try makeFolder(folder)
    try makeFolder(temporary)
    let name = "\(temporary)/\(getpid())-\(Self.serial.next())-\(blob.digest.short)"
    do throws(StoreError) {
      try writeFile(name, bytes)
      try observer(.blobWritten)
      guard rename(name, target) == 0 else {
        throw .file(FileError(path: target, action: "rename", code: errno))
      }
    } catch {
      unlink(name)
      throw error
    }
    try Self.sync(folder: folder)
    if isNewFolder { try Self.sync(folder: path) }
    try observer(.blobRenamed)
    return blob
  }

  /// Reads content and checks it; what is not what its name says is moved aside, by who may write.
  func read(_ digest: Digest, movingAside: Bool = true) throws(StoreError) -> BlobReading {
    let name = file(of: digest)
    guard let bytes = try Self.contents(of: name) else { return .absent }
    let found = Digest(of: bytes)
    guard found != digest else { return .bytes(bytes) }
    guard movingAside else { return .damaged(found: found, at: name) }
    // Under the found digest, a second damage of the same blob does not overwrite the first.
    let aside = "\(damaged)/\(digest.hex)-is-\(found.short)"
    if (try? makeFolder(damaged)) == nil || rename(name, aside) != 0 {
      return .damaged(found: found, at: name)
    }
    return .damaged(found: found, at: aside)
  }

  func remove(_ digest: Digest) throws(StoreError) {
    let name = file(of: digest)
    guard unlink(name) == 0 || errno == ENOENT else {
      throw .file(FileError(path: name, action: "remove", code: errno))
    }
  }

  /// Every blob that is here by name and size, sorted, and every other file. Damaged ones that were moved aside are neither.
  func list() -> (blobs: [Blob], strays: [(path: String, bytes: Int)]) {
    var blobs: [Blob] = []
    var strays: [(path: String, bytes: Int)] = []
    for folder in Self.names(in: path) where folder != "damaged" {
      for name in Self.names(in: "\(path)/\(folder)") {
        let file = "\(path)/\(folder)/\(name)"
        let bytes = Self.size(of: file) ?? 0
        if folder.utf8.count == 2, let digest = Digest(hex: folder + name) {
          blobs.append(Blob(digest: digest, bytes: bytes))
        } else {
          strays.append((file, bytes))
        }
      }
    }
    return (blobs.sorted { $0.digest < $1.digest }, strays)
  }

  private func writeFile(_ name: String, _ bytes: [UInt8]) throws(StoreError) {
    let file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw .file(FileError(path: name, action: "create", code: errno)) }
    defer { close(file) }
    var offset = 0
    var half = bytes.count / 2
    while offset < bytes.count {
      let end = offset < half ? half : bytes.count
      let count = bytes.withUnsafeBytes {
        Foundation.write(file, $0.baseAddress.map { $0 + offset }, end - offset)
      }
      guard count >= 0 || errno == EINTR else {
        throw .file(FileError(path: name, action: "write", code: errno))
      }
      offset += max(0, count)
      if offset >= half, half > 0 {
        half = 0
        try observer(.blobHalfWritten)
      }
    }
    guard fsync(file) == 0 else {
      throw .file(FileError(path: name, action: "sync", code: errno))
    }
  }

  private func makeFolder(_ name: String) throws(StoreError) {
    do {
      try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: true)
    } catch {
      let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
      throw .file(FileError(path: name, action: "create", code: cause.map { Int32($0.code) } ?? EACCES))
    }
  }

  /// Makes a rename in the folder durable.
  private static func sync(folder: String) throws(StoreError) {
    let file = open(folder, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .file(FileError(path: folder, action: "sync", code: errno)) }
    defer { close(file) }
    // Some filesystems cannot sync a folder; there, a rename is as durable as it gets.
    guard fsync(file) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw .file(FileError(path: folder, action: "sync", code: errno))
    }
  }

  /// `nil` if there is no such file.
  private static func contents(of name: String) throws(StoreError) -> [UInt8]? {
    let file = open(name, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw .file(FileError(path: name, action: "read", code: errno))
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .file(FileError(path: name, action: "read", code: EINVAL))
    }
    let expected = Int(status.st_size)
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: expected) { buffer, filled in
      while filled < expected {
        let count = Foundation.read(file, buffer.baseAddress.map { $0 + filled }, expected - filled)
        if count > 0 {
          filled += count
        } else if count == 0 || errno != EINTR {
          if count < 0 { failure = errno }
          break
        }
      }
    }
    guard failure == 0 else { throw .file(FileError(path: name, action: "read", code: failure)) }
    return bytes
  }

  static func size(of name: String) -> Int? {
    var status = stat()
    return stat(name, &status) == 0 ? Int(status.st_size) : nil
  }

  private static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  private static let serial = Serial()
}

/// Numbers for temporary names of one process.
private final class Serial: Sendable {
  private let value = Atomic<Int>(0)

  func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).newValue }
}
