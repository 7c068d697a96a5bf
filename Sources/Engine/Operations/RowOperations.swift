extension Operation {
  static let filter = Operation(
    name: "where", version: 1,
    summary: "The rows for which a condition holds; the others stay in the store, with the reason.",
    parameters: [
      .init("rows", .value(.rows), "what is filtered"), .init("condition", .rowCondition, "what must hold"),
    ],
    result: .rows, goldAnswers: .readInCondition
  ) { call in
    var rows = try call.rows("rows")
    let condition = try call.row("condition")
    for index in rows.rows.indices where rows.rows[index].rejection == nil {
      let reader = RowReader(row: rows.rows[index], source: rows.source)
      if !(try reader.bool(condition)) {
        rows.rows[index].rejection = try reader.explanation(condition) + " is false"
      }
    }
    return .rows(rows)
  }

  static let count = Operation(
    name: "count", version: 1, summary: "How many rows are kept.",
    parameters: [.init("rows", .value(.rows), "what is counted")], result: .number, unit: .count
  ) { call in
    .number(Double(try call.rows("rows").rows.count { $0.rejection == nil }))
  }

  static let mean = Operation(
    name: "mean", version: 1,
    summary: "The mean of a number over the rows that are kept; of no rows it is not defined.",
    parameters: [
      .init("rows", .value(.rows), "over what"),
      .init("of", .rowNumber, "a field of a row, or computed from fields"),
    ],
    result: .number
  ) { call in
    let all = try call.rows("rows")
    let rows = all.kept
    let expression = try call.row("of")
    let total = try rows.reduce(0) { $0 + (try RowReader(row: $1, source: all.source).number(expression)) }
    return .number(rows.isEmpty ? .nan : total / Double(rows.count))
  }
}
