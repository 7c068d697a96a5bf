/// A statement that the report answers, checked and with its constants computed.
package struct ReportItem: Sendable {
  package enum Kind: Sendable {
    /// A study was declared here: the report says what it was.
    case study(index: Int)
    case table(ReportTable)
    case plot(ReportPlot)
    case claim(ReportClaim)
    case show(ReportShow)
    /// A `sql` cell: its name and its text.
    case query(name: String, text: String)
  }
  package var kind: Kind
  package var documentation: [String]
  /// Place of the statement; the cell that holds it is found by place.
  package var span: Span

  package init(kind: Kind, documentation: [String], span: Span) {
    self.kind = kind
    self.documentation = documentation
    self.span = span
  }
}

/// Which of a trial's iterations a figure is read at.
package enum ReportMoment: Hashable, Sendable {
  case last
  case iteration(Int)
  /// The iteration at which this metric is best (by its direction; the earliest of equals), chosen for each trial.
  case best(metric: String)
  /// The same, whatever its direction.
  case highest(metric: String)
  case lowest(metric: String)
  /// Each metric at its own best iteration, as the STaSC paper reports: optimistic, and labelled so.
  case eachBest
}

/// `table study { … }`, checked.
package struct ReportTable: Sendable {
  package var study: Int
  /// Indices of axes; variants that agree in all of them share a row.
  package var rows: [Int]
  package var columns: [LoggedMetric]
  package var moment: ReportMoment
  /// Indices of the trials that are the baseline; all in one row.
  package var baseline: [Int]?
  /// Indices of the trials shown, in order.
  package var trials: [Int]
  /// What `where` leaves, as written.
  package var condition: String?

  package init(
    study: Int, rows: [Int], columns: [LoggedMetric], moment: ReportMoment, baseline: [Int]?,
    trials: [Int], condition: String? = nil
  ) {
    self.condition = condition
    self.study = study
    self.rows = rows
    self.columns = columns
    self.moment = moment
    self.baseline = baseline
    self.trials = trials
  }
}

/// `plot study { … }`, checked.
package struct ReportPlot: Sendable {
  package enum X: Hashable, Sendable {
    case iteration
    case axis(Int)
  }
  package var study: Int
  package var x: X
  package var y: [LoggedMetric]
  /// Index of an axis.
  package var color: Int?
  package var facet: Int?
  package var moment: ReportMoment
  package var trials: [Int]
  /// What `where` leaves, as written.
  package var condition: String?

  package init(
    study: Int, x: X, y: [LoggedMetric], color: Int?, facet: Int?, moment: ReportMoment,
    trials: [Int], condition: String? = nil
  ) {
    self.condition = condition
    self.study = study
    self.x = x
    self.y = y
    self.color = color
    self.facet = facet
    self.moment = moment
    self.trials = trials
  }
}

/// `expect left > right`, over figures of studies.
package struct ReportClaim: Sendable {
  package var left: ClaimExpression
  package var comparison: BinaryOperator
  package var right: ClaimExpression
  package var withConfidence: Bool
  /// The claim as written.
  package var text: String

  package init(
    left: ClaimExpression, comparison: BinaryOperator, right: ClaimExpression, withConfidence: Bool,
    text: String
  ) {
    self.left = left
    self.comparison = comparison
    self.right = right
    self.withConfidence = withConfidence
    self.text = text
  }
}

/// One side of a claim.
package indirect enum ClaimExpression: Sendable {
  case number(Double)
  /// Mean of a metric over the selected trials of a study.
  case figure(study: Int, trials: [Int], metric: LoggedMetric, moment: ReportMoment, text: String)
  case negate(ClaimExpression)
  case binary(BinaryOperator, ClaimExpression, ClaimExpression)
}

/// `show value`, checked.
package struct ReportShow: Sendable {
  package var value: PlanValue
  package var type: Type
  package var text: String

  package init(value: PlanValue, type: Type, text: String) {
    self.value = value
    self.type = type
    self.text = text
  }
}
