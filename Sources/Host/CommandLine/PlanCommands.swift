internal import DSL
internal import Engine
import Foundation

extension Command {
  static let check = Command(
    "check", "FILE…", "Find every error of documents; run nothing.",
    options: [Option("json", "for programs, on standard output")], examples: ["check recipes/*.md"]
  ) { session, arguments in
    guard !arguments.operands.isEmpty else {
      throw UsageError("which documents?", remedy: "name some: emend check recipes/*.md")
    }
    var status = ExitStatus.done
    for path in arguments.operands {
      if arguments.switches.contains("json") {
        let compilation = session.project.compile(path)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let data = try encoder.encode(compilation.diagnostics.records(compilation.sources))
        session.terminal.answer(String(decoding: data, as: UTF8.self))
        if compilation.diagnostics.hasErrors { status = .no }
      } else if let compilation = session.compile(path), let plan = compilation.plan {
        var known: Set<String> = []
        for (file, step) in try StepInputs(of: plan.steps).files {
          let located = session.project.locate(file.path, document: file.document, of: compilation.sources)
          guard known.insert(located).inserted, !FileManager.default.fileExists(atPath: located) else {
            continue
          }
          session.terminal.warn(
            "\(compilation.sources.place(plan.steps[step.index].span)): \(located) is not there; `plan` and `run` need it"
          )
        }
        let trials = plan.studies.reduce(0) { $0 + $1.trials.count }
        session.terminal.say(
          "\(path): no errors; \(plan.studies.count == 1 ? "1 study" : "\(plan.studies.count) studies"), \(counted(trials, "trial")), \(counted(plan.steps.count, "step"))"
        )
      } else {
        status = .no
      }
    }
    return status
  }

  static let plan = Command(
    "plan", "FILE", "Show what would run, what is stored, why, and how long it would take.",
    options: [
      Option("why", "a line for each step that must run"), Option("json", "for programs"),
      Option("numerics", value: "NAME", "native or openblas"),
    ], examples: ["plan recipes/quickstart.md", "plan --why recipes/quickstart.md"]
  ) { session, arguments in
    let store = try session.existingStore()
    let prepared = try session.prepare(arguments.file(), numerics: Session.numerics(arguments), store: store)
    let overview = try PlanOverview(prepared, store: store, threads: Machine.cores)
    if arguments.switches.contains("json") {
      session.terminal.answer(overview.json(prepared).text)
      return .done
    }
    for line in overview.lines(prepared) { session.terminal.answer(line) }
    if arguments.switches.contains("why") {
      for step in overview.workload.toRun {
        session.terminal.answer(
          "  \(prepared.place(of: step)) \(prepared.plan.steps[step.index].operation) \(prepared.keys[step].short): \(overview.words(step, prepared))"
        )
      }
    }
    return .done
  }

  static let fmt = Command(
    "fmt", "FILE…", "Lay out the recipe cells of documents in one way.",
    options: [Option("check", "change nothing; exit 1 if something would change")],
    examples: ["fmt recipes/*.md"]
  ) { session, arguments in
    guard !arguments.operands.isEmpty else {
      throw UsageError("which documents?", remedy: "name some: emend fmt recipes/*.md")
    }
    var status = ExitStatus.done
    for path in arguments.operands {
      let file: SourceFile
      do {
        file = try session.project.read(path, relativeTo: nil)
      } catch {
        throw CommandFailure("cannot read \(path)", remedy: "check the path")
      }
      let formatted = RecipeFormatter(formatting: file)
      if formatted.diagnostics.hasErrors {
        session.terminal.warn("\(path): has errors and is left alone; `emend check \(path)` tells them")
        status = .no
      } else if formatted.bytes != file.bytes {
        if arguments.switches.contains("check") {
          session.terminal.answer("\(path): would change")
          status = .no
        } else {
          try Self.replace(Project.absolute(path, in: session.project.folder), with: formatted.bytes)
          session.terminal.say("\(path): changed")
        }
      }
    }
    return status
  }

  /// Writes a document anew, at once or not at all; behind a link it is the file that changes, and its permissions stay.
  private static func replace(_ path: String, with bytes: [UInt8]) throws(CommandFailure) {
    let file = URL(filePath: path).resolvingSymlinksInPath()
    do {
      let name = file.path(percentEncoded: false)
      guard FileManager.default.isWritableFile(atPath: name) else {
        throw CommandFailure("\(path) cannot be written", remedy: "check its permissions", status: .unusable)
      }
      let permissions = try FileManager.default.attributesOfItem(atPath: name)[.posixPermissions]
      try Data(bytes).write(to: file, options: .atomic)
      if let permissions {
        try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: name)
      }
    } catch let error as CommandFailure {
      throw error
    } catch {
      throw CommandFailure(
        "\(path) cannot be written: \(error.localizedDescription)",
        remedy: "check its folder and the free space",
        status: .unusable)
    }
  }
}

/// A plan against the store, in numbers.
struct PlanOverview {
  let workload: Workload
  let presence: [StepPresence]
  let times: PastTimes?
  let memory: MemoryPlan

  /// - Parameter threads: of a step.
  init(_ prepared: PreparedPlan, store: Store?, threads: Int) throws(StoreError) {
    var presence =
      try store?.presence(of: prepared.keys.keys)
      ?? Array(repeating: .absent, count: prepared.plan.steps.count)
    // These are read after the run, so here it matters that their files are there, as the database believes.
    for step in prepared.keptSteps {
      if case .present(let output) = presence[step.index], store?.hasFile(of: output.blob) == false {
        presence[step.index] = .recorded(output)
      }
    }
    self.presence = presence
    var failures: [Digest: String] = [:]
    for failure in try store?.failures() ?? [] { failures[failure.key] = failure.message }
    workload = Workload(prepared, presence: presence, failures: failures)
    times = try store?.pastTimes()
    memory = MemoryPlan(prepared, workload, threads: threads)
  }

  /// Seconds for the steps to run, one after another, and how many of them are of a kind never seen.
  func estimate(_ prepared: PreparedPlan) -> (seconds: Double, unknown: Int) {
    var seconds = 0.0
    var unknown = 0
    var estimates = times.map(TimeEstimates.init)
    for step in workload.toRun {
      if let time = estimates?.estimate(for: prepared.keys.identity(of: step)) {
        seconds += time
      } else {
        unknown += 1
      }
    }
    return (seconds, unknown)
  }

  func lines(_ prepared: PreparedPlan) -> [String] {
    let plan = prepared.plan
    var order: [String] = []
    var rows: [String: (total: Int, run: Int)] = [:]
    for (index, step) in plan.steps.enumerated() {
      if rows[step.operation] == nil { order.append(step.operation) }
      rows[step.operation, default: (0, 0)].total += 1
      if workload.reasons[index] != nil { rows[step.operation, default: (0, 0)].run += 1 }
    }
    // How often the trials ask for each operation, before equal calls were merged.
    var calls: [String: Int] = [:]
    for study in plan.studies {
      for trial in study.trials {
        for step in trial.steps { calls[plan.steps[step.index].operation, default: 0] += 1 }
      }
    }
    var lines = ["operation".padding(to: 16) + "   calls  distinct    stored    to run"]
    func cell(_ number: Int) -> String {
      String(repeating: " ", count: max(0, 8 - String(number).count)) + "\(number)  "
    }
    for operation in order {
      let row = rows[operation] ?? (0, 0)
      lines.append(
        operation.padding(to: 16) + cell(max(calls[operation] ?? 0, row.total)) + cell(row.total)
          + cell(row.total - row.run) + cell(row.run))
    }
    for study in plan.studies {
      lines.append(
        "study \(study.name): \(counted(study.trials.count / max(1, study.seeds.count), "variant")) × \(counted(study.seeds.count, "seed"))"
      )
    }
    let toRun = workload.toRun.count
    guard toRun > 0 else { return lines + ["nothing to run"] }
    let (seconds, unknown) = estimate(prepared)
    var words = "\(counted(toRun, "step")) to run"
    if seconds > 0 { words += ", about \(Self.words(seconds)) of computing on one core" }
    if unknown > 0 {
      words +=
        unknown == toRun
        ? "; how long is not known before some have run" : "; \(unknown) of a kind not timed yet"
    }
    lines.append(words)
    if let most = memory.needs.first {
      let need = memory.peak(jobs: 1)
      var words =
        "memory: up to \(MemoryPlan.words(need)) with one step at a time (\(plan.steps[most.step.index].operation) at \(prepared.place(of: most.step)))"
      if need > Machine.memory { words += "; this machine has \(MemoryPlan.words(Machine.memory))" }
      lines.append(words)
    }
    return lines
  }

  func json(_ prepared: PreparedPlan) -> JSON {
    let (seconds, unknown) = estimate(prepared)
    return .object([
      JSONMember("schema", .string("emend.plan/1")), JSONMember("plan", .string(prepared.keys.planKey().hex)),
      JSONMember("steps", .int(prepared.plan.steps.count)), JSONMember("to_run", .int(workload.toRun.count)),
      JSONMember("seconds", .float(seconds)), JSONMember("not_timed", .int(unknown)),
      JSONMember("bytes", .int(workload.toRun.isEmpty ? 0 : memory.peak(jobs: 1))),
      JSONMember(
        "studies",
        .array(
          prepared.plan.studies.map {
            .object([JSONMember("name", .string($0.name)), JSONMember("trials", .int($0.trials.count))])
          })),
    ])
  }

  /// Why a step must run.
  func words(_ step: StepID, _ prepared: PreparedPlan) -> String {
    switch workload.reasons[step.index] {
    case .neverRun: "never run"
    case .failedBefore(let message): "failed before: \(message)"
    case .valueNeeded(let by):
      "its value is no longer kept, and \(prepared.plan.steps[by.index].operation) at \(prepared.place(of: by)) needs it"
    case .valueLost:
      "its value is not in the store, where it belongs: it is shown, named, or what a trial ends with"
    case nil: "need not run"
    }
  }

  /// `3 min 20 s`.
  static func words(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(max(1, whole)) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
