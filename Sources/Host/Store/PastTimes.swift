import Foundation

/// What past executions took: the ground on which the time of steps to come is estimated.
package struct PastTimes: Sendable {
  /// One execution: its arguments' leaves by path, without seeds and inputs, which do not make it longer.
  struct Sample: Sendable {
    var leaves: [Leaf]
    var seconds: Double
    var units: Int?
  }

  /// One value inside a call's arguments.
  struct Leaf: Hashable, Sendable {
    var path: String
    var text: String
    /// Its logarithm to base 2, if it is a number above 0.
    var logarithm: Double?
  }

  /// By operation, the latest first.
  let samples: [String: [Sample]]

  /// Whether any step of this operation was ever executed.
  package func knows(_ operation: String) -> Bool { samples[operation] != nil }

  /// Seconds that a step would take: the median of the executions of its operation that were most like it; `nil` if there
  /// was none.
  package func estimate(for step: StepIdentity) -> Double? {
    estimate(of: step.operation, Self.leaves(of: step.arguments))
  }

  fileprivate func estimate(of operation: String, _ leaves: [Leaf]) -> Double? {
    guard let known = samples[operation] else { return nil }
    let distances = known.map { Self.distance($0.leaves, leaves) }
    guard let least = distances.min() else { return nil }
    let alike = zip(known, distances).filter { $0.1 == least }.map(\.0.seconds).sorted()
    return alike[alike.count / 2]
  }

  /// Seconds that `units` pieces of work take, by the median pace of past executions: for a step that runs and has said
  /// how much there is to do. `nil` if no execution of the operation said so.
  package func estimate(of operation: String, units: Int) -> Double? {
    let paces = (samples[operation] ?? []).compactMap { sample in
      sample.units.flatMap { $0 > 0 ? sample.seconds / Double($0) : nil }
    }.sorted()
    return paces.isEmpty ? nil : paces[paces.count / 2] * Double(units)
  }

  /// How unlike two calls are: a point for each argument that differs, and for a number as many as it differs in powers of two.
  ///
  /// Both lists are sorted by path, and are read side by side: a plan asks this a million times.
  static func distance(_ a: [Leaf], _ b: [Leaf]) -> Double {
    var distance = 0.0
    var i = 0
    var j = 0
    while i < a.count, j < b.count {
      if a[i].path == b[j].path {
        if a[i].text != b[j].text {
          if let x = a[i].logarithm, let y = b[j].logarithm {
            distance += abs(x - y)
          } else {
            distance += 1
          }
        }
        i += 1
        j += 1
      } else {
        distance += 1
        if a[i].path < b[j].path { i += 1 } else { j += 1 }
      }
    }
    return distance + Double(a.count - i + b.count - j)
  }

  /// Sorted by path.
  static func leaves(of arguments: String) -> [Leaf] {
    var leaves: [String: String] = [:]
    if let json = JSON(parsing: arguments) { collect(json, path: "", into: &leaves) }
    leaves[".seed"] = nil
    return leaves.sorted { $0.key < $1.key }.map { path, text in
      let number = Double(text)
      return Leaf(path: path, text: text, logarithm: number.flatMap { $0 > 0 ? log2($0) : nil })
    }
  }

  private static func collect(_ json: JSON, path: String, into leaves: inout [String: String]) {
    switch json {
    case .object(let members):
      // Of an input, which part is taken may matter (`train`, `test`); which step it is does not.
      for member in members where member.name != "step" {
        collect(member.value, path: "\(path).\(member.name)", into: &leaves)
      }
    case .array(let items):
      for (index, item) in items.enumerated() { collect(item, path: "\(path).\(index)", into: &leaves) }
    case .null: leaves[path] = "null"
    case .bool(let bool): leaves[path] = String(bool)
    case .number(let text), .string(let text): leaves[path] = text
    }
  }
}

/// Estimates for many steps: thousands of updates of one policy are calls with the same arguments.
struct TimeEstimates {
  private let times: PastTimes
  private var known: [String: [[PastTimes.Leaf]: Double]] = [:]

  init(_ times: PastTimes) {
    self.times = times
  }

  /// As `PastTimes.estimate(for:)`.
  mutating func estimate(for step: StepIdentity) -> Double? {
    let leaves = PastTimes.leaves(of: step.arguments)
    if let found = known[step.operation]?[leaves] { return found }
    let found = times.estimate(of: step.operation, leaves)
    if let found { known[step.operation, default: [:]][leaves] = found }
    return found
  }
}

extension Store {
  /// What past executions took: of each operation the latest 200.
  package func pastTimes() throws(StoreError) -> PastTimes {
    try withConnection { connection throws(StoreError) in
      let operations = try connection.statement(
        "SELECT DISTINCT operation FROM attempts WHERE status = 'done' ORDER BY operation")
      var names: [String] = []
      while try operations.step() { names.append(operations.text(0)) }
      var samples: [String: [PastTimes.Sample]] = [:]
      for name in names {
        let rows = try connection.statement(
          """
          SELECT a.seconds, s.arguments, a.units FROM attempts a JOIN steps s ON s.id = a.step
          WHERE a.operation = ? AND a.status = 'done' AND a.seconds IS NOT NULL
          ORDER BY a.id DESC LIMIT 200
          """)
        rows.bind(1, name)
        defer { rows.reset() }
        while try rows.step() {
          samples[name, default: []].append(
            PastTimes.Sample(
              leaves: PastTimes.leaves(of: rows.text(1)), seconds: rows.real(0) ?? 0,
              units: rows.optionalInteger(2)))
        }
      }
      return PastTimes(samples: samples)
    }
  }
}

extension Store {
  /// The finished step that is most like this one, which is not finished: what it was before an edit, most likely.
  ///
  /// Among the latest 500 of its operation; of equals the latest. For `plan --why`, with `KeyDifference.between`.
  package func closestStep(to step: StepIdentity) throws(StoreError) -> StepRecord? {
    let leaves = PastTimes.leaves(of: step.arguments)
    let inputs = Set(step.inputs)
    var best: (step: StepRecord, distance: Double)?
    for candidate in try steps(of: step.operation, limit: 500) where candidate.identity.key != step.key {
      let others = Set(candidate.identity.inputs)
      // An input that is another step weighs less than an argument: most often it only follows an earlier edit.
      let distance =
        PastTimes.distance(PastTimes.leaves(of: candidate.identity.arguments), leaves)
        + 0.25 * Double(inputs.symmetricDifference(others).count)
        + (JSON(parsing: candidate.identity.arguments)?["seed"] == JSON(parsing: step.arguments)?["seed"]
          ? 0 : 0.5)
      if distance < best?.distance ?? .infinity { best = (candidate, distance) }
    }
    return best?.step
  }
}
