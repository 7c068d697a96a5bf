/// A study's trials before their values are written out.
struct EvaluatedStudy {
  struct Trial {
    /// A value for each axis.
    var settings: [Value]
    /// For each group of axes that move together, which of its steps this is.
    var positions: [Int]
    var seed: Int
    var entries: [TrialLog.Entry]
    var result: Value
    var steps: [Int32]
  }
  /// By axis, each value once, in order of first appearance.
  var axes: [[Value]]
  /// By axis, what the recipe writes for a value, where it writes it out.
  var texts: [[Value: String]]
  var seeds: [Int]
  var trials: [Trial]
  var metrics: [LoggedMetric]
  /// By the number of a log entry: the metrics it records.
  var metricNames: [Int: [String]]

  /// Some trial of these logs the metric, at the iteration if one is said.
  func logs(_ metric: String?, at iteration: Int?, in indices: [Int]) -> Bool {
    indices.contains { index in
      trials[index].entries.contains { entry in
        (iteration.map { $0 == entry.iteration } ?? true)
          && (metric.map { metricNames[entry.id]?.contains($0) == true } ?? true)
      }
    }
  }

  func metric(_ name: String) -> LoggedMetric? { metrics.first { $0.name == name } }
}

/// What a trial logs, and what its study has seen logged so far.
struct TrialLog {
  struct Entry: Hashable {
    var iteration: Int
    /// A text.
    var name: Int32?
    var value: Value
    /// The entry in the text. Says where, not what: two trials that log the same from different places are equal.
    var id: Int

    static func == (a: Entry, b: Entry) -> Bool {
      a.iteration == b.iteration && a.name == b.name && a.value == b.value
    }

    func hash(into hasher: inout Hasher) {
      hasher.combine(iteration)
      hasher.combine(name)
      hasher.combine(value)
    }
  }
  var entries: [Entry] = []
  var iterations: Set<Int> = []
  var metricNames: [Int: [String]] = [:]
  var metrics: [LoggedMetric] = []

  mutating func beginTrial() {
    entries.removeAll(keepingCapacity: true)
    iterations.removeAll(keepingCapacity: true)
  }
}
