import CProcessor
internal import Glibc

/// A view of consecutive single-precision numbers that somebody else owns.
///
/// This file and `FloatBuffer` hold all of the engine's raw memory: its kernels see `Floats`, never a pointer; those of `WideKernels`, which cannot know this
/// type, get addresses. A view does not keep its
/// memory alive; whoever hands one out keeps the owner for as long as the view is used. Indices are checked in
/// debug builds only, since kernels index in their innermost loops.
@safe package struct Floats: @unchecked Sendable {
  private let base: UnsafeMutablePointer<Float>
  package let count: Int

  fileprivate init(base: UnsafeMutablePointer<Float>, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  /// The number at `index`.
  package subscript(index: Int) -> Float {
    @inline(__always) get {
      assert(index >= 0 && index < count, "index \(index) outside 0..<\(count)")
      return unsafe base[index]
    }
    @inline(__always) nonmutating set {
      assert(index >= 0 && index < count, "index \(index) outside 0..<\(count)")
      unsafe base[index] = newValue
    }
  }

  /// Asks for the cache line of a number to come nearer, for it is read soon; may lie beyond the end, where nothing happens.
  @inline(__always)
  func prefetch(_ index: Int) { unsafe emend_prefetch(UnsafeRawPointer(base) + 4 &* index) }

  /// Eight numbers from `index` on.
  @inline(__always)
  package func load8(_ index: Int) -> SIMD8<Float> {
    assert(index >= 0 && index + 8 <= count, "8 numbers at \(index) outside 0..<\(count)")
    return unsafe UnsafeRawPointer(base + index).loadUnaligned(as: SIMD8<Float>.self)
  }

  /// Writes eight numbers from `index` on.
  @inline(__always)
  package func store8(_ value: SIMD8<Float>, _ index: Int) {
    assert(index >= 0 && index + 8 <= count, "8 numbers at \(index) outside 0..<\(count)")
    unsafe UnsafeMutableRawPointer(base + index).storeBytes(of: value, as: SIMD8<Float>.self)
  }

  /// The `count` numbers from `start` on.
  @inline(__always)
  package func slice(_ start: Int, _ count: Int) -> Floats {
    assert(start >= 0 && count >= 0 && start + count <= self.count, "slice outside its view")
    return unsafe Floats(base: base + start, count: count)
  }

  /// The numbers from `start` on.
  @inline(__always)
  package func suffix(from start: Int) -> Floats { slice(start, count - start) }

  /// Sets every number to `value`.
  package func fill(_ value: Float) {
    unsafe base.update(repeating: value, count: count)
  }

  /// Copies all of `source`, which must be as long.
  package func copy(from source: Floats) {
    precondition(count == source.count, "copying \(source.count) numbers to \(count)")
    unsafe base.update(from: source.base, count: count)
  }

  /// Calls `body` with the address of the first number, for what is no kernel: a foreign function, a file's reader.
  func withAddress<Result>(_ body: (UnsafeMutablePointer<Float>) throws -> Result) rethrows -> Result {
    unsafe try body(base)
  }

  /// The address of a number, for kernels of another module.
  @inline(__always)
  func address(_ index: Int) -> UnsafeMutablePointer<Float> { unsafe base + index }

  /// The numbers as an array.
  package func array() -> [Float] {
    unsafe Array(UnsafeBufferPointer(start: base, count: count))
  }
}

/// One aligned allocation of single-precision numbers, zero at first.
@safe package final class FloatBuffer: @unchecked Sendable {
  private let storage: UnsafeMutableRawPointer
  package let count: Int

  /// - Precondition: `count` is not negative.
  package init(count: Int) {
    precondition(count >= 0, "a buffer of \(count) numbers")
    self.count = count
    // Eight numbers more than asked for, so that vectors may be read past an odd end.
    let bytes = (count + 8) * MemoryLayout<Float>.stride
    unsafe storage = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: bytes < Self.largePage ? 64 : Self.largePage)
    // Kernels go through memory in strides, and every page on their way is looked up by itself: the larger, the fewer. It is a wish; where the system has no
    // such pages, nothing is different.
    let whole = bytes / Self.largePage * Self.largePage
    if whole > 0 { unsafe _ = madvise(storage, whole, MADV_HUGEPAGE) }
    unsafe storage.initializeMemory(as: Float.self, repeating: 0, count: count + 8)
  }

  /// Bytes of a large page of memory.
  private static let largePage = 2 << 20

  /// A buffer with these numbers.
  package convenience init(_ values: [Float]) {
    self.init(count: values.count)
    let view = floats
    for (index, value) in values.enumerated() { view[index] = value }
  }

  deinit {
    unsafe storage.deallocate()
  }

  /// What it takes.
  package var bytes: Int { (count + 8) * MemoryLayout<Float>.stride }

  /// All of it.
  package var floats: Floats {
    unsafe Floats(base: storage.assumingMemoryBound(to: Float.self), count: count)
  }

  /// Appends the numbers' bytes, little-endian.
  package func append(to bytes: inout [UInt8]) {
    unsafe bytes.append(
      contentsOf: UnsafeRawBufferPointer(start: storage, count: count * MemoryLayout<Float>.stride))
  }

  /// Overwrites the numbers from little-endian bytes; there must be four for each number.
  package func load(bytes: ArraySlice<UInt8>) {
    precondition(bytes.count == count * 4, "\(bytes.count) bytes for \(count) numbers")
    unsafe bytes.withUnsafeBytes { source in
      unsafe UnsafeMutableRawBufferPointer(start: storage, count: count * 4).copyMemory(from: source)
    }
  }
}
