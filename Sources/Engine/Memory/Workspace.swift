/// Memory for the intermediate results of one computation, used again by the next: no loop of the engine allocates.
///
/// `reset` gives everything back at once. A workspace grows when it must and keeps what it grew to; what it grew to in pieces becomes
/// one piece at the next `reset`, so that a longer computation does not leave a shorter one's pieces behind.
package final class Workspace {
  private var buffers: [FloatBuffer] = []
  private var current = 0
  private var used = 0
  /// Numbers taken at this moment, were they in one piece.
  private var taken = 0
  /// The most that were ever taken at a moment.
  package private(set) var peak = 0

  package init() {}

  /// Bytes that it holds.
  package var bytes: Int { buffers.reduce(0) { $0 + $1.bytes } }

  /// What a view of `count` numbers takes: sixteen numbers are a cache line; every view starts on one, and vectors may run past its odd end.
  static func rounded(_ count: Int) -> Int { (count + 8 + 15) / 16 * 16 }

  /// A view of `count` numbers whose content is whatever was there before.
  package func take(_ count: Int) -> Floats {
    let rounded = Self.rounded(count)
    taken += rounded
    peak = max(peak, taken)
    while current < buffers.count {
      if used + rounded <= buffers[current].count {
        defer { used += rounded }
        return buffers[current].floats.slice(used, count)
      }
      current += 1
      used = 0
    }
    buffers.append(FloatBuffer(count: max(rounded, 1 << 18)))
    used = rounded
    return buffers[current].floats.slice(0, count)
  }

  /// A view of `count` zeros.
  package func takeZeros(_ count: Int) -> Floats {
    let view = take(count)
    view.fill(0)
    return view
  }

  /// Runs `body` and gives back what it took.
  package func scoped<Result>(_ body: () throws -> Result) rethrows -> Result {
    let mark = (current, used, taken)
    defer { (current, used, taken) = mark }
    return try body()
  }

  /// Gives everything back; views taken before must not be used any more.
  ///
  /// - Parameter count: what the next computation will take at its most, as far as that is known.
  package func reset(expecting count: Int = 0) {
    current = 0
    used = 0
    taken = 0
    let wanted = max(count, buffers.count > 1 ? peak : 0)
    guard wanted > buffers.first?.count ?? 0 || buffers.count > 1 else { return }
    // Given back before it is asked for again: the two are never there together.
    buffers = []
    buffers = [FloatBuffer(count: max(wanted, 1 << 18))]
  }
}
