package import DSL
import Engine

/// Which figures of a plan depend on gold answers beyond their grading: those of attempts that gold answers wrote, led or chose.
///
/// Looked for among the rows that are measured as a model's, and those that they were made from. What the model learned from is another matter.
package struct GoldAnswersUse {
  private let plan: Plan

  package init(plan: Plan) { self.plan = plan }

  /// `no`, or in which studies by what.
  package var summary: String {
    let found = plan.studies.compactMap { study in
      let uses = uses(in: study)
      return uses.isEmpty ? nil : "by \(uses.joined(separator: ", ")) in `\(study.name)`"
    }
    return found.isEmpty ? "no" : "**yes**, " + found.joined(separator: "; ")
  }

  /// What reads them, each once, in the plan's order.
  private func uses(in study: Study) -> [String] {
    var waiting = study.trials.flatMap(\.logs).compactMap { log -> StepID? in
      guard case .step(let step, _) = log.value, operation(of: step)?.goldAnswers == .judged else {
        return nil
      }
      return step
    }
    var seen = Set(waiting)
    var found: [(step: StepID, use: String)] = []
    while let step = waiting.popLast() {
      if let use = use(in: step) { found.append((step, use)) }
      for argument in plan.steps[step.index].arguments {
        guard case .step(let input, _) = argument.value, operation(of: input)?.result == .rows,
          seen.insert(input).inserted
        else { continue }
        waiting.append(input)
      }
    }
    var uses: [String] = []
    for (_, use) in found.sorted(by: { $0.step < $1.step }) where !uses.contains(use) { uses.append(use) }
    return uses
  }

  private func operation(of step: StepID) -> Engine.Operation? {
    Catalogue.operation(named: plan.steps[step.index].operation)
  }

  /// How a step reads gold answers, if it does.
  private func use(in id: StepID) -> String? {
    let step = plan.steps[id.index]
    switch operation(of: id)?.goldAnswers {
    case .read: return "`\(step.operation)`"
    case .readByScript:
      let isScript = step.arguments.contains {
        if case .record(constructor: SettingsConstructor.script.name, fields: _) = $0.value {
          true
        } else {
          false
        }
      }
      return isScript ? "`\(step.operation)` by `script`" : nil
    case .readInCondition:
      for argument in step.arguments {
        guard case .rowExpression(let expression) = argument.value, let grade = grade(in: expression) else {
          continue
        }
        return "`\(step.operation)` with `\(grade)`"
      }
      return nil
    case .unread, .judged, nil: return nil
    }
  }

  /// The first field of an expression that is a grade.
  private func grade(in expression: DSL.RowExpression) -> String? {
    switch expression {
    case .number, .bool, .string: nil
    case .field(let path): RowFieldDescription.all.contains { $0.path == path && $0.isGrade } ? path : nil
    case .unary(_, let operand): grade(in: operand)
    case .binary(_, let left, let right): grade(in: left) ?? grade(in: right)
    }
  }
}
