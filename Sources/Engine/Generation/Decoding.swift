/// How the next token is chosen from the logits.
package struct Decoding: Hashable, Sendable {
  /// 0: the likeliest token, the one with the smaller number of equals.
  package var temperature: Float
  /// Only the k likeliest tokens; 0: all.
  package var topK: Int
  /// Only the likeliest tokens that together reach this probability.
  package var topP: Float
  /// After so many tokens an answer is cut off.
  package var maxTokens: Int

  package init(temperature: Float, topK: Int = 0, topP: Float = 1, maxTokens: Int = 64) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.maxTokens = maxTokens
  }

  package static func greedy(maxTokens: Int = 64) -> Decoding {
    Decoding(temperature: 0, maxTokens: maxTokens)
  }
}
