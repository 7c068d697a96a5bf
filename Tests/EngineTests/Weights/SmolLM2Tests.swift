import Engine
import Foundation
import Testing

/// The one real model at hand. `make smollm2` fetches it; the variable SMOLLM2 names it where it lies elsewhere.
enum SmolLM2 {
  static let path: String? = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let usual = root.appending(path: "models/SmolLM2-135M-Instruct.Q4_1.gguf").path(percentEncoded: false)
    let path = ProcessInfo.processInfo.environment["SMOLLM2"] ?? usual
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()
}

@Suite(
  .enabled(if: SmolLM2.path != nil, "SmolLM2-135M-Instruct is not here: make smollm2, or name it by SMOLLM2"))
struct SmolLM2Tests {
  private func open() throws -> ModelFiles { try ModelFiles.open(#require(SmolLM2.path)) }

  @Test func `it opens as what it is`() throws {
    let files = try open()
    let d = files.architecture
    #expect(d.family == .llama && d.layers == 30 && d.width == 576 && d.heads == 9 && d.keyValueHeads == 3)
    #expect(
      d.headWidth == 64 && d.feedForward == 1536 && d.vocabularySize == 49_152 && d.contextLength == 8192)
    #expect(d.ropeBase == 100_000 && d.tiedEmbeddings && d.normEpsilon == 1e-5)
    #expect(files.parameters.count == 182 && files.parameterCount == 134_515_008)
    #expect(files.storedBytes == 96_576_768)
    #expect(try files.gguf?["tokenizer.ggml.tokens"]?.list?.strings().count == 49_152)
  }

  /// Checksums of gguf's `dequantize`, rows of queries and keys put from pairs to halves.
  @Test func `its rows have the bits that gguf gives`() throws {
    let files = try open()
    func rows(_ name: String, _ rows: Range<Int>) throws -> String {
      var numbers = [Float](repeating: 0, count: rows.count * 576)
      var span = numbers.mutableSpan
      try files.read(name, rows: rows, into: &span)
      return checksum(numbers)
    }
    #expect(try rows("layers.7.projection", 600..<604) == "be40501d27c00f37")
    #expect(try rows("layers.7.projection", 0..<2) == "a75431617d2646e9")
    #expect(try rows("embedding", 12_345..<12_346) == "563120ad34c87b12")
    #expect(try rows("final_norm", 0..<1) == "ea814bed6299e304")
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["LONG"] != nil, "LONG=1 reads all weights"))
  func `all its weights are finite and sum to what gguf gives`() throws {
    let files = try open()
    var sum = 0.0
    for parameter in files.parameters {
      for number in try files.read(parameter.name) { sum += Double(abs(number)) }
    }
    #expect(abs(sum - 18_618_625.800_991_118) < 1e-3)
  }
}
