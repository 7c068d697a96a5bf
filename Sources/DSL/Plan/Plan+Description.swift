extension Plan: CustomStringConvertible {
  /// The plan as text, for tests and for looking at: `#3` is step 3, then studies with their trials.
  package var description: String { lines.joined(separator: "\n") }

  package var lines: [String] {
    var lines: [String] = []
    for (index, step) in steps.enumerated() { lines.append("#\(index) = \(step)") }
    for named in names { lines.append("\(named.name) = \(named.value)") }
    for study in studies { lines += study.lines }
    return lines
  }
}

extension Step: CustomStringConvertible {
  /// `pick(tree: #0, count: 3, seed: 1)`.
  package var description: String {
    "\(operation)(\(arguments.map(\.description).joined(separator: ", ")))"
  }
}

extension PlanField: CustomStringConvertible {
  package var description: String { "\(name): \(value)" }
}

extension Study {
  package var lines: [String] {
    var lines = ["study \(name) = \(algorithm)"]
    for axis in axes {
      lines.append("  vary \(axis.name) in [\(axis.values.map(\.description).joined(separator: ", "))]")
    }
    for trial in trials {
      let settings = zip(axes, trial.settings).map { "\($0.name): \($1)" } + ["seed: \(trial.seed)"]
      lines.append("  trial \(settings.joined(separator: ", "))")
      lines.append("    needs " + trial.steps.map { "#\($0.index)" }.joined(separator: " "))
      for log in trial.logs {
        lines.append("    log \(log.iteration) \(log.name.map { $0 + ": " } ?? "")\(log.value)")
      }
      lines.append("    gives \(trial.result)")
    }
    return lines
  }
}

extension PlanValue: CustomStringConvertible {
  /// As a recipe would write it; steps as `#3`.
  package var description: String {
    switch self {
    case .none: "none"
    case .bool(let value): value ? "true" : "false"
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    case .string(let text): quoted(text)
    case .choice(let name): name
    case .file(let path, _): quoted(path)
    case .list(let elements): "[\(elements.map(\.description).joined(separator: ", "))]"
    case .record(let constructor?, let fields):
      "\(constructor)(\(fields.map(\.description).joined(separator: ", ")))"
    case .record(nil, let fields): "{ \(fields.map(\.description).joined(separator: ", ")) }"
    case .step(let step, let fields): (["#\(step.index)"] + fields).joined(separator: ".")
    case .rowExpression(let expression): expression.description
    }
  }
}

extension RowExpression: CustomStringConvertible {
  /// With every operation in parentheses: `((reward == 1.0) and (previous.reward == 1.0))`.
  package var description: String {
    switch self {
    case .number(let value): "\(value)"
    case .bool(let value): value ? "true" : "false"
    case .string(let text): quoted(text)
    case .field(let path): path
    case .unary(.minus, let operand): "(-\(operand))"
    case .unary(.not, let operand): "(not \(operand))"
    case .binary(let binary, let left, let right): "(\(left) \(binary.rawValue) \(right))"
    }
  }
}

/// Text between quotes, as a recipe writes it.
private func quoted(_ text: String) -> String {
  var result = "\""
  for character in text.unicodeScalars {
    switch character {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\t": result += "\\t"
    default: result.unicodeScalars.append(character)
    }
  }
  return result + "\""
}
