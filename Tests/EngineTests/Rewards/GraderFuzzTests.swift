import Engine
import Testing

/// Texts that no model should write, though some will. What is tested is that every one of them gets a verdict, and the same one again.
@Suite(.timeLimit(.minutes(2))) struct GraderFuzzTests {
  private static let pieces = [
    "\\frac", "\\dfrac", "\\sqrt", "\\sqrt[3]", "\\left(", "\\right)", "\\left.", "\\{", "\\}", "{", "}", "(",
    ")", "[", "]", "|", "^", "_", "+", "-", "*", "/",
    "=", "<", ">", "\\le", "\\ne", "\\in", "\\pm", "\\mp", "\\cup", "\\pi", "\\infty", "e", "i", "x", "y",
    "n", "abc", "word", "\\text{", "\\text{ cm}", "\\mbox{a}",
    "\\begin{pmatrix}", "\\end{pmatrix}", "\\\\", "&", ",", ",\\!", "{,}", ";", ".", "!", "!!", "%", "\\%",
    "$", "$$", "\\(", "\\)", "\\boxed{", "\\boxed", "\\fbox{",
    "0", "1", "2", "10", "1,234", ".5", "3.", "1e9", "99999999999999999999", "\\sin", "\\log_2", "\\ln",
    "\\arcsin", "\\binom", "\\lfloor", "\\rfloor", "\\overline",
    "^\\circ", "final answer is", "####", "Final Answer:", " ", "\n", "\\", "\u{301}", "\u{221A}", "\u{B2}",
    "\u{1F642}", "\u{0}", "or", "and", "'", "\u{200B}", "\\operatorname{sin}",
  ]

  private struct Choices {
    var state: UInt64

    mutating func next(below count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }
  }

  @Test(arguments: 0..<8)
  func `random token soup gets a verdict, from every grader and the same again`(seed: Int) {
    var choices = Choices(state: UInt64(seed))
    for _ in 0..<200 {
      func soup() -> String {
        (0..<choices.next(below: 24)).map { _ in Self.pieces[choices.next(below: Self.pieces.count)] }
          .joined()
      }
      let text = soup()
      let gold = choices.next(below: 4) == 0 ? text : soup()
      for grader in Grader.allCases {
        let score = grader.score(text, gold: [gold])
        #expect((0...1).contains(score.reward))
        #expect(score == grader.score(text, gold: [gold]))
      }
      // Read as answers too, without extraction, and either way round.
      let equivalence = MathEquivalence()
      #expect(equivalence.areEqual(text, gold) == equivalence.areEqual(text, gold))
      _ = MathEquivalence(wantsSimplified: false).areEqual(gold, text)
      if !text.trimmingBlanks.isEmpty { #expect(equivalence.areEqual(text, text)) }
    }
  }

  @Test func `one thing many times over is bounded in stack and time`() {
    for piece in Self.pieces + [
      "1+", "1/", "2^", "-", "x=", "1,", "\\sqrt{", "\\frac{1}{", "1\\frac{", "\\sin ", "((", "|x", "\\{1,",
      "(1,", "\\left(", "a_{", "\\log_",
    ] {
      for count in [60, 400] {
        let text = String(repeating: piece, count: count)
        let other = text + "1"
        _ = MathEquivalence().areEqual(text, other)
        _ = Grader.math.score(text, gold: [other])
      }
    }
    for piece in ["1+", "\\(", "$", "\\boxed{", "####", "final answer is", "("] {
      let text = String(repeating: piece, count: 20_000)
      #expect(!Grader.math.score(text, gold: ["7"]).isCorrect)
    }
  }

  @Test func `formulas nested a thousand deep are compared as texts`() {
    for (open, close) in [
      ("(", ")"), ("{", "}"), ("\\sqrt{", "}"), ("\\frac{1}{", "}"), ("|", "|"), ("\\{", "\\}"),
      ("\\sin(", ")"),
    ] {
      func nested(_ depth: Int, _ core: String) -> String {
        String(repeating: open, count: depth) + core + String(repeating: close, count: depth)
      }
      #expect(MathEquivalence().areEqual(nested(150, "x"), nested(150, "x ")))
      #expect(!MathEquivalence().areEqual(nested(150, "x"), nested(150, "y")))
      #expect(!MathEquivalence().areEqual(nested(1000, "x"), nested(1000, "y")))
    }
  }

  @Test func `towers of powers and factorials are undefined rather than endless`() {
    for text in [
      "9^{9^{9^{9^9}}}", "99999999!!!", "2^{1000000000}", "2^{-9223372036854775808}",
      "\\binom{1000000000}{999999999}", "10^{-400}",
      "\\sqrt[0]{2}", "0^0", "\\frac{1}{\\ln 1}", "\\log_1 5",
    ] {
      #expect(!MathEquivalence(wantsSimplified: false).areEqual(text, text + "+1"))
    }
  }
}
