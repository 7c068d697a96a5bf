package import DSL

extension StepKeys {
  /// A value as people read it: everything that its key covers, readable.
  ///
  /// An input step is `{"step":"KEY","fields":[…]}`, a file `{"file":"path","sha256":"…"}`, settings
  /// `{"constructor":"nucleus",…}`, an expression over a row its text. Fields are sorted by name.
  package func json(of value: PlanValue) -> JSON {
    switch value {
    case .none: return .null
    case .bool(let bool): return .bool(bool)
    case .int(let int): return .int(int)
    case .float(let double): return .float(double)
    case .string(let text), .choice(let text): return .string(text)
    case .file(let path, let document):
      let digest = files[FileName(path: path, document: document)]
      return .object([
        JSONMember("file", .string(path)), JSONMember("sha256", digest.map { .string($0.hex) } ?? .null),
      ])
    case .list(let items): return .array(items.map { json(of: $0) })
    case .record(let constructor, let fields):
      let members = CanonicalEncoding.sortedOrder(of: fields).map {
        JSONMember(fields[$0].name, json(of: fields[$0].value))
      }
      return .object((constructor.map { [JSONMember("constructor", .string($0))] } ?? []) + members)
    case .step(let step, let fields):
      let key = JSONMember("step", step.index < keys.count ? .string(self[step].hex) : .null)
      guard !fields.isEmpty else { return .object([key]) }
      return .object([key, JSONMember("fields", .array(fields.map(JSON.string)))])
    case .rowExpression(let expression): return .string(expression.text)
    }
  }

  /// The plan's studies as the store registers them.
  /// - Parameters:
  ///   - document: the document's path relative to the project.
  ///   - text: the document's text.
  package func registration(document: String, text: String, kept: Set<StepID>) -> PlanRegistration {
    var marks = [Int](repeating: -1, count: steps.count)
    var serial = 0
    let registered = studies.map { study in
      let trials = study.trials.map { trial in
        serial += 1
        return registration(of: trial, in: study, serial: serial, marks: &marks)
      }
      return StudyRegistration(
        name: study.name, algorithm: study.algorithm,
        key: key(ofStudyWith: study.axes.map(\.name), trials: trials.map(\.key)),
        axes: study.axes.map(\.name),
        metrics: study.metrics.map {
          MetricRegistration(
            name: $0.name, unit: $0.signature.unit.rawValue,
            direction: $0.signature.direction.rawValue)
        },
        trials: trials)
    }
    return PlanRegistration(
      document: document, text: text, key: planKey(studies: registered.map { ($0.name, $0.key) }),
      studies: registered, kept: kept.sorted().map { self[$0] })
  }

  private func registration(
    of trial: Trial, in study: Study, serial: Int, marks: inout [Int]
  ) -> TrialRegistration {
    // Steps by the first iteration that logs something of them, so that a sample knows when it was made.
    var iterations: [Int32: Int] = [:]
    var pending: [Int32] = []
    for log in trial.logs.sorted(by: { $0.iteration < $1.iteration }) {
      guard case .step(let step, _) = log.value else { continue }
      pending.append(Int32(truncatingIfNeeded: step.index))
      while let next = pending.popLast() {
        guard marks[Int(next)] != serial else { continue }
        marks[Int(next)] = serial
        iterations[next] = log.iteration
        pending.append(contentsOf: inputs.of(Int(next)))
      }
    }
    var result: Digest?
    if case .step(let step, _) = trial.result { result = self[step] }
    return TrialRegistration(
      key: key(of: trial, in: study), settings: zip(study.axes, trial.settings).map { setting($1, of: $0) },
      seed: trial.seed,
      logs: trial.logs.map {
        LogRegistration(iteration: $0.iteration, name: $0.name, source: source($0.value))
      },
      result: result,
      steps: trial.steps.map {
        TrialStepRegistration(
          step: self[$0], iteration: iterations[Int32(truncatingIfNeeded: $0.index)])
      })
  }

  private func source(_ value: PlanValue) -> LogRegistration.Source {
    switch value {
    case .step(let step, _): .step(self[step])
    case .int(let int): .number(Double(int))
    case .float(let double): .number(double)
    case .bool(let bool): .number(bool ? 1 : 0)
    default: .number(nil)
    }
  }

  private func setting(_ value: PlanValue, of axis: Axis) -> SettingValue {
    switch value {
    case .bool(let bool): .bool(bool)
    case .int(let int): .int(int)
    case .float(let double): .float(double)
    case .string(let text), .choice(let text), .file(let text, _): .text(text)
    case .none, .rowExpression, .list, .record, .step: .text(axis.label(of: value))
    }
  }
}

extension RowExpression {
  /// As a recipe writes it, with parentheses around every operation inside another.
  package var text: String { text(isInner: false) }

  private func text(isInner: Bool) -> String {
    switch self {
    case .number(let number):
      // A whole number is written as one, which is how recipes write most of them.
      return number.rounded() == number && abs(number) < 1e15
        ? String(Int(number)) : number.description
    case .bool(let bool): return bool ? "true" : "false"
    case .string(let text): return JSON.string(text).text
    case .field(let name): return name
    case .unary(.not, let operand): return parenthesized("not \(operand.text(isInner: true))", isInner)
    case .unary(.minus, let operand): return "-\(operand.text(isInner: true))"
    case .binary(let operation, let left, let right):
      let text =
        "\(left.text(isInner: true)) \(operation.rawValue) \(right.text(isInner: true))"
      return parenthesized(text, isInner)
    }
  }

  private func parenthesized(_ text: String, _ isInner: Bool) -> String {
    isInner ? "(\(text))" : text
  }
}
