/// The one seam through which every matrix product goes; `numerics` says who computes it.
package struct MatrixProducts {
  package let pool: WorkPool
  package let numerics: Numerics

  package init(pool: WorkPool, numerics: Numerics) {
    self.pool = pool
    self.numerics = numerics
  }

  /// C = A·B, or C += A·B: A `[rows, depth]` with the given strides, B packed, C `[rows, B.columns]`.
  package func multiply(
    _ a: Floats, rows: Int, rowStride: Int, depthStride: Int, by b: PackedMatrix, into c: Floats,
    adding: Bool = false
  ) {
    switch numerics {
    case .native:
      native(a, rows: rows, rowStride: rowStride, depthStride: depthStride, by: b, into: c, adding: adding)
    case .openblas:
      openBLAS(
        a, rows: rows, rowStride: rowStride, depthStride: depthStride, by: b, into: c, adding: adding,
        pool: pool)
    }
  }

  /// X·B with X `[rows, depth]` row by row.
  package func multiply(_ x: Floats, rows: Int, by b: PackedMatrix, into y: Floats, adding: Bool = false) {
    multiply(x, rows: rows, rowStride: b.depth, depthStride: 1, by: b, into: y, adding: adding)
  }

  /// Aᵀ·B with A `[b.depth, rows]`: the gradient of a weight, dYᵀ·X.
  package func multiply(
    transposing a: Floats, rows: Int, by b: PackedMatrix, into c: Floats, adding: Bool
  ) {
    multiply(a, rows: rows, rowStride: 1, depthStride: rows, by: b, into: c, adding: adding)
  }

  /// Rows of A in one unit of work: what stays in the second-level cache while the panels go by.
  private static let rowsInUnit = 96
  /// Panels in one unit.
  private static let panelsInUnit = 16

  private func native(
    _ a: Floats, rows: Int, rowStride: Int, depthStride: Int, by b: PackedMatrix, into c: Floats, adding: Bool
  ) {
    let panels = (b.columns + 15) / 16
    let rowUnits = (rows + Self.rowsInUnit - 1) / Self.rowsInUnit
    let panelUnits = (panels + Self.panelsInUnit - 1) / Self.panelsInUnit
    pool.run(rowUnits * panelUnits) { unit in
      let firstRow = unit / panelUnits * Self.rowsInUnit
      let firstPanel = unit % panelUnits * Self.panelsInUnit
      for panel in firstPanel..<min(firstPanel + Self.panelsInUnit, panels) {
        multiplyPanel(
          panel, a, rows: firstRow..<min(firstRow + Self.rowsInUnit, rows), rowStride: rowStride,
          depthStride: depthStride, by: b, into: c, from: !adding)
      }
    }
  }

  private func multiplyPanel(
    _ panel: Int, _ a: Floats, rows: Range<Int>, rowStride: Int, depthStride: Int, by b: PackedMatrix,
    into c: Floats, from zero: Bool
  ) {
    let kernel = MicroKernel(
      a: a, rowStride: rowStride, depthStride: depthStride,
      panel: b.panels.slice(16 * panel * b.depth, 16 * b.depth),
      depth: b.depth)
    let width = min(16, b.columns - 16 * panel)
    var row = rows.lowerBound
    if width == 16 {
      while row < rows.upperBound {
        let target = c.slice(row * b.columns + 16 * panel, c.count - row * b.columns - 16 * panel)
        if row + 6 <= rows.upperBound {
          kernel.six(row, target, b.columns, from: zero)
          row += 6
        } else if row + 2 <= rows.upperBound {
          kernel.two(row, target, b.columns, from: zero)
          row += 2
        } else {
          kernel.one(row, target, from: zero)
          row += 1
        }
      }
      return
    }
    // A narrow last panel goes through a tile of its own, since the kernel writes sixteen columns.
    let tile = FloatBuffer(count: 6 * 16)
    while row < rows.upperBound {
      let height = min(6, rows.upperBound - row)
      if !zero {
        for i in 0..<height {
          for j in 0..<width { tile.floats[16 * i + j] = c[(row + i) * b.columns + 16 * panel + j] }
        }
      }
      if height == 6 {
        kernel.six(row, tile.floats, 16, from: zero)
      } else {
        for i in 0..<height { kernel.one(row + i, tile.floats.slice(16 * i, 16), from: zero) }
      }
      for i in 0..<height {
        for j in 0..<width { c[(row + i) * b.columns + 16 * panel + j] = tile.floats[16 * i + j] }
      }
      row += height
    }
  }
}
