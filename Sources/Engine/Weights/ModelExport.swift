internal import Foundation

extension Model {
  /// Writes the model as a folder that transformers loads, with the same logits: weights with an adapter's part added for good, the configuration, and
  /// the tokenizer.
  ///
  /// - Parameters:
  ///   - files: the model files that the tokenizer came from; not looked at for a model of characters.
  /// - Throws: `OperationError` for what such a folder has no words for, and where it cannot be written.
  package func exportHuggingFace(
    to folder: String, files: ModelFiles?, format: TensorFormat, threads: Int
  ) throws(OperationError) {
    do {
      let tokenizerFiles = try self.tokenizerFiles(files)
      let merged = adapter.map { parameters.merged(with: $0, pool: WorkPool(threads: threads)) } ?? parameters
      try Self.makeFolder(folder)
      let architecture = try self.architecture.named()
      let export = try HuggingFaceExport(
        folder: folder, architecture: architecture, format: format, tokens: tokens)
      var places: [String: TensorDescription] = [:]
      for tensor in merged.layout.tensors { places[tensor.name] = tensor }
      try export.write { name, rows, numbers in
        guard let tensor = places[name] else { return }
        let view = merged.weights(tensor)
        let first = rows.lowerBound * tensor.columns
        for i in 0..<numbers.count { numbers[i] = view[first + i] }
      }
      for file in tokenizerFiles {
        try Data(file.bytes).write(to: URL(filePath: folder + "/" + file.name), options: .atomic)
      }
    } catch {
      throw Self.exportError(error, folder)
    }
  }

  /// Writes the model's adapter as a folder that peft loads onto the model it was trained on.
  ///
  /// - Parameter base: what peft is told of that model: a path or a name.
  /// - Throws: `OperationError` where there is no adapter, and where the folder cannot be written.
  package func exportAdapter(to folder: String, base: String) throws(OperationError) {
    guard let adapter else {
      throw OperationError(
        "this model has no adapter", remedy: "export the model itself, or train it with `lora`")
    }
    do {
      let export = AdapterExport(adapter, architecture)
      try Self.makeFolder(folder)
      try SafetensorsWriter(
        path: folder + "/adapter_model.safetensors",
        entries: export.tensors.map { .init(name: $0.name, shape: $0.shape, format: .f32) }
      ).write { name, rows, numbers in
        guard let tensor = export.tensors.first(where: { $0.name == name }) else { return }
        let first = rows.lowerBound * tensor.shape[1]
        for i in 0..<numbers.count { numbers[i] = tensor.numbers[first + i] }
      }
      try Data(export.configuration(base: base).utf8).write(
        to: URL(filePath: folder + "/adapter_config.json"), options: .atomic)
    } catch {
      throw Self.exportError(error, folder)
    }
  }

  /// What `config.json` says of special tokens.
  private var tokens: [(key: String, id: Int)] {
    let ends = tokenizer.endTokens.first.map { [("eos_token_id", Int($0))] } ?? []
    guard case .characters = tokenizer else { return ends }
    return [("bos_token_id", Int(CharacterTokenizer.begin))] + ends
  }

  private func tokenizerFiles(_ files: ModelFiles?) throws -> [TokenizerExport.File] {
    switch tokenizer {
    case .characters(let characters):
      return TokenizerExport.files(of: characters, contextLength: architecture.contextLength)
    case .language:
      guard let files else {
        throw OperationError(
          "the files that the model's tokenizer came from are not at hand",
          remedy: "give `load` in the recipe a path that is there")
      }
      return try TokenizerExport.files(of: files)
    }
  }

  private static func makeFolder(_ folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private static func exportError(_ error: any Error, _ folder: String) -> OperationError {
    switch error {
    case let error as OperationError: error
    case let error as ModelFileError: error.operationError
    case let error as TokenizerError: error.operationError
    default:
      OperationError(
        "cannot write to \(folder): \(error.localizedDescription)",
        remedy: "check that the folder may be written to")
    }
  }
}

extension Architecture {
  /// The architecture as one that transformers has a name for: a recipe's own models are Llama's, Qwen2's with biases, Qwen3's with norms of
  /// queries and keys.
  fileprivate func named() throws(OperationError) -> Architecture {
    guard family == .llama, attentionBias || queryKeyNorm else { return self }
    guard attentionBias != queryKeyNorm else {
      throw OperationError(
        "transformers has no family with both biases and norms of queries and keys",
        remedy: "train a model with `attention_bias` or `query_key_norm` alone")
    }
    var named = self
    named.family = attentionBias ? .qwen2 : .qwen3
    return named
  }
}
