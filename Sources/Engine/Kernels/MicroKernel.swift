internal import WideKernels

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
    floats = other.floats.suffix(from: offset)
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
  /// The same form, as kernels for sixteen lanes know it.
  static var wide: WideForm { get }
  init(words: Floats)
  /// Row k of the panel that begins `start` words further.
  func row(_ k: Int, from start: Int) -> (Vector, Vector)
}

/// Rows in single precision.
struct SinglePanels: PanelRows {
  static var wordsInRow: Int { 16 }
  static var wide: WideForm { .single }
  let words: Floats

  @inline(__always)
  func row(_ k: Int, from start: Int) -> (Vector, Vector) {
    (words.load8(start &+ 16 &* k), words.load8(start &+ 16 &* k &+ 8))
  }
}

/// Rows in bfloat16, two numbers a word: half as much to read, and the same products as of those numbers in single precision.
struct BFloat16Panels: PanelRows {
  static var wordsInRow: Int { 8 }
  static var wide: WideForm { .bfloat16 }
  let words: Floats

  @inline(__always)
  func row(_ k: Int, from start: Int) -> (Vector, Vector) {
    BFloat16Pairs.vectors(words.load8(start &+ 8 &* k))
  }
}

/// Panels that are read after those of a product.
struct ComingPanels {
  /// The first one's words, and on.
  let words: Floats
  /// Words from one to the next.
  let stride: Int
  let wordsInPanel: Int
}

/// What is read after a kernel, brought nearer while it computes: `step` words with each of its steps, from `offset` on.
///
/// A few rows are computed faster than their panels come from memory; without this, threads would wait for the first rows of each panel and leave
/// memory idle during the others.
struct Ahead {
  let words: Floats
  private(set) var offset: Int
  let step: Int

  /// The first of `parts` equal parts of a panel, each brought nearer during `depth` steps.
  init(_ coming: ComingPanels, panel: Int, parts: Int, depth: Int) {
    words = coming.words
    offset = panel * coming.stride
    let steps = max(1, parts * depth)
    step = (coming.wordsInPanel + steps - 1) / steps
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

/// What a kernel reads.
struct KernelOperands<Panels: PanelRows> {
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
}

/// The innermost loop of every matrix product: so many rows times so many panels of 16 columns.
///
/// Each output is one chain of fused multiply-adds with k ascending, beginning at what C holds (or at 0). Nothing else
/// enters: not the number of rows, the tile, the thread or the position. So a row has the same bits alone and among a thousand, and on every
/// processor with fused multiply-add.
///
/// Six rows of one panel are twelve sums, which with two vectors of the panel and one of a row's number fill the sixteen vector registers; so do three rows of
/// two panels, which come faster from memory. Fewer sums wait for one another.
struct MicroKernel<let rows: Int, let panels: Int, Panels: PanelRows> {
  typealias Sums = InlineArray<panels, InlineArray<rows, Vector>>

  let operands: KernelOperands<Panels>

  /// C's rows are `cStride` numbers apart.
  @inline(__always)
  func run(_ start: Int, into c: Floats, _ cStride: Int) {
    run(start, into: c, cStride, times: 1, timesStride: 0)
  }

  /// `times` times `rows` rows after each other; where A's begin is `timesStride` further each time.
  @inline(never)
  func run(_ start: Int, into c: Floats, _ cStride: Int, times: Int, timesStride: Int) {
    let o = operands
    var first = start
    var out = 0
    var far = o.ahead.offset
    for _ in 0..<times {
      // Of each panel columns 0…7, and 8…15.
      var low = Sums(repeating: InlineArray(repeating: Vector()))
      var high = low
      if !o.isFresh {
        for panel in 0..<panels {
          for row in 0..<rows {
            low[panel][row] = c.load8(out &+ row &* cStride &+ 16 &* panel)
            high[panel][row] = c.load8(out &+ row &* cStride &+ 16 &* panel &+ 8)
          }
        }
      }
      var at = first
      for k in 0..<o.depth {
        for panel in 0..<panels {
          let (b0, b1) = o.b.row(k, from: panel &* o.panelStride)
          // Of one panel a number of A is used twice and goes; for several it stays, and a vector of B goes.
          for row in 0..<rows {
            let number = Vector(repeating: o.a[at &+ row &* o.rowStride])
            low[panel][row] = low[panel][row].addingProduct(number, b0)
            if panels == 1 { high[panel][row] = high[panel][row].addingProduct(number, b1) }
          }
          if panels > 1 {
            for row in 0..<rows {
              let number = Vector(repeating: o.a[at &+ row &* o.rowStride])
              high[panel][row] = high[panel][row].addingProduct(number, b1)
            }
          }
        }
        if rows >= 4 {
          o.ahead.words.prefetch(far)
          far = far &+ o.ahead.step
        }
        at = at &+ o.depthStride
      }
      for panel in 0..<panels {
        for row in 0..<rows {
          c.store8(low[panel][row], out &+ row &* cStride &+ 16 &* panel)
          c.store8(high[panel][row], out &+ row &* cStride &+ 16 &* panel &+ 8)
        }
      }
      first = first &+ timesStride
      out = out &+ rows &* cStride
    }
  }
}
