extension Checker {
  mutating func checkLog(_ iteration: Expression, _ entries: [LogEntry], at span: Span) -> CheckedStatement {
    let iteration = withoutRow(check(iteration, .int, for: "the iteration of a `log`"), in: "an iteration")
    guard let function, program.functions[function].isAlgorithm else {
      report(
        .logOutsideAlgorithm, "only an algorithm logs", at: span, label: "in a function",
        remedy: "return the value, and log it in the algorithm")
      return invalid(span)
    }
    var checked: [CheckedEntry] = []
    var seen: [String: Span] = [:]
    for entry in entries {
      let value = withoutRow(infer(entry.value, hint: nil), in: "a `log`")
      guard !value.isInvalid, let names = metrics(of: value, entry) else {
        program.functions[function].metrics = nil
        continue
      }
      let entrySpan = entry.name.map { $0.span.union(entry.value.span) } ?? entry.value.span
      for name in names {
        if let first = seen[name] {
          report(
            .duplicateMetric, "the metric `\(name)` is logged twice at one iteration", at: entrySpan,
            label: "logged again", related: [.init("first logged here", at: first)],
            remedy: "give this entry a name: `other: …`")
          break
        }
        seen[name] = entrySpan
        if program.functions[function].metrics?.contains(name) == false {
          program.functions[function].metrics?.append(name)
        }
      }
      program.entryCount += 1
      checked.append(
        CheckedEntry(
          id: program.entryCount, name: entry.name.map { program.values.text($0.text) }, value: value,
          span: entrySpan))
    }
    if iteration.isInvalid { return invalid(span) }
    return .log(iteration: iteration, entries: checked)
  }

  /// The names under which an entry is logged; `nil` if it cannot be, which has been reported.
  private mutating func metrics(of value: Resolved, _ entry: LogEntry) -> [String]? {
    switch value.type {
    case .opaque(let type):
      let metrics = vocabulary.opaqueType(type)?.metrics ?? []
      if !metrics.isEmpty {
        return metrics.map { metric in entry.name.map { "\($0.text).\(metric.name)" } ?? metric.name }
      }
      let loggable = vocabulary.vocabulary.opaqueTypes.filter { !$0.metrics.isEmpty }.map(\.name)
      report(
        .notLoggable, "\(value.type.phrase) has no figures to log", at: value.span,
        expected: "a number, a Measure" + (loggable.isEmpty ? "" : " or \(loggable.joined(separator: ", "))"),
        found: value.type.phrase, remedy: loggingRemedy(value.type))
      return nil
    case .int, .float, .measure:
      if let name = entry.name { return [name.text] }
      report(
        .unnamedLogEntry, "this log entry needs a name", at: value.span, label: "a number without a name",
        remedy: "write `name: \(recipe.sources.text(value.span))`")
      return nil
    default:
      report(
        .notLoggable, "\(value.type.phrase) cannot be logged", at: value.span,
        expected: "a number, a Measure or metrics", found: value.type.phrase,
        remedy: "log a number that describes it")
      return nil
    }
  }

  /// An operation that takes the value and gives something that can be logged.
  private func loggingRemedy(_ type: Type) -> String {
    let operation = vocabulary.vocabulary.operations.first { operation in
      guard operation.parameters.first?.type == type else { return false }
      if case .opaque(let name) = operation.result {
        return vocabulary.opaqueType(name)?.metrics.isEmpty == false
      }
      return operation.result == .measure
    }
    return operation.map { "log what `\($0.name)(…)` gives for it" } ?? "log a number that describes it"
  }
}
