/// A transformer with the tokenizer it was trained with.
package struct Model: Sendable {
  package let parameters: Parameters
  package let tokenizer: CharacterTokenizer
  /// Where the optimizer stopped, for a policy that is moved again by the next call; `nil` for every other model.
  package let optimizer: OptimizerState?
  package var architecture: Architecture { parameters.architecture }

  package init(
    parameters: Parameters, tokenizer: CharacterTokenizer, optimizer: OptimizerState? = nil
  ) {
    self.parameters = parameters
    self.tokenizer = tokenizer
    self.optimizer = optimizer
  }
}
