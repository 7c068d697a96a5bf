/// A transformer with what turns texts into its tokens.
package struct Model: Sendable {
  package let parameters: Parameters
  /// What LoRA adds to some of the parameters.
  package let adapter: Adapter?
  package let tokenizer: ModelTokenizer
  /// The files that the tokenizer, and perhaps the parameters, came from; `nil` for a model of a recipe's own.
  package let origin: ModelOrigin?
  /// Where the optimizer of what was moved last stopped, for a policy that the next call moves again; `nil` for every other model.
  package let optimizer: OptimizerState?
  package var architecture: Architecture { parameters.architecture }

  package init(
    parameters: Parameters, adapter: Adapter? = nil, tokenizer: ModelTokenizer, origin: ModelOrigin? = nil,
    optimizer: OptimizerState? = nil
  ) {
    self.parameters = parameters
    self.adapter = adapter
    self.tokenizer = tokenizer
    self.origin = origin
    self.optimizer = optimizer
  }

  /// The model with an optimizer's memory.
  package func remembering(_ optimizer: OptimizerState) -> Model {
    Model(
      parameters: parameters, adapter: adapter, tokenizer: tokenizer, origin: origin, optimizer: optimizer)
  }

  /// The model with other parameters and no adapter.
  package func replacing(_ parameters: Parameters) -> Model {
    var origin = origin
    origin?.hasItsParameters = false
    return Model(parameters: parameters, tokenizer: tokenizer, origin: origin)
  }

  /// The model with another adapter.
  package func replacing(_ adapter: Adapter?) -> Model {
    Model(parameters: parameters, adapter: adapter, tokenizer: tokenizer, origin: origin)
  }
}

/// Where a model was loaded from.
package struct ModelOrigin: Hashable, Sendable {
  /// Of the files' content, as the host knows it, and of how they are read.
  package var digest: String
  /// The model's parameters are still those of the files.
  package var hasItsParameters: Bool

  package init(digest: String, hasItsParameters: Bool = true) {
    self.digest = digest
    self.hasItsParameters = hasItsParameters
  }
}
