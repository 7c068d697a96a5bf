internal import DSL
internal import Engine

/// Where the questions of a plan's evaluations come from, so that only figures about the same questions are paired.
final class QuestionSources: Sendable {
  /// By key of a step that gives figures: the calls that made its questions, with the fields taken of them.
  private let sources: [Digest: [String]]

  init(_ prepared: PreparedPlan) {
    let steps = prepared.plan.steps
    let results = steps.map { Catalogue.operation(named: $0.operation)?.result }
    // Of rows and questions, from the first step on: inputs come before those that need them.
    var behind = [Set<String>](repeating: [], count: steps.count)
    var found: [Digest: [String]] = [:]
    for (index, step) in steps.enumerated() {
      var own: Set<String> = []
      for argument in step.arguments {
        guard case .step(let input, let fields) = argument.value else { continue }
        if !fields.isEmpty {
          own.insert(([Self.maker(steps[input.index])] + fields).joined(separator: "."))
        } else if results[input.index] == .rows || results[input.index] == .questions {
          own.formUnion(behind[input.index])
        }
      }
      // A choice of questions is another set of them.
      if results[index] == .questions { own = [prepared.keys[StepID(index)].hex] }
      behind[index] = own
      if results[index] == .metrics { found[prepared.keys[StepID(index)]] = own.sorted() }
    }
    sources = found
  }

  func of(_ step: Digest) -> [String] { sources[step] ?? [step.hex] }

  /// A task's call without what changes how it is asked and graded, and not what.
  private static func maker(_ step: Step) -> String {
    let arguments = step.arguments.filter { !["prompts", "grader"].contains($0.name) }
    return "\(step.operation)(\(arguments.map(\.description).joined(separator: ", ")))"
  }
}
