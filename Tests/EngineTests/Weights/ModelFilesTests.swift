import Engine
import Foundation
import Testing

/// Folders and GGUF files of every family against what transformers and gguf wrote.
@Suite struct ModelFilesTests {
  @Test(arguments: WeightsFixture.names)
  func `every parameter of a folder equals what transformers saved`(name: String) throws {
    try compare(ModelFiles.open(WeightsFixture.folder + "/" + name), WeightsFixture.model(name).parameters)
  }

  @Test(arguments: WeightsFixture.names)
  func `every parameter of a GGUF file equals what transformers saved`(name: String) throws {
    try compare(
      ModelFiles.open(WeightsFixture.folder + "/\(name).gguf"), WeightsFixture.model(name).parametersOfGGUF)
  }

  private func compare(_ files: ModelFiles, _ expected: [WeightsFixture.Tensor]) throws {
    #expect(files.parameters.map(\.name) == expected.map(\.name))
    for (ours, theirs) in zip(files.parameters, expected) {
      #expect([ours.rows, ours.columns] == theirs.shape, "\(ours.name)")
      #expect(checksum(try files.read(ours.name)) == theirs.checksum, "\(ours.name)")
    }
    #expect(files.parameterCount == expected.reduce(0) { $0 + $1.shape[0] * $1.shape[1] })
  }

  @Test(arguments: WeightsFixture.names, ["", ".gguf"])
  func `the description and the parameters give the logits of transformers`(name: String, ending: String)
    throws
  {
    let model = try WeightsFixture.model(name)
    let files = try ModelFiles.open(WeightsFixture.folder + "/" + name + ending)
    var forward = try PlainForward(files)
    if files.naming == .gguf {
      // GGUF files do not keep Gemma's scale of attention, and the fixtures' is not that of the published models.
      forward.d.attentionScale = try ModelFiles.open(WeightsFixture.folder + "/" + name).architecture
        .attentionScale
    }
    let all = forward.logits(model.tokens)
    let ours = all[4] + all[model.tokens.count - 1]
    #expect(ours.count == model.logits.count)
    let largest = model.logits.map(abs).max() ?? 0
    for (a, b) in zip(ours, model.logits) { #expect(abs(a - b) < 2e-6 * largest, "\(a) against \(b)") }
  }

  @Test(arguments: ["llama", "phi3", "qwen2"], ["", ".gguf"])
  func `rows read a few at a time are those read at once`(name: String, ending: String) throws {
    let files = try ModelFiles.open(WeightsFixture.folder + "/" + name + ending)
    for parameter in files.parameters {
      let whole = try files.read(parameter.name)
      for step in [1, 5, 7] {
        var pieces: [Float] = []
        for first in stride(from: 0, to: parameter.rows, by: step) {
          let rows = first..<min(first + step, parameter.rows)
          var part = [Float](repeating: .nan, count: rows.count * parameter.columns)
          var span = part.mutableSpan
          try files.read(parameter.name, rows: rows, into: &span)
          pieces += part
        }
        #expect(pieces == whole, "\(parameter.name) by \(step)")
      }
    }
  }

  @Test(arguments: WeightsFixture.names)
  func `a folder and a GGUF file describe the same model`(name: String) throws {
    let folder = try ModelFiles.open(WeightsFixture.folder + "/" + name).architecture
    var file = try ModelFiles.open(WeightsFixture.folder + "/\(name).gguf").architecture
    // GGUF adds the norms' 1 to the weights, and does not keep Gemma's scale of attention.
    file.normAddsOne = folder.normAddsOne
    if folder.family == .gemma2 || folder.family == .gemma3 { file.attentionScale = folder.attentionScale }
    for pair in 0..<folder.rotaryWidth / 2 {
      let unscaled = pow(folder.ropeBase, -2 * Double(pair) / Double(folder.rotaryWidth))
      let ours = folder.ropeScaling.frequency(unscaled, at: pair)
      #expect(abs(file.ropeScaling.frequency(unscaled, at: pair) - ours) < 1e-6 * ours)
    }
    #expect(abs(file.ropeScaling.magnitude - folder.ropeScaling.magnitude) < 1e-7)
    file.ropeScaling = folder.ropeScaling
    #expect(file == folder)
  }

  @Test func `rows can be read into memory that somebody else holds`() throws {
    let files = try ModelFiles.open(WeightsFixture.folder + "/llama.gguf")
    let whole = try files.read("layers.1.projection")
    var numbers = [Float](repeating: 0, count: 3 * 16)
    try numbers.withUnsafeMutableBufferPointer {
      try files.read("layers.1.projection", rows: 4..<7, into: $0)
    }
    #expect(numbers == Array(whole[4 * 16..<7 * 16]))
    #expect(throws: ModelFileError.self) {
      try numbers.withUnsafeMutableBufferPointer {
        try files.read("layers.1.projection", rows: 0..<4, into: $0)
      }
    }
    #expect(throws: ModelFileError.self) {
      try numbers.withUnsafeMutableBufferPointer {
        try files.read("layers.1.projection", rows: 30..<33, into: $0)
      }
    }
    #expect(throws: ModelFileError.self) { try files.read("layers.9.projection") }
  }

  @Test func `a missing tensor is named`() throws {
    try expect(.missing, "blk.1.ffn_down.weight") {
      $0.replace("blk.1.ffn_down.weight", "blk.9.ffn_down.weight")
    }
  }

  @Test func `a superfluous tensor is named`() throws {
    let error = try #require(throws: ModelFileError.self) {
      let bytes = try WeightsFixture.bytes("llama.gguf").replacing("llama.block_count", uint32: 1)
      _ = try ModelFiles(gguf: GGUFFile(MappedFile(bytes: bytes, path: "a.gguf")))
    }
    #expect(error.fault == .superfluous && error.subject?.hasPrefix("blk.1.") == true)
    #expect(error.message.contains(error.subject ?? "-"))
  }

  @Test func `a tensor of another shape is named with both shapes`() throws {
    let bytes = try WeightsFixture.bytes("llama.gguf").replacing("llama.feed_forward_length", uint32: 23)
    let error = try #require(throws: ModelFileError.self) {
      _ = try ModelFiles(gguf: GGUFFile(MappedFile(bytes: bytes, path: "a.gguf")))
    }
    #expect(error.fault == .mismatch && error.subject == "blk.0.ffn_gate.weight")
    #expect(error.message.contains("[24, 16]") && error.message.contains("[23, 16]"))
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `a weight that is not finite is found and named`(value: Float) throws {
    var bytes = try WeightsFixture.bytes("llama.gguf")
    let file = try GGUFFile(MappedFile(bytes: bytes, path: "a.gguf"))
    let tensor = try #require(file.tensors.first { $0.name == "blk.1.ffn_up.weight" })
    for byte in 0..<4 {
      bytes[tensor.offset + 4 * (5 * 16 + 3) + byte] = UInt8(
        truncatingIfNeeded: value.bitPattern >> (8 * UInt32(byte)))
    }
    let files = try ModelFiles(gguf: GGUFFile(MappedFile(bytes: bytes, path: "a.gguf")))
    let error = try #require(throws: ModelFileError.self) { _ = try files.read("layers.1.gate_and_up") }
    #expect(error.fault == .notFinite && error.subject == "blk.1.ffn_up.weight")
    #expect(error.message.contains("row 5, column 3"))
    _ = try files.read("layers.0.gate_and_up")
  }

  private func expect(
    _ fault: ModelFileError.Fault, _ subject: String, _ change: (inout [UInt8]) -> Void
  ) throws {
    var bytes = try WeightsFixture.bytes("llama.gguf")
    change(&bytes)
    let error = try #require(throws: ModelFileError.self) {
      _ = try ModelFiles(gguf: GGUFFile(MappedFile(bytes: bytes, path: "a.gguf")))
    }
    #expect(error.fault == fault && error.subject == subject)
    #expect(error.message.contains(subject) && !error.remedy.isEmpty)
  }
}

extension [UInt8] {
  /// Where a text stands first.
  func find(_ text: String) -> Int? {
    let letters = Array(text.utf8)
    return indices.first { self[$0...].starts(with: letters) }
  }

  mutating func replace(_ text: String, _ other: String) {
    precondition(text.utf8.count == other.utf8.count)
    if let at = find(text) { replaceSubrange(at..<at + text.utf8.count, with: Array(other.utf8)) }
  }

  /// The bytes with another 32-bit number as a GGUF metadata value.
  func replacing(_ key: String, uint32 value: UInt32) throws -> [UInt8] {
    var copy = self
    let at = try #require(find(key)) + key.utf8.count + 4
    for byte in 0..<4 { copy[at + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte))) }
    return copy
  }
}
