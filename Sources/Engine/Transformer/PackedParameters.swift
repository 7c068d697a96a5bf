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

  /// Numbers that the matrices of an architecture take in this form.
  static func size(_ a: Architecture) -> Int {
    func size(_ rows: Int, _ columns: Int) -> Int {
      (PackedMatrix.size(depth: columns, columns: rows) + 15) / 16 * 16
    }
    let layer =
      size(a.projectedWidth, a.width) + size(a.width, a.queryWidth) + size(2 * a.feedForward, a.width)
      + size(a.width, a.feedForward)
    return a.layers * layer + size(a.vocabularySize, a.width)
  }

  /// With what an adapter adds.
  init(_ parameters: Parameters, adapter: Adapter?, pool: WorkPool) {
    let layout = parameters.layout
    let tensors =
      layout.layers.flatMap { [$0.projection, $0.attentionOutput, $0.gateAndUp, $0.down] } + [layout.output]
    var offsets: [Int] = []
    var total = 0
    for tensor in tensors {
      offsets.append(total)
      total += PackedMatrix.size(depth: tensor.columns, columns: tensor.rows)
      total = (total + 15) / 16 * 16
    }
    let buffer = FloatBuffer(count: total)
    storage = buffer
    let entries =
      adapter.map { adapter in
        adapter.layout.layers.flatMap { [$0.projection, $0.attentionOutput, $0.gateAndUp, $0.down] } + [[]]
      } ?? []
    let largest = entries.isEmpty ? 0 : tensors.dropLast().map(\.count).max() ?? 0
    let room = FloatBuffer(count: largest)
    let matrices = tensors.indices.map { index in
      let tensor = tensors[index]
      let offset = offsets[index]
      var weight = parameters[tensor]
      if let adapter, !entries[index].isEmpty {
        let merged = room.floats.slice(0, tensor.count)
        adapter.merge(weight, columns: tensor.columns, entries[index], into: merged, pool: pool)
        weight = merged
      }
      return PackedMatrix(
        transposing: weight, columns: tensor.rows, depth: tensor.columns,
        into: buffer.floats.slice(offset, total - offset),
        pool: pool)
    }
    layers = (0..<layout.layers.count).map { index in
      Layer(
        projection: matrices[4 * index], attentionOutput: matrices[4 * index + 1],
        gateAndUp: matrices[4 * index + 2], down: matrices[4 * index + 3])
    }
    output = matrices[matrices.count - 1]
  }
}
