/// A transformer with the tokenizer it was trained with.
package struct Model: Sendable {
  package let parameters: Parameters
  package let tokenizer: CharacterTokenizer
  package var architecture: Architecture { parameters.architecture }

  package init(parameters: Parameters, tokenizer: CharacterTokenizer) {
    self.parameters = parameters
    self.tokenizer = tokenizer
  }
}
