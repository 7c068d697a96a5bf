import DSL

extension ReportMoment {
  /// `best validation.accuracy_2`: by what each trial's iteration is chosen; `nil` where it is not by one metric.
  var choice: String? {
    switch self {
    case .best(let metric): "best \(metric)"
    case .highest(let metric): "highest \(metric)"
    case .lowest(let metric): "lowest \(metric)"
    case .last, .iteration, .eachBest: nil
    }
  }
}
