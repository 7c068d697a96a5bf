extension Operation {
  static let pretrain = Operation(
    name: "pretrain", version: 2,
    summary: "A model trained from random weights on a corpus; the loss counts the model's turns only.",
    parameters: [
      .init("architecture", .settings("Architecture"), "its shape"),
      .init("on", .value(.corpus), "what it reads"),
      .init("steps", .int, "updates", bounds: 1...1_000_000),
      .init(
        "training", .settings("Training"), "how; `epochs` is not looked at, since `steps` says how long",
        default: Catalogue.adamw(learningRate: 1e-3, batch: 64)),
    ],
    result: .model, usesSeed: true
  ) { call in
    let corpus = try call.corpus("on")
    let steps = try call.int("steps")
    let seed = UInt64(bitPattern: Int64(try call.int("seed")))
    let architecture = try call.architecture("architecture", vocabularySize: corpus.tokenizer.vocabularySize)
    var (settings, batch, _) = try call.training("training")
    settings.updates = steps
    let conversations = corpus.conversations
    let tokenizer = ModelTokenizer.characters(corpus.tokenizer)
    guard !conversations.isEmpty else {
      throw OperationError("the corpus is empty", remedy: "give the task a train split")
    }
    let trainer = Trainer(
      starting: Parameters(architecture: architecture, seed: seed), settings: settings,
      products: call.context.products)
    let random = try call.random("pretrain")
    var order: [Int] = []
    var epoch: UInt32 = 0
    for step in 0..<steps {
      if call.context.isCancelled() { throw CancellationError() }
      var sequences: [TrainingSequence] = []
      while sequences.count < batch {
        if order.isEmpty {
          order = random.permutation(of: conversations.count, 0, epoch)
          epoch += 1
        }
        let conversation = conversations[order.removeLast()]
        let first = try corpus.prompts.firstTurn(conversation.question, tokenizer)
        let answer = try corpus.prompts.goldTurn(conversation.answer, tokenizer)
        let row = Row(
          question: 0, samples: [0],
          turns: [
            first, answer,
            try corpus.prompts.correctionTurn(
              after: answer, about: conversation.question, tokenizer),
            try corpus.prompts.goldTurn(conversation.correction, tokenizer),
          ])
        for sequence in try row.trainingSequences(on: .allAttempts, tokenizer) {
          guard sequence.tokens.count <= architecture.contextLength else {
            throw OperationError(
              "a conversation has \(sequence.tokens.count) tokens, and the context holds \(architecture.contextLength)",
              remedy: "raise the architecture's context")
          }
          sequences.append(sequence)
        }
      }
      let report = try trainer.update(sequences)
      call.context.report(.metric(name: "loss", position: step + 1, value: report.loss))
      call.context.report(.progress(done: step + 1, total: steps))
    }
    return .model(Model(parameters: trainer.finish(), tokenizer: tokenizer))
  }

  static let fineTune = Operation(
    name: "fine_tune", version: 2,
    summary: "The model after learning from the rows that are kept. On nothing kept it is the model itself.",
    parameters: [
      .init("model", .value(.model), "where it starts"),
      .init("rows", .value(.rows), "what it learns from"),
      .init("training", .settings("Training"), "how"),
      .init(
        "loss_on", .choice(LabelChoice.allCases.map(\.rawValue)),
        "the tokens of the last attempt only, of every attempt, or all, prompts included",
        default: .choice("last")),
    ],
    result: .model, usesSeed: true
  ) { call in
    let model = try call.model("model")
    var (settings, batch, epochs) = try call.training("training")
    let labels = LabelChoice(rawValue: try call.choice("loss_on")) ?? .last
    let all = try call.rows("rows", readBy: model).kept.flatMap {
      try $0.trainingSequences(on: labels, model.tokenizer)
    }
    // A row that the context cuts off would lose its labels, which stand at its end: it is left out, and counted.
    let sequences = all.filter { $0.tokens.count <= model.architecture.contextLength }
    call.context.report(.metric(name: "rows", position: 0, value: Double(sequences.count)))
    call.context.report(
      .metric(name: "rows_too_long", position: 0, value: Double(all.count - sequences.count)))
    guard !sequences.isEmpty else {
      // Nothing kept is a finding; everything too long is a mistake that would look like one.
      guard let shortest = all.map(\.tokens.count).min() else { return .model(model) }
      throw OperationError(
        "none of the \(all.count) rows fits the model's context of \(model.architecture.contextLength) tokens: the shortest has \(shortest)",
        remedy: "give the model a longer context, or the decoding a smaller max_tokens")
    }
    let updates = (sequences.count + batch - 1) / batch * epochs
    settings.updates = updates
    let random = try call.random("fine_tune")
    let start = try call.start(from: model, seed: UInt64(bitPattern: Int64(try call.int("seed"))))
    let trainer = Trainer(
      starting: start.parameters, adapter: start.adapter,
      dropout: try call.dropout("training").map {
        AdapterDropout(probability: $0, seed: UInt64(bitPattern: Int64(try call.int("seed"))))
      }, settings: settings, products: call.context.products)
    var done = 0
    for epoch in 0..<epochs {
      let order = random.permutation(of: sequences.count, 0, UInt32(epoch))
      for start in stride(from: 0, to: order.count, by: batch) {
        if call.context.isCancelled() { throw CancellationError() }
        let report = try trainer.update(order[start..<min(start + batch, order.count)].map { sequences[$0] })
        done += 1
        call.context.report(.metric(name: "loss", position: done, value: report.loss))
        call.context.report(.progress(done: done, total: updates))
      }
    }
    return .model(trainer.finishAdapter().map(start.replacing) ?? start.replacing(trainer.finish()))
  }
}

extension ExecutionContext {
  /// Matrix products with this context's threads and numerics.
  var products: MatrixProducts { MatrixProducts(pool: WorkPool(threads: threads), numerics: numerics) }
}

extension Call {
  /// The model that training moves: with an adapter where LoRA is asked for. An adapter of the same shape is trained on; any other becomes part of
  /// the parameters first.
  func start(from model: Model, seed: UInt64) throws -> Model {
    let shape = try adapterShape("training")
    if let adapter = model.adapter {
      if adapter.shape == shape { return model }
      let merged = model.replacing(model.parameters.merged(with: adapter, pool: context.products.pool))
      return try start(from: merged, seed: seed)
    }
    guard let shape else { return model }
    return model.replacing(Adapter(shape, for: model.architecture, seed: seed))
  }

  /// LoRA's settings; `nil` for training of all parameters.
  func adapterShape(_ name: String) throws -> AdapterShape? {
    let (constructor, fields) = try settings(name)
    guard constructor == "lora" else { return nil }
    let shape = AdapterShape(
      rank: try fields.int("rank"), alpha: try fields.float("alpha"),
      targets: Set(try fields.choices("targets").compactMap(AdapterShape.Target.init)))
    if let fault = shape.fault { throw OperationError(fault, remedy: "change the settings of lora") }
    return shape
  }

  /// The probability with which a number that an adapter reads falls out; `nil` where none does.
  func dropout(_ name: String) throws -> Float? {
    let (constructor, fields) = try settings(name)
    guard constructor == "lora", fields.isGiven("dropout") else { return nil }
    let probability = try fields.float("dropout")
    return probability > 0 ? probability : nil
  }

  /// The architecture that settings describe, for a vocabulary.
  func architecture(_ name: String, vocabularySize: Int) throws -> Architecture {
    let (_, fields) = try settings(name)
    let width = try fields.int("width")
    let heads = try fields.int("heads")
    let keyValueHeads = try fields.int("key_value_heads")
    guard width % heads == 0 else {
      throw OperationError(
        "width is \(width), which heads (\(heads)) does not divide", remedy: "choose a multiple")
    }
    var architecture = Architecture(
      vocabularySize: vocabularySize, layers: try fields.int("layers"), width: width, heads: heads,
      keyValueHeads: keyValueHeads == 0 ? heads : keyValueHeads, headWidth: width / heads,
      feedForward: try fields.int("feed_forward"), contextLength: try fields.int("context"))
    architecture.ropeBase = Double(try fields.float("rope_base"))
    architecture.tiedEmbeddings = try fields.bool("tied_embeddings")
    architecture.attentionBias = try fields.bool("attention_bias")
    architecture.queryKeyNorm = try fields.bool("query_key_norm")
    if let fault = architecture.fault { throw OperationError(fault, remedy: "change the architecture") }
    return architecture
  }
}
