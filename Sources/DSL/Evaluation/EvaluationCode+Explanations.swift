extension EvaluationCode {
  package var explanation: Explanation { Explanation("", "", wrong: .words(""), right: .words("")) }
}
