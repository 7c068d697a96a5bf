import CProcessor

/// Sixteen numbers: one register of AVX-512.
typealias WideVector = SIMD16<Float>

/// A row of a panel.
protocol WideRow {
  static var words: Int { get }
  static func numbers(_ address: UnsafePointer<Float>) -> WideVector
}

enum SingleRow: WideRow {
  static var words: Int { 16 }

  @inline(__always)
  static func numbers(_ address: UnsafePointer<Float>) -> WideVector {
    unsafe UnsafeRawPointer(address).loadUnaligned(as: WideVector.self)
  }
}

enum BFloat16Row: WideRow {
  static var words: Int { 8 }

  @inline(__always)
  static func numbers(_ address: UnsafePointer<Float>) -> WideVector {
    let pairs = unsafe UnsafeRawPointer(address).loadUnaligned(as: SIMD8<UInt32>.self)
    let toUpper = SIMD16<UInt32>(
      lowHalf: SIMD8(repeating: 16), highHalf: SIMD8(repeating: 0))
    let bits = SIMD16<UInt32>(lowHalf: pairs, highHalf: pairs) &<< toUpper & SIMD16(repeating: 0xffff_0000)
    return unsafe unsafeBitCast(bits, to: WideVector.self)
  }
}

/// The loop for one number of rows and panels. Rows × panels sums, a vector of each panel and one of a row's number are at most 29 of the 32 registers.
///
/// With each step `asked` of the panels that come next are asked for: a number known here, since a question in the loop costs registers.
struct WideKernel<let rows: Int, let panels: Int, let asked: Int, Row: WideRow> {
  let product: WideProduct

  @inline(never)
  func run(_ times: Int) {
    let p = product
    var first = unsafe p.a
    var c = unsafe p.c
    var ahead = p.ahead
    for _ in 0..<times {
      if p.isFresh {
        // What is written in the end is brought nearer meanwhile.
        for panel in 0..<panels {
          for row in 0..<rows { unsafe emend_prefetch(c + row &* p.cStride + 16 &* panel) }
        }
      }
      var sums = InlineArray<panels, InlineArray<rows, WideVector>>(
        repeating: InlineArray<rows, WideVector>(repeating: WideVector()))
      if !p.isFresh {
        for panel in 0..<panels {
          for row in 0..<rows {
            unsafe sums[panel][row] = SingleRow.numbers(c + row &* p.cStride + 16 &* panel)
          }
        }
      }
      var a = unsafe first
      var b = unsafe p.b
      for _ in 0..<p.depth {
        var vectors = InlineArray<panels, WideVector>(repeating: WideVector())
        for panel in 0..<panels { unsafe vectors[panel] = Row.numbers(b + panel &* p.panelStride) }
        for row in 0..<rows {
          let number = unsafe WideVector(repeating: a[row &* p.rowStride])
          for panel in 0..<panels {
            sums[panel][row] = sums[panel][row].addingProduct(number, vectors[panel])
          }
        }
        if asked > 0 {
          for panel in 0..<asked { unsafe emend_prefetch(ahead.address + panel &* ahead.panelStride) }
          unsafe ahead.address += ahead.step
        }
        unsafe a += p.depthStride
        unsafe b += Row.words
      }
      for panel in 0..<panels {
        for row in 0..<rows {
          unsafe UnsafeMutableRawPointer(c + row &* p.cStride + 16 &* panel)
            .storeBytes(of: sums[panel][row], as: WideVector.self)
        }
      }
      ahead.turnIfDone()
      unsafe first += p.timesStride
      unsafe c += rows &* p.cStride
    }
  }
}
