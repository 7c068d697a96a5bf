import Engine
import Foundation
import Testing

/// Whole models written as folders. `Oracles/check_export.py` shows that transformers and peft load them with the same logits.
@Suite struct ModelExportTests {
  private let tokens: [Int32] = [0, 5, 9, 3, 17, 2, 11, 8]

  private func logits(_ model: Model) -> [Float] {
    let merged = model.adapter.map { model.parameters.merged(with: $0, pool: WorkPool(threads: 1)) }
    return allLogits(merged ?? model.parameters, [tokens])
  }

  @Test(arguments: FamilyFixture.names)
  func `an exported model loads as the same model, its adapter merged`(name: String) throws {
    let path = FamilyFixture.folder(name)
    let plain = try Model.load(path)
    let shape = AdapterShape(rank: 2, alpha: 4, targets: [.query, .value, .up, .down])
    let adapter = Adapter(shape, for: plain.architecture, seed: 3)
    for i in 0..<adapter.all.count where adapter.all[i] == 0 { adapter.all[i] = Float(i % 7 - 3) / 50 }
    for model in [plain, plain.replacing(adapter)] {
      try withTemporaryFolder { folder in
        try model.exportHuggingFace(
          to: folder + "/out", files: ModelFiles.open(path), format: .f32, threads: 1)
        let again = try Model.load(folder + "/out")
        // Gemma's norms leave their 1 out in folders, which costs their last bits.
        let scale = logits(model).map(abs).max() ?? 0
        let worst = zip(logits(again), logits(model)).map { abs($0 - $1) }.max() ?? .infinity
        #expect(worst <= (name.hasPrefix("gemma") ? 1e-5 : 0) * scale, "off by \(worst) of \(scale)")
        let turns = [ChatTurn(.user, "what is 2 + 3?")]
        #expect(try again.tokenizer.opening(turns) == model.tokenizer.opening(turns))
        #expect(again.tokenizer.endTokens == model.tokenizer.endTokens)
      }
    }
    #expect(logits(plain) != logits(plain.replacing(adapter)), "the adapter must change something")
  }

  private func ownModel(_ change: (inout Architecture) -> Void = { _ in }) -> Model {
    let characters = CharacterTokenizer(texts: ["12+3=4?\n\"é<>"])
    var a = Architecture(
      vocabularySize: characters.vocabularySize, layers: 2, width: 16, heads: 2, keyValueHeads: 1,
      headWidth: 8,
      feedForward: 24, contextLength: 64)
    change(&a)
    return Model(parameters: Parameters(architecture: a, seed: 5), tokenizer: .characters(characters))
  }

  @Test func `a model of characters that a recipe trained loads again, texts and logits alike`() throws {
    let changes: [(inout Architecture) -> Void] = [
      { _ in }, { $0.attentionBias = true }, { $0.queryKeyNorm = true }, { $0.tiedEmbeddings = false },
    ]
    for change in changes {
      let model = ownModel(change)
      try withTemporaryFolder { folder in
        try model.exportHuggingFace(to: folder + "/out", files: nil, format: .f32, threads: 1)
        let again = try Model.load(folder + "/out")
        #expect(logits(again) == logits(model))
        for text in ["12+3=", "\"é<\n>?", ""] {
          #expect(
            try again.tokenizer.opening([ChatTurn(.user, text)])
              == model.tokenizer.opening([ChatTurn(.user, text)]))
        }
        #expect(again.tokenizer.decode([3, 4, 2, 6]) == model.tokenizer.decode([3, 4, 2, 6]))
        #expect(again.tokenizer.endTokens == model.tokenizer.endTokens)
      }
    }
  }

  @Test func `what transformers has no family for is refused before anything is written`() throws {
    let model = ownModel {
      $0.attentionBias = true
      $0.queryKeyNorm = true
    }
    try withTemporaryFolder { folder in
      let error = try #require(throws: OperationError.self) {
        try model.exportHuggingFace(to: folder + "/out", files: nil, format: .f32, threads: 1)
      }
      #expect(error.message.contains("no family with both"))
      #expect(
        try #require(throws: OperationError.self) {
          try model.exportAdapter(to: folder + "/out", base: "")
        }.message == "this model has no adapter")
      let nowhere = try #require(throws: OperationError.self) {
        try ownModel().exportHuggingFace(to: "/proc/nowhere", files: nil, format: .f32, threads: 1)
      }
      #expect(nowhere.message.contains("/proc/nowhere"))
    }
  }

  /// B·A of the written matrices, times alpha / rank, is what merging adds.
  @Test(arguments: ["llama3", "phi3", "gemma3"])
  func `an exported adapter's products are what merging adds`(name: String) throws {
    let model = try Model.load(FamilyFixture.folder(name))
    let shape = AdapterShape(rank: 3, alpha: 6, targets: [.query, .value, .output, .gate, .down])
    let adapter = Adapter(shape, for: model.architecture, seed: 3)
    for i in 0..<adapter.all.count where adapter.all[i] == 0 { adapter.all[i] = Float(i % 7 - 3) / 50 }
    let merged = model.parameters.merged(with: adapter, pool: WorkPool(threads: 1))
    let places = try TensorPlaces(FamilyFixture.folder(name), merged.layout)
    try withTemporaryFolder { folder in
      try model.replacing(adapter).exportAdapter(to: folder, base: "base")
      let config = try JSONValue(
        parsing: Array(Data(contentsOf: URL(filePath: folder + "/adapter_config.json"))))
      let file = try SafetensorsFile(MappedFile(path: folder + "/adapter_model.safetensors"))
      func read(_ name: String) throws -> (shape: [Int], numbers: [Float]) {
        let tensor = try #require(file.tensors.first { $0.name == name }, "\(name)")
        var numbers = [Float](repeating: 0, count: tensor.shape.reduce(1, *))
        var span = numbers.mutableSpan
        try file.file.read(tensor, rows: 0..<tensor.rows, into: &span, at: 0)
        return (tensor.shape, numbers)
      }
      var modules = 0
      for tensor in file.tensors where tensor.name.hasSuffix(".lora_A.weight") {
        modules += 1
        let module = String(tensor.name.dropFirst("base_model.model.".count).dropLast(".lora_A.weight".count))
        let (down, up) = (try read(tensor.name), try read("base_model.model.\(module).lora_B.weight"))
        let (r, columns, rows) = (down.shape[0], down.shape[1], up.shape[0])
        let last = String(module.split(separator: ".").last ?? "")
        let alpha = config["alpha_pattern"]?[last]?.double ?? 6
        #expect(config["rank_pattern"]?[last]?.int ?? 3 == r)
        let before = try places.slice(module + ".weight", of: model.parameters.all)
        let after = try places.slice(module + ".weight", of: merged.all)
        for row in 0..<rows {
          for column in 0..<columns {
            let added = (0..<r).reduce(Float(0)) {
              $0 + up.numbers[row * r + $1] * down.numbers[$1 * columns + column]
            }
            let place = row * columns + column
            #expect(abs(before[place] + Float(alpha) / Float(r) * added - after[place]) < 1e-5)
          }
        }
      }
      #expect(modules == model.architecture.layers * (name == "phi3" ? 4 : 5))
    }
  }
}

@Suite(
  .enabled(if: SmolLM2.path != nil, "SmolLM2-135M-Instruct is not here: make smollm2, or name it by SMOLLM2"))
struct SmolLM2ExportTests {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["LONG"] != nil, "LONG=1 writes 270 MB"))
  func `its GGUF file becomes a folder with the same tokens and almost the same weights`() throws {
    let path = try #require(SmolLM2.path)
    let model = try Model.load(path)
    try withTemporaryFolder { folder in
      try model.exportHuggingFace(
        to: folder + "/out", files: ModelFiles.open(path), format: .bf16, threads: 2)
      let again = try Model.load(folder + "/out")
      for text in ["Hello, world! 12345", "naïve  \n\t日本語 🙂", "<|im_end|> is text here"] {
        let turns = [ChatTurn(.user, text)]
        #expect(try again.tokenizer.opening(turns) == model.tokenizer.opening(turns))
      }
      for i in stride(from: 0, to: model.parameters.all.count, by: 997) {
        #expect(abs(again.parameters.all[i] - model.parameters.all[i]) <= abs(model.parameters.all[i]) / 256)
      }
    }
  }
}
