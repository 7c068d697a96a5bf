/// One, two or four rows, each times panels of its own, one, two or four: sixteen columns an instruction.
///
/// Rows are equally far apart in A, B and C. Each output is the same chain of fused multiply-adds as `WideProduct`'s.
@safe package struct WideRowProducts {
  /// The first row's numbers, one after another; the next row's begin `aStep` numbers further.
  @usableFromInline let a: UnsafePointer<Float>
  @usableFromInline let aStep: Int
  /// The first row's panels, `panelStride` numbers apart; the next row's begin `bStep` numbers further.
  @usableFromInline let b: UnsafePointer<Float>
  @usableFromInline let bStep: Int
  @usableFromInline let panelStride: Int
  @usableFromInline let depth: Int
  @usableFromInline let c: UnsafeMutablePointer<Float>
  @usableFromInline let cStep: Int

  @inlinable
  package init(
    a: UnsafePointer<Float>, aStep: Int, b: UnsafePointer<Float>, bStep: Int, panelStride: Int, depth: Int,
    c: UnsafeMutablePointer<Float>, cStep: Int
  ) {
    unsafe (self.a, self.aStep) = (a, aStep)
    unsafe (self.b, self.bStep, self.panelStride, self.depth) = (b, bStep, panelStride, depth)
    unsafe (self.c, self.cStep) = (c, cStep)
  }

  package func run(rows: Int, panels: Int) {
    switch (rows, panels) {
    case (1, 1): WideRowKernel<1, 1>(products: self).run()
    case (1, 2): WideRowKernel<1, 2>(products: self).run()
    case (1, 4): WideRowKernel<1, 4>(products: self).run()
    case (2, 1): WideRowKernel<2, 1>(products: self).run()
    case (2, 2): WideRowKernel<2, 2>(products: self).run()
    case (2, 4): WideRowKernel<2, 4>(products: self).run()
    case (4, 1): WideRowKernel<4, 1>(products: self).run()
    case (4, 2): WideRowKernel<4, 2>(products: self).run()
    case (4, 4): WideRowKernel<4, 4>(products: self).run()
    default: preconditionFailure("\(rows) rows of \(panels) panels")
    }
  }
}

/// The loop for one number of rows and panels.
struct WideRowKernel<let rows: Int, let panels: Int> {
  let products: WideRowProducts

  @inline(never)
  func run() {
    let p = products
    var sums = InlineArray<rows, InlineArray<panels, WideVector>>(
      repeating: InlineArray<panels, WideVector>(repeating: WideVector()))
    var a = unsafe p.a
    var b = unsafe p.b
    for _ in 0..<p.depth {
      for row in 0..<rows {
        let number = unsafe WideVector(repeating: a[row &* p.aStep])
        for panel in 0..<panels {
          sums[row][panel] = unsafe sums[row][panel].addingProduct(
            number, SingleRow.numbers(b + row &* p.bStep + panel &* p.panelStride))
        }
      }
      unsafe a += 1
      unsafe b += 16
    }
    for row in 0..<rows {
      for panel in 0..<panels {
        unsafe UnsafeMutableRawPointer(p.c + row &* p.cStep + 16 &* panel)
          .storeBytes(of: sums[row][panel], as: WideVector.self)
      }
    }
  }
}
