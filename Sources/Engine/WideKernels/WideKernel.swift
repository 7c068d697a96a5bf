import CProcessor

// What needs AVX-512, and nothing else: this module alone is compiled for it, so that the rest runs on processors without. Whoever calls it has asked
// `Lanes.available` before. It knows no type of the engine, since nothing generic that is compiled here may be shared with what is compiled elsewhere.

/// Some rows of A times some panels of B, sixteen columns an instruction, as `MicroKernel` computes eight.
///
/// Each output is the same chain of fused multiply-adds with k ascending, so it has the same bits.
@safe package struct WideProduct {
  /// The first row's number at the first depth; the next row's is `rowStride` further, the next depth's `depthStride`.
  let a: UnsafePointer<Float>
  let rowStride: Int
  let depthStride: Int
  /// A panel of `depth` rows of sixteen numbers; the next one begins `panelStride` further.
  let b: UnsafePointer<Float>
  let panelStride: Int
  let depth: Int
  /// Rows of C are `cStride` numbers apart; its columns are those of the panels.
  let c: UnsafeMutablePointer<Float>
  let cStride: Int
  /// Begin at 0 rather than at what C holds.
  let isFresh: Bool
  /// What is read afterwards, as many panels as far apart: brought nearer meanwhile, `aheadStep` numbers of each panel with each step.
  let ahead: UnsafePointer<Float>
  let aheadStep: Int

  package init(
    a: UnsafePointer<Float>, rowStride: Int, depthStride: Int, b: UnsafePointer<Float>, panelStride: Int,
    depth: Int, c: UnsafeMutablePointer<Float>, cStride: Int, isFresh: Bool, ahead: UnsafePointer<Float>,
    aheadStep: Int
  ) {
    unsafe (self.a, self.rowStride, self.depthStride) = (a, rowStride, depthStride)
    unsafe (self.b, self.panelStride, self.depth) = (b, panelStride, depth)
    unsafe (self.c, self.cStride, self.isFresh) = (c, cStride, isFresh)
    unsafe (self.ahead, self.aheadStep) = (ahead, aheadStep)
  }

  /// - Parameters:
  ///   - rows: one to six.
  ///   - panels: one, two or four.
  package func run(rows: Int, panels: Int) {
    switch (rows, panels) {
    case (1, 1): WideKernel<1, 1>(product: self).run()
    case (2, 1): WideKernel<2, 1>(product: self).run()
    case (3, 1): WideKernel<3, 1>(product: self).run()
    case (4, 1): WideKernel<4, 1>(product: self).run()
    case (5, 1): WideKernel<5, 1>(product: self).run()
    case (6, 1): WideKernel<6, 1>(product: self).run()
    case (1, 2): WideKernel<1, 2>(product: self).run()
    case (2, 2): WideKernel<2, 2>(product: self).run()
    case (3, 2): WideKernel<3, 2>(product: self).run()
    case (4, 2): WideKernel<4, 2>(product: self).run()
    case (5, 2): WideKernel<5, 2>(product: self).run()
    case (6, 2): WideKernel<6, 2>(product: self).run()
    case (1, 4): WideKernel<1, 4>(product: self).run()
    case (2, 4): WideKernel<2, 4>(product: self).run()
    case (3, 4): WideKernel<3, 4>(product: self).run()
    case (4, 4): WideKernel<4, 4>(product: self).run()
    case (5, 4): WideKernel<5, 4>(product: self).run()
    case (6, 4): WideKernel<6, 4>(product: self).run()
    default: preconditionFailure("a product of \(rows) rows and \(panels) panels")
    }
  }
}

/// Sixteen numbers: one register of AVX-512.
private typealias WideVector = SIMD16<Float>

/// The loop for one number of rows and panels. Rows × panels sums, a vector of each panel and one of a row's number are at most 29 of the 32 registers.
private struct WideKernel<let rows: Int, let panels: Int> {
  let product: WideProduct

  @inline(never)
  func run() {
    let p = product
    var sums = InlineArray<panels, InlineArray<rows, WideVector>>(
      repeating: InlineArray<rows, WideVector>(repeating: WideVector()))
    if !p.isFresh {
      for panel in 0..<panels {
        for row in 0..<rows { unsafe sums[panel][row] = load(p.c + row &* p.cStride + 16 &* panel) }
      }
    }
    var a = unsafe p.a
    var b = unsafe p.b
    var ahead = unsafe p.ahead
    for _ in 0..<p.depth {
      var vectors = InlineArray<panels, WideVector>(repeating: WideVector())
      for panel in 0..<panels { unsafe vectors[panel] = load(b + panel &* p.panelStride) }
      for row in 0..<rows {
        let number = unsafe WideVector(repeating: a[row &* p.rowStride])
        for panel in 0..<panels {
          sums[panel][row] = sums[panel][row].addingProduct(number, vectors[panel])
        }
      }
      for panel in 0..<panels { unsafe emend_prefetch(ahead + panel &* p.panelStride) }
      unsafe a += p.depthStride
      unsafe b += 16
      unsafe ahead += p.aheadStep
    }
    for panel in 0..<panels {
      for row in 0..<rows {
        unsafe UnsafeMutableRawPointer(p.c + row &* p.cStride + 16 &* panel)
          .storeBytes(of: sums[panel][row], as: WideVector.self)
      }
    }
  }

  @inline(__always)
  private func load(_ address: UnsafePointer<Float>) -> WideVector {
    unsafe UnsafeRawPointer(address).loadUnaligned(as: WideVector.self)
  }
}
