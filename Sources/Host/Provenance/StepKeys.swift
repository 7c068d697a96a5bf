package import DSL

/// Why keys could not be computed.
package enum KeyError: Error, Sendable, Hashable {
  /// The plan calls what the engine does not have.
  case unknownOperation(String)
  case file(FileError, step: StepID)
}

/// The keys of a plan's steps: SHA-256 of everything that determines a step's value.
package struct StepKeys: Sendable {
  /// By index of the step.
  package private(set) var keys: [Digest]

  /// - Parameters:
  ///   - versions: of each operation.
  ///   - numerics: `native`, or `openblas` with version and core name.
  ///   - locate: the absolute path of a file that the recipe names, from its path and the document's index.
  package init(
    of plan: Plan, versions: [String: Int], numerics: String, files: FileDigests,
    locate: (_ path: String, _ relativeTo: Int) -> String
  ) throws(KeyError) { preconditionFailure("being written") }

  package subscript(_ step: StepID) -> Digest { keys[step.index] }
  /// A step, complete, for the store and for people.
  package func identity(of step: StepID) -> StepIdentity { preconditionFailure("being written") }
  package func key(of trial: Trial, in study: Study) -> Digest { preconditionFailure("being written") }
  package func key(of study: Study) -> Digest { preconditionFailure("being written") }
  /// Of everything that the plan asks for.
  package func planKey() -> Digest { preconditionFailure("being written") }
  /// The plan's studies as the store registers them.
  package func registration(document: String, text: String) -> PlanRegistration {
    preconditionFailure("being written")
  }
}

/// Why two steps of one operation have different keys.
package enum KeyDifference: Sendable, Hashable, CustomStringConvertible {
  case operation(String, String)
  case version(operation: String, Int, Int)
  case numerics(String, String)
  /// `training.learning_rate: 1e-05 → 2e-05`; `nil` where one side has no such argument.
  case argument(path: String, String?, String?)
  /// An input is another step (or another part of it), because of these differences; none if that step is not known.
  case input(path: String, operation: String, because: [KeyDifference])

  /// In words, one line.
  package var description: String { preconditionFailure("being written") }
  /// From an old step to a new one; `lookup` finds input steps.
  package static func between(_ old: StepIdentity, _ new: StepIdentity, lookup: (Digest) -> StepIdentity?)
    -> [KeyDifference]
  { preconditionFailure("being written") }
}
