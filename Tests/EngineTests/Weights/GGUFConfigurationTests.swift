import Engine
import Testing

/// Metadata of GGUF files as they mean a family's fields.
@Suite struct GGUFConfigurationTests {
  private enum Entry {
    case int(String, UInt32)
    case float(String, Float)
    case text(String, String)
  }

  /// A file with a model's usual sizes, some more keys, and an embedding of `[8, 64]` alone.
  private func describe(_ architecture: String, _ entries: [Entry]) throws -> Architecture {
    let sizes: [(String, UInt32)] = [
      ("context_length", 4096), ("embedding_length", 64), ("block_count", 12), ("feed_forward_length", 96),
      ("attention.head_count", 4), ("attention.head_count_kv", 2),
    ]
    let all =
      sizes.map { Entry.int($0.0, $0.1) } + [.float("attention.layer_norm_rms_epsilon", 1e-6)] + entries
    var file = GGUFBytes(tensors: 1, metadata: UInt64(all.count + 1))
    file.key("general.architecture", 8)
    file.text(architecture)
    for entry in all {
      switch entry {
      case .int(let key, let value):
        file.key("\(architecture).\(key)", 4)
        file.number(value)
      case .float(let key, let value):
        file.key("\(architecture).\(key)", 6)
        file.number(value.bitPattern)
      case .text(let key, let value):
        file.key("\(architecture).\(key)", 8)
        file.text(value)
      }
    }
    file.tensor("token_embd.weight", [64, 8], type: 0, offset: 0)
    file.data(2048)
    return try Architecture(gguf: GGUFFile(MappedFile(bytes: file.bytes, path: "a.gguf")))
  }

  @Test func `sizes and rotary keys are read`() throws {
    let d = try describe("llama", [.float("rope.freq_base", 500_000), .int("rope.dimension_count", 16)])
    #expect(d.layers == 12 && d.width == 64 && d.headWidth == 16 && d.vocabularySize == 8 && d.tiedEmbeddings)
    #expect(d.ropeBase == 500_000 && d.contextLength == 4096 && d.normEpsilon == 1e-6)
  }

  @Test func `a scaling factor without a type means linear`() throws {
    #expect(try describe("llama", [.float("rope.scaling.factor", 4)]).ropeScaling == .linear(factor: 4))
    let none = try describe("qwen2", [.text("rope.scaling.type", "none"), .float("rope.scaling.factor", 4)])
    #expect(none.ropeScaling == .none && none.attentionBias)
  }

  @Test func `Gemma's published patterns stand in where the file has none`() throws {
    let two = try describe("gemma2", [.int("attention.key_length", 32), .int("attention.value_length", 32)])
    #expect(two.localLayers == (0..<12).map { $0 % 2 == 0 } && two.slidingWindow == 4096)
    #expect(
      two.attentionSoftCap == 50 && two.finalSoftCap == 30 && two.embeddingScale == 8 && !two.normAddsOne)
    let three = try describe("gemma3", [.int("attention.sliding_window", 512)])
    #expect(three.localLayers == (0..<12).map { $0 % 6 != 5 } && three.slidingWindow == 512)
    #expect(three.ropeBase == 1_000_000 && three.ropeLocalBase == 10_000 && three.queryKeyNorm)
  }

  @Test func `Phi-3 may turn a part of each head, and a window of 0 is none`() throws {
    let d = try describe("phi3", [.int("rope.dimension_count", 12), .int("attention.sliding_window", 0)])
    #expect(d.rotaryWidth == 12 && d.headWidth == 16 && d.slidingWindow == nil)
  }

  @Test func `what is not supported is refused by the key's name`() throws {
    let cases: [(String, [Entry], String)] = [
      ("llama", [.int("expert_count", 8)], "expert_count"),
      ("llama", [.text("rope.scaling.type", "yarn")], "rope.scaling.type"),
      ("llama", [.int("rope.dimension_count", 8)], "rope.dimension_count"),
      ("llama", [.int("attention.value_length", 8)], "attention.value_length"),
      ("qwen3", [.float("logit_scale", 2)], "logit_scale"),
      ("qwen2", [.int("attention.sliding_window", 512)], "attention.sliding_window"),
      ("gemma3", [], "attention.sliding_window"),
      ("mamba", [], "general.architecture"),
    ]
    for (architecture, entries, subject) in cases {
      let error = try #require(throws: ModelFileError.self) { _ = try describe(architecture, entries) }
      #expect(error.subject == subject && error.message.contains(subject), "\(error.message)")
    }
  }
}
