/// What must be known of a language model to compute it, whatever file it came from: a decoder of blocks, attention then a gated MLP,
/// each behind an RMSNorm and added to the residual stream.
///
/// Written by a family's reader, read by the transformer. Nothing in here names a family's layers: a family is a choice of these fields.
package struct FamilyDescription: Codable, Hashable, Sendable {
  /// The families that can be read.
  package enum Family: String, Codable, Hashable, Sendable, CaseIterable {
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
  package enum Activation: String, Codable, Hashable, Sendable {
    /// x · σ(x)
    case silu
    /// x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))
    case geluTanh
  }

  /// Whose rules the file follows: only names and exports depend on it.
  package var family: Family
  /// Blocks.
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
  /// Tokens there are.
  package var vocabularySize: Int
  /// Tokens a context may have for what is described here to hold.
  package var contextLength: Int

  /// ε under the root of every RMSNorm.
  package var normEpsilon: Float
  /// A norm multiplies with 1 + w and not with w.
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
  package var tiedEmbeddings = false
  /// Multiplies a token's embedding on entry.
  package var embeddingScale: Float = 1

  /// θ of the rotary embedding.
  package var ropeBase: Double
  /// θ in local layers, which are not scaled; `nil` where they turn as all others do.
  package var ropeLocalBase: Double?
  /// Of all layers that turn with `ropeBase`.
  package var ropeScaling = RopeScaling.none
  /// The first numbers of a head that turn; the others pass.
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

  /// A description of the plainest family: no biases, no extra norms, no window, nothing scaled, all of a head turns.
  package init(
    family: Family, layers: Int, width: Int, heads: Int, keyValueHeads: Int, headWidth: Int, feedForward: Int,
    vocabularySize: Int, contextLength: Int, normEpsilon: Float, ropeBase: Double
  ) {
    self.family = family
    self.layers = layers
    self.width = width
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headWidth = headWidth
    self.feedForward = feedForward
    self.vocabularySize = vocabularySize
    self.contextLength = contextLength
    self.normEpsilon = normEpsilon
    self.ropeBase = ropeBase
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
  package var fault: String? {
    if heads % keyValueHeads != 0 {
      return "there are \(heads) heads, which \(keyValueHeads) key-value heads do not divide"
    }
    if rotaryWidth < 2 || rotaryWidth % 2 != 0 || rotaryWidth > headWidth {
      return
        "\(rotaryWidth) of \(headWidth) numbers of a head turn, and it must be an even number of them: rotary embedding turns pairs"
    }
    if !(ropeBase > 1) || !ropeBase.isFinite {
      return "the rotary embedding's base is \(ropeBase), and must be above 1"
    }
    if let base = ropeLocalBase, !(base > 1) || !base.isFinite {
      return "the rotary embedding's local base is \(base), and must be above 1"
    }
    if !(normEpsilon > 0) || !normEpsilon.isFinite {
      return "the norms' epsilon is \(normEpsilon), and must be above 0"
    }
    if !(attentionScale > 0) || !attentionScale.isFinite { return "attention is scaled by \(attentionScale)" }
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
    return ropeScaling.fault(pairs: rotaryWidth / 2)
  }
}
