import Engine
import Foundation
import Testing

/// SmolLM2-135M-Instruct against transformers with the same dequantised weights (`Oracles/make_smollm2_fixture.py`).
@Suite(
  .serialized,
  .enabled(if: SmolLM2.path != nil, "SmolLM2-135M-Instruct is not here: make smollm2, or name it by SMOLLM2"))
struct SmolLM2NumbersTests {
  private struct Facts: Decodable {
    struct Logits: Decodable {
      var position: Int
      var ids: [Int]
      var values: [Float]
      var probes: [Float]
      var logSumExp: Double
    }
    struct Answer: Decodable {
      var prompt: String
      var context: [Int32]
      var tokens: [Int32]
      var text: String
      var margin: Float
    }
    var tokens: [Int32]
    var nll: Double
    var perplexity: Double
    var probeIds: [Int]
    var logits: [Logits]
    var answers: [Answer]
  }

  private func facts() throws -> Facts {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Oracles/Fixtures/smollm2.json")
    return try JSONDecoder().decode(Facts.self, from: Data(contentsOf: url))
  }

  @Test func `logits and perplexity of a text equal those of transformers`() throws {
    let facts = try facts()
    let parameters = try Model.load(#require(SmolLM2.path)).parameters
    let pass = TrainingPass(
      parameters: parameters, rotary: RotaryTables(parameters.architecture, positions: 256),
      products: MatrixProducts(pool: WorkPool(threads: 2), numerics: .native), workspace: Workspace())
    let V = parameters.architecture.vocabularySize
    let logits = pass.logits([facts.tokens], at: Array(facts.tokens.indices))
    var nll = 0.0
    var logSumExps: [Double] = []
    for (position, _) in facts.tokens.enumerated() {
      let row = logits.slice(position * V, V).array()
      let most = row.max() ?? 0
      let sum = row.reduce(0) { $0 + exp(Double($1) - Double(most)) }
      logSumExps.append(Double(most) + log(sum))
      if position + 1 < facts.tokens.count {
        nll += logSumExps[position] - Double(row[Int(facts.tokens[position + 1])])
      }
    }
    let perplexity = exp(nll / Double(facts.tokens.count - 1))
    #expect(abs(perplexity - facts.perplexity) < 2e-5 * facts.perplexity, "\(perplexity)")
    for theirs in facts.logits {
      let row = logits.slice(theirs.position * V, V).array()
      let scale = theirs.values.map(abs).max() ?? 0
      let pairs = zip(theirs.ids + facts.probeIds, theirs.values + theirs.probes)
      let worst = pairs.map { abs(row[$0] - $1) }.max() ?? .infinity
      #expect(worst < 1e-4 * scale, "after token \(theirs.position): off by \(worst) of \(scale)")
      #expect(abs(logSumExps[theirs.position] - theirs.logSumExp) < 1e-3)
    }
  }

  /// The twenty conversations side by side, as sampling has them, under the template that the file brings.
  @Test func `greedy answers equal those of transformers, prompt by prompt`() throws {
    let facts = try facts()
    let model = try Model.load(#require(SmolLM2.path))
    let requests = try facts.answers.enumerated().map { index, answer in
      let prompt = try model.tokenizer.opening([ChatTurn(.user, answer.prompt)])
      #expect(prompt == answer.context)
      return GenerationRequest(question: index, prompt: prompt, sampleKeys: [0])
    }
    let answers = try Generator(
      model: model, decoding: .greedy(maxTokens: 40), random: Philox(seed: 0, stream: "greedy"), attempt: 0,
      context: ExecutionContext(threads: 2)
    ).generate(requests)
    for (ours, theirs) in zip(answers, facts.answers) {
      #expect(ours.map(\.tokens) == [theirs.tokens], "\(theirs.prompt): a margin of \(theirs.margin)")
      #expect(ours.first.map { model.tokenizer.decode($0.tokens) } == theirs.text)
    }
  }
}
