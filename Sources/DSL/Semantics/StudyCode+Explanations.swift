/// An algorithm for the examples, which logs a number at iterations 0 to 2.
private let algorithm = """
  algorithm grow(size: Int in 0...9, shape: round | flat = round) {
    for n in 0...2 { log n { width: size * n + match shape { round: 1, flat: 2 } } }
    return size
  }

  """
private let asking = """
  algorithm ask(steps: Int) {
    sums = arithmetic()
    log 0 { evaluate(pretrain(tiny, on: sums.corpus, steps: steps), sums.test) }
    return steps
  }
  study s = ask(9)

  """
private let study = algorithm + "study s = grow() { vary size in [1, 2, 3], vary shape in [round, flat] }\n"

extension StudyCode {
  package var explanation: Explanation {
    switch self {
    case .notAnAlgorithm:
      Explanation(
        "a study of something that is no algorithm",
        "A study calls an `algorithm`, since only algorithms log. It may come from an imported document.",
        wrong: .recipe("function f(n: Int) { return n }\nstudy s = f(1)"),
        right: .recipe(algorithm + "study s = grow(1)"))
    case .unknownAxis:
      Explanation(
        "a `vary` of something that does not exist",
        "A study varies parameters of its algorithm, or names that the arguments of its call use.",
        wrong: .recipe(algorithm + "study s = grow(1) { vary sise in [1, 2] }"),
        right: .recipe(algorithm + "study s = grow() { vary size in [1, 2] }"))
    case .axisIsGiven:
      Explanation(
        "a parameter that is given and varied",
        "An argument fixes a parameter for all trials, `vary` gives it several values. Remove one of the two.",
        wrong: .recipe(algorithm + "study s = grow(size: 1) { vary size in [1, 2] }"),
        right: .recipe(algorithm + "study s = grow() { vary size in [1, 2] }"))
    case .duplicateAxis:
      Explanation(
        "a name that is varied twice",
        "All values of one name stand in one `vary`.",
        wrong: .recipe(algorithm + "study s = grow() { vary size in [1, 2], vary size in [3] }"),
        right: .recipe(algorithm + "study s = grow() { vary size in [1, 2, 3] }"))
    case .badTuples:
      Explanation(
        "a joint `vary` whose values do not match its names",
        "`vary (a, b) in [(1, 5), (3, 9)]` moves names together: each step gives a value to each name.",
        wrong: .recipe(algorithm + "study s = grow() { vary (size, shape) in [(1, round), (2)] }"),
        right: .recipe(algorithm + "study s = grow() { vary (size, shape) in [(1, round), (2, flat)] }"))
    case .duplicateValue:
      Explanation(
        "a value that is varied over twice",
        "The same settings give the same trial. To repeat a variant with other random numbers, add `seeds`.",
        wrong: .recipe(algorithm + "study s = grow() { vary size in [1, 2, 1] }"),
        right: .recipe(algorithm + "study s = grow() { vary size in [1, 2] }"))
    case .emptyAxis:
      Explanation(
        "a `vary` over no values",
        "The list or range is empty, so the study would have no trials.",
        wrong: .recipe(algorithm + "study s = grow() { vary size in 3...1 }"),
        right: .recipe(algorithm + "study s = grow() { vary size in 1...3 }"))
    case .emptyStudy:
      Explanation(
        "a study whose every combination is excepted",
        "`except` removes the combinations that meet its condition; here it removes all.",
        wrong: .recipe(algorithm + "study s = grow() { vary size in 1...3, except size > 0 }"),
        right: .recipe(algorithm + "study s = grow() { vary size in 1...3, except size > 2 }"))
    case .badSeeds:
      Explanation(
        "seeds that are not different whole numbers",
        "Each seed gives one trial of every variant: `seeds 1...3` or `seeds [1, 5]`.",
        wrong: .recipe(algorithm + "study s = grow(1) { seeds [1, 1] }"),
        right: .recipe(algorithm + "study s = grow(1) { seeds [1, 2] }"))
    case .unknownStudy:
      Explanation(
        "a report on a study that does not exist",
        "`table` and `plot` name a study that this document declares. Studies of imported documents are not run.",
        wrong: .recipe(study + "table t { columns width }"),
        right: .recipe(study + "table s { columns width }"))
    case .notAnAxis:
      Explanation(
        "a setting that the study does not vary",
        "Rows, colours, facets and the x of a plot are names after `vary` in the study.",
        wrong: .recipe(study + "table s { rows sice, columns width }"),
        right: .recipe(study + "table s { rows size, columns width }"))
    case .unknownMetric:
      Explanation(
        "a metric that the algorithm does not log",
        """
        Tables, plots and claims read what the algorithm logs: its named entries, and the metrics of its evaluations. A \
        named evaluation's metrics begin with its name, as in `validation.accuracy_2`.
        """,
        wrong: .recipe(study + "table s { columns widht }"),
        right: .recipe(study + "table s { columns width }"))
    case .axisTwice:
      Explanation(
        "a name that stands twice in a report statement",
        "Each axis has one role in a table or plot, and each metric one column or curve.",
        wrong: .recipe(study + "plot s { x size, y width, color size }"),
        right: .recipe(study + "plot s { x size, y width, color shape }"))
    case .noBaseline:
      Explanation(
        "a baseline that is not there",
        "The condition of `against` picks the row that the others are compared with. No row of the table meets it.",
        wrong: .recipe(study + "table s { columns width, against size == 4 and shape == flat }"),
        right: .recipe(study + "table s { columns width, against size == 3 and shape == flat }"))
    case .splitBaseline:
      Explanation(
        "a baseline that is not one row",
        "The condition of `against` picks one row of the table as a whole: neither several, nor a part of one.",
        wrong: .recipe(study + "table s { columns width, against size == 1 }"),
        right: .recipe(study + "table s { rows size, columns width, against size == 1 }"))
    case .nothingSelected:
      Explanation(
        "settings that no trial has",
        "The condition or selection leaves no trial, because a value was never varied over or `except` removed the combination.",
        wrong: .recipe(study + "expect s[7].width > 1"), right: .recipe(study + "expect s[3].width > 1"))
    case .notAComparison:
      Explanation(
        "an `expect` that compares nothing",
        "A claim is a comparison, such as `expect s[1].width < s[2].width`, which the figures then meet or not.",
        wrong: .recipe(study + "expect s[1].width"), right: .recipe(study + "expect s[1].width > 0"))
    case .claimWithoutFigure:
      Explanation(
        "an `expect` about no study",
        "What holds without running anything is no claim about a study.",
        wrong: .recipe("expect 1 < 2"), right: .recipe(study + "expect s.width < 20"))
    case .badSelector:
      Explanation(
        "a selection that does not fit the study",
        """
        `study[a, name: b]` selects trials: values without a label follow the order of the `vary` clauses, others say their \
        name. What is not selected is averaged over.
        """,
        wrong: .recipe(study + "expect s[1, flat, 3].width > 0"),
        right: .recipe(study + "expect s[1, flat].width > 0"))
    case .unknownIteration:
      Explanation(
        "an iteration that no trial reaches",
        "`at N` names an iteration at which something is logged.",
        wrong: .recipe(study + "table s { columns width, at 7 }"),
        right: .recipe(study + "table s { columns width, at 2 }"))
    case .misplacedMoment:
      Explanation(
        "a moment that has no meaning here",
        """
        A plot over iterations shows all of them. Elsewhere `at best METRIC` needs a metric of which more or less is better, \
        such as an accuracy.
        """,
        wrong: .recipe(study + "plot s { x iteration, y width, at last }"),
        right: .recipe(study + "plot s { x size, y width, at last }"))
    case .metricNeverLogged:
      Explanation(
        "a metric that these trials do not log",
        "The algorithm can log the metric, and with the study's settings, or at this iteration, it does not.",
        wrong: .recipe(
          "algorithm f(n: Int) {\n  for i in 1...n { log i { i: i } }\n  return n\n}\nstudy s = f(0)\ntable s { columns i }"
        ),
        right: .recipe(
          "algorithm f(n: Int) {\n  for i in 1...n { log i { i: i } }\n  return n\n}\nstudy s = f(3)\ntable s { columns i }"
        ))
    case .unreadAxis:
      Explanation(
        "a setting that changes nothing",
        """
        Trials that differ only in this setting have the same plan: they are run once, and a table would show equal rows. \
        Some settings matter only under others, as a threshold does for the filter that reads it; `except` leaves out the repeats.
        """,
        wrong: .recipe(
          "algorithm f(n: Int, m: Int) {\n  log 0 { n: n + 0 * m }\n  return n\n}\nstudy s = f(1) { vary m in [1, 2] }"
        ),
        right: .recipe(
          "algorithm f(n: Int, m: Int) {\n  log 0 { n: n + m }\n  return n\n}\nstudy s = f(1) { vary m in [1, 2] }"
        ))
    case .unreadSeeds:
      Explanation(
        "seeds that change nothing",
        "No operation of the study draws random numbers, so all seeds give the same plan.",
        wrong: .recipe(algorithm + "study s = grow(1) { seeds 1...3 }"),
        right: .recipe(algorithm + "study s = grow(1)"))
    case .foregoneClaim:
      Explanation(
        "a claim that is known without running anything",
        """
        Shares, such as accuracies, are numbers from 0 to 1, though tables print them in percent, and a difference of two lies \
        between -1 and 1. This claim compares with a number beyond that, so it holds, or fails, whatever comes out.
        """,
        wrong: .recipe(asking + "expect s.accuracy_2 > 50"),
        right: .recipe(asking + "expect s.accuracy_2 > 0.5"))
    case .momentOfOneSide:
      Explanation(
        "a claim whose figures are read at different iterations, one without a word",
        """
        `at` belongs to the figure before it. A figure without is read at the last iteration, so that this claim compares one \
        variant's last iteration with another's earlier one.
        """,
        wrong: .recipe(study + "expect s[size: 1].width < s[size: 2].width at 1"),
        right: .recipe(study + "expect s[size: 1].width at 1 < s[size: 2].width at 1"))
    }
  }
}
