import Engine
import Foundation
import Testing

/// What `Oracles/make_weights_fixtures.py` made and says of it.
struct WeightsFixture: Decodable {
  struct Tensor: Decodable {
    var name: String
    var shape: [Int]
    var checksum: String
  }
  struct Format: Decodable {
    var name: String
    var shape: [Int]
    var checksum: String
    var lastRow: String
    var first: [Float]
  }
  struct Model: Decodable {
    var name: String
    var parameters: [Tensor]
    var parametersOfGGUF: [Tensor]
    var tokens: [Int]
    /// After the fifth token and after the last.
    var logits: [Double]
  }
  var models: [Model]
  var formats: [Format]

  static let names = ["llama", "llama3", "qwen2", "qwen3", "phi3", "phi3-long", "gemma2", "gemma3"]

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Oracles/Fixtures/Weights").path(percentEncoded: false)

  static func facts() throws -> WeightsFixture {
    try JSONDecoder().decode(
      WeightsFixture.self, from: Data(contentsOf: URL(filePath: folder + "/facts.json")))
  }

  static func model(_ name: String) throws -> Model {
    try #require(facts().models.first { $0.name == name })
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    try Array(Data(contentsOf: URL(filePath: folder + "/" + name)))
  }
}

/// FNV-1a of the numbers' little-endian bytes, as the script computes it.
func checksum(_ numbers: [Float]) -> String {
  var value: UInt64 = 0xCBF2_9CE4_8422_2325
  for number in numbers {
    for shift in [UInt32(0), 8, 16, 24] {
      value = (value ^ UInt64(number.bitPattern >> shift & 0xFF)) &* 0x100_0000_01B3
    }
  }
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// A folder of its own for one test, gone afterwards.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path(percentEncoded: false))
}
