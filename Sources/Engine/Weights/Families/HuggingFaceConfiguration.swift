// What the `config.json` of all families share, in the form that transformers 4 writes and in that of transformers 5.

extension Architecture {
  /// Keys that do not change what a model computes when it is used or fine-tuned here.
  static let harmlessKeys: Set<String> = [
    "_attn_implementation", "_attn_implementation_autoset", "_name_or_path", "attention_dropout",
    "attn_implementation", "attn_pdrop", "auto_map", "bos_token_id", "cache_implementation",
    "chunk_size_feed_forward", "do_sample", "dtype", "embd_pdrop", "eos_token_id", "finetuning_task",
    "gradient_checkpointing", "hidden_dropout", "id2label", "initializer_range", "is_llama_config",
    "label2id", "max_length", "max_sequence_length", "output_attentions", "output_hidden_states",
    "pad_token_id", "prefix", "pretraining_tp", "problem_type", "resid_pdrop", "return_dict",
    "sep_token_id", "sliding_window_size", "task_specific_params", "temperature", "tokenizer_class", "top_p",
    "torch_dtype",
    "transformers.js_config", "transformers_version", "unk_token_id", "unsloth_fixed", "unsloth_version",
    "use_cache",
  ]

  /// Reads the `config.json` of a folder.
  ///
  /// Throws the key at fault: missing, of a wrong value, or of a meaning that is not computed here.
  package init(configuration json: JSONValue, path: String) throws(ModelFileError) {
    guard case .object(let members) = json else { throw .malformed(path, nil, "it is no JSON object") }
    var c = ModelConfiguration(path: path, values: members.map { ($0.key, $0.value) })
    let type = try c.text("model_type") ?? ""
    switch type {
    case "llama": try self.init(llama: &c)
    case "qwen2": try self.init(qwen2: &c)
    case "qwen3": try self.init(qwen3: &c)
    case "phi3": try self.init(phi3: &c)
    case "gemma2": try self.init(gemma2: &c)
    case "gemma3_text": try self.init(gemma3: &c)
    case "gemma3":
      throw c.unsupported(
        "model_type",
        "model_type is gemma3, the variant that reads images; only the text models (gemma3_text) are supported"
      )
    default:
      throw c.unsupported("model_type", "model_type is \(type.debugDescription), which is not supported")
    }
    try c.refuse("is_encoder_decoder", "add_cross_attention")
    try c.finish(harmless: Self.harmlessKeys)
    if let fault { throw .malformed(path, nil, fault) }
  }

  /// The sizes that all families name alike. `headWidth` where the family has it always stated apart from the width.
  init(_ family: Family, sizes c: inout ModelConfiguration, tied: Bool) throws(ModelFileError) {
    let heads = try c.size("num_attention_heads", atMost: 1 << 12)
    let width = try c.size("hidden_size", atMost: 1 << 20)
    self.init(
      vocabularySize: try c.size("vocab_size"), layers: try c.size("num_hidden_layers", atMost: 1 << 10),
      width: width, heads: heads,
      keyValueHeads: try c.optionalSize("num_key_value_heads", atMost: 1 << 12) ?? heads,
      headWidth: try Self.headWidth(try c.optionalSize("head_dim", atMost: 1 << 16), width, heads, c.path),
      feedForward: try c.size("intermediate_size"), contextLength: try c.size("max_position_embeddings"))
    self.family = family
    normEpsilon = Float(try c.number("rms_norm_eps"))
    tiedEmbeddings = try c.flag("tie_word_embeddings", otherwise: tied)
    // A head on top for another task has weights of its own, and the model then gives no next token.
    if case .array(let names)? = c.value("architectures"), let name = names.first {
      guard case .string(let text) = name, text.hasSuffix("ForCausalLM") else {
        throw c.unsupported(
          "architectures", "architectures names \(name.shown); only models …ForCausalLM are supported")
      }
    }
  }

  /// D as stated, or else the width divided among the heads.
  static func headWidth(_ stated: Int?, _ width: Int, _ heads: Int, _ path: String) throws(ModelFileError)
    -> Int
  {
    if let stated { return stated }
    guard width % heads == 0 else {
      throw .malformed(
        path, nil, "\(heads) heads do not divide the width \(width), and no width of a head is stated")
    }
    return width / heads
  }

  /// The keys of the rotary embedding: `rope_parameters` of transformers 5, or `rope_theta` and `rope_scaling` before it. Where somebody has added
  /// `rope_scaling` to a newer file, it prevails, as in transformers.
  mutating func readRope(_ c: inout ModelConfiguration) throws(ModelFileError) {
    if let base = try c.optionalNumber("rope_theta") { ropeBase = base }
    let partial = try c.optionalNumber("partial_rotary_factor")
    if let partial { try turn(partial, c) }
    let original = try c.optionalSize("original_max_position_embeddings")
    let parameters = try c.nested("rope_parameters")
    let added = try c.nested("rope_scaling")
    guard parameters != nil || added != nil else { return }
    for var scaling in [parameters, added].compactMap({ $0 }) {
      ropeScaling = .none
      try readRopeParameters(&scaling, original: original)
    }
  }

  /// One object of rotary parameters. `original` is the context named beside it.
  mutating func readRopeParameters(_ c: inout ModelConfiguration, original: Int?) throws(ModelFileError) {
    if let base = try c.optionalNumber("rope_theta") { ropeBase = base }
    if let partial = try c.optionalNumber("partial_rotary_factor") { try turn(partial, c) }
    let older = try c.text("type")
    let type = try c.text("rope_type") ?? older ?? "default"
    switch type {
    case "default": break
    case "linear": ropeScaling = .linear(factor: try c.number("factor"))
    case "llama3":
      ropeScaling = .llama3(
        factor: try c.number("factor"), lowFrequencyFactor: try c.number("low_freq_factor"),
        highFrequencyFactor: try c.number("high_freq_factor"),
        originalContext: try c.size("original_max_position_embeddings"))
    case "longrope", "su":
      guard family == .phi3 else { fallthrough }
      try readLongRope(&c, original: original)
    default:
      throw c.unsupported(
        "rope_type", "rope_type is \(type.debugDescription), which is not supported for this family")
    }
    try c.finish()
  }

  /// LongRoPE, of which only contexts up to the original length are computed: there the short factors hold.
  private mutating func readLongRope(_ c: inout ModelConfiguration, original: Int?) throws(ModelFileError) {
    let inner = try c.optionalSize("original_max_position_embeddings")
    guard let context = inner ?? original else {
      throw c.unsupported(
        "rope_type", "rope_type is longrope, and no original_max_position_embeddings tells its short contexts"
      )
    }
    guard let short = try c.numbers("short_factor") else {
      throw c.unsupported("short_factor", "rope_type is longrope, and there is no short_factor")
    }
    _ = try c.numbers("long_factor")
    var longest = contextLength
    if let factor = try c.optionalNumber("factor") {
      longest = Int(exactly: (factor * Double(context)).rounded()) ?? longest
    }
    ropeScaling = .longRope(
      short: short, original: context, longest: longest, magnitude: try c.optionalNumber("attention_factor"))
    contextLength = min(contextLength, context)
  }

  private mutating func turn(_ part: Double, _ c: ModelConfiguration) throws(ModelFileError) {
    guard part > 0, part <= 1, family == .phi3 || part == 1 else {
      throw c.unsupported(
        "partial_rotary_factor", "partial_rotary_factor is \(part), which is not supported for this family")
    }
    rotaryWidth = Int(Double(headWidth) * part)
  }

  /// `layer_types`, or a family's rule where they are not listed.
  mutating func readLayerTypes(
    _ c: inout ModelConfiguration, otherwise isLocal: (_ layer: Int) -> Bool
  ) throws(ModelFileError) {
    localLayers = (0..<layers).map(isLocal)
    guard let value = c.value("layer_types") else { return }
    guard case .array(let types) = value, types.count == layers else {
      throw c.wrong("layer_types", value, expected: "a list of \(layers)")
    }
    for (layer, type) in types.enumerated() {
      guard type == .string("sliding_attention") || type == .string("full_attention") else {
        throw c.unsupported(
          "layer_types",
          "layer_types has \(type.shown); only sliding_attention and full_attention are supported")
      }
      localLayers[layer] = type == .string("sliding_attention")
    }
  }
}
