import DSL

/// A plot with its figures computed, before it is drawn.
struct PlotModel {
  struct Point {
    /// A number, or the place among the categories.
    var x: Double
    var summary: Summary
    var seedsPlanned: Int
  }
  struct Series {
    var color: Int
    /// Which of the plotted metrics: told apart by dashes and markers where color means something else.
    var metric: Int
    var points: [Point]
  }
  struct Panel {
    var title: String
    var unit: MetricSignature.Unit
    var yLabel: String
    var series: [Series]
  }
  /// Panels of one row share a unit, and so their vertical axis.
  var rows: [[Panel]] = []
  var xLabel: String
  /// Labels of a categorical axis; `nil` where x is a number.
  var categories: [String]?
  var xValues: [Double]
  var colorTitle: String?
  var colors: [String]
  var metrics: [String]
  private let study: Study
  private let moment: ReportMoment
  private let condition: String?
  private var seeds: [Int]
  /// The most variants that a point is the mean of.
  private var variants = 1
  /// At some places some trials of a series have figures, but not all that it is the mean of.
  private var isCut = false

  init(_ plot: ReportPlot, _ figures: Figures) {
    let study = figures.study
    self.study = study
    moment = plot.moment
    condition = plot.condition
    metrics = plot.y.map(\.name)
    seeds = Set(plot.trials.map { study.trials[$0].seed }).sorted()
    let trials = plot.trials.sorted()
    let colorValues = Self.values(plot.color, trials, study)
    let facetValues = Self.values(plot.facet, trials, study)
    colorTitle = plot.color.map { study.axes[$0].name }
    colors =
      plot.color.map { axis in colorValues.map { $0.map { TableModel.label($0, of: study.axes[axis]) } ?? "" }
      } ?? metrics
    // Where x is and which trials stand there.
    var places: [(x: Double, trials: Set<Int>, moment: ReportMoment)] = []
    switch plot.x {
    case .iteration:
      xLabel = "iteration"
      let iterations = Set(trials.flatMap { trial in plot.y.flatMap { figures.iterations(of: trial, $0) } })
      places = iterations.sorted().map { (Double($0), Set(trials), .iteration($0)) }
    case .axis(let axis):
      xLabel = study.axes[axis].name
      let values = Self.values(axis, trials, study).compactMap { $0 }
      let numbers = values.compactMap(Self.number)
      let isNumeric = numbers.count == values.count && Set(numbers).count == values.count
      if !isNumeric { categories = values.map { TableModel.label($0, of: study.axes[axis]) } }
      places = values.enumerated().map { index, value in
        let members = trials.filter { study.trials[$0].settings[axis] == value }
        return (isNumeric ? numbers[index] : Double(index), Set(members), plot.moment)
      }
      places.sort { $0.x < $1.x }
    }
    xValues = places.map(\.x)
    let units = plot.y.map(\.signature.unit).reduce(into: [MetricSignature.Unit]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    for unit in units {
      let shown = plot.y.indices.filter { plot.y[$0].signature.unit == unit }
      let label = shown.map { plot.y[$0].name }.joined(separator: ", ") + (unit == .share ? " (%)" : "")
      rows.append(
        facetValues.map { facet in
          var series: [Series] = []
          for metric in shown {
            for (color, value) in colorValues.enumerated() {
              let members = trials.filter {
                Self.matches($0, plot.color, value, study) && Self.matches($0, plot.facet, facet, study)
              }
              let points = places.compactMap { place -> Point? in
                let shown = members.filter(place.trials.contains)
                variants = max(variants, Set(shown.map { study.trials[$0].settings }).count)
                let sample = figures.sample(shown, plot.y[metric], place.moment)
                if sample.summary == nil {
                  isCut =
                    isCut || members.contains { figures.value($0, plot.y[metric], place.moment) != nil }
                }
                return sample.summary.map { Point(x: place.x, summary: $0, seedsPlanned: sample.seeds.count) }
              }
              series.append(Series(color: plot.color == nil ? metric : color, metric: metric, points: points))
            }
          }
          let title = plot.facet.flatMap { axis in
            facet.map { "\(study.axes[axis].name) = \(TableModel.label($0, of: study.axes[axis]))" }
          }
          return Panel(title: title ?? "", unit: unit, yLabel: label, series: series)
        })
    }
  }

  /// The axis's values that the trials have, in the axis's order; one `nil` without an axis.
  private static func values(_ axis: Int?, _ trials: [Int], _ study: Study) -> [PlanValue?] {
    guard let axis else { return [nil] }
    let used = Set(trials.map { study.trials[$0].settings[axis] })
    var found: [PlanValue] = []
    for value in study.axes[axis].values where used.contains(value) && !found.contains(value) {
      found.append(value)
    }
    return found
  }

  private static func matches(_ trial: Int, _ axis: Int?, _ value: PlanValue?, _ study: Study) -> Bool {
    guard let axis, let value else { return true }
    return study.trials[trial].settings[axis] == value
  }

  private static func number(_ value: PlanValue) -> Double? {
    switch value {
    case .int(let number): Double(number)
    case .float(let number): number.isFinite ? number : nil
    default: nil
    }
  }

  /// For those who do not see the picture.
  var description: String {
    let over = rows.first.map { $0.count > 1 ? ", \($0.count) panels" : "" } ?? ""
    let by = colorTitle.map { " for each \($0)" } ?? ""
    let left = condition.map { " where \($0)" } ?? ""
    return "\(study.name): \(metrics.joined(separator: ", ")) over \(xLabel)\(by)\(left)\(over)"
  }

  /// In Markdown.
  var footnote: String {
    var parts: [String] = []
    if let condition { parts.append("Where \(Escape.markdown(condition)).") }
    if case .iteration(let iteration) = moment, xLabel != "iteration" {
      parts.append("At iteration \(iteration).")
    }
    if let choice = moment.choice, xLabel != "iteration" {
      parts.append("At each trial’s iteration with the \(Escape.markdown(choice)).")
    }
    if moment == .eachBest, xLabel != "iteration" {
      parts.append("Each point at its trial’s best iteration: optimistic, as the papers report.")
    }
    let hasHoles = rows.contains {
      $0.contains { $0.series.contains { $0.points.contains { $0.summary.count < $0.seedsPlanned } } }
    }
    parts.append(
      seeds.count > 1
        ? "Points: means over \(seeds.count) seeds (\(listed(seeds))); bars: 95 % intervals (Student’s t over seeds)."
        : "One seed (\(seeds.first.map(String.init) ?? "none")): no bars, for nothing says how much seeds vary."
    )
    if variants > 1 {
      parts.append("A point is the mean over up to \(variants) variants that differ in other settings.")
    }
    if isCut {
      parts.append("Left out: points of which only some of the trials that a mean is of have figures.")
    }
    if hasHoles { parts.append("Hollow points: some seeds are missing.") }
    return parts.joined(separator: " ")
  }

  /// What is drawn, in full precision; shares between 0 and 1.
  var csv: String {
    var lines = [
      [
        "facet", xLabel, colorTitle ?? "series", "metric", "seeds", "seeds_planned", "mean", "sd",
        "half_width_95",
      ]
      .map(Escape.csv).joined(separator: ",")
    ]
    for panel in rows.joined() {
      for series in panel.series {
        for point in series.points {
          let x = categories.map { $0[Int(point.x)] } ?? NumberFormat.significant(point.x, 12)
          let numbers = [point.summary.mean, point.summary.deviation, point.summary.halfWidth]
          lines.append(
            ([panel.title, x, colors[series.color], metrics[series.metric]].map(Escape.csv)
              + ["\(point.summary.count)", "\(point.seedsPlanned)"]
              + numbers.map { $0.map { "\($0)" } ?? "" }).joined(separator: ","))
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
