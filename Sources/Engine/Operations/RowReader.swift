/// A field of a row that expressions may read.
package struct RowFieldDescription: Sendable {
  package enum Kind: Sendable { case number, bool, string }
  package let path: String
  package let kind: Kind
  package let summary: String

  /// Whether it says what gold answers say of an attempt.
  package var isGrade: Bool { ["reward", "correct"].contains(path.split(separator: ".").last) }

  /// Every field, in the order in which they are described.
  package static let all: [RowFieldDescription] = [
    .init(path: "reward", kind: .number, summary: "reward of the last attempt, in 0...1"),
    .init(path: "correct", kind: .bool, summary: "the last attempt is right"),
    .init(path: "answer", kind: .string, summary: "the last attempt's answer, as graded"),
    .init(path: "finished", kind: .bool, summary: "the last attempt ended by itself"),
    .init(path: "length", kind: .number, summary: "tokens of the last attempt"),
    .init(path: "attempt", kind: .number, summary: "number of attempts so far"),
    .init(path: "previous.reward", kind: .number, summary: "reward of the attempt before the last"),
    .init(path: "previous.correct", kind: .bool, summary: "the attempt before the last is right"),
    .init(path: "previous.answer", kind: .string, summary: "answer of the attempt before the last"),
    .init(path: "first.reward", kind: .number, summary: "reward of the first attempt"),
    .init(
      path: "edit_distance", kind: .number,
      summary: "edit distance of the last attempt's text from the one before, over the sum of their lengths"),
    .init(path: "first.correct", kind: .bool, summary: "the first attempt is right"),
    .init(
      path: "seen", kind: .bool, summary: "the question is as difficult as those that are learned from"),
    .init(path: "scripted", kind: .bool, summary: "no model of this recipe sampled the first attempt"),
    .init(path: "accepted", kind: .bool, summary: "the last feedback calls the attempt before it right"),
  ]
}

/// Computes row expressions for one row.
struct RowReader {
  private enum Field: Equatable {
    case number(Double)
    case bool(Bool)
    case string(String)
  }
  private let row: Row
  private let source: Questions
  private let attempts: [Turn]

  init(row: Row, source: Questions) {
    self.row = row
    self.source = source
    attempts = row.attempts
  }

  func bool(_ expression: RowExpression) throws -> Bool {
    guard case .bool(let value) = try value(expression) else {
      throw fault("neither true nor false", expression)
    }
    return value
  }

  func number(_ expression: RowExpression) throws -> Double {
    guard case .number(let value) = try value(expression) else { throw fault("not a number", expression) }
    return value
  }

  private func fault(_ what: String, _ expression: RowExpression) -> OperationError {
    OperationError(
      "`\(text(expression))` is \(what)", remedy: "report this: the language should have found it")
  }

  private func value(_ expression: RowExpression) throws -> Field {
    switch expression {
    case .number(let value): return .number(value)
    case .bool(let value): return .bool(value)
    case .string(let value): return .string(value)
    case .field(let path): return try field(path)
    case .apply(let symbol, let operands): return try apply(symbol, operands, expression)
    }
  }

  private func apply(_ symbol: RowExpression.Operator, _ operands: [RowExpression], _ whole: RowExpression)
    throws -> Field
  {
    guard let first = operands.first, let last = operands.last else { throw fault("without operands", whole) }
    switch symbol {
    case .and: return .bool(try bool(first) && bool(last))
    case .or: return .bool(try bool(first) || bool(last))
    case .not: return .bool(!(try bool(first)))
    case .negate: return .number(-(try number(first)))
    case .equal: return .bool(try value(first) == value(last))
    case .notEqual: return .bool(try value(first) != value(last))
    case .add: return .number(try number(first) + number(last))
    case .subtract: return .number(try number(first) - number(last))
    case .multiply: return .number(try number(first) * number(last))
    case .divide: return .number(try number(first) / number(last))
    case .remainder:
      let divisor = try number(last)
      let rest = try number(first).truncatingRemainder(dividingBy: divisor)
      return .number(rest != 0 && (rest < 0) != (divisor < 0) ? rest + divisor : rest)
    case .less: return .bool(try number(first) < number(last))
    case .lessOrEqual: return .bool(try number(first) <= number(last))
    case .greater: return .bool(try number(first) > number(last))
    case .greaterOrEqual: return .bool(try number(first) >= number(last))
    }
  }

  private func field(_ path: String) throws -> Field {
    switch path {
    case "attempt": return .number(Double(attempts.count))
    case "scripted": return .bool(attempts.first?.origin == .gold)
    case "seen", "accepted": return .bool(try reasoningField(path))
    case "edit_distance":
      guard let last = attempts.last, let before = attempts.dropLast().last else {
        throw OperationError(
          "a row with \(attempts.count) attempts has no `edit_distance`",
          remedy: "read it after `correct`, which adds a second attempt")
      }
      return .number(editDistanceRatio(before.text, last.text))
    default: break
    }
    let parts = path.split(separator: ".")
    let turn: Turn?
    switch (parts.count, parts.first) {
    case (1, _): turn = attempts.last
    case (2, "previous"): turn = attempts.dropLast().last
    case (2, "first"): turn = attempts.first
    default: turn = nil
    }
    guard let turn, let score = turn.score, let name = parts.last else {
      throw OperationError(
        "a row with \(attempts.count) attempts has no `\(path)`",
        remedy: path.hasPrefix("previous")
          ? "filter after `correct`, which adds a second attempt" : "filter rows that were answered")
    }
    switch name {
    // Rewards are single precision; a share such as 0.1 in a recipe should equal the reward 0.1.
    case "reward": return .number(Double(score.reward.description) ?? Double(score.reward))
    case "correct": return .bool(score.isCorrect)
    case "answer": return .string(score.answer)
    case "finished": return .bool(turn.finish == .endOfTurn)
    case "length": return .number(Double(turn.tokens.count))
    default: throw OperationError("a row has no field `\(path)`", remedy: "see `emend describe`")
    }
  }

  private func reasoningField(_ path: String) throws -> Bool {
    let form = try source.reasoningForm("`\(path)`")
    if path == "seen" { return try form.isSeen(source.questions[row.question].text) }
    return row.turns.last { $0.role == .feedback }.flatMap { Feedback($0.text, form.style) }?.verdict
      == .correct
  }

  /// The expression with the fields' values beside their names: "reward 0 > previous.reward 1".
  func explanation(_ expression: RowExpression) throws -> String {
    switch expression {
    case .field(let path): return "\(path) \(shown(try field(path)))"
    case .apply(let symbol, let operands) where operands.count == 2:
      return "\(try explanation(operands[0])) \(symbol.rawValue) \(try explanation(operands[1]))"
    case .apply(let symbol, let operands):
      return "\(symbol == .negate ? "-" : symbol.rawValue + " ")\(try operands.map(explanation).joined())"
    default: return text(expression)
    }
  }

  private func text(_ expression: RowExpression) -> String {
    switch expression {
    case .number(let value): return GradedText.shown(value)
    case .bool(let value): return String(value)
    case .string(let value): return value.debugDescription
    case .field(let path): return path
    case .apply(let symbol, let operands): return operands.map(text).joined(separator: " \(symbol.rawValue) ")
    }
  }

  private func shown(_ field: Field) -> String {
    switch field {
    case .number(let value): GradedText.shown(value)
    case .bool(let value): String(value)
    case .string(let value): value.debugDescription
    }
  }
}
