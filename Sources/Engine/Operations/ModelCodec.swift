// Models as bytes. Format 1 holds the models that recipes train from random weights: sizes, alphabet, weights. Format 2 holds all others: every field
// of the architecture, and, for a model that came from files, the files' digest in place of whatever it shares with them.

extension Model {
  /// Format 1 has no words for it.
  var needsLaterFormat: Bool {
    if adapter != nil || origin != nil { return true }
    guard case .characters = tokenizer else { return true }
    var plain = Architecture(
      vocabularySize: architecture.vocabularySize, layers: architecture.layers, width: architecture.width,
      heads: architecture.heads, keyValueHeads: architecture.keyValueHeads, headWidth: architecture.headWidth,
      feedForward: architecture.feedForward, contextLength: architecture.contextLength)
    plain.ropeBase = architecture.ropeBase
    plain.normEpsilon = architecture.normEpsilon
    plain.tiedEmbeddings = architecture.tiedEmbeddings
    plain.attentionBias = architecture.attentionBias
    plain.queryKeyNorm = architecture.queryKeyNorm
    plain.family = architecture.family
    return plain != architecture
  }
}

/// What a stored model is, without its weights: enough to show it where the files that it came from are not at hand.
package struct ModelSummary: Sendable {
  package var architecture: Architecture
  package var tokenizer: String
  package var adapter: AdapterShape?

  package init(of model: Model) {
    architecture = model.architecture
    tokenizer = model.tokenizer.description
    adapter = model.adapter?.shape
  }

  /// - Throws: `DecodingFault` for bytes that are no model.
  package init(decoding bytes: [UInt8]) throws(DecodingFault) {
    var r = ByteReader(bytes[...])
    let format = try r.string()
    guard format == "emend.Model/2" else {
      guard format == "emend.Model/1" else { throw DecodingFault(reason: "it is no model") }
      architecture = try r.architecture()
      tokenizer = ModelTokenizer.characters(try r.tokenizer()).description
      return
    }
    architecture = try r.laterArchitecture()
    _ = try r.optional { r throws(DecodingFault) in try r.string() }
    tokenizer = try r.bool() ? ModelTokenizer.characters(try r.tokenizer()).description : r.string()
    adapter = try r.optional { r throws(DecodingFault) in try r.adapterShape() }
    if let fault = architecture.fault { throw DecodingFault(reason: fault) }
  }

  /// In a sentence of Markdown.
  package var markdown: String {
    let a = architecture
    let added = adapter.map {
      " Adapted by LoRA of rank \($0.rank), alpha \(fixed(Double($0.alpha))), on \($0.targets.map(\.rawValue).joined(separator: ", "))."
    }
    return
      "A transformer of \(ParameterLayout(a).count) parameters: \(a.layers) layers, \(a.width) wide, \(a.heads) heads (\(a.keyValueHeads) of keys and values), MLP \(a.feedForward), context \(a.contextLength), vocabulary \(a.vocabularySize): `\(tokenizer)`.\(added ?? "")"
  }
}

extension ByteWriter {
  mutating func write(_ model: Model) {
    writeWeights(of: model)
    // Behind the weights, and only where there is one: models without keep their bytes.
    guard let state = model.optimizer else { return }
    write(state.first)
    write(state.second)
    write(Double(state.updates))
  }

  private mutating func writeWeights(of model: Model) {
    let a = model.architecture
    for size in [
      a.vocabularySize, a.layers, a.width, a.heads, a.keyValueHeads, a.headWidth, a.feedForward,
      a.contextLength,
    ] {
      write(size)
    }
    write(a.ropeBase)
    write(a.normEpsilon)
    write(a.tiedEmbeddings)
    write(a.attentionBias)
    write(a.queryKeyNorm)
    guard model.needsLaterFormat else {
      if case .characters(let characters) = model.tokenizer { write(characters) }
      write(model.parameters.layout.count)
      write(model.parameters.buffer)
      return
    }
    writeLater(a)
    write(model.origin) { $0.write($1.digest) }
    if case .characters(let characters) = model.tokenizer {
      write(true)
      write(characters)
    } else {
      write(false)
      write(model.tokenizer.description)
    }
    write(model.adapter) { w, adapter in
      w.write(adapter.shape.rank)
      w.write(adapter.shape.alpha)
      w.write(adapter.shape.targets) { $0.write($1.rawValue) }
    }
    let isShared = model.origin?.hasItsParameters ?? false
    write(isShared)
    write((model.adapter?.layout.count ?? 0) + (isShared ? 0 : model.parameters.layout.count))
    if let adapter = model.adapter { write(adapter.buffer) }
    if !isShared {
      precondition(model.parameters.format == .float32, "only files' own weights are in bfloat16")
      write(model.parameters.buffer)
    }
  }

  private mutating func write(_ buffer: FloatBuffer) {
    bytes.reserveCapacity(bytes.count + 4 * buffer.count)
    buffer.append(to: &bytes)
  }

  /// The fields that format 1 does not have.
  private mutating func writeLater(_ a: Architecture) {
    write(a.family.rawValue)
    write(a.postNorms)
    write(a.activation.rawValue)
    write(a.embeddingScale)
    write(a.ropeLocalBase) { $0.write($1) }
    switch a.ropeScaling {
    case .none: write(0)
    case .linear(let factor):
      write(1)
      write(factor)
    case .llama3(let factor, let low, let high, let context):
      write(2)
      for number in [factor, low, high] { write(number) }
      write(context)
    case .divisors(let divisors, let magnitude):
      write(3)
      write(divisors) { $0.write($1) }
      write(magnitude)
    }
    write(a.rotaryWidth)
    write(a.attentionScale)
    write(a.attentionSoftCap) { $0.write($1) }
    write(a.finalSoftCap) { $0.write($1) }
    write(a.slidingWindow) { $0.write($1) }
    write(a.localLayers) { $0.write($1) }
  }

  mutating func write(_ tokenizer: CharacterTokenizer) {
    write(tokenizer.alphabet) { $0.write(Int($1)) }
  }
}

extension ByteReader {
  fileprivate mutating func architecture() throws(DecodingFault) -> Architecture {
    var sizes: [Int] = []
    for _ in 0..<8 {
      let size = try int()
      guard size >= 1, size <= 1 << 26 else { throw DecodingFault(reason: "a size of \(size)") }
      sizes.append(size)
    }
    guard sizes[1] <= 1 << 10 else { throw DecodingFault(reason: "\(sizes[1]) layers") }
    var a = Architecture(
      vocabularySize: sizes[0], layers: sizes[1], width: sizes[2], heads: sizes[3], keyValueHeads: sizes[4],
      headWidth: sizes[5], feedForward: sizes[6], contextLength: sizes[7])
    a.ropeBase = try double()
    a.normEpsilon = try float()
    a.tiedEmbeddings = try bool()
    a.attentionBias = try bool()
    a.queryKeyNorm = try bool()
    return a
  }

  fileprivate mutating func laterArchitecture() throws(DecodingFault) -> Architecture {
    var a = try architecture()
    guard let family = Architecture.Family(rawValue: try string()) else {
      throw DecodingFault(reason: "a family that is not known")
    }
    a.family = family
    a.postNorms = try bool()
    guard let activation = Architecture.Activation(rawValue: try string()) else {
      throw DecodingFault(reason: "an activation that is not known")
    }
    a.activation = activation
    a.embeddingScale = try float()
    a.ropeLocalBase = try optional { r throws(DecodingFault) in try r.double() }
    switch try int() {
    case 0: a.ropeScaling = .none
    case 1: a.ropeScaling = .linear(factor: try double())
    case 2:
      a.ropeScaling = .llama3(
        factor: try double(), lowFrequencyFactor: try double(), highFrequencyFactor: try double(),
        originalContext: try int())
    case 3:
      a.ropeScaling = .divisors(
        try list { r throws(DecodingFault) in try r.double() }, magnitude: try double())
    default: throw DecodingFault(reason: "a scaling that is not known")
    }
    a.rotaryWidth = try int()
    a.attentionScale = try float()
    a.attentionSoftCap = try optional { r throws(DecodingFault) in try r.float() }
    a.finalSoftCap = try optional { r throws(DecodingFault) in try r.float() }
    a.slidingWindow = try optional { r throws(DecodingFault) in try r.int() }
    a.localLayers = try list { r throws(DecodingFault) in try r.bool() }
    return a
  }

  mutating func model() throws(DecodingFault) -> Model {
    let a = try architecture()
    if let fault = a.fault { throw DecodingFault(reason: fault) }
    let tokenizer = ModelTokenizer.characters(try tokenizer())
    let count = try int()
    guard ParameterLayout(a).count == count else {
      throw DecodingFault(reason: "\(count) weights do not fit its architecture")
    }
    return try model(a, count, tokenizer: tokenizer)
  }

  /// A model of the second format, with what it shares with the files that it came from.
  mutating func laterModel(_ loaded: (_ digest: String) -> Model?) throws(DecodingFault) -> Model {
    let a = try laterArchitecture()
    if let fault = a.fault { throw DecodingFault(reason: fault) }
    let digest = try optional { r throws(DecodingFault) in try r.string() }
    var files: Model?
    if let digest {
      files = loaded(digest)
      guard files?.architecture == a else {
        throw DecodingFault(reason: "the model files that it came from are not at hand")
      }
    }
    let tokenizer: ModelTokenizer
    if try bool() {
      tokenizer = .characters(try self.tokenizer())
    } else if let files {
      tokenizer = files.tokenizer
      guard try string() == tokenizer.description else { throw DecodingFault(reason: "another tokenizer") }
    } else {
      throw DecodingFault(reason: "a model without a tokenizer")
    }
    let shape = try optional { r throws(DecodingFault) in try r.adapterShape() }
    let isShared = try bool()
    guard !isShared || files != nil else { throw DecodingFault(reason: "a model without weights") }
    let adapterCount = shape.map { AdapterLayout($0, a).count } ?? 0
    let parameterCount = isShared ? 0 : ParameterLayout(a).count
    let count = try int()
    guard count == adapterCount + parameterCount else {
      throw DecodingFault(reason: "\(count) weights do not fit its architecture")
    }
    let origin = digest.map { ModelOrigin(digest: $0, hasItsParameters: isShared) }
    var adapter: Adapter?
    if let shape {
      guard bytesLeft >= 4 * adapterCount else { throw DecodingFault(reason: "an adapter that is cut off") }
      let new = Adapter(shape, for: a)
      new.buffer.load(bytes: take(4 * adapterCount))
      adapter = new
    }
    if isShared, let files {
      return Model(
        parameters: files.parameters, adapter: adapter, tokenizer: tokenizer, origin: origin,
        optimizer: try optimizer(moving: adapter?.layout.count ?? files.parameters.layout.count))
    }
    return try model(a, parameterCount, adapter, tokenizer: tokenizer, origin: origin)
  }

  fileprivate mutating func adapterShape() throws(DecodingFault) -> AdapterShape {
    let rank = try int()
    let alpha = try float()
    let names = try list { r throws(DecodingFault) in try r.string() }
    let targets = names.compactMap(AdapterShape.Target.init)
    let shape = AdapterShape(rank: rank, alpha: alpha, targets: Set(targets))
    guard shape.fault == nil, shape.targets == targets, targets.count == names.count else {
      throw DecodingFault(reason: "an adapter that makes no sense")
    }
    return shape
  }

  /// The rest is its weights.
  private mutating func model(
    _ a: Architecture, _ count: Int, _ adapter: Adapter? = nil, tokenizer: ModelTokenizer,
    origin: ModelOrigin? = nil
  ) throws(DecodingFault) -> Model {
    guard tokenizer.vocabularySize <= a.vocabularySize else {
      throw DecodingFault(
        reason: "\(tokenizer.vocabularySize) tokens and a vocabulary of \(a.vocabularySize)")
    }
    // Sizes are checked one by one above, but their product may be anything: it is compared before memory is asked for.
    guard count <= bytesLeft / 4 else {
      throw DecodingFault(reason: "\(bytesLeft) bytes of weights do not fit its architecture")
    }
    let parameters = Parameters(architecture: a)
    parameters.buffer.load(bytes: take(4 * count))
    return Model(
      parameters: parameters, adapter: adapter, tokenizer: tokenizer, origin: origin,
      optimizer: try optimizer(moving: adapter?.layout.count ?? count))
  }

  /// What is left: nothing, or the moments of that many numbers.
  private mutating func optimizer(moving count: Int) throws(DecodingFault) -> OptimizerState? {
    guard bytesLeft > 0 else { return nil }
    guard bytesLeft == 8 * count + 8 else {
      throw DecodingFault(reason: "\(bytesLeft) bytes of moments do not fit what was moved")
    }
    let first = FloatBuffer(count: count)
    let second = FloatBuffer(count: count)
    first.load(bytes: take(4 * count))
    second.load(bytes: take(4 * count))
    guard let updates = Int(exactly: try double()), updates >= 0 else {
      throw DecodingFault(reason: "an optimizer without a number of updates")
    }
    return OptimizerState(first: first, second: second, updates: updates)
  }

  mutating func tokenizer() throws(DecodingFault) -> CharacterTokenizer {
    let alphabet = try list { r throws(DecodingFault) in
      guard let scalar = UInt32(exactly: try r.int()), Unicode.Scalar(scalar) != nil else {
        throw DecodingFault(reason: "a character that is none")
      }
      return scalar
    }
    guard zip(alphabet, alphabet.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw DecodingFault(reason: "an alphabet out of order")
    }
    return CharacterTokenizer(alphabet: alphabet)
  }
}
