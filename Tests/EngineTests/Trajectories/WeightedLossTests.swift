import Engine
import Foundation
import Testing

/// The weighted loss against PyTorch's, from `Oracles/make_trajectory_fixtures.py`.
@Suite struct WeightedLossTests {
  private struct Fixture: Decodable {
    struct Example: Decodable {
      var begins: Int?
      var tokens: [Int32]
      var logits: [[Float]]
      var gradient: [[Float]]
    }
    var vocabulary: Int
    var loss: Double
    var labels: Int
    var examples: [Example]
  }

  @Test func `loss and gradient equal those of PyTorch, where padding is masked`() throws {
    let place = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Oracles/Fixtures/trajectory-loss.json")
    let fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: place))
    let labels = fixture.examples.reduce(0) { $0 + $1.tokens.count - 1 }
    #expect(labels == fixture.labels)
    var loss = 0.0
    for (index, example) in fixture.examples.enumerated() {
      let weights = FeedbackWeightedLoss().weights(
        count: example.tokens.count, feedbackBegins: example.begins)
      for position in 1..<example.tokens.count {
        let logits = FloatBuffer(count: fixture.vocabulary)
        for token in 0..<fixture.vocabulary { logits.floats[token] = example.logits[position - 1][token] }
        let label = Label(
          sequence: index, position: position, token: example.tokens[position],
          weight: Float(weights[position]))
        loss += Double(
          WeightedCrossEntropy().apply(logits.floats, label: label, denominator: Float(labels)))
        for token in 0..<fixture.vocabulary {
          #expect(abs(logits.floats[token] - example.gradient[position - 1][token]) < 1e-7)
        }
      }
    }
    #expect(abs(loss - fixture.loss) < 1e-6 * fixture.loss)
    // Had weights been counted instead of labels, the loss would have been another.
    let mass = fixture.examples.reduce(0.0) { sum, example in
      sum
        + FeedbackWeightedLoss().weights(count: example.tokens.count, feedbackBegins: example.begins)
        .dropFirst().reduce(0, +)
    }
    #expect(abs(loss * Double(labels) / mass - fixture.loss) > 0.1)
  }
}
