/// Which matrices of a model an adapter changes, and by how much (LoRA, Hu et al. 2021).
package struct AdapterShape: Hashable, Sendable {
  /// A matrix that may be adapted.
  package enum Target: String, Hashable, Sendable, CaseIterable {
    case query, key, value
    /// Of attention.
    case output
    case gate, up, down
  }

  /// r: rank of what is added.
  package var rank: Int
  /// What is added is multiplied by alpha / rank.
  package var alpha: Float
  /// In the order of `Target.allCases`, each once.
  package let targets: [Target]

  package init(rank: Int, alpha: Float, targets: Set<Target>) {
    self.rank = rank
    self.alpha = alpha
    self.targets = Target.allCases.filter(targets.contains)
  }

  /// alpha / rank
  package var scale: Float { alpha / Float(rank) }

  /// What is wrong with it, `nil` if nothing is.
  package var fault: String? {
    if rank < 1 || rank > 1 << 12 { return "the adapter's rank is \(rank), and must be in 1...4096" }
    if !alpha.isFinite { return "the adapter's alpha is \(alpha)" }
    return targets.isEmpty ? "the adapter has no target" : nil
  }
}

/// Where each matrix of an adapter stands in the one allocation that holds them all.
package struct AdapterLayout: Sendable {
  /// One adapted matrix: W' = W + alpha / r · B·A.
  package struct Entry: Sendable {
    package var target: AdapterShape.Target
    /// The rows of the parameter that are this matrix: queries, keys and values stand in one.
    package var rows: Range<Int>
    /// A: `[r, columns of W]`
    package var down: TensorDescription
    /// B: `[rows of W, r]`
    package var up: TensorDescription
  }

  /// The entries that change each parameter of a layer.
  package struct Layer: Sendable {
    package var projection: [Entry] = []
    package var attentionOutput: [Entry] = []
    package var gateAndUp: [Entry] = []
    package var down: [Entry] = []

    package var all: [Entry] { projection + attentionOutput + gateAndUp + down }
  }

  package private(set) var layers: [Layer] = []
  /// Each matrix once, in order of their offsets.
  package private(set) var tensors: [TensorDescription] = []
  package private(set) var count = 0

  package init(_ shape: AdapterShape, _ a: Architecture) {
    for index in 0..<a.layers {
      var layer = Layer()
      for target in shape.targets {
        let name = "layers.\(index).\(target.rawValue)."
        let (Q, K, F) = (a.queryWidth, a.keyWidth, a.feedForward)
        func entry(_ rows: Range<Int>, _ columns: Int) -> Entry {
          Entry(
            target: target, rows: rows, down: add(name + "lora_A", shape.rank, columns),
            up: add(name + "lora_B", rows.count, shape.rank))
        }
        switch target {
        case .query: layer.projection.append(entry(0..<Q, a.width))
        case .key: layer.projection.append(entry(Q..<Q + K, a.width))
        case .value: layer.projection.append(entry(Q + K..<Q + 2 * K, a.width))
        case .output: layer.attentionOutput.append(entry(0..<a.width, Q))
        case .gate: layer.gateAndUp.append(entry(0..<F, a.width))
        case .up: layer.gateAndUp.append(entry(F..<2 * F, a.width))
        case .down: layer.down.append(entry(0..<a.width, F))
        }
      }
      layers.append(layer)
    }
  }

  private mutating func add(_ name: String, _ rows: Int, _ columns: Int) -> TensorDescription {
    let tensor = TensorDescription(name: name, rows: rows, columns: columns, offset: count, isDecayed: true)
    tensors.append(tensor)
    count += rows * columns
    return tensor
  }
}

/// What LoRA adds to some matrices of a model. Never changed once it is shared; training works on a copy.
package final class Adapter: Sendable {
  package let shape: AdapterShape
  package let layout: AdapterLayout
  let buffer: FloatBuffer

  /// All zeros.
  package init(_ shape: AdapterShape, for architecture: Architecture) {
    self.shape = shape
    layout = AdapterLayout(shape, architecture)
    buffer = FloatBuffer(count: layout.count)
  }

  /// Adds nothing yet: A uniform within ±1/√columns, B 0, so that training starts at the model itself.
  package convenience init(_ shape: AdapterShape, for architecture: Architecture, seed: UInt64) {
    self.init(shape, for: architecture)
    let stream = Philox(seed: seed, stream: "adapter")
    for (index, tensor) in layout.tensors.enumerated() where tensor.name.hasSuffix("lora_A") {
      let view = self[tensor]
      let bound = 1 / Float(tensor.columns).squareRoot()
      for position in 0..<tensor.count {
        view[position] =
          bound * (2 * stream.uniform(UInt32(truncatingIfNeeded: index), 0, UInt64(position)) - 1)
      }
    }
  }

  /// A copy of another.
  package convenience init(copying other: Adapter, for architecture: Architecture) {
    self.init(other.shape, for: architecture)
    buffer.floats.copy(from: other.buffer.floats)
  }

  /// The numbers of one matrix.
  package subscript(_ tensor: TensorDescription) -> Floats {
    buffer.floats.slice(tensor.offset, tensor.count)
  }

  /// All numbers, in the layout's order. The view is good for as long as somebody holds the adapter.
  package var all: Floats { buffer.floats }

  /// W + alpha / r · B·A for one parameter, with sums over the rank ascending.
  func merge(
    _ weight: Weights, columns: Int, _ entries: [AdapterLayout.Entry], into merged: Floats, pool: WorkPool
  ) {
    weight.copy(to: merged)
    let rank = shape.rank
    for entry in entries {
      let down = self[entry.down]
      let up = self[entry.up]
      pool.forEachRow(entry.rows.count) { row in
        let own = merged.slice((entry.rows.lowerBound + row) * columns, columns)
        for r in 0..<rank {
          add(shape.scale * up[row * rank + r], down.slice(r * columns, columns), to: own, columns)
        }
      }
    }
  }
}

extension Parameters {
  /// The parameters with an adapter's part added for good, in single precision.
  package func merged(with adapter: Adapter, pool: WorkPool) -> Parameters {
    let result = Parameters(copying: self)
    for (layer, entries) in zip(layout.layers, adapter.layout.layers) {
      let parts = [
        (layer.projection, entries.projection), (layer.attentionOutput, entries.attentionOutput),
        (layer.gateAndUp, entries.gateAndUp), (layer.down, entries.down),
      ]
      for (tensor, entries) in parts where !entries.isEmpty {
        adapter.merge(weights(tensor), columns: tensor.columns, entries, into: result[tensor], pool: pool)
      }
    }
    return result
  }
}
