import Engine
import Foundation

@main
enum Benchmarks {
  static func main() throws {
    let words = Array(CommandLine.arguments.dropFirst())
    let threads = Int(ProcessInfo.processInfo.environment["THREADS"] ?? "2") ?? 2
    for word in words {
      switch word {
      case "train-tiny": try train(.tiny, sequences: 64, length: 64, threads: threads, repeats: 30)
      case "train-135m": try train(.small, sequences: 4, length: 256, threads: threads, repeats: 3)
      case "generate-tiny-64": try generate(.tiny, batch: 64, threads: threads)
      case "generate-tiny":
        for batch in [1, 8, 32, 64] { try generate(.tiny, batch: batch, threads: threads) }
      case "generate-135m": for batch in [1, 8, 32] { try generate(.small, batch: batch, threads: threads) }
      default: print("unknown benchmark \(word)")
      }
    }
  }

  static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock.now
    try body()
    let elapsed = clock.duration(to: .now).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted[sorted.count / 2]
  }

  static func train(_ shape: BenchmarkShape, sequences: Int, length: Int, threads: Int, repeats: Int) throws {
    let products = MatrixProducts(pool: WorkPool(threads: threads), numerics: .native)
    var settings = OptimizerSettings(learningRate: 1e-4, updates: 1000)
    settings.clip = 1
    let trainer = Trainer(
      starting: Parameters(architecture: shape.architecture, seed: 1), settings: settings, products: products)
    let batch = (0..<sequences).map { index in
      TrainingSequence(
        tokens: shape.tokens(length + 1, sequence: index), weights: Array(repeating: 1, count: length + 1))
    }
    _ = try trainer.update(batch)
    let times = try (0..<repeats).map { _ in try seconds { _ = try trainer.update(batch) } }
    let time = median(times)
    let tokens = sequences * length
    print(
      "train \(shape.name): \(Int(Double(tokens) / time)) tokens/s, best \(Int(Double(tokens) / (times.min() ?? 1))), \(shape.trainingOperations(tokens: tokens, length: length) / time / 1e9) GFLOP/s"
    )
  }

  static func generate(_ shape: BenchmarkShape, batch: Int, threads: Int) throws {
    let model = Model(
      parameters: Parameters(architecture: shape.architecture, seed: 1),
      tokenizer: CharacterTokenizer(alphabet: (0..<62).map { 48 + $0 }))
    let generator = Generator(
      model: model, decoding: Decoding(temperature: 1, maxTokens: 128),
      random: Philox(seed: 1, stream: "bench"),
      attempt: 1, context: ExecutionContext(threads: threads), endTokens: [])
    let requests = (0..<batch).map {
      GenerationRequest(question: $0, prompt: shape.tokens(64, sequence: $0), sampleKeys: [0])
    }
    var produced = 0
    let times = try (0..<5).map { _ in
      try seconds {
        produced = try generator.generate(requests).reduce(0) { $0 + $1.reduce(0) { $0 + $1.tokens.count } }
      }
    }
    let time = median(times)
    print(
      "generate \(shape.name) batch \(batch): \(Int(Double(produced) / time)) tokens/s (\(produced) tokens)")
  }
}
