package import DSL

/// Why keys could not be computed.
package enum KeyError: Error, Sendable, Hashable {
  /// The plan calls what the engine does not have.
  case unknownOperation(String)
  /// A file that a step reads cannot be read.
  case file(FileError, step: StepID)
  /// A step's input does not come before it: a bug of whoever made the plan.
  case disorder(step: StepID)
}

/// The keys of a plan's steps: SHA-256 of everything that determines a step's value, and of nothing else.
///
/// The contract, in the order in which it is hashed: the format's name; operation and its version; numerics; number of
/// arguments; each argument's name and value, sorted by name. In a value, an input step is its key and the fields taken of
/// it, a file is the digest of its content. Not covered: places in the recipe, names and comments, paths, threads, machines.
package struct StepKeys: Sendable {
  /// By index of the step.
  package private(set) var keys: [Digest]

  let steps: [Step]
  let studies: [Study]
  let names: [NamedValue]
  let versions: [String: Int]
  let numerics: String
  let files: [FileName: Digest]
  let inputs: StepInputs

  /// - Parameters:
  ///   - versions: of each operation.
  ///   - numerics: `native`, or `openblas` with version and core name.
  ///   - locate: the absolute path of a file that the recipe names, from its path and the document's index.
  package init(
    of plan: Plan, versions: [String: Int], numerics: String, files: FileDigests,
    locate: (_ path: String, _ relativeTo: Int) -> String
  ) throws(KeyError) {
    let read = try StepInputs(of: plan.steps)
    var digests: [FileName: Digest] = [:]
    for (name, step) in read.files where digests[name] == nil {
      do {
        digests[name] = try files.digest(ofFile: locate(name.path, name.document))
      } catch { throw .file(error, step: step) }
    }
    keys = []
    keys.reserveCapacity(plan.steps.count)
    var bytes: [UInt8] = []
    var orders: [String: ArgumentOrder] = [:]
    for step in plan.steps {
      guard let version = versions[step.operation] else { throw .unknownOperation(step.operation) }
      bytes.removeAll(keepingCapacity: true)
      bytes.append(contentsOf: Self.stepFormat.utf8)
      CanonicalEncoding.append(step.operation, to: &bytes)
      CanonicalEncoding.append(version, to: &bytes)
      CanonicalEncoding.append(numerics, to: &bytes)
      CanonicalEncoding.append(count: step.arguments.count, to: &bytes)
      if orders[step.operation]?.fits(step.arguments) != true {
        orders[step.operation] = ArgumentOrder(of: step.arguments)
      }
      for index in orders[step.operation]?.order ?? [] {
        let argument = step.arguments[index]
        CanonicalEncoding.append(argument.name, to: &bytes)
        CanonicalEncoding.append(argument.value, keys: keys, files: digests, to: &bytes)
      }
      keys.append(Digest(of: bytes))
    }
    steps = plan.steps
    studies = plan.studies
    names = plan.names
    self.versions = versions
    self.numerics = numerics
    self.files = digests
    inputs = read
  }

  private static let stepFormat = "emend step 1\0"

  /// The step's key.
  package subscript(_ step: StepID) -> Digest { keys[step.index] }

  /// A step, complete, for the store and for people.
  package func identity(of step: StepID) -> StepIdentity {
    let call = steps[step.index]
    let order = CanonicalEncoding.sortedOrder(of: call.arguments)
    let arguments = JSON.object(
      order.map { JSONMember(call.arguments[$0].name, json(of: call.arguments[$0].value)) })
    return StepIdentity(
      key: self[step], operation: call.operation, version: versions[call.operation] ?? 0,
      numerics: numerics, arguments: arguments.text,
      inputs: Set(inputs.of(step.index).map { keys[Int($0)] }).sorted())
  }

  /// Of one combination of settings with one seed: what it is called by, and all that it logs and returns.
  package func key(of trial: Trial, in study: Study) -> Digest {
    var bytes = [UInt8]("emend trial 1\0".utf8)
    let settings = zip(study.axes, trial.settings).map { PlanField(name: $0.name, value: $1) }
    append(.record(constructor: nil, fields: settings), to: &bytes)
    CanonicalEncoding.append(trial.seed, to: &bytes)
    // Entries of one iteration are told apart by their names, so the order in which they are written means nothing.
    let logs = trial.logs.map { log in
      var entry: [UInt8] = []
      CanonicalEncoding.append(log.iteration, to: &entry)
      CanonicalEncoding.append(log.name ?? "", to: &entry)
      append(log.value, to: &entry)
      return entry
    }
    CanonicalEncoding.append(count: logs.count, to: &bytes)
    for entry in logs.sorted(by: { $0.lexicographicallyPrecedes($1) }) { bytes += entry }
    append(trial.result, to: &bytes)
    return Digest(of: bytes)
  }

  /// Of a study: its axes and all its trials, in order. Its name is not part of it.
  package func key(of study: Study) -> Digest {
    key(ofStudyWith: study.axes.map(\.name), trials: study.trials.map { key(of: $0, in: study) })
  }

  func key(ofStudyWith axes: [String], trials: [Digest]) -> Digest {
    var bytes = [UInt8]("emend study 1\0".utf8)
    CanonicalEncoding.append(count: axes.count, to: &bytes)
    for axis in axes { CanonicalEncoding.append(axis, to: &bytes) }
    CanonicalEncoding.append(count: trials.count, to: &bytes)
    for trial in trials { trial.append(to: &bytes) }
    return Digest(of: bytes)
  }

  /// Of everything that the plan asks for: every step, the studies and values by their names.
  package func planKey() -> Digest {
    planKey(studies: studies.map { ($0.name, key(of: $0)) })
  }

  func planKey(studies: [(name: String, key: Digest)]) -> Digest {
    var bytes = [UInt8]("emend plan 1\0".utf8)
    CanonicalEncoding.append(count: keys.count, to: &bytes)
    for key in keys.sorted() { key.append(to: &bytes) }
    CanonicalEncoding.append(count: studies.count, to: &bytes)
    for study in studies.sorted(by: { $0.name < $1.name }) {
      CanonicalEncoding.append(study.name, to: &bytes)
      study.key.append(to: &bytes)
    }
    CanonicalEncoding.append(count: names.count, to: &bytes)
    for name in names.sorted(by: { $0.name < $1.name }) {
      CanonicalEncoding.append(name.name, to: &bytes)
      append(name.value, to: &bytes)
    }
    return Digest(of: bytes)
  }

  private func append(_ value: PlanValue, to bytes: inout [UInt8]) {
    CanonicalEncoding.append(value, keys: keys, files: files, to: &bytes)
  }
}

/// The order of an operation's arguments by name, found once for all steps whose arguments have the same names.
private struct ArgumentOrder {
  var names: [String]
  var order: [Int]

  init(of arguments: [PlanField]) {
    names = arguments.map(\.name)
    order = CanonicalEncoding.sortedOrder(of: arguments)
  }

  func fits(_ arguments: [PlanField]) -> Bool {
    guard arguments.count == names.count else { return false }
    for index in names.indices where names[index] != arguments[index].name { return false }
    return true
  }
}

/// Which steps each step takes its inputs from, and which files steps read.
struct StepInputs: Sendable {
  private(set) var files: [(name: FileName, step: StepID)] = []
  private var all: [Int32] = []
  private var ends: [Int] = []

  init(of steps: [Step]) throws(KeyError) {
    ends.reserveCapacity(steps.count)
    for (index, step) in steps.enumerated() {
      for argument in step.arguments {
        guard collect(argument.value, of: index) else { throw .disorder(step: StepID(index)) }
      }
      ends.append(all.count)
    }
  }

  /// Indices of the input steps; one may stand there twice.
  func of(_ step: Int) -> ArraySlice<Int32> { all[(step == 0 ? 0 : ends[step - 1])..<ends[step]] }

  private mutating func collect(_ value: PlanValue, of step: Int) -> Bool {
    switch value {
    case .none, .bool, .int, .float, .string, .choice, .rowExpression: return true
    case .file(let path, let document):
      files.append((FileName(path: path, document: document), StepID(step)))
      return true
    case .list(let items): return items.allSatisfy { collect($0, of: step) }
    case .record(_, let fields): return fields.allSatisfy { collect($0.value, of: step) }
    case .step(let input, _):
      guard input.index >= 0, input.index < step, let narrow = Int32(exactly: input.index) else {
        return false
      }
      all.append(narrow)
      return true
    }
  }
}
