// Qwen 2 and 2.5 (Yang et al. 2024): as Llama, with biases of queries, keys and values. Qwen 3 (Yang et al. 2025): no biases, and queries and keys
// normalised head by head.

extension Architecture {
  /// Qwen 2 and 2.5 from `config.json`.
  init(qwen2 c: inout ModelConfiguration) throws(ModelFileError) {
    try self.init(.qwen2, sizes: &c, tied: false)
    attentionBias = true
    try readQwen(&c)
  }

  /// Qwen 3 from `config.json`.
  init(qwen3 c: inout ModelConfiguration) throws(ModelFileError) {
    if c.value("head_dim") == nil {
      throw c.unsupported("head_dim", "there is no head_dim, which Qwen 3 always states")
    }
    try self.init(.qwen3, sizes: &c, tied: false)
    queryKeyNorm = true
    try c.refuse("attention_bias")
    try readQwen(&c)
  }

  private mutating func readQwen(_ c: inout ModelConfiguration) throws(ModelFileError) {
    try c.require("hidden_act", [.string("silu")])
    try c.refuse("use_mrope")
    try readRope(&c)
    // Both are stated also where they are not used.
    let window = try c.optionalSize("sliding_window")
    let first = c.value("max_window_layers")
    let slides = try c.flag("use_sliding_window", otherwise: false)
    guard let firstLocal = first?.int ?? (first == nil ? 28 : nil), firstLocal >= 0 else {
      throw c.wrong("max_window_layers", first ?? .null, expected: "a whole number from 0 up")
    }
    try readLayerTypes(&c) { slides && $0 >= firstLocal }
    slidingWindow = slides && localLayers.contains(true) ? window : nil
  }

  /// Qwen 2 and 2.5 from the metadata of a GGUF file.
  init(qwen2 c: inout ModelConfiguration, gguf factors: GGUFRopeFactors) throws(ModelFileError) {
    try self.init(.qwen2, gguf: &c, factors)
    attentionBias = true
  }

  /// Qwen 3 from the metadata of a GGUF file.
  init(qwen3 c: inout ModelConfiguration, gguf factors: GGUFRopeFactors) throws(ModelFileError) {
    try self.init(.qwen3, gguf: &c, factors)
    queryKeyNorm = true
  }
}
