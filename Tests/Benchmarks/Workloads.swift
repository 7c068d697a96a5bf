import Engine
import Foundation

/// What one process measured: the seconds of each repetition, and the most memory it held.
struct Measurement: Codable {
  /// Useful tokens (or kernel operations) of one repetition.
  var amount: Double
  var seconds: [Double]
  var peakMegabytes: Double
  /// Cores that other processes kept busy meanwhile.
  var otherCores: Double

  var median: Double {
    let sorted = seconds.sorted()
    return sorted[sorted.count / 2]
  }
  var rate: Double { amount / median }
}

/// One row of the table: what is measured, and the same for every peer.
enum Workload: String, CaseIterable {
  case trainTiny = "train-tiny"
  case train135M = "train-135m"
  case adapt135M = "adapt-135m"
  case adapt1500M = "adapt-1500m"
  case generateTiny1 = "generate-tiny-1"
  case generateTiny8 = "generate-tiny-8"
  case generateTiny32 = "generate-tiny-32"
  case generateTiny64 = "generate-tiny-64"
  case generate135M1 = "generate-135m-1"
  case generate135M8 = "generate-135m-8"
  case generate135M32 = "generate-135m-32"
  case decode135M1 = "decode-135m-1"
  case decode135M8 = "decode-135m-8"
  case decode135M32 = "decode-135m-32"
  case decodeBFloat1 = "decode-135m-bfloat16-1"
  case decodeBFloat8 = "decode-135m-bfloat16-8"
  case decodeBFloat32 = "decode-135m-bfloat16-32"
  case read135M = "read-135m"
  case samples135M = "samples-135m"
  case samplesBFloat = "samples-135m-bfloat16"
  case ragged = "ragged-tiny"
  case padded = "padded-tiny"
  case iteration = "iteration-tiny"

  /// In words, for the table.
  var title: String {
    switch self {
    case .trainTiny: "train step, tiny, 64 × 64 tokens"
    case .train135M: "train step, 135M, 4 × 256 tokens"
    case .adapt135M: "the same, LoRA of rank 8 on queries, keys, values and outputs"
    case .adapt1500M: "the same, the shape of Qwen2.5-1.5B, 2 × 256 tokens"
    case .generateTiny1, .generateTiny8, .generateTiny32, .generateTiny64:
      "generate 128 after 64, tiny, batch \(batch)"
    case .generate135M1, .generate135M8, .generate135M32: "generate 128 after 64, 135M, batch \(batch)"
    case .decode135M1, .decode135M8, .decode135M32: "the decoding alone, 135M, batch \(batch)"
    case .decodeBFloat1, .decodeBFloat8, .decodeBFloat32: "the same, weights in bfloat16, batch \(batch)"
    case .read135M: "read a prompt of 512 tokens, 135M"
    case .samples135M: "4 questions × 8 samples, 135M, 16 to 128 tokens after 64"
    case .samplesBFloat: "the same, weights in bfloat16"
    case .ragged: "generate, tiny, 31 × 32 tokens and one of 128"
    case .padded: "the same, all as long as the longest"
    case .iteration: "STaSC iteration, tiny: 500 questions, 5 × 5 samples, 2,000 kept"
    }
  }

  var batch: Int { Int(rawValue.split(separator: "-").last ?? "") ?? 1 }
  var shape: BenchmarkShape {
    rawValue.contains("1500m") ? .large : rawValue.contains("135m") ? .small : .tiny
  }

  /// Operations that the necessary products come to, for each useful token; `nil` where it is not a fixed number.
  var operationsPerToken: Double? {
    switch self {
    case .trainTiny: shape.trainingOperations(tokens: 1, length: 64)
    case .train135M: shape.trainingOperations(tokens: 1, length: 256)
    case .adapt135M, .adapt1500M: shape.adaptingOperations(tokens: 1, length: 256)
    case .generateTiny1, .generateTiny8, .generateTiny32, .generateTiny64, .generate135M1, .generate135M8,
      .generate135M32:
      shape.generationOperations(prompt: 64, new: 128) / 128
    case .decode135M1, .decode135M8, .decode135M32, .decodeBFloat1, .decodeBFloat8, .decodeBFloat32:
      (shape.generationOperations(prompt: 64, new: 128) - shape.generationOperations(prompt: 64, new: 1))
        / 127
    case .read135M: shape.generationOperations(prompt: 512, new: 1) / 512
    case .samples135M, .samplesBFloat, .ragged, .padded, .iteration: nil
    }
  }

  /// Peers that do the same, by the name of their script's mode.
  var peers: [String] {
    switch self {
    case .trainTiny, .train135M, .adapt135M: ["torch"]
    case .generateTiny1, .generateTiny8, .generateTiny32, .generateTiny64: ["transformers", "loop"]
    case .generate135M1, .generate135M8, .generate135M32, .samples135M, .samplesBFloat: ["transformers"]
    case .decode135M1, .decode135M8, .decode135M32, .decodeBFloat1, .decodeBFloat8, .decodeBFloat32,
      .read135M:
      ["llama.cpp"]
    case .iteration: ["torch"]
    case .ragged, .padded, .adapt1500M: []
    }
  }

  func run(threads: Int) throws -> Measurement {
    switch self {
    case .trainTiny: try train(sequences: 64, length: 64, repeats: 20, threads: threads)
    case .train135M: try train(sequences: 4, length: 256, repeats: 3, threads: threads)
    case .adapt135M:
      try train(sequences: 4, length: 256, repeats: 3, threads: threads, adapter: Self.adapter)
    case .adapt1500M:
      try train(sequences: 2, length: 256, repeats: 1, threads: threads, adapter: Self.adapter)
    case .decode135M1, .decode135M8, .decode135M32: try decode(.float32, batch: batch, threads: threads)
    case .decodeBFloat1, .decodeBFloat8, .decodeBFloat32:
      try decode(.bfloat16, batch: batch, threads: threads)
    case .read135M: read(threads: threads)
    case .samples135M, .samplesBFloat:
      try generate(
        lengths: (0..<32).map { 16 + 16 * ($0 % 8) }, samples: 8, repeats: 1, threads: threads,
        format: self == .samples135M ? .float32 : .bfloat16)
    case .ragged:
      try generate(lengths: Array(repeating: 32, count: 31) + [128], samples: 1, repeats: 7, threads: threads)
    case .padded:
      try generate(
        lengths: Array(repeating: 128, count: 32), samples: 1, repeats: 7, threads: threads,
        useful: 31 * 32 + 128)
    case .iteration: try StaSCIteration(threads: threads).measure(repeats: 3)
    default:
      try generate(
        lengths: Array(repeating: 128, count: batch), samples: 1,
        repeats: shape.name == "tiny" ? 5 : batch == 32 ? 1 : 2, threads: threads)
    }
  }

  // MARK: Training

  private static let adapter = AdapterShape(
    rank: 8, alpha: 16, targets: [.query, .key, .value, .output])

  private func train(
    sequences: Int, length: Int, repeats: Int, threads: Int, adapter: AdapterShape? = nil
  ) throws -> Measurement {
    let products = MatrixProducts(pool: WorkPool(threads: threads), numerics: .native)
    let settings = OptimizerSettings(learningRate: 1e-4, updates: 1000)
    let trainer = Trainer(
      starting: Parameters(architecture: shape.architecture, seed: 1),
      adapter: adapter.map { Adapter($0, for: shape.architecture, seed: 2) }, settings: settings,
      products: products)
    let batch = (0..<sequences).map { index in
      TrainingSequence(
        tokens: shape.tokens(length + 1, sequence: index), weights: Array(repeating: 1, count: length + 1))
    }
    _ = try trainer.update(batch)
    return try Stopwatch.measure(amount: Double(sequences * length), repeats: repeats) {
      _ = try trainer.update(batch)
    }
  }

  // MARK: Generation

  /// What 127 further tokens take, after the first: the whole call without its reading of prompts.
  private func decode(_ format: WeightFormat, batch: Int, threads: Int) throws -> Measurement {
    func generate(_ length: Int) throws -> Measurement {
      try self.generate(
        lengths: Array(repeating: length, count: batch), samples: 1, repeats: batch == 32 ? 1 : 2,
        threads: threads, format: format)
    }
    let whole = try generate(128)
    let reading = try generate(1)
    return Measurement(
      amount: Double(batch * 127), seconds: whole.seconds.map { $0 - reading.median },
      peakMegabytes: whole.peakMegabytes, otherCores: max(whole.otherCores, reading.otherCores))
  }

  /// A prompt's reading, by a decoder that is there already.
  private func read(threads: Int) -> Measurement {
    let decoder = Decoder(
      parameters: Parameters(architecture: shape.architecture, seed: 1), slots: 1, capacity: 512,
      products: MatrixProducts(pool: WorkPool(threads: threads), numerics: .native))
    let tokens = shape.tokens(512, sequence: 1)
    return Stopwatch.measure(amount: 512, repeats: 5) {
      decoder.truncate(slot: 0, to: 0)
      _ = decoder.advance([.init(slot: 0, tokens: tokens[...])])
    }
  }

  /// Samples of the lengths given, in order; each prompt has 64 tokens and `samples` of them.
  private func generate(
    lengths: [Int], samples: Int, repeats: Int, threads: Int, useful: Int? = nil,
    format: WeightFormat = .float32
  ) throws -> Measurement {
    var parameters = Parameters(architecture: shape.architecture, seed: 1)
    if format != .float32 { parameters = Parameters(copying: parameters, format: format) }
    let model = Model(
      parameters: parameters,
      tokenizer: .characters(CharacterTokenizer(alphabet: (0..<62).map { 48 + $0 })))
    let generator = Generator(
      model: model, decoding: Decoding(temperature: 1, maxTokens: 128),
      random: Philox(seed: 1, stream: "bench"),
      attempt: 1, context: ExecutionContext(threads: threads), endTokens: [])
    let requests = (0..<lengths.count / samples).map { index in
      GenerationRequest(
        question: index, prompt: shape.tokens(64, sequence: index),
        sampleKeys: (0..<samples).map(UInt32.init),
        limits: Array(lengths[index * samples..<(index + 1) * samples]))
    }
    return try Stopwatch.measure(amount: Double(useful ?? lengths.reduce(0, +)), repeats: repeats) {
      _ = try generator.generate(requests)
    }
  }
}
