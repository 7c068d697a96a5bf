/// A model's matrices laid out for the micro-kernel, once for all the products of decoding.
package final class PackedParameters {
  struct Layer {
    var projection: PackedMatrix
    var attentionOutput: PackedMatrix
    var gateAndUp: PackedMatrix
    var down: PackedMatrix
  }
  let layers: [Layer]
  let output: PackedMatrix
  private let storage: FloatBuffer
  var bytes: Int { storage.bytes }

  /// The matrices of decoding, each with what an adapter adds to it: a layer's four after each other, the output layer at last.
  private static func matrices(
    _ layout: ParameterLayout, _ adapter: AdapterLayout?
  ) -> [(tensor: TensorDescription, entries: [AdapterLayout.Entry])] {
    var matrices: [(TensorDescription, [AdapterLayout.Entry])] = []
    for (index, layer) in layout.layers.enumerated() {
      let entries = adapter?.layers[index]
      matrices += [
        (layer.projection, entries?.projection ?? []),
        (layer.attentionOutput, entries?.attentionOutput ?? []),
        (layer.gateAndUp, entries?.gateAndUp ?? []), (layer.down, entries?.down ?? []),
      ]
    }
    return matrices + [(layout.output, [])]
  }

  /// What an adapter changes is in single precision, so that it is the very sum that training works with; and so is what OpenBLAS reads.
  private static func format(
    _ format: WeightFormat, isAdapted: Bool, _ numerics: Numerics
  ) -> WeightFormat { isAdapted || numerics != .native ? .float32 : format }

  private static func size(_ tensor: TensorDescription, _ format: WeightFormat) -> Int {
    (PackedMatrix.size(depth: tensor.columns, columns: tensor.rows, format: format) + 15) / 16 * 16
  }

  /// Words that the matrices of an architecture take in this form.
  static func size(
    _ a: Architecture, format: WeightFormat = .float32, adapter: AdapterShape? = nil,
    numerics: Numerics = .native
  ) -> Int {
    matrices(ParameterLayout(a), adapter.map { AdapterLayout($0, a) }).reduce(0) { sum, matrix in
      sum + size(matrix.tensor, Self.format(format, isAdapted: !matrix.entries.isEmpty, numerics))
    }
  }

  /// With what an adapter adds.
  init(_ parameters: Parameters, adapter: Adapter?, pool: WorkPool, numerics: Numerics) {
    let matrices = Self.matrices(parameters.layout, adapter?.layout)
    let formats = matrices.map {
      Self.format(parameters.format, isAdapted: !$0.entries.isEmpty, numerics)
    }
    let sizes = zip(matrices, formats).map { Self.size($0.tensor, $1) }
    let buffer = FloatBuffer(count: sizes.reduce(0, +))
    storage = buffer
    let room = FloatBuffer(
      count: matrices.reduce(0) { $1.entries.isEmpty ? $0 : max($0, $1.tensor.count) })
    var start = 0
    let packed = matrices.indices.map { index in
      let (tensor, entries) = matrices[index]
      let own = buffer.floats.slice(start, sizes[index])
      start += sizes[index]
      var weights = parameters.weights(tensor)
      if let adapter, !entries.isEmpty {
        let merged = room.floats.slice(0, tensor.count)
        adapter.merge(weights, columns: tensor.columns, entries, into: merged, pool: pool)
        weights = .float32(merged)
      }
      return PackedMatrix(
        transposing: weights, columns: tensor.rows, depth: tensor.columns, format: formats[index], into: own,
        pool: pool)
    }
    layers = parameters.layout.layers.indices.map { index in
      Layer(
        projection: packed[4 * index], attentionOutput: packed[4 * index + 1],
        gateAndUp: packed[4 * index + 2], down: packed[4 * index + 3])
    }
    output = packed[packed.count - 1]
  }
}
