import Engine

/// Each kernel's speed beside what the machine could do at best, and how far its result is from a plain one in double precision.
struct KernelTable {
  private struct Line {
    var name: String
    /// Operations or bytes a second.
    var rate: Double
    var limit: Double
    var unit: String
    var error: Double
  }

  func print() {
    let pool = WorkPool(threads: 1)
    let peak = MachineLimits.multiplyAddPeak(threads: 1)
    let bandwidth = MachineLimits.readBandwidth(threads: 1)
    Swift.print("One thread; peak \(Int(peak / 1e9)) GFLOP/s, reading \(Int(bandwidth / 1e9)) GB/s.\n")
    Swift.print("| kernel | speed | of the limit | greatest error |\n| :-- | --: | --: | --: |")
    var lines: [Line] = []
    for rows in [1, 8, 32, 128, 512] {
      lines.append(product(rows: rows, depth: 576, columns: 1536, pool, peak))
    }
    lines.append(product(rows: 2048, depth: 128, columns: 1024, pool, peak))
    lines.append(product(rows: 2048, depth: 512, columns: 128, pool, peak))
    lines.append(transposedProduct(depth: 2048, rows: 1024, columns: 128, pool, peak))
    lines.append(transposedProduct(depth: 512, rows: 576, columns: 576, pool, peak))
    lines.append(logSumExp(columns: 49_152, bandwidth))
    for line in lines {
      let speed = "\((line.rate / 1e8).rounded() / 10) \(line.unit)"
      Swift.print(
        "| \(line.name) | \(speed) | \(Int((line.rate / line.limit * 100).rounded())) % | \(line.error) |"
      )
    }
  }

  private func random(_ count: Int, _ stream: UInt32) -> FloatBuffer {
    let source = Philox(seed: 1, stream: "kernels")
    return FloatBuffer((0..<count).map { source.normal(stream, 0, UInt64($0)) })
  }

  /// Seconds of one call: the fastest of several runs of at least 20 ms each.
  private func seconds(_ body: () -> Void) -> Double {
    var calls = 1
    var best = Double.infinity
    for _ in 0..<12 {
      let clock = ContinuousClock.now
      for _ in 0..<calls { body() }
      let elapsed = clock.duration(to: .now).components
      let time = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
      if time < 0.02 { calls *= 2 } else { best = min(best, time / Double(calls)) }
    }
    return best
  }

  private func product(rows: Int, depth: Int, columns: Int, _ pool: WorkPool, _ peak: Double) -> Line {
    let products = MatrixProducts(pool: pool, numerics: .native)
    let x = random(rows * depth, 1)
    let w = random(columns * depth, 2)
    let storage = FloatBuffer(count: PackedMatrix.size(depth: depth, columns: columns))
    let packed = PackedMatrix(
      transposing: w.floats, columns: columns, depth: depth, into: storage.floats, pool: pool)
    let c = FloatBuffer(count: rows * columns)
    let time = seconds { products.multiply(x.floats, rows: rows, by: packed, into: c.floats) }
    var error = 0.0
    for column in stride(from: 0, to: columns, by: 97) {
      var exact = 0.0
      for k in 0..<depth {
        exact += Double(x.floats[(rows - 1) * depth + k]) * Double(w.floats[column * depth + k])
      }
      error = max(error, abs(exact - Double(c.floats[(rows - 1) * columns + column])))
    }
    return Line(
      name: "product X·Wᵀ, \(rows) × \(depth) × \(columns)", rate: 2 * Double(rows * depth * columns) / time,
      limit: peak, unit: "GFLOP/s", error: error)
  }

  private func transposedProduct(depth: Int, rows: Int, columns: Int, _ pool: WorkPool, _ peak: Double)
    -> Line
  {
    let products = MatrixProducts(pool: pool, numerics: .native)
    let a = random(depth * rows, 3)
    let b = random(depth * columns, 4)
    let storage = FloatBuffer(count: PackedMatrix.size(depth: depth, columns: columns))
    let scratch = FloatBuffer(count: products.tileSize)
    let c = FloatBuffer(count: rows * columns)
    let time = seconds {
      let packed = PackedMatrix(
        copying: b.floats, depth: depth, columns: columns, into: storage.floats, pool: pool)
      products.multiply(
        transposing: RowView(a.floats, stride: rows), rows: rows, by: packed, into: c.floats, adding: false,
        scratch: scratch.floats)
    }
    var error = 0.0
    for row in stride(from: 0, to: rows, by: 31) {
      var exact = 0.0
      for k in 0..<depth { exact += Double(a.floats[k * rows + row]) * Double(b.floats[k * columns + 5]) }
      error = max(error, abs(exact - Double(c.floats[row * columns + 5])))
    }
    return Line(
      name: "product dYᵀ·X with its packing, \(rows) × \(depth) × \(columns)",
      rate: 2 * Double(rows * depth * columns) / time, limit: peak, unit: "GFLOP/s", error: error)
  }

  private func logSumExp(columns: Int, _ bandwidth: Double) -> Line {
    let x = random(columns * 64, 5)
    var sink: Float = 0
    let time = seconds {
      for row in 0..<64 { sink += Engine.logSumExp(x.floats.slice(row * columns, columns), columns) }
    }
    var exact = 0.0
    for i in 0..<columns { exact += exponential(Double(x.floats[i])) }
    let own = Double(Engine.logSumExp(x.floats.slice(0, columns), columns))
    return Line(
      name: "log Σ exp over 64 × \(columns)", rate: Double(4 * x.count) / time, limit: bandwidth,
      unit: "GB/s",
      error: abs(exponential(own) / exact - 1))
  }

  private func exponential(_ x: Double) -> Double {
    // (1 + y + y²/2 + …) with y = x / 1024, squared ten times.
    let y = x / 1024
    var power = 1.0
    for k in stride(from: 10, through: 1, by: -1) { power = 1 + power * y / Double(k) }
    for _ in 0..<10 { power *= power }
    return power
  }
}
