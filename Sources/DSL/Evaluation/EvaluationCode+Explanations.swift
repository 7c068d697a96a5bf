extension EvaluationCode {
  package var explanation: Explanation {
    switch self {
    case .divisionByZero:
      Explanation(
        "a division by zero", "The divisor of a `/` or `%` is 0 with these values.",
        wrong: .recipe("show 1 / 0"), right: .recipe("show 1 / 2"))
    case .overflow:
      Explanation(
        "a number that is too large",
        "Whole numbers reach 9223372036854775807, floats about 1.8e308; a Float becomes an Int only within the former.",
        wrong: .recipe("show 9223372036854775807 + 1"), right: .recipe("show 9223372036854775807.0 + 1"))
    case .indexOutOfRange:
      Explanation(
        "an element that a list does not have",
        "The elements of a list are counted from 0, so the last of three is `[2]`.",
        wrong: .recipe("sizes = [1, 2, 3]\nshow sizes[3]"), right: .recipe("sizes = [1, 2, 3]\nshow sizes[2]")
      )
    case .outOfBounds:
      Explanation(
        "a computed number outside of its bounds",
        "The parameter accepts numbers in a range, both ends included; `emend describe NAME` says which. The labels say how this call came about.",
        wrong: .recipe("function f(n: Int in 1...9) { return n }\nn = 9\nshow f(n + 1)"),
        right: .recipe("function f(n: Int in 1...9) { return n }\nn = 8\nshow f(n + 1)"))
    case .tooMuchWork:
      Explanation(
        "a recipe that takes too long to plan",
        "Evaluating a recipe may take ten million iterations, calls and elements in all. A loop or range is longer than meant.",
        wrong: .words("for n in 1...1_000_000_000 { … }"), right: .words("for n in 1...10 { … }"))
    case .tooManySteps:
      Explanation(
        "a plan with too many steps",
        "A document may ask for a million different steps. Vary fewer settings at once, or split the study.",
        wrong: .words("a study of a million variants"), right: .words("studies of one setting each"))
    case .tooManyTrials:
      Explanation(
        "a study with too many trials",
        "A study may have a hundred thousand trials: the product of its axes' values and its seeds, before `except`.",
        wrong: .recipe(
          "algorithm f(n: Int) {\n  log 0 { n: n }\n  return n\n}\nstudy s = f() { vary n in 1...1_000_000 }"),
        right: .recipe(
          "algorithm f(n: Int) {\n  log 0 { n: n }\n  return n\n}\nstudy s = f() { vary n in 1...10 }"))
    case .metricLoggedTwice:
      Explanation(
        "a metric that is logged twice at one iteration",
        "Two `log` statements, or two rounds of a loop, record the same metric at the same iteration.",
        wrong: .recipe(
          "algorithm f(n: Int) {\n  log 0 { n: n }\n  log 0 { n: n + 1 }\n  return n\n}\nstudy s = f(1)"),
        right: .recipe(
          "algorithm f(n: Int) {\n  log 0 { n: n }\n  log 1 { n: n + 1 }\n  return n\n}\nstudy s = f(1)"))
    case .tooLarge:
      Explanation(
        "a value with too many elements",
        "A value may hold a million elements. A range is not yet its elements; a list, an argument and what is shown are.",
        wrong: .recipe("show 1...10_000_000"), right: .recipe("show 1...10"))
    case .tooDeep:
      Explanation(
        "calls that lie too deep in each other",
        "Functions call functions that call functions, more levels than can be evaluated. Have each call fewer others.",
        wrong: .words("a chain of a thousand functions, each calling the next"),
        right: .words("a `for` over a range"))
    case .unusedStep:
      Explanation(
        "a call whose result nothing needs",
        """
        A trial consists of the steps that its logs and its result need. This call is part of no trial, is not shown, and is \
        not run.
        """,
        wrong: .recipe(
          """
          sums = arithmetic()
          base = pretrain(tiny, on: sums.corpus, steps: 9)
          again = base.answer(sums.train)
          function first(rows: Rows) { return 1 }
          show base
          show first(again)
          """),
        right: .recipe("sums = arithmetic()\nbase = pretrain(tiny, on: sums.corpus, steps: 9)\nshow base"))
    }
  }
}
