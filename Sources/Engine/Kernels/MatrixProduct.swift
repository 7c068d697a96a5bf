/// The rows of a matrix: row r begins at `r · stride`.
package struct RowView {
  package let floats: Floats
  package let stride: Int

  /// Rows that begin `start` numbers into `floats`.
  package init(_ floats: Floats, from start: Int = 0, stride: Int) {
    self.floats = floats.suffix(from: start)
    self.stride = stride
  }
}

/// The one seam through which every matrix product goes; `numerics` says who computes it.
package struct MatrixProducts {
  package let pool: WorkPool
  package let numerics: Numerics
  package let lanes: Lanes

  /// - Parameter lanes: no more than are available; what they are changes no bit.
  package init(pool: WorkPool, numerics: Numerics, lanes: Lanes = .available) {
    self.pool = pool
    self.numerics = numerics
    self.lanes = lanes
  }

  /// C = X·B, or C += X·B: X `[rows, B.depth]`, C `[rows, B.columns]`, both row by row without gaps.
  package func multiply(_ x: Floats, rows: Int, by b: PackedMatrix, into c: Floats, adding: Bool = false) {
    multiply(
      RowView(x, stride: b.depth), rows: rows, by: b, into: RowView(c, stride: b.columns), adding: adding)
  }

  /// The same for matrices that are part of wider ones.
  package func multiply(
    _ x: RowView, rows: Int, by b: PackedMatrix, into c: RowView, adding: Bool = false
  ) {
    switch numerics {
    case .native:
      native(LeftOperand(rows: x.floats, stride: x.stride), rows: rows, by: b, into: c, adding: adding)
    case .openblas:
      openBLAS(x.floats, rows: rows, rowStride: x.stride, depthStride: 1, by: b, into: c, adding: adding)
    }
  }

  /// The same with something done to some rows of X just before the product of these, and of C just after, while they are in the cache.
  ///
  /// - Parameters:
  ///   - preparing: makes rows of X, and of C where it is added to.
  ///   - finishing: gets rows of C that are complete. Both are called from any thread.
  package func multiply(
    _ x: Floats, rows: Int, by b: PackedMatrix, into c: Floats, adding: Bool = false,
    preparing: (Range<Int>) -> Void, finishing: (Range<Int>) -> Void
  ) {
    // Units of whole rows, where these and all panels' results stay in the cache and there are enough for the threads to end together.
    let blocks = (rows + Self.rowsInBlock - 1) / Self.rowsInBlock
    let units = (blocks + pool.threads - 1) / pool.threads * pool.threads
    guard numerics == .native, Self.rowsInBlock * (b.depth + b.columns) <= Self.numbersInCache,
      pool.threads == 1 || blocks >= 4 * pool.threads
    else {
      pool.forEachRows(rows, preparing)
      multiply(x, rows: rows, by: b, into: c, adding: adding)
      pool.forEachRows(rows, finishing)
      return
    }
    let left = LeftOperand(rows: x, stride: b.depth)
    pool.run(units) { unit in
      let own = Self.tiles(unit, of: units, rows: rows)
      preparing(own)
      multiply(
        left, rows: own, panels: 0..<(b.columns + 15) / 16, by: b, depth: 0..<b.depth,
        into: RowView(c, stride: b.columns), isFresh: !adding)
      finishing(own)
    }
  }

  /// C = Aᵀ·B, or C += Aᵀ·B: A `[B.depth, rows]`, C `[rows, B.columns]`. The gradient of a weight is dYᵀ·X.
  ///
  /// `scratch` gets parts of Aᵀ in tiles of six rows, so that the kernel reads it in order: `tileSize` numbers.
  package func multiply(
    transposing a: RowView, rows: Int, by b: PackedMatrix, into c: Floats, adding: Bool, scratch: Floats
  ) {
    let target = RowView(c, stride: b.columns)
    switch numerics {
    case .native:
      native(transposing: a, rows: rows, by: b, into: target, adding: adding, scratch: scratch)
    case .openblas:
      openBLAS(a.floats, rows: rows, rowStride: 1, depthStride: a.stride, by: b, into: target, adding: adding)
    }
  }

  /// Numbers of scratch memory that a product with Aᵀ takes.
  package var tileSize: Int { Self.tileSize(threads: pool.threads) }

  /// The same of so many threads.
  static func tileSize(threads: Int) -> Int { threads * rowsInUnit * BlockProduct<SinglePanels>.depthInBlock }

  private func native(
    transposing a: RowView, rows: Int, by b: PackedMatrix, into c: RowView, adding: Bool, scratch: Floats
  ) {
    let panels = (b.columns + 15) / 16
    // As many panels as there are, up to 96, since the tiles are made anew for each unit.
    let panelsInUnit = 96
    let panelUnits = (panels + panelsInUnit - 1) / panelsInUnit
    let rowUnits = transposedUnits(rows: rows, panelUnits: panelUnits)
    let size = Self.rowsInUnit * BlockProduct<SinglePanels>.depthInBlock
    pool.run(rowUnits * panelUnits) { unit, worker in
      let own = Self.tiles(unit / panelUnits, of: rowUnits, rows: rows)
      let first = own.lowerBound
      let count = own.count
      let ownPanels = unit % panelUnits * panelsInUnit..<min((unit % panelUnits + 1) * panelsInUnit, panels)
      let tiles = scratch.slice(worker * size, size)
      var k = 0
      repeat {
        let depth = min(BlockProduct<SinglePanels>.depthInBlock, b.depth - k)
        packTiles(a, columns: first..<first + count, rows: k..<k + depth, into: tiles)
        multiply(
          LeftOperand(tiles: tiles, depth: depth), rows: 0..<count, panels: ownPanels, by: b,
          depth: k..<k + depth,
          into: RowView(c.floats, from: first * c.stride, stride: c.stride), isFresh: !adding && k == 0)
        k += depth
      } while k < b.depth
    }
  }

  /// Units of A's columns: four a thread where each has 24 or more, as many for every thread, and none with more than `rowsInUnit`. The wider a unit, the
  /// more it takes of a line of A that it reads.
  private func transposedUnits(rows: Int, panelUnits: Int) -> Int {
    let least = (rows + Self.rowsInUnit - 1) / Self.rowsInUnit
    let units = max(1, least, min(4 * pool.threads / panelUnits, rows / 24))
    guard units >= pool.threads else { return units }
    let even = units / pool.threads * pool.threads
    return even < least ? even + pool.threads : even
  }

  /// The rows of one unit among some of about one size, in whole tiles of six but for the very last.
  private static func tiles(_ unit: Int, of units: Int, rows: Int) -> Range<Int> {
    let tiles = (rows + 5) / 6
    return unit * tiles / units * 6..<min((unit + 1) * tiles / units * 6, rows)
  }

  /// Some columns and rows of A to tiles of six columns, `[rows, 6]` each.
  private func packTiles(_ a: RowView, columns: Range<Int>, rows: Range<Int>, into tiles: Floats) {
    let depth = rows.count
    let whole = columns.count / 6 * 6
    // Eight rows at a time, since A's rows are far apart: what a line of cache holds is used before it goes. Eight numbers are copied for six: those
    // beyond a row are the next row's, and what is too much, the next line of the tile overwrites. The last row and line have no next.
    // The next eight are asked for meanwhile: rows so far apart the processor does not foresee.
    for first in stride(from: 0, to: depth, by: 8) {
      let end = min(first + 8, depth)
      for k in end..<min(end + 8, depth) {
        let row = (rows.lowerBound + k) * a.stride + columns.lowerBound
        for column in stride(from: 0, to: columns.count, by: 16) { a.floats.prefetch(row + column) }
      }
      var column = 0
      while column < whole {
        var source = (rows.lowerBound + first) * a.stride + columns.lowerBound + column
        var target = column * depth + 6 * first
        for _ in first..<min(end, depth - 1) {
          tiles.store8(a.floats.load8(source), target)
          source += a.stride
          target += 6
        }
        column += 6
      }
      for k in first..<end {
        let source = (rows.lowerBound + k) * a.stride + columns.lowerBound
        for column in (k < depth - 1 ? whole : 0)..<columns.count {
          tiles[column / 6 * 6 * depth + 6 * k + column % 6] = a.floats[source + column]
        }
      }
    }
  }

  /// Rows in a block that is prepared, multiplied and finished while it is in the second-level cache.
  private static let rowsInBlock = 96
  /// Numbers of X and C that such a block may have: 512 KB.
  private static let numbersInCache = 1 << 17
  /// Most rows of A in one unit of work: what stays in the second-level cache while the panels go by.
  private static let rowsInUnit = 192
  /// Most panels in one unit.
  private static let panelsInUnit = 16

  private func native(_ a: LeftOperand, rows: Int, by b: PackedMatrix, into c: RowView, adding: Bool) {
    guard rows > 0 else { return }
    let panels = (b.columns + 15) / 16
    // Units enough for the threads to end together, as large as that allows; which ones there are changes no bit.
    var rowsInUnit = Self.rowsInUnit
    var panelsInUnit = Self.panelsInUnit
    func units() -> Int {
      (rows + rowsInUnit - 1) / rowsInUnit * ((panels + panelsInUnit - 1) / panelsInUnit)
    }
    // Where one unit holds all rows, the panels are shared alone, so that each is read from memory once, and among kernels that ask for the next ones in long
    // runs of them.
    let isStreaming = rows <= Self.rowsInBlock
    let wanted = pool.threads == 1 ? 1 : (isStreaming && rows >= 4 ? 3 : 6) * pool.threads
    if isStreaming {
      while units() < wanted, panelsInUnit > 4 { panelsInUnit /= 2 }
    }
    while units() < wanted, rowsInUnit > 24, rows > 24 { rowsInUnit = max(24, rowsInUnit / 12 * 6) }
    while units() < wanted, panelsInUnit > 4 { panelsInUnit /= 2 }
    let panelUnits = (panels + panelsInUnit - 1) / panelsInUnit
    let size = panelsTogether * 16 * BlockProduct<SinglePanels>.depthInBlock
    let rooms =
      b.format == .bfloat16 && rows > Self.rowsOfBFloat16 ? FloatBuffer(count: pool.threads * size) : nil
    pool.run(units()) { unit, worker in
      let firstRow = unit / panelUnits * rowsInUnit
      let firstPanel = unit % panelUnits * panelsInUnit
      multiply(
        a, rows: firstRow..<min(firstRow + rowsInUnit, rows),
        panels: firstPanel..<min(firstPanel + panelsInUnit, panels), by: b, depth: 0..<b.depth, into: c,
        isFresh: !adding, room: rooms?.floats.slice(worker * size, size))
    }
    withExtendedLifetime(rooms) {}
  }

  /// Most rows for which panels in bfloat16 are read as they are: for more, each is turned to single precision once, and then read from the nearest cache.
  private static let rowsOfBFloat16 = 9

  /// One unit: `depth` says which rows of B meet A's columns 0….
  ///
  /// - Parameter room: for a block of a panel that is turned to single precision, where some are.
  private func multiply(
    _ a: LeftOperand, rows: Range<Int>, panels: Range<Int>, by b: PackedMatrix, depth: Range<Int>,
    into c: RowView, isFresh: Bool, room: Floats? = nil
  ) {
    let whole = panels.clamped(to: 0..<b.columns / 16)
    let last = whole.upperBound < panels.upperBound
    switch b.format {
    case .float32:
      multiplyWhole(a, rows, whole, b, as: SinglePanels.self, depth, into: c, isFresh)
      if last { multiplyLast(a, rows, b, as: SinglePanels.self, depth, into: c, isFresh) }
    case .bfloat16:
      if let room {
        multiplyExpanding(a, rows: rows, panels: whole, by: b, into: c, isFresh: isFresh, room)
      } else {
        multiplyWhole(a, rows, whole, b, as: BFloat16Panels.self, depth, into: c, isFresh)
      }
      if last { multiplyLast(a, rows, b, as: BFloat16Panels.self, depth, into: c, isFresh) }
    }
  }

  /// Panels of sixteen columns.
  private func multiplyWhole<Panels: PanelRows>(
    _ a: LeftOperand, _ rows: Range<Int>, _ panels: Range<Int>, _ b: PackedMatrix, as form: Panels.Type,
    _ depth: Range<Int>, into c: RowView, _ isFresh: Bool
  ) {
    let skipped = Panels.wordsInRow * depth.lowerBound
    BlockProduct<Panels>(
      a: a, panels: b.panels.suffix(from: skipped),
      panelStride: Panels.wordsInRow * b.depth,
      c: c.floats, cStride: c.stride, isFresh: isFresh, lanes: lanes
    ).run(rows: rows, panels: panels, depth: 0..<depth.count)
  }

  /// The last panel, narrower than 16: through a tile of its own, since the kernels write sixteen columns.
  private func multiplyLast<Panels: PanelRows>(
    _ a: LeftOperand, _ rows: Range<Int>, _ b: PackedMatrix, as form: Panels.Type, _ depth: Range<Int>,
    into c: RowView, _ isFresh: Bool
  ) {
    let panel = b.columns / 16
    let width = b.columns % 16
    let tile = FloatBuffer(count: rows.count * 16)
    if !isFresh {
      for (i, row) in rows.enumerated() {
        for j in 0..<width { tile.floats[16 * i + j] = c.floats[row * c.stride + 16 * panel + j] }
      }
    }
    // Rows of the tile are counted from its first one, which begins a tile of A, too.
    BlockProduct<Panels>(
      a: LeftOperand(shifting: a, by: a.offset(rows.lowerBound, 0)),
      panels: b.panels.slice(
        Panels.wordsInRow * (panel * b.depth + depth.lowerBound), Panels.wordsInRow * depth.count),
      panelStride: Panels.wordsInRow * b.depth, c: tile.floats, cStride: 16, isFresh: isFresh,
      lanes: lanes
    ).run(rows: 0..<rows.count, panels: 0..<1, depth: 0..<depth.count)
    for (i, row) in rows.enumerated() {
      for j in 0..<width { c.floats[row * c.stride + 16 * panel + j] = tile.floats[16 * i + j] }
    }
    withExtendedLifetime(tile) {}
  }

  /// How many panels in bfloat16 are turned to single precision at a time: what the kernels read in one go.
  private var panelsTogether: Int { lanes == .sixteen ? 4 : 1 }

  /// Whole panels of a matrix in bfloat16, blocks of some after others in single precision.
  private func multiplyExpanding(
    _ a: LeftOperand, rows: Range<Int>, panels: Range<Int>, by b: PackedMatrix, into c: RowView,
    isFresh: Bool, _ room: Floats
  ) {
    let block = BlockProduct<SinglePanels>.depthInBlock
    let kept = BFloat16Panels(words: b.panels)
    let stride = BFloat16Panels.wordsInRow * b.depth
    for first in Swift.stride(from: panels.lowerBound, to: panels.upperBound, by: panelsTogether) {
      let count = min(panelsTogether, panels.upperBound - first)
      for k in Swift.stride(from: 0, to: b.depth, by: block) {
        let depth = min(block, b.depth - k)
        for panel in 0..<count {
          for row in 0..<depth {
            let (low, high) = kept.row(k + row, from: stride * (first + panel))
            room.store8(low, 16 * (panel * depth + row))
            room.store8(high, 16 * (panel * depth + row) + 8)
          }
        }
        // The panels' next block, or the next panels.
        let isLast = k + depth == b.depth
        let next =
          isLast ? (first + count) * stride : first * stride + BFloat16Panels.wordsInRow * (k + depth)
        BlockProduct<SinglePanels>(
          a: LeftOperand(shifting: a, by: k * a.depthStride), panels: room, panelStride: 16 * depth,
          c: c.floats.suffix(from: 16 * first), cStride: c.stride,
          isFresh: isFresh && k == 0,
          following: ComingPanels(
            words: b.panels.slice(next, 0), stride: stride,
            wordsInPanel: BFloat16Panels.wordsInRow * min(block, isLast ? b.depth : b.depth - k - depth)),
          lanes: lanes
        ).run(rows: rows, panels: 0..<count, depth: 0..<depth)
      }
    }
  }
}
