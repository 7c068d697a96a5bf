/// The rows of a matrix: row r begins at `r · stride`.
package struct RowView {
  package let floats: Floats
  package let stride: Int

  /// Rows that begin `start` numbers into `floats`.
  package init(_ floats: Floats, from start: Int = 0, stride: Int) {
    self.floats = floats.slice(start, floats.count - start)
    self.stride = stride
  }
}

/// The one seam through which every matrix product goes; `numerics` says who computes it.
package struct MatrixProducts {
  package let pool: WorkPool
  package let numerics: Numerics

  package init(pool: WorkPool, numerics: Numerics) {
    self.pool = pool
    self.numerics = numerics
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

  /// C = Aᵀ·B, or C += Aᵀ·B: A `[B.depth, rows]`, C `[rows, B.columns]`. The gradient of a weight is dYᵀ·X.
  ///
  /// `scratch` gets Aᵀ in tiles of six rows, so that the kernel reads it in order: `tileSize` numbers.
  package func multiply(
    transposing a: RowView, rows: Int, by b: PackedMatrix, into c: Floats, adding: Bool, scratch: Floats
  ) {
    let target = RowView(c, stride: b.columns)
    switch numerics {
    case .native:
      let depth = b.depth
      packTiles(a, rows: rows, depth: depth, into: scratch)
      native(LeftOperand(tiles: scratch, depth: depth), rows: rows, by: b, into: target, adding: adding)
    case .openblas:
      openBLAS(a.floats, rows: rows, rowStride: 1, depthStride: a.stride, by: b, into: target, adding: adding)
    }
  }

  /// A `[depth, rows]` to tiles of six of its columns, `[depth, 6]` each.
  private func packTiles(_ a: RowView, rows: Int, depth: Int, into tiles: Floats) {
    pool.run((depth + 63) / 64) { unit in
      let own = 64 * unit..<min(64 * unit + 64, depth)
      var row = 0
      while row + 8 <= rows {
        let tile = tiles.slice(row * depth, 6 * depth)
        // Eight numbers are copied for six; what is too much, the next line overwrites. The unit's last must not, as the next line is another's.
        for k in own.dropLast() { tile.store8(a.floats.load8(k * a.stride + row), 6 * k) }
        let last = own.upperBound - 1
        for i in 0..<6 { tile[6 * last + i] = a.floats[last * a.stride + row + i] }
        row += 6
      }
      while row < rows {
        for k in own {
          for i in 0..<min(6, rows - row) {
            tiles[row * depth + 6 * k + i] = a.floats[k * a.stride + row + i]
          }
        }
        row += 6
      }
    }
  }

  /// Numbers that Aᵀ takes in tiles of six rows.
  package static func tileSize(depth: Int, rows: Int) -> Int { (rows + 5) / 6 * 6 * depth }

  /// Most rows of A in one unit of work: what stays in the second-level cache while the panels go by.
  private static let rowsInUnit = 96
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
    let wanted = pool.threads == 1 ? 1 : 6 * pool.threads
    while units() < wanted, rowsInUnit > 24, rows > 24 { rowsInUnit = max(24, rowsInUnit / 12 * 6) }
    while units() < wanted, panelsInUnit > 4 { panelsInUnit /= 2 }
    let panelUnits = (panels + panelsInUnit - 1) / panelsInUnit
    pool.run(units()) { unit in
      let firstRow = unit / panelUnits * rowsInUnit
      let firstPanel = unit % panelUnits * panelsInUnit
      let own = firstRow..<min(firstRow + rowsInUnit, rows)
      let ownPanels = firstPanel..<min(firstPanel + panelsInUnit, panels)
      let whole = ownPanels.clamped(to: 0..<b.columns / 16)
      BlockProduct(
        a: a, panels: b.panels, panelStride: 16 * b.depth, c: c.floats, cStride: c.stride, isFresh: !adding
      ).run(rows: own, panels: whole, depth: 0..<b.depth)
      if whole.upperBound < ownPanels.upperBound { narrow(a, own, by: b, into: c, adding: adding) }
    }
  }

  /// The last panel where it is narrower than 16: through a tile of its own, since the kernels write sixteen columns.
  private func narrow(_ a: LeftOperand, _ rows: Range<Int>, by b: PackedMatrix, into c: RowView, adding: Bool)
  {
    let panel = b.columns / 16
    let width = b.columns % 16
    let tile = FloatBuffer(count: rows.count * 16)
    if adding {
      for (i, row) in rows.enumerated() {
        for j in 0..<width { tile.floats[16 * i + j] = c.floats[row * c.stride + 16 * panel + j] }
      }
    }
    // Rows of the tile are counted from its first one, which begins a tile of A, too.
    let first = a.offset(rows.lowerBound, 0)
    let own = LeftOperand(shifting: a, by: first)
    BlockProduct(
      a: own, panels: b.panels.slice(16 * panel * b.depth, 16 * b.depth), panelStride: 16 * b.depth,
      c: tile.floats, cStride: 16, isFresh: !adding
    ).run(rows: 0..<rows.count, panels: 0..<1, depth: 0..<b.depth)
    for (i, row) in rows.enumerated() {
      for j in 0..<width { c.floats[row * c.stride + 16 * panel + j] = tile.floats[16 * i + j] }
    }
    withExtendedLifetime(tile) {}
  }
}
