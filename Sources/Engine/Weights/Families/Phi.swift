// Phi-3 (Abdin et al. 2024): as Llama, with one matrix for queries, keys and values and one for gate and way up, every layer local where a window is
// stated, and in the long-context variants LongRoPE (Ding et al. 2024), of which only the contexts with short factors are read.

extension Architecture {
  /// From `config.json`.
  init(phi3 c: inout ModelConfiguration) throws(ModelFileError) {
    try self.init(.phi3, sizes: &c, tied: false)
    try c.require("hidden_act", [.string("silu")])
    try c.refuse("attention_bias", "mlp_bias", "lm_head_bias")
    for key in ["full_attn_mod", "interpolate_factor"] { try c.require(key, [.integer(1)]) }
    try readRope(&c)
    slidingWindow = try c.optionalSize("sliding_window")
    localLayers = Array(repeating: slidingWindow != nil, count: layers)
  }

  /// From the metadata of a GGUF file.
  init(phi3 c: inout ModelConfiguration, gguf factors: GGUFRopeFactors) throws(ModelFileError) {
    let original = try c.optionalSize("rope.scaling.original_context_length")
    let magnitude = try c.optionalNumber("rope.scaling.attn_factor")
    try self.init(.phi3, gguf: &c, factors)
    if let short = factors.short {
      guard let original else {
        throw c.unsupported(
          "rope.scaling.original_context_length",
          "there are factors of LongRoPE, and no rope.scaling.original_context_length tells its short contexts"
        )
      }
      ropeScaling = .longRope(short: short, original: original, longest: contextLength, magnitude: magnitude)
      contextLength = min(contextLength, original)
    }
    // Converters write 0 for none.
    if let window = c.value("attention.sliding_window"), window != .integer(0) {
      slidingWindow = try c.size("attention.sliding_window")
      localLayers = Array(repeating: true, count: layers)
    }
  }
}
