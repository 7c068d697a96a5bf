import Engine
import WideKernels

/// What the machine can do at best, measured in the same run.
enum MachineLimits {
  /// Fused multiply-adds a second, two operations each: in every thread twelve chains of eight lanes, or sixteen of sixteen where the processor has them.
  static func multiplyAddPeak(threads: Int) -> Double {
    let pool = WorkPool(threads: threads)
    let steps = 20_000_000
    let lanes = Lanes.available
    let sink = FloatBuffer(count: 64 * threads)
    var best = 0.0
    for _ in 0..<5 {
      let clock = ContinuousClock.now
      pool.run(threads) { unit in
        sink.floats[64 * unit] = lanes == .sixteen ? wideMultiplyAdds(steps) : chains(steps)
      }
      let elapsed = clock.duration(to: .now).components
      let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
      let perStep = lanes == .sixteen ? 16 : 12
      best = max(best, Double(threads * steps * perStep * lanes.rawValue) * 2 / seconds)
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
    bandwidth(threads: threads, bytesPerNumber: 4) { own in
      var lanes = (Vector(), Vector(), Vector(), Vector())
      for index in Swift.stride(from: 0, to: own.count - 31, by: 32) {
        lanes.0 += own.load8(index)
        lanes.1 += own.load8(index + 8)
        lanes.2 += own.load8(index + 16)
        lanes.3 += own.load8(index + 24)
      }
      return sum(lanes.0 + lanes.1 + lanes.2 + lanes.3)
    }
  }

  /// Bytes read and written a second, where numbers in such memory are changed in place.
  static func updateBandwidth(threads: Int) -> Double {
    bandwidth(threads: threads, bytesPerNumber: 8) { own in
      scale(own, by: 1.5, into: own, own.count)
      return 0
    }
  }

  private static func bandwidth(threads: Int, bytesPerNumber: Int, _ use: (Floats) -> Float) -> Double {
    let pool = WorkPool(threads: threads)
    let buffer = FloatBuffer(count: 64 << 20)
    let part = buffer.count / (8 * threads)
    let sink = FloatBuffer(count: 64 * threads)
    var best = 0.0
    for _ in 0..<5 {
      let clock = ContinuousClock.now
      pool.run(8 * threads) { unit, worker in
        sink.floats[64 * worker] = use(buffer.floats.slice(unit * part, part))
      }
      let elapsed = clock.duration(to: .now).components
      let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
      best = max(best, Double(bytesPerNumber * buffer.count) / seconds)
    }
    return best
  }
}
