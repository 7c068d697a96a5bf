/// The right-hand side of a matrix product, laid out for the micro-kernel: panels of 16 columns, each with its rows one after another.
///
/// B is `[depth, columns]`; panel p holds B[k, 16p + c] at `16·k + c`. The last panel is filled up with zeros. In bfloat16 a panel's row is eight words,
/// as `BFloat16Pairs` has them.
package struct PackedMatrix {
  package let depth: Int
  package let columns: Int
  package let panels: Floats
  package let format: WeightFormat

  /// How many words a packed matrix takes.
  package static func size(depth: Int, columns: Int, format: WeightFormat = .float32) -> Int {
    (columns + 15) / 16 * depth * (format == .float32 ? SinglePanels.wordsInRow : BFloat16Panels.wordsInRow)
  }

  /// Packs Wᵀ in single precision: W is `[columns, depth]`, so that X·B = X·Wᵀ.
  package init<W: NumberView>(
    transposing w: W, columns: Int, depth: Int, into storage: Floats, pool: WorkPool
  ) {
    self.depth = depth
    self.columns = columns
    format = .float32
    panels = storage
    Self.eachPanel(columns: columns, pool) { first in
      transposePanel(
        w, first..<min(first + 16, columns), depth, into: storage.slice(first * depth, 16 * depth))
    }
  }

  /// Packs Wᵀ in single precision, or numbers in bfloat16 as what they are.
  package init(
    transposing w: Weights, columns: Int, depth: Int, format: WeightFormat = .float32, into storage: Floats,
    pool: WorkPool
  ) {
    switch (w, format) {
    case (.float32(let w), _):
      self.init(transposing: w, columns: columns, depth: depth, into: storage, pool: pool)
    case (.bfloat16(let w), .float32):
      self.init(transposing: w, columns: columns, depth: depth, into: storage, pool: pool)
    case (.bfloat16(let w), .bfloat16):
      self.init(transposing: w, columns: columns, depth: depth, intoBFloat16: storage, pool: pool)
    }
  }

  private init(
    transposing w: BFloats, columns: Int, depth: Int, intoBFloat16 storage: Floats, pool: WorkPool
  ) {
    self.depth = depth
    self.columns = columns
    format = .bfloat16
    panels = storage
    let rooms = FloatBuffer(count: pool.threads * 16 * depth)
    Self.eachPanel(columns: columns, pool) { first, worker in
      let single = rooms.floats.slice(worker * 16 * depth, 16 * depth)
      transposePanel(w, first..<min(first + 16, columns), depth, into: single)
      let words = BFloat16Panels.wordsInRow
      let panel = storage.slice(first / 16 * words * depth, words * depth)
      for k in 0..<depth {
        panel.store8(BFloat16Pairs.words(single.load8(16 * k), single.load8(16 * k + 8)), words * k)
      }
    }
    withExtendedLifetime(rooms) {}
  }

  /// Packs B as it stands, in single precision: B is `[depth, columns]`.
  package init<B: NumberView>(copying b: B, depth: Int, columns: Int, into storage: Floats, pool: WorkPool) {
    self.depth = depth
    self.columns = columns
    format = .float32
    panels = storage
    Self.eachRows(depth, pool) { first, count, _ in
      place(b.slice(first * columns, count * columns), at: first, count)
    }
  }

  /// Puts `count` rows of B, one after another in `rows`, in their places of the panels.
  ///
  /// Several at a time: what is read is in a row, and so is what goes to each panel.
  @inline(__always)
  private func place<B: NumberView>(_ rows: B, at first: Int, _ count: Int) {
    var column = 0
    while column + 16 <= columns {
      var source = column
      var target = column * depth + 16 * first
      for _ in 0..<count {
        panels.store8(rows.load8(source), target)
        panels.store8(rows.load8(source + 8), target + 8)
        source += columns
        target += 16
      }
      column += 16
    }
    guard column < columns else { return }
    for row in 0..<count {
      let target = column * depth + 16 * (first + row)
      for lane in 0..<16 {
        panels[target + lane] = column + lane < columns ? rows[row * columns + column + lane] : 0
      }
    }
  }

  /// The same of weights in either format.
  package init(copying b: Weights, depth: Int, columns: Int, into storage: Floats, pool: WorkPool) {
    switch b {
    case .float32(let b): self.init(copying: b, depth: depth, columns: columns, into: storage, pool: pool)
    case .bfloat16(let b): self.init(copying: b, depth: depth, columns: columns, into: storage, pool: pool)
    }
  }

  /// Rows that go to their panels together.
  private static let rowsTogether = 8

  /// Numbers of scratch memory that packing row by row takes.
  package static func scratchSize(columns: Int, threads: Int) -> Int {
    threads * rowsTogether * columns
  }

  /// Packs B `[depth, columns]` in single precision as its rows come, without B ever being there row by row.
  ///
  /// - Parameters:
  ///   - scratch: `scratchSize` numbers.
  ///   - fill: writes a row; called from any thread.
  package init(
    depth: Int, columns: Int, into storage: Floats, scratch: Floats, pool: WorkPool,
    _ fill: (_ row: Int, _ target: Floats) -> Void
  ) {
    self.depth = depth
    self.columns = columns
    format = .float32
    panels = storage
    let size = Self.rowsTogether * columns
    Self.eachRows(depth, pool) { first, count, worker in
      let room = scratch.slice(worker * size, size)
      for row in 0..<count { fill(first + row, room.slice(row * columns, columns)) }
      place(room, at: first, count)
    }
  }

  /// Calls `body` for every few of B's rows; those of a large matrix go four times as many a unit.
  @inline(__always)
  private static func eachRows(
    _ depth: Int, _ pool: WorkPool, _ body: (_ first: Int, _ count: Int, _ worker: Int) -> Void
  ) {
    let rowsInUnit = max(1, min(4, depth / (rowsTogether * 4 * pool.threads))) * rowsTogether
    pool.run((depth + rowsInUnit - 1) / rowsInUnit) { unit, worker in
      let end = min((unit + 1) * rowsInUnit, depth)
      for first in stride(from: unit * rowsInUnit, to: end, by: rowsTogether) {
        body(first, min(rowsTogether, end - first), worker)
      }
    }
  }

  private static func eachPanel(columns: Int, _ pool: WorkPool, _ body: (_ first: Int) -> Void) {
    eachPanel(columns: columns, pool) { first, _ in body(first) }
  }

  private static func eachPanel(columns: Int, _ pool: WorkPool, _ body: (_ first: Int, _ worker: Int) -> Void)
  {
    let panels = (columns + 15) / 16
    pool.run((panels + 3) / 4) { unit, worker in
      for panel in 4 * unit..<min(4 * unit + 4, panels) { body(16 * panel, worker) }
    }
  }
}

/// At most sixteen rows of W, each `depth` long, as a panel of columns `[depth, 16]`, filled up with zeros.
private func transposePanel<W: NumberView>(_ w: W, _ columns: Range<Int>, _ depth: Int, into panel: Floats) {
  let rows = w.slice(columns.lowerBound * depth, columns.count * depth)
  guard columns.count == 16 else {
    panel.fill(0)
    for c in 0..<columns.count {
      for k in 0..<depth { panel[16 * k + c] = rows[c * depth + k] }
    }
    return
  }
  var k = 0
  while k + 8 <= depth {
    transpose(rows, k, depth, into: panel, 16 * k)
    transpose(rows, 8 * depth + k, depth, into: panel, 16 * k + 8)
    k += 8
  }
  while k < depth {
    for c in 0..<16 { panel[16 * k + c] = rows[c * depth + k] }
    k += 1
  }
}

/// Eight rows of eight numbers at `source`, `stride` apart, to eight rows of 16 at `target`, turned: three rounds of interleaving.
@inline(__always)
func transpose<X: NumberView>(_ x: X, _ source: Int, _ stride: Int, into y: Floats, _ target: Int) {
  let r0 = x.load8(source)
  let r1 = x.load8(source + stride)
  let r2 = x.load8(source + 2 * stride)
  let r3 = x.load8(source + 3 * stride)
  let r4 = x.load8(source + 4 * stride)
  let r5 = x.load8(source + 5 * stride)
  let r6 = x.load8(source + 6 * stride)
  let r7 = x.load8(source + 7 * stride)
  let (a0, a1) = interleaved(r0, r4)
  let (a2, a3) = interleaved(r1, r5)
  let (a4, a5) = interleaved(r2, r6)
  let (a6, a7) = interleaved(r3, r7)
  let (b0, b1) = interleaved(a0, a4)
  let (b2, b3) = interleaved(a1, a5)
  let (b4, b5) = interleaved(a2, a6)
  let (b6, b7) = interleaved(a3, a7)
  let (c0, c1) = interleaved(b0, b4)
  let (c2, c3) = interleaved(b1, b5)
  let (c4, c5) = interleaved(b2, b6)
  let (c6, c7) = interleaved(b3, b7)
  y.store8(c0, target)
  y.store8(c1, target + 16)
  y.store8(c2, target + 32)
  y.store8(c3, target + 48)
  y.store8(c4, target + 64)
  y.store8(c5, target + 80)
  y.store8(c6, target + 96)
  y.store8(c7, target + 112)
}

/// a₀ b₀ a₁ b₁ … of the lower and of the upper halves.
@inline(__always)
private func interleaved(_ a: Vector, _ b: Vector) -> (Vector, Vector) {
  var low = Vector()
  low.evenHalf = a.lowHalf
  low.oddHalf = b.lowHalf
  var high = Vector()
  high.evenHalf = a.highHalf
  high.oddHalf = b.highHalf
  return (low, high)
}
