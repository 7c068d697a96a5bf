/// A value in a plan: everything about it is known, but for what steps will give.
package indirect enum PlanValue: Hashable, Sendable {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case choice(String)
  /// A file as the recipe names it, relative to the document that says so.
  case file(path: String, relativeTo: Int)
  case list([PlanValue])
  /// A plain record, or settings made by the named constructor; fields in declared order, defaults written out.
  case record(constructor: String?, fields: [PlanField])
  /// What a step gives, or a part of it: `task.train` is `step(task, ["train"])`.
  case step(StepID, fields: [String])
  /// An expression over a row's fields, with everything else in it already computed.
  case rowExpression(RowExpression)
}

/// A name with its value, in a record or in a step's arguments.
package struct PlanField: Hashable, Sendable {
  package var name: String
  package var value: PlanValue

  package init(name: String, value: PlanValue) {
    self.name = name
    self.value = value
  }
}

/// Index of a step in its plan. A step's inputs always have smaller indices.
package struct StepID: Hashable, Sendable, Comparable {
  package var index: Int

  package init(_ index: Int) {
    self.index = index
  }

  package static func < (a: StepID, b: StepID) -> Bool { a.index < b.index }
}

/// A pure expression over the fields of a row, after everything else in it was computed.
package indirect enum RowExpression: Hashable, Sendable {
  case number(Double)
  case bool(Bool)
  case string(String)
  /// `reward`, `previous.reward`.
  case field(String)
  case unary(UnaryOperator, RowExpression)
  case binary(BinaryOperator, RowExpression, RowExpression)
}
