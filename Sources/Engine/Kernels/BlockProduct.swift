internal import WideKernels

/// A product small enough for one thread: some rows of A times some panels of B.
struct BlockProduct<Panels: PanelRows> {
  let a: LeftOperand
  /// Panels of so many rows as the product is deep, `panelStride` words from one to the next.
  let panels: Floats
  let panelStride: Int
  /// C's rows are `cStride` numbers apart; its columns are those of the panels.
  let c: Floats
  let cStride: Int
  /// Begin at 0 rather than at what C holds.
  let isFresh: Bool
  /// What is read after this product, if it is known.
  var following: ComingPanels?
  /// How many columns an instruction computes.
  var lanes = Lanes.available

  /// Depth of a block of B: with it a panel of 24 KB stays in the first-level cache while the rows go by. With sixteen lanes four are read together, from the
  /// second-level cache; shallower blocks were no faster there.
  static var depthInBlock: Int { 384 }

  /// C[rows, panels] = or += A[rows, depth]·B[depth, panels].
  ///
  /// Every panel is written in full, so C's rows have room for 16 columns of each.
  func run(rows: Range<Int>, panels range: Range<Int>, depth: Range<Int>) {
    var k = depth.lowerBound
    repeat {
      let end = min(k + Self.depthInBlock, depth.upperBound)
      var panel = range.lowerBound
      while panel < range.upperBound {
        let last = min(panel + 4, range.upperBound)
        // Then come further panels, or the next block of the first.
        var next = following
        if last < range.upperBound {
          next = coming(last, k..<end)
        } else if end < depth.upperBound {
          next = coming(range.lowerBound, end..<min(end + Self.depthInBlock, depth.upperBound))
        }
        run(rows, panel..<last, k..<end, isFresh: isFresh && k == depth.lowerBound, next: next)
        panel = last
      }
      k = end
    } while k < depth.upperBound
  }

  /// A panel's words from a row on.
  @inline(__always)
  private func words(_ panel: Int, _ row: Int) -> Floats {
    panels.suffix(from: panel * panelStride + Panels.wordsInRow * row)
  }

  /// The same of panels that are read next.
  private func coming(_ panel: Int, _ rows: Range<Int>) -> ComingPanels {
    ComingPanels(
      words: words(panel, rows.lowerBound), stride: panelStride, wordsInPanel: Panels.wordsInRow * rows.count)
  }

  @inline(__always)
  private func operands(
    _ panel: Int, _ depth: Range<Int>, _ isFresh: Bool, ahead: Ahead? = nil
  ) -> KernelOperands<Panels> {
    let words = words(panel, depth.lowerBound)
    return KernelOperands(
      a: a.floats, rowStride: a.rowStride, depthStride: a.depthStride, b: Panels(words: words),
      panelStride: panelStride, depth: depth.count, isFresh: isFresh,
      ahead: ahead ?? Ahead(nothingBut: words))
  }

  @inline(__always)
  private func target(_ row: Int, _ panel: Int) -> Floats {
    c.suffix(from: row * cStride + 16 * panel)
  }

  /// How many kernels of six, five and four rows come one after another; what is left has less than four.
  ///
  /// Those of two rows and one wait for the cache, so eight rows are better 4 + 4 than 6 + 2, nine 5 + 4, thirteen 5 + 4 + 4.
  private func split(_ rows: Int) -> (sixes: Int, fives: Int, fours: Int) {
    let sixes = rows / 6
    switch rows % 6 {
    case 1 where sixes >= 2 && a.isUniform: return (sixes - 2, 1, 2)
    case 2 where sixes >= 1 && a.isUniform: return (sixes - 1, 0, 2)
    case 3 where sixes >= 1 && a.isUniform: return (sixes - 1, 1, 1)
    case 4: return (sixes, 0, 1)
    case 5: return (sixes, 1, 0)
    default: return (sixes, 0, 0)
    }
  }

  /// At most four panels, at most one block of depth. `next` is read afterwards: as many panels.
  private func run(
    _ rows: Range<Int>, _ group: Range<Int>, _ depth: Range<Int>, isFresh: Bool, next: ComingPanels?
  ) {
    switch lanes {
    case .eight: narrow(rows, group, depth, isFresh, next)
    case .sixteen: wide(rows, group, depth, isFresh, next)
    }
  }

  /// Sixteen columns an instruction: at most six rows of four, two or one panel at once.
  private func wide(
    _ rows: Range<Int>, _ group: Range<Int>, _ depth: Range<Int>, _ isFresh: Bool, _ next: ComingPanels?
  ) {
    let k = depth.lowerBound
    let (sixes, fives, fours) = split(rows.count)
    let small = rows.count - 6 * sixes - 5 * fives - 4 * fours
    let parts = sixes + fives + fours + (small > 0 ? 1 : 0)
    var panel = group.lowerBound
    while panel < group.upperBound {
      let panels = group.upperBound - panel >= 4 ? 4 : group.upperBound - panel >= 2 ? 2 : 1
      let words = words(panel, k)
      var ahead = unsafe WideAhead(nothingBut: words.address(0))
      if let next {
        ahead = unsafe WideAhead(
          next.words.address((panel - group.lowerBound) * next.stride), stride: next.stride,
          words: next.wordsInPanel, panels: panels, kernels: parts, depth: depth.count)
      }
      var row = rows.lowerBound
      func run(_ count: Int, times: Int = 1) {
        guard times > 0 else { return }
        let target = target(row, panel)
        unsafe WideProduct(
          a: a.floats.address(a.offset(row, k)), rowStride: a.rowStride, depthStride: a.depthStride,
          timesStride: count == 6 ? a.tileStride : count * a.rowStride,
          b: words.address(0), panelStride: panelStride, depth: depth.count, c: target.address(0),
          cStride: cStride, isFresh: isFresh, ahead: ahead
        ).run(rows: count, times: times, panels: panels, Panels.wide)
        ahead.go(kernels: times, depth: depth.count)
        row += count * times
      }
      run(6, times: sixes)
      run(5, times: fives)
      run(4, times: fours)
      if small > 0 { run(small) }
      panel += panels
    }
  }

  /// Eight columns an instruction: six, five or four rows of one panel, or fewer rows of several.
  private func narrow(
    _ rows: Range<Int>, _ group: Range<Int>, _ depth: Range<Int>, _ isFresh: Bool, _ next: ComingPanels?
  ) {
    let (sixes, fives, fours) = split(rows.count)
    let k = depth.lowerBound
    let five = rows.lowerBound + 6 * sixes
    let four = five + 5 * fives
    var row = four + 4 * fours
    var first = rows.lowerBound
    if sixes > 0, group.count == 4 {
      // The first six bring the panels into the cache.
      for half in [first, first + 3] {
        for panel in [group.lowerBound, group.lowerBound + 2] {
          MicroKernel<3, 2, Panels>(operands: operands(panel, depth, isFresh))
            .run(a.offset(half, k), into: target(half, panel), cStride)
        }
      }
      first += 6
    }
    if row > first {
      let parts = (five - first) / 6 + fives + fours
      for (place, panel) in group.enumerated() {
        var ahead = next.map { Ahead($0, panel: place, parts: parts, depth: depth.count) }
        func nextOperands(_ times: Int) -> KernelOperands<Panels> {
          defer { ahead = ahead?.next(depth: depth.count * times) }
          return operands(panel, depth, isFresh, ahead: ahead)
        }
        let sixes = (five - first) / 6
        if sixes > 0 {
          MicroKernel<6, 1, Panels>(operands: nextOperands(sixes))
            .run(
              a.offset(first, k), into: target(first, panel), cStride, times: sixes, timesStride: a.tileStride
            )
        }
        if fives > 0 {
          MicroKernel<5, 1, Panels>(operands: nextOperands(1))
            .run(a.offset(five, k), into: target(five, panel), cStride)
        }
        if fours > 0 {
          MicroKernel<4, 1, Panels>(operands: nextOperands(fours))
            .run(
              a.offset(four, k), into: target(four, panel), cStride, times: fours,
              timesStride: 4 * a.rowStride)
        }
      }
    }
    if rows.upperBound - row >= 2 {
      var panel = group.lowerBound
      while panel + 2 <= group.upperBound {
        MicroKernel<2, 2, Panels>(operands: operands(panel, depth, isFresh))
          .run(a.offset(row, k), into: target(row, panel), cStride)
        panel += 2
      }
      if panel < group.upperBound {
        single(row, panel..<group.upperBound, depth, isFresh)
        single(row + 1, panel..<group.upperBound, depth, isFresh)
      }
      row += 2
    }
    if row < rows.upperBound { single(row, group, depth, isFresh) }
  }

  /// One row of at most four panels.
  private func single(_ row: Int, _ group: Range<Int>, _ depth: Range<Int>, _ isFresh: Bool) {
    let start = a.offset(row, depth.lowerBound)
    var panel = group.lowerBound
    if group.count == 4 {
      MicroKernel<1, 4, Panels>(operands: operands(panel, depth, isFresh))
        .run(start, into: target(row, panel), cStride)
      return
    }
    if group.count >= 2 {
      MicroKernel<1, 2, Panels>(operands: operands(panel, depth, isFresh))
        .run(start, into: target(row, panel), cStride)
      panel += 2
    }
    if panel < group.upperBound {
      MicroKernel<1, 1, Panels>(operands: operands(panel, depth, isFresh))
        .run(start, into: target(row, panel), cStride)
    }
  }
}
