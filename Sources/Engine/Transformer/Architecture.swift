/// The shape of a decoder-only transformer: RMSNorm, rotary positions, grouped-query attention, gated MLP.
package struct Architecture: Codable, Hashable, Sendable {
  package var vocabularySize: Int
  package var layers: Int
  /// C: numbers that stand for a token between layers.
  package var width: Int
  /// Query heads.
  package var heads: Int
  /// Key and value heads; divides `heads`.
  package var keyValueHeads: Int
  /// D: numbers a head; even, since rotary embedding turns pairs.
  package var headWidth: Int
  /// F: numbers inside the gated MLP.
  package var feedForward: Int
  /// Tokens a context may have.
  package var contextLength: Int
  /// θ of the rotary embedding.
  package var ropeBase: Double = 10_000
  /// ε under the root of RMSNorm.
  package var normEpsilon: Float = 1e-5
  /// The output layer is the embedding itself.
  package var tiedEmbeddings = true
  /// Queries, keys and values have a bias.
  package var attentionBias = false
  /// Queries and keys are normalised head by head before the rotary embedding.
  package var queryKeyNorm = false

  package init(
    vocabularySize: Int, layers: Int, width: Int, heads: Int, keyValueHeads: Int, headWidth: Int,
    feedForward: Int, contextLength: Int
  ) {
    self.vocabularySize = vocabularySize
    self.layers = layers
    self.width = width
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headWidth = headWidth
    self.feedForward = feedForward
    self.contextLength = contextLength
  }

  /// What is wrong with it, in words that name both numbers; `nil` if nothing is.
  package var fault: String? {
    let sizes = [
      ("vocabulary", vocabularySize, 1 << 20), ("layers", layers, 1 << 10), ("width", width, 1 << 16),
      ("heads", heads, 1 << 10), ("key_value_heads", keyValueHeads, 1 << 10),
      ("head width", headWidth, 1 << 12), ("feed_forward", feedForward, 1 << 18),
      ("context", contextLength, 1 << 20),
    ]
    for (name, size, most) in sizes where size < 1 || size > most {
      return "\(name) is \(size), and must be in 1...\(most)"
    }
    if heads % keyValueHeads != 0 {
      return "heads is \(heads), which key_value_heads (\(keyValueHeads)) does not divide"
    }
    if headWidth % 2 != 0 {
      return "a head is \(headWidth) wide, and must be even: rotary embedding turns pairs"
    }
    if !(ropeBase > 1) || !ropeBase.isFinite { return "rope_base is \(ropeBase), and must be above 1" }
    return nil
  }

  /// Numbers of all query heads of a token.
  package var queryWidth: Int { heads * headWidth }
  /// Numbers of all key heads (or value heads) of a token.
  package var keyWidth: Int { keyValueHeads * headWidth }
  /// Numbers of queries, keys and values of a token, in this order.
  package var projectedWidth: Int { queryWidth + 2 * keyWidth }
}
