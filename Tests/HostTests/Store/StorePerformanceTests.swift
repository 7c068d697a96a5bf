import Engine
import Host
import Testing

/// Printed, never asserted: a machine at work is no clock.
@Suite(.serialized) struct StorePerformanceTests {
  private let folder: TemporaryFolder
  private let clock = ContinuousClock()

  init() throws { folder = try TemporaryFolder() }

  @Test func `samples of a large step`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    let run = try store.beginRun(document: nil, command: "run", environment: Sample.environment)
    let count = Scale.large / 32
    for (name, isVaried) in [("few texts", false), ("many texts", true)] {
      var step = Sample.evaluation(name, accuracy: 1, blob: try store.writeBlob([1]))
      step.samples = (0..<count).map { index in
        SampleRecord(
          question: index / 25, samples: [index / 5 % 5, index % 5],
          attempts: [
            .init(
              prompt: "\(index / 25)+17=", text: "\(index % 97)",
              score: Score(answer: "\(index % 97)", isCorrect: false, reward: 0), finish: .endOfTurn),
            .init(
              prompt: "?", text: isVaried ? "a longer correction of its own, \(index)" : "\(index % 89)",
              score: Score(answer: "\(index % 89)", isCorrect: true, reward: 1), finish: .endOfTurn),
          ], rejection: index % 3 == 0 ? "reward 0 > previous.reward 0 is false" : nil)
      }
      let time = try clock.measure { try store.record(step, in: run) }
      print("recording \(count) samples, \(name): \(time)")
      #expect(try store.samples(of: step.identity.key).count == count)
    }
  }

  @Test func `registering and looking up a large plan`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    let trials = (0..<Scale.large / 40).map { trial in
      let keys = (0..<40).map { Digest(of: "\(trial) \($0)") }
      return TrialRegistration(
        key: Digest(of: "trial \(trial)"), settings: [.text("f\(trial % 4)"), .float(Double(trial))],
        seed: trial % 5,
        logs: (0..<6).map { LogRegistration(iteration: $0, name: nil, source: .step(keys[$0 * 6])) },
        result: keys[39],
        steps: keys.enumerated().map { TrialStepRegistration(step: $1, iteration: $0 / 7) })
    }
    let plan = Sample.plan(trials)
    print(
      "registering \(trials.count) trials, \(trials.count * 40) steps: \(try clock.measure { try store.register(plan) })"
    )
    print("registering them again: \(try clock.measure { try store.register(plan) })")
    let keys = trials.flatMap { $0.steps.map(\.step) }
    var presence: [StepPresence] = []
    print("looking \(keys.count) steps up: \(try clock.measure { presence = try store.presence(of: keys) })")
    #expect(presence.allSatisfy { $0 == .absent } && presence.count == keys.count)
  }

  @Test func `a study of many trials is read`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    let run = try store.beginRun(document: nil, command: "run", environment: Sample.environment)
    let trials = (0..<Scale.large / 4000).map { trial in
      TrialRegistration(
        key: Digest(of: "t\(trial)"), settings: [.text("f\(trial % 4)"), .float(0)], seed: trial,
        logs: (0..<6).map {
          LogRegistration(iteration: $0, name: nil, source: .step(Sample.key("\(trial) \($0)")))
        },
        result: nil)
    }
    try store.register(Sample.plan(trials))
    let blob = try store.writeBlob([1])
    let time = try clock.measure {
      for trial in trials.indices {
        for iteration in 0..<6 {
          var step = Sample.evaluation("\(trial) \(iteration)", accuracy: 0.5, blob: blob)
          step.samples = []
          step.figures = (0..<13).map {
            StepFigure(name: $0 == 0 ? "accuracy_2" : "m\($0)", value: Double($0))
          }
          try store.record(step, in: run)
        }
      }
    }
    print("recording \(trials.count * 6) small steps: \(time)")
    for sql in [
      "SELECT settings, avg(value) FROM last_metrics WHERE study = 'variants' AND metric = 'accuracy_2' GROUP BY 1",
      "SELECT filter, avg(accuracy_2) FROM variants WHERE is_last GROUP BY 1",
    ] {
      var rows = 0
      let time = try clock.measure { rows = try store.query(sql, for: .report(document: "a.md")).rows.count }
      #expect(rows == 4)
      print("\(time): \(sql)")
    }
    var read = 0
    let reading = try clock.measure { read = try store.trials(of: "variants", in: "a.md").count }
    #expect(read == trials.count)
    print("reading the trials with their figures: \(reading)")
  }
}
