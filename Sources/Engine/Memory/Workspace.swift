/// Memory for the intermediate results of one computation, used again by the next: no loop of the engine allocates.
///
/// `reset` gives everything back at once. A workspace grows when it must and keeps what it grew to.
package final class Workspace {
  private var buffers: [FloatBuffer] = []
  private var current = 0
  private var used = 0

  package init() {}

  /// A view of `count` numbers whose content is whatever was there before.
  package func take(_ count: Int) -> Floats {
    // Sixteen numbers are a cache line: every view starts on one, and vectors may run past its odd end.
    let rounded = (count + 8 + 15) / 16 * 16
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
    let mark = (current, used)
    defer { (current, used) = mark }
    return try body()
  }

  /// Gives everything back; views taken before must not be used any more.
  package func reset() {
    current = 0
    used = 0
  }
}
