extension Evaluator {
  /// A value as a recipe writes it, for messages.
  func text(of value: Value) -> String {
    switch value {
    case .none: "nothing"
    case .bool(let value): value ? "true" : "false"
    case .int(let value): "\(value)"
    case .float(let value): numberText(value)
    case .choice(let text): values.texts[Int(text)]
    case .string(let text): "\"\(values.texts[Int(text)])\""
    case .step(let step):
      name(of: value) ?? "\(program.vocabulary.operations[steps.keys[Int(step)].operation].name)(…)"
    case .compound(let index): text(of: values.compounds[Int(index)])
    }
  }

  private func text(of compound: ValueTable.Compound) -> String {
    switch compound {
    case .list(let elements):
      "[" + elements.prefix(8).map { text(of: $0) }.joined(separator: ", ")
        + (elements.count > 8 ? ", …]" : "]")
    case .range(let low, let high): "\(low)...\(high)"
    case .record(let constructor, let names, let fields):
      if let constructor {
        values.texts[Int(constructor)] + "(…)"
      } else {
        "{ " + zip(names, fields).map { "\(values.texts[Int($0)]): \(text(of: $1))" }.joined(separator: ", ")
          + " }"
      }
    case .part(let step, let fields):
      ([text(of: .step(step))] + fields.map { values.texts[Int($0)] }).joined(separator: ".")
    case .file(let path, _): "\"\(values.texts[Int(path)])\""
    case .row: "a row expression"
    }
  }

  /// The top-level name that holds a value.
  private func name(of value: Value) -> String? {
    for (global, state) in zip(program.globals, globals) {
      if case .known(value) = state { return global.name.text }
    }
    return nil
  }
}
