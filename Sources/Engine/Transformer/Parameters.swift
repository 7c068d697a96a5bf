/// One tensor of a model: its name, its shape, and where its numbers begin.
package struct TensorDescription: Hashable, Sendable {
  package let name: String
  /// `[rows, columns]`; a vector has one row.
  package let rows: Int
  package let columns: Int
  package let offset: Int
  /// Norms and biases are not decayed by AdamW.
  package let isDecayed: Bool
  package var count: Int { rows * columns }
  /// A norm or a bias.
  var isVector: Bool { !isDecayed }

  package init(name: String, rows: Int, columns: Int, offset: Int, isDecayed: Bool) {
    self.name = name
    self.rows = rows
    self.columns = columns
    self.offset = offset
    self.isDecayed = isDecayed
  }
}

/// Where each weight of an architecture stands in the one allocation that holds them all.
///
/// The weights of queries, keys and values stand together as one matrix, and so do those of the gate and the way up: one product computes them.
package struct ParameterLayout: Sendable {
  package struct Layer: Sendable {
    package var attentionNorm: TensorDescription
    /// `[(heads + 2 · key-value heads) · D, C]`
    package var projection: TensorDescription
    package var projectionBias: TensorDescription?
    package var queryNorm: TensorDescription?
    package var keyNorm: TensorDescription?
    /// `[C, heads · D]`
    package var attentionOutput: TensorDescription
    package var attentionPostNorm: TensorDescription?
    package var feedForwardNorm: TensorDescription
    /// `[2F, C]`: the gate, then the way up.
    package var gateAndUp: TensorDescription
    /// `[C, F]`
    package var down: TensorDescription
    package var feedForwardPostNorm: TensorDescription?
  }

  /// `[V, C]`
  package var embedding: TensorDescription
  package var layers: [Layer]
  package var finalNorm: TensorDescription
  /// `[V, C]`; the embedding itself where they are tied.
  package var output: TensorDescription
  /// Each tensor once, in order of their offsets.
  package var tensors: [TensorDescription]
  package var count: Int

  package init(_ a: Architecture) {
    var tensors: [TensorDescription] = []
    var offset = 0
    func add(_ name: String, _ rows: Int, _ columns: Int, decayed: Bool) -> TensorDescription {
      let tensor = TensorDescription(
        name: name, rows: rows, columns: columns, offset: offset, isDecayed: decayed)
      tensors.append(tensor)
      offset += rows * columns
      return tensor
    }
    embedding = add("embedding", a.vocabularySize, a.width, decayed: true)
    layers = (0..<a.layers).map { index in
      let name = "layers.\(index)."
      return Layer(
        attentionNorm: add(name + "attention_norm", 1, a.width, decayed: false),
        projection: add(name + "projection", a.projectedWidth, a.width, decayed: true),
        projectionBias: a.attentionBias
          ? add(name + "projection_bias", 1, a.projectedWidth, decayed: false) : nil,
        queryNorm: a.queryKeyNorm ? add(name + "query_norm", 1, a.headWidth, decayed: false) : nil,
        keyNorm: a.queryKeyNorm ? add(name + "key_norm", 1, a.headWidth, decayed: false) : nil,
        attentionOutput: add(name + "attention_output", a.width, a.queryWidth, decayed: true),
        attentionPostNorm: a.postNorms ? add(name + "attention_post_norm", 1, a.width, decayed: false) : nil,
        feedForwardNorm: add(name + "feed_forward_norm", 1, a.width, decayed: false),
        gateAndUp: add(name + "gate_and_up", 2 * a.feedForward, a.width, decayed: true),
        down: add(name + "down", a.width, a.feedForward, decayed: true),
        feedForwardPostNorm: a.postNorms
          ? add(name + "feed_forward_post_norm", 1, a.width, decayed: false) : nil)
    }
    finalNorm = add("final_norm", 1, a.width, decayed: false)
    output = a.tiedEmbeddings ? embedding : add("output", a.vocabularySize, a.width, decayed: true)
    self.tensors = tensors
    count = offset
  }
}

/// All weights of a model. Never changed once it is shared; training works on a copy.
package final class Parameters: Sendable {
  package let architecture: Architecture
  package let layout: ParameterLayout
  /// Of the matrices.
  package let format: WeightFormat
  /// In single precision all numbers in the layout's order; in bfloat16 the same as pairs in words, with nothing in the vectors' places.
  let buffer: FloatBuffer
  /// Norms and biases beside matrices in bfloat16, in the layout's order.
  private let vectors: FloatBuffer
  /// Where a vector stands there, by its offset in the layout.
  private let places: [Int: Int]

  /// All zeros.
  package init(architecture: Architecture, format: WeightFormat = .float32) {
    self.architecture = architecture
    self.format = format
    layout = ParameterLayout(architecture)
    var places: [Int: Int] = [:]
    var count = 0
    if format == .bfloat16 {
      for tensor in layout.tensors where tensor.isVector {
        places[tensor.offset] = count
        count += tensor.count
      }
    }
    self.places = places
    vectors = FloatBuffer(count: count)
    buffer = FloatBuffer(count: format == .float32 ? layout.count : BFloats.words(for: layout.count))
  }

  /// A copy of other parameters, in single precision unless said otherwise.
  package convenience init(copying other: Parameters, format: WeightFormat = .float32) {
    self.init(architecture: other.architecture, format: format)
    for tensor in layout.tensors {
      if tensor.isVector {
        self[tensor].copy(from: other[tensor])
      } else {
        let numbers = other.weights(tensor)
        switch weights(tensor) {
        case .float32(let own): numbers.copy(to: own)
        case .bfloat16(let own): for index in 0..<own.count { own[index] = numbers[index] }
        }
      }
    }
  }

  /// Random weights: normal with deviation 0.02 for embeddings and 1/√(inputs) for products, those that write to the residual stream
  /// smaller by √(2 · layers) (Radford et al. 2019); norms 1, biases 0.
  package convenience init(architecture: Architecture, seed: UInt64) {
    self.init(architecture: architecture)
    let stream = Philox(seed: seed, stream: "initialization")
    for (index, tensor) in layout.tensors.enumerated() {
      let view = self[tensor]
      if !tensor.isDecayed {
        view.fill(tensor.name.hasSuffix("norm") ? 1 : 0)
        continue
      }
      let isEmbedding = tensor.name == "embedding" || tensor.name == "output"
      let intoStream = tensor.name.hasSuffix("attention_output") || tensor.name.hasSuffix("down")
      var deviation = isEmbedding ? 0.02 : 1 / Float(tensor.columns).squareRoot()
      if intoStream { deviation /= Float(2 * architecture.layers).squareRoot() }
      for position in 0..<tensor.count {
        view[position] = deviation * stream.normal(UInt32(truncatingIfNeeded: index), 0, UInt64(position))
      }
    }
  }

  /// The numbers of a norm or a bias, or of any tensor where all are in single precision.
  package subscript(_ tensor: TensorDescription) -> Floats {
    guard format == .bfloat16 else { return buffer.floats.slice(tensor.offset, tensor.count) }
    guard let place = places[tensor.offset] else {
      preconditionFailure("\(tensor.name) is not in single precision")
    }
    return vectors.floats.slice(place, tensor.count)
  }

  /// The numbers of any tensor, as they are kept. The view is good for as long as somebody holds the parameters.
  package func weights(_ tensor: TensorDescription) -> Weights {
    guard format == .bfloat16, !tensor.isVector else { return .float32(self[tensor]) }
    return .bfloat16(BFloats(buffer.floats, count: layout.count).slice(tensor.offset, tensor.count))
  }

  /// All numbers in the layout's order, where all are in single precision. The view is good for as long as somebody holds the parameters.
  package var all: Floats {
    precondition(format == .float32, "the matrices are in bfloat16")
    return buffer.floats
  }

  /// A copy of all numbers.
  package func array() -> [Float] {
    guard format == .bfloat16 else { return all.array() }
    return Parameters(copying: self).array()
  }

  /// What all of it takes.
  package var bytes: Int { buffer.bytes + vectors.bytes }
}
