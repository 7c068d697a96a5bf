import DSL

/// A table with its figures computed, before it is written in some format.
struct TableModel {
  struct Column {
    var metric: LoggedMetric
    var format: FigureFormat
    /// Chosen by itself: a maximum over iterations favors whatever has more or noisier iterations, so nothing is tested.
    var isOptimistic: Bool
    /// Of differences of the column's figures.
    var arrow: String {
      switch metric.signature.direction {
      case .higherIsBetter: " ↑"
      case .lowerIsBetter: " ↓"
      case .neither: ""
      }
    }
  }
  struct Cell {
    var sample: Sample
    var summary: Summary?
    /// With `eachBest`: the mean over seeds of the population standard deviation over iterations.
    var iterationDeviation: Double?
    /// Against the baseline; its p value not adjusted.
    var comparison: PairedComparison?
    /// After Holm, over all comparisons of the table.
    var adjusted: Double?
    /// The best of its column, or not to be told from it.
    var isBest = false
  }
  struct Row {
    var labels: [String]
    var trials: [Int]
    /// How many variants share the row.
    var variants: Int
    var isBaseline: Bool
    var cells: [Cell]
  }
  var name: String
  var study: Study
  var axes: [String]
  var columns: [Column]
  var rows: [Row]
  var moment: ReportMoment
  /// What of the study is shown, as written; all of it without.
  var condition: String?
  /// Settings of which rows are means, and not all of the same ones.
  var mixedAxes: [String]
  var comparisons: Int { rows.reduce(0) { $0 + $1.cells.count { $0.adjusted != nil } } }

  init(_ table: ReportTable, _ figures: Figures, name: String) {
    self.name = name
    study = figures.study
    moment = table.moment
    condition = table.condition
    axes = table.rows.map { figures.study.axes[$0].name }
    var rows: [Row] = []
    var places: [[PlanValue]: Int] = [:]
    let rowAxes = table.rows.map { figures.study.axes[$0] }
    for trial in table.trials.sorted() {
      let key = table.rows.map { figures.study.trials[trial].settings[$0] }
      if let place = places[key] {
        rows[place].trials.append(trial)
      } else {
        places[key] = rows.count
        rows.append(
          Row(
            labels: zip(key, rowAxes).map(Self.label), trials: [trial], variants: 1, isBaseline: false,
            cells: []))
      }
    }
    let baseline = Set(table.baseline ?? [])
    for row in rows.indices {
      rows[row].isBaseline = rows[row].trials.contains(where: baseline.contains)
      rows[row].variants = Set(rows[row].trials.map { figures.study.trials[$0].settings }).count
      rows[row].cells = table.columns.map { Self.cell(rows[row].trials, $0, table.moment, figures) }
    }
    columns = table.columns.enumerated().map { column, metric in
      let cells = rows.map { $0.cells[column] }
      let values =
        metric.signature.unit == .count
        ? cells.compactMap { $0.summary?.mean } : cells.flatMap(\.sample.values)
      return Column(
        metric: metric, format: FigureFormat(metric.signature.unit, values: values),
        isOptimistic: Figures.isOptimistic(metric, table.moment))
    }
    mixedAxes = Figures.mixedAxes(rows.map(\.trials), of: figures.study)
    self.rows = rows
    compareWithBaseline()
    markBest()
  }

  /// A setting's value as a reader of a table knows it.
  static func label(_ value: PlanValue, of axis: Axis) -> String {
    if case .string(let text) = value { return text }
    if case .float(let number) = value, number == number.rounded(), abs(number) < 1e15 {
      return NumberFormat.fixed(number, 0)
    }
    return axis.label(of: value)
  }

  private static func cell(
    _ trials: [Int], _ metric: LoggedMetric, _ moment: ReportMoment, _ figures: Figures
  ) -> Cell {
    let sample = figures.sample(trials, metric, moment)
    var cell = Cell(sample: sample, summary: sample.summary)
    if moment == .eachBest, cell.summary != nil, metric.signature.direction != .neither {
      let finished = trials.filter { figures.value($0, metric, moment) != nil }
      cell.iterationDeviation =
        Summary(finished.map { populationDeviation(figures.curve($0, metric)) })?.mean
    }
    return cell
  }

  private mutating func compareWithBaseline() {
    guard let baseline = rows.firstIndex(where: \.isBaseline) else { return }
    var places: [(row: Int, column: Int)] = []
    for row in rows.indices where row != baseline {
      for column in columns.indices {
        rows[row].cells[column].comparison = PairedComparison(
          rows[row].cells[column].sample, against: rows[baseline].cells[column].sample,
          usesQuestions: !columns[column].isOptimistic)
        if columns[column].isOptimistic {
          rows[row].cells[column].comparison?.p = nil
          rows[row].cells[column].comparison?.interval = nil
        } else {
          places.append((row, column))
        }
      }
    }
    let adjusted = holmAdjusted(places.map { rows[$0.row].cells[$0.column].comparison?.p })
    for (place, p) in zip(places, adjusted) { rows[place.row].cells[place.column].adjusted = p }
  }

  /// The best of each column, with all that a paired test at 5 % (Holm over the column) cannot tell from it.
  private mutating func markBest() {
    for column in columns.indices {
      let direction = columns[column].metric.signature.direction
      let known = rows.indices.filter { rows[$0].cells[column].summary != nil }
      guard direction != .neither, known.count > 1 else { continue }
      let means = known.map { rows[$0].cells[column].summary?.mean ?? 0 }
      guard let extreme = direction == .higherIsBetter ? means.max() : means.min() else { continue }
      guard let best = known.first(where: { rows[$0].cells[column].summary?.mean == extreme }) else {
        continue
      }
      let others = known.filter { $0 != best }
      let comparisons = others.map { row -> PairedComparison? in
        columns[column].isOptimistic
          ? nil
          : PairedComparison(
            rows[row].cells[column].sample, against: rows[best].cells[column].sample)
      }
      let adjusted = holmAdjusted(comparisons.map { $0?.p })
      rows[best].cells[column].isBest = true
      for (row, p) in zip(others, adjusted) {
        let isEqual = rows[row].cells[column].summary?.mean == extreme
        rows[row].cells[column].isBest = isEqual || (p.map { $0 > 0.05 } ?? false)
      }
      // Bold everywhere would say nothing.
      if known.count == rows.count, known.allSatisfy({ rows[$0].cells[column].isBest }) {
        for row in known { rows[row].cells[column].isBest = false }
      }
    }
  }
}
