import Engine
import Testing

@Suite struct NumericAnswerTests {
  @Test(arguments: [
    // Marks and places.
    ("She sells 9 * 2 = <<9*2=18>>18.\n#### 18", "18"), ("#### 5\n#### 6 eggs of 12", "6"),
    ("12 eggs\n####", ""),
    ("first 3, then 4", "4"), ("no number", ""), ("", ""), ("twelve", ""),
    // Commas.
    ("1,234", "1234"), ("1,234,567.50", "1234567.5"), ("12,34", "34"), ("1{,}234", "1234"),
    ("1,\\!234", "1234"), ("1234,567", "567"),
    ("1,2,3", "3"), ("1,2345", "2345"),
    // Points.
    (".5", "0.5"), ("5.", "5"), ("So 7...", "7"), ("1.2.3 of 4", "4"), ("4 of 1.2.3", "4"), ("007", "7"),
    ("-0.0", "0"), ("3.10", "3.1"),
    // Signs and currency.
    ("-3", "-3"), ("3-5", "5"), ("3 - 5", "5"), ("x = -5", "-5"), ("\u{2212}4", "-4"), ("-$5", "-5"),
    ("$-5", "-5"), ("\\$18.90", "18.9"),
    ("\u{20AC}7", "7"), ("- 5 apples", "5"), ("+8", "8"), ("(3)-5", "5"), ("--5", "-5"),
    // Units and percent.
    ("50%", "50"), ("50\\%", "50"), ("5km", "5"), ("10 m2", "10"), ("10 cm^2", "10"), ("10 m^{2}", "10"),
    ("H2O", "2"),
    ("$18.00 per hour", "18"), ("90^\\circ", "90"), ("it is 3:30", "30"),
    // Fractions.
    ("3/4", "0.75"), ("-3/4", "-0.75"), ("1 3/4", "1.75"), ("-1 3/4", "-1.75"), ("\\frac{3}{4}", "0.75"),
    ("\\dfrac34", "0.75"), ("1\\frac{1}{2}", "1.5"),
    ("1/2/2020", "2020"), ("3/0", "0"), ("\\frac{1}{0}", "0"), ("12 / 4", "4"), ("3 5/4", "1.25"),
    // Powers of ten.
    ("1.5e3", "1500"), ("2E-2", "0.02"), ("1.1 \\times 10^3", "1100"), ("1.1\u{D7}10^{-1}", "0.11"),
    ("2 x 10^3", "2000"), ("2*10^3", "2000"), ("2^10", "1024"),
    ("5e", "5"), ("3 eggs", "3"),
  ])
  func `the number of a text is read as the doc comment says`(text: String, shown: String) {
    #expect((NumericAnswer(in: text)?.shown ?? "") == shown)
  }

  @Test(arguments: [
    ("100000000000000000001", "100000000000000000000", false), ("0.1", "1/10", true), ("0.333", "1/3", false),
    ("0.50", ".5", true), ("50%", "0.5", false), ("1e999", "1e999", false), ("1/3", "2/6", true),
  ])
  func `numbers are compared by digits, or within a billionth`(text: String, gold: String, isRight: Bool) {
    let score = Grader.numeric.score(text, gold: [gold])
    #expect(score.isCorrect == isRight)
    #expect(score.reward == (isRight ? 1 : 0))
  }

  @Test func `a gold answer may be a whole solution`() {
    #expect(
      Grader.numeric.score("It is $1,000.", gold: ["2 * 500 = <<2*500=1000>>1000\n#### 1,000"]).isCorrect)
  }

  @Test func `tens of thousands of digits, signs or fractions are read in no time`() {
    for unit in ["9", "-", "1/", "1,234,", "\\frac", "1.", "$", "####", "1e", "2^"] {
      let text = String(repeating: unit, count: 10_000)
      _ = Grader.numeric.score(text, gold: [text])
    }
  }
}
