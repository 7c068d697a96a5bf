internal import WideKernels

/// Some rows, each times panels of its own, for one thread: a query of each of several heads times that head's keys.
///
/// One row's sums are few, and each is a chain that waits for itself; those of several rows go on side by side. Each output is one chain of
/// fused multiply-adds with k ascending, so it has the same bits as from `BlockProduct`.
package struct RowProducts {
  /// The first row's numbers; the next row's begin `aStep` further.
  let a: Floats
  let aStep: Int
  /// The first row's panels of `depth` rows, `panelStride` numbers from one to the next; the next row's begin `panelsStep` further.
  let panels: Floats
  let panelsStep: Int
  let panelStride: Int
  let depth: Int
  /// The first row of C, overwritten; the next begins `cStep` further.
  let c: Floats
  let cStep: Int
  /// How many columns an instruction computes.
  let lanes: Lanes

  package init(
    a: Floats, aStep: Int, panels: Floats, panelsStep: Int, panelStride: Int, depth: Int, c: Floats,
    cStep: Int, lanes: Lanes = .available
  ) {
    self.a = a
    self.aStep = aStep
    self.panels = panels
    self.panelsStep = panelsStep
    self.panelStride = panelStride
    self.depth = depth
    self.c = c
    self.cStep = cStep
    self.lanes = lanes
  }

  /// C[row, panels] = A[row, depth] · B[row][depth, panels] for the first `rows` rows and `count` panels.
  package func run(rows: Int, panels count: Int) {
    var row = 0
    while row < rows {
      let together = lanes == .sixteen && rows - row >= 4 ? 4 : rows - row >= 2 ? 2 : 1
      // Eight lanes have registers for the sums of four panels in all.
      let most = lanes == .sixteen ? 4 : 4 / together
      var panel = 0
      while panel < count {
        var width = most
        while panel + width > count { width /= 2 }
        run(row, together, panel, width)
        panel += width
      }
      row += together
    }
  }

  private func run(_ row: Int, _ rows: Int, _ panel: Int, _ count: Int) {
    if lanes == .sixteen {
      unsafe WideRowProducts(
        a: a.address(row * aStep), aStep: aStep, b: panels.address(row * panelsStep + panel * panelStride),
        bStep: panelsStep, panelStride: panelStride, depth: depth, c: c.address(row * cStep + 16 * panel),
        cStep: cStep
      ).run(rows: rows, panels: count)
      return
    }
    switch (rows, count) {
    case (1, 1): RowKernel<1, 1>(products: self).run(row, panel)
    case (1, 2): RowKernel<1, 2>(products: self).run(row, panel)
    case (1, 4): RowKernel<1, 4>(products: self).run(row, panel)
    case (2, 1): RowKernel<2, 1>(products: self).run(row, panel)
    case (2, 2): RowKernel<2, 2>(products: self).run(row, panel)
    default: preconditionFailure("\(rows) rows of \(count) panels")
    }
  }
}

/// The loop for one number of rows and panels, eight columns an instruction.
private struct RowKernel<let rows: Int, let panels: Int> {
  typealias Sums = InlineArray<rows, InlineArray<panels, Vector>>

  let products: RowProducts

  @inline(never)
  func run(_ row: Int, _ panel: Int) {
    let p = products
    // Of each panel columns 0…7, and 8…15.
    var low = Sums(repeating: InlineArray(repeating: Vector()))
    var high = low
    var a = row &* p.aStep
    var b = row &* p.panelsStep &+ panel &* p.panelStride
    for _ in 0..<p.depth {
      for row in 0..<rows {
        let number = Vector(repeating: p.a[a &+ row &* p.aStep])
        for panel in 0..<panels {
          let place = b &+ row &* p.panelsStep &+ panel &* p.panelStride
          low[row][panel] = low[row][panel].addingProduct(number, p.panels.load8(place))
          high[row][panel] = high[row][panel].addingProduct(number, p.panels.load8(place &+ 8))
        }
      }
      a &+= 1
      b &+= 16
    }
    let c = row &* p.cStep &+ 16 &* panel
    for row in 0..<rows {
      for panel in 0..<panels {
        p.c.store8(low[row][panel], c &+ row &* p.cStep &+ 16 &* panel)
        p.c.store8(high[row][panel], c &+ row &* p.cStep &+ 16 &* panel &+ 8)
      }
    }
  }
}
