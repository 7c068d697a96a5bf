import Engine
import Testing

@Suite struct AnswerSpanTests {
  @Test(arguments: [
    ("Paris? Final Answer: London", "Paris", true, false), ("Final Answer: Paris", "Paris", true, true),
    ("fInAl AnSwEr:Paris", "Paris", true, true),
    ("It is Paris.", "Paris", true, false),
    ("Final Answer: London. Final Answer: Paris", "Paris", true, true),
    ("Final Answer Paris", "Paris", true, false), ("Final Answer:", "Paris", false, false),
  ])
  func `the final span is what follows the first mark`(
    text: String, gold: String, inWhole: Bool, inFinal: Bool
  ) {
    #expect(Grader.contains.score(text, gold: [gold]).isCorrect == inWhole)
    #expect(Grader.contains.score(text, gold: [gold], span: .final).isCorrect == inFinal)
  }

  @Test(arguments: Grader.allCases)
  func `without the mark every grader's final span is wrong and worth nothing`(grader: Grader) {
    for gold in ["5", "", "The"] {
      #expect(grader.score("5", gold: [gold], span: .final) == Score(answer: "", isCorrect: false, reward: 0))
    }
  }

  @Test(arguments: [
    (Grader.exact, " 5 "), (.em, "The 5!"), (.f1, "5"), (.numeric, "it is 5"), (.math, "\\boxed{5}"),
    (.digits, "5"),
  ])
  func `every grader grades the final span`(grader: Grader, text: String) {
    let score = grader.score("7 Final answer:\(text)", gold: ["5"], span: .final)
    #expect(score.isCorrect && score.reward == 1)
  }

  @Test func `the spans are called as in the papers`() {
    #expect(AnswerSpan.allCases.map(\.rawValue) == ["default", "final"])
  }
}
