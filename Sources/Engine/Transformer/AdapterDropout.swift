/// Dropout of what an adapter reads (Srivastava et al. 2014, for LoRA Hu et al. 2021): with y = x·Wᵀ + s·(m ∘ x)·Aᵀ·Bᵀ, each mᵢ is 0 with probability p, else
/// 1 / (1 - p).
///
/// Which numbers fall out depends on the seed, the update, the sequence's place in the batch, the token's in it, the matrix and the column: not on
/// micro-batches, packing or threads.
package struct AdapterDropout: Sendable {
  /// p, in [0, 1).
  package let probability: Float
  private let seed: UInt64
  private let random: Philox

  package init(probability: Float, seed: UInt64, update: Int = 0) {
    self.probability = probability
    self.seed = seed
    random = Philox(seed: seed, stream: "adapter dropout \(update)")
  }

  /// The same for another update.
  package func at(update: Int) -> AdapterDropout {
    AdapterDropout(probability: probability, seed: seed, update: update)
  }

  /// y = (m + shift) ∘ x for one row: with shift 0 what the adapter reads, with shift -1 how far that is from x.
  package func apply(
    to x: Floats, shift: Float, matrix: Int, sequence: Int, position: Int, into y: Floats, _ count: Int
  ) {
    let kept = 1 / (1 - probability) + shift
    let dropped = shift
    // A word below the bound drops its number; the bound is p in units of 2⁻³².
    let bound = UInt32(min(Double(probability) * 0x1p32, 0xffff_ffff))
    for first in stride(from: 0, to: count, by: 4) {
      let words = random.words(
        SIMD4(
          UInt32(truncatingIfNeeded: first / 4), UInt32(truncatingIfNeeded: position),
          UInt32(truncatingIfNeeded: sequence), UInt32(truncatingIfNeeded: matrix)))
      for lane in 0..<min(4, count - first) {
        y[first + lane] = x[first + lane] * (words[lane] < bound ? dropped : kept)
      }
    }
  }
}

extension TrainingPass {
  /// Y += s·(m ∘ x - x)·Aᵀ·Bᵀ: what dropout changes of a product with the sum of a weight and its adapter's part.
  func addDropped(
    _ x: Floats, _ rows: TokenRows, _ weight: TensorDescription, _ entries: [AdapterLayout.Entry],
    to y: Floats
  ) {
    guard let adapter, let dropout else { return }
    let R = rows.count
    for entry in entries {
      workspace.scoped {
        let difference = workspace.take(R * weight.columns)
        drop(x, rows, entry, dropout, shift: -1, into: difference)
        let inner = workspace.take(R * adapter.shape.rank)
        multiplyByDown(difference, R, adapter, entry, into: inner)
        products.multiply(
          RowView(inner, stride: adapter.shape.rank), rows: R,
          by: pack(transposing: entry.up, of: adapter),
          into: RowView(y, from: entry.rows.lowerBound, stride: weight.rows), adding: true)
      }
    }
  }

  /// dX += (m - 1) ∘ (s·(dY·B)·A): what dropout changes of the gradient of such a product's left-hand side.
  func addDroppedGradient(
    _ dY: Floats, _ rows: TokenRows, _ weight: TensorDescription, _ entries: [AdapterLayout.Entry],
    to dX: Floats
  ) {
    guard let adapter, let dropout else { return }
    let R = rows.count
    for entry in entries {
      workspace.scoped {
        let inner = workspace.take(R * adapter.shape.rank)
        multiplyByUp(
          RowView(dY, from: entry.rows.lowerBound, stride: weight.rows), R, adapter, entry, into: inner)
        let through = workspace.take(R * weight.columns)
        products.multiply(
          inner, rows: R, by: pack(copying: entry.down, of: adapter), into: through)
        drop(through, rows, entry, dropout, shift: -1, into: through)
        add(1, through, to: dX, R * weight.columns)
      }
    }
  }

  /// (m + shift) ∘ x for what one of the adapter's matrices reads, `[R, columns of A]`.
  func drop(
    _ x: Floats, _ rows: TokenRows, _ entry: AdapterLayout.Entry, _ dropout: AdapterDropout, shift: Float,
    into y: Floats
  ) {
    let N = entry.down.columns
    pool.forEachRow(rows.count) { row in
      let t = rows.places[row]
      dropout.apply(
        to: x.slice(row * N, N), shift: shift, matrix: entry.down.offset,
        sequence: firstSequence + sequenceOfToken[t], position: Int(positions[t]),
        into: y.slice(row * N, N), N)
    }
  }
}
