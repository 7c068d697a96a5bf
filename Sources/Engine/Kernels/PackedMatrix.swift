/// The right-hand side of a matrix product, laid out for the micro-kernel: panels of 16 columns, each with its rows one after another.
///
/// B is `[depth, columns]`; panel p holds B[k, 16p + c] at `16·k + c`. The last panel is filled up with zeros.
package struct PackedMatrix {
  package let depth: Int
  package let columns: Int
  package let panels: Floats

  /// How many numbers a packed matrix takes.
  package static func size(depth: Int, columns: Int) -> Int { (columns + 15) / 16 * 16 * depth }

  /// Packs Wᵀ: W is `[columns, depth]`, so that X·B = X·Wᵀ.
  package init(transposing w: Floats, columns: Int, depth: Int, into storage: Floats, pool: WorkPool) {
    self.depth = depth
    self.columns = columns
    panels = storage
    Self.eachPanel(columns: columns, pool) { first in
      let panel = storage.slice(first * depth, 16 * depth)
      let width = min(16, columns - first)
      guard width == 16 else {
        panel.fill(0)
        for c in 0..<width {
          let row = w.slice((first + c) * depth, depth)
          for k in 0..<depth { panel[16 * k + c] = row[k] }
        }
        return
      }
      let rows = w.slice(first * depth, 16 * depth)
      var k = 0
      while k + 8 <= depth {
        transpose(rows, k, depth, into: panel, 16 * k)
        transpose(rows, 8 * depth + k, depth, into: panel, 16 * k + 8)
        k += 8
      }
      while k < depth {
        for c in 0..<16 { panel[16 * k + c] = rows[c * depth + k] }
        k += 1
      }
    }
  }

  /// Packs B as it stands: B is `[depth, columns]`.
  package init(copying b: Floats, depth: Int, columns: Int, into storage: Floats, pool: WorkPool) {
    self.depth = depth
    self.columns = columns
    panels = storage
    Self.eachPanel(columns: columns, pool) { first in
      let panel = storage.slice(first * depth, 16 * depth)
      let width = min(16, columns - first)
      if width == 16 {
        for k in 0..<depth {
          panel.store8(b.load8(k * columns + first), 16 * k)
          panel.store8(b.load8(k * columns + first + 8), 16 * k + 8)
        }
      } else {
        panel.fill(0)
        for k in 0..<depth {
          for c in 0..<width { panel[16 * k + c] = b[k * columns + first + c] }
        }
      }
    }
  }
  private static func eachPanel(columns: Int, _ pool: WorkPool, _ body: (_ first: Int) -> Void) {
    let panels = (columns + 15) / 16
    pool.run((panels + 3) / 4) { unit in
      for panel in 4 * unit..<min(4 * unit + 4, panels) { body(16 * panel) }
    }
  }
}

/// Eight rows of eight numbers at `source`, `stride` apart, to eight rows of 16 at `target`, turned: three rounds of interleaving.
@inline(__always)
func transpose(_ x: Floats, _ source: Int, _ stride: Int, into y: Floats, _ target: Int) {
  let r0 = x.load8(source)
  let r1 = x.load8(source + stride)
  let r2 = x.load8(source + 2 * stride)
  let r3 = x.load8(source + 3 * stride)
  let r4 = x.load8(source + 4 * stride)
  let r5 = x.load8(source + 5 * stride)
  let r6 = x.load8(source + 6 * stride)
  let r7 = x.load8(source + 7 * stride)
  let (a0, a1) = interleaved(r0, r4)
  let (a2, a3) = interleaved(r1, r5)
  let (a4, a5) = interleaved(r2, r6)
  let (a6, a7) = interleaved(r3, r7)
  let (b0, b1) = interleaved(a0, a4)
  let (b2, b3) = interleaved(a1, a5)
  let (b4, b5) = interleaved(a2, a6)
  let (b6, b7) = interleaved(a3, a7)
  let (c0, c1) = interleaved(b0, b4)
  let (c2, c3) = interleaved(b1, b5)
  let (c4, c5) = interleaved(b2, b6)
  let (c6, c7) = interleaved(b3, b7)
  y.store8(c0, target)
  y.store8(c1, target + 16)
  y.store8(c2, target + 32)
  y.store8(c3, target + 48)
  y.store8(c4, target + 64)
  y.store8(c5, target + 80)
  y.store8(c6, target + 96)
  y.store8(c7, target + 112)
}

/// a₀ b₀ a₁ b₁ … of the lower and of the upper halves.
@inline(__always)
private func interleaved(_ a: Vector, _ b: Vector) -> (Vector, Vector) {
  var low = Vector()
  low.evenHalf = a.lowHalf
  low.oddHalf = b.lowHalf
  var high = Vector()
  high.evenHalf = a.highHalf
  high.oddHalf = b.highHalf
  return (low, high)
}
