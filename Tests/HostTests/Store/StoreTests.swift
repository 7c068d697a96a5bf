import Engine
import Foundation
import Host
import Testing

@Suite struct StoreTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `a trial's figures are there as soon as the steps that it logs are`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    try Sample.fill(store, order: ["first"])
    let before = try store.trials(of: "variants", in: "a.md")
    #expect(
      before.map { $0.logs.map { $0.figures != nil } }
        == Array(repeating: [true, false, true, true], count: 3))
    #expect(try store.studies(of: nil).map(\.finishedTrials) == [0])
    try Sample.fill(store, order: ["first", "x1", "x2", "x3"])
    let after = try store.trials(of: "variants", in: "a.md")
    #expect(
      after[1].logs[1].figures == [
        StepFigure(name: "accuracy_1", value: 0.25), StepFigure(name: "accuracy_2", value: 0.75),
      ])
    #expect(after[1].logs[2].figures?.map(\.name) == ["validation.accuracy_1", "validation.accuracy_2"])
    #expect(after[1].logs[3].figures == [StepFigure(name: "kept", value: 7)])
    #expect(after[0].settings.map(\.name) == ["filter", "threshold"])
    #expect(after[0].settings.map(\.value) == [.text("improving"), .float(0.5)])
    #expect(try store.studies(of: "a.md").map(\.finishedTrials) == [3])
    #expect(try store.documents() == ["a.md"])
  }

  @Test func `one line of SQL over a view answers the judge's question`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    try Sample.fill(store)
    let result = try store.query(
      """
      SELECT settings ->> 'filter' AS filter, avg(value) FROM last_metrics
      WHERE study = 'variants' AND metric = 'accuracy_2' GROUP BY 1 ORDER BY 1
      """, for: .exploration(document: nil))
    #expect(result.columns == ["filter", "avg(value)"])
    #expect(result.rows == [[.text("improving"), .real(0.625)], [.text("keep_correct"), .real(1)]])
  }

  @Test func `a study is a table with a column for each axis and each metric`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    try Sample.fill(store)
    let result = try store.query(
      """
      SELECT filter, threshold, seed, iteration, is_last, accuracy_2, "validation.accuracy_2", kept
      FROM variants ORDER BY filter, seed, iteration
      """, for: .report(document: "a.md"))
    #expect(result.rows.count == 6)
    #expect(
      result.rows[3] == [
        .text("improving"), .real(0.5), .integer(2), .integer(1), .integer(1), .real(0.75), .real(0.25),
        .real(7),
      ])
    #expect(result.rows[2][7] == .null)
  }

  @Test func `an edited document keeps its old trials, which are no longer current`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    try Sample.fill(store)
    try store.register(Sample.plan([Sample.trials[2]]))
    #expect(try store.trials(of: "variants", in: "a.md").map(\.key) == [Sample.key("t3")])
    let all = try store.trials(of: "variants", in: "a.md", currentOnly: false)
    #expect(all.map(\.isCurrent) == [true, false, false])
    let count = try store.query(
      "SELECT count(DISTINCT trial) FROM all_metrics", for: .exploration(document: nil))
    #expect(count.rows == [[.integer(1)]])
    try store.register(Sample.plan(Sample.trials))
    #expect(try store.trials(of: "variants", in: "a.md").map(\.seed) == [1, 2, 1])
  }

  @Test func `every view can be read, and names its columns as documented`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    try Sample.fill(store)
    let expected = [
      "last_metrics": 6 * 3 - 3, "all_metrics": 3 * (2 + 2 + 2 + 1), "questions": 3 * 3 * 3,
      "sample_texts": 3 * 2 * 6,
      "step_times": 4,
    ]
    for view in StoreSchema.viewNames {
      let rows = try store.query("SELECT * FROM \(view)", for: .exploration(document: nil)).rows
      #expect(rows.count == expected[view], "\(view)")
    }
    let flips = try store.query(
      "SELECT flip, count(*) FROM questions WHERE iteration = 1 AND evaluation = '' GROUP BY 1 ORDER BY 1",
      for: .report(document: "a.md"))
    #expect(
      flips.rows == [
        [.text("c_to_c"), .integer(3)], [.text("i_to_c"), .integer(3)], [.text("i_to_i"), .integer(3)],
      ])
    let texts = try store.query(
      "SELECT DISTINCT prompt, text, reason FROM sample_texts WHERE kept = 0 AND attempt = 2",
      for: .report(document: "a.md"))
    #expect(texts.rows == [[.text("?"), .text("b1"), .text("reward 0 > previous.reward 0 is false")]])
  }

  @Test func `samples, scores, figures and curves come back as they went in, NaN as undefined`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    try Sample.fill(store, order: ["first"])
    let step = Sample.evaluation("first", accuracy: 0.25, blob: Blob(digest: Sample.key(""), bytes: 0))
    #expect(try store.samples(of: step.identity.key) == step.samples)
    #expect(try store.samples(of: step.identity.key, question: 1) == [step.samples[1]])
    #expect(try store.scores(of: step.identity.key) == step.scores)
    #expect(try store.figures(of: step.identity.key) == step.figures)
    #expect(try store.curve(of: step.identity.key).map(\.value) == [2, nil])
    #expect(try store.step(step.identity.key)?.identity == step.identity)
  }

  @Test func `texts of any size and content come back byte for byte`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    let run = try store.beginRun(document: nil, command: "run", environment: Sample.environment)
    let repaired = String(decoding: [0x61, 0xFF, 0xFE, 0xC3, 0x28, 0x62] as [UInt8], as: UTF8.self)
    let texts = [
      "", "\0", "a\0b", repaired, "e\u{301}", "\u{E9}", String(repeating: "é🙂x", count: 500_000),
      "'; DROP TABLE steps; --",
    ]
    let blob = try store.writeBlob([1])
    var step = Sample.evaluation("first", accuracy: nil, blob: blob)
    step.samples = texts.enumerated().map { index, text in
      SampleRecord(
        question: index, samples: [], attempts: [.init(prompt: text, text: text, score: nil, finish: nil)],
        rejection: text)
    }
    try store.record(step, in: run)
    let back = try store.samples(of: step.identity.key)
    #expect(back.count == texts.count)
    for (sample, text) in zip(back, texts) {
      #expect(Array(sample.attempts[0].text.utf8) == Array(text.utf8))
      #expect(Array((sample.rejection ?? "nothing").utf8) == Array(text.utf8))
    }
    #expect(try store.figures(of: step.identity.key)[1].value == nil)
  }

  @Test func `a trial's digest depends on its rows, not on the order in which they were recorded`() throws {
    let other = try TemporaryFolder()
    let a = try Store.open(at: folder.path, for: .write)
    let b = try Store.open(at: other.path, for: .write)
    try Sample.fill(a)
    try b.register(Sample.plan(Sample.trials.reversed()))
    try Sample.fill(b, order: ["x3", "x2", "first", "x1"])
    for trial in Sample.trials {
      let digest = try a.digest(ofTrial: trial.key)
      #expect(digest != nil)
      #expect(try b.digest(ofTrial: trial.key) == digest)
    }
    let before = try a.digest(ofTrial: Sample.key("t1"))
    let run = try a.beginRun(document: nil, command: "run", environment: Sample.environment)
    let blob = try a.writeBlob([9])
    try a.record(Sample.evaluation("x1", accuracy: 0.5, blob: blob), in: run)
    #expect(try a.digest(ofTrial: Sample.key("t1")) != before)
    #expect(try a.digest(ofTrial: Sample.key("none")) == nil)
  }

  @Test func `a failure is told until the step succeeds`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    let run = try store.beginRun(document: nil, command: "run", environment: Sample.environment)
    let failed = FailedStep(
      key: Sample.key("x1"), operation: "fine_tune", reason: .failed, message: "loss is NaN",
      remedy: "lower the learning rate", execution: Sample.execution())
    try store.record(failed, in: run)
    try store.record(failed, in: run)
    var cancelled = failed
    cancelled.reason = .cancelled
    cancelled.key = Sample.key("x2")
    try store.record(cancelled, in: run)
    #expect(
      try store.failures() == [
        FailureRecord(
          key: Sample.key("x1"), operation: "fine_tune", message: "loss is NaN",
          remedy: "lower the learning rate", attempts: 2)
      ])
    #expect(try store.presence(of: [Sample.key("x1")]) == [.absent])
    try store.record(Sample.evaluation("x1", accuracy: 1, blob: try store.writeBlob([1])), in: run)
    #expect(try store.failures().isEmpty)
  }

  @Test func `the time of a step is that of the most alike past ones`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    let run = try store.beginRun(document: nil, command: "run", environment: Sample.environment)
    for (index, samples) in [1, 1, 1, 16].enumerated() {
      var step = Sample.evaluation("s\(index)", accuracy: 1, blob: try store.writeBlob([UInt8(index)]))
      step.identity.arguments = #"{"samples":\#(samples),"seed":\#(index)}"#
      step.execution.seconds = Double(samples) + Double(index) / 10
      try store.record(step, in: run)
    }
    let times = try store.pastTimes()
    #expect(times.estimate(for: Sample.identity("n", arguments: #"{"samples":1,"seed":9}"#)) == 1.1)
    #expect(times.estimate(for: Sample.identity("n", arguments: #"{"samples":12,"seed":9}"#)) == 16.3)
    #expect(times.estimate(for: Sample.identity("n", operation: "answer")) == nil)
  }

  @Test func `text in the database that is not UTF-8 is repaired, not trusted`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    try Sample.fill(store)
    let vandal = try Connection(path: folder.path + "/emend.sqlite", mode: .readWriteCreate)
    try vandal.execute(
      "UPDATE texts SET text = CAST(x'61ff62' AS TEXT); UPDATE trials SET settings = CAST(x'7bff' AS TEXT)")
    #expect(try store.samples(of: Sample.key("x1"))[0].attempts[0].text == "a\u{FFFD}b")
    #expect(try store.trials(of: "variants", in: "a.md").map(\.settings.count) == [0, 0, 0])
    try vandal.execute("UPDATE steps SET digest = 'nothing', kind = 'nobody'")
    #expect(try store.presence(of: [Sample.key("x1")]) == [.absent])
    #expect(try store.step(Sample.key("x1")) == nil)
  }

  @Test func `steps and trials are found by the start of their key, and by what they use`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    try Sample.fill(store)
    let run = try store.beginRun(document: nil, command: "run", environment: Sample.environment)
    let user = Sample.evaluation(
      "user", accuracy: 1, blob: try store.writeBlob([1]),
      inputs: [Sample.key("x1"), Sample.key("x2")].sorted())
    try store.record(user, in: run)
    #expect(try store.steps(using: Sample.key("x1")).map(\.identity) == [user.identity])
    #expect(
      try store.steps(withPrefix: Sample.key("x1").short.uppercased()).map(\.identity.key) == [
        Sample.key("x1")
      ])
    #expect(try store.steps(withPrefix: "%").isEmpty && store.steps(withPrefix: "").isEmpty)
    #expect(try store.trials(withPrefix: Sample.key("t2").short).map(\.seed) == [2])
    #expect(try store.trials(withPrefix: Sample.key("none").hex).isEmpty)
    #expect(
      try store.document("a.md") == DocumentRecord(path: "a.md", text: "# A", planKey: Sample.key("plan")))
    #expect(try store.document("b.md") == nil)
  }

  @Test func `the step that one was before an edit is the most alike`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    let run = try store.beginRun(document: nil, command: "run", environment: Sample.environment)
    for (name, arguments) in [
      ("a", #"{"rate":0.1,"seed":1,"size":8}"#), ("b", #"{"rate":0.2,"seed":2,"size":8}"#),
      ("c", #"{"rate":0.4,"seed":1,"size":8}"#),
    ] {
      var step = Sample.evaluation(name, accuracy: 1, blob: try store.writeBlob([1]))
      step.identity.arguments = arguments
      try store.record(step, in: run)
    }
    let new = Sample.identity("n", arguments: #"{"rate":0.3,"seed":1,"size":8}"#)
    let old = try #require(try store.closestStep(to: new))
    #expect(old.identity.key == Sample.key("c"))
    #expect(KeyDifference.between(old.identity, new) { _ in nil }.map(\.description) == ["rate: 0.4 → 0.3"])
    #expect(try store.closestStep(to: Sample.identity("n", operation: "answer")) == nil)
    let times = try store.pastTimes()
    #expect(times.estimate(of: "evaluate", units: 100) == 5)
    #expect(times.estimate(of: "answer", units: 100) == nil)
  }

  @Test func `a study leaves as CSV and JSON`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    var plan = Sample.plan([Sample.trial("t1", filter: "a \"b\", c", seed: 1, last: "x1")])
    plan.studies[0].metrics = [MetricRegistration(name: "kept", unit: "count", direction: "neither")]
    try store.register(plan)
    let table = try store.table(of: "variants", in: "a.md")
    let key = Sample.key("t1").short
    #expect(
      table.csv
        == "filter,threshold,trial,seed,iteration,is_last,kept\n\"a \"\"b\"\", c\",0.5,\(key),1,1,1,7.0\n"
    )
    #expect(
      table.json.text
        == #"[{"filter":"a \"b\", c","threshold":0.5,"trial":"\#(key)","seed":1,"iteration":1,"is_last":1,"kept":7.0}]"#
    )
    let odd = QueryResult(
      columns: ["n", "b"], rows: [[.null, .blob([0, 255])], [.real(.infinity), .text("a\nb")]])
    #expect(odd.csv == "n,b\n,00ff\ninf,\"a\nb\"\n")
    #expect(odd.json.text == #"[{"n":null,"b":"00ff"},{"n":"inf","b":"a\nb"}]"#)
  }

  @Test func `verifications and digests of files are kept`() throws {
    let store = try Store.open(at: folder.path, for: .write)
    let run = try store.beginRun(document: "a.md", command: "verify", environment: Sample.environment)
    let found = VerificationRecord(
      subject: Sample.key("x1"), scope: .step, identical: false, level: "bits", firstDifference: "byte 3")
    try store.record(found, in: run)
    try store.endRun(run, status: .failed)
    let rows = try store.query(
      "SELECT v.first_difference, r.status, e.cores FROM verifications v JOIN runs r ON r.id = v.run JOIN environments e ON e.id = r.environment",
      for: .exploration(document: nil))
    #expect(rows.rows == [[.text("byte 3"), .text("failed"), .integer(2)]])
    let entry = FileDigests.Entry(
      path: "/a", stamp: FileDigests.Stamp(size: 1, modified: 2, inode: 3, device: 4), digest: Sample.key("a")
    )
    try store.remember([entry])
    try store.remember([entry])
    #expect(try store.rememberedFiles() == [entry])
  }

  @Test func `a row of the engine's is a sample, each attempt with what it answers to`() {
    func turn(_ role: Turn.Role, _ text: String, _ reward: Float? = nil) -> Turn {
      Turn(
        role: role, text: text, tokens: [1], origin: role == .user ? .prompt : .sampled,
        finish: role == .user ? nil : .endOfTurn,
        score: reward.map { Score(answer: text, isCorrect: $0 == 1, reward: $0) })
    }
    let row = Row(
      question: 4, samples: [2, 1],
      turns: [turn(.user, "2+2="), turn(.assistant, "5", 0), turn(.user, "?"), turn(.assistant, "4", 1)],
      rejection: "no")
    let sample = SampleRecord(of: row)
    #expect(sample.attempts.map(\.prompt) == ["2+2=", "?"] && sample.attempts.map(\.text) == ["5", "4"])
    #expect(sample.question == 4 && sample.samples == [2, 1] && sample.rejection == "no")
    var other = row
    other.question = 3
    other.turns[1].score = nil
    let scores = QuestionScore.all(in: [row, other])
    #expect(scores.map { [$0.question, $0.attempt] } == [[3, 2], [4, 1], [4, 2]])
    #expect(scores.map(\.score.isCorrect) == [true, false, true])
  }
}
