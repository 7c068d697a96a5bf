import DSL
import Testing

@Suite struct ExplanationExampleTests {
  private static let codes: [(code: String, explanation: Explanation)] =
    SemanticCode.allCases.map { ($0.rawValue, $0.explanation) }
    + StudyCode.allCases.map { ($0.rawValue, $0.explanation) }
    + EvaluationCode.allCases.map { ($0.rawValue, $0.explanation) }

  @Test(arguments: codes.map(\.code))
  func `the wrong example gives its code, alone, and the right one nothing`(code: String) throws {
    let explanation = try #require(Explanation.find(code))
    if case .recipe(let text) = explanation.wrong {
      let found = compileCell(text).diagnostics.sorted.map(\.code)
      // An example of an error says nothing else; warnings beside a warning are the example's business.
      #expect(code.hasPrefix("W") ? found.contains(code) : found == [code], "\(messages(compileCell(text)))")
    }
    if case .recipe(let text) = explanation.right {
      let errors = compileCell(text).diagnostics.sorted.filter { $0.severity == .error || $0.code == code }
      #expect(errors == [], "\(messages(compileCell(text)))")
    }
  }
}
