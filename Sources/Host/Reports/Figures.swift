import DSL

/// A study's figures at the moments that reports name.
struct Figures {
  let study: Study
  let trials: [TrialOutcome]
  /// For each trial and metric the iterations at which the plan logs it, ascending.
  private let planned: [[String: [Int]]]

  init(_ results: StudyResults) {
    let study = results.study
    self.study = study
    // Results that are shorter than their study read as trials that are missing.
    trials = study.trials.indices.map { index in
      results.trials.indices.contains(index)
        ? results.trials[index] : TrialOutcome(status: .missing, figures: [:]) { _ in nil }
    }
    planned = study.trials.map { trial in
      var found: [String: [Int]] = [:]
      for metric in study.metrics {
        let named = trial.logs.filter { $0.name == metric.name }
        let logs = named.isEmpty ? trial.logs.filter { $0.name == metric.prefix } : named
        found[metric.name] = Set(logs.map(\.iteration)).sorted()
      }
      return found
    }
  }

  /// Iterations at which a trial logs a metric, or did so by its results where the plan does not tell.
  func iterations(of trial: Int, _ metric: LoggedMetric) -> [Int] {
    if let known = planned[trial][metric.name], !known.isEmpty { return known }
    return trials[trial].figures.keys.filter { $0.metric == metric.name }.map(\.iteration).sorted()
  }

  func isFinished(_ trial: Int) -> Bool {
    if case .finished = trials[trial].status { true } else { false }
  }

  /// Where a metric of a trial is read; `nil` if nothing is there to choose from.
  func key(_ trial: Int, _ metric: LoggedMetric, _ moment: ReportMoment) -> FigureKey? {
    switch moment {
    case .iteration(let iteration): return FigureKey(iteration: iteration, metric: metric.name)
    case .last:
      return iterations(of: trial, metric).last.map { FigureKey(iteration: $0, metric: metric.name) }
    case .best(let name):
      return chosen(trial, by: name, lowest: nil).map { FigureKey(iteration: $0, metric: metric.name) }
    case .highest(let name):
      return chosen(trial, by: name, lowest: false).map { FigureKey(iteration: $0, metric: metric.name) }
    case .lowest(let name):
      return chosen(trial, by: name, lowest: true).map { FigureKey(iteration: $0, metric: metric.name) }
    case .eachBest:
      if metric.signature.direction == .neither { return key(trial, metric, .last) }
      return chosen(trial, by: metric.name, lowest: nil).map {
        FigureKey(iteration: $0, metric: metric.name)
      }
    }
  }

  /// The figure; `nil` where it is undefined or the trial did not come that far.
  func value(_ trial: Int, _ metric: LoggedMetric, _ moment: ReportMoment) -> Double? {
    // A best so far is no best: only a finished trial has one.
    switch moment {
    case .best, .highest, .lowest, .eachBest: guard isFinished(trial) else { return nil }
    case .last, .iteration: break
    }
    return key(trial, metric, moment).flatMap { figure(trial, $0) }
  }

  func figure(_ trial: Int, _ key: FigureKey) -> Double? {
    trials[trial].figures[key].flatMap { $0.isFinite ? $0 : nil }
  }

  /// All defined values of a metric over a trial's iterations, in their order.
  func curve(_ trial: Int, _ metric: LoggedMetric) -> [Double] {
    iterations(of: trial, metric).compactMap {
      figure(trial, FigureKey(iteration: $0, metric: metric.name))
    }
  }

  /// The iteration where a metric is highest or lowest, by its own direction if that is not said; the earliest of equals.
  private func chosen(_ trial: Int, by name: String, lowest: Bool?) -> Int? {
    guard let metric = study.metrics.first(where: { $0.name == name }) else { return nil }
    let isLowest = lowest ?? (metric.signature.direction == .lowerIsBetter)
    var found: (iteration: Int, value: Double)?
    for iteration in iterations(of: trial, metric) {
      guard let value = figure(trial, FigureKey(iteration: iteration, metric: metric.name)) else { continue }
      if let known = found?.value {
        let isBetter = isLowest ? value < known : value > known
        if !isBetter { continue }
      }
      found = (iteration, value)
    }
    return found?.iteration
  }

  /// A metric over some trials, seed by seed.
  func sample(_ selected: [Int], _ metric: LoggedMetric, _ moment: ReportMoment) -> Sample {
    let seeds = Set(selected.map { study.trials[$0].seed }).sorted()
    return Sample(
      seeds: seeds.map { seed in
        let members = selected.filter { study.trials[$0].seed == seed }.sorted()
        let values = members.compactMap { value($0, metric, moment) }
        let isComplete = values.count == members.count
        return Sample.Seed(
          seed: seed, value: isComplete ? Summary(values)?.mean : nil,
          questions: { isComplete ? questions(members, metric, moment) : nil })
      })
  }

  /// For each question the mean over trials; `nil` unless every trial knows it for the same questions.
  private func questions(_ members: [Int], _ metric: LoggedMetric, _ moment: ReportMoment) -> QuestionValues?
  {
    var sum: QuestionValues?
    for trial in members {
      guard let key = key(trial, metric, moment), let asked = trials[trial].perQuestion(key),
        !asked.values.isEmpty, asked.values.allSatisfy(\.isFinite)
      else { return nil }
      guard let known = sum else {
        sum = asked
        continue
      }
      guard known.identity == asked.identity else { return nil }
      sum?.values = zip(known.values, asked.values).map { $0 + $1 }
    }
    guard var mean = sum, members.count > 1 else { return sum }
    let count = Double(members.count)
    mean.values = mean.values.map { $0 / count }
    return mean
  }

  /// Settings of which some groups of trials have others than other groups, as `except` leaves them: means over them do not compare like with like.
  static func mixedAxes(_ groups: [[Int]], of study: Study) -> [String] {
    study.axes.indices.filter { axis in
      let sets = groups.map { trials in Set(trials.map { study.trials[$0].settings[axis] }) }
      return Set(sets).count > 1 && sets.contains { $0.count > 1 }
    }.map { study.axes[$0].name }
  }

  /// Where a metric is chosen by itself, so that its figure flatters: nothing is tested then.
  static func isOptimistic(_ metric: LoggedMetric, _ moment: ReportMoment) -> Bool {
    switch moment {
    case .eachBest: metric.signature.direction != .neither
    case .best(let chooser), .highest(let chooser), .lowest(let chooser): chooser == metric.name
    case .last, .iteration: false
    }
  }
}

/// A metric's figure for each seed of a row, with holes where a trial is missing or its figure undefined.
struct Sample {
  struct Seed {
    var seed: Int
    var value: Double?
    /// Its value for each question, where it is a mean over questions.
    var questions: () -> QuestionValues?
  }
  /// Ascending.
  var seeds: [Seed]

  var values: [Double] { seeds.compactMap(\.value) }
  var summary: Summary? { Summary(values) }
  var isComplete: Bool { seeds.allSatisfy { $0.value != nil } }
}
