import Engine
import Testing

@Suite struct MathEquivalenceTests {
  private static let equal: [(String, String)] = [
    // Spelling.
    ("\\left( 3, \\frac{\\pi}{2} \\right)", "(3,\\pi/2)"), ("\\dfrac34", "\\frac{3}{4}"),
    ("\\tfrac{3}{4}", "3/4"),
    ("11\\sqrt2", "11 \\sqrt{2}"), ("\\sqrt 2", "\\sqrt{2}"), ("1{,}234", "1234"), ("10,\\!080", "10080"),
    ("11,\\! 111,\\! 100", "11111100"),
    ("1,234,567", "1234567"), ("\\$18.90", "18.9"), ("50\\%", "50"), ("90^\\circ", "90"),
    ("90^{\\circ}", "90"), ("90\u{B0}", "90 \\text{ degrees}"),
    (".35625", "0.35625"), ("5.0", "5"), ("007", "7"), ("{5}", "5"), ("5.", "5"),
    // Units and words.
    ("864 \\mbox{ inches}^2", "864"), ("15\\mbox{ cm}^2", "15 cm^2"), ("5.4 \\text{ cents}", "5.4"),
    ("30 miles per hour", "30"), ("30\\text{ m/s}", "30"),
    ("\\frac{270}7\\text{ degrees}", "270/7"), ("\\text{Evelyn}", "evelyn"), ("\\text{(C)}", "C"),
    ("(C)", "\\text{C}"), ("\\text{ellipse}", "ellipse"),
    ("\\text{June 20}", "June 20"), ("\\text{No solution}", "no solution"), ("12 \\mathrm{cm}", "12"),
    ("5 or 6", "5,6"),
    ("5 \\text{ and } 6", "6, 5"),
    // Names.
    ("x=5", "5"), ("5", "x = 5"), ("f(x) = x^2", "x^2"), ("a_1 = 3", "3"),
    ("\\theta = \\pi/6", "\\frac{\\pi}{6}"), ("10/4=2.5", "2.5"), ("y = 2x + 3", "2x+3"),
    ("y=2x+3", "2x - y + 3 = 0"), ("5x - 7y + 11z + 4 = 0", "-10x+14y=22z+8"), ("x \\in [-2,7]", "[-2,7]"),
    ("area = 7", "7"),
    ("f^{-1}(x) = x/2", "\\frac{x}{2}"), ("f'(x)=2x", "2x"), ("= 5", "5"), ("3R^2", "3r^2"), ("5\\\\", "5"),
    // Numbers in words, periods.
    ("twenty-one", "21"), ("Two hundred and five", "205"), ("2.5 million", "2500000"),
    ("3 \\text{ thousand}", "3,000"), ("\\$1 billion", "1,000,000,000"),
    ("0.\\overline{3}", "1/3"), ("0.1\\overline{6}", "\\frac16"), ("1.\\overline{27}", "14/11"),
    // Mixed numbers and decimals.
    ("1\\frac{4}{5}", "9/5"), ("137 \\frac{1}{2}", "137.5"), ("1 4/5", "1.8"), ("-1\\frac12", "-1.5"),
    ("0.5", "1/2"), ("-\\frac{1}{2}", "\\frac{-1}{2}"),
    // Formulas.
    ("(a+5)(b+2)", "ab + 2a + 5b + 10"), ("x^8+x^7", "x^7(x+1)"), ("\\frac{\\sqrt{3}}{3}", "1/\\sqrt{3}"),
    ("p - q", "-(q-p)"), ("\\frac{11+9a}{20}", "0.55+0.45a"),
    ("6-5i", "-5i+6"), ("\\sin^2 x", "1-\\cos^2 x"), ("\\cot x", "\\frac{\\cos x}{\\sin x}"),
    ("\\sqrt[3]{-8x^3}", "-2x"), ("e^{i\\pi}x", "-x"), ("\\log_2 x", "\\frac{\\ln x}{\\ln 2}"),
    ("\\binom{n}{2}", "n(n-1)/2"), ("n!", "n(n-1)!"), ("|x|^2", "x^2"), ("2^{n+1}", "2 \\cdot 2^n"),
    ("\\sqrt{x^2}", "|x|"), ("x^{1/3}", "\\sqrt[3]{x}"), ("\\sin^{-1} x", "\\arcsin x"),
    ("2\\sin x\\cos x", "\\sin 2x"), ("5r^5", "5*r**5"),
    ("\\lfloor x \\rfloor + 1", "\\lfloor x + 1 \\rfloor"), ("864\\pi", "\\pi 864"),
    ("\\sqrt{12}", "2\\sqrt{3}"),
    // Structures.
    ("1,-2", "-2, 1"), ("\\{1\\pm\\sqrt{5},-2\\}", "\\{-2, 1-\\sqrt5, 1+\\sqrt5\\}"),
    ("3 \\pm 2 \\sqrt{2}", "3-2\\sqrt2, 3+2\\sqrt2"), ("(3,4]", "\\left(3, 4\\right]"),
    ("(-\\infty, 2) \\cup (3, \\infty)", "(3,\\infty)\\cup(-\\infty,2)"), ("2 < x \\le 5", "(2,5]"),
    ("x > 5", "(5,\\infty)"), ("x<-1 \\text{ or } x \\ge 2", "(-\\infty,-1)\\cup[2,\\infty)"), ("x>5", "5<x"),
    ("x \\neq 3", "x \\ne 3"),
    (
      "\\begin{pmatrix} -1/3 \\\\ 2/3 \\end{pmatrix}",
      "\\begin{bmatrix}-\\frac{1}{3}\\\\\\frac23\\end{bmatrix}"
    ), ("\\emptyset", "\\varnothing"), ("\\{5\\}", "5"),
    ("2516_8", "2516_{8}"), ("100,200", "100, 200"), ("(1,-16,-4,43)", "( 1 , -16 , -4 , 43 )"),
    ("4210_5", "4210_{5}"),
  ]

  private static let different: [(String, String)] = [
    // PRM800K's rules: reduced and evaluated.
    ("4/8", "1/2"), ("\\sqrt{4}", "2"), ("2^3", "8"), ("10/2", "5"), ("5!", "120"),
    // Structures.
    ("(3,4)", "(3,4]"), ("(1,2)", "(2,1)"), ("(1,2)", "1,2"), ("[1,2]", "\\{1,2\\}"), ("(1,2,3)", "(1,2)"),
    ("1,2,2", "1,1,2"), ("x=5", "y=5"), ("y=2x+3", "y=3x+2"),
    ("x<-1 \\text{ or } x > 2", "(-\\infty,-1)\\cup[2,\\infty)"), ("1, 2", "(1,2)\\cup(2,3)"), ("x>5", "x<5"),
    ("x \\ge 5", "x>5"),
    ("\\begin{pmatrix}1\\\\2\\end{pmatrix}", "\\begin{pmatrix}1&2\\end{pmatrix}"), ("x^2+y^2=4", "4"),
    ("4", "x^2+y^2=4"),
    ("3\\pm\\sqrt2", "3+\\sqrt2"), ("(1,2)\\cup(3,4)", "(1,2)"),
    // Formulas.
    ("2x+3", "2x-3"), ("\\pi", "3.14"), ("0.333", "1/3"), ("x", "|x|"), ("\\sqrt{x^2}", "x"),
    ("1000000000000000000001", "1000000000000000000000"), ("2516_8", "2516"), ("2516_8", "2516_9"),
    ("6-5i", "6+5i"), ("-7", "7"), ("\\frac{1}{0}", "\\frac{2}{0}"), ("x/0", "y/0"), ("1e-15", "2e-15"),
    ("0.000000000000001", "0.000000000000002"), ("a", "b"),
    // Words.
    ("east", "seat"), ("\\text{Evelyn}", "Evelny"), ("even", "odd"), ("red blue", "blue red"), ("", ""),
    ("", "5"), ("$", "%"), ("\\text{}", "\\text{}{}"), ("(C)", "(D)"), ("Rr", "r^2"), ("one two", "3"),
    ("one hundred hundred", "10000"), ("and five", "5"), ("5 million", "5"), ("0.\\overline{3}", "0.3"),
    ("\\overline{3}", "0.3"),
  ]

  @Test(arguments: equal)
  func `two spellings of one value are equal, either being gold`(a: String, b: String) {
    #expect(MathEquivalence().areEqual(a, b))
    #expect(MathEquivalence().areEqual(b, a))
  }

  @Test(arguments: different)
  func `different values are not equal, either being gold`(a: String, b: String) {
    #expect(!MathEquivalence().areEqual(a, b))
    #expect(!MathEquivalence().areEqual(b, a))
  }

  @Test(arguments: [
    ("4/8", "1/2"), ("\\sqrt{4}", "2"), ("2^3", "8"), ("5!", "120"), ("\\cos 0", "1"), ("\\sin \\pi", "0"),
  ])
  func `without the rules on simplified answers only the value counts`(a: String, b: String) {
    #expect(MathEquivalence(wantsSimplified: false).areEqual(a, b))
  }
}
