/// What is known of a model before it is there, as far as memory depends on it.
package struct ModelShape: Sendable, Hashable {
  package var architecture: Architecture
  /// Of its matrices.
  package var format: WeightFormat
  package var adapter: AdapterShape?

  package init(
    architecture: Architecture, format: WeightFormat = .float32, adapter: AdapterShape? = nil
  ) {
    self.architecture = architecture
    self.format = format
    self.adapter = adapter
  }

  /// Bytes of its weights.
  package var bytes: Int { MemoryEstimate.model(architecture, format: format, adapter: adapter).bytes }

  /// The same without the adapter.
  package var bytesWithoutAdapter: Int { MemoryEstimate.model(architecture, format: format).bytes }
}

/// What a call will take of memory, judged by its arguments before anything runs.
package struct CallMemory: Sendable {
  /// Beside the values that it is given; the model that it trains is in it.
  package var working: Int
  /// The model that it gives, if it gives one.
  package var model: ModelShape?
}

extension Operation {
  /// Tokens that a prompt of a language model is taken to have, since prompts are not known before tasks are read.
  private static let promptTokens = 512

  /// Judges a call by what it does: settings of training say that it trains, settings of decoding that it samples.
  ///
  /// - Parameters:
  ///   - call: without the values that other calls give; what it lacks is taken at its default.
  ///   - models: the models that it is given, in the parameters' order.
  package func memory(of call: Call, models: [ModelShape]) -> CallMemory {
    var given = models.first
    for parameter in parameters {
      switch parameter.kind {
      case .settings("Architecture"):
        // A recipe's own model has an alphabet for a vocabulary.
        given = (try? call.architecture(parameter.name, vocabularySize: 128)).map {
          ModelShape(architecture: $0)
        }
      case .file where result == .model:
        guard case .file(let path, _)? = call.arguments.first(where: { $0.name == parameter.name })?.value
        else { continue }
        given = (try? ModelFiles.open(path)).map {
          ModelShape(architecture: $0.architecture, format: (try? call.weightFormat()) ?? .float32)
        }
      default: break
      }
    }
    guard let given else { return CallMemory(working: 0, model: nil) }
    var memory = CallMemory(working: 0, model: result == .model ? given : nil)
    for parameter in parameters {
      switch parameter.kind {
      case .settings("Training"):
        let adapter = (try? call.adapterShape(parameter.name)) ?? nil
        let drops = ((try? call.dropout(parameter.name)) ?? nil) != nil
        memory.working = MemoryEstimate.sum(memory.working, training(given, adapter, drops: drops, call))
        // What is moved is in single precision; below an adapter nothing is.
        if result == .model {
          memory.model = ModelShape(
            architecture: given.architecture, format: adapter == nil ? .float32 : given.format,
            adapter: adapter)
        }
      case .settings("Decoding"):
        memory.working = MemoryEstimate.sum(memory.working, sampling(given, parameter.name, call))
      default: break
      }
    }
    return memory
  }

  private func training(
    _ model: ModelShape, _ adapter: AdapterShape?, drops: Bool, _ call: Call
  ) -> Int {
    let a = model.architecture
    let together = MicroBatch.tokens(
      a, movingAdapter: adapter != nil, numerics: call.context.numerics)
    let tokens = max(together, min(a.contextLength, Self.promptTokens))
    let bytes = MemoryEstimate.training(
      a, adapter: adapter, drops: drops, tokens: tokens, labels: tokens,
      longest: min(tokens, a.contextLength),
      threads: call.context.threads
    ).bytes
    // An adapter of another shape becomes part of the weights first, which are then there twice.
    let merges = model.adapter != nil && model.adapter != adapter
    return MemoryEstimate.sum(bytes, merges ? MemoryEstimate.model(a).bytes : 0)
  }

  private func sampling(_ model: ModelShape, _ parameter: String, _ call: Call) -> Int {
    let a = model.architecture
    let most = (try? call.decoding(parameter))?.maxTokens ?? 64
    let samples = (try? call.int("samples")) ?? 1
    let attempts = (try? call.int("attempts")) ?? 2
    let prompt = min(a.contextLength, Self.promptTokens)
    let capacity = min(a.contextLength, prompt + attempts * most)
    let parameters = ParameterLayout(a).count
    // As many samples as there may be: how many questions there are is not known yet.
    let lanes = Generator.lanes(
      a, parameters: parameters, capacity: capacity, samples: samples, total: 1 << 20,
      threads: call.context.threads)
    let prompts = min(lanes.slots * prompt, Generator.usualPortion + min(prompt, Generator.usualPortion))
    return MemoryEstimate.sampling(
      a, format: model.format, adapter: model.adapter, lanes: lanes, capacity: capacity,
      promptTokens: prompts, threads: call.context.threads, numerics: call.context.numerics
    ).bytes
  }
}
