package import DSL
internal import Engine

extension Vocabulary {
  /// What the engine's catalogue lets a recipe say.
  package static let emend = Vocabulary(
    opaqueTypes: ValueKind.allCases.filter { $0 != .number }.map(OpaqueType.init),
    operations: Catalogue.operations.map(Signature.init),
    constructors: Catalogue.constructors.map(Signature.init),
    rowFields: RowFieldDescription.all.map(RowField.init))
}

extension OpaqueType {
  fileprivate init(_ kind: ValueKind) {
    self.init(
      name: kind.rawValue, summary: kind.summary,
      fields: Catalogue.fields(of: kind).map {
        OpaqueField(name: $0.name, type: .opaque($0.kind.rawValue), summary: $0.summary)
      },
      metrics: kind == .metrics ? EvaluationMetric.all.map(MetricSignature.init) : [])
  }
}

extension ValueKind {
  fileprivate var summary: String {
    switch self {
    case .model: "a transformer with its tokenizer"
    case .task: "questions in three splits, with prompts and a grader"
    case .questions: "one split of a task"
    case .corpus: "conversations to pretrain on"
    case .rows: "conversations about questions, as far as they have come"
    case .metrics: "what an evaluation found"
    case .number: "a figure"
    }
  }
}

extension MetricSignature {
  fileprivate init(_ metric: EvaluationMetric) {
    let direction: Direction =
      switch metric.direction {
      case .higherIsBetter: .higherIsBetter
      case .lowerIsBetter: .lowerIsBetter
      case .neither: .neither
      }
    self.init(name: metric.name, summary: metric.summary, direction: direction, unit: Unit(metric.unit))
  }
}

extension MetricSignature.Unit {
  fileprivate init(_ unit: EvaluationMetric.Unit) {
    switch unit {
    case .share: self = .share
    case .count: self = .count
    case .number: self = .number
    }
  }
}

extension RowField {
  fileprivate init(_ field: RowFieldDescription) {
    let type: Type =
      switch field.kind {
      case .number: .float
      case .bool: .bool
      case .string: .string
      }
    self.init(path: field.path, type: type, summary: field.summary)
  }
}

extension Signature {
  fileprivate init(_ operation: Operation) {
    self.init(
      name: operation.name, summary: operation.summary, parameters: operation.parameters.map(Parameter.init),
      result: operation.result == .number ? .measure : .opaque(operation.result.rawValue),
      usesSeed: operation.usesSeed, unit: .init(operation.unit))
  }

  fileprivate init(_ constructor: SettingsConstructor) {
    self.init(
      name: constructor.name, summary: constructor.summary,
      parameters: constructor.parameters.map(Parameter.init),
      result: .settings(constructor.makes))
  }
}

extension Parameter {
  fileprivate init(_ parameter: OperationParameter) {
    self.init(
      name: parameter.name, summary: parameter.summary, type: Type(parameter.kind), bounds: parameter.bounds,
      defaultValue: parameter.defaultValue.map(PlanValue.init), isAddition: parameter.isAddition)
  }
}

extension Type {
  fileprivate init(_ kind: OperationParameter.Kind) {
    switch kind {
    case .int: self = .int
    case .float: self = .float
    case .bool: self = .bool
    case .string: self = .string
    case .file: self = .file
    case .choice(let cases): self = .choice(cases)
    case .list(let kind): self = .list(Type(kind))
    case .settings(let name): self = .settings(name)
    case .value(let kind): self = kind == .number ? .measure : .opaque(kind.rawValue)
    case .rowCondition: self = .rowExpression(.bool)
    case .rowNumber: self = .rowExpression(.float)
    }
  }
}

extension PlanValue {
  /// A default of the catalogue. Those are constants: no files, no values of steps, no expressions over rows.
  fileprivate init(_ value: ArgumentValue) {
    switch value {
    case .none, .file, .value, .row: self = .none
    case .int(let number): self = .int(number)
    case .float(let number): self = .float(number)
    case .bool(let flag): self = .bool(flag)
    case .string(let text): self = .string(text)
    case .choice(let name): self = .choice(name)
    case .list(let values): self = .list(values.map(PlanValue.init))
    case .settings(let constructor, let fields):
      self = .record(
        constructor: constructor, fields: fields.map { PlanField(name: $0.name, value: PlanValue($0.value)) })
    }
  }
}
