// What needs AVX-512, and nothing else: this module alone is compiled for it, so that the rest runs on processors without. Whoever calls it has asked
// `Lanes.available` before. It knows no type of the engine, and no generic type here is known there, so that nothing compiled here can be taken for theirs.

/// How numbers of panels are kept.
package enum WideForm {
  /// Rows of sixteen numbers in single precision.
  case single
  /// Rows of eight words: the lower half of word i is column i in bfloat16, the upper half column i + 8.
  case bfloat16
}

/// One to six rows of A, some times over, times one, two or four panels of B, sixteen columns an instruction where `MicroKernel` computes eight.
///
/// Each output is the same chain of fused multiply-adds with k ascending, so it has the same bits.
@safe package struct WideProduct {
  /// The first row's number at the first depth; the next row's is `rowStride` further, the next depth's `depthStride`.
  @usableFromInline let a: UnsafePointer<Float>
  @usableFromInline let rowStride: Int
  @usableFromInline let depthStride: Int
  /// From where the first rows begin to where as many others do, which come after them.
  @usableFromInline let timesStride: Int
  /// A panel of `depth` rows; the next one begins `panelStride` words further.
  @usableFromInline let b: UnsafePointer<Float>
  @usableFromInline let panelStride: Int
  @usableFromInline let depth: Int
  /// Rows of C are `cStride` numbers apart; its columns are those of the panels.
  @usableFromInline let c: UnsafeMutablePointer<Float>
  @usableFromInline let cStride: Int
  /// Begin at 0 rather than at what C holds.
  @usableFromInline let isFresh: Bool
  @usableFromInline let ahead: WideAhead

  @inlinable @inline(__always)
  package init(
    a: UnsafePointer<Float>, rowStride: Int, depthStride: Int, timesStride: Int, b: UnsafePointer<Float>,
    panelStride: Int, depth: Int, c: UnsafeMutablePointer<Float>, cStride: Int, isFresh: Bool,
    ahead: WideAhead
  ) {
    unsafe (self.a, self.rowStride, self.depthStride) = (a, rowStride, depthStride)
    self.timesStride = timesStride
    unsafe (self.b, self.panelStride, self.depth) = (b, panelStride, depth)
    unsafe (self.c, self.cStride, self.isFresh) = (c, cStride, isFresh)
    self.ahead = ahead
  }

  /// `times` times `rows` rows.
  package func run(rows: Int, times: Int, panels: Int, _ form: WideForm) {
    switch form {
    case .single: run(rows, times, panels, as: SingleRow.self)
    case .bfloat16: run(rows, times, panels, as: BFloat16Row.self)
    }
  }

  private func run<Row: WideRow>(_ rows: Int, _ times: Int, _ panels: Int, as form: Row.Type) {
    if ahead.panelStride > 0 {
      switch (rows, panels) {
      case (4, 2): return WideKernel<4, 2, 2, Row>(product: self).run(times)
      case (5, 2): return WideKernel<5, 2, 2, Row>(product: self).run(times)
      case (6, 2): return WideKernel<6, 2, 2, Row>(product: self).run(times)
      case (4, 4): return WideKernel<4, 4, 4, Row>(product: self).run(times)
      case (5, 4): return WideKernel<5, 4, 4, Row>(product: self).run(times)
      case (6, 4): return WideKernel<6, 4, 4, Row>(product: self).run(times)
      default: break
      }
    }
    switch (rows, panels) {
    case (1, 1): WideKernel<1, 1, 0, Row>(product: self).run(times)
    case (2, 1): WideKernel<2, 1, 0, Row>(product: self).run(times)
    case (3, 1): WideKernel<3, 1, 0, Row>(product: self).run(times)
    case (4, 1): WideKernel<4, 1, 1, Row>(product: self).run(times)
    case (5, 1): WideKernel<5, 1, 1, Row>(product: self).run(times)
    case (6, 1): WideKernel<6, 1, 1, Row>(product: self).run(times)
    case (1, 2): WideKernel<1, 2, 0, Row>(product: self).run(times)
    case (2, 2): WideKernel<2, 2, 0, Row>(product: self).run(times)
    case (3, 2): WideKernel<3, 2, 0, Row>(product: self).run(times)
    case (4, 2): WideKernel<4, 2, 1, Row>(product: self).run(times)
    case (5, 2): WideKernel<5, 2, 1, Row>(product: self).run(times)
    case (6, 2): WideKernel<6, 2, 1, Row>(product: self).run(times)
    case (1, 4): WideKernel<1, 4, 0, Row>(product: self).run(times)
    case (2, 4): WideKernel<2, 4, 0, Row>(product: self).run(times)
    case (3, 4): WideKernel<3, 4, 0, Row>(product: self).run(times)
    case (4, 4): WideKernel<4, 4, 1, Row>(product: self).run(times)
    case (5, 4): WideKernel<5, 4, 1, Row>(product: self).run(times)
    case (6, 4): WideKernel<6, 4, 1, Row>(product: self).run(times)
    default: preconditionFailure("a product of \(rows) rows and \(panels) panels")
    }
  }
}
