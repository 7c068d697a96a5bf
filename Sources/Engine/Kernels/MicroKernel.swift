/// The left-hand side of a product as the micro-kernel meets it: rows in tiles of six.
///
/// Row r at depth k is at `r/6 · tileStride + r%6 · rowStride + k · depthStride`. That serves X as it lies in memory, and Xᵀ repacked so
/// that the six rows of a tile lie together.
struct LeftOperand {
  let floats: Floats
  let tileStride: Int
  let rowStride: Int
  let depthStride: Int

  /// X `[rows, depth]`, row by row, `stride` numbers from one to the next.
  init(rows x: Floats, stride: Int) {
    floats = x
    tileStride = 6 * stride
    rowStride = stride
    depthStride = 1
  }

  /// The rows are the columns of X `[depth, …]`, whose rows are `stride` numbers apart: for small products that stay in the nearest cache.
  init(columns x: Floats, stride: Int) {
    floats = x
    tileStride = 6
    rowStride = 1
    depthStride = stride
  }

  /// Tiles of six rows, each `[depth, 6]`.
  init(tiles: Floats, depth: Int) {
    floats = tiles
    tileStride = 6 * depth
    rowStride = 1
    depthStride = 6
  }

  /// The same, its rows counted from another one on, which begins a tile.
  init(shifting other: LeftOperand, by offset: Int) {
    floats = other.floats.slice(offset, other.floats.count - offset)
    tileStride = other.tileStride
    rowStride = other.rowStride
    depthStride = other.depthStride
  }

  /// Whether rows are equally far apart across the tiles, so that a kernel's rows may belong to two.
  var isUniform: Bool { tileStride == 6 &* rowStride }

  @inline(__always)
  func offset(_ row: Int, _ k: Int) -> Int {
    row / 6 &* tileStride &+ row % 6 &* rowStride &+ k &* depthStride
  }
}

/// Panels of the right-hand side as the micro-kernel meets them: rows of sixteen numbers in some form.
protocol PanelRows {
  /// Words of 32 bits from one row of a panel to the next.
  static var wordsInRow: Int { get }
  init(words: Floats)
  /// Row k of the panel that begins `start` words further.
  func row(_ k: Int, from start: Int) -> (Vector, Vector)
}

/// Rows in single precision.
struct SinglePanels: PanelRows {
  static let wordsInRow = 16
  let words: Floats

  @inline(__always)
  func row(_ k: Int, from start: Int) -> (Vector, Vector) {
    (words.load8(start &+ 16 &* k), words.load8(start &+ 16 &* k &+ 8))
  }
}

/// Rows in bfloat16, two numbers a word: half as much to read, and the same products as of those numbers in single precision.
struct BFloat16Panels: PanelRows {
  static let wordsInRow = 8
  let words: Floats

  @inline(__always)
  func row(_ k: Int, from start: Int) -> (Vector, Vector) {
    BFloat16Pairs.vectors(words.load8(start &+ 8 &* k))
  }
}

/// What is read after a kernel, brought nearer while it computes: `step` words with each of its steps, from `offset` on.
///
/// A few rows are computed faster than their panels come from memory; without this, threads would wait for the first rows of each panel and leave
/// memory idle during the others.
struct Ahead {
  let words: Floats
  private(set) var offset: Int
  let step: Int

  /// The first of `parts` equal parts of `count` words, each brought nearer during `depth` steps.
  init(_ words: Floats, from offset: Int, count: Int, parts: Int, depth: Int) {
    self.words = words
    self.offset = offset
    let steps = max(1, parts * depth)
    step = (count + steps - 1) / steps
  }

  /// Nothing but what is there already.
  init(nothingBut words: Floats) {
    self.words = words
    offset = 0
    step = 0
  }

  /// The part after this one.
  func next(depth: Int) -> Ahead {
    var next = self
    next.offset += step * depth
    return next
  }
}

/// The innermost loops of every matrix product: a few rows times one or several panels of 16 columns.
///
/// Each output is one chain of fused multiply-adds with k ascending, beginning at what C holds (or at 0). Nothing else
/// enters: not the number of rows, the tile, the thread or the position. So a row has the same bits alone and among a thousand, and on every
/// processor with fused multiply-add.
struct MicroKernel<Panels: PanelRows> {
  /// The left operand's numbers, its strides.
  let a: Floats
  let rowStride: Int
  let depthStride: Int
  /// A panel of `depth` rows; the next one begins `panelStride` words further.
  let b: Panels
  let panelStride: Int
  let depth: Int
  /// Begin at 0 rather than at what C holds.
  let isFresh: Bool
  /// Kernels of four rows and more bring it nearer; smaller ones wait for memory anyway.
  let ahead: Ahead

  /// Six rows of one panel: twelve accumulators, two loads and six broadcasts a step fill the sixteen vector registers.
  @inline(never)
  func six(_ start: Int, _ c: Floats, _ cStride: Int) {
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
    if !isFresh {
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
    var at = start
    var far = ahead.offset
    let s1 = rowStride
    let s2 = 2 * rowStride
    let s3 = 3 * rowStride
    let s4 = 4 * rowStride
    let s5 = 5 * rowStride
    for k in 0..<depth {
      let (b0, b1) = b.row(k, from: 0)
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
      ahead.words.prefetch(far)
      far = far &+ ahead.step
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

  /// Five rows of one panel.
  @inline(never)
  func five(_ start: Int, _ c: Floats, _ cStride: Int) {
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
    if !isFresh {
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
    }
    var at = start
    var far = ahead.offset
    let s1 = rowStride
    let s2 = 2 * rowStride
    let s3 = 3 * rowStride
    let s4 = 4 * rowStride
    for k in 0..<depth {
      let (b0, b1) = b.row(k, from: 0)
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
      ahead.words.prefetch(far)
      far = far &+ ahead.step
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
  }

  /// Four rows of one panel.
  @inline(never)
  func four(_ start: Int, _ c: Floats, _ cStride: Int) {
    var c00 = isFresh ? Vector() : c.load8(0)
    var c01 = isFresh ? Vector() : c.load8(8)
    var c10 = isFresh ? Vector() : c.load8(cStride)
    var c11 = isFresh ? Vector() : c.load8(cStride + 8)
    var c20 = isFresh ? Vector() : c.load8(2 * cStride)
    var c21 = isFresh ? Vector() : c.load8(2 * cStride + 8)
    var c30 = isFresh ? Vector() : c.load8(3 * cStride)
    var c31 = isFresh ? Vector() : c.load8(3 * cStride + 8)
    var at = start
    var far = ahead.offset
    for k in 0..<depth {
      let (b0, b1) = b.row(k, from: 0)
      let a0 = Vector(repeating: a[at])
      c00 = c00.addingProduct(a0, b0)
      c01 = c01.addingProduct(a0, b1)
      let a1 = Vector(repeating: a[at &+ rowStride])
      c10 = c10.addingProduct(a1, b0)
      c11 = c11.addingProduct(a1, b1)
      let a2 = Vector(repeating: a[at &+ 2 &* rowStride])
      c20 = c20.addingProduct(a2, b0)
      c21 = c21.addingProduct(a2, b1)
      let a3 = Vector(repeating: a[at &+ 3 &* rowStride])
      c30 = c30.addingProduct(a3, b0)
      c31 = c31.addingProduct(a3, b1)
      ahead.words.prefetch(far)
      far = far &+ ahead.step
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
  }

  /// Three rows of two panels: as fast as six rows of one, and two panels at once come faster from memory.
  @inline(never)
  func threeByTwo(_ start: Int, _ c: Floats, _ cStride: Int) {
    var c00 = isFresh ? Vector() : c.load8(0 * cStride + 0)
    var c01 = isFresh ? Vector() : c.load8(0 * cStride + 8)
    var c02 = isFresh ? Vector() : c.load8(0 * cStride + 16)
    var c03 = isFresh ? Vector() : c.load8(0 * cStride + 24)
    var c10 = isFresh ? Vector() : c.load8(1 * cStride + 0)
    var c11 = isFresh ? Vector() : c.load8(1 * cStride + 8)
    var c12 = isFresh ? Vector() : c.load8(1 * cStride + 16)
    var c13 = isFresh ? Vector() : c.load8(1 * cStride + 24)
    var c20 = isFresh ? Vector() : c.load8(2 * cStride + 0)
    var c21 = isFresh ? Vector() : c.load8(2 * cStride + 8)
    var c22 = isFresh ? Vector() : c.load8(2 * cStride + 16)
    var c23 = isFresh ? Vector() : c.load8(2 * cStride + 24)
    var at = start
    for k in 0..<depth {
      let a0 = Vector(repeating: a[at])
      let a1 = Vector(repeating: a[at &+ rowStride])
      let a2 = Vector(repeating: a[at &+ 2 &* rowStride])
      let (b0, b1) = b.row(k, from: 0)
      c00 = c00.addingProduct(a0, b0)
      c10 = c10.addingProduct(a1, b0)
      c20 = c20.addingProduct(a2, b0)
      c01 = c01.addingProduct(a0, b1)
      c11 = c11.addingProduct(a1, b1)
      c21 = c21.addingProduct(a2, b1)
      let (b2, b3) = b.row(k, from: panelStride)
      c02 = c02.addingProduct(a0, b2)
      c12 = c12.addingProduct(a1, b2)
      c22 = c22.addingProduct(a2, b2)
      c03 = c03.addingProduct(a0, b3)
      c13 = c13.addingProduct(a1, b3)
      c23 = c23.addingProduct(a2, b3)
      at = at &+ depthStride
    }
    c.store8(c00, 0 * cStride + 0)
    c.store8(c01, 0 * cStride + 8)
    c.store8(c02, 0 * cStride + 16)
    c.store8(c03, 0 * cStride + 24)
    c.store8(c10, 1 * cStride + 0)
    c.store8(c11, 1 * cStride + 8)
    c.store8(c12, 1 * cStride + 16)
    c.store8(c13, 1 * cStride + 24)
    c.store8(c20, 2 * cStride + 0)
    c.store8(c21, 2 * cStride + 8)
    c.store8(c22, 2 * cStride + 16)
    c.store8(c23, 2 * cStride + 24)
  }

  /// Two rows of two panels: enough chains to hide the latency of each.
  @inline(never)
  func twoByTwo(_ start: Int, _ c: Floats, _ cStride: Int) {
    var c00 = isFresh ? Vector() : c.load8(0)
    var c01 = isFresh ? Vector() : c.load8(8)
    var c02 = isFresh ? Vector() : c.load8(16)
    var c03 = isFresh ? Vector() : c.load8(24)
    var c10 = isFresh ? Vector() : c.load8(cStride)
    var c11 = isFresh ? Vector() : c.load8(cStride + 8)
    var c12 = isFresh ? Vector() : c.load8(cStride + 16)
    var c13 = isFresh ? Vector() : c.load8(cStride + 24)
    var at = start
    for k in 0..<depth {
      let a0 = Vector(repeating: a[at])
      let a1 = Vector(repeating: a[at &+ rowStride])
      let (b0, b1) = b.row(k, from: 0)
      c00 = c00.addingProduct(a0, b0)
      c10 = c10.addingProduct(a1, b0)
      c01 = c01.addingProduct(a0, b1)
      c11 = c11.addingProduct(a1, b1)
      let (b2, b3) = b.row(k, from: panelStride)
      c02 = c02.addingProduct(a0, b2)
      c12 = c12.addingProduct(a1, b2)
      c03 = c03.addingProduct(a0, b3)
      c13 = c13.addingProduct(a1, b3)
      at = at &+ depthStride
    }
    c.store8(c00, 0)
    c.store8(c01, 8)
    c.store8(c02, 16)
    c.store8(c03, 24)
    c.store8(c10, cStride)
    c.store8(c11, cStride + 8)
    c.store8(c12, cStride + 16)
    c.store8(c13, cStride + 24)
  }

  /// One row of four panels.
  @inline(never)
  func oneByFour(_ start: Int, _ c: Floats) {
    var c0 = isFresh ? Vector() : c.load8(0)
    var c1 = isFresh ? Vector() : c.load8(8)
    var c2 = isFresh ? Vector() : c.load8(16)
    var c3 = isFresh ? Vector() : c.load8(24)
    var c4 = isFresh ? Vector() : c.load8(32)
    var c5 = isFresh ? Vector() : c.load8(40)
    var c6 = isFresh ? Vector() : c.load8(48)
    var c7 = isFresh ? Vector() : c.load8(56)
    var at = start
    for k in 0..<depth {
      let a0 = Vector(repeating: a[at])
      let (b0, b1) = b.row(k, from: 0)
      c0 = c0.addingProduct(a0, b0)
      c1 = c1.addingProduct(a0, b1)
      let (b2, b3) = b.row(k, from: panelStride)
      c2 = c2.addingProduct(a0, b2)
      c3 = c3.addingProduct(a0, b3)
      let (b4, b5) = b.row(k, from: 2 &* panelStride)
      c4 = c4.addingProduct(a0, b4)
      c5 = c5.addingProduct(a0, b5)
      let (b6, b7) = b.row(k, from: 3 &* panelStride)
      c6 = c6.addingProduct(a0, b6)
      c7 = c7.addingProduct(a0, b7)
      at = at &+ depthStride
    }
    c.store8(c0, 0)
    c.store8(c1, 8)
    c.store8(c2, 16)
    c.store8(c3, 24)
    c.store8(c4, 32)
    c.store8(c5, 40)
    c.store8(c6, 48)
    c.store8(c7, 56)
  }

  /// One row of two panels.
  @inline(never)
  func oneByTwo(_ start: Int, _ c: Floats) {
    var c0 = isFresh ? Vector() : c.load8(0)
    var c1 = isFresh ? Vector() : c.load8(8)
    var c2 = isFresh ? Vector() : c.load8(16)
    var c3 = isFresh ? Vector() : c.load8(24)
    var at = start
    for k in 0..<depth {
      let a0 = Vector(repeating: a[at])
      let (b0, b1) = b.row(k, from: 0)
      c0 = c0.addingProduct(a0, b0)
      c1 = c1.addingProduct(a0, b1)
      let (b2, b3) = b.row(k, from: panelStride)
      c2 = c2.addingProduct(a0, b2)
      c3 = c3.addingProduct(a0, b3)
      at = at &+ depthStride
    }
    c.store8(c0, 0)
    c.store8(c1, 8)
    c.store8(c2, 16)
    c.store8(c3, 24)
  }

  /// One row of one panel.
  @inline(never)
  func one(_ start: Int, _ c: Floats) {
    var c0 = isFresh ? Vector() : c.load8(0)
    var c1 = isFresh ? Vector() : c.load8(8)
    var at = start
    for k in 0..<depth {
      let a0 = Vector(repeating: a[at])
      let (b0, b1) = b.row(k, from: 0)
      c0 = c0.addingProduct(a0, b0)
      c1 = c1.addingProduct(a0, b1)
      at = at &+ depthStride
    }
    c.store8(c0, 0)
    c.store8(c1, 8)
  }
}
