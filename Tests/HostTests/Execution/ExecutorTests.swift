import DSL
import Engine
import Foundation
import Host
import Testing

/// The executor with the real engine on the smallest models, its calls counted.
struct ExecutorTests {
  /// Two filters that share everything up to the first filtering.
  private static func study(_ body: String = "vary filter in [improving, non_decreasing]\n  seeds 1...2")
    -> String
  {
    """
    import "algorithms/stasc.md"
    sums = arithmetic(digits: 1, train: 12, validation: 6, test: 8)
    talk = corpus(sums, conversations: 60)
    base = pretrain(transformer(layers: 1, width: 16, heads: 2), on: talk, steps: 3, training: adamw(learning_rate: 1e-3, batch: 8))
    study variants = stasc(base, sums, iterations: 2,
      initial_samples: 2, correction_samples: 2, decoding: sampling(temperature: 1, max_tokens: 4),
      training: adamw(learning_rate: 1e-3, batch: 8)) {
      \(body)
    }
    """
  }

  @Test func `what variants share is computed once`() throws {
    let run = try CountedRun(Self.study())
    let outcome = try run.run()
    #expect(outcome.failed.isEmpty && !outcome.wasCancelled)
    #expect(run.counts == run.planned)
    // One base for all seeds. Per seed: the base's evaluations, its answers and corrections once for both filters; what follows the first
    // filtering for each filter.
    #expect(run.counts["pretrain"] == 1)
    #expect(run.counts["answer"] == 2 * (1 + 2))
    #expect(run.counts["correct"] == 2 * (1 + 2))
    #expect(run.counts["where"] == 2 * 2 * 2)
    #expect(run.counts["evaluate"] == 2 * 3 + 2 * 2 * 2 * 3)
  }

  @Test func `each iteration samples anew, fixed first answers once`() throws {
    let run = try CountedRun(Self.study("vary initialization in [fixed, evolving]"))
    /// Streams of an operation's calls, in the order of the trials' steps.
    func streams(_ operation: String, _ trial: Int) -> [Int] {
      run.prepared.plan.studies[0].trials[trial].steps.compactMap { step in
        let call = run.prepared.plan.steps[step.index]
        let samples = call.arguments.first { $0.name == "samples" }?.value
        guard call.operation == operation, samples == .int(2),
          case .int(let stream)? = call.arguments.first(where: { $0.name == "stream" })?.value
        else { return nil }
        return stream
      }
    }
    #expect(streams("answer", 0) == [1] && streams("correct", 0) == [1, 2])
    #expect(streams("answer", 1) == [1, 2] && streams("correct", 1) == [1, 2])
    try run.run()
    // What the first iteration samples is the same for both.
    #expect(run.counts == run.planned)
  }

  @Test func `a run leaves the values that another document keeps`() throws {
    let folder = try TemporaryFolder()
    let named = try CountedRun(Self.study("seeds 1...1") + "\nshow base", in: folder)
    try named.run()
    let kept = try named.digests()
    // The same base model, which this document neither shows nor names.
    let passing = try CountedRun(
      """
      import "algorithms/stasc.md"
      study variants = stasc(
        pretrain(transformer(layers: 1, width: 16, heads: 2), on: corpus(arithmetic(digits: 1, train: 12, validation: 6, test: 8), conversations: 60), steps: 3, training: adamw(learning_rate: 1e-3, batch: 8)),
        arithmetic(digits: 1, train: 12, validation: 6, test: 8), iterations: 1, initial_samples: 1, correction_samples: 1,
        decoding: sampling(temperature: 1, max_tokens: 4), training: adamw(learning_rate: 1e-3, batch: 8)) { seeds 0...0 }
      """, in: folder, named: "passing.md")
    try passing.run()
    #expect(passing.counts["pretrain"] == nil, "the same call as in the other document")
    #expect(try named.digests() == kept)
    #expect(try named.run().executed == 0)
  }

  @Test func `what was read from a file that changed meanwhile is not recorded`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/q.jsonl"
    @Sendable func write(_ answer: String) throws {
      let lines = ["x", "y"].map { #"{"question": "\#($0)", "answer": "\#(answer)"}"# + "\n" }
      try Data(lines.joined().utf8).write(to: URL(filePath: path))
    }
    try write("right")
    let text = "task = json_lines(\"q.jsonl\", train: 1, validation: 0, test: 1)\nshow task"
    let run = try CountedRun(text, in: folder)
    let changed = try run.run { _, _ in try write("altered") }
    #expect(changed.failed.values.contains { $0.contains("changed while the run read it") })
    #expect(try run.digests() == [nil])
    try write("right")
    #expect(try run.run().failed.isEmpty)
    #expect(try run.digests().count == 1 && run.digests() != [nil])
  }

  @Test func `running again asks the engine for nothing`() throws {
    let run = try CountedRun(Self.study())
    try run.run()
    let before = run.counts
    let outcome = try run.run()
    #expect(outcome.executed == 0)
    #expect(run.counts == before)
  }

  @Test func `a longer study computes what the shorter one lacks`() throws {
    let short = try CountedRun(Self.study("vary filter in [improving]\n  seeds 1...2"))
    try short.run()
    let long = try CountedRun(Self.study(), in: short.folder)
    try long.run()
    #expect(long.counts["pretrain"] == nil)
    // The second iteration's answers, and at most once more those whose values were not kept.
    #expect((2...4).contains(long.counts["answer"] ?? 0))
    #expect(long.counts["evaluate"] == 2 * 2 * 3)
  }

  @Test(arguments: [1, 3, 7, 12, 20])
  func `stopped after some calls, it goes on to the same rows`(stop: Int) throws {
    let whole = try CountedRun(Self.study())
    try whole.run()
    let halved = try CountedRun(Self.study())
    let first = try halved.run(stopAfter: stop)
    #expect(first.wasCancelled)
    let second = try halved.run()
    #expect(!second.wasCancelled && second.failed.isEmpty)
    #expect(try halved.digests() == whole.digests())
    #expect(try halved.trials() == whole.trials())
  }

  @Test func `jobs and threads change no byte`() throws {
    let one = try CountedRun(Self.study())
    try one.run(jobs: 1, threads: 1)
    let digests = try one.digests()
    let trials = try one.trials()
    #expect(!digests.contains(nil))
    for (jobs, threads) in [(1, 3), (2, 2), (3, 1), (4, 4)] {
      let other = try CountedRun(Self.study())
      try other.run(jobs: jobs, threads: threads)
      #expect(try other.digests() == digests)
      #expect(try other.trials() == trials)
      #expect(other.counts == one.counts)
    }
  }

  @Test func `a failing step fails those that need it and no other`() throws {
    let run = try CountedRun(Self.study("vary filter in [improving, non_decreasing]\n  seeds 1...2"))
    let isSecondSeed: @Sendable (Call) -> Bool = { call in
      guard case .int(2)? = call.arguments.last?.value else { return false }
      return true
    }
    let outcome = try run.run { operation, call in
      if operation == "answer", isSecondSeed(call) {
        throw OperationError("no memory for this", remedy: "take a smaller model")
      }
    }
    #expect(outcome.failed.values.sorted() == ["no memory for this"])
    // Everything of the first seed is there, nothing that needs the second seed's answers.
    let prepared = run.prepared
    let present = try run.digests().map { $0 != nil }
    let study = prepared.plan.studies[0]
    for trial in study.trials {
      for log in trial.logs {
        guard case .step(let step, _) = log.value else { continue }
        // The base is evaluated before anything is answered.
        #expect(present[step.index] == (trial.seed == 1 || log.iteration == 0), "seed \(trial.seed)")
      }
    }
    #expect(outcome.executed + outcome.skipped + outcome.failed.count == prepared.plan.steps.count)
    let again = try run.run()
    #expect(again.failed.isEmpty)
    #expect(try !run.digests().contains(nil))
  }

  @Test func `fail-fast begins nothing after a failure`() throws {
    let run = try CountedRun(Self.study())
    let outcome = try run.run(jobs: 1, failFast: true) { operation, _ in
      if operation == "pretrain" { throw OperationError("stop here", remedy: "none") }
    }
    #expect(outcome.failed.count == 1)
    #expect(run.counts["pretrain"] == 1)
    #expect(run.counts["evaluate"] == nil)
  }

  @Test func `a damaged value is computed again and its digest is the same`() throws {
    let run = try CountedRun(Self.study("vary filter in [improving]\n  seeds 1...1"))
    try run.run()
    let before = try run.digests()
    // Every kept model is spoilt, and a longer study needs the base again.
    let blobs = run.folder.path + "/results/blobs"
    var spoilt = 0
    let files = FileManager.default.enumerator(atPath: blobs)
    while let name = files?.nextObject() as? String {
      let path = blobs + "/" + name
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
        continue
      }
      guard var bytes = FileManager.default.contents(atPath: path), bytes.count > 100 else { continue }
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: URL(filePath: path))
      spoilt += 1
    }
    #expect(spoilt > 0)
    let longer = try CountedRun(
      Self.study("vary filter in [improving, keep_correct]\n  seeds 1...1"), in: run.folder)
    let outcome = try longer.run()
    #expect(outcome.failed.isEmpty)
    let fresh = try CountedRun(Self.study("vary filter in [improving, keep_correct]\n  seeds 1...1"))
    try fresh.run()
    #expect(try longer.digests() == fresh.digests())
    #expect(Set(before.compactMap { $0 }).isSubset(of: Set(try longer.digests().compactMap { $0 })))
  }
}
