/// What computed a run: kept with it, never part of a key.
package struct EnvironmentRecord: Hashable, Sendable {
  package var emendVersion: String
  /// The project's commit, if it is a Git repository.
  package var commit: String?
  /// Whether the project differs from that commit; `nil` if unknown.
  package var isDirty: Bool?
  package var numerics: String
  package var host: String
  package var processor: String
  package var cores: Int
  package var system: String
  package var swiftVersion: String

  /// This machine, and the project in `folder`. Never fails: what cannot be found out is `unknown` or `nil`.
  package static func current(project folder: String, emendVersion: String, numerics: String)
    -> EnvironmentRecord
  {
    preconditionFailure("being written")
  }
}
