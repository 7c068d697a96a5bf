internal import Foundation
internal import Glibc

/// A file's bytes, read-only, mapped into memory and let go on deinit.
///
/// This file holds all raw memory of the model formats: they see checked numbers and `ByteView`. Every reader here checks its bounds
/// and throws, since offsets come from files. A file that somebody shortens while it is mapped is noticed before each view is made,
/// but a reader inside a view at that very moment cannot be saved: model files must not be changed in use.
@safe package final class MappedFile: @unchecked Sendable {
  /// As given, for messages.
  package let path: String
  /// Bytes.
  package let count: Int
  private let base: UnsafeRawPointer
  /// Of the mapped file; `nil` where the bytes are our own allocation.
  private let descriptor: Int32?

  /// Maps a file.
  ///
  /// Throws `.unreadable` with the system's reason, also for a folder or a device, and `.malformed` for an empty file.
  package init(path: String) throws(ModelFileError) {
    func unreadable(_ reason: String) -> ModelFileError {
      ModelFileError(
        .unreadable, path, nil, "cannot be read: \(reason)",
        remedy: "check the path and that you may read the file")
    }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(Self.reason(errno)) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw unreadable(Self.reason(code))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw unreadable("it is not a file")
    }
    let size = Int(status.st_size)
    guard size > 0 else {
      close(descriptor)
      throw .malformed(path, nil, "is empty")
    }
    guard let address = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0),
      unsafe address != MAP_FAILED
    else {
      let code = errno
      close(descriptor)
      throw unreadable(Self.reason(code))
    }
    self.path = path
    count = size
    unsafe base = UnsafeRawPointer(address)
    self.descriptor = descriptor
  }

  /// Bytes in memory as if they were a file: what tests parse.
  package init(bytes: [UInt8], path: String) {
    self.path = path
    count = bytes.count
    descriptor = nil
    let room = UnsafeMutableRawPointer.allocate(byteCount: bytes.count + 1, alignment: 16)
    unsafe UnsafeMutableRawBufferPointer(start: room, count: bytes.count).copyBytes(from: bytes)
    unsafe base = UnsafeRawPointer(room)
  }

  deinit {
    if let descriptor {
      _ = unsafe munmap(UnsafeMutableRawPointer(mutating: base), count)
      close(descriptor)
    } else {
      unsafe base.deallocate()
    }
  }

  private static func reason(_ code: Int32) -> String {
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }

  /// Whether `length` bytes from `offset` on are in the file; neither need be sane.
  package func contains(_ offset: Int, _ length: Int) -> Bool {
    offset >= 0 && length >= 0 && offset <= count && length <= count - offset
  }

  /// Throws where the bytes are not in the file.
  private func check(_ offset: Int, _ length: Int, _ what: @autoclosure () -> String) throws(ModelFileError) {
    guard contains(offset, length) else {
      throw .malformed(
        path, nil, "\(what()) needs \(length) bytes at \(offset), and the file has \(count)")
    }
  }

  /// A little-endian number of any width.
  package func integer<Number: FixedWidthInteger>(
    _ type: Number.Type, at offset: Int, _ what: @autoclosure () -> String
  ) throws(ModelFileError) -> Number {
    try check(offset, MemoryLayout<Number>.size, what())
    return unsafe Number(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// A text of `length` bytes, which must be UTF-8.
  package func text(at offset: Int, length: Int, _ what: @autoclosure () -> String) throws(ModelFileError)
    -> String
  {
    try check(offset, length, what())
    let bytes = unsafe UnsafeRawBufferPointer(start: base + offset, count: length)
    guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
      throw .malformed(path, nil, "\(what()) at \(offset) is not UTF-8")
    }
    return text
  }

  /// A view of `length` bytes from `offset` on.
  package func view(at offset: Int, length: Int, _ what: @autoclosure () -> String) throws(ModelFileError)
    -> ByteView
  {
    try check(offset, length, what())
    if let descriptor {
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0, Int(status.st_size) >= count else {
        throw ModelFileError(
          .unreadable, path, nil, "was shortened while it was in use",
          remedy: "leave model files alone while they are in use, and run again")
      }
    }
    return unsafe ByteView(owner: self, base: base + offset, count: length)
  }
}

/// Some bytes of a mapped file, which they keep mapped. Indices are checked in debug builds only: a view's length was checked
/// when it was made, and decoders run over every weight.
@safe package struct ByteView {
  private let owner: MappedFile
  private let base: UnsafeRawPointer
  /// Bytes.
  package let count: Int

  fileprivate init(owner: MappedFile, base: UnsafeRawPointer, count: Int) {
    self.owner = owner
    unsafe self.base = base
    self.count = count
  }

  /// The byte at `index`.
  @inline(__always)
  package subscript(index: Int) -> UInt8 {
    assert(index >= 0 && index < count, "byte \(index) outside 0..<\(count)")
    return unsafe base.load(fromByteOffset: index, as: UInt8.self)
  }

  /// The little-endian number at byte `index`.
  @inline(__always)
  func integer<Number: FixedWidthInteger>(_ type: Number.Type, _ index: Int) -> Number {
    assert(index >= 0 && index + MemoryLayout<Number>.size <= count, "byte \(index) outside 0..<\(count)")
    return unsafe Number(littleEndian: base.loadUnaligned(fromByteOffset: index, as: Number.self))
  }

  /// The half-precision number at byte `index`.
  @inline(__always)
  func half(_ index: Int) -> Float { Engine.float(half: integer(UInt16.self, index)) }

  /// Whether the bytes are those of another view.
  func equals(_ other: ByteView) -> Bool {
    unsafe count == other.count && memcmp(base, other.base, count) == 0
  }

  /// A copy of the bytes.
  package func array() -> [UInt8] {
    unsafe Array(UnsafeRawBufferPointer(start: base, count: count))
  }
}

/// The value of an IEEE half-precision number, exactly; quiet and signalling NaNs keep their significand.
@inline(__always)
package func float(half bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let magnitude = UInt32(bits & 0x7FFF)
  if magnitude >= 0x7C00 { return Float(bitPattern: sign | 0x7F80_0000 | (magnitude & 0x3FF) << 13) }
  // Shifted into place the number is 2^112 times too small, subnormals included, and the product is exact.
  let value = Float(bitPattern: magnitude << 13) * 0x1p112
  return Float(bitPattern: sign | value.bitPattern)
}

/// The numbers' bytes, the lowest first.
func littleEndian<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
  unsafe numbers.map(\.littleEndian).withUnsafeBytes { unsafe Array($0) }
}
