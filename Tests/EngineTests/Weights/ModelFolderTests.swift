import Engine
import Foundation
import Testing

/// Folders whose files do not belong together, and paths that are none.
@Suite struct ModelFolderTests {
  /// Copies a fixture, changes it, and gives the error of opening it.
  private func fault(
    of name: String, changed: (String) throws -> Void
  ) throws -> ModelFileError {
    var found: ModelFileError?
    try withTemporaryFolder { folder in
      let copy = folder + "/m"
      try FileManager.default.copyItem(atPath: WeightsFixture.folder + "/" + name, toPath: copy)
      try changed(copy)
      do throws(ModelFileError) { _ = try ModelFiles.open(copy) } catch { found = error }
    }
    return try #require(found, "the folder must be refused")
  }

  private func rewrite(_ path: String, _ old: String, _ new: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try #require(text.contains(old))
    try text.replacingOccurrences(of: old, with: new).write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test func `files that are not there are named`() throws {
    #expect(
      try fault(of: "llama") { try FileManager.default.removeItem(atPath: $0 + "/config.json") }.subject
        == "config.json")
    let weights = try fault(of: "llama") {
      try FileManager.default.removeItem(atPath: $0 + "/model.safetensors")
    }
    #expect(weights.fault == .missing && weights.message.contains("model.safetensors"))
    let part = "model-00003-of-00004.safetensors"
    let error = try fault(of: "qwen2") { try FileManager.default.removeItem(atPath: $0 + "/" + part) }
    #expect(error.fault == .unreadable && error.file.hasSuffix(part))
  }

  @Test(arguments: ["../model.safetensors", "/etc/passwd", "config.json", "a/b.safetensors"])
  func `an index cannot point out of its folder`(target: String) throws {
    let error = try fault(of: "qwen2") {
      try rewrite(
        $0 + "/model.safetensors.index.json", "\"model-00004-of-00004.safetensors\"", "\"\(target)\"")
    }
    #expect(error.fault == .malformed && error.message.contains("no safetensors file in this folder"))
  }

  @Test func `an index that misplaces, forgets or invents a tensor is refused by the tensor's name`() throws {
    let index = "/model.safetensors.index.json"
    let moved = try fault(of: "qwen2") {
      try rewrite($0 + index, "\"lm_head.weight\": \"model-00004", "\"lm_head.weight\": \"model-00001")
    }
    #expect(moved.fault == .superfluous && moved.subject == "lm_head.weight")
    let forgotten = try fault(of: "qwen2") {
      try rewrite($0 + index, "\"lm_head.weight\"", "\"lm_head.other\"")
    }
    #expect(forgotten.fault == .superfluous && forgotten.subject == "lm_head.weight")
    let invented = try fault(of: "qwen2") {
      try rewrite(
        $0 + index, "\"lm_head.weight\"", "\"x\": \"model-00001-of-00004.safetensors\", \"lm_head.weight\"")
    }
    #expect(invented.fault == .missing && invented.subject == "x")
  }

  @Test func `weights of another model than the configuration are refused by the tensor's name`() throws {
    let shape = try fault(of: "llama") {
      try rewrite($0 + "/config.json", "\"vocab_size\": 40", "\"vocab_size\": 41")
    }
    #expect(shape.fault == .mismatch && shape.subject == "model.embed_tokens.weight")
    #expect(shape.message.contains("[40, 16]") && shape.message.contains("[41, 16]"))
    let layers = try fault(of: "llama") { try rewrite($0 + "/config.json", "layers\": 2", "layers\": 3") }
    #expect(layers.fault == .missing && layers.subject == "model.layers.2.input_layernorm.weight")
    let fewer = try fault(of: "llama") { try rewrite($0 + "/config.json", "layers\": 2", "layers\": 1") }
    #expect(fewer.fault == .superfluous && fewer.subject?.hasPrefix("model.layers.1.") == true)
    let family = try fault(of: "qwen2") { try rewrite($0 + "/config.json", "\"qwen2\"", "\"qwen3\"") }
    #expect(family.subject == "head_dim")
  }

  @Test func `a tied model may hold its embedding twice, and not another output layer`() throws {
    let other = try fault(of: "llama") {
      try rewrite($0 + "/config.json", "embeddings\": false", "embeddings\": true")
    }
    #expect(other.fault == .mismatch && other.subject == "lm_head.weight")
    try withTemporaryFolder { folder in
      let from = WeightsFixture.folder + "/qwen3"
      let files = try ModelFiles.open(from)
      try FileManager.default.copyItem(atPath: from + "/config.json", toPath: folder + "/config.json")
      var entries = [SafetensorsWriter.Entry(name: "lm_head.weight", shape: [40, 16], format: .f32)]
      var sources = ["lm_head.weight": ("embedding", 0)]
      for parameter in files.parameters {
        for piece in parameter.pieces {
          entries.append(.init(name: piece.tensor, shape: piece.shape, format: .f32))
          sources[piece.tensor] = (parameter.name, piece.first)
        }
      }
      try SafetensorsWriter(path: folder + "/model.safetensors", entries: entries).write {
        name, rows, numbers in
        let (parameter, first) = try #require(sources[name])
        try files.read(parameter, rows: first + rows.lowerBound..<first + rows.upperBound, into: &numbers)
      }
      let again = try ModelFiles.open(folder)
      for parameter in files.parameters {
        #expect(try again.read(parameter.name) == files.read(parameter.name))
      }
    }
  }

  @Test func `a path that is no model says why`() throws {
    try withTemporaryFolder { folder in
      let gone = try #require(throws: ModelFileError.self) { _ = try ModelFiles.open(folder + "/gone.gguf") }
      #expect(gone.fault == .unreadable && gone.message.contains("No such file"))
      let empty = folder + "/empty.gguf"
      try Data().write(to: URL(filePath: empty))
      #expect(
        try #require(throws: ModelFileError.self) { _ = try ModelFiles.open(empty) }.message == "is empty")
      #expect(throws: ModelFileError.self) { _ = try MappedFile(path: folder) }
      #expect(throws: ModelFileError.self) { _ = try MappedFile(path: "/dev/null") }
      let lone = try #require(throws: ModelFileError.self) {
        _ = try ModelFiles.open(WeightsFixture.folder + "/llama/model.safetensors")
      }
      #expect(lone.remedy.contains("config.json"))
    }
  }

  @Test func `a file that is shortened in use is noticed`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.gguf"
      try Data(WeightsFixture.bytes("llama.gguf")).write(to: URL(filePath: path))
      let files = try ModelFiles.open(path)
      _ = try files.read("final_norm")
      try #require(FileHandle(forWritingAtPath: path)).truncate(atOffset: 9000)
      let error = try #require(throws: ModelFileError.self) { _ = try files.read("final_norm") }
      #expect(error.fault == .unreadable && error.message.contains("shortened"))
    }
  }
}
