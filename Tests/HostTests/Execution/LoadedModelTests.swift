import DSL
import Engine
import Foundation
import Host
import Testing

/// Studies of models that come from files, with the real engine on a tiny one.
struct LoadedModelTests {
  private static let family = URL(filePath: #filePath).appending(
    path: "../../../EngineTests/Oracles/Fixtures/Families/smollm2"
  ).standardizedFileURL.path(percentEncoded: false)

  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/model", withDestinationPath: Self.family)
    let lines = (0..<12).map { #"{"question": "\#($0) + 1", "answer": "\#($0 + 1)"}"# }
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: folder.path + "/q.jsonl"))
    return folder
  }

  private func recipe(iterations: Int, training: String) -> String {
    """
    import "algorithms/stasc.md"
    base = load("model")
    sums = json_lines("q.jsonl", train: 4, validation: 2, test: 4, grader: contains,
      prompts: chat(question: "{question}", correction: "no"))
    study s = stasc(base, sums, iterations: \(iterations), filter: non_decreasing, threshold: 0, fine_tuning: evolving,
      initial_samples: 2, correction_samples: 2, decoding: sampling(temperature: 1, max_tokens: 6),
      training: \(training))
    """
  }

  @Test(arguments: ["lora(learning_rate: 1e-2, rank: 2, batch: 4)", "adamw(learning_rate: 1e-3, batch: 4)"])
  func `a study of a loaded model goes on where it stopped, and ends the same`(training: String) throws {
    let text = recipe(iterations: 2, training: training)
    let whole = try CountedRun(text, in: folder())
    #expect(try whole.run().failed.values.sorted() == [])
    #expect(whole.counts["load"] == 1)
    for stop in [2, 7, 11] {
      let halved = try CountedRun(text, in: folder())
      #expect(try halved.run(stopAfter: stop).wasCancelled)
      let second = try halved.run()
      #expect(!second.wasCancelled && second.failed.isEmpty)
      #expect(try halved.digests() == whole.digests())
    }
  }

  @Test func `the store keeps an adapter and not the weights that the files have`() throws {
    let run = try CountedRun(
      recipe(iterations: 1, training: "lora(learning_rate: 1e-2, rank: 2, batch: 4)"), in: folder())
    #expect(try run.run().failed.values.sorted() == [])
    let model = try Model.load(Self.family, origin: "d")
    let whole = 4 * model.parameters.layout.count
    let loaded = Value.model(model).encoded()
    #expect(loaded.count < 1000)
    let shape = AdapterShape(rank: 2, alpha: 4, targets: [.query])
    let adapted = model.replacing(Adapter(shape, for: model.architecture, seed: 1))
    let bytes = Value.model(adapted).encoded()
    #expect(bytes.count < whole / 4)
    #expect(throws: DecodingFault.self) { try Value.decoded(bytes, as: .model) }
    let again = try Value.decoded(bytes, as: .model) { $0 == "d" ? model : nil }
    #expect(again.encoded() == bytes)
    for length in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: DecodingFault.self) {
        try Value.decoded(Array(bytes[..<length]), as: .model) { _ in model }
      }
    }
    let trained = adapted.replacing(model.parameters)
    let full = Value.model(trained).encoded()
    #expect(full.count > whole)
    #expect(try Value.decoded(full, as: .model) { _ in model }.encoded() == full)
  }

  @Test func `a setting that came later leaves the keys of those who do not use it`() throws {
    let folder = try folder()
    func keys(_ more: String) throws -> (keys: [String], arguments: [String]) {
      let text = recipe(iterations: 1, training: "lora(learning_rate: 1e-2, rank: 2, batch: 4\(more))")
      let prepared = try CountedRun(text, in: folder).prepared
      let steps = prepared.plan.steps.indices.map { StepID($0) }
      return (steps.map { prepared.keys[$0].hex }, steps.map { prepared.keys.identity(of: $0).arguments })
    }
    let plain = try keys("")
    #expect(try keys(", dropout: 0").keys == plain.keys)
    #expect(!plain.arguments.contains { $0.contains("dropout") })
    #expect(!plain.arguments.contains { $0.contains("\"weights\"") })
    let dropping = try keys(", dropout: 0.5")
    #expect(dropping.keys != plain.keys)
    #expect(dropping.arguments.contains { $0.contains("\"dropout\":0.5") })
  }

  @Test func `models read in several ways from the same files are told apart`() throws {
    let ways = [
      #"load("model")"#, #"load("model", weights: bfloat16)"#, #"load("model", template: plain_text())"#,
      #"load("model", template: frames(user_before: "U", user_behind: "E", assistant_before: "A", assistant_behind: "<|im_end|>"))"#,
    ]
    func recipe(_ ways: [String]) -> String {
      """
      sums = json_lines("q.jsonl", train: 4, validation: 2, test: 4, grader: contains,
        prompts: chat(question: "{question}", correction: "no"))
      function taught(model: Model) {
        return model.fine_tune(model.answer(sums.train, decoding: sampling(max_tokens: 4)),
          lora(learning_rate: 1e-2, rank: 2, batch: 4))
      }
      \(ways.indices.map { "m\($0) = \(ways[$0])\nr\($0) = taught(m\($0)).answer(sums.test, decoding: greedy(max_tokens: 4))" }.joined(separator: "\n"))
      """
    }
    let together = try CountedRun(recipe(ways), in: folder())
    #expect(try together.run().failed.values.sorted() == [])
    let keys = together.prepared.plan.steps.indices.map { together.prepared.keys[StepID($0)].hex }
    let results = try Dictionary(uniqueKeysWithValues: zip(keys, together.digests()))
    for way in ways {
      // Alone, and begun anew between steps, so that models are read back from the store.
      let alone = try CountedRun(recipe([way]), in: folder())
      for stop in 1...4 { _ = try alone.run(stopAfter: stop) }
      #expect(try alone.run().failed.values.sorted() == [])
      for (index, digest) in try alone.digests().enumerated() {
        let key = alone.prepared.keys[StepID(index)].hex
        #expect(results[key] == digest, "\(way), \(alone.prepared.plan.steps[index].operation)")
      }
    }
  }

  @Test func `an adapter learns otherwise with dropout, and the same way again`() throws {
    func digests(_ more: String) throws -> [String?] {
      let run = try CountedRun(
        recipe(iterations: 1, training: "lora(learning_rate: 1e-2, rank: 2, batch: 4\(more))"), in: folder())
      #expect(try run.run().failed.values.sorted() == [])
      return try run.digests()
    }
    let dropping = try digests(", dropout: 0.5")
    #expect(try digests(", dropout: 0.5") == dropping)
    #expect(try digests("") != dropping)
  }
}
