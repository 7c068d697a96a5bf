import Foundation

/// What past executions took: the ground on which the time of steps to come is estimated.
package struct PastTimes: Sendable {
  /// One execution: its arguments' leaves by path, without seeds and inputs, which do not make it longer.
  struct Sample: Sendable {
    var leaves: [String: String]
    var seconds: Double
  }

  /// By operation, the latest first.
  let samples: [String: [Sample]]

  /// Whether any step of this operation was ever executed.
  package func knows(_ operation: String) -> Bool { samples[operation] != nil }

  /// Seconds that a step would take: the median of the executions of its operation that were most like it; `nil` if there
  /// was none.
  package func estimate(for step: StepIdentity) -> Double? {
    guard let known = samples[step.operation] else { return nil }
    let leaves = Self.leaves(of: step.arguments)
    let distances = known.map { Self.distance($0.leaves, leaves) }
    guard let least = distances.min() else { return nil }
    let alike = zip(known, distances).filter { $0.1 == least }.map(\.0.seconds).sorted()
    return alike[alike.count / 2]
  }

  /// How unlike two calls are: a point for each argument that differs, and for a number as many as it differs in powers of two.
  static func distance(_ a: [String: String], _ b: [String: String]) -> Double {
    var distance = 0.0
    // In a fixed order, so that the sum is the same each time.
    for path in Set(a.keys).union(b.keys).sorted() where a[path] != b[path] {
      if let x = a[path].flatMap(Double.init), let y = b[path].flatMap(Double.init), x > 0, y > 0 {
        distance += abs(log2(x / y))
      } else {
        distance += 1
      }
    }
    return distance
  }

  static func leaves(of arguments: String) -> [String: String] {
    var leaves: [String: String] = [:]
    if let json = JSON(parsing: arguments) { collect(json, path: "", into: &leaves) }
    leaves[".seed"] = nil
    return leaves
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
          SELECT a.seconds, s.arguments FROM attempts a JOIN steps s ON s.id = a.step
          WHERE a.operation = ? AND a.status = 'done' AND a.seconds IS NOT NULL
          ORDER BY a.id DESC LIMIT 200
          """)
        rows.bind(1, name)
        defer { rows.reset() }
        while try rows.step() {
          samples[name, default: []].append(
            PastTimes.Sample(leaves: PastTimes.leaves(of: rows.text(1)), seconds: rows.real(0) ?? 0))
        }
      }
      return PastTimes(samples: samples)
    }
  }
}
