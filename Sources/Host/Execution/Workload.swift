package import DSL
package import Engine

/// A compiled document with its keys: everything that can be said before anything runs.
package struct PreparedPlan: Sendable {
  package let project: Project
  package let path: String
  package let compilation: Compilation
  package let plan: Plan
  package let keys: StepKeys
  package let files: FileDigests
  package var document: String { project.name(of: path) }
  package var text: String { String(decoding: compilation.sources[0].bytes, as: UTF8.self) }

  /// - Throws: `KeyError` when a file that the recipe names cannot be read.
  package init(
    project: Project, path: String, compilation: Compilation, plan: Plan, numerics: String,
    remembered: [FileDigests.Entry]
  ) throws(KeyError) {
    self.project = project
    self.path = path
    self.compilation = compilation
    self.plan = plan
    files = FileDigests(remembered: remembered)
    keys = try StepKeys(
      of: plan, versions: Self.versions, numerics: numerics, files: files,
      locate: { project.locate($0, document: $1, of: compilation.sources) })
  }

  /// Version of every operation.
  package static let versions = Dictionary(
    Catalogue.operations.map { ($0.name, $0.version) }, uniquingKeysWith: { first, _ in first })

  /// `path:line` of the recipe's line that asks for a step.
  package func place(of step: StepID) -> String {
    let span = plan.steps[step.index].span
    let document = compilation.sources[span.document]
    return "\(document.path):\(document.location(of: span.start).line)"
  }

  /// The absolute path of a file that a document names, and the digest of its content.
  package func file(_ path: String, document: Int) -> (path: String, digest: String) {
    (
      project.locate(path, document: document, of: compilation.sources),
      keys.files[FileName(path: path, document: document)]?.hex ?? ""
    )
  }

  /// A step's arguments without those that other steps give: what is known of its call before anything runs.
  package func ownArguments(of step: StepID) -> [(name: String, value: ArgumentValue)] {
    struct NotThere: Error {}
    return plan.steps[step.index].arguments.compactMap { argument in
      let value = try? ArgumentValue(
        argument.value, value: { _ in throw NotThere() }, locate: { file($0, document: $1) })
      return value.map { (argument.name, $0) }
    }
  }

  /// The steps that load a model, with the place of its files and what the model is known by.
  package var loads: [(step: StepID, path: String, origin: String)] {
    plan.steps.indices.filter { plan.steps[$0].operation == Operation.load.name }.compactMap { index in
      let arguments = ownArguments(of: StepID(index))
      let call = Call(arguments: arguments, context: ExecutionContext(threads: 1))
      guard let origin = try? Operation.origin(ofLoad: call) else { return nil }
      for case (_, .file(let path, _)) in arguments { return (StepID(index), path, origin) }
      return nil
    }
  }

  /// Whether a step asks a server: nobody can compute its value again, so what it gave is kept and believed.
  package func asksOutside(_ step: StepID) -> Bool {
    plan.steps[step.index].arguments.contains { Self.namesServer($0.value) }
  }

  private static func namesServer(_ value: PlanValue) -> Bool {
    switch value {
    case .record(let constructor, let fields):
      constructor == SettingsConstructor.server.name || fields.contains { namesServer($0.value) }
    case .list(let values): values.contains { namesServer($0) }
    default: false
    }
  }

  /// Which steps take which step's value.
  package func inputs(of step: StepID) -> [StepID] {
    var found: Set<StepID> = []
    for argument in plan.steps[step.index].arguments { Self.collect(argument.value, into: &found) }
    return found.sorted()
  }

  /// Steps whose value the report shows.
  var shownSteps: [StepID] {
    plan.items.compactMap { item in
      guard case .show(let show) = item.kind, case .step(let step, _) = show.value else { return nil }
      return step
    }
  }

  /// Steps whose value stays in the store: what the report shows, what the recipe names, what trials end with.
  package var keptSteps: Set<StepID> {
    var values = plan.names.map(\.value)
    for study in plan.studies { values += study.trials.map(\.result) }
    return values.reduce(into: Set(shownSteps)) { kept, value in
      if case .step(let step, _) = value { kept.insert(step) }
    }
  }

  /// What the store is told of this plan.
  package var registration: PlanRegistration {
    keys.registration(document: document, text: text, kept: keptSteps)
  }

  private static func collect(_ value: PlanValue, into found: inout Set<StepID>) {
    switch value {
    case .step(let step, _): found.insert(step)
    case .list(let values): for value in values { collect(value, into: &found) }
    case .record(_, let fields): for field in fields { collect(field.value, into: &found) }
    default: break
    }
  }
}

/// What has to run, and why, given what the store holds.
package struct Workload: Sendable {
  /// Why a step must run.
  package enum Reason: Hashable, Sendable {
    case neverRun
    case failedBefore(String)
    /// It was run, its value is no longer kept, and this step needs it.
    case valueNeeded(by: StepID)
    /// Its value should be in the store and is not: the report shows it, the recipe names it, or a trial ends with it.
    case valueLost
  }

  package let inputs: [[StepID]]
  /// By index of step; `nil`: need not run.
  package let reasons: [Reason?]
  package let presence: [StepPresence]
  /// Steps whose value the report shows or the recipe names: kept after the run.
  package let keptValues: Set<StepID>

  package var toRun: [StepID] { reasons.indices.filter { reasons[$0] != nil }.map(StepID.init) }

  package init(_ prepared: PreparedPlan, presence: [StepPresence], failures: [Digest: String] = [:]) {
    let plan = prepared.plan
    let inputs = plan.steps.indices.map { prepared.inputs(of: StepID($0)) }
    var reasons = [Reason?](repeating: nil, count: plan.steps.count)
    var goals: Set<StepID> = []
    let kept = prepared.keptSteps
    func goal(_ value: PlanValue) {
      if case .step(let step, _) = value { goals.insert(step) }
    }
    for study in plan.studies {
      for trial in study.trials {
        for log in trial.logs { goal(log.value) }
      }
    }
    goals.formUnion(kept)
    for step in goals where presence[step.index] == .absent { reasons[step.index] = .neverRun }
    for step in kept {
      if case .recorded = presence[step.index] { reasons[step.index] = .valueLost }
    }
    // Inputs come before those that need them, so one pass from the end finds everything.
    for index in plan.steps.indices.reversed() where reasons[index] != nil {
      for input in inputs[index] where reasons[input.index] == nil {
        switch presence[input.index] {
        case .absent: reasons[input.index] = .neverRun
        case .recorded: reasons[input.index] = .valueNeeded(by: StepID(index))
        case .present: break
        }
      }
    }
    for index in reasons.indices where reasons[index] == .neverRun {
      if let message = failures[prepared.keys.keys[index]] { reasons[index] = .failedBefore(message) }
    }
    self.inputs = inputs
    self.reasons = reasons
    self.presence = presence
    keptValues = kept
  }
}

extension Workload {
  /// Steps whose texts are put into tables: those that give rows or an evaluation, unless other rows or evaluations of every trial hold them.
  package func textSteps(of prepared: PreparedPlan) -> Set<StepID> {
    let plan = prepared.plan
    let kinds = plan.steps.map { Catalogue.operation(named: $0.operation)?.result }
    let sayers = plan.steps.indices.map(StepID.init).filter { [.rows, .metrics].contains(kinds[$0.index]) }
    func held(among steps: [StepID]) -> Set<StepID> {
      steps.reduce(into: []) { found, step in
        if [.rows, .metrics].contains(kinds[step.index]) { found.formUnion(inputs[step.index]) }
      }
    }
    var found = Set(sayers).subtracting(held(among: sayers))
    for trial in plan.studies.flatMap(\.trials) {
      let held = held(among: trial.steps)
      found.formUnion(
        trial.steps.filter { [.rows, .metrics].contains(kinds[$0.index]) && !held.contains($0) })
    }
    return found
  }
}
