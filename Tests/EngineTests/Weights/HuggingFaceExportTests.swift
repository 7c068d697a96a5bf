import Engine
import Testing

/// Folders we write. That transformers loads them with the same logits was tried by hand with version 5.23 for every fixture.
@Suite struct HuggingFaceExportTests {
  private func export(_ files: ModelFiles, _ folder: String, _ format: TensorFormat = .f32) throws {
    try HuggingFaceExport(
      folder: folder, architecture: files.architecture, format: format, tokens: [("eos_token_id", 2)]
    ).write { name, rows, numbers in try files.read(name, rows: rows, into: &numbers) }
  }

  @Test(arguments: WeightsFixture.names)
  func `an exported folder opens as the same model`(name: String) throws {
    let files = try ModelFiles.open(WeightsFixture.folder + "/" + name)
    try withTemporaryFolder { folder in
      try export(files, folder)
      let again = try ModelFiles.open(folder)
      #expect(again.architecture == files.architecture)
      #expect(again.parameters == files.parameters)
      for parameter in files.parameters {
        #expect(try again.read(parameter.name) == files.read(parameter.name), "\(parameter.name)")
      }
    }
  }

  @Test(arguments: ["llama", "qwen2", "gemma2", "gemma3"])
  func `a GGUF file exports as the folder that it came from`(name: String) throws {
    let file = try ModelFiles.open(WeightsFixture.folder + "/\(name).gguf")
    let original = try ModelFiles.open(WeightsFixture.folder + "/" + name)
    try withTemporaryFolder { folder in
      try export(file, folder)
      let again = try ModelFiles.open(folder)
      #expect(again.architecture.normAddsOne == original.architecture.normAddsOne)
      for parameter in original.parameters {
        let difference = zip(try again.read(parameter.name), try original.read(parameter.name)).map {
          abs($0 - $1)
        }
        #expect(
          (difference.max() ?? 1) < 1e-6, "\(parameter.name): the 1 of Gemma's norms costs some last bits")
      }
    }
  }

  @Test func `halves are rounded, not cut`() throws {
    let files = try ModelFiles.open(WeightsFixture.folder + "/llama")
    try withTemporaryFolder { folder in
      try export(files, folder, .bf16)
      let again = try ModelFiles.open(folder)
      var sum = 0.0
      for parameter in files.parameters {
        for (a, b) in zip(try again.read(parameter.name), try files.read(parameter.name)) {
          #expect(abs(a - b) <= abs(b) / 256)
          sum += Double(abs(a) - abs(b))
        }
      }
      #expect(abs(sum) < 0.1, "cutting would lose about 3 in sum, and it is \(sum)")
    }
  }

  @Test func `what config json has no words for is refused before anything is written`() throws {
    let files = try ModelFiles.open(WeightsFixture.folder + "/llama3.gguf")
    let error = try #require(throws: ModelFileError.self) {
      _ = try HuggingFaceExport(folder: "nowhere", architecture: files.architecture, format: .f32)
    }
    #expect(error.fault == .unsupported && error.message.contains("a factor for each pair"))
  }
}
