/// What an evaluation found: its figures, and for each question what every attempt was worth.
package struct Metrics: Codable, Sendable {
  /// In the order of `EvaluationMetric.all`; `nil` where a figure is not defined (a share of nothing).
  package var values: [Double?]
  /// One row a question, in the questions' order, with scored attempts and every text.
  package var rows: Rows

  package init(values: [Double?], rows: Rows) {
    self.values = values
    self.rows = rows
  }
}

/// A figure that every evaluation gives.
package struct EvaluationMetric: Sendable {
  package enum Direction: Sendable { case higherIsBetter, lowerIsBetter, neither }
  package enum Unit: Sendable { case share, count, number }

  package var name: String
  package var summary: String
  package var direction: Direction
  package var unit: Unit
  /// Its value for one question from the scores of that question's attempts, for metrics that are means over questions:
  /// what paired tests read. `nil` for the others, such as shares of those questions that were wrong at first.
  package var ofQuestion: (@Sendable ([Score]) -> Double)?

  package init(
    name: String, summary: String, direction: Direction, unit: Unit,
    ofQuestion: (@Sendable ([Score]) -> Double)? = nil
  ) {
    self.name = name
    self.summary = summary
    self.direction = direction
    self.unit = unit
    self.ofQuestion = ofQuestion
  }
}
