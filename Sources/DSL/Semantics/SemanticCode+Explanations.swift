extension SemanticCode {
  package var explanation: Explanation {
    switch self {
    case .unknownName:
      Explanation(
        "a name that nothing defines",
        """
        Names are defined before they are used, at the top of a document, in an import, or in the same body. The cases of a \
        choice have a meaning only where that choice is expected: as its argument, in a comparison with it, or in a `vary` of it.
        """,
        wrong: .recipe("size = 3\nshow sise"), right: .recipe("size = 3\nshow size"))
    case .redefinition:
      Explanation(
        "a name that is defined twice",
        "A name at the top of a document keeps its one meaning in all of its cells. Give the second thing another name.",
        wrong: .recipe("size = 3\nsize = 4\nshow size"),
        right: .recipe("size = 3\nlarger = 4\nshow size + larger"))
    case .shadowing:
      Explanation(
        "a name that would hide another",
        """
        A local name may not be that of a parameter, of a name of the document, or of settings such as `greedy`: a reader \
        should not have to ask which one is meant. Parameters and what `for` counts keep their values.
        """,
        wrong: .recipe("function f(n: Int) {\n  n = n + 1\n  return n\n}"),
        right: .recipe("function f(n: Int) {\n  next = n + 1\n  return next\n}"))
    case .usedBeforeDefinition:
      Explanation(
        "a name that is used before its definition",
        """
        Statements are read in order, over all cells of a document. Only functions and algorithms may be used before their \
        definition; what a function reads besides its parameters is defined before the function.
        """,
        wrong: .recipe("show size\nsize = 3"), right: .recipe("size = 3\nshow size"))
    case .typeMismatch:
      Explanation(
        "a value of the wrong type",
        """
        The value has another type than the one expected here. An Int is accepted where a Float is expected, text where a File \
        is, and a range where a list of numbers is; everything else is converted by saying so, as with `round(…)`.
        """,
        wrong: .recipe("function f(n: Int) { return n }\nshow f(0.5)"),
        right: .recipe("function f(n: Int) { return n }\nshow f(round(0.5))"))
    case .unknownType:
      Explanation(
        "a type that does not exist",
        """
        Types are `Int`, `Float`, `Bool`, `String`, `File`, those of the vocabulary such as `Model` (`emend describe` lists them), \
        lists such as `[Int]`, and choices such as `fixed | evolving`.
        """,
        wrong: .recipe("function f(n: Integer) { return n }"),
        right: .recipe("function f(n: Int) { return n }"))
    case .unknownFunction:
      Explanation(
        "a call of something that does not exist",
        """
        Only operations and settings of the vocabulary, the language's few functions, and functions of recipes can be called. \
        `emend describe` lists them.
        """,
        wrong: .recipe("show lenght([1, 2])"), right: .recipe("show length([1, 2])"))
    case .missingArgument:
      Explanation(
        "a call that lacks an argument",
        "A parameter without a default needs an argument, by its label or at its position.",
        wrong: .recipe("function f(a: Int, b: Int) { return a + b }\nshow f(1)"),
        right: .recipe("function f(a: Int, b: Int) { return a + b }\nshow f(1, b: 2)"))
    case .unknownLabel:
      Explanation(
        "a label that is no parameter",
        "The word before the `:` of an argument is the name of a parameter. `emend describe NAME` lists them.",
        wrong: .recipe("function f(a: Int) { return a }\nshow f(b: 1)"),
        right: .recipe("function f(a: Int) { return a }\nshow f(a: 1)"))
    case .duplicateArgument:
      Explanation(
        "an argument that is given twice",
        "Each parameter takes one argument. Remove one of the two.",
        wrong: .recipe("function f(a: Int) { return a }\nshow f(a: 1, a: 2)"),
        right: .recipe("function f(a: Int) { return a }\nshow f(a: 1)"))
    case .tooManyArguments:
      Explanation(
        "more arguments than parameters",
        "Arguments without a label fill, in order, the parameters that no label names. Here some are left over.",
        wrong: .recipe("function f(a: Int) { return a }\nshow f(1, 2)"),
        right: .recipe("function f(a: Int, b: Int) { return a + b }\nshow f(1, 2)"))
    case .unknownMember:
      Explanation(
        "a part that a value does not have",
        "After `.` stands the name of a field of a record, of a part such as a task's `train`, or of an operation that is called.",
        wrong: .recipe("sizes = { small: 1, large: 9 }\nshow sizes.medium"),
        right: .recipe("sizes = { small: 1, large: 9 }\nshow sizes.small"))
    case .missingArm:
      Explanation(
        "a `match` that forgets a case",
        "A `match` says what happens in every case. Cases that share an arm are written `a | b: …`.",
        wrong: .recipe("function f(c: low | middle | high) { return match c { low: 1, high: 3 } }"),
        right: .recipe("function f(c: low | middle | high) { return match c { low | middle: 1, high: 3 } }"))
    case .badArm:
      Explanation(
        "an arm for a case that does not exist, or has one already",
        "Each arm of a `match` names cases of what is matched, each case once.",
        wrong: .recipe("function f(c: low | high) { return match c { low: 1, hgih: 3 } }"),
        right: .recipe("function f(c: low | high) { return match c { low: 1, high: 3 } }"))
    case .notMatchable:
      Explanation(
        "a `match` on something that has no cases",
        "A `match` chooses by a choice, or by a Bool with the arms `true` and `false`. Compare numbers first.",
        wrong: .recipe("function f(n: Int) { return match n { one: 1, two: 2 } }"),
        right: .recipe("function f(n: Int) { return match n > 1 { true: 2, false: 1 } }"))
    case .armsDisagree:
      Explanation(
        "arms that give different types",
        "Whatever the case, a `match` gives a value of one type, so that what follows can rely on it.",
        wrong: .recipe("function f(c: low | high) { return match c { low: 1, high: \"much\" } }"),
        right: .recipe("function f(c: low | high) { return match c { low: 1, high: 100 } }"))
    case .recursion:
      Explanation(
        "a function that calls itself",
        """
        Every recipe ends, so that its whole plan is known before anything runs. Hence no function calls itself, neither \
        directly nor through others. Repeat with `for` over a range.
        """,
        wrong: .recipe("function f(n: Int) { return f(n - 1) }"),
        right: .recipe(
          "function f(n: Int) {\n  total = 0\n  for i in 1...n { total = total + i }\n  return total\n}"))
    case .missingReturn:
      Explanation(
        "a function that gives no value",
        "The last statement of a function or algorithm is `return …`, or a `match` all of whose arms end in one.",
        wrong: .recipe("function f(n: Int) { m = n + 1 }"),
        right: .recipe("function f(n: Int) { return n + 1 }"))
    case .misplacedReturn:
      Explanation(
        "a `return` before the end",
        "A function is left only at its end, so `return` cannot stand inside `for` nor before other statements.",
        wrong: .recipe("function f(n: Int) {\n  for i in 1...n { return i }\n  return 0\n}"),
        right: .recipe("function f(n: Int) {\n  last = 0\n  for i in 1...n { last = i }\n  return last\n}"))
    case .outOfBounds:
      Explanation(
        "a number outside of its bounds",
        "The parameter accepts numbers in a range, both ends included; `emend describe NAME` says which.",
        wrong: .recipe("function f(n: Int in 1...9) { return n }\nshow f(10)"),
        right: .recipe("function f(n: Int in 1...9) { return n }\nshow f(9)"))
    case .figureInComputation:
      Explanation(
        "a figure that would steer the recipe",
        """
        What a run measures is known only after running, and a plan is complete before. So a Measure, a metric or a study's \
        figure can be logged, shown or claimed, and nothing can be computed or decided with it. To choose the best iteration, \
        ask the report: `at best METRIC`.
        """,
        wrong: .recipe("function f(rows: Rows) {\n  n = 1 + count(rows)\n  return n\n}"),
        right: .recipe("function f(rows: Rows) {\n  n = count(rows)\n  return n\n}"))
    case .logOutsideAlgorithm:
      Explanation(
        "a `log` in a function",
        "Only an algorithm logs, directly in its body. Let the function return the value, and log it in the algorithm.",
        wrong: .recipe("function f(n: Int) {\n  log 0 { n: n }\n  return n\n}"),
        right: .recipe("algorithm f(n: Int) {\n  log 0 { n: n }\n  return n\n}"))
    case .notLoggable:
      Explanation(
        "a value that cannot be logged",
        "A log takes numbers, Measures such as `count(rows)`, and metrics such as `evaluate(…)` gives.",
        wrong: .recipe("algorithm f(model: Model) {\n  log 0 { model: model }\n  return model\n}"),
        right: .recipe(
          "algorithm f(model: Model, task: Task) {\n  log 0 { evaluate(model, task.test) }\n  return model\n}"
        ))
    case .unnamedLogEntry:
      Explanation(
        "a number that is logged without a name",
        "Metrics bring their own names. A number or a Measure is logged under the name before its `:`.",
        wrong: .recipe("algorithm f(n: Int) {\n  log 0 { n * 2 }\n  return n\n}"),
        right: .recipe("algorithm f(n: Int) {\n  log 0 { doubled: n * 2 }\n  return n\n}"))
    case .duplicateMetric:
      Explanation(
        "a metric that one `log` records twice",
        "A metric has one value at an iteration. A name before an entry keeps two evaluations apart.",
        wrong: .recipe("algorithm f(n: Int) {\n  log 0 { size: n, size: n + 1 }\n  return n\n}"),
        right: .recipe("algorithm f(n: Int) {\n  log 0 { size: n, larger: n + 1 }\n  return n\n}"))
    case .rowFieldClash:
      Explanation(
        "a name that is a row's field and a variable, too",
        "In a condition on rows, `reward` and the other fields of a row stand for each row's own value. Rename the variable.",
        wrong: .recipe("function f(rows: Rows, reward: Float) { return rows where reward > 0.5 }"),
        right: .recipe("function f(rows: Rows, least: Float) { return rows where reward > least }"))
    case .misplacedRowField:
      Explanation(
        "a row's field where only known values may stand",
        """
        A row's field differs from row to row. It can be compared and computed with, by operators; it cannot be given to a \
        function, matched, or put in a list.
        """,
        wrong: .recipe("function f(rows: Rows) { return rows where max(reward, 0.5) > 0.5 }"),
        right: .recipe("function f(rows: Rows) { return rows where reward > 0.5 }"))
    case .unknownElementType:
      Explanation(
        "an empty list of nothing known",
        "An empty list has a type only where one is expected, such as in an argument.",
        wrong: .recipe("none = []\nshow none"),
        right: .recipe("function f(sizes: [Int]) { return length(sizes) }\nshow f([])"))
    case .badBounds:
      Explanation(
        "bounds that cannot be read",
        "The bounds after `in` are two numbers, the lower one first: `n: Int in 1...100`. Only numbers have bounds.",
        wrong: .recipe("function f(n: Int in 9...1) { return n }"),
        right: .recipe("function f(n: Int in 1...9) { return n }"))
    case .ambiguousCase:
      Explanation(
        "a name that is a case and a variable",
        "Here a case is expected, and a variable of that name holds one of the same cases. Rename the variable.",
        wrong: .recipe(
          "function f(c: low | high, low: low | high) { return match c == low { true: 1, false: 2 } }"),
        right: .recipe(
          "function f(c: low | high, other: low | high) { return match c == other { true: 1, false: 2 } }"))
    case .notASequence:
      Explanation(
        "something without elements where a list or range is needed",
        "`for`, `vary`, `length` and `[…]` take a list such as `[1, 3, 5]` or a range such as `1...5`.",
        wrong: .recipe("function f(n: Int) {\n  last = 0\n  for i in n { last = i }\n  return last\n}"),
        right: .recipe("function f(n: Int) {\n  last = 0\n  for i in 1...n { last = i }\n  return last\n}"))
    case .rebinding:
      Explanation(
        "a local that would change its type",
        "A local may get another value, of the type it began with. What has another type deserves another name.",
        wrong: .recipe("function f(n: Int) {\n  x = n\n  x = \"many\"\n  return x\n}"),
        right: .recipe("function f(n: Int) {\n  x = n\n  x = x + 1\n  return x\n}"))
    case .tooNested:
      Explanation(
        "too many things inside each other",
        "Expressions, calls or parts of a value lie too deep in each other to be read. Give parts names of their own.",
        wrong: .words("a list of lists of lists … a thousand levels deep"),
        right: .words("names for the parts, and fewer levels"))
    case .misplacedTuple:
      Explanation(
        "values between parentheses that are no list",
        "`(1, 5)` stands only as a step of a `vary` over several names. A list is `[1, 5]`, a record `{ low: 1, high: 5 }`.",
        wrong: .recipe("pair = (1, 5)\nshow pair"), right: .recipe("pair = [1, 5]\nshow pair"))
    case .duplicateName:
      Explanation(
        "a name that is declared twice in one place",
        "The parameters of a function, the fields of a record and the cases of a choice have names of their own.",
        wrong: .recipe("function f(a: Int, a: Int) { return a }"),
        right: .recipe("function f(a: Int, b: Int) { return a + b }"))
    case .studyAsValue:
      Explanation(
        "a study where a value is needed",
        "A study stands for its trials. Its figures appear in `table`, `plot` and `expect`; nothing computes with it.",
        wrong: .recipe("algorithm f(n: Int) {\n  log 0 { n: n }\n  return n\n}\nstudy s = f(1)\nshow s"),
        right: .recipe(
          "algorithm f(n: Int) {\n  log 0 { n: n }\n  return n\n}\nstudy s = f(1)\ntable s { columns n }"))
    case .importClash:
      Explanation(
        "an import that brings a name which is taken",
        "Two documents define the same name, and both are visible here. Rename one of the two.",
        wrong: .words("import \"a.md\" and import \"b.md\", where both define `sums`"),
        right: .words("`sums` in one of them, `short_sums` in the other"))
    case .unusedBinding:
      Explanation(
        "a name that nothing reads",
        "Nothing is run for a value that nothing needs. Use it, `show` it, or remove it.",
        wrong: .recipe("size = 3\nshow 4"), right: .recipe("size = 3\nshow size"))
    case .unusedParameter:
      Explanation(
        "a parameter that nothing reads",
        "Whatever the argument, the result is the same. Use the parameter or remove it.",
        wrong: .recipe("function f(a: Int, b: Int) { return a }"),
        right: .recipe("function f(a: Int, b: Int) { return a + b }"))
    }
  }
}
