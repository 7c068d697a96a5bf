import Engine

/// What the machine can do at best, measured in the same run.
enum MachineLimits {
  /// Fused multiply-adds a second, two operations each: twelve chains of eight lanes in every thread.
  static func multiplyAddPeak(threads: Int) -> Double {
    let pool = WorkPool(threads: threads)
    let steps = 20_000_000
    let sink = FloatBuffer(count: 64 * threads)
    var best = 0.0
    for _ in 0..<5 {
      let clock = ContinuousClock.now
      pool.run(threads) { unit in sink.floats[64 * unit] = chains(steps) }
      let elapsed = clock.duration(to: .now).components
      let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
      best = max(best, Double(threads * steps) * 12 * 8 * 2 / seconds)
    }
    return best
  }

  @inline(never)
  private static func chains(_ steps: Int) -> Float {
    let x = Vector(repeating: 0.999_999)
    let y = Vector(repeating: 1e-6)
    var (a, b, c, d, e, f) = (x, x, x, x, x, x)
    var (g, h, i, j, k, l) = (x, x, x, x, x, x)
    for _ in 0..<steps {
      a = y.addingProduct(a, x)
      b = y.addingProduct(b, x)
      c = y.addingProduct(c, x)
      d = y.addingProduct(d, x)
      e = y.addingProduct(e, x)
      f = y.addingProduct(f, x)
      g = y.addingProduct(g, x)
      h = y.addingProduct(h, x)
      i = y.addingProduct(i, x)
      j = y.addingProduct(j, x)
      k = y.addingProduct(k, x)
      l = y.addingProduct(l, x)
    }
    return sum(a + b + c + d + e + f + g + h + i + j + k + l)
  }

  /// Bytes read a second from memory larger than every cache.
  static func readBandwidth(threads: Int) -> Double {
    let pool = WorkPool(threads: threads)
    let buffer = FloatBuffer(count: 64 << 20)
    let part = buffer.count / (8 * threads)
    let sink = FloatBuffer(count: 64 * threads)
    var best = 0.0
    for _ in 0..<5 {
      let clock = ContinuousClock.now
      pool.run(8 * threads) { unit, worker in
        let own = buffer.floats.slice(unit * part, part)
        var lanes = (Vector(), Vector(), Vector(), Vector())
        var index = 0
        while index + 32 <= part {
          lanes.0 += own.load8(index)
          lanes.1 += own.load8(index + 8)
          lanes.2 += own.load8(index + 16)
          lanes.3 += own.load8(index + 24)
          index += 32
        }
        sink.floats[64 * worker] = sum(lanes.0 + lanes.1 + lanes.2 + lanes.3)
      }
      let elapsed = clock.duration(to: .now).components
      best = max(
        best, Double(4 * buffer.count) / (Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18))
    }
    return best
  }
}
