extension Type: CustomStringConvertible {
  /// As a recipe writes it.
  package var description: String {
    switch self {
    case .int: "Int"
    case .float: "Float"
    case .bool: "Bool"
    case .string: "String"
    case .file: "File"
    case .choice(let cases): cases.joined(separator: " | ")
    case .list(let element): "[\(element)]"
    case .range: "a range"
    case .record(let fields):
      "{ " + fields.map { "\($0.name): \($0.type)" }.joined(separator: ", ") + " }"
    case .settings(let name), .opaque(let name): name
    case .measure: "Measure"
    case .rowExpression(.bool): "a condition on a row"
    case .rowExpression(let type): "\(type) of a row"
    case .study(let name): "the study `\(name)`"
    case .invalid: "an unknown type"
    }
  }
}
