import Engine
import Foundation

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
    let update = MachineLimits.updateBandwidth(threads: 1)
    Swift.print(
      "One thread; peak of \(Lanes.available.rawValue) lanes \(Int(peak / 1e9)) GFLOP/s, reading \(Int(bandwidth / 1e9)) GB/s, reading and writing \(Int(update / 1e9)) GB/s.\n"
    )
    Swift.print("| kernel | speed | of the limit | greatest error |\n| :-- | --: | --: | --: |")
    var lines: [Line] = []
    for rows in [1, 8, 32, 128, 512] {
      lines.append(product(rows: rows, depth: 576, columns: 1536, pool, peak))
    }
    for rows in [1, 8, 32, 512] {
      lines.append(product(rows: rows, depth: 576, columns: 1536, format: .bfloat16, pool, peak))
    }
    lines.append(product(rows: 2048, depth: 128, columns: 1024, pool, peak))
    lines.append(product(rows: 2048, depth: 512, columns: 128, pool, peak))
    lines.append(transposedProduct(depth: 2048, rows: 1024, columns: 128, pool, peak))
    lines.append(transposedProduct(depth: 512, rows: 576, columns: 576, pool, peak))
    lines.append(logSumExp(columns: 49_152, bandwidth))
    lines.append(normalization(rows: 32_768, width: 576, update))
    lines.append(rotation(rows: 8192, heads: 12, D: 64, update))
    lines.append(gatedUnit(rows: 8192, width: 1536, update))
    lines.append(optimizerStep(count: 1 << 24, pool, update))
    lines.append(attention(queries: 3, isCausal: false, keys: 512, D: 64, peak))
    lines.append(attention(queries: 256, isCausal: true, keys: 256, D: 64, peak))
    for line in lines {
      let speed = "\((line.rate / 1e8).rounded() / 10) \(line.unit)"
      Swift.print(
        "| \(line.name) | \(speed) | \(Int((line.rate / line.limit * 100).rounded())) % | \(String(format: "%.1e", line.error)) |"
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
    var runs = 0
    while runs < 6 {
      let clock = ContinuousClock.now
      for _ in 0..<calls { body() }
      let elapsed = clock.duration(to: .now).components
      let time = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
      if time < 0.02 {
        calls *= 2
      } else {
        best = min(best, time / Double(calls))
        runs += 1
      }
    }
    return best
  }

  private func product(
    rows: Int, depth: Int, columns: Int, format: WeightFormat = .float32, _ pool: WorkPool, _ peak: Double
  ) -> Line {
    let products = MatrixProducts(pool: pool, numerics: .native)
    let x = random(rows * depth, 1)
    let w = random(columns * depth, 2)
    let words = FloatBuffer(count: BFloats.words(for: w.count))
    let rounded = BFloats(words.floats, count: w.count)
    if format == .bfloat16 {
      for index in 0..<w.count {
        rounded[index] = w.floats[index]
        w.floats[index] = rounded[index]
      }
    }
    let storage = FloatBuffer(count: PackedMatrix.size(depth: depth, columns: columns, format: format))
    let packed = PackedMatrix(
      transposing: format == .float32 ? .float32(w.floats) : .bfloat16(rounded), columns: columns,
      depth: depth, format: format, into: storage.floats, pool: pool)
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
      name: "product X·Wᵀ, \(rows) × \(depth) × \(columns)\(format == .float32 ? "" : ", W in bfloat16")",
      rate: 2 * Double(rows * depth * columns) / time, limit: peak, unit: "GFLOP/s", error: error)
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
    for i in 0..<columns { exact += Foundation.exp(Double(x.floats[i])) }
    let own = Double(Engine.logSumExp(x.floats.slice(0, columns), columns))
    return Line(
      name: "log Σ exp over 64 × \(columns)", rate: Double(4 * x.count) / time, limit: bandwidth,
      unit: "GB/s",
      error: abs(Foundation.exp(own) / exact - 1))
  }

  /// Rows are read, their norms written beside them.
  private func normalization(rows: Int, width: Int, _ bandwidth: Double) -> Line {
    let x = random(rows * width, 6)
    let w = random(width, 7)
    let y = FloatBuffer(count: rows * width)
    let time = seconds {
      for row in 0..<rows {
        _ = normalizeRow(
          x.floats.slice(row * width, width), weight: w.floats, epsilon: 1e-5,
          into: y.floats.slice(row * width, width), width)
      }
    }
    var error = 0.0
    for row in stride(from: 0, to: rows, by: 997) {
      let own = (0..<width).map { Double(x.floats[row * width + $0]) }
      let inverse = 1 / (own.reduce(0) { $0 + $1 * $1 } / Double(width) + 1e-5).squareRoot()
      for c in 0..<width {
        error = max(error, abs(own[c] * inverse * Double(w.floats[c]) - Double(y.floats[row * width + c])))
      }
    }
    return Line(
      name: "RMSNorm of \(rows) × \(width)", rate: Double(8 * x.count) / time, limit: bandwidth, unit: "GB/s",
      error: error)
  }

  /// In place; what turns forth and back again is what it was.
  private func rotation(rows: Int, heads: Int, D: Int, _ bandwidth: Double) -> Line {
    let a = Architecture(
      vocabularySize: 2, layers: 1, width: heads * D, heads: heads, keyValueHeads: heads, headWidth: D,
      feedForward: 8, contextLength: 1024)
    let table = RotaryTable(a, positions: 1024)
    let x = random(rows * heads * D, 8)
    func turn(inverse: Bool) {
      for row in 0..<rows {
        for head in 0..<heads {
          table.rotate(x.floats.slice((row * heads + head) * D, D), position: row % 1024, inverse: inverse)
        }
      }
    }
    let before = x.floats.array()
    turn(inverse: false)
    var error = 0.0
    for head in stride(from: 0, to: rows * heads, by: 101) {
      for d in 0..<D / 2 {
        let angle = Double(head / heads % 1024) * pow(Double(a.ropeBase), -Double(2 * d) / Double(D))
        let (low, high) = (Double(before[head * D + d]), Double(before[head * D + D / 2 + d]))
        let exact = low * cos(angle) - high * sin(angle)
        error = max(error, abs(exact - Double(x.floats[head * D + d])))
      }
    }
    let time = seconds { turn(inverse: true) }
    return Line(
      name: "rotation of \(rows) × \(heads) × \(D)", rate: Double(8 * x.count) / time, limit: bandwidth,
      unit: "GB/s", error: error)
  }

  /// Gate and way up are read, their product is written.
  private func gatedUnit(rows: Int, width: Int, _ bandwidth: Double) -> Line {
    let x = random(rows * 2 * width, 9)
    let y = FloatBuffer(count: rows * width)
    let time = seconds {
      for row in 0..<rows {
        Architecture.Activation.silu.gate(
          x.floats.slice(row * 2 * width, 2 * width), into: y.floats.slice(row * width, width), width)
      }
    }
    var error = 0.0
    for i in stride(from: 0, to: rows * width, by: 313) {
      let (row, f) = (i / width, i % width)
      let g = Double(x.floats[row * 2 * width + f])
      let exact = g / (1 + Foundation.exp(-g)) * Double(x.floats[row * 2 * width + width + f])
      error = max(error, abs(exact - Double(y.floats[i])))
    }
    return Line(
      name: "gated unit of \(rows) × \(width)", rate: Double(12 * y.count) / time, limit: bandwidth,
      unit: "GB/s", error: error)
  }

  /// Weights and both moments are read and written, gradients are read.
  private func optimizerStep(count: Int, _ pool: WorkPool, _ bandwidth: Double) -> Line {
    let settings = OptimizerSettings(learningRate: 1e-3, updates: 1000)
    let gradients = random(count, 10)
    let weights = random(count, 11)
    let tensors = [TensorDescription(name: "w", rows: 1, columns: count, offset: 0, isDecayed: true)]
    let first = weights.floats.slice(0, 1000).array()
    AdamW(count: count, settings: settings, pool: pool)
      .step(weights.floats, tensors, gradients: gradients.floats, scale: 1, rate: 1e-3)
    var error = 0.0
    for i in 0..<1000 {
      let g = Double(gradients.floats[i])
      // After one step the corrected moments are g and g².
      let exact = Double(first[i]) * (1 - 1e-3 * Double(settings.weightDecay)) - 1e-3 * g / (abs(g) + 1e-8)
      error = max(error, abs(exact - Double(weights.floats[i])))
    }
    let optimizer = AdamW(count: count, settings: settings, pool: pool)
    let time = seconds {
      optimizer.step(weights.floats, tensors, gradients: gradients.floats, scale: 1, rate: 1e-3)
    }
    return Line(
      name: "AdamW of \(count) numbers", rate: Double(28 * count) / time, limit: bandwidth, unit: "GB/s",
      error: error)
  }

  /// The heads that share keys attend from one token, or the tokens of a sequence each to those before it.
  private func attention(queries: Int, isCausal: Bool, keys: Int, D: Int, _ peak: Double) -> Line {
    let a = Architecture(
      vocabularySize: 2, layers: 1, width: D, heads: 1, keyValueHeads: 1, headWidth: D, feedForward: 8,
      contextLength: keys)
    let k = random(keys * D, 12)
    let v = random(keys * D, 13)
    let q = random(queries * D, 14)
    let panels = (
      FloatBuffer(count: KeyValuePanels.keySize(tokens: keys, D)),
      FloatBuffer(count: KeyValuePanels.valueSize(tokens: keys, D))
    )
    let cache = KeyValuePanels(keys: panels.0.floats, values: panels.1.floats, capacity: keys, D: D)
    for token in 0..<keys {
      cache.store(
        key: k.floats.slice(token * D, D), value: v.floats.slice(token * D, D), at: token)
    }
    let rule = AttentionRule(a, layer: 0)
    let scratch = FloatBuffer(count: QueryBlock.scratchSize(keys: keys, D))
    let out = FloatBuffer(count: queries * D)
    let block = QueryBlock(
      queries: q.floats, stride: D, count: queries, keys: isCausal ? 1 : keys, isCausal: isCausal, D: D)
    let time = seconds {
      block.attend(to: cache, rule, scratch: scratch.floats) { row, sum, _, inverse in
        scale(sum, by: inverse, into: out.floats.slice(row * D, D), D)
      }
    }
    var error = 0.0
    var seen = 0
    for row in 0..<queries {
      let visible = isCausal ? row + 1 : keys
      seen += visible
      var weights: [Double] = []
      for j in 0..<visible {
        let product = (0..<D).reduce(0.0) {
          $0 + Double(q.floats[row * D + $1]) * Double(k.floats[j * D + $1])
        }
        weights.append(Foundation.exp(product / Double(D).squareRoot()))
      }
      let total = weights.reduce(0, +)
      let exact = (0..<visible).reduce(0.0) { $0 + weights[$1] / total * Double(v.floats[$1 * D]) }
      error = max(error, abs(exact - Double(out.floats[row * D])))
    }
    return Line(
      name: isCausal
        ? "attention of a sequence of \(queries), heads of \(D)"
        : "attention of \(queries) heads to \(keys) tokens, heads of \(D)",
      rate: Double(4 * seen * D) / time, limit: peak, unit: "GFLOP/s", error: error)
  }
}
