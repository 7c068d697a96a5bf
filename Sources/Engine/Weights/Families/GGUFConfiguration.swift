/// The scaling factors of the rotary embedding, which GGUF files keep as tensors.
struct GGUFRopeFactors: Sendable {
  /// `rope_freqs.weight`
  var plain: [Double]?
  /// `rope_factors_short.weight`
  var short: [Double]?
  /// Rows of `token_embd.weight`.
  var vocabularySize: Int
  /// There is no `output.weight`.
  var tiedEmbeddings: Bool
}

// What the metadata of all families share in a GGUF file. Keys are named without the architecture before them.
extension Architecture {
  /// Keys that do not change what a model computes.
  private static let harmlessGGUFKeys: Set<String> = [
    "attention.layer_norm_epsilon", "rope.scaling.finetuned", "tensor_data_layout", "vocab_size",
  ]

  /// Reads the metadata of a GGUF file.
  ///
  /// Throws the key at fault: missing, of a wrong value, or of a meaning that is not computed here.
  package init(gguf: GGUFFile) throws(ModelFileError) {
    let path = gguf.file.path
    guard let architecture = gguf.architecture else {
      throw ModelFileError(
        .missing, path, "general.architecture", "there is no general.architecture",
        remedy: "the file holds no model, or not all of one; fetch it again")
    }
    var values: [(key: String, value: JSONValue)] = []
    for (key, value) in gguf.metadata where key.hasPrefix(architecture + ".") {
      values.append((String(key.dropFirst(architecture.count + 1)), try Self.json(value)))
    }
    var c = ModelConfiguration(path: path, values: values)
    let factors = try GGUFRopeFactors(gguf)
    switch architecture {
    case "llama": try self.init(llama: &c, gguf: factors)
    case "qwen2": try self.init(qwen2: &c, gguf: factors)
    case "qwen3": try self.init(qwen3: &c, gguf: factors)
    case "phi3": try self.init(phi3: &c, gguf: factors)
    case "gemma2": try self.init(gemma2: &c, gguf: factors)
    case "gemma3": try self.init(gemma3: &c, gguf: factors)
    default:
      throw c.unsupported(
        "general.architecture",
        "general.architecture is \(architecture.debugDescription), which is not supported")
    }
    try c.refuse("expert_count", "expert_used_count", "pooling_type")
    try c.require("attention.causal", [.bool(true)])
    try c.finish(harmless: Self.harmlessGGUFKeys)
    if let fault { throw .malformed(path, nil, fault) }
  }

  /// The keys that all architectures share.
  init(_ family: Family, gguf c: inout ModelConfiguration, _ factors: GGUFRopeFactors) throws(ModelFileError)
  {
    let heads = try c.size("attention.head_count", atMost: 1 << 12)
    let width = try c.size("embedding_length", atMost: 1 << 20)
    let headWidth = try Self.headWidth(
      try c.optionalSize("attention.key_length", atMost: 1 << 16), width, heads, c.path)
    let epsilon = try c.number("attention.layer_norm_rms_epsilon")
    self.init(
      vocabularySize: factors.vocabularySize, layers: try c.size("block_count", atMost: 1 << 10),
      width: width, heads: heads,
      keyValueHeads: try c.optionalSize("attention.head_count_kv", atMost: 1 << 12) ?? heads,
      headWidth: headWidth, feedForward: try c.size("feed_forward_length"),
      contextLength: try c.size("context_length"))
    self.family = family
    normEpsilon = Float(epsilon)
    ropeBase = try c.optionalNumber("rope.freq_base") ?? 10_000
    tiedEmbeddings = factors.tiedEmbeddings
    try c.require("attention.value_length", [.integer(headWidth)])
    if let turned = try c.optionalSize("rope.dimension_count", atMost: 1 << 16) {
      guard turned == headWidth || family == .phi3 else {
        throw c.unsupported(
          "rope.dimension_count",
          "rope.dimension_count is \(turned), and only all \(headWidth) numbers of a head are supported")
      }
      rotaryWidth = turned
    }
    let factor = try c.optionalNumber("rope.scaling.factor")
    // A factor without a type means linear, as llama.cpp reads it.
    switch try c.text("rope.scaling.type") ?? (factor == nil ? "none" : "linear") {
    case "none": break
    case "linear": ropeScaling = .linear(factor: factor ?? 1)
    case "longrope" where factors.short != nil: break
    case let type:
      throw c.unsupported(
        "rope.scaling.type", "rope.scaling.type is \(type.debugDescription), which is not supported")
    }
    try c.require("rope.scale_linear", [.integer(1), .number(1)])
  }

  /// Lists longer than any model has layers are not configuration, and are refused where they are read.
  private static func json(_ value: GGUFValue) throws(ModelFileError) -> JSONValue {
    switch value {
    case .integer(let number): return .integer(number)
    case .large(let number): return .number(Double(number))
    case .number(let number): return .number(number)
    case .bool(let flag): return .bool(flag)
    case .string(let text): return .string(text)
    case .list(let list):
      guard list.count <= 1 << 12 else { return .string("a list of \(list.count)") }
      return .array(try list.values().map(Self.element))
    }
  }

  private static func element(_ value: GGUFValue) -> JSONValue {
    switch value {
    case .integer(let number): .integer(number)
    case .number(let number): .number(number)
    case .bool(let flag): .bool(flag)
    case .string(let text): .string(text)
    case .large, .list: .null
    }
  }
}

extension GGUFRopeFactors {
  /// What a file's tensors say of its configuration.
  init(_ gguf: GGUFFile) throws(ModelFileError) {
    guard let embedding = gguf.tensors.first(where: { $0.name == "token_embd.weight" }),
      embedding.shape.count == 2
    else {
      throw ModelFileError(
        .missing, gguf.file.path, "token_embd.weight", "there is no matrix token_embd.weight",
        remedy: "the file holds no model, or not all of one; fetch it again")
    }
    vocabularySize = embedding.rows
    tiedEmbeddings = !gguf.tensors.contains { $0.name == "output.weight" }
    plain = try Self.factors("rope_freqs.weight", gguf)
    short = try Self.factors("rope_factors_short.weight", gguf)
  }

  private static func factors(_ name: String, _ gguf: GGUFFile) throws(ModelFileError) -> [Double]? {
    guard let tensor = gguf.tensors.first(where: { $0.name == name }) else { return nil }
    guard tensor.shape.count == 1, tensor.columns <= 1 << 16 else {
      throw .malformed(
        gguf.file.path, name,
        "the tensor \(name) has the shape \(tensor.shape), and must be one number for each pair of a head")
    }
    var numbers = [Float](repeating: 0, count: tensor.columns)
    var span = numbers.mutableSpan
    try gguf.file.read(tensor, rows: 0..<1, into: &span, at: 0)
    return numbers.map(Double.init)
  }
}
