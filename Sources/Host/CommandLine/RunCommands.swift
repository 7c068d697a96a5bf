internal import DSL
internal import Engine
import Foundation

extension Command {
  private static let running: [Option] = [
    Option("jobs", value: "N", short: "j", "steps side by side (default: cores)"),
    Option("threads", value: "N", "threads in all (default: cores)"),
    Option("numerics", value: "NAME", "native (default) or openblas"),
    Option("ignore-memory", "go on although this machine has too little memory"),
  ]

  static let run = Command(
    "run", "FILE", "Compute what the store does not hold yet; write the report.",
    options: running + [
      Option("fail-fast", "stop at the first failure"), Option("strict", "exit 1 if a claim fails"),
      Option("dry-run", short: "n", "as `emend plan`"),
    ],
    examples: ["run recipes/quickstart.md", "run -j 2 my-study.md"]
  ) { session, arguments in
    if arguments.switches.contains("dry-run") { return try Command.plan.perform(session, arguments) }
    let numerics = try Session.numerics(arguments)
    let store = try Store.open(at: session.project.store, for: .write)
    defer { store.close() }
    let prepared = try session.prepare(arguments.file(), numerics: numerics, store: store)
    let folder = try ReportFolder(session, prepared)
    let outcome = try StudyRun(session, prepared, store: store, arguments: arguments, numerics: numerics)
      .execute()
    if let fault = outcome.storeFault { throw fault }
    let moved = prepared.files.changedFiles()
    if !moved.isEmpty {
      throw CommandFailure(
        "\(moved.joined(separator: ", ")) changed while the run read it, so its results cannot be trusted",
        remedy: "run again: what depends on the new content has other keys", status: .no)
    }
    try store.remember(prepared.files.entries())
    if outcome.wasCancelled {
      session.terminal.warn(
        "stopped; what was finished is kept. `emend run \(prepared.path)` goes on from here, `emend report \(prepared.path)` shows what there is"
      )
      return Interruption.signal == SIGTERM ? .terminated : .interrupted
    }
    let input = try ResultsReader(prepared, store: store).input()
    let report = try folder.write(input)
    session.terminal.answer(report.summary)
    session.terminal.answer("report: \(folder.name)/report.md")
    if !outcome.failed.isEmpty {
      session.terminal.warn(
        "\(counted(outcome.failed.count, "step")) failed, \(outcome.skipped) could not run for that; running again tries them again"
      )
      return .no
    }
    guard prepared.areAnswered(input.queries, session.terminal) else { return .no }
    if arguments.switches.contains("strict"),
      report.claims.contains(where: { [.fails, .isNotShown].contains($0.verdict) })
    {
      return .no
    }
    return .done
  }

  static let report = Command(
    "report", "FILE", "Render the report again from the store alone.",
    options: [
      Option("check", "write nothing; exit 1 if the report is stale"),
      Option("numerics", value: "NAME", "native or openblas"),
    ],
    examples: ["report recipes/quickstart.md", "report --check recipes/quickstart.md"]
  ) { session, arguments in
    let isChecking = arguments.switches.contains("check")
    let store = try session.openStore(registering: !isChecking)
    let prepared = try session.prepare(arguments.file(), numerics: Session.numerics(arguments), store: store)
    // What the store has of the document as it is now, though it ran as it was.
    if store.access == .write { try store.register(prepared.registration) }
    let folder = try ReportFolder(session, prepared)
    let input = try ResultsReader(prepared, store: store).input()
    if isChecking {
      let stale = folder.stale(input)
      for path in stale { session.terminal.answer("\(path): stale") }
      return prepared.areAnswered(input.queries, session.terminal) && stale.isEmpty ? .done : .no
    }
    session.terminal.answer(try folder.write(input).summary)
    return prepared.areAnswered(input.queries, session.terminal) ? .done : .no
  }

  static let verify = Command(
    "verify", "FILE", "Compute everything again from nothing and compare every digest.",
    options: running + [
      Option(
        "tolerance", value: "SHARE",
        "against results of other numerics: the greatest difference of a share that passes (default 0.05)")
    ],
    examples: ["verify recipes/quickstart.md", "verify --numerics openblas recipes/quickstart.md"]
  ) { session, arguments in
    let numerics = try Session.numerics(arguments)
    let tolerance = try FigureComparison.tolerance(arguments)
    let original = try session.openStore()
    let prepared = try session.prepare(arguments.file(), numerics: numerics, store: original)
    let scratch = FileManager.default.temporaryDirectory.appending(
      path: "emend-verify-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let store = try Store.open(at: scratch.path(percentEncoded: false), for: .write)
    let outside = prepared.plan.steps.indices.map(StepID.init).filter(prepared.asksOutside)
    let outcome = try StudyRun(session, prepared, store: store, arguments: arguments, numerics: numerics)
      .execute(recorded: { step in
        outside.contains(step) ? Recorded.value(of: prepared.keys[step], in: original) : nil
      })
    defer { store.close() }
    if !outside.isEmpty {
      session.terminal.warn(
        "\(counted(outside.count, "step")) asked a server: what is stored was taken, and only what follows from it was computed again"
      )
    }
    if let fault = outcome.storeFault { throw fault }
    if outcome.wasCancelled { return Interruption.signal == SIGTERM ? .terminated : .interrupted }
    var equal = 0
    var missing = 0
    var differing: [StepID] = []
    var edited: [StepID] = []
    for index in prepared.plan.steps.indices {
      let key = prepared.keys.keys[index]
      guard let now = try store.step(key) else { continue }
      guard let before = try original.step(key) else {
        missing += 1
        continue
      }
      if before.output.blob != now.output.blob {
        differing.append(StepID(index))
      } else if try original.figures(of: key) != store.figures(of: key) {
        edited.append(StepID(index))
      } else {
        equal += 1
      }
    }
    if equal == 0, differing.isEmpty,
      let comparison = try FigureComparison(
        session, tolerance: tolerance, prepared, original: original, now: store)
    {
      session.terminal.answer(comparison.words)
      return comparison.isWithin && outcome.failed.isEmpty ? .done : .no
    }
    if let first = differing.first {
      session.terminal.answer(
        "\(differing.count == 1 ? "1 step differs" : "\(differing.count) steps differ"); the first is \(prepared.plan.steps[first.index].operation) at \(prepared.place(of: first)) (\(prepared.keys[first].short))"
      )
      return .no
    }
    if let first = edited.first {
      session.terminal.answer(
        "\(counted(edited.count, "step")) gave the same bytes again, but the figures in the store are others: first \(prepared.plan.steps[first.index].operation) at \(prepared.place(of: first)) (\(prepared.keys[first].short)); the database was edited or damaged"
      )
      return .no
    }
    if missing > 0 {
      session.terminal.warn("\(counted(missing, "step")) not in the store yet; `emend run` first")
    }
    if !outcome.failed.isEmpty { session.terminal.warn("\(counted(outcome.failed.count, "step")) failed") }
    session.terminal.answer(
      "\(counted(equal, "step")) computed again: the same bytes (\(Session.name(of: numerics)))")
    return missing == 0 && outcome.failed.isEmpty ? .done : .no
  }
}

/// One run of a prepared plan into a store, with everything around it.
struct StudyRun {
  let session: Session
  let prepared: PreparedPlan
  let store: Store
  let numerics: Numerics
  let jobs: Int
  let threads: Int
  let failFast: Bool
  let ignoresMemory: Bool

  init(_ session: Session, _ prepared: PreparedPlan, store: Store, arguments: Arguments, numerics: Numerics)
    throws(UsageError)
  {
    self.session = session
    self.prepared = prepared
    self.store = store
    self.numerics = numerics
    jobs = try arguments.integer("jobs", atLeast: 1, atMost: 1024) ?? Machine.cores
    threads = try arguments.integer("threads", atLeast: 1, atMost: 1024) ?? Machine.cores
    failFast = arguments.switches.contains("fail-fast")
    ignoresMemory = arguments.switches.contains("ignore-memory")
  }

  /// As many steps side by side as the machine has memory for.
  private func fittingJobs(_ memory: MemoryPlan) throws(CommandFailure) -> Int {
    if ignoresMemory { return jobs }
    let fitting = memory.jobs(upTo: jobs, within: Machine.memory)
    let here = MemoryPlan.words(Machine.memory)
    if fitting == 0, let most = memory.needs.first {
      throw CommandFailure(
        "\(prepared.place(of: most.step)): \(prepared.plan.steps[most.step.index].operation) needs about \(MemoryPlan.words(memory.peak(jobs: 1))), and this machine has \(here)",
        remedy:
          "train an adapter with `lora`, take a smaller model or fewer max_tokens and samples, or try all the same with --ignore-memory"
      )
    }
    if fitting < min(jobs, memory.needs.count) {
      session.terminal.say(
        "\(jobs) steps side by side need about \(MemoryPlan.words(memory.peak(jobs: jobs))), and this machine has \(here): at most \(fitting) at a time"
      )
    }
    return fitting
  }

  /// - Parameter recorded: what a step gave elsewhere, taken for its value instead of running it.
  func execute(recorded: @escaping @Sendable (StepID) -> Value? = { _ in nil }) throws -> RunOutcome {
    try store.register(prepared.registration)
    try dropDamagedValues()
    let overview = try PlanOverview(prepared, store: store, threads: threads)
    try addMissingTexts(overview.workload)
    let steps = overview.workload.toRun
    guard !steps.isEmpty else {
      session.terminal.say("nothing to run: all \(prepared.plan.steps.count) steps are in the store")
      return RunOutcome()
    }
    let jobs = try fittingJobs(overview.memory)
    let environment = EnvironmentRecord.current(
      project: session.project.folder, emendVersion: Session.version, numerics: Session.name(of: numerics))
    let run = try store.beginRun(document: prepared.document, command: "run", environment: environment)
    session.terminal.say("\(steps.count) of \(prepared.plan.steps.count) steps to run")
    var estimates = overview.times.map(TimeEstimates.init)
    let weights = prepared.plan.steps.indices.map { index in
      overview.workload.reasons[index] == nil
        ? nil : estimates?.estimate(for: prepared.keys.identity(of: StepID(index)))
    }
    let progress = Progress(prepared, overview.workload, weights: weights, terminal: session.terminal)
    let outcome = Executor(
      prepared, overview.workload, store: store, run: run, jobs: jobs, threads: threads, numerics: numerics,
      failFast: failFast, isCancelled: { Interruption.signal != 0 }, recorded: recorded,
      watch: { progress.note($0) }
    ).execute()
    progress.end()
    try store.endRun(
      run,
      status: outcome.wasCancelled
        ? .interrupted : outcome.failed.isEmpty && outcome.storeFault == nil ? .done : .failed)
    return outcome
  }
}

extension StudyRun {
  /// Texts of this plan that an earlier one had in other rows: what is shown of a trial does not depend on what ran before.
  private func addMissingTexts(_ workload: Workload) throws {
    let kept: [(key: Digest, output: StepOutput)] = workload.textSteps(of: prepared).sorted {
      $0.index < $1.index
    }
    .compactMap { step in
      guard case .present(let output) = workload.presence[step.index] else { return nil }
      return (prepared.keys[step], output)
    }
    let missing = try store.withoutSamples(kept.map(\.key))
    for (key, output) in kept where missing.contains(key) {
      guard case .bytes(let bytes) = try store.readBlob(output.blob.digest),
        let value = try? Value.decoded(bytes, as: output.kind)
      else { continue }
      try store.addSamples(value.samples, of: key)
    }
  }

  /// What the report shows is read before the run, so that what is damaged is computed again in it, not in the next.
  private func dropDamagedValues() throws {
    let shown = prepared.shownSteps
    for (step, presence) in zip(shown, try store.presence(of: shown.map { prepared.keys[$0] })) {
      guard case .present(let output) = presence,
        case .damaged(_, let place) = try store.readBlob(output.blob.digest)
      else { continue }
      session.terminal.warn(
        "damaged: what \(prepared.place(of: step)) gave is not what it was (moved to \(place)); it is computed again"
      )
    }
  }
}

extension PreparedPlan {
  /// Whether every query of the document got an answer; says of those that did not where they are and why.
  fileprivate func areAnswered(_ outcomes: [String: QueryOutcome], _ terminal: Terminal) -> Bool {
    var areAll = true
    for item in plan.items {
      guard case .query(let name, _) = item.kind, let error = outcomes[name]?.error else { continue }
      terminal.warn("\(compilation.sources.place(item.span)): the query `\(name)` failed: \(error)")
      areAll = false
    }
    return areAll
  }
}

/// Values that a store holds.
enum Recorded {
  /// What a step gave; `nil` if its value is not kept, or is not what it should be.
  static func value(of key: Digest, in store: Store) -> Value? {
    guard let record = try? store.step(key),
      case .bytes(let bytes) = try? store.readBlob(record.output.blob.digest)
    else { return nil }
    return try? Value.decoded(bytes, as: record.output.kind)
  }
}

/// The folder with a document's report.
struct ReportFolder {
  let folder: String
  let session: Session

  /// Relative to the project.
  var name: String { session.project.name(of: folder) }

  /// - Throws: if another document that is still there has its report in this folder: `study.md` and `recipes/study.md` have the same one.
  init(_ session: Session, _ prepared: PreparedPlan) throws {
    self.session = session
    folder = session.project.reportFolder(of: prepared.path)
    let own = Self.file(prepared.document, session)
    // A report names a document outside of the project by its last name alone; the store knows all of it.
    let alike = Self.documents(session).first {
      session.project.reportFolder(of: $0) == folder
        && FileManager.default.fileExists(atPath: Self.file($0, session))
        && Self.file($0, session) != own
    }
    if let alike { throw Self.clash(name, alike, prepared.document) }
    guard let other = reported, other != prepared.documentInReport,
      FileManager.default.fileExists(atPath: Project.absolute(other, in: session.project.folder))
    else { return }
    throw Self.clash(name, other, prepared.document)
  }

  /// Those that the store knows, if there is one.
  private static func documents(_ session: Session) -> [String] {
    guard FileManager.default.fileExists(atPath: session.project.store),
      let store = try? session.openStore()
    else { return [] }
    defer { store.close() }
    return (try? store.documents()) ?? []
  }

  /// Where a document lies, links followed.
  private static func file(_ document: String, _ session: Session) -> String {
    URL(filePath: Project.absolute(document, in: session.project.folder)).resolvingSymlinksInPath()
      .path(percentEncoded: false)
  }

  private static func clash(_ folder: String, _ other: String, _ document: String) -> CommandFailure {
    CommandFailure(
      "\(folder) has the report of \(other), and would have that of \(document), too",
      remedy: "rename one of the two documents")
  }

  /// The document that the report in the folder names, if there is one.
  private var reported: String? {
    guard let bytes = FileManager.default.contents(atPath: folder + "/report.md") else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let mark = text.range(of: "`" + PreparedPlan.verifyCommand, options: .backwards),
      let end = text[mark.upperBound...].firstIndex(of: "`")
    else { return nil }
    return String(text[mark.upperBound..<end])
  }

  private func files(_ report: Report) -> [(path: String, bytes: [UInt8])] {
    [("report.md", Array(report.markdown.utf8))] + report.files
  }

  /// Files that are not what they should be.
  func stale(_ input: ReportInput) -> [String] {
    files(renderReport(input)).filter { file in
      FileManager.default.contents(atPath: folder + "/" + file.path).map(Array.init) != file.bytes
    }.map { session.project.name(of: folder + "/" + $0.path) }
  }

  /// Writes what changed, each file at once; files of figures that are no longer drawn go.
  func write(_ input: ReportInput) throws -> Report {
    let report = renderReport(input)
    let files = files(report)
    do {
      for file in files {
        let path = folder + "/" + file.path
        if FileManager.default.contents(atPath: path).map(Array.init) == file.bytes { continue }
        try FileManager.default.createDirectory(
          atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(file.bytes).write(to: URL(filePath: path), options: .atomic)
      }
    } catch {
      throw CommandFailure(
        "cannot write the report to \(folder): \(error.localizedDescription)", remedy: "check the folder",
        status: .unusable)
    }
    let wanted = Set(files.map(\.path))
    for part in ["figures", "tables"] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + part)) ?? []
      // Another document's report may lie there, too.
      for name in names
      where !wanted.contains(part + "/" + name)
        && ["svg", "csv", "tex", "json"].contains((name as NSString).pathExtension)
      {
        try? FileManager.default.removeItem(atPath: folder + "/" + part + "/" + name)
      }
    }
    return report
  }
}
