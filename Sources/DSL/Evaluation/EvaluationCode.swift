/// What can go wrong while a recipe is evaluated, and what is doubtful about its plan.
package enum EvaluationCode: String, DiagnosticCode {
  case divisionByZero = "E0501"
  case overflow = "E0502"
  case indexOutOfRange = "E0503"
  case outOfBounds = "E0504"
  case tooMuchWork = "E0505"
  case tooManySteps = "E0506"
  case tooManyTrials = "E0507"
  case metricLoggedTwice = "E0508"
  case tooLarge = "E0509"
  case tooDeep = "E0510"
  case unusedStep = "W0501"
}

/// Why a statement could not be evaluated.
struct EvaluationFailure: Error {
  /// `nil`: the reason has been reported already.
  var diagnostic: Diagnostic?

  static let silent = EvaluationFailure(diagnostic: nil)
}
