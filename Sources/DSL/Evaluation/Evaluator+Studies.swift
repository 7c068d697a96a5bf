extension Evaluator {
  mutating func evaluate(_ study: CheckedStudy) throws(EvaluationFailure) -> EvaluatedStudy {
    var groups: [[[Value]]] = []
    for group in study.groups { groups.append(try steps(of: group, in: study)) }
    let seeds = try self.seeds(of: study)
    let variants = try variants(of: study, groups, seeds: seeds.count)
    var result = EvaluatedStudy(
      axes: distinctValues(of: study, groups), texts: texts(of: study, groups), seeds: seeds, trials: [],
      metrics: [], metricNames: [:])
    result.trials.reserveCapacity(variants.count * seeds.count)
    log = TrialLog()
    for positions in variants {
      let settings = zip(groups, positions).flatMap { group, position in group[position] }
      for seed in seeds {
        result.trials.append(try trial(of: study, settings, positions, seed))
      }
    }
    result.metrics = log?.metrics ?? []
    result.metricNames = log?.metricNames ?? [:]
    log = nil
    return result
  }

  private mutating func trial(
    of study: CheckedStudy, _ settings: [Value], _ positions: [Int], _ seed: Int
  ) throws(EvaluationFailure) -> EvaluatedStudy.Trial {
    (base, self.seed) = (stack.count, seed)
    stack.append(contentsOf: settings)
    log?.beginTrial()
    var arguments: [Value?] = []
    var spans: [Span] = []
    let result: Value
    do throws(EvaluationFailure) {
      for (parameter, argument) in study.arguments.enumerated() {
        if let axis = study.axes.firstIndex(where: { $0.parameter == parameter }) {
          arguments.append(settings[axis])
          spans.append(study.groups[study.axes[axis].group].span)
        } else {
          arguments.append(try argument.map { node throws(EvaluationFailure) in try evaluate(node) })
          spans.append(argument?.span ?? study.callSpan)
        }
      }
      result = try enter(study.algorithm, arguments, spans: spans, at: study.callSpan)
      if values.size(result) > limits.valueSize { throw tooLarge(at: study.callSpan) }
    } catch {
      throw inTrial(error, of: study, settings, seed)
    }
    stack.removeAll(keepingCapacity: true)
    (base, self.seed) = (0, 0)
    let entries = log?.entries ?? []
    return EvaluatedStudy.Trial(
      settings: settings, positions: positions, seed: seed, entries: entries, result: result,
      steps: steps.closure(
        of: mentioned(in: entries.lazy.map(\.value)) + mentioned(in: CollectionOfOne(result))))
  }

  /// Steps that values mention directly.
  func mentioned(in list: some Sequence<Value>) -> [Int32] {
    var found: [Int32] = []
    for value in list {
      switch value {
      case .step(let step): found.append(step)
      case .compound(let compound): found += values.mentioned[Int(compound)]
      default: break
      }
    }
    return found
  }

  private func inTrial(
    _ error: EvaluationFailure, of study: CheckedStudy, _ settings: [Value], _ seed: Int
  ) -> EvaluationFailure {
    guard var diagnostic = error.diagnostic else { return error }
    var trial = zip(study.axes, settings).map { "\($0.name.text) = \(text(of: $1))" }
    trial.append("seed \(seed)")
    diagnostic.related.append(
      .init("in the trial with \(trial.joined(separator: ", "))", at: study.name.span))
    return EvaluationFailure(diagnostic: diagnostic)
  }

  // MARK: Settings

  /// The values of a group's axes, one row for each step.
  private mutating func steps(
    of group: CheckedStudy.Group, in study: CheckedStudy
  ) throws(EvaluationFailure) -> [[Value]] {
    var rows: [[Value]] = []
    var places: [Span] = []
    switch group.values {
    case .sequence(let node):
      let sequence = try evaluate(node)
      guard let elements = values.elements(sequence) else { throw .silent }
      guard elements.count <= limits.trials else { throw tooManyTrials(at: group.span) }
      try charge(elements.count, at: group.span)
      rows = (0..<elements.count).map { [elements[$0]] }
      if case .list(let nodes) = node.kind { places = nodes.map(\.span) }
    case .tuples(let nodes):
      try charge(nodes.count, at: group.span)
      for row in nodes { rows.append(try evaluateAll(row)) }
      places = nodes.compactMap { row in row.first.map { $0.span.union(row.last?.span ?? $0.span) } }
    }
    let names = quotedList(group.axes.map { study.axes[$0].name.text })
    if rows.isEmpty {
      throw failure(
        .emptyAxis, "\(names) is varied over nothing", at: group.span, label: "no values",
        remedy: "give it values, or remove the `vary`")
    }
    var seen: [[Value]: Int] = [:]
    for (index, row) in rows.enumerated() {
      let place = places.count == rows.count ? places[index] : group.span
      if let first = seen[row] {
        var related: [Diagnostic.Label] = []
        if places.count == rows.count { related.append(.init("first here", at: places[first])) }
        throw failure(
          .duplicateValue, "\(names) is varied over the same value twice", at: place,
          label: "\(row.map { text(of: $0) }.joined(separator: ", ")) again", related: related,
          remedy: "remove one of them; seeds repeat a variant")
      }
      seen[row] = index
      for (axis, value) in zip(group.axes, row) {
        let name = study.axes[axis].name.text
        if values.size(value) > limits.valueSize { throw tooLarge(at: place) }
        try check(
          value, study.axes[axis].bounds, name, of: program.functions[study.algorithm].name.text, at: place)
      }
    }
    return rows
  }

  private func distinctValues(of study: CheckedStudy, _ groups: [[[Value]]]) -> [[Value]] {
    var result: [[Value]] = []
    for (group, rows) in zip(study.groups, groups) {
      for column in group.axes.indices {
        var seen: Set<Value> = []
        result.append(
          rows.map { $0[column - group.axes.lowerBound] }.filter { seen.insert($0).inserted })
      }
    }
    return result
  }

  private func texts(of study: CheckedStudy, _ groups: [[[Value]]]) -> [[Value: String]] {
    zip(study.groups, groups).flatMap { group, rows in
      group.axes.indices.map { axis in
        let column = axis - group.axes.lowerBound
        // A comment between the values would be part of their texts.
        let pairs = zip(rows, group.texts).compactMap { values, texts in
          texts.indices.contains(column) && !texts[column].contains("//")
            ? (values[column], texts[column]) : nil
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
      }
    }
  }

  private mutating func seeds(of study: CheckedStudy) throws(EvaluationFailure) -> [Int] {
    guard let node = study.seeds else { return [0] }
    let sequence = try evaluate(node)
    guard let elements = values.elements(sequence) else { throw .silent }
    guard elements.count <= limits.trials else { throw tooManyTrials(at: node.span) }
    var seeds: [Int] = []
    var seen: Set<Int> = []
    for position in 0..<elements.count {
      guard case .int(let seed) = elements[position] else { throw .silent }
      if !seen.insert(seed).inserted {
        throw failure(
          .badSeeds, "the seed \(seed) is given twice", at: node.span, label: "would count one trial twice",
          remedy: "remove one of them")
      }
      seeds.append(seed)
    }
    if seeds.isEmpty {
      throw failure(
        .badSeeds, "a study needs a seed", at: node.span, label: "no seeds", remedy: "write `seeds 1...3`")
    }
    return seeds
  }

  private func tooManyTrials(at span: Span) -> EvaluationFailure {
    failure(
      .tooManyTrials, "this study has too many trials", at: span, label: "more than \(limits.trials)",
      remedy: "vary fewer values, or take fewer seeds")
  }

  /// Which step of each group every variant takes, the last group fastest, without the exceptions.
  private mutating func variants(
    of study: CheckedStudy, _ groups: [[[Value]]], seeds: Int
  ) throws(EvaluationFailure) -> [[Int]] {
    var total = seeds
    for group in groups {
      let (product, overflow) = total.multipliedReportingOverflow(by: group.count)
      if overflow || product > limits.trials { throw tooManyTrials(at: study.name.span) }
      total = product
    }
    var variants: [[Int]] = []
    var positions = [Int](repeating: 0, count: groups.count)
    for _ in 0..<(total / seeds) {
      if try !isExcepted(zip(groups, positions).flatMap { $0[$1] }, by: study.exceptions) {
        variants.append(positions)
      }
      for index in positions.indices.reversed() {
        positions[index] += 1
        if positions[index] < groups[index].count { break }
        positions[index] = 0
      }
    }
    if variants.isEmpty {
      throw failure(
        .emptyStudy, "`except` leaves nothing of the study `\(study.name.text)`",
        at: study.exceptions.first?.span ?? study.name.span, label: "removes every combination",
        remedy: "remove or narrow an `except`")
    }
    return variants
  }

  private mutating func isExcepted(
    _ settings: [Value], by exceptions: [Resolved]
  ) throws(EvaluationFailure) -> Bool {
    for exception in exceptions where try holds(exception, for: settings) { return true }
    return false
  }

  /// A condition over a study's axes, for one variant.
  mutating func holds(_ condition: Resolved, for settings: [Value]) throws(EvaluationFailure) -> Bool {
    let caller = base
    base = stack.count
    stack.append(contentsOf: settings)
    defer {
      stack.removeLast(stack.count - base)
      base = caller
    }
    try charge(at: condition.span)
    return try self.condition(condition)
  }

  func failure(
    _ code: StudyCode, _ message: String, at span: Span, label: String? = nil,
    related: [Diagnostic.Label] = [], remedy: String
  ) -> EvaluationFailure {
    EvaluationFailure(
      diagnostic: Diagnostic(code, message, at: span, label: label, related: related, remedy: remedy))
  }
}
