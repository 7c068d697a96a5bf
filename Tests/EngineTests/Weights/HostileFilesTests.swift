import Engine
import Foundation
import TestSupport
import Testing

/// Cut, changed and made-up files: each is an error or a sound parse, never a trap, and nothing is bigger than the file warrants.
@Suite struct HostileFilesTests {
  @Test func `every prefix of a safetensors file is refused`() throws {
    let bytes = try Self.safetensors()
    for count in 0..<bytes.count {
      #expect(throws: ModelFileError.self, "\(count) bytes") {
        try Self.readSafetensors(Array(bytes[..<count]))
      }
    }
    try Self.readSafetensors(bytes)
  }

  @Test func `every prefix of a GGUF file is refused`() throws {
    let bytes = GGUFBytes.small
    for count in 0..<bytes.count {
      #expect(throws: ModelFileError.self, "\(count) bytes") { try Self.readGGUF(Array(bytes[..<count])) }
    }
    try Self.readGGUF(bytes)
  }

  @Test func `a hundred thousand mutations of a safetensors file are each an error or sound`() throws {
    try mutate(Self.safetensors(), times: 100_000, Self.readSafetensors)
  }

  @Test func `a hundred thousand mutations of a GGUF file are each an error or sound`() throws {
    try mutate(GGUFBytes.small, times: 100_000, Self.readGGUF)
  }

  @Test(arguments: ["llama3", "phi3-long", "gemma3"])
  func `mutations of a model's GGUF header are each an error or sound`(name: String) throws {
    let bytes = try WeightsFixture.bytes("\(name).gguf")
    let header = try #require(GGUFFile(MappedFile(bytes: bytes, path: "a")).tensors.map(\.offset).min())
    try mutate(bytes, times: 3_000, within: header) { bytes in
      let files = try ModelFiles(gguf: GGUFFile(MappedFile(bytes: bytes, path: "a")))
      #expect(files.parameterCount * 4 <= bytes.count, "these tensors are all single precision")
      for parameter in files.parameters { _ = try files.read(parameter.name) }
    }
  }

  @Test(arguments: WeightsFixture.names)
  func `mutations of a model's configuration are each an error or sound`(name: String) throws {
    try mutate(WeightsFixture.bytes("\(name)/config.json"), times: 3_000) { bytes in
      do {
        let description = try Architecture(configuration: JSONValue(parsing: bytes), path: "config.json")
        #expect(description.fault == nil && description.localLayers.count == description.layers)
        #expect(description.layers <= 1024)
        if description.layers <= 9 { _ = description.parameters(.huggingFace) }
      } catch is JSONValue.Fault {}
    }
  }

  /// Changes one to four bytes: any bit, any value, a digit, a copied or a dropped run.
  private func mutate(
    _ bytes: [UInt8], times: Int, within: Int? = nil, _ read: ([UInt8]) throws -> Void
  ) throws {
    var random = SeededRandom(seed: UInt64(bytes.count))
    var refused = 0
    for _ in 0..<times {
      var copy = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) where !copy.isEmpty {
        let at = Int.random(in: 0..<min(copy.count, within ?? copy.count), using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: copy[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: copy[at] = UInt8.random(in: 0...255, using: &random)
        case 2: copy[at] = UInt8(ascii: "0") + UInt8.random(in: 0..<10, using: &random)
        case 3: for i in at..<min(at + 8, copy.count) { copy[i] = 0xFF }
        case 4: copy.removeSubrange(at..<min(at + Int.random(in: 1...9, using: &random), copy.count))
        default: copy.insert(contentsOf: copy[at..<min(at + 8, copy.count)], at: at)
        }
      }
      do {
        try read(copy)
      } catch is ModelFileError {
        refused += 1
      }
    }
    #expect(refused > times / 20, "mutations must reach the checks")
  }

  /// As `#expect`, which is slow for millions of values.
  private static func require(_ holds: Bool) {
    if !holds { Issue.record("a sound parse has more than the file warrants") }
  }

  static func readGGUF(_ bytes: [UInt8]) throws {
    let file = try GGUFFile(MappedFile(bytes: bytes, path: "hostile.gguf"))
    require(file.tensors.reduce(0) { $0 + $1.byteCount } <= bytes.count)
    for (_, value) in file.metadata {
      guard let list = value.list else { continue }
      require(list.count <= bytes.count)
      _ = try? list.strings()
      _ = try? list.integers()
      _ = try? list.numbers()
    }
    for tensor in file.tensors { try read(file.file, tensor) }
  }

  static func readSafetensors(_ bytes: [UInt8]) throws {
    let file = try SafetensorsFile(MappedFile(bytes: bytes, path: "hostile.safetensors"))
    require(file.tensors.reduce(0) { $0 + $1.byteCount } <= bytes.count)
    for tensor in file.tensors { try read(file.file, tensor) }
  }

  /// Reads the first and the last row.
  private static func read(_ file: MappedFile, _ tensor: StoredTensor) throws {
    if tensor.rows == 0 || tensor.columns == 0 { return }
    var numbers = [Float](repeating: 0, count: tensor.columns)
    var span = numbers.mutableSpan
    try file.read(tensor, rows: 0..<1, into: &span, at: 0)
    try file.read(tensor, rows: tensor.rows - 1..<tensor.rows, into: &span, at: 0)
  }

  /// A sound file of three tensors.
  static func safetensors() throws -> [UInt8] {
    var bytes: [UInt8] = []
    try withTemporaryFolder { folder in
      let writer = try SafetensorsWriter(
        path: folder + "/a.safetensors",
        entries: [
          .init(name: "a.weight", shape: [2, 3], format: .f32), .init(name: "b", shape: [4], format: .bf16),
          .init(name: "c", shape: [2, 1, 2], format: .f16),
        ])
      try writer.write { _, rows, numbers in
        for i in 0..<numbers.count { numbers[i] = Float(rows.lowerBound + i) / 4 }
      }
      bytes = try Array(Data(contentsOf: URL(filePath: folder + "/a.safetensors")))
    }
    return bytes
  }
}
