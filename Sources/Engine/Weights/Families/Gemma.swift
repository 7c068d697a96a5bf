// Gemma 2 (Gemma Team 2024): embeddings scaled by the root of the width, norms by 1 + w before and behind attention and MLP, tanh-GELU, soft caps, every
// other layer local. Gemma 3 (Gemma Team 2025): no caps, queries and keys normalised, five of six layers local with a rotary base of their own.

extension Architecture {
  /// Gemma 2 from `config.json`.
  init(gemma2 c: inout ModelConfiguration) throws(ModelFileError) {
    try self.init(.gemma2, gemma: &c)
    try readRope(&c)
    // Files that leave the caps out mean the published ones; null means none.
    attentionSoftCap =
      try c.optionalNumber("attn_logit_softcapping").map { Float($0) }
      ?? (c.isGiven("attn_logit_softcapping") ? nil : 50)
    finalSoftCap =
      try c.optionalNumber("final_logit_softcapping").map { Float($0) }
      ?? (c.isGiven("final_logit_softcapping") ? nil : 30)
    try readLayerTypes(&c) { $0 % 2 == 0 }
  }

  /// Gemma 3 from `config.json`.
  init(gemma3 c: inout ModelConfiguration) throws(ModelFileError) {
    try self.init(.gemma3, gemma: &c)
    queryKeyNorm = true
    attentionSoftCap = try c.optionalNumber("attn_logit_softcapping").map { Float($0) }
    finalSoftCap = try c.optionalNumber("final_logit_softcapping").map { Float($0) }
    ropeBase = 1_000_000
    ropeLocalBase = try c.optionalNumber("rope_local_base_freq") ?? 10_000
    let stated = try c.optionalSize("sliding_window_pattern", atMost: 1 << 10)
    let pattern = try c.optionalSize("_sliding_window_pattern", atMost: 1 << 10) ?? stated ?? 6
    try readLayerTypes(&c) { ($0 + 1) % pattern != 0 }
    guard var rope = try c.nested("rope_parameters") else {
      try readRope(&c)
      return
    }
    if var local = try rope.nested("sliding_attention") {
      try local.require("rope_type", [.string("default")])
      ropeLocalBase = try local.optionalNumber("rope_theta") ?? ropeLocalBase
      try local.finish()
    }
    if var global = try rope.nested("full_attention") { try readRopeParameters(&global, original: nil) }
    try rope.finish()
  }

  private init(_ family: Family, gemma c: inout ModelConfiguration) throws(ModelFileError) {
    if c.value("head_dim") == nil {
      throw c.unsupported("head_dim", "there is no head_dim, which Gemma always states")
    }
    try self.init(family, sizes: &c, tied: true)
    try c.require("hidden_activation", [.string("gelu_pytorch_tanh")])
    try c.require("hidden_act", [.string("gelu_pytorch_tanh")])
    try c.refuse("attention_bias", "use_bidirectional_attention")
    setGemma()
    normAddsOne = true
    attentionScale = 1 / Float(try c.number("query_pre_attn_scalar")).squareRoot()
    slidingWindow = try c.size("sliding_window")
  }

  private mutating func setGemma() {
    postNorms = true
    activation = .geluTanh
    embeddingScale = Float(width).squareRoot()
  }

  /// Gemma 2 from the metadata of a GGUF file, whose norms have the 1 added already.
  init(gemma2 c: inout ModelConfiguration, gguf factors: GGUFRopeFactors) throws(ModelFileError) {
    try self.init(.gemma2, gguf: &c, factors)
    setGemma()
    // The scale is not in the file; the largest model has another than its heads would give.
    if layers == 46 { attentionScale = 1 / (Float(width) / Float(heads)).squareRoot() }
    attentionSoftCap = Float(try c.optionalNumber("attn_logit_softcapping") ?? 50)
    finalSoftCap = Float(try c.optionalNumber("final_logit_softcapping") ?? 30)
    slidingWindow = try c.optionalSize("attention.sliding_window") ?? 4096
    try readPattern(&c, otherwise: 2)
  }

  /// Gemma 3 from the metadata of a GGUF file, whose norms have the 1 added already.
  init(gemma3 c: inout ModelConfiguration, gguf factors: GGUFRopeFactors) throws(ModelFileError) {
    let base = try c.optionalNumber("rope.freq_base")
    try self.init(.gemma3, gguf: &c, factors)
    setGemma()
    queryKeyNorm = true
    if layers == 62 { attentionScale = 1 / (Float(width) / Float(heads)).squareRoot() }
    ropeBase = base ?? 1_000_000
    ropeLocalBase = try c.optionalNumber("rope.freq_base_swa") ?? 10_000
    slidingWindow = try c.size("attention.sliding_window")
    finalSoftCap = try c.optionalNumber("final_logit_softcapping").map { Float($0) }
    try readPattern(&c, otherwise: 6)
  }

  /// Which layers are local: all but each `pattern`-th, or as listed.
  private mutating func readPattern(_ c: inout ModelConfiguration, otherwise: Int) throws(ModelFileError) {
    let key = "attention.sliding_window_pattern"
    var pattern = otherwise
    if case .array(let kinds)? = c.value(key) {
      guard kinds.count >= layers, kinds.allSatisfy({ if case .bool = $0 { true } else { false } }) else {
        throw c.wrong(key, .array(kinds), expected: "a truth value for each of \(layers) layers")
      }
      localLayers = kinds.prefix(layers).map { $0 == .bool(true) }
      return
    }
    if let stated = try c.optionalSize(key, atMost: 1 << 10) { pattern = stated }
    localLayers = (0..<layers).map { ($0 + 1) % pattern != 0 }
  }
}
