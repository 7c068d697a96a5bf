import Engine
import Testing

extension Row {
  /// Its one sequence, for a model that remembers every turn as it was said.
  func trainingSequence(on choice: LabelChoice) throws -> TrainingSequence {
    let sequences = try trainingSequences(on: choice, .characters(CharacterTokenizer(alphabet: [])))
    #expect(sequences.count == 1)
    return try #require(sequences.first)
  }
}

extension PolicyBatch {
  /// Of a policy that remembers every turn as it was said.
  init(_ rows: [Row], rewards: [[Double]]) throws {
    try self.init(rows, rewards: rewards, .characters(CharacterTokenizer(alphabet: [])))
  }
}
