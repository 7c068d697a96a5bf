extension SemanticCode {
  package var explanation: Explanation { Explanation("", "", wrong: .words(""), right: .words("")) }
}
extension StudyCode {
  package var explanation: Explanation { Explanation("", "", wrong: .words(""), right: .words("")) }
}
