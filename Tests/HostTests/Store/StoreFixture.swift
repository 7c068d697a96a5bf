import DSL
import Engine
import Foundation
import Host

/// A folder of a test's own, gone with it.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/emend-store-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Values to fill stores with.
enum Sample {
  static let environment = EnvironmentRecord(
    emendVersion: "0.1", commit: nil, isDirty: nil, numerics: "native", host: "host",
    processor: "processor", cores: 2, system: "system", swiftVersion: "6.3")

  static func key(_ name: String) -> Digest { Digest(of: name) }

  static func execution(seconds: Double = 0.5) -> Execution {
    Execution(
      started: UTCTime(milliseconds: 1_700_000_000_000), seconds: seconds,
      peakMemoryBytes: 1 << 20, threads: 2, units: 10)
  }

  static func identity(
    _ name: String, operation: String = "evaluate", arguments: String = #"{"attempts":2}"#,
    inputs: [Digest] = []
  ) -> StepIdentity {
    StepIdentity(
      key: key(name), operation: operation, version: 1, numerics: "native", arguments: arguments,
      inputs: inputs)
  }

  /// An evaluation of three questions in two attempts, with texts.
  static func evaluation(_ name: String, accuracy: Double?, blob: Blob, inputs: [Digest] = [])
    -> FinishedStep
  {
    FinishedStep(
      identity: identity(name, inputs: inputs), kind: .metrics, output: blob,
      figures: [
        StepFigure(name: "accuracy_1", value: 0.25), StepFigure(name: "accuracy_2", value: accuracy),
      ],
      curve: [
        CurvePoint(name: "loss", position: 1, value: 2), CurvePoint(name: "loss", position: 2, value: .nan),
      ],
      scores: (0..<3).flatMap { question in
        (1...2).map { attempt in
          QuestionScore(
            question: question, attempt: attempt,
            score: Score(answer: "\(question)", isCorrect: attempt > question, reward: 0.5))
        }
      },
      samples: (0..<3).map { question in
        SampleRecord(
          question: question, samples: [0, question],
          attempts: [
            .init(
              prompt: "\(question)+1=", text: "a", score: Score(answer: "a", isCorrect: false, reward: 0),
              finish: .endOfTurn),
            .init(prompt: "?", text: "b\(question)", score: nil, finish: .truncated),
          ],
          rejection: question == 1 ? "reward 0 > previous.reward 0 is false" : nil)
      },
      execution: execution())
  }

  static func trial(_ name: String, filter: String, seed: Int, last: String) -> TrialRegistration {
    TrialRegistration(
      key: key(name), settings: [.text(filter), .float(0.5)], seed: seed,
      logs: [
        LogRegistration(iteration: 0, name: nil, source: .step(key("first"))),
        LogRegistration(iteration: 1, name: nil, source: .step(key(last))),
        LogRegistration(iteration: 1, name: "validation", source: .step(key("first"))),
        LogRegistration(iteration: 1, name: "kept", source: .number(7)),
      ],
      result: key(last),
      steps: [
        TrialStepRegistration(step: key("first"), iteration: 0),
        TrialStepRegistration(step: key(last), iteration: 1),
      ])
  }

  static func plan(_ trials: [TrialRegistration]) -> PlanRegistration {
    PlanRegistration(
      document: "a.md", text: "# A", key: key("plan"),
      studies: [
        StudyRegistration(
          name: "variants", algorithm: "stasc", key: key("study"), axes: ["filter", "threshold"],
          metrics: ["accuracy_1", "accuracy_2", "validation.accuracy_2", "kept"].map {
            MetricRegistration(name: $0, unit: "share", direction: "higherIsBetter")
          }, trials: trials)
      ])
  }

  static let trials = [
    trial("t1", filter: "improving", seed: 1, last: "x1"),
    trial("t2", filter: "improving", seed: 2, last: "x2"),
    trial("t3", filter: "keep_correct", seed: 1, last: "x3"),
  ]

  /// Records everything that `trials` logs, in the order given.
  static func fill(_ store: Store, order: [String] = ["first", "x1", "x2", "x3"]) throws {
    try store.register(plan(trials))
    let run = try store.beginRun(document: "a.md", command: "run", environment: environment)
    let accuracies = ["first": 0.25, "x1": 0.5, "x2": 0.75, "x3": 1]
    for name in order {
      let blob = try store.writeBlob([UInt8]("value of \(name)".utf8))
      try store.record(evaluation(name, accuracy: accuracies[name], blob: blob), in: run)
    }
    try store.endRun(run, status: .done)
  }
}

/// How much a test of speed does: code that is not optimized is some fifty times slower.
enum Scale {
  #if DEBUG
    static let large = 20_000
  #else
    static let large = 400_000
  #endif
}
