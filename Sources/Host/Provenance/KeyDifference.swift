/// Why two steps have different keys: everything that a key covers and that differs, in words.
package enum KeyDifference: Sendable, Hashable, CustomStringConvertible {
  case operation(String, String)
  case version(operation: String, Int, Int)
  case numerics(String, String)
  /// `training.learning_rate: 1e-05 → 2e-05`; `nil` where one side has no such argument.
  case argument(path: String, String?, String?)
  /// A file's content differs.
  case file(path: String, name: String)
  /// An input is another step, because of these differences; none if one of the two steps is not known.
  case input(path: String, operation: String, because: [KeyDifference])

  /// In words, one line.
  package var description: String {
    switch self {
    case .operation(let old, let new): "operation: \(old) → \(new)"
    case .version(let operation, let old, let new):
      "`\(operation)` computes something else since its version \(new) (was \(old))"
    case .numerics(let old, let new): "numerics: \(old) → \(new)"
    case .argument(let path, nil, let new?): "\(path): not there → \(new)"
    case .argument(let path, let old?, nil): "\(path): \(old) → not there"
    case .argument(let path, let old, let new): "\(path): \(old ?? "") → \(new ?? "")"
    case .file(let path, let name): "\(path): the content of \(name) changed"
    case .input(let path, let operation, let because):
      because.isEmpty
        ? "\(path): another \(operation)"
        : "\(path) (\(operation)): " + because.map(\.description).joined(separator: "; ")
    }
  }

  /// The differences that are not themselves due to an input's: where it starts.
  package var roots: [KeyDifference] {
    if case .input(_, _, let because) = self, !because.isEmpty { return because.flatMap(\.roots) }
    return [self]
  }

  /// From an old step to a new one; `lookup` finds input steps. Each pair of inputs is explained once.
  package static func between(
    _ old: StepIdentity, _ new: StepIdentity, lookup: @escaping (Digest) -> StepIdentity?
  ) -> [KeyDifference] {
    var comparison = Comparison(lookup: lookup)
    return comparison.steps(old, new, depth: 0)
  }
}

/// A comparison under way.
private struct Comparison {
  private struct Pair: Hashable {
    var old: Digest
    var new: Digest
  }
  let lookup: (Digest) -> StepIdentity?
  private var explained: Set<Pair> = []

  init(lookup: @escaping (Digest) -> StepIdentity?) {
    self.lookup = lookup
  }

  mutating func steps(_ old: StepIdentity, _ new: StepIdentity, depth: Int) -> [KeyDifference] {
    guard old.key != new.key else { return [] }
    guard old.operation == new.operation else { return [.operation(old.operation, new.operation)] }
    var found: [KeyDifference] = []
    if old.version != new.version {
      found.append(.version(operation: new.operation, old.version, new.version))
    }
    if old.numerics != new.numerics { found.append(.numerics(old.numerics, new.numerics)) }
    guard let oldArguments = JSON(parsing: old.arguments),
      let newArguments = JSON(parsing: new.arguments)
    else { return found }
    values(oldArguments, newArguments, path: "", depth: depth, into: &found)
    return found
  }

  private mutating func values(
    _ old: JSON?, _ new: JSON?, path: String, depth: Int, into found: inout [KeyDifference]
  ) {
    guard old != new else { return }
    if let old, let new {
      if case .string(let oldKey)? = old["step"], case .string(let newKey)? = new["step"] {
        inputs((oldKey, old["fields"]), (newKey, new["fields"]), path: path, depth: depth, into: &found)
        return
      }
      if case .string(let name)? = new["file"], old["file"] != nil {
        if old["sha256"] != new["sha256"] { found.append(.file(path: path, name: name)) }
        return
      }
      if case .object(let oldMembers) = old, case .object(let newMembers) = new,
        old["constructor"] == new["constructor"]
      {
        let names = Set(oldMembers.map(\.name)).union(newMembers.map(\.name)).sorted()
        for name in names {
          let inner = path.isEmpty ? name : "\(path).\(name)"
          values(old[name], new[name], path: inner, depth: depth, into: &found)
        }
        return
      }
      if case .array(let oldItems) = old, case .array(let newItems) = new,
        oldItems.count == newItems.count
      {
        for (index, pair) in zip(oldItems, newItems).enumerated() {
          values(pair.0, pair.1, path: "\(path)[\(index)]", depth: depth, into: &found)
        }
        return
      }
    }
    found.append(.argument(path: path, old.map(Self.words), new.map(Self.words)))
  }

  private mutating func inputs(
    _ old: (key: String, fields: JSON?), _ new: (key: String, fields: JSON?), path: String,
    depth: Int, into found: inout [KeyDifference]
  ) {
    if old.key != new.key {
      let pair = Digest(hex: old.key).flatMap { a in Digest(hex: new.key).map { Pair(old: a, new: $0) } }
      let before = pair.flatMap { lookup($0.old) }
      let after = pair.flatMap { lookup($0.new) }
      var because: [KeyDifference] = []
      // A chain of iterations is as deep as they are many; past this, the first differences have long been said.
      if let pair, let before, let after, depth < 100, explained.insert(pair).inserted {
        because = steps(before, after, depth: depth + 1)
      }
      found.append(
        .input(path: path, operation: after?.operation ?? before?.operation ?? "step", because: because))
    }
    if old.fields != new.fields {
      found.append(
        .argument(path: "\(path): part", old.fields.map(Self.words), new.fields.map(Self.words)))
    }
  }

  private static func words(_ value: JSON) -> String {
    if case .string(let key)? = value["step"] { return "step \(key.prefix(12))" }
    if case .string(let text) = value { return text }
    return value.text
  }
}
