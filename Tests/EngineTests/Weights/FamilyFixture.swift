import Engine
import Foundation
import Testing

/// What `Oracles/make_family_fixtures.py` made: a tiny model of a family as a folder, and what transformers computes with it.
struct FamilyFixture: Decodable {
  struct Sequence: Decodable {
    var tokens: [Int32]
    var weights: [Float]
  }
  struct Optimizer: Decodable {
    var learningRate: Float
    var beta1: Float
    var beta2: Float
    var epsilon: Float
    var weightDecay: Float
    var clip: Float
    var updates: Int
  }
  /// The gradient of one tensor of the folder.
  struct Gradient: Decodable {
    var tensor: String
    var norm: Double
    /// Places in the flattened tensor; the greatest number's is among them.
    var at: [Int]
    var values: [Double]
  }
  struct Adapters: Decodable {
    struct Matrix: Decodable {
      /// `model.layers.0.self_attn.q_proj`
      var tensor: String
      /// `[rank, inputs]`
      var shape: [Int]
      var values: [Float]
    }
    struct Norm: Decodable {
      var tensor: String
      var norm: Double
    }
    var rank: Int
    var alpha: Float
    var learningRate: Float
    var targets: [String]
    /// A of each adapter; B is zero.
    var initial: [Matrix]
    var gradientNormsOfB: [Norm]
    var losses: [Double]
  }
  var tokens: [Int32]
  var positions: [Int]
  var logits: [[Float]]
  var prompt: [Int32]
  var greedy: [Int32]
  var batch: [Sequence]
  var optimizer: Optimizer
  var loss: Double
  var gradients: [Gradient]
  /// Losses before each update of all weights.
  var full: [Double]
  var lora: Adapters

  static let names = [
    "llama2", "llama3", "smollm2", "qwen2", "qwen3", "phi3", "phi4", "gemma2", "gemma3",
  ]

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Oracles/Fixtures/Families").path(percentEncoded: false)

  /// The model's folder.
  static func folder(_ name: String) -> String { root + "/" + name }

  /// `model.layers.0.self_attn.q_proj` and `q_proj` alike.
  static func target(_ name: String) throws -> AdapterShape.Target {
    let names: [String: AdapterShape.Target] = [
      "q_proj": .query, "k_proj": .key, "v_proj": .value, "o_proj": .output, "gate_proj": .gate,
      "up_proj": .up, "down_proj": .down,
    ]
    return try #require(names[String(name.split(separator: ".").last ?? "")])
  }

  /// The matrix of an adapter that peft has at a module.
  static func tensor(_ module: String, _ kind: String, of adapter: Adapter) throws -> TensorDescription {
    let layer = module.split(separator: ".")[2]
    let name = "layers.\(layer).\(try target(module).rawValue).\(kind)"
    return try #require(adapter.layout.tensors.first { $0.name == name })
  }

  init(_ name: String) throws {
    self = try JSONDecoder().decode(
      FamilyFixture.self, from: Data(contentsOf: URL(filePath: Self.root + "/\(name).json")))
  }

  var sequences: [TrainingSequence] {
    batch.map { TrainingSequence(tokens: $0.tokens, weights: $0.weights) }
  }

  /// The script's AdamW at a constant rate.
  func settings(learningRate: Float? = nil) -> OptimizerSettings {
    var settings = OptimizerSettings(
      learningRate: learningRate ?? optimizer.learningRate, updates: optimizer.updates)
    settings.beta1 = optimizer.beta1
    settings.beta2 = optimizer.beta2
    settings.epsilon = optimizer.epsilon
    settings.weightDecay = optimizer.weightDecay
    settings.clip = optimizer.clip
    settings.schedule = .constant
    settings.warmup = 0
    return settings
  }
}

/// Where the tensors of a folder stand in a model's parameters.
struct TensorPlaces {
  private var places: [String: (offset: Int, count: Int)] = [:]

  init(_ path: String, _ layout: ParameterLayout) throws {
    let files = try ModelFiles.open(path)
    for parameter in files.parameters {
      let tensor = try #require(layout.tensors.first { $0.name == parameter.name })
      for piece in parameter.pieces {
        let start = parameter.isVector ? piece.first : piece.first * parameter.columns
        places[piece.tensor] = (tensor.offset + start, piece.shape.reduce(1, *))
      }
    }
  }

  var count: Int { places.count }

  /// The numbers of a tensor within those of all parameters.
  func slice(_ tensor: String, of all: Floats) throws -> [Float] {
    let place = try #require(places[tensor], "\(tensor) is in no parameter")
    return all.slice(place.offset, place.count).array()
  }
}
