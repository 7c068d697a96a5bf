package import DSL
package import Engine
import Foundation

/// What happens during a run, for whoever watches.
package enum RunEvent: Sendable {
  case started(StepID, threads: Int)
  case progress(StepID, done: Int, total: Int)
  case finished(StepID, seconds: Double)
  case failed(StepID, message: String, remedy: String)
  /// A kept value was not what its digest says; it is computed again.
  case damaged(StepID, movedTo: String)
  /// A step gave other bytes than it gave before.
  case differed(StepID, before: Digest, now: Digest)
}

/// How a run ended.
package struct RunOutcome: Sendable {
  package var executed = 0
  package var failed: [StepID: String] = [:]
  /// Could not run, since they need a failed one.
  package var skipped = 0
  package var wasCancelled = false
  /// Set when the store itself failed; nothing more was tried.
  package var storeFault: StoreError?
}

/// Does one call; the real one asks the engine, a test's counts.
package typealias StepRunner = @Sendable (_ operation: String, _ call: Call) throws -> Value

/// Runs what a workload asks for, steps side by side, each recorded as soon as it is done.
///
/// Which steps run beside which, and with how many threads, changes no result. A step that fails fails those that need it; the others
/// go on.
package final class Executor: @unchecked Sendable {
  private let prepared: PreparedPlan
  private let workload: Workload
  private let store: Store
  private let run: RunID
  private let jobs: Int
  private let threads: Int
  private let numerics: Numerics
  private let failFast: Bool
  private let isCancelled: @Sendable () -> Bool
  private let runner: StepRunner
  private let recorded: @Sendable (StepID) -> Value?
  private let watch: @Sendable (RunEvent) -> Void

  private let condition = NSCondition()
  /// Everything below is touched with `condition` locked.
  private var pendingInputs: [Int]
  private var consumers: [[StepID]]
  private var ready: [StepID]
  private var running = 0
  private var remaining: Int
  /// Steps that have yet to take a value, for each value in memory or store.
  private var uses: [Int]
  private var values: [StepID: Value] = [:]
  private var blobs: [StepID: Digest] = [:]
  private var outcome = RunOutcome()
  private var isStopping = false
  private let rank: [Int]
  private let textSteps: Set<StepID>

  /// - Parameter recorded: what a step gave elsewhere, taken for its value instead of running it.
  package init(
    _ prepared: PreparedPlan, _ workload: Workload, store: Store, run: RunID, jobs: Int, threads: Int,
    numerics: Numerics,
    failFast: Bool, isCancelled: @escaping @Sendable () -> Bool,
    runner: @escaping StepRunner = Executor.engine,
    recorded: @escaping @Sendable (StepID) -> Value? = { _ in nil },
    watch: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.prepared = prepared
    self.workload = workload
    self.store = store
    self.run = run
    self.jobs = max(1, jobs)
    self.threads = max(1, threads)
    self.numerics = numerics
    self.failFast = failFast
    self.isCancelled = isCancelled
    self.runner = runner
    self.recorded = recorded
    self.watch = watch
    textSteps = workload.textSteps(of: prepared)
    let count = prepared.plan.steps.count
    pendingInputs = Array(repeating: 0, count: count)
    consumers = Array(repeating: [], count: count)
    uses = Array(repeating: 0, count: count)
    ready = []
    remaining = 0
    for step in workload.toRun {
      remaining += 1
      for input in workload.inputs[step.index] {
        uses[input.index] += 1
        if workload.reasons[input.index] != nil {
          pendingInputs[step.index] += 1
          consumers[input.index].append(step)
        }
      }
      if pendingInputs[step.index] == 0 { ready.append(step) }
    }
    // Trials finish one after another rather than all at the end: a step ranks by the first trial that needs it.
    var rank = Array(repeating: Int.max, count: count)
    var number = 0
    for study in prepared.plan.studies {
      for trial in study.trials {
        for step in trial.steps { rank[step.index] = min(rank[step.index], number) }
        number += 1
      }
    }
    self.rank = rank
    for (index, presence) in workload.presence.enumerated() {
      if case .present(let output) = presence { blobs[StepID(index)] = output.blob.digest }
    }
  }

  /// The engine's operation of that name.
  package static let engine: StepRunner = { name, call in
    guard let operation = Catalogue.operation(named: name) else {
      throw OperationError("the engine has no operation `\(name)`", remedy: "report this")
    }
    return try operation.run(call)
  }

  /// Runs everything and says how it went.
  package func execute() -> RunOutcome {
    let workers = (1..<jobs).map { _ in
      let thread = Thread { [self] in
        work()
        condition.lock()
        living -= 1
        condition.broadcast()
        condition.unlock()
      }
      thread.stackSize = 16 << 20
      return thread
    }
    living = workers.count
    for worker in workers { worker.start() }
    work()
    condition.lock()
    while living > 0 { condition.wait() }
    outcome.wasCancelled = isCancelled()
    outcome.skipped = remaining
    let result = outcome
    condition.unlock()
    dropUnneeded()
    return result
  }
  private var living = 0

  private func work() {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if isStopping || isCancelled() || remaining == 0 || ready.isEmpty && running == 0 {
        condition.broadcast()
        return
      }
      guard let index = nextReady else {
        // Looks up now and then whether it was asked to stop.
        _ = condition.wait(until: Date(timeIntervalSinceNow: 0.2))
        continue
      }
      let step = ready.remove(at: index)
      running += 1
      let share = ready.isEmpty && running == 1 ? threads : max(1, threads / jobs)
      condition.unlock()
      let result = Result { try perform(step, threads: share) }
      condition.lock()
      running -= 1
      settle(step, result)
      condition.broadcast()
    }
  }

  private var nextReady: Int? {
    ready.indices.min { (rank[ready[$0].index], ready[$0]) < (rank[ready[$1].index], ready[$1]) }
  }

  /// Takes note of a step's end; `condition` is locked.
  private func settle(_ step: StepID, _ result: Result<Value, any Error>) {
    switch result {
    case .success(let value):
      remaining -= 1
      outcome.executed += 1
      if uses[step.index] > 0 { values[step] = value }
      for consumer in consumers[step.index] {
        pendingInputs[consumer.index] -= 1
        if pendingInputs[consumer.index] == 0 { ready.append(consumer) }
      }
      for input in workload.inputs[step.index] { release(input) }
      release(step, taking: 0)
    case .failure(let error):
      if error is CancellationError { return }
      if let fault = error as? StoreError {
        outcome.storeFault = fault
        isStopping = true
        return
      }
      let (message, _) = Self.words(error)
      outcome.failed[step] = message
      remaining -= 1
      if failFast { isStopping = true }
      for input in workload.inputs[step.index] { release(input) }
    }
  }

  /// A value was taken once; one that nobody will take again leaves memory, and the store unless it is kept.
  private func release(_ step: StepID, taking: Int = 1) {
    uses[step.index] -= taking
    guard uses[step.index] <= 0 else { return }
    values[step] = nil
    if isDroppable(step), let digest = blobs.removeValue(forKey: step) { unneeded.append(digest) }
    if unneeded.count >= 64 { dropUnneeded() }
  }
  private var unneeded: [Digest] = []
  /// Values on their way into the store.
  private var writing = 0

  /// Puts a step's value into the store, while nothing is dropped from it.
  private func keep(_ value: Value, of step: StepID, record: (Blob) throws -> Void = { _ in }) throws {
    condition.lock()
    writing += 1
    condition.unlock()
    let blob = Result {
      let blob = try store.writeBlob(value.encoded())
      try record(blob)
      return blob
    }
    condition.lock()
    writing -= 1
    if case .success(let blob) = blob { blobs[step] = blob.digest }
    condition.unlock()
    _ = try blob.get()
  }

  private func isDroppable(_ step: StepID) -> Bool {
    // What a server said cannot be had again.
    guard !workload.keptValues.contains(step), !prepared.asksOutside(step) else { return false }
    guard let operation = Catalogue.operation(named: prepared.plan.steps[step.index].operation) else {
      return false
    }
    return [.model, .rows, .metrics, .questions].contains(operation.result)
  }

  private func dropUnneeded() {
    // A value being written may be one of these; nobody knows before its step is recorded.
    guard writing == 0 else { return }
    // Equal bytes have one blob: what another step gave and is needed stays.
    let needed = Set(blobs.values)
    let digests = unneeded.filter { !needed.contains($0) }
    unneeded = []
    try? store.dropPassing(digests)
  }

  /// A step that names a file is recorded under that file's content, so this must still be there when the step is done.
  private func checkFiles(of step: StepID) throws {
    for case (_, .file(let path, _)) in prepared.ownArguments(of: step)
    where prepared.files.changedFiles().contains(path) {
      throw OperationError(
        "\(path) changed while the run read it, so its results cannot be trusted",
        remedy: "run again: what depends on the new content has other keys")
    }
  }

  static func words(_ error: any Error) -> (message: String, remedy: String) {
    if let error = error as? OperationError { return (error.message, error.remedy) }
    return ("\(error)", "report this: an error nobody expected")
  }

  // MARK: - One step

  private func perform(_ step: StepID, threads: Int) throws -> Value {
    let call = prepared.plan.steps[step.index]
    let identity = prepared.keys.identity(of: step)
    watch(.started(step, threads: threads))
    let started = UTCTime.now
    let clock = ContinuousClock.now
    let curve = Curve()
    let context = ExecutionContext(
      threads: threads, numerics: numerics,
      report: { [watch] event in
        switch event {
        case .progress(let done, let total):
          curve.units = total
          watch(.progress(step, done: done, total: total))
        case .metric(let name, let position, let value): curve.add(name, position, value)
        }
      }, isCancelled: isCancelled)
    func execution() -> Execution {
      let elapsed = clock.duration(to: .now).components
      return Execution(
        started: started, seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18,
        peakMemoryBytes: nil, threads: threads, units: curve.units)
    }
    do {
      let value = try recorded(step) ?? compute(step, context)
      try checkFiles(of: step)
      let execution = execution()
      try keep(value, of: step) { blob in
        if case .recorded(let before) = workload.presence[step.index], before.blob.digest != blob.digest {
          watch(.differed(step, before: before.blob.digest, now: blob.digest))
        }
        try store.record(
          FinishedStep(
            identity: identity, kind: value.kind, output: blob, figures: value.figures, curve: curve.points,
            scores: value.scores, samples: textSteps.contains(step) ? value.samples : [], execution: execution
          ), in: run)
      }
      watch(.finished(step, seconds: execution.seconds))
      return value
    } catch let error as StoreError {
      throw error
    } catch {
      let isCancelled = error is CancellationError
      let (message, remedy) = Self.words(error)
      let failed = FailedStep(
        key: identity.key, operation: call.operation, reason: isCancelled ? .cancelled : .failed,
        message: isCancelled ? "stopped" : message, remedy: isCancelled ? "run again" : remedy,
        execution: execution())
      try store.record(failed, in: run)
      if !isCancelled { watch(.failed(step, message: message, remedy: remedy)) }
      throw error
    }
  }

  /// What a server said to a step is in the store as soon as it was said.
  private func answers(to key: Digest) -> ServerAnswers {
    let earlier = (try? store.serverAnswers(of: key)) ?? [:]
    return ServerAnswers(
      earlier: { number, prompt in
        earlier[number].flatMap { $0.prompt == prompt ? $0.answer : nil }
      },
      keep: { [store] number, prompt, answer in
        try store.recordServerAnswer(answer, to: prompt, number: number, of: key)
      })
  }

  private func compute(_ step: StepID, _ context: ExecutionContext) throws -> Value {
    let call = prepared.plan.steps[step.index]
    var context = context
    context.serverAnswers = prepared.asksOutside(step) ? answers(to: prepared.keys[step]) : .unkept
    let arguments = try call.arguments.map { argument in
      (
        name: argument.name,
        value: try ArgumentValue(
          argument.value, value: { try self.value(of: $0, context) },
          locate: { self.prepared.file($0, document: $1) })
      )
    }
    return try runner(call.operation, Call(arguments: arguments, context: context))
  }

  /// The model of this plan that is known by that origin. It stays in memory: every model made from it shares its weights.
  private func loadedModel(_ origin: String, _ context: ExecutionContext) throws -> Model? {
    condition.lock()
    let known = loadedModels[origin]
    condition.unlock()
    if let known { return known }
    guard let load = prepared.loads.first(where: { $0.origin == origin }),
      case .model(let model) = try value(of: load.step, context)
    else { return nil }
    condition.lock()
    loadedModels[origin] = model
    condition.unlock()
    return model
  }
  private var loadedModels: [String: Model] = [:]

  /// A step's value, from memory or from the store; one that was damaged is computed again, with what it needs.
  private func value(of step: StepID, _ context: ExecutionContext) throws -> Value {
    condition.lock()
    let known = values[step]
    let digest = blobs[step]
    condition.unlock()
    if let known { return known }
    if let digest,
      let operation = Catalogue.operation(named: prepared.plan.steps[step.index].operation)
    {
      switch try store.readBlob(digest) {
      case .bytes(let bytes):
        // What a loading step gave is its files; nothing else is in the store.
        let isLoad = operation.name == Operation.load.name
        let value = try? Value.decoded(
          bytes, as: operation.result, loaded: { isLoad ? nil : try? self.loadedModel($0, context) })
        if let value { return remembered(value, of: step) }
      case .damaged(_, let place): watch(.damaged(step, movedTo: place))
      case .absent: watch(.damaged(step, movedTo: "nowhere: it is gone"))
      }
    }
    let value = try recorded(step) ?? compute(step, context)
    try keep(value, of: step)
    return remembered(value, of: step)
  }

  /// Keeps a value in memory if others will ask for it.
  private func remembered(_ value: Value, of step: StepID) -> Value {
    condition.lock()
    if uses[step.index] > 1 { values[step] = value }
    condition.unlock()
    return value
  }
}

/// The figures of the way of one step.
private final class Curve: @unchecked Sendable {
  private let lock = NSLock()
  private var collected: [CurvePoint] = []
  private var total: Int?

  func add(_ name: String, _ position: Int, _ value: Double) {
    lock.withLock {
      collected.append(CurvePoint(name: name, position: position, value: value.isFinite ? value : nil))
    }
  }

  var points: [CurvePoint] { lock.withLock { collected } }

  var units: Int? {
    get { lock.withLock { total } }
    set { lock.withLock { total = newValue } }
  }
}
