import Engine
import Testing

@Suite struct GraderTests {
  @Test(arguments: [
    ("The Eiffel-Tower, Paris", ["eiffel tower"], true), ("It is Paris.", ["paris"], true),
    ("parish", ["Paris"], false),
    ("Anything at all", ["The"], false), ("The", ["The"], true), ("caf\u{E9}", ["cafe\u{301}"], true),
    ("cafe", ["café"], false),
    ("one two three", ["two three", "four"], true), ("", ["x"], false), ("x b", ["b x"], false),
  ])
  func `in_acc finds a gold answer's words in a row (golden check 6)`(
    text: String, gold: [String], isRight: Bool
  ) {
    #expect(Grader.contains.score(text, gold: gold).isCorrect == isRight)
  }

  private static let graded: [(String, String, Float)] = [
    ("57", "57", 1), ("58", "57", 0.5), ("157", "57", 2 / 3), ("7", "57", 0.5), ("", "57", 0),
    ("-57", "57", 2 / 3), ("75", "57", 0),
  ]

  @Test(arguments: graded)
  func `the graded reward is the share of digits in place, counted from the units`(
    text: String, gold: String, reward: Float
  ) {
    let score = Grader.digits.score(text, gold: [gold])
    #expect(score.reward == reward)
    #expect(score.isCorrect == (text == gold))
  }

  @Test(arguments: [
    ("so the answer is 1,234.50", "1234.5", true), ("-3", "3", false), ("3-5", "5", true),
    ("no number", "5", false), ("5.", "5", true),
    ("#### 42", "42", true),
  ])
  func `the numeric grader compares last numbers`(text: String, gold: String, isRight: Bool) {
    #expect(Grader.numeric.score(text, gold: [gold]).isCorrect == isRight)
  }

  @Test func `F1 is SQuAD's`() {
    #expect(Grader.f1.score("the cat sat", gold: ["cat sat down"]).reward == Float(2 * 2) / 5)
    #expect(Grader.f1.score("the", gold: ["a"]).reward == 1)
    #expect(Grader.f1.score("", gold: ["cat"]).reward == 0)
    #expect(Grader.em.score("The cat!", gold: ["cat"]).isCorrect)
  }
}
