/// A model's matrices laid out for the micro-kernel, packed once for many products.
package final class PackedParameters {
  struct Layer {
    var projection: PackedMatrix
    var attentionOutput: PackedMatrix
    var gateAndUp: PackedMatrix
    var down: PackedMatrix
  }
  enum Direction {
    /// For X·Wᵀ.
    case forward
    /// For dY·W.
    case backward
  }

  let layers: [Layer]
  let output: PackedMatrix
  private let storage: FloatBuffer

  init(_ parameters: Parameters, _ direction: Direction, pool: WorkPool) {
    let layout = parameters.layout
    let tensors =
      layout.layers.flatMap { [$0.projection, $0.attentionOutput, $0.gateAndUp, $0.down] } + [layout.output]
    var offsets: [Int] = []
    var total = 0
    for tensor in tensors {
      offsets.append(total)
      total +=
        direction == .forward
        ? PackedMatrix.size(depth: tensor.columns, columns: tensor.rows)
        : PackedMatrix.size(depth: tensor.rows, columns: tensor.columns)
      total = (total + 15) / 16 * 16
    }
    let buffer = FloatBuffer(count: total)
    storage = buffer
    let matrices = zip(tensors, offsets).map { tensor, offset in
      let weight = parameters[tensor]
      let room = buffer.floats.slice(offset, total - offset)
      return direction == .forward
        ? PackedMatrix(transposing: weight, columns: tensor.rows, depth: tensor.columns, into: room)
        : PackedMatrix(copying: weight, depth: tensor.rows, columns: tensor.columns, into: room)
    }
    layers = (0..<layout.layers.count).map { index in
      Layer(
        projection: matrices[4 * index], attentionOutput: matrices[4 * index + 1],
        gateAndUp: matrices[4 * index + 2], down: matrices[4 * index + 3])
    }
    output = matrices[matrices.count - 1]
  }
}
