/// The output layer: where a large vocabulary would need the most memory. Rows go through in chunks, the vocabulary in blocks; sums run over the
/// vocabulary ascending whatever the blocks.
extension TrainingPass {
  /// Tokens of the vocabulary whose weights are laid out at once.
  static let vocabularyBlock = 4096
  /// Logits that are kept at once: 96 MB.
  private static let chunkSize = 24 << 20

  /// Rows of logits that are kept at once: chunks of equal size, in whole tiles of six.
  static func rowsInChunk(_ rows: Int, vocabularySize V: Int) -> Int {
    let chunks = max(1, (rows * V + chunkSize - 1) / chunkSize, (rows + 2047) / 2048)
    return ((rows + chunks - 1) / chunks + 5) / 6 * 6
  }

  /// Blocks of the vocabulary, in order.
  private var blocks: [Range<Int>] {
    stride(from: 0, to: a.vocabularySize, by: Self.vocabularyBlock).map {
      $0..<min($0 + Self.vocabularyBlock, a.vocabularySize)
    }
  }

  /// The output layer's weights of a block, `[block, C]`.
  private func weights(_ block: Range<Int>) -> Weights {
    parameters.weights(parameters.layout.output).slice(block.lowerBound * a.width, block.count * a.width)
  }

  /// Logits `[rows, V]` of normalised rows `[rows, C]`.
  func score(_ normed: Floats, rows: Int, into logits: Floats) {
    let C = a.width
    for block in blocks {
      workspace.scoped {
        products.multiply(
          RowView(normed, stride: C), rows: rows,
          by: pack(transposing: weights(block), rows: block.count, columns: C),
          into: RowView(logits, from: block.lowerBound, stride: a.vocabularySize))
      }
    }
    if let cap = a.finalSoftCap {
      let V = a.vocabularySize
      pool.forEachRow(rows) { softCap(logits.slice($0 * V, V), cap) }
    }
  }

  /// Asks the objective for each label's gradient and takes it back through the output layer and the final norm: added to dx `[L, C]`.
  func outputGradient(
    into dx: Floats, _ gradients: Gradients, _ objective: (_ label: Int, _ logits: Floats) -> Void
  ) {
    let C = a.width
    let V = a.vocabularySize
    let L = answering.count
    workspace.scoped {
      let last = finalRows()
      let dNormed = workspace.takeZeros(L * C)
      let chunk = Self.rowsInChunk(L, vocabularySize: V)
      for first in stride(from: 0, to: L, by: chunk) {
        let count = min(chunk, L - first)
        workspace.scoped {
          let normed = last.normed.slice(first * C, count * C)
          let logits = workspace.take(count * V)
          score(normed, rows: count, into: logits)
          applyObjective(logits, count) { row, logits in objective(first + row, logits) }
          outputGradient(logits, normed, count, dNormed.slice(first * C, count * C), gradients)
        }
      }
      pool.normalizeBackward(
        dNormed, x: last.input, weight: parameters[parameters.layout.finalNorm], inverses: last.inverses,
        dx: dx, dWeight: gradients.of(parameters.layout.finalNorm), L, C)
    }
  }

  /// Has the objective turn each row of logits into their gradient, and takes it back through the soft cap.
  private func applyObjective(
    _ logits: Floats, _ count: Int, _ objective: (_ row: Int, _ logits: Floats) -> Void
  ) {
    let V = a.vocabularySize
    guard let cap = a.finalSoftCap else {
      pool.forEachRow(count) { row in objective(row, logits.slice(row * V, V)) }
      return
    }
    let copies = workspace.take(count * V)
    copies.copy(from: logits.slice(0, count * V))
    pool.forEachRow(count) { row in
      let own = logits.slice(row * V, V)
      objective(row, own)
      softCapBackward(own, capped: copies.slice(row * V, V), cap)
    }
  }

  /// dW += dLogitsᵀ·X and dX += dLogits·W for one chunk of rows.
  private func outputGradient(
    _ dLogits: Floats, _ normed: Floats, _ rows: Int, _ dNormed: Floats, _ gradients: Gradients
  ) {
    let C = a.width
    let V = a.vocabularySize
    let gradient = gradients.of(parameters.layout.output).map {
      (dWeights: $0, normed: pack(copying: .float32(normed), rows: rows, columns: C))
    }
    for block in blocks {
      workspace.scoped {
        let slopes = RowView(dLogits, from: block.lowerBound, stride: V)
        if let gradient {
          addProduct(
            transposing: slopes, block.count, gradient.normed,
            to: gradient.dWeights.slice(block.lowerBound * C, block.count * C))
        }
        products.multiply(
          slopes, rows: rows, by: pack(copying: weights(block), rows: block.count, columns: C),
          into: RowView(dNormed, stride: C), adding: true)
      }
    }
  }
}
