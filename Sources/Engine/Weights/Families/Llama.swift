// Llama 2 and 3 (Touvron et al. 2023; Grattafiori et al. 2024) and SmolLM2 (Ben Allal et al. 2025): pre-norm blocks, grouped-query attention, SiLU-gated
// MLP, and from Llama 3.1 on a rotary embedding with long waves stretched.

extension Architecture {
  /// From `config.json`.
  init(llama c: inout ModelConfiguration) throws(ModelFileError) {
    try self.init(.llama, sizes: &c, tied: false)
    try c.require("hidden_act", [.string("silu")])
    try c.refuse("attention_bias", "mlp_bias", "rope_interleaved")
    try readRope(&c)
  }

  /// From the metadata of a GGUF file.
  init(llama c: inout ModelConfiguration, gguf factors: GGUFRopeFactors) throws(ModelFileError) {
    try self.init(.llama, gguf: &c, factors)
    if let divisors = factors.plain {
      guard ropeScaling == .none else {
        throw c.unsupported(
          "rope.scaling.type", "the rotary embedding has both a scaling and rope_freqs.weight")
      }
      ropeScaling = .llama3(explaining: divisors, base: ropeBase) ?? .divisors(divisors, magnitude: 1)
    }
  }
}
