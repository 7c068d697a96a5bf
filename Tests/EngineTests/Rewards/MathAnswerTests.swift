import Engine
import Testing

@Suite struct MathAnswerTests {
  @Test(arguments: [
    // 1. Minerva's sentence comes first, and its first occurrence counts.
    ("Final Answer: The final answer is $\\frac{1}{2}$. I hope it is correct.", "\\frac{1}{2}"),
    ("The final answer is $3$. I hope it is correct. No: \\boxed{4}", "3"),
    ("The final answer is $3$, \\boxed{4}", "4"),
    // 2. Boxes.
    ("so \\boxed{\\frac{1}{\\sqrt{2}}} holds", "\\frac{1}{\\sqrt{2}}"), ("\\boxed{1} or \\boxed{2}", "2"),
    ("\\fbox{7}.", "7"), ("\\boxed{\\boxed{5}}", "5"),
    ("\\boxed{\\{1,2\\}}", "\\{1,2\\}"), ("\\boxed 5$ done", "5"), ("\\boxed{5", "5"), ("\\boxed{}", ""),
    ("the answer is 4. \\boxed{\n3\n}", "3"), ("boxed{8}", "8"),
    ("I boxed it: 9", "9"), ("\\boxed{1} \\fbox{2}", "2"),
    // 3. Announcements.
    ("The answer is 5. Because 6.", "5"), ("the FINAL ANSWER IS: **12**\nand 13", "12"),
    ("The answer is $x=5$ because $y=6$", "x=5"), ("Final Answer: 3/4", "3/4"),
    ("Final Answer: 3\nFinal Answer: 4", "4"), ("so\n#### 1,200", "1,200"), ("The answer is \\(2\\).", "2"),
    ("The answer is \\[\\frac12\\]", "\\frac12"),
    ("The answer is 3.5.", "3.5"), ("The answer is $18.", "$18"), ("The answer is x or $7$.", "7"),
    ("the answer is", ""),
    // 4. Nothing but a formula.
    ("\\frac{1}{2}", "\\frac{1}{2}"), ("(3, \\infty)", "(3, \\infty)"), ("x^2 + 1.", "x^2 + 1"),
    ("10 cm", "10 cm"),
    // 5. The last formula between dollars.
    ("We get $a=1$ and then $b = \\frac{2}{3}$ at last in 5 steps", "b = \\frac{2}{3}"),
    ("It costs $5 and then $6 more", "6"),
    // 6. The last number.
    ("We get 3 and then 4 apples", "4"), ("That makes 1,234.50 in all", "1234.5"),
    // 7. A short line.
    ("It is even", "It is even"), ("", ""), ("one\ntwo", ""),
  ])
  func `the answer is the first that the rules find`(text: String, answer: String) {
    #expect(MathAnswer.extracted(from: text) == answer)
  }

  @Test(arguments: [
    ("#### 12", "12"), ("So \\boxed{3}", "3"), (" \\text{even} ", "\\text{even}"), ("x=5", "x=5"),
    ("3/4.", "3/4"),
  ])
  func `a gold answer may be a whole solution`(text: String, answer: String) {
    #expect(MathAnswer.gold(text) == answer)
  }

  @Test func `a text is right if its answer equals one of the gold answers, and worth 1 or 0`() {
    let right = Grader.math.score("Thus \\boxed{0.5}.", gold: ["7", "\\frac{1}{2}"])
    #expect(right == Score(answer: "0.5", isCorrect: true, reward: 1))
    let wrong = Grader.math.score("Thus \\boxed{\\frac{2}{4}}.", gold: ["\\frac{1}{2}"])
    #expect(wrong == Score(answer: "\\frac{2}{4}", isCorrect: false, reward: 0))
    #expect(Grader.math.score("", gold: [""]) == Score(answer: "", isCorrect: false, reward: 0))
    #expect(!Grader.math.score("\\boxed{1}", gold: []).isCorrect)
  }
}
