/// What can be wrong with the spelling of a recipe.
package enum SyntaxCode: String, DiagnosticCode {
  case unexpectedCharacter = "E0201"
  case unterminatedString = "E0202"
  case badEscape = "E0203"
  case badNumber = "E0204"
  case foreignSpelling = "E0205"
  case unclosedBracket = "E0206"
  case strayBracket = "E0207"
  case reservedWord = "E0208"
  case unexpected = "E0209"
  case chainedComparison = "E0210"
  case tooDeep = "E0211"
  case keywordAsName = "E0212"
  case misplacedStatement = "E0213"
  case duplicateClause = "E0214"
  case missingClause = "E0215"
  case unusedValue = "E0216"
  case assignmentInExpression = "E0217"
  case mixedArms = "E0218"

  package var explanation: Explanation {
    switch self {
    case .unexpectedCharacter:
      Explanation(
        "a character that the language does not use",
        "Names are made of the letters a to z, digits and `_`. Any other text belongs between double quotes, or in a comment after `//`.",
        wrong: .recipe("größe = 3"), right: .recipe("size = 3"))
    case .unterminatedString:
      Explanation(
        "a string without its closing quote",
        "A string ends on the line where it began. A line break inside it is written `\\n`.",
        wrong: .recipe("name = \"sums"), right: .recipe("name = \"sums\""))
    case .badEscape:
      Explanation(
        "an unknown escape in a string",
        "After a backslash come `n`, `t`, `\"`, `\\` or `u{…}` with the hexadecimal number of a character.",
        wrong: .recipe("path = \"data\\sums\""), right: .recipe("path = \"data/sums\""))
    case .badNumber:
      Explanation(
        "a number that cannot be read",
        """
        Numbers are written `12`, `1_000`, `0.5` or `7e-6`: digits on both sides of the point, `_` only between digits, no unit. \
        Whole numbers reach 9223372036854775807.
        """,
        wrong: .recipe("rate = 7e"), right: .recipe("rate = 7e-6"))
    case .foreignSpelling:
      Explanation(
        "a spelling from another language",
        """
        Emend writes `and`, `or` and `not` in words, comments with `//`, strings with double quotes, and ends a statement \
        with the line rather than with `;`.
        """,
        wrong: .recipe("ok = true && false"), right: .recipe("ok = true and false"))
    case .unclosedBracket:
      Explanation(
        "a bracket that is never closed",
        """
        Every `(`, `[` and `{` has its partner. The place shown is the bracket without one, as far as indentation tells; \
        the statement around it was not read further.
        """,
        wrong: .recipe("sizes = [1, 2\nother = 3"), right: .recipe("sizes = [1, 2]\nother = 3"))
    case .strayBracket:
      Explanation(
        "a closing bracket without an opening one",
        "This bracket closes nothing, or a bracket of another kind was opened last. Remove it, or add its partner before.",
        wrong: .recipe("size = 3)"), right: .recipe("size = (3)"))
    case .reservedWord:
      Explanation(
        "a word that other languages have and this one has not",
        """
        `if`, `else`, `while`, `var`, `let`, `def` and `class` are kept free, so that a habit from another language is answered \
        with the word to use here: `match` chooses, `where` filters rows, `for` repeats, `name = value` names a value, \
        `function` defines.
        """,
        wrong: .recipe("let size = 3"), right: .recipe("size = 3"))
    case .unexpected:
      Explanation(
        "something else was expected here",
        """
        The line cannot be read on from this place. What could stand here is said beside the carets; the grammar on one page \
        is in Grammar.md.
        """,
        wrong: .recipe("size = 3 4"), right: .recipe("size = 34"))
    case .chainedComparison:
      Explanation(
        "comparisons in a row",
        "A comparison gives a yes or a no, which cannot be compared with a number. Say both comparisons, joined by `and`.",
        wrong: .recipe("inside = 1 < 2 < 3"), right: .recipe("inside = 1 < 2 and 2 < 3"))
    case .tooDeep:
      Explanation(
        "too much nesting",
        "An expression or a block lies inside too many others. Give inner parts a name in statements of their own.",
        wrong: .words("a thousand opening parentheses in a row"),
        right: .words("inner = …, then a statement that uses `inner`"))
    case .keywordAsName:
      Explanation(
        "a keyword used as a name",
        """
        The words that begin statements and clauses, and `in`, `where`, `and`, `or`, `not`, `true` and `false`, cannot name \
        anything. Choose another name, or add a `_` to it.
        """,
        wrong: .recipe("study = 3"), right: .recipe("study_size = 3"))
    case .misplacedStatement:
      Explanation(
        "a statement where it cannot stand",
        """
        Imports, functions, algorithms, studies and what the report says stand at the top of a document; `for`, `match` with \
        blocks, `log` and `return` stand in the body of an algorithm or a function.
        """,
        wrong: .recipe("return 3"), right: .recipe("function three() {\n  return 3\n}"))
    case .duplicateClause:
      Explanation(
        "a clause said twice",
        "Each clause of a `table` or `plot`, and the `seeds` of a study, stands once. Join what they say in one clause.",
        wrong: .recipe("table s {\n  columns a\n  columns b\n}"), right: .recipe("table s { columns a, b }"))
    case .missingClause:
      Explanation(
        "a clause is missing",
        "A `table` says its `columns`; a `plot` says its `x` and its `y`. The other clauses have defaults.",
        wrong: .recipe("plot s { x iteration }"), right: .recipe("plot s { x iteration, y accuracy_2 }"))
    case .unusedValue:
      Explanation(
        "a value that nothing uses",
        "A statement names a value (`name = …`), shows it (`show …`) or logs it. A value alone does nothing, since nothing here has side effects.",
        wrong: .recipe("1 + 2"), right: .recipe("show 1 + 2"))
    case .assignmentInExpression:
      Explanation(
        "`=` inside an expression",
        "`=` names a value at the beginning of a statement and gives a parameter's default. Equality is `==`; an argument is labelled with `:`.",
        wrong: .recipe("equal = (1 = 2)"), right: .recipe("equal = (1 == 2)"))
    case .mixedArms:
      Explanation(
        "the wrong kind of arm in a `match`",
        """
        A `match` that stands alone as a statement has blocks as arms, `case: { … }`. A `match` that gives a value has \
        expressions as arms, `name = match choice { a: 1, b: 2 }`.
        """,
        wrong: .recipe("function f(c: a | b) {\n  match c { a: 1, b: { x = 2 } }\n  return 1\n}"),
        right: .recipe("function f(c: a | b) {\n  x = match c { a: 1, b: 2 }\n  return x\n}"))
    }
  }
}
