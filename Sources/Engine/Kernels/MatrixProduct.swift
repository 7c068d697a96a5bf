/// The one seam through which every matrix product goes; `numerics` says who computes it.
package struct MatrixProducts {
  package let pool: WorkPool
  package let numerics: Numerics

  package init(pool: WorkPool, numerics: Numerics) {
    self.pool = pool
    self.numerics = numerics
  }

  /// C = X·B, or C += X·B: X `[rows, B.depth]` row by row, C `[rows, B.columns]`.
  package func multiply(_ x: Floats, rows: Int, by b: PackedMatrix, into c: Floats, adding: Bool = false) {
    switch numerics {
    case .native:
      native(LeftOperand(rows: x, stride: b.depth), rows: rows, by: b, into: c, adding: adding)
    case .openblas:
      openBLAS(x, rows: rows, rowStride: b.depth, depthStride: 1, by: b, into: c, adding: adding)
    }
  }

  /// C = Aᵀ·B, or C += Aᵀ·B: A `[B.depth, rows]`. The gradient of a weight is dYᵀ·X.
  ///
  /// `scratch` gets Aᵀ in tiles of six rows, so that the kernel reads it in order: `tileSize` numbers.
  package func multiply(
    transposing a: Floats, rows: Int, by b: PackedMatrix, into c: Floats, adding: Bool, scratch: Floats
  ) {
    switch numerics {
    case .native:
      let depth = b.depth
      pool.run((depth + 63) / 64) { unit in
        for k in 64 * unit..<min(64 * unit + 64, depth) {
          let source = a.slice(k * rows, rows)
          var row = 0
          while row < rows {
            let tile = row * depth + 6 * k
            for i in 0..<min(6, rows - row) { scratch[tile + i] = source[row + i] }
            row += 6
          }
        }
      }
      native(LeftOperand(tiles: scratch, depth: depth), rows: rows, by: b, into: c, adding: adding)
    case .openblas:
      openBLAS(a, rows: rows, rowStride: 1, depthStride: rows, by: b, into: c, adding: adding)
    }
  }

  /// Numbers that Aᵀ takes in tiles of six rows.
  package static func tileSize(depth: Int, rows: Int) -> Int { (rows + 5) / 6 * 6 * depth }

  /// Most rows of A in one unit of work: what stays in the second-level cache while the panels go by.
  private static let rowsInUnit = 96
  /// Most panels in one unit.
  private static let panelsInUnit = 16

  private func native(_ a: LeftOperand, rows: Int, by b: PackedMatrix, into c: Floats, adding: Bool) {
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
        a: a, panels: b.panels, panelStride: 16 * b.depth, c: c, cStride: b.columns, isFresh: !adding
      ).run(rows: own, panels: whole, depth: 0..<b.depth)
      if whole.upperBound < ownPanels.upperBound { narrow(a, own, by: b, into: c, adding: adding) }
    }
  }

  /// The last panel where it is narrower than 16: through a tile of its own, since the kernels write sixteen columns.
  private func narrow(_ a: LeftOperand, _ rows: Range<Int>, by b: PackedMatrix, into c: Floats, adding: Bool)
  {
    let panel = b.columns / 16
    let width = b.columns % 16
    let tile = FloatBuffer(count: rows.count * 16)
    if adding {
      for (i, row) in rows.enumerated() {
        for j in 0..<width { tile.floats[16 * i + j] = c[row * b.columns + 16 * panel + j] }
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
      for j in 0..<width { c[row * b.columns + 16 * panel + j] = tile.floats[16 * i + j] }
    }
    withExtendedLifetime(tile) {}
  }
}
