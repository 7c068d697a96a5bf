internal import Foundation

/// Which form a loaded model's conversations have.
package enum TemplateChoice: Hashable, Sendable {
  /// That of the model's files; plain text where they have none. Thoughts of earlier turns stay or go as `history` says.
  case own(history: ChatTemplate.Thinking)
  /// A conversation is one text.
  case plain
  case declared(ChatTemplate)
}

extension Model {
  /// A language model from a Hugging Face folder or a GGUF file.
  ///
  /// - Parameters:
  ///   - format: of its matrices; other numbers than the files have are rounded.
  ///   - origin: by which the model is known again; of the files' content, and of how they are read.
  /// - Throws: `OperationError` that names the file and the key or tensor at fault.
  package static func load(
    _ path: String, format: WeightFormat = .float32, origin: String = "",
    template: TemplateChoice = .own(history: .keep)
  ) throws(OperationError) -> Model {
    do {
      let files = try ModelFiles.open(path)
      let (tokenizer, own) = try files.tokenizer()
      var chosen: ChatTemplate?
      var history = ChatTemplate.Thinking.keep
      switch template {
      case .own(let given):
        chosen = try own.map { template throws(TokenizerError) in try ChatTemplate(recognizing: template) }
        history = given
      case .plain: chosen = nil
      case .declared(let declared):
        chosen = declared
        history = declared.thinking ?? .keep
      }
      guard tokenizer.vocabularySize <= files.architecture.vocabularySize else {
        throw OperationError(
          "\(path): its tokenizer has \(tokenizer.vocabularySize) tokens, and its embedding \(files.architecture.vocabularySize)",
          remedy: "tokenizer and weights are of different models; fetch both again")
      }
      let language = try LanguageTokenizer(tokenizer: tokenizer, template: chosen, history: history)
      return Model(
        parameters: try Parameters(reading: files, format: format), tokenizer: .language(language),
        origin: ModelOrigin(digest: origin))
    } catch let error as ModelFileError {
      throw error.operationError
    } catch let error as TokenizerError {
      let words = error.operationError
      throw OperationError("\(path): \(words.message)", remedy: words.remedy)
    } catch let error as OperationError {
      throw error
    } catch {
      throw OperationError("\(path): \(error)", remedy: "report this: an error nobody expected")
    }
  }
}

extension Parameters {
  /// The weights of model files, decoded row by row, so that no tensor is in memory twice. Norms get the 1 that some families leave out.
  package convenience init(reading files: ModelFiles, format: WeightFormat = .float32) throws {
    var a = files.architecture
    a.normAddsOne = false
    self.init(architecture: a, format: format)
    for (tensor, parameter) in zip(layout.tensors, files.parameters) {
      precondition(
        tensor.name == parameter.name && tensor.count == parameter.count,
        "\(tensor.name) and \(parameter.name) should be one")
      if case .bfloat16(let numbers) = weights(tensor) {
        try Self.read(tensor, of: files, into: numbers)
        continue
      }
      let view = self[tensor]
      try unsafe view.withAddress { address in
        try unsafe files.read(
          tensor.name, rows: 0..<tensor.rows,
          into: UnsafeMutableBufferPointer(start: address, count: tensor.count))
      }
      if files.architecture.normAddsOne, tensor.name.hasSuffix("norm") {
        for index in 0..<tensor.count { view[index] += 1 }
      }
    }
  }

  /// A matrix in bfloat16, some rows at a time.
  private static func read(
    _ tensor: TensorDescription, of files: ModelFiles, into numbers: BFloats
  ) throws {
    let height = max(1, min(tensor.rows, (1 << 20) / tensor.columns))
    var rows = [Float](repeating: 0, count: height * tensor.columns)
    for first in stride(from: 0, to: tensor.rows, by: height) {
      let own = first..<min(first + height, tensor.rows)
      let count = own.count * tensor.columns
      if rows.count != count { rows.removeLast(rows.count - count) }
      var span = rows.mutableSpan
      try files.read(tensor.name, rows: own, into: &span)
      for index in 0..<count { numbers[first * tensor.columns + index] = rows[index] }
    }
  }
}

extension ModelFiles {
  /// The tokenizer beside the weights, and the jinja template of its conversations, if there is one.
  package func tokenizer() throws -> (tokenizer: Tokenizer, template: String?) {
    if let gguf {
      return (
        try Tokenizer(metadata: TokenizerMetadata(gguf)), gguf["tokenizer.chat_template"]?.string
      )
    }
    func bytes(_ name: String) throws(ModelFileError) -> [UInt8]? {
      let file = path + "/" + name
      guard FileManager.default.fileExists(atPath: file) else { return nil }
      guard let data = try? Data(contentsOf: URL(filePath: file)) else {
        throw ModelFileError(
          .unreadable, file, nil, "cannot be read", remedy: "check that it may be read")
      }
      return [UInt8](data)
    }
    guard let json = try bytes("tokenizer.json") else {
      throw ModelFileError(
        .missing, path, "tokenizer.json", "there is no tokenizer.json in this folder",
        remedy: "fetch the model again with all of its files, or convert its tokenizer to tokenizer.json")
    }
    let configuration = try bytes("tokenizer_config.json").map { bytes throws(OperationError) in
      do throws(TokenizerError) {
        return try TokenizerConfiguration(json: bytes)
      } catch {
        let words = error.operationError
        throw OperationError("\(path)/tokenizer_config.json: \(words.message)", remedy: words.remedy)
      }
    }
    let file = try bytes("chat_template.jinja").map { String(decoding: $0, as: UTF8.self) }
    return (
      try Tokenizer(tokenizerJSON: json, endOfSequence: configuration?.end.map { [$0] } ?? []),
      file ?? configuration?.chatTemplate
    )
  }
}

extension TokenizerMetadata {
  /// The metadata `tokenizer.ggml.*` of a GGUF file.
  package init(_ file: GGUFFile) throws(ModelFileError) {
    func missing(_ key: String) -> ModelFileError {
      ModelFileError(
        .missing, file.file.path, key, "there is no \(key)", remedy: ModelFileError.fetchAgain)
    }
    func token(_ key: String) throws(ModelFileError) -> Int? {
      guard let value = file["tokenizer.ggml.\(key)"] else { return nil }
      guard let id = value.int, id >= 0 else {
        throw .malformed(
          file.file.path, key, "tokenizer.ggml.\(key) is \(value.shown), and should be a token's id")
      }
      return id
    }
    guard let model = file["tokenizer.ggml.model"]?.string else { throw missing("tokenizer.ggml.model") }
    guard let tokens = try file["tokenizer.ggml.tokens"]?.list?.strings() else {
      throw missing("tokenizer.ggml.tokens")
    }
    let types = try file["tokenizer.ggml.token_type"]?.list?.integers() ?? []
    let ends = [try token("eos_token_id"), try token("eot_token_id")].compactMap(\.self)
    for id in ends + [try token("bos_token_id")].compactMap(\.self) where id >= tokens.count {
      throw .malformed(
        file.file.path, nil, "a special token has the id \(id), and there are \(tokens.count) tokens")
    }
    self.init(
      model: model, pre: file["tokenizer.ggml.pre"]?.string, tokens: tokens,
      merges: try file["tokenizer.ggml.merges"]?.list?.strings() ?? [],
      scores: try file["tokenizer.ggml.scores"]?.list?.numbers().map(Float.init) ?? [],
      tokenTypes: types.map { Int32(truncatingIfNeeded: $0) }, beginning: try token("bos_token_id"),
      ends: ends.enumerated().filter { ends.firstIndex(of: $0.element) == $0.offset }.map(\.element),
      unknown: try token("unknown_token_id"), addsBeginning: file["tokenizer.ggml.add_bos_token"]?.bool,
      addsEnd: file["tokenizer.ggml.add_eos_token"]?.bool ?? false,
      addsSpacePrefix: file["tokenizer.ggml.add_space_prefix"]?.bool)
  }
}
