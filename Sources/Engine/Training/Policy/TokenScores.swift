/// Log-probabilities that a model gives to labels, from the same pass as training: a policy compared with itself finds differences of exactly 0.
package struct TokenScores {
  /// log p of each label, in the labels' order.
  package var chosen: [Float]
  /// log p of every token at each label, `[labels, V]`, where asked for.
  package var all: FloatBuffer?

  /// Scores of the tokens with a weight, in order.
  ///
  /// - Parameter keepingAll: also the whole distribution at each label.
  package init(
    of sequences: [TrainingSequence], by model: Model, keepingAll: Bool, products: MatrixProducts
  ) {
    let parameters = model.parameters
    let V = parameters.architecture.vocabularySize
    let count = sequences.reduce(0) { $0 + $1.weights.dropFirst().count { $0 != 0 } }
    let pass = TrainingPass(
      parameters: parameters, adapter: model.adapter,
      rotary: RotaryTables(
        parameters.architecture, positions: max(1, sequences.map(\.tokens.count).max() ?? 0)),
      products: products, workspace: Workspace())
    let all = keepingAll ? FloatBuffer(count: count * V) : nil
    var chosen: [Float] = []
    chosen.reserveCapacity(count)
    // Logits of a whole micro-batch stand side by side; a large vocabulary makes them the largest thing here.
    let limit = min(MicroBatch.tokensInGroup(parameters.architecture), max(256, (24 << 20) / V))
    for range in MicroBatch.cut(sequences, tokens: limit) {
      let content = LabelledTokens(of: sequences, range)
      let labels = content.labels
      guard !labels.isEmpty else { continue }
      let logits = pass.logits(content.sequences, at: content.rows)
      let first = chosen.count
      let scores = FloatBuffer(count: labels.count)
      products.pool.forEachRow(labels.count) { row in
        let own = logits.slice(row * V, V)
        let normalizer = logSumExp(own, V)
        scores.floats[row] = own[Int(labels[row].token)] - normalizer
        guard let target = all?.floats.slice((first + row) * V, V) else { return }
        for token in 0..<V { target[token] = own[token] - normalizer }
      }
      chosen += scores.floats.array()
    }
    self.chosen = chosen
    self.all = all
  }
}
