import Engine
import Foundation
import Testing

/// A file written by `Oracles/make_transformer_fixtures.py`.
struct Fixture {
  struct Header: Decodable {
    struct Sequence: Decodable {
      var tokens: [Int32]
      var weights: [Float]
    }
    struct Shape: Decodable {
      var vocabularySize: Int
      var layers: Int
      var width: Int
      var heads: Int
      var keyValueHeads: Int
      var headWidth: Int
      var feedForward: Int
      var contextLength: Int
      var ropeBase: Double
      var normEpsilon: Float
      var tiedEmbeddings: Bool
      var attentionBias: Bool
      var queryKeyNorm: Bool

      var architecture: Architecture {
        var a = Architecture(
          vocabularySize: vocabularySize, layers: layers, width: width, heads: heads,
          keyValueHeads: keyValueHeads, headWidth: headWidth, feedForward: feedForward,
          contextLength: contextLength)
        a.ropeBase = ropeBase
        a.normEpsilon = normEpsilon
        a.tiedEmbeddings = tiedEmbeddings
        a.attentionBias = attentionBias
        a.queryKeyNorm = queryKeyNorm
        return a
      }
    }
    struct Optimizer: Decodable {
      var learningRate: Float
      var beta1: Float
      var beta2: Float
      var epsilon: Float
      var weightDecay: Float
      var clip: Float
      var warmup: Float
      var updates: Int
    }
    var architecture: Shape
    var batch: [Sequence]
    var losses: [Double]
    var optimizer: Optimizer
    var tensors: [String]
    var logits: [Int]
  }

  static let names = ["grouped-biased", "untied", "normed"]
  let header: Header
  let parameters: Parameters
  let gradients: [Float]
  let logits: [Float]

  init(_ name: String) throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Oracles/Fixtures/transformer-\(name).bin")
    let data = try Data(contentsOf: url)
    let end = try #require(data.firstIndex(of: UInt8(ascii: "\n")))
    header = try JSONDecoder().decode(Header.self, from: data[..<end])
    let numbers = data[(end + 1)...].withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
    parameters = Parameters(architecture: header.architecture.architecture)
    let count = parameters.layout.count
    #expect(parameters.layout.tensors.map(\.name) == header.tensors)
    for index in 0..<count { parameters.all[index] = numbers[index] }
    gradients = Array(numbers[count..<2 * count])
    logits = Array(numbers[(2 * count)...])
  }

  var batch: [TrainingSequence] {
    header.batch.map { TrainingSequence(tokens: $0.tokens, weights: $0.weights) }
  }

  var settings: OptimizerSettings {
    let o = header.optimizer
    var settings = OptimizerSettings(learningRate: o.learningRate, updates: o.updates)
    settings.beta1 = o.beta1
    settings.beta2 = o.beta2
    settings.epsilon = o.epsilon
    settings.weightDecay = o.weightDecay
    settings.clip = o.clip
    settings.warmup = o.warmup
    return settings
  }
}

extension Fixture {
  /// The parameters with an alphabet, so that the model can be asked.
  var model: Model {
    Model(
      parameters: parameters,
      tokenizer: .characters(
        CharacterTokenizer(alphabet: (0..<header.architecture.vocabularySize - 2).map { 40 + UInt32($0) })))
  }
}

/// Logits at every token of some sequences, by the training pass.
func allLogits(
  _ parameters: Parameters, _ sequences: [[Int32]], threads: Int = 1, numerics: Numerics = .native
) -> [Float] {
  let pass = TrainingPass(
    parameters: parameters,
    rotary: RotaryTables(parameters.architecture, positions: parameters.architecture.contextLength),
    products: MatrixProducts(pool: WorkPool(threads: threads), numerics: numerics), workspace: Workspace())
  return pass.logits(sequences, at: Array(0..<sequences.reduce(0) { $0 + $1.count })).array()
}
