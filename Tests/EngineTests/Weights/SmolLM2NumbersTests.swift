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
    let parameters = try FamilyFixture.load(#require(SmolLM2.path))
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

  /// The twenty conversations side by side, as sampling has them.
  @Test func `greedy answers equal those of transformers, prompt by prompt`() throws {
    let facts = try facts()
    let parameters = try FamilyFixture.load(#require(SmolLM2.path))
    let V = parameters.architecture.vocabularySize
    let decoder = Decoder(
      parameters: parameters, slots: facts.answers.count, capacity: 128,
      products: MatrixProducts(pool: WorkPool(threads: 2), numerics: .native))
    var next = facts.answers.map(\.context)
    var said = facts.answers.map { _ in [Int32]() }
    var active = Array(facts.answers.indices)
    while !active.isEmpty {
      let logits = decoder.advance(active.map { .init(slot: $0, tokens: next[$0][...]) })
      var remaining: [Int] = []
      for (row, index) in active.enumerated() {
        let numbers = logits.slice(row * V, V).array()
        let most = try #require(numbers.max())
        next[index] = [Int32(try #require(numbers.firstIndex(of: most)))]
        said[index] += next[index]
        if said[index].count < facts.answers[index].tokens.count { remaining.append(index) }
      }
      active = remaining
    }
    for (ours, theirs) in zip(said, facts.answers) {
      #expect(ours == theirs.tokens, "\(theirs.prompt): a margin of \(theirs.margin)")
    }
  }
}
