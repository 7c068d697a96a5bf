import Engine
import Foundation
import TestSupport
import Testing

/// The whole way of `load` with files that were cut or changed: an error that says which file, or a model that computes; never a trap.
@Suite struct LoadFaultTests {
  private static let isLong = ProcessInfo.processInfo.environment["LONG"] != nil
  private static let files = ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"]

  /// Loads a folder with one file replaced, and has what loads say something.
  private func load(_ name: String, _ folder: String, _ file: String, _ bytes: some Sequence<UInt8>) throws
    -> Bool
  {
    try Data(bytes).write(to: URL(filePath: folder + "/" + file))
    let model: Model
    do throws(OperationError) {
      model = try Model.load(folder)
    } catch {
      #expect(!error.message.isEmpty && !error.remedy.isEmpty)
      #expect(
        !error.message.contains("nobody expected") && !error.remedy.contains("report"), "\(error.message)")
      return false
    }
    // What loads must be usable, however senseless: a text's tokens through every layer.
    guard let opening = try? model.tokenizer.opening([ChatTurn(.user, "12 + 3")]) else { return true }
    let sequence = Array(opening.prefix(12))
    guard !sequence.isEmpty else { return true }
    let a = model.architecture
    let pass = TrainingPass(
      parameters: model.parameters, rotary: RotaryTables(a, positions: 16),
      products: MatrixProducts(pool: WorkPool(threads: 1), numerics: .native), workspace: Workspace())
    _ = pass.logits([sequence], at: [sequence.count - 1])
    _ = model.tokenizer.decode((0..<100).map { Int32($0) })
    return true
  }

  private func withCopy(of name: String, _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let copy = folder + "/m"
      try FileManager.default.copyItem(atPath: FamilyFixture.folder(name), toPath: copy)
      try body(copy)
    }
  }

  @Test(arguments: isLong ? FamilyFixture.names : ["llama3", "gemma3"], files)
  func `every prefix of a file of a folder is refused, or is a whole one`(name: String, file: String) throws {
    let bytes = try Data(contentsOf: URL(filePath: FamilyFixture.folder(name) + "/" + file))
    try withCopy(of: name) { folder in
      // Behind its header a file of weights holds nothing but numbers.
      let step = Self.isLong ? 1 : 5
      let lengths =
        Array(stride(from: 0, to: min(bytes.count, 4_000), by: step))
        + Array(stride(from: 4_000, to: bytes.count, by: Self.isLong ? 499 : 4_999)) + [bytes.count - 1]
      var whole = 0
      for length in lengths where length < bytes.count {
        if try load(name, folder, file, bytes.prefix(length)) { whole += 1 }
      }
      // Only the white space at the end of a text may go.
      #expect(whole <= 2, "\(whole) of \(lengths.count) prefixes load")
      #expect(try load(name, folder, file, bytes))
    }
  }

  @Test(arguments: isLong ? FamilyFixture.names : ["phi4", "gemma2"], files)
  func `mutations of a file of a folder are each an error or a model that computes`(
    name: String, file: String
  )
    throws
  {
    let bytes = try Array(Data(contentsOf: URL(filePath: FamilyFixture.folder(name) + "/" + file)))
    var random = SeededRandom(seed: UInt64(bytes.count))
    let times = Self.isLong ? 3_000 : 150
    let within = file.hasSuffix("safetensors") ? min(bytes.count, 3_000) : bytes.count
    try withCopy(of: name) { folder in
      var refused = 0
      for _ in 0..<times {
        var copy = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let at = Int.random(in: 0..<min(copy.count, within), using: &random)
          switch Int.random(in: 0..<6, using: &random) {
          case 0: copy[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
          case 1: copy[at] = UInt8.random(in: 0...255, using: &random)
          case 2: copy[at] = UInt8(ascii: "0") + UInt8.random(in: 0..<10, using: &random)
          case 3: copy.insert(contentsOf: Array("99999".utf8), at: at)
          case 4: copy.removeSubrange(at..<min(at + Int.random(in: 1...9, using: &random), copy.count))
          default: copy.insert(contentsOf: copy[at..<min(at + 8, copy.count)], at: at)
          }
        }
        if try !load(name, folder, file, copy) { refused += 1 }
      }
      #expect(refused > times / 20, "mutations must reach the checks")
    }
  }

  @Test(arguments: files)
  func `a folder without one of its files says which, or can do without`(file: String) throws {
    try withCopy(of: "smollm2") { folder in
      try FileManager.default.removeItem(atPath: folder + "/" + file)
      let error = try #require(throws: OperationError.self) { _ = try Model.load(folder) }
      #expect(error.message.contains(file) || file == "tokenizer_config.json", "\(error.message)")
    }
  }
}
