extension Evaluator {
  /// Writes the plan out: only the steps that something needs, in the order in which they were made.
  mutating func assemble() -> Plan {
    var items: [(EvaluatedItem, CheckedItem)] = []
    for item in program.items {
      if let evaluated = evaluate(item) { items.append((evaluated, item)) }
    }
    var roots: [Int32] = []
    for study in studies.compactMap({ $0 }) {
      for trial in study.trials { roots += trial.steps }
      for values in study.axes { roots += mentioned(in: values) }
    }
    for case .show(let value, _, _) in items.map(\.0) { roots += mentioned(in: CollectionOfOne(value)) }
    let live = steps.closure(of: roots)
    var writer = PlanWriter(values, live: live, count: steps.count)
    var plan = Plan()
    plan.steps = live.map { write(Int($0), &writer) }
    // A study that failed has no plan, and then the document has none: indices of the others need not be right.
    for (checked, study) in zip(program.studies, studies) {
      if let study { plan.studies.append(write(study, checked, &writer)) }
    }
    for (evaluated, item) in items {
      let kind: ReportItem.Kind =
        switch evaluated {
        case .ready(let kind): kind
        case .show(let value, let type, let text):
          .show(ReportShow(value: writer.write(value), type: type, text: text))
        }
      plan.items.append(ReportItem(kind: kind, documentation: item.documentation, span: item.span))
    }
    for (index, global) in program.globals.enumerated() {
      guard case .known(let value) = globals[index], case .opaque = global.value.type else { continue }
      guard mentioned(in: CollectionOfOne(value)).allSatisfy({ writer.isLive($0) }) else { continue }
      plan.names.append(
        NamedValue(
          name: global.name.text, value: writer.write(value), type: global.value.type, span: global.name.span)
      )
    }
    warnOfUnusedSteps(live)
    for (index, study) in studies.enumerated() {
      if let study { warnOfUnreadAxes(program.studies[index], study) }
    }
    return plan
  }

  private func write(_ step: Int, _ writer: inout PlanWriter) -> Step {
    let key = steps.keys[step]
    let signature = program.vocabulary.operations[key.operation]
    var arguments: [PlanField] = []
    arguments.reserveCapacity(key.arguments.count)
    for (position, value) in key.arguments.enumerated() {
      let parameter = position < signature.parameters.count ? signature.parameters[position] : nil
      let written = writer.write(value)
      // What came with a later release is not there where it has its default, so that keys stay as they were.
      if let parameter, parameter.isAddition, parameter.defaultValue == written { continue }
      arguments.append(PlanField(name: parameter?.name ?? "seed", value: written))
    }
    return Step(operation: signature.name, arguments: arguments, span: program.sites[steps.sites[step]])
  }

  private func write(
    _ study: EvaluatedStudy, _ checked: CheckedStudy, _ writer: inout PlanWriter
  ) -> Study {
    var axes: [Axis] = []
    for (index, axis) in checked.axes.enumerated() {
      let texts = study.texts[index].map { (writer.write($0), $1) }
      axes.append(
        Axis(
          name: axis.name.text, values: study.axes[index].map { writer.write($0) }, group: axis.group,
          documentation: axis.documentation, span: axis.name.span,
          texts: Dictionary(uniqueKeysWithValues: texts)))
    }
    var trials: [Trial] = []
    trials.reserveCapacity(study.trials.count)
    for trial in study.trials {
      var logs: [LoggedValue] = []
      logs.reserveCapacity(trial.entries.count)
      for entry in trial.entries {
        logs.append(
          LoggedValue(
            iteration: entry.iteration, name: entry.name.map { values.texts[Int($0)] },
            value: writer.write(entry.value)))
      }
      trials.append(
        Trial(
          settings: trial.settings.map { writer.write($0) }, seed: trial.seed, logs: logs,
          result: writer.write(trial.result), steps: trial.steps.map { writer.id($0) }))
    }
    return Study(
      name: checked.name.text, algorithm: program.functions[checked.algorithm].name.text,
      documentation: checked.documentation, axes: axes, seeds: study.seeds, metrics: study.metrics,
      trials: trials, span: checked.span)
  }
}

/// Turns interned values into the plan's, each compound one once, with the steps' final numbers.
struct PlanWriter {
  private let values: ValueTable
  private var written: [PlanValue?]
  /// The final number of each step; -1 for those left out.
  private var numbers: [Int32]

  init(_ values: ValueTable, live: [Int32], count: Int) {
    self.values = values
    written = Array(repeating: nil, count: values.compounds.count)
    numbers = Array(repeating: -1, count: count)
    for (number, step) in live.enumerated() { numbers[Int(step)] = Int32(number) }
  }

  func isLive(_ step: Int32) -> Bool { numbers[Int(step)] >= 0 }

  func id(_ step: Int32) -> StepID { StepID(Int(numbers[Int(step)])) }

  mutating func write(_ value: Value) -> PlanValue {
    switch value {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .float(let value): return .float(value)
    case .choice(let text): return .choice(values.texts[Int(text)])
    case .string(let text): return .string(values.texts[Int(text)])
    case .step(let step): return .step(id(step), fields: [])
    case .compound(let index):
      if let known = written[Int(index)] { return known }
      let result = write(values.compounds[Int(index)])
      written[Int(index)] = result
      return result
    }
  }

  private mutating func write(_ compound: ValueTable.Compound) -> PlanValue {
    switch compound {
    case .list(let elements): return .list(elements.map { write($0) })
    case .range(let low, let high): return .list(low <= high ? (low...high).map { .int($0) } : [])
    case .part(let step, let fields):
      return .step(id(step), fields: fields.map { values.texts[Int($0)] })
    case .file(let path, let document):
      return .file(path: values.texts[Int(path)], relativeTo: document)
    case .row(let expression): return .rowExpression(expression)
    case .record(let constructor, let names, let fields):
      var written: [PlanField] = []
      for (name, value) in zip(names, fields) {
        written.append(PlanField(name: values.texts[Int(name)], value: write(value)))
      }
      return .record(constructor: constructor.map { values.texts[Int($0)] }, fields: written)
    }
  }
}
