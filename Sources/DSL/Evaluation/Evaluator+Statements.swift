extension Evaluator {
  mutating func run(
    _ statements: [CheckedStatement], result: inout Value?
  ) throws(EvaluationFailure) {
    depth += 1
    defer { depth -= 1 }
    for statement in statements {
      switch statement {
      case .assign(let slot, let node): stack[base + slot] = try evaluate(node)
      case .returnValue(let node): result = try evaluate(node)
      case .match(let subject, let arms):
        let value = try evaluate(subject)
        guard let arm = arms.first(where: { $0.cases.contains(value) }) else { throw .silent }
        try run(arm.body, result: &result)
      case .forLoop(let slot, let sequence, let body, let span):
        let walked = try evaluate(sequence)
        guard let elements = values.elements(walked) else { throw .silent }
        var position = 0
        while position < elements.count {
          try charge(at: span)
          stack[base + slot] = elements[position]
          try run(body, result: &result)
          position += 1
        }
      case .log(let iteration, let entries): try record(iteration, entries)
      case .invalid: throw .silent
      }
    }
  }

  private mutating func record(
    _ iteration: Resolved, _ entries: [CheckedEntry]
  ) throws(EvaluationFailure) {
    guard log != nil else { return }
    guard case .int(let number) = try evaluate(iteration) else { throw .silent }
    var logged: [TrialLog.Entry] = []
    for entry in entries {
      let value = try evaluate(entry.value)
      logged.append(TrialLog.Entry(iteration: number, name: entry.name, value: value, id: entry.id))
    }
    if log?.iterations.insert(number).inserted == false {
      try reportRepeats(entries, iteration: number, at: iteration.span)
    }
    log?.entries += logged
    for entry in entries { note(entry) }
  }

  /// Reports a metric that another `log` has recorded at this iteration.
  private func reportRepeats(
    _ entries: [CheckedEntry], iteration: Int, at span: Span
  ) throws(EvaluationFailure) {
    guard let log else { return }
    let earlier = log.entries.filter { $0.iteration == iteration }
    let known = Set(earlier.flatMap { log.metricNames[$0.id] ?? [] })
    for entry in entries {
      guard let name = metrics(of: entry).map(\.name).first(where: known.contains) else { continue }
      throw failure(
        .metricLoggedTwice, "the metric `\(name)` is logged twice at iteration \(iteration)", at: entry.span,
        label: "logged again", remedy: "log it under another name, or at another iteration")
    }
  }

  /// Keeps what an entry records, when it is met for the first time in a study.
  private mutating func note(_ entry: CheckedEntry) {
    guard log?.metricNames[entry.id] == nil else { return }
    let metrics = metrics(of: entry, value: log?.entries.last { $0.id == entry.id }?.value)
    log?.metricNames[entry.id] = metrics.map(\.name)
    for metric in metrics {
      guard let known = log?.metrics.firstIndex(where: { $0.name == metric.name }) else {
        log?.metrics.append(metric)
        continue
      }
      // A count here and a fraction there are numbers.
      if log?.metrics[known].signature.unit != metric.signature.unit {
        log?.metrics[known].signature.unit = .number
      }
    }
  }

  /// The metrics under which an entry's value is known.
  private func metrics(of entry: CheckedEntry, value: Value? = nil) -> [LoggedMetric] {
    let name = entry.name.map { values.texts[Int($0)] }
    switch entry.value.type {
    case .opaque(let type):
      let opaque = program.vocabulary.opaqueTypes.first { $0.name == type }
      return (opaque?.metrics ?? []).map { LoggedMetric(prefix: name, signature: $0) }
    case .measure:
      var signature = MetricSignature(name: "", summary: "", direction: .neither, unit: .number)
      if case .step(let step)? = value {
        let operation = program.vocabulary.operations[steps.keys[Int(step)].operation]
        (signature.summary, signature.unit) = (operation.summary, operation.unit)
      }
      return [LoggedMetric(prefix: name, signature: signature)]
    case .int:
      return [
        LoggedMetric(prefix: name, signature: .init(name: "", summary: "", direction: .neither, unit: .count))
      ]
    default:
      return [
        LoggedMetric(
          prefix: name, signature: .init(name: "", summary: "", direction: .neither, unit: .number))
      ]
    }
  }
}
