/// What must be known of a language model to compute it: a decoder of blocks, attention then a gated MLP, each behind an RMSNorm
/// and added to the residual stream.
///
/// Written by a recipe or by the reader of a model file, read by the transformer. Nothing in here names a family's layers: a family is a choice of these
/// fields.
package struct Architecture: Hashable, Sendable {
  /// The families that can be read.
  package enum Family: String, Hashable, Sendable, CaseIterable {
    /// Llama 2 and 3, SmolLM2.
    case llama
    /// Qwen 2 and 2.5.
    case qwen2
    case qwen3
    /// Phi-3 and Phi-4-mini.
    case phi3
    case gemma2
    /// Gemma 3, text only.
    case gemma3
  }

  /// Of the gate in the MLP.
  package enum Activation: String, Hashable, Sendable, CaseIterable {
    /// x · σ(x)
    case silu
    /// x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))
    case geluTanh
  }

  /// Whose rules a model file follows: only names and exports depend on it.
  package var family = Family.llama
  package var vocabularySize: Int
  package var layers: Int
  /// C: numbers that stand for a token between layers.
  package var width: Int
  /// Query heads.
  package var heads: Int
  /// Key and value heads; divides `heads`.
  package var keyValueHeads: Int
  /// D: numbers a head; `heads · D` need not be the width.
  package var headWidth: Int
  /// F: numbers inside the gated MLP.
  package var feedForward: Int
  /// Tokens a context may have for what is described here to hold.
  package var contextLength: Int

  /// ε under the root of every RMSNorm.
  package var normEpsilon: Float = 1e-5
  /// A file's norms multiply with 1 + w and not with w. The transformer's own do not: the 1 is added when weights are read.
  package var normAddsOne = false
  /// A norm also stands behind attention and behind the MLP, before each is added to the residual stream.
  package var postNorms = false
  /// Queries and keys are normalised head by head before the rotary embedding.
  package var queryKeyNorm = false
  /// Queries, keys and values have a bias.
  package var attentionBias = false
  /// Of the gate; times the way up.
  package var activation = Activation.silu
  /// The output layer is the embedding itself.
  package var tiedEmbeddings = true
  /// Multiplies a token's embedding on entry.
  package var embeddingScale: Float = 1

  /// θ of the rotary embedding.
  package var ropeBase: Double = 10_000
  /// θ in local layers, which are not scaled; `nil` where they turn as all others do.
  package var ropeLocalBase: Double?
  /// Of all layers that turn with `ropeBase`.
  package var ropeScaling = RopeScaling.none
  /// The first numbers of a head that turn, an even number of them; the others pass.
  package var rotaryWidth: Int
  /// Multiplies the product of a query and a key; 1/√D in most families.
  package var attentionScale: Float
  /// c in c · tanh(s / c) of the scaled products; `nil` for none.
  package var attentionSoftCap: Float?
  /// c in c · tanh(z / c) of the logits; `nil` for none.
  package var finalSoftCap: Float?
  /// Tokens that a token sees in a local layer, itself included; `nil` where no layer is local.
  package var slidingWindow: Int?
  /// Which layers are local, one for each.
  package var localLayers: [Bool]

  /// The plainest decoder: no biases, no extra norms, no window, nothing scaled, all of a head turns, the embedding tied to the output.
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
    rotaryWidth = headWidth
    attentionScale = 1 / Float(headWidth).squareRoot()
    localLayers = Array(repeating: false, count: max(0, layers))
  }

  /// Numbers of all query heads of a token.
  package var queryWidth: Int { heads * headWidth }
  /// Numbers of all key heads (or value heads) of a token.
  package var keyWidth: Int { keyValueHeads * headWidth }
  /// Numbers of queries, keys and values of a token, in this order.
  package var projectedWidth: Int { queryWidth + 2 * keyWidth }

  /// What is wrong with it, in words that name both numbers; `nil` if nothing is.
  package var fault: String? { sizeFault ?? rotaryFault ?? otherFault }

  private var sizeFault: String? {
    let sizes = [
      ("vocabulary", vocabularySize, 1 << 24), ("layers", layers, 1 << 10), ("width", width, 1 << 20),
      ("heads", heads, 1 << 12), ("key_value_heads", keyValueHeads, 1 << 12),
      ("head width", headWidth, 1 << 16), ("feed_forward", feedForward, 1 << 26),
      ("context", contextLength, 1 << 26),
    ]
    for (name, size, most) in sizes where size < 1 || size > most {
      return "\(name) is \(size), and must be in 1...\(most)"
    }
    if heads % keyValueHeads != 0 {
      return "heads is \(heads), which key_value_heads (\(keyValueHeads)) does not divide"
    }
    return nil
  }

  private var rotaryFault: String? {
    if rotaryWidth < 2 || rotaryWidth % 2 != 0 || rotaryWidth > headWidth {
      return
        "\(rotaryWidth) of \(headWidth) numbers of a head turn, and it must be an even number of them: rotary embedding turns pairs"
    }
    for base in [ropeBase, ropeLocalBase].compactMap(\.self) where !(base > 1) || !base.isFinite {
      return "rope_base is \(base), and must be above 1"
    }
    return ropeScaling.fault(pairs: rotaryWidth / 2)
  }

  private var otherFault: String? {
    if !(normEpsilon > 0) || !normEpsilon.isFinite {
      return "the norms' epsilon is \(normEpsilon), and must be above 0"
    }
    if !(attentionScale > 0) || !attentionScale.isFinite { return "attention is scaled by \(attentionScale)" }
    if !(embeddingScale > 0) || !embeddingScale.isFinite {
      return "embeddings are scaled by \(embeddingScale)"
    }
    for cap in [attentionSoftCap, finalSoftCap].compactMap(\.self) where !(cap > 0) || !cap.isFinite {
      return "a soft cap is \(cap), and must be above 0"
    }
    if let window = slidingWindow, window < 1 {
      return "a local layer sees \(window) tokens, and must see one at least"
    }
    if localLayers.count != layers {
      return "\(localLayers.count) layers are said to be local or not, and there are \(layers)"
    }
    if localLayers.contains(true), slidingWindow == nil { return "there are local layers, and no window" }
    return nil
  }
}
