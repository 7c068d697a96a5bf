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
  package init(transposing w: Floats, columns: Int, depth: Int, into storage: Floats) {
    self.depth = depth
    self.columns = columns
    panels = storage
    for first in stride(from: 0, to: columns, by: 16) {
      let panel = storage.slice(first * depth, 16 * depth)
      let width = min(16, columns - first)
      if width < 16 { panel.fill(0) }
      for c in 0..<width {
        let row = w.slice((first + c) * depth, depth)
        for k in 0..<depth { panel[16 * k + c] = row[k] }
      }
    }
  }

  /// Packs B as it stands: B is `[depth, columns]`.
  package init(copying b: Floats, depth: Int, columns: Int, into storage: Floats) {
    self.depth = depth
    self.columns = columns
    panels = storage
    for first in stride(from: 0, to: columns, by: 16) {
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
}
