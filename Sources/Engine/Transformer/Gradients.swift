/// Where the gradients of a pass go: to every parameter, or to an adapter's matrices alone.
package struct Gradients {
  /// In the parameters' layout, or in the adapter's.
  let floats: Floats
  let isOfAdapter: Bool

  /// Of every parameter, in the parameters' layout.
  package init(ofParameters floats: Floats) {
    self.floats = floats
    isOfAdapter = false
  }

  /// Of the adapter's matrices, in the adapter's layout. The parameters stay as they are.
  package init(ofAdapter floats: Floats) {
    self.floats = floats
    isOfAdapter = true
  }

  /// The gradient of one parameter; `nil` where parameters stay as they are.
  func of(_ tensor: TensorDescription) -> Floats? { isOfAdapter ? nil : floats.slice(tensor) }
}

extension TrainingPass {
  /// Adds the gradient of one weight of a product Y = X·Wᵀ, or of what an adapter adds to it.
  ///
  /// Of W it is dYᵀ·X. Of the adapter's A and B with W' = W + s·B·A: dA = s·(dY·B)ᵀ·X, dB = s·dYᵀ·(X·Aᵀ), where X is
  /// what dropout leaves of it.
  func addWeightGradient(
    _ weight: TensorDescription, _ entries: [AdapterLayout.Entry], rows: TokenRows, dY: Floats, x: Floats,
    _ gradients: Gradients
  ) {
    if let gradient = gradients.of(weight) {
      workspace.scoped {
        let packed = pack(copying: .float32(x), rows: rows.count, columns: weight.columns)
        addProduct(transposing: RowView(dY, stride: weight.rows), weight.rows, packed, to: gradient)
      }
    } else if let adapter {
      for entry in entries { addGradient(of: entry, adapter, weight, rows: rows, dY: dY, x: x, gradients) }
    }
  }

  /// The same where X is not there any more.
  ///
  /// - Parameter fill: writes a row of X; called from any thread, and only where the gradient is wanted.
  func addWeightGradient(
    _ weight: TensorDescription, _ entries: [AdapterLayout.Entry], rows: TokenRows, dY: Floats,
    _ gradients: Gradients, _ fill: (_ row: Int, _ x: Floats) -> Void
  ) {
    workspace.scoped {
      let N = weight.columns
      if let gradient = gradients.of(weight) {
        let packed = pack(rows: rows.count, columns: N, fill)
        addProduct(transposing: RowView(dY, stride: weight.rows), weight.rows, packed, to: gradient)
      } else if !entries.isEmpty {
        let x = workspace.take(rows.count * N)
        pool.forEachRow(rows.count) { fill($0, x.slice($0 * N, N)) }
        addWeightGradient(weight, entries, rows: rows, dY: dY, x: x, gradients)
      }
    }
  }

  private func addGradient(
    of entry: AdapterLayout.Entry, _ adapter: Adapter, _ weight: TensorDescription, rows: TokenRows,
    dY: Floats, x: Floats, _ gradients: Gradients
  ) {
    let R = rows.count
    let N = weight.columns
    let rank = adapter.shape.rank
    workspace.scoped {
      let own = RowView(dY, from: entry.rows.lowerBound, stride: weight.rows)
      var read = x
      if let dropout {
        read = workspace.take(R * N)
        drop(x, rows, entry, dropout, shift: 0, into: read)
      }
      let inner = workspace.take(R * rank)
      multiplyByDown(read, R, adapter, entry, into: inner)
      workspace.scoped {
        addProduct(
          transposing: own, entry.rows.count, pack(copying: .float32(inner), rows: R, columns: rank),
          to: gradients.floats.slice(entry.up))
      }
      multiplyByUp(own, R, adapter, entry, into: inner)
      addProduct(
        transposing: RowView(inner, stride: rank), rank,
        pack(copying: .float32(read), rows: R, columns: N), to: gradients.floats.slice(entry.down))
    }
  }

  /// gradient += Aᵀ·B with A `[B.depth, m]`.
  func addProduct(transposing A: RowView, _ m: Int, _ B: PackedMatrix, to gradient: Floats) {
    workspace.scoped {
      let tiles = workspace.take(products.tileSize)
      products.multiply(transposing: A, rows: m, by: B, into: gradient, adding: true, scratch: tiles)
    }
  }

  /// s·X·Aᵀ, `[rows, r]`.
  func multiplyByDown(
    _ x: Floats, _ rows: Int, _ adapter: Adapter, _ entry: AdapterLayout.Entry, into inner: Floats
  ) {
    products.multiply(
      x, rows: rows, by: pack(transposing: entry.down, of: adapter), into: inner)
    scale(inner, by: adapter.shape.scale, into: inner, rows * adapter.shape.rank)
  }

  /// s·dY·B, `[rows, r]`.
  func multiplyByUp(
    _ dY: RowView, _ rows: Int, _ adapter: Adapter, _ entry: AdapterLayout.Entry, into inner: Floats
  ) {
    let rank = adapter.shape.rank
    products.multiply(
      dY, rows: rows, by: pack(copying: entry.up, of: adapter),
      into: RowView(inner, stride: rank))
    scale(inner, by: adapter.shape.scale, into: inner, rows * rank)
  }

  /// A matrix `[rows, columns]` as B, row by row as `fill` writes it.
  private func pack(rows: Int, columns: Int, _ fill: (_ row: Int, _ target: Floats) -> Void) -> PackedMatrix {
    let storage = workspace.take(PackedMatrix.size(depth: rows, columns: columns))
    return workspace.scoped {
      let scratch = workspace.take(PackedMatrix.scratchSize(columns: columns, threads: pool.threads))
      return PackedMatrix(
        depth: rows, columns: columns, into: storage, scratch: scratch, pool: pool, fill)
    }
  }

  /// A matrix `[rows, columns]` as B = Mᵀ.
  func pack(transposing matrix: Weights, rows: Int, columns: Int) -> PackedMatrix {
    PackedMatrix(
      transposing: matrix, columns: rows, depth: columns,
      into: workspace.take(PackedMatrix.size(depth: columns, columns: rows)), pool: pool)
  }

  /// The same as B = M.
  func pack(copying matrix: Weights, rows: Int, columns: Int) -> PackedMatrix {
    PackedMatrix(
      copying: matrix, depth: rows, columns: columns,
      into: workspace.take(PackedMatrix.size(depth: rows, columns: columns)), pool: pool)
  }

  /// One of the adapter's matrices as B = Mᵀ.
  func pack(transposing tensor: TensorDescription, of adapter: Adapter) -> PackedMatrix {
    pack(transposing: .float32(adapter[tensor]), rows: tensor.rows, columns: tensor.columns)
  }

  /// The same as B = M.
  func pack(copying tensor: TensorDescription, of adapter: Adapter) -> PackedMatrix {
    pack(copying: .float32(adapter[tensor]), rows: tensor.rows, columns: tensor.columns)
  }
}
