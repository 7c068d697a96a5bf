import Foundation

/// A mean over seeds and questions with its 95 % interval, both drawn from many: an analysis of variance of two crossed
/// random factors, with Satterthwaite's degrees of freedom.
///
/// With few seeds it is Student's t that pays for them; resampling them cannot (decision 0005).
package struct CrossedInterval: Hashable {
  package var mean: Double
  package var standardError: Double
  package var degreesOfFreedom: Int

  /// Values by seed and question, all rows of one length; `nil` for a single value.
  package init?(_ rows: [[Double]]) {
    let seeds = Double(rows.count)
    guard let width = rows.first?.count, width > 0, rows.allSatisfy({ $0.count == width }) else { return nil }
    let questions = Double(width)
    guard width > 1 || rows.count > 1 else { return nil }
    let rowMeans = rows.map { $0.reduce(0, +) / questions }
    let center = rowMeans.reduce(0, +) / seeds
    mean = center
    var seedSquares = 0.0
    for row in rowMeans { seedSquares += (row - center) * (row - center) }
    var questionSquares = 0.0
    var restSquares = 0.0
    for question in 0..<width {
      var sum = 0.0
      for row in rows { sum += row[question] }
      let effect = sum / seeds - center
      questionSquares += effect * effect
      for (row, mean) in zip(rows, rowMeans) {
        let rest = row[question] - mean - effect
        restSquares += rest * rest
      }
    }
    let seedFreedom = max(1, seeds - 1)
    let questionFreedom = max(1, questions - 1)
    let ofSeeds = rows.count > 1 ? questions * seedSquares / seedFreedom : 0
    let ofQuestions = width > 1 ? seeds * questionSquares / questionFreedom : 0
    let ofRest = rows.count > 1 && width > 1 ? restSquares / (seedFreedom * questionFreedom) : 0
    // Chance may leave less between seeds than within: the variance is never below what either factor shows alone.
    let total = max(ofSeeds + ofQuestions - ofRest, ofSeeds, ofQuestions)
    standardError = (total / (seeds * questions)).squareRoot()
    let spread =
      ofSeeds * ofSeeds / seedFreedom + ofQuestions * ofQuestions / questionFreedom
      + ofRest * ofRest / (seedFreedom * questionFreedom)
    let freedom = spread > 0 ? total * total / spread : questionFreedom
    // Satterthwaite's estimate is itself noisy; below the fewer of seeds and questions there is nothing to lose.
    let least =
      rows.count > 1 && width > 1 ? min(seedFreedom, questionFreedom) : max(seedFreedom, questionFreedom)
    degreesOfFreedom = Int(max(least, min(freedom, 10_000)))
  }

  package var interval: ClosedRange<Double> {
    let half = StudentT.quantile(0.975, degreesOfFreedom: degreesOfFreedom) * standardError
    return (mean - half)...(mean + half)
  }

  /// Two-sided, of the mean being 0.
  package var p: Double {
    if standardError <= 1e-15 { return abs(mean) <= 1e-15 ? 1 : 0 }
    return StudentT.twoSided(mean / standardError, degreesOfFreedom: degreesOfFreedom)
  }
}
