import Engine

/// The shapes that we and the peers are measured on.
struct BenchmarkShape {
  var name: String
  var architecture: Architecture

  /// 4 layers, 128 wide: what recipes train from nothing.
  static let tiny = BenchmarkShape(
    name: "tiny",
    architecture: Architecture(
      vocabularySize: 64, layers: 4, width: 128, heads: 4, keyValueHeads: 4, headWidth: 32, feedForward: 512,
      contextLength: 256))

  /// SmolLM2-135M, with random weights.
  static let small = BenchmarkShape(
    name: "135M",
    architecture: Architecture(
      vocabularySize: 49_152, layers: 30, width: 576, heads: 9, keyValueHeads: 3, headWidth: 64,
      feedForward: 1536, contextLength: 512))

  /// Qwen2.5-1.5B, with random weights.
  static var large: BenchmarkShape {
    var architecture = Architecture(
      vocabularySize: 151_936, layers: 28, width: 1536, heads: 12, keyValueHeads: 2, headWidth: 128,
      feedForward: 8960, contextLength: 512)
    architecture.attentionBias = true
    return BenchmarkShape(name: "1.5B", architecture: architecture)
  }

  /// Numbers that take part in matrix products, for each token: all but norms; the embedding counts once, as the output layer.
  var productWeights: Double {
    let a = architecture
    let layer = a.width * (a.projectedWidth + a.queryWidth + 3 * a.feedForward)
    return Double(a.layers * layer + a.vocabularySize * a.width)
  }

  /// Operations of attention for a token that sees n keys: scores and sums, two for each number.
  func attentionOperations(keys n: Double) -> Double {
    4 * n * Double(architecture.layers * architecture.heads * architecture.headWidth)
  }

  /// Forward and backward of sequences of this length, each token a label.
  func trainingOperations(tokens: Int, length: Int) -> Double {
    let keys = Double(length + 1) / 2
    return Double(tokens) * (6 * productWeights + 3 * attentionOperations(keys: keys))
  }

  /// The same where the weights stand still: no gradient of theirs, and the adapter's own products are left out.
  func adaptingOperations(tokens: Int, length: Int) -> Double {
    let keys = Double(length + 1) / 2
    return Double(tokens) * (4 * productWeights + 3 * attentionOperations(keys: keys))
  }

  /// Reading and writing of one sequence: `prompt` tokens, then `new` ones, logits for those alone.
  func generationOperations(prompt: Int, new: Int) -> Double {
    let output = Double(architecture.vocabularySize * architecture.width)
    let layers = productWeights - output
    let tokens = Double(prompt + new - 1)
    return 2 * layers * tokens + 2 * output * Double(new) + tokens
      * attentionOperations(keys: (tokens + 1) / 2)
  }

  /// Tokens below the vocabulary's size that look random, the same everywhere (the peers make the same ones).
  func tokens(_ count: Int, sequence: Int) -> [Int32] {
    var state = UInt64(sequence) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int32(2 + (state >> 33) % UInt64(architecture.vocabularySize - 2))
    }
  }
}
