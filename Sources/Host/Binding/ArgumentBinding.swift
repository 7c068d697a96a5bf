package import DSL
package import Engine

extension ArgumentValue {
  /// A plan's value as the engine wants it.
  /// - Parameters:
  ///   - value: what a step gave.
  ///   - locate: the absolute path of a file that a document names, and the digest of its content.
  package init(
    _ plan: PlanValue, value: (StepID) throws -> Value,
    locate: (_ path: String, _ document: Int) -> (path: String, digest: String)
  ) throws {
    switch plan {
    case .none: self = .none
    case .bool(let flag): self = .bool(flag)
    case .int(let number): self = .int(number)
    case .float(let number): self = .float(number)
    case .string(let text): self = .string(text)
    case .choice(let name): self = .choice(name)
    case .file(let path, let document):
      let file = locate(path, document)
      self = .file(path: file.path, digest: file.digest)
    case .list(let values):
      self = .list(try values.map { try ArgumentValue($0, value: value, locate: locate) })
    case .record(let constructor, let fields):
      self = .settings(
        constructor: constructor ?? "",
        fields: try fields.map { ($0.name, try ArgumentValue($0.value, value: value, locate: locate)) })
    case .step(let step, let fields):
      var part = try value(step)
      for field in fields {
        guard let next = part.field(field) else {
          throw OperationError(
            "a \(part.kind.rawValue) has no `\(field)`",
            remedy: "report this: the language should have found it")
        }
        part = next
      }
      self = .value(part)
    case .rowExpression(let expression): self = .row(Engine.RowExpression(expression))
    }
  }
}

extension Engine.RowExpression {
  fileprivate init(_ expression: DSL.RowExpression) {
    switch expression {
    case .number(let value): self = .number(value)
    case .bool(let value): self = .bool(value)
    case .string(let value): self = .string(value)
    case .field(let path): self = .field(path)
    case .unary(let symbol, let operand):
      self = .apply(symbol == .minus ? .negate : .not, [Engine.RowExpression(operand)])
    case .binary(let symbol, let left, let right):
      self = .apply(Operator(symbol), [Engine.RowExpression(left), Engine.RowExpression(right)])
    }
  }
}

extension Engine.RowExpression.Operator {
  fileprivate init(_ symbol: BinaryOperator) {
    switch symbol {
    case .add: self = .add
    case .subtract: self = .subtract
    case .multiply: self = .multiply
    case .divide: self = .divide
    case .remainder: self = .remainder
    case .equal: self = .equal
    case .notEqual: self = .notEqual
    case .less: self = .less
    case .lessOrEqual: self = .lessOrEqual
    case .greater: self = .greater
    case .greaterOrEqual: self = .greaterOrEqual
    case .and: self = .and
    case .or: self = .or
    }
  }
}
