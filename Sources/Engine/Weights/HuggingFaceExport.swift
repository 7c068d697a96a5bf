internal import Foundation

/// Writes a model as a folder that transformers loads: `config.json` and `model.safetensors`. Tokenizer files are another matter.
package struct HuggingFaceExport {
  private struct Source {
    var parameter: String
    /// The tensor's first row in the parameter; of a vector, its first number.
    var first: Int
    var isVector: Bool
    /// What is taken from each number: 1 for norms that were stored with the 1 added, which folders of that family leave out.
    var offset: Float
  }

  private let folder: String
  private let configuration: String
  private let entries: [SafetensorsWriter.Entry]
  private let sources: [String: Source]

  /// Lays out the folder. `tokens` are written to `config.json` as they are: `("eos_token_id", 2)`.
  ///
  /// Throws `.unsupported` for a description that `config.json` has no words for.
  package init(
    folder: String, architecture: Architecture, format: TensorFormat,
    tokens: [(key: String, id: Int)] = []
  ) throws(ModelFileError) {
    let isGemma = architecture.family == .gemma2 || architecture.family == .gemma3
    var entries: [SafetensorsWriter.Entry] = []
    var sources: [String: Source] = [:]
    for parameter in architecture.parameters(.huggingFace) {
      let stored1 = isGemma && !architecture.normAddsOne && parameter.isVector
      for piece in parameter.pieces {
        entries.append(SafetensorsWriter.Entry(name: piece.tensor, shape: piece.shape, format: format))
        sources[piece.tensor] = Source(
          parameter: parameter.name, first: piece.first, isVector: parameter.isVector, offset: stored1 ? 1 : 0
        )
      }
    }
    self.folder = folder
    self.entries = entries
    self.sources = sources
    configuration = try architecture.configuration(
      format: format, tokens: tokens, path: folder + "/config.json")
  }

  /// Writes both files. `read` is asked for consecutive rows of one canonical parameter after the other; a vector has one row.
  package func write(
    read: (_ parameter: String, _ rows: Range<Int>, _ into: inout MutableSpan<Float>) throws -> Void
  ) throws {
    var vectors: [String: [Float]] = [:]
    try SafetensorsWriter(path: folder + "/model.safetensors", entries: entries).write {
      tensor, rows, numbers in
      guard let source = sources[tensor] else { return }
      if source.isVector {
        // A tensor of a fused vector is part of the vector's only row.
        var whole = vectors[source.parameter] ?? []
        if whole.isEmpty {
          let count = entries.reduce(0) {
            sources[$1.name]?.parameter == source.parameter ? $0 + ($1.shape.first ?? 0) : $0
          }
          whole = [Float](repeating: 0, count: count)
          var span = whole.mutableSpan
          try read(source.parameter, 0..<1, &span)
          vectors = [source.parameter: whole]
        }
        for i in 0..<numbers.count { numbers[i] = whole[source.first + i] - source.offset }
      } else {
        try read(source.parameter, source.first + rows.lowerBound..<source.first + rows.upperBound, &numbers)
      }
    }
    do {
      try Data(configuration.utf8).write(to: URL(filePath: folder + "/config.json"), options: .atomic)
    } catch {
      throw ModelFileError(
        .unreadable, folder + "/config.json", nil, "cannot be written",
        remedy: "check that the folder exists and may be written to")
    }
  }
}

extension Architecture {
  /// The description as `config.json`, in the form that transformers 4 and 5 both read.
  func configuration(
    format: TensorFormat, tokens: [(key: String, id: Int)] = [], path: String
  ) throws(ModelFileError) -> String {
    let names: [Family: (type: String, model: String)] = [
      .llama: ("llama", "Llama"), .qwen2: ("qwen2", "Qwen2"), .qwen3: ("qwen3", "Qwen3"),
      .phi3: ("phi3", "Phi3"),
      .gemma2: ("gemma2", "Gemma2"), .gemma3: ("gemma3_text", "Gemma3"),
    ]
    guard let name = names[family] else {
      throw .malformed(path, nil, "the family \(family.rawValue) has no name there")
    }
    let types: [TensorFormat: String] = [.f32: "float32", .f16: "float16", .bf16: "bfloat16"]
    let isGemma = family == .gemma2 || family == .gemma3
    var keys: [(String, String)] = [
      ("architectures", "[\"\(name.model)ForCausalLM\"]"), ("model_type", "\"\(name.type)\""),
      ("hidden_size", "\(width)"), ("intermediate_size", "\(feedForward)"),
      ("num_hidden_layers", "\(layers)"),
      ("num_attention_heads", "\(heads)"), ("num_key_value_heads", "\(keyValueHeads)"),
      ("vocab_size", "\(vocabularySize)"), ("max_position_embeddings", "\(contextLength)"),
      ("rms_norm_eps", "\(normEpsilon)"), ("tie_word_embeddings", "\(tiedEmbeddings)"),
      ("rope_theta", "\(ropeBase)"),
      ("torch_dtype", "\"\(types[format] ?? "float32")\""),
      (
        isGemma ? "hidden_activation" : "hidden_act",
        activation == .silu ? "\"silu\"" : "\"gelu_pytorch_tanh\""
      ),
    ]
    if family != .phi3, family != .qwen2 { keys.append(("head_dim", "\(headWidth)")) }
    // Fields that the family's own rules would not give back are refused rather than lost.
    guard family != .phi3 && family != .qwen2 || headWidth * heads == width else {
      throw inexpressible("heads that are \(headWidth) wide", path)
    }
    if isGemma {
      let scalar = 1 / (Double(attentionScale) * Double(attentionScale))
      guard abs(scalar - scalar.rounded()) < 1e-3, let whole = Int(exactly: scalar.rounded()) else {
        throw inexpressible("a scale of attention of \(attentionScale)", path)
      }
      keys.append(("query_pre_attn_scalar", "\(whole)"))
      keys.append(("attn_logit_softcapping", attentionSoftCap.map { "\($0)" } ?? "null"))
      keys.append(("final_logit_softcapping", finalSoftCap.map { "\($0)" } ?? "null"))
    }
    if family == .gemma3 { keys.append(("rope_local_base_freq", "\(ropeLocalBase ?? ropeBase)")) }
    if family == .phi3, rotaryWidth != headWidth {
      keys.append(("partial_rotary_factor", "\(Double(rotaryWidth) / Double(headWidth))"))
    }
    if family == .phi3, !tokens.contains(where: { $0.key == "pad_token_id" }) {
      // Otherwise transformers takes one beyond a small vocabulary.
      keys.append(("pad_token_id", "null"))
    }
    for token in tokens { keys.append((token.key, "\(token.id)")) }
    keys.append(("rope_scaling", try ropeScalingJSON(path)))
    if case .divisors = ropeScaling { keys.append(("original_max_position_embeddings", "\(contextLength)")) }
    keys.append(("sliding_window", slidingWindow.map { "\($0)" } ?? "null"))
    if family != .llama, family != .phi3 {
      if !isGemma { keys.append(("use_sliding_window", "\(slidingWindow != nil)")) }
      let kinds = localLayers.map { $0 ? "\"sliding_attention\"" : "\"full_attention\"" }
      keys.append(("layer_types", "[\(kinds.joined(separator: ", "))]"))
    }
    return JSONValue.text(ofMembers: keys)
  }

  private func ropeScalingJSON(_ path: String) throws(ModelFileError) -> String {
    switch ropeScaling {
    case .none: return "null"
    case .linear(let factor): return "{\"rope_type\": \"linear\", \"factor\": \(factor)}"
    case .llama3(let factor, let low, let high, let context):
      return
        "{\"rope_type\": \"llama3\", \"factor\": \(factor), \"low_freq_factor\": \(low), \"high_freq_factor\": \(high), \"original_max_position_embeddings\": \(context)}"
    case .divisors(let divisors, let magnitude):
      guard family == .phi3 else {
        throw inexpressible("a rotary embedding with a factor for each pair", path)
      }
      return
        "{\"rope_type\": \"longrope\", \"attention_factor\": \(magnitude), \"short_factor\": \(divisors), \"long_factor\": \(divisors)}"
    }
  }

  private func inexpressible(_ what: String, _ path: String) -> ModelFileError {
    ModelFileError(
      .unsupported, path, nil, "a config.json of the family \(family.rawValue) has no words for \(what)",
      remedy: "start from the model's Hugging Face folder instead of its GGUF file")
  }
}
