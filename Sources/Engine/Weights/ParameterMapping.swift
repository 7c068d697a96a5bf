/// One parameter of a model as the engine lays it out: queries, keys and values as one matrix, gate and way up as one.
package struct ParameterDescription: Hashable, Sendable {
  /// Part of a parameter: a whole tensor of a file.
  package struct Piece: Hashable, Sendable {
    /// The tensor's name in the file.
    package var tensor: String
    /// Its shape in the file, outermost first.
    package var shape: [Int]
    /// Where it begins: a row of the parameter, or a number of it where that is a vector.
    package var first: Int
    /// D where the file keeps a head's rows in adjacent pairs: rows 2i and 2i + 1 of each head are rows i and i + D/2 of the parameter.
    package var pairedHeadWidth: Int?

    /// Rows (of a vector: numbers).
    package var length: Int { shape.first ?? 1 }
  }

  /// `layers.0.projection`
  package var name: String
  /// A vector has one row.
  package var rows: Int
  /// Numbers in a row.
  package var columns: Int
  /// The tensors that make it up, in order.
  package var pieces: [Piece]

  /// Numbers.
  package var count: Int { rows * columns }
  /// Norms and biases, which are not decayed by AdamW.
  package var isVector: Bool { pieces.first?.shape.count == 1 }
}

/// Whose names the tensors of a file have.
package enum TensorNaming: String, Hashable, Sendable {
  /// `model.layers.0.self_attn.q_proj.weight`
  case huggingFace
  /// `blk.0.attn_q.weight`
  case gguf
}

extension Architecture {
  /// Every parameter of the model in the canonical order, with the tensors that make it up and the shapes these must have.
  package func parameters(_ naming: TensorNaming) -> [ParameterDescription] {
    let names = naming == .gguf ? TensorNames.gguf : .huggingFace(postNorms: postNorms)
    var parameters = [matrix("embedding", [(names.embedding, vocabularySize)], width)]
    for layer in 0..<layers {
      parameters += self.layer("layers.\(layer).", names.layer(layer), names)
    }
    parameters.append(vector("final_norm", [(names.finalNorm, width)]))
    if !tiedEmbeddings { parameters.append(matrix("output", [(names.output, vocabularySize)], width)) }
    return parameters
  }

  private func layer(_ name: String, _ prefix: String, _ names: TensorNames) -> [ParameterDescription] {
    let n = names
    // Only files of llama's own architecture reorder the rows of queries and keys.
    let paired = n.pairsRows && family == .llama ? headWidth : nil
    var parameters = [vector(name + "attention_norm", [(prefix + n.attentionNorm, width)])]
    if family == .phi3 {
      parameters.append(
        matrix(name + "projection", [(prefix + n.fusedProjection + ".weight", projectedWidth)], width))
    } else {
      let parts = [(n.query, queryWidth), (n.key, keyWidth), (n.value, keyWidth)]
      var projection = matrix(name + "projection", parts.map { (prefix + $0.0 + ".weight", $0.1) }, width)
      projection.pieces[0].pairedHeadWidth = paired
      projection.pieces[1].pairedHeadWidth = paired
      parameters.append(projection)
      if attentionBias {
        parameters.append(vector(name + "projection_bias", parts.map { (prefix + $0.0 + ".bias", $0.1) }))
      }
    }
    if queryKeyNorm {
      parameters.append(vector(name + "query_norm", [(prefix + n.queryNorm, headWidth)]))
      parameters.append(vector(name + "key_norm", [(prefix + n.keyNorm, headWidth)]))
    }
    parameters.append(matrix(name + "attention_output", [(prefix + n.attentionOutput, width)], queryWidth))
    if postNorms {
      parameters.append(vector(name + "attention_post_norm", [(prefix + n.attentionPostNorm, width)]))
    }
    parameters.append(vector(name + "feed_forward_norm", [(prefix + n.feedForwardNorm, width)]))
    let gated =
      family == .phi3
      ? [(n.fusedGateAndUp, 2 * feedForward)] : [(n.gate, feedForward), (n.up, feedForward)]
    parameters.append(matrix(name + "gate_and_up", gated.map { (prefix + $0.0, $0.1) }, width))
    parameters.append(matrix(name + "down", [(prefix + n.down, width)], feedForward))
    if postNorms {
      parameters.append(vector(name + "feed_forward_post_norm", [(prefix + n.feedForwardPostNorm, width)]))
    }
    return parameters
  }

  /// A matrix of tensors one above the other, each `[rows, columns]`.
  private func matrix(_ name: String, _ parts: [(tensor: String, rows: Int)], _ columns: Int)
    -> ParameterDescription
  {
    var rows = 0
    let pieces = parts.map { part in
      defer { rows += part.rows }
      return ParameterDescription.Piece(tensor: part.tensor, shape: [part.rows, columns], first: rows)
    }
    return ParameterDescription(name: name, rows: rows, columns: columns, pieces: pieces)
  }

  /// A vector of tensors one after the other.
  private func vector(_ name: String, _ parts: [(tensor: String, count: Int)]) -> ParameterDescription {
    var count = 0
    let pieces = parts.map { part in
      defer { count += part.count }
      return ParameterDescription.Piece(tensor: part.tensor, shape: [part.count], first: count)
    }
    return ParameterDescription(name: name, rows: 1, columns: count, pieces: pieces)
  }
}

/// The names of a model's tensors; those of a layer stand behind its prefix.
private struct TensorNames {
  var embedding: String
  var finalNorm: String
  var output: String
  var layer: @Sendable (Int) -> String
  var attentionNorm: String
  var query: String
  var key: String
  var value: String
  var fusedProjection: String
  var queryNorm: String
  var keyNorm: String
  var attentionOutput: String
  var attentionPostNorm: String
  var feedForwardNorm: String
  var gate: String
  var up: String
  var fusedGateAndUp: String
  var down: String
  var feedForwardPostNorm: String
  /// Rows of queries and keys of the llama family stand in adjacent pairs.
  var pairsRows: Bool

  /// Of folders. With norms behind attention and MLP, `post_attention_layernorm` means the one behind; without, the one before the MLP.
  static func huggingFace(postNorms: Bool) -> TensorNames {
    TensorNames(
      embedding: "model.embed_tokens.weight", finalNorm: "model.norm.weight", output: "lm_head.weight",
      layer: { "model.layers.\($0)." }, attentionNorm: "input_layernorm.weight", query: "self_attn.q_proj",
      key: "self_attn.k_proj", value: "self_attn.v_proj", fusedProjection: "self_attn.qkv_proj",
      queryNorm: "self_attn.q_norm.weight", keyNorm: "self_attn.k_norm.weight",
      attentionOutput: "self_attn.o_proj.weight", attentionPostNorm: "post_attention_layernorm.weight",
      feedForwardNorm: postNorms ? "pre_feedforward_layernorm.weight" : "post_attention_layernorm.weight",
      gate: "mlp.gate_proj.weight", up: "mlp.up_proj.weight", fusedGateAndUp: "mlp.gate_up_proj.weight",
      down: "mlp.down_proj.weight", feedForwardPostNorm: "post_feedforward_layernorm.weight", pairsRows: false
    )
  }

  static var gguf: TensorNames {
    TensorNames(
      embedding: "token_embd.weight", finalNorm: "output_norm.weight", output: "output.weight",
      layer: { "blk.\($0)." }, attentionNorm: "attn_norm.weight", query: "attn_q", key: "attn_k",
      value: "attn_v",
      fusedProjection: "attn_qkv", queryNorm: "attn_q_norm.weight", keyNorm: "attn_k_norm.weight",
      attentionOutput: "attn_output.weight", attentionPostNorm: "post_attention_norm.weight",
      feedForwardNorm: "ffn_norm.weight", gate: "ffn_gate.weight", up: "ffn_up.weight",
      fusedGateAndUp: "ffn_up.weight", down: "ffn_down.weight", feedForwardPostNorm: "post_ffw_norm.weight",
      pairsRows: true)
  }
}
