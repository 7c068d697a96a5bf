import Engine
import Foundation
import Testing

/// `config.json` as the published models have it, in the form of transformers 4; the fixtures have that of transformers 5.
@Suite struct ConfigurationTests {
  private static let sizes = """
    "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9,
    "num_key_value_heads": 3, "vocab_size": 49152, "max_position_embeddings": 8192, "rms_norm_eps": 1e-05,
    "torch_dtype": "bfloat16", "use_cache": true, "initializer_range": 0.02, "attention_dropout": 0.0
    """

  private func describe(_ keys: String, sizes: String = Self.sizes) throws -> Architecture {
    let text = keys.isEmpty ? sizes : "\(sizes), \(keys)"
    return try Architecture(
      configuration: JSONValue(parsing: Array("{\(text)}".utf8)), path: "m/config.json")
  }

  private static let smollm = """
    "model_type": "llama", "architectures": ["LlamaForCausalLM"], "attention_bias": false, "bos_token_id": 1,
    "hidden_act": "silu", "is_llama_config": true, "mlp_bias": false, "pad_token_id": 2, "pretraining_tp": 1,
    "rope_interleaved": false, "rope_scaling": null, "rope_theta": 100000, "tie_word_embeddings": true,
    "transformers.js_config": {"kv_cache_dtype": {"q4f16": "float16"}}, "transformers_version": "4.42.3"
    """

  @Test func `SmolLM2 is a Llama with tied embeddings`() throws {
    let d = try describe(Self.smollm)
    #expect(d.family == .llama && d.layers == 30 && d.width == 576 && d.heads == 9 && d.keyValueHeads == 3)
    #expect(
      d.headWidth == 64 && d.feedForward == 1536 && d.vocabularySize == 49_152 && d.contextLength == 8192)
    #expect(d.ropeBase == 100_000 && d.tiedEmbeddings && d.normEpsilon == 1e-5 && d.attentionScale == 0.125)
    #expect(d.ropeScaling == .none && d.activation == .silu && !d.normAddsOne && d.slidingWindow == nil)
    #expect(d.projectedWidth == 960 && d.embeddingScale == 1 && !d.attentionBias && !d.queryKeyNorm)
  }

  @Test func `Llama 3's scaling turns as transformers says`() throws {
    let d = try describe(
      """
      "model_type": "llama", "hidden_act": "silu", "head_dim": 128, "rope_theta": 500000.0, "rope_scaling": {"factor": 8.0,
      "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"}
      """)
    #expect(!d.tiedEmbeddings && d.headWidth == 128 && d.queryWidth == 1152)
    try compare(d, "llama3")
    // As a GGUF file holds it.
    var divisors = (0..<64).map { pair in
      let unscaled = pow(d.ropeBase, -Double(pair) / 64)
      return Double(Float(unscaled / d.ropeScaling.frequency(unscaled, at: pair)))
    }
    #expect(RopeScaling.llama3(explaining: divisors, base: d.ropeBase) == d.ropeScaling)
    #expect(RopeScaling.llama3(explaining: divisors, base: 10_000) == nil)
    divisors[33] *= 1.001
    #expect(RopeScaling.llama3(explaining: divisors, base: d.ropeBase) == nil)
  }

  @Test func `Phi-3 with LongRoPE is read for its short contexts`() throws {
    let short = (0..<48).map { String(1 + Double($0) / 50) }.joined(separator: ",")
    let long = (0..<48).map { String(1 + $0) }.joined(separator: ",")
    let d = try describe(
      """
      "model_type": "phi3", "hidden_act": "silu", "full_attn_mod": 1, "interpolate_factor": 1, "original_max_position_embeddings": 4096, "rope_theta": 10000.0,
      "rope_scaling": {"type": "longrope", "short_factor": [\(short)], "long_factor": [\(long)]}, "sliding_window": 262144
      """,
      sizes: Self.sizes.replacingOccurrences(of: "8192", with: "131072").replacingOccurrences(
        of: "576", with: "3072"
      )
      .replacingOccurrences(of: ": 9", with: ": 32").replacingOccurrences(
        of: "heads\": 3,", with: "heads\": 32,"))
    #expect(d.contextLength == 4096 && d.headWidth == 96 && d.slidingWindow == 262_144)
    #expect(!d.localLayers.contains(false))
    try compare(d, "longrope")
  }

  @Test func `Phi-3 without LongRoPE says what its contexts were, too`() throws {
    let d = try describe(
      """
      "model_type": "phi3", "hidden_act": "silu", "original_max_position_embeddings": 4096, "rope_scaling": null,
      "rope_theta": 10000.0, "sliding_window": 2047
      """)
    #expect(d.ropeScaling == .none && d.contextLength == 8192 && d.slidingWindow == 2047)
  }

  @Test func `no angle traps, however a file scales it`() {
    for angle in [0, 1e17, 1e300, .infinity, .nan, -1e300] { _ = sineAndCosine(angle) }
    #expect(sineAndCosine(0) == (0, 1))
  }

  private func compare(_ d: Architecture, _ name: String) throws {
    struct Facts: Decodable {
      struct Rope: Decodable {
        var name: String
        var frequencies: [Double]
        var magnitude: Double
      }
      var ropes: [Rope]
    }
    let data = try Data(contentsOf: URL(filePath: WeightsFixture.folder + "/facts.json"))
    let rope = try #require(JSONDecoder().decode(Facts.self, from: data).ropes.first { $0.name == name })
    #expect(rope.frequencies.count == d.rotaryWidth / 2)
    for (pair, theirs) in rope.frequencies.enumerated() {
      let unscaled = pow(d.ropeBase, -2 * Double(pair) / Double(d.rotaryWidth))
      let ours = d.ropeScaling.frequency(unscaled, at: pair)
      #expect(abs(ours - theirs) < 2e-6 * theirs, "pair \(pair): \(ours) against \(theirs)")
    }
    #expect(abs(d.ropeScaling.magnitude - rope.magnitude) < 1e-14)
  }

  @Test func `Qwen 2,5 has biases, and a window only where it is used`() throws {
    let keys = """
      "model_type": "qwen2", "hidden_act": "silu", "use_mrope": false, "max_window_layers": 21, "rope_theta": 1000000.0, "sliding_window": 32768,
      "tie_word_embeddings": true
      """
    let d = try describe(keys + ", \"use_sliding_window\": false")
    #expect(d.attentionBias && d.tiedEmbeddings && d.slidingWindow == nil && !d.localLayers.contains(true))
    let sliding = try describe(keys + ", \"use_sliding_window\": true")
    #expect(sliding.slidingWindow == 32_768)
    #expect(sliding.localLayers == (0..<30).map { $0 >= 21 })
  }

  @Test func `Qwen 3 normalises queries and keys`() throws {
    let d = try describe(
      """
      "model_type": "qwen3", "hidden_act": "silu", "head_dim": 128, "attention_bias": false, "max_window_layers": 30,
      "rope_scaling": null, "rope_theta": 1000000, "sliding_window": null, "use_sliding_window": false
      """)
    #expect(d.queryKeyNorm && !d.attentionBias && d.headWidth == 128 && !d.tiedEmbeddings && !d.postNorms)
  }

  private static let gemma = """
    "hidden_activation": "gelu_pytorch_tanh", "head_dim": 256, "query_pre_attn_scalar": 224, "sliding_window": 4096,
    "cache_implementation": "hybrid", "eos_token_id": [1, 106]
    """

  @Test func `Gemma 2 caps, slides in every other layer and scales its embeddings`() throws {
    let d = try describe(
      "\"model_type\": \"gemma2\", \"attn_logit_softcapping\": 50.0, \"final_logit_softcapping\": 30.0, \(Self.gemma)"
    )
    #expect(d.normAddsOne && d.postNorms && d.activation == .geluTanh && d.tiedEmbeddings && !d.queryKeyNorm)
    #expect(d.embeddingScale == 24 && d.attentionScale == 1 / Float(224).squareRoot())
    #expect(d.attentionSoftCap == 50 && d.finalSoftCap == 30 && d.slidingWindow == 4096)
    #expect(d.localLayers == (0..<30).map { $0 % 2 == 0 } && d.ropeLocalBase == nil)
    let plain = try describe(
      "\"model_type\": \"gemma2\", \"sliding_window_size\": 4096, \"attn_logit_softcapping\": null, \"final_logit_softcapping\": null, \(Self.gemma)"
    )
    #expect(plain.attentionSoftCap == nil && plain.finalSoftCap == nil)
  }

  @Test func `Gemma 3 is local in five of six layers, with a base of their own`() throws {
    let d = try describe(
      """
      "model_type": "gemma3_text", "attn_logit_softcapping": null, "rope_local_base_freq": 10000, "rope_theta": 1000000,
      "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "sliding_window_pattern": 6, \(Self.gemma)
      """)
    #expect(d.queryKeyNorm && d.ropeBase == 1_000_000 && d.ropeLocalBase == 10_000)
    #expect(d.ropeScaling == .linear(factor: 8) && d.attentionSoftCap == nil)
    #expect(d.localLayers == (0..<30).map { $0 % 6 != 5 })
  }

  /// What is not computed is refused by the key's name.
  @Test(arguments: [
    ("\"quantization_config\": {\"bits\": 4}", "quantization_config"), ("\"mlp_bias\": true", "mlp_bias"),
    ("\"attention_bias\": true", "attention_bias"), ("\"hidden_act\": \"gelu\"", "hidden_act"),
    ("\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4}", "rope_type"),
    (
      "\"rope_parameters\": {\"rope_type\": \"default\"}, \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4}",
      "rope_type"
    ),
    ("\"rope_scaling\": {\"type\": \"linear\", \"factor\": 4, \"beta\": 1}", "beta"),
    ("\"rope_scaling\": {\"type\": \"longrope\", \"short_factor\": [1]}", "rope_type"),
    ("\"partial_rotary_factor\": 0.5", "partial_rotary_factor"), ("\"num_experts\": 8", "num_experts"),
    ("\"architectures\": [\"LlamaForSequenceClassification\"]", "architectures"),
    ("\"tie_word_embeddings\": 1", "tie_word_embeddings"), ("\"head_dim\": 0", "head_dim"),
    ("\"head_dim\": 9223372036854775807", "head_dim"), ("\"rope_theta\": NaN", "rope_theta"),
  ])
  func `a key that is not supported is refused by name`(keys: String, subject: String) throws {
    let error = try #require(throws: ModelFileError.self) {
      _ = try describe("\"model_type\": \"llama\", \(keys)")
    }
    #expect(
      error.subject == subject && error.message.contains(subject) && error.file.hasPrefix("m/config.json"))
  }

  /// As transformers 5.23 reads such a file.
  @Test func `a scaling that somebody added to a newer file prevails, on the file's base`() throws {
    let a = try describe(
      "\"model_type\": \"llama\", \"rope_parameters\": {\"rope_type\": \"default\", \"rope_theta\": 500000}, "
        + "\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 4}")
    #expect(a.ropeScaling == .linear(factor: 4) && a.ropeBase == 500_000)
  }

  @Test(arguments: ["mistral", "gemma3", "gpt2", "LLAMA"])
  func `another family is refused by name`(type: String) throws {
    let error = try #require(throws: ModelFileError.self) { _ = try describe("\"model_type\": \"\(type)\"") }
    #expect(error.fault == .unsupported && error.subject == "model_type" && error.message.contains(type))
  }

  @Test(arguments: [
    "hidden_size", "num_hidden_layers", "vocab_size", "rms_norm_eps", "max_position_embeddings",
  ])
  func `a missing key is named`(key: String) throws {
    let sizes = Self.sizes.replacingOccurrences(of: "\"\(key)\"", with: "\"_name_or_path\"")
    let error = try #require(throws: ModelFileError.self) {
      _ = try describe("\"model_type\": \"llama\"", sizes: sizes)
    }
    #expect(error.fault == .missing && error.subject == key)
  }

  @Test func `sizes that do not fit each other are refused with both`() throws {
    for (old, new, words) in [
      ("heads\": 3", "heads\": 2", "heads is 9, which key_value_heads (2)"),
      ("heads\": 9", "heads\": 7", "7 heads do not divide the width 576"),
      ("heads\": 9", "heads\": 576", "1 of 1 numbers"), ("1e-05", "0", "epsilon is 0"),
    ] {
      let error = try #require(throws: ModelFileError.self) {
        _ = try describe(
          "\"model_type\": \"llama\"", sizes: Self.sizes.replacingOccurrences(of: old, with: new))
      }
      #expect(error.message.contains(words), "\(error.message)")
    }
  }
}
