/// The innermost loop of every matrix product: a few rows of A times one panel of 16 columns.
///
/// Each output is one chain of fused multiply-adds with k ascending, beginning at what C holds (or at 0). Nothing else
/// enters: not the number of rows, the tile, the thread or the position. So a row has the same bits alone and among a thousand, and on every
/// processor with fused multiply-add.
///
/// A's element (row i, depth k) is at `i·rowStride + k·depthStride`, which serves X·Wᵀ (depth stride 1) and dYᵀ·X (row stride 1)
/// alike.
struct MicroKernel {
  let a: Floats
  let rowStride: Int
  let depthStride: Int
  let panel: Floats
  let depth: Int

  /// Six rows: twelve accumulators, two loads and six broadcasts a step fill the sixteen vector registers.
  @inline(__always)
  func six(_ first: Int, _ c: Floats, _ cStride: Int, from zero: Bool) {
    var c00 = Vector()
    var c01 = Vector()
    var c10 = Vector()
    var c11 = Vector()
    var c20 = Vector()
    var c21 = Vector()
    var c30 = Vector()
    var c31 = Vector()
    var c40 = Vector()
    var c41 = Vector()
    var c50 = Vector()
    var c51 = Vector()
    if !zero {
      c00 = c.load8(0)
      c01 = c.load8(8)
      c10 = c.load8(cStride)
      c11 = c.load8(cStride + 8)
      c20 = c.load8(2 * cStride)
      c21 = c.load8(2 * cStride + 8)
      c30 = c.load8(3 * cStride)
      c31 = c.load8(3 * cStride + 8)
      c40 = c.load8(4 * cStride)
      c41 = c.load8(4 * cStride + 8)
      c50 = c.load8(5 * cStride)
      c51 = c.load8(5 * cStride + 8)
    }
    var at = first * rowStride
    let s1 = rowStride
    let s2 = 2 * rowStride
    let s3 = 3 * rowStride
    let s4 = 4 * rowStride
    let s5 = 5 * rowStride
    for k in 0..<depth {
      let b0 = panel.load8(16 &* k)
      let b1 = panel.load8(16 &* k &+ 8)
      let a0 = Vector(repeating: a[at])
      c00 = c00.addingProduct(a0, b0)
      c01 = c01.addingProduct(a0, b1)
      let a1 = Vector(repeating: a[at &+ s1])
      c10 = c10.addingProduct(a1, b0)
      c11 = c11.addingProduct(a1, b1)
      let a2 = Vector(repeating: a[at &+ s2])
      c20 = c20.addingProduct(a2, b0)
      c21 = c21.addingProduct(a2, b1)
      let a3 = Vector(repeating: a[at &+ s3])
      c30 = c30.addingProduct(a3, b0)
      c31 = c31.addingProduct(a3, b1)
      let a4 = Vector(repeating: a[at &+ s4])
      c40 = c40.addingProduct(a4, b0)
      c41 = c41.addingProduct(a4, b1)
      let a5 = Vector(repeating: a[at &+ s5])
      c50 = c50.addingProduct(a5, b0)
      c51 = c51.addingProduct(a5, b1)
      at = at &+ depthStride
    }
    c.store8(c00, 0)
    c.store8(c01, 8)
    c.store8(c10, cStride)
    c.store8(c11, cStride + 8)
    c.store8(c20, 2 * cStride)
    c.store8(c21, 2 * cStride + 8)
    c.store8(c30, 3 * cStride)
    c.store8(c31, 3 * cStride + 8)
    c.store8(c40, 4 * cStride)
    c.store8(c41, 4 * cStride + 8)
    c.store8(c50, 5 * cStride)
    c.store8(c51, 5 * cStride + 8)
  }

  /// Two rows.
  @inline(__always)
  func two(_ first: Int, _ c: Floats, _ cStride: Int, from zero: Bool) {
    var c00 = zero ? Vector() : c.load8(0)
    var c01 = zero ? Vector() : c.load8(8)
    var c10 = zero ? Vector() : c.load8(cStride)
    var c11 = zero ? Vector() : c.load8(cStride + 8)
    var at = first * rowStride
    for k in 0..<depth {
      let b0 = panel.load8(16 &* k)
      let b1 = panel.load8(16 &* k &+ 8)
      let a0 = Vector(repeating: a[at])
      c00 = c00.addingProduct(a0, b0)
      c01 = c01.addingProduct(a0, b1)
      let a1 = Vector(repeating: a[at &+ rowStride])
      c10 = c10.addingProduct(a1, b0)
      c11 = c11.addingProduct(a1, b1)
      at = at &+ depthStride
    }
    c.store8(c00, 0)
    c.store8(c01, 8)
    c.store8(c10, cStride)
    c.store8(c11, cStride + 8)
  }

  /// One row.
  @inline(__always)
  func one(_ first: Int, _ c: Floats, from zero: Bool) {
    var c0 = zero ? Vector() : c.load8(0)
    var c1 = zero ? Vector() : c.load8(8)
    var at = first * rowStride
    for k in 0..<depth {
      let a0 = Vector(repeating: a[at])
      c0 = c0.addingProduct(a0, panel.load8(16 &* k))
      c1 = c1.addingProduct(a0, panel.load8(16 &* k &+ 8))
      at = at &+ depthStride
    }
    c.store8(c0, 0)
    c.store8(c1, 8)
  }
}
