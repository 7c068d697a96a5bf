import DSL
import Engine
import Foundation
import Host
import Testing

/// A recipe run by the real executor, with every call to the engine counted.
final class CountedRun {
  let folder: TemporaryFolder
  let prepared: PreparedPlan
  private let calls = CallLog()

  /// `recipe` is the inside of one cell; the shipped algorithms can be imported.
  init(_ recipe: String, in folder: TemporaryFolder? = nil, named name: String = "study.md") throws {
    let folder = try folder ?? TemporaryFolder()
    self.folder = folder
    let shipped = URL(filePath: #filePath).appending(path: "../../../../recipes/algorithms")
      .standardizedFileURL.path(percentEncoded: false)
    let own = folder.path + "/algorithms"
    if !FileManager.default.fileExists(atPath: own) {
      try FileManager.default.createSymbolicLink(atPath: own, withDestinationPath: shipped)
    }
    try Data("```recipe\n\(recipe)\n```\n".utf8).write(to: URL(filePath: folder.path + "/" + name))
    let project = Project(folder: folder.path, store: "results")
    let compilation = project.compile(name)
    for diagnostic in compilation.diagnostics.sorted {
      Issue.record("\(DiagnosticRenderer(sources: compilation.sources, usesColor: false).render(diagnostic))")
    }
    let plan = compilation.plan
    prepared = try PreparedPlan(
      project: project, path: name, compilation: compilation, plan: try #require(plan),
      numerics: "native", remembered: [])
  }

  /// How often each operation was asked for since the beginning.
  var counts: [String: Int] { calls.counts }

  /// Steps of the plan by operation.
  var planned: [String: Int] {
    Dictionary(prepared.plan.steps.map { ($0.operation, 1) }, uniquingKeysWith: +)
  }

  /// Runs what the store lacks; `fault` may fail a call before the engine sees it.
  @discardableResult
  func run(
    jobs: Int = 2, threads: Int = 2, failFast: Bool = false, stopAfter limit: Int = .max,
    fault: @escaping @Sendable (_ operation: String, _ call: Call) throws -> Void = { _, _ in }
  ) throws -> RunOutcome {
    let store = try Store.open(at: folder.path + "/results", for: .write)
    defer { store.close() }
    try store.register(prepared.registration)
    var failures: [Digest: String] = [:]
    for failure in try store.failures() { failures[failure.key] = failure.message }
    let workload = Workload(
      prepared, presence: try store.presence(of: prepared.keys.keys), failures: failures)
    let run = try store.beginRun(document: prepared.document, command: "run", environment: Sample.environment)
    let calls = calls
    let stop = calls.total + min(limit, Int.max / 2)
    let outcome = Executor(
      prepared, workload, store: store, run: run, jobs: jobs, threads: threads, numerics: .native,
      failFast: failFast, isCancelled: { calls.total >= stop },
      runner: { name, call in
        calls.note(name)
        try fault(name, call)
        return try Executor.engine(name, call)
      }, watch: { _ in }
    ).execute()
    try store.endRun(
      run, status: outcome.wasCancelled ? .interrupted : outcome.failed.isEmpty ? .done : .failed)
    return outcome
  }

  /// The digest of each step's value, in the plan's order; `nil` where there is none.
  func digests() throws -> [String?] {
    let store = try Store.open(at: folder.path + "/results", for: .read)
    defer { store.close() }
    return try store.presence(of: prepared.keys.keys).map {
      switch $0 {
      case .present(let output), .recorded(let output): output.blob.digest.hex
      case .absent: nil
      }
    }
  }

  /// Each trial's digest over everything that the store holds of it.
  func trials() throws -> [Digest?] {
    let store = try Store.open(at: folder.path + "/results", for: .read)
    defer { store.close() }
    return try prepared.plan.studies.flatMap { study in
      try study.trials.map { try store.digest(ofTrial: prepared.keys.key(of: $0, in: study)) }
    }
  }
}

/// Calls to the engine, from any thread.
private final class CallLog: @unchecked Sendable {
  private let lock = NSLock()
  private var made: [String: Int] = [:]

  func note(_ operation: String) { lock.withLock { made[operation, default: 0] += 1 } }
  var counts: [String: Int] { lock.withLock { made } }
  var total: Int { lock.withLock { made.values.reduce(0, +) } }
}
