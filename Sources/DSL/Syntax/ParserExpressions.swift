extension Parser {
  // expression = or { "where" or } ;
  mutating func expression() throws(Reported) -> Expression {
    try enter()
    defer { leave() }
    var value = try or()
    while continues(with: .keyword(.where)) {
      advance()
      let condition = try or()
      value = try make(.filter(value, condition: condition), from: value.span.start)
    }
    return value
  }

  // or = and { "or" and } ;
  mutating func or() throws(Reported) -> Expression {
    var left = try and()
    while continues(with: .keyword(.or)) {
      left = try binary(.or, left) { p throws(Reported) in try p.and() }
    }
    return left
  }

  // and = not { "and" not } ;
  mutating func and() throws(Reported) -> Expression {
    var left = try not()
    while continues(with: .keyword(.and)) {
      left = try binary(.and, left) { p throws(Reported) in try p.not() }
    }
    return left
  }

  // not = "not" not | comparison ;
  mutating func not() throws(Reported) -> Expression {
    guard at(.not) else { return try comparison() }
    let start = token.start
    advance()
    try enter()
    defer { leave() }
    let operand = try not()
    return try make(.unary(.not, operand), from: start)
  }

  // comparison = range [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) range ] ;
  mutating func comparison() throws(Reported) -> Expression {
    let left = try range()
    guard let comparison = comparisonOperator else { return left }
    if at(.assign) {
      _ = report(
        .assignmentInExpression, "`=` does not compare", at: span(of: token),
        remedy: "write `==` to compare; to name a value, write `name = value` as a statement")
    }
    let result = try binary(comparison, left) { p throws(Reported) in try p.range() }
    if comparisonOperator != nil {
      throw report(
        .chainedComparison, "comparisons do not chain", at: span(of: token),
        related: [Diagnostic.Label("the first comparison", at: result.span)],
        remedy: "compare twice and join with `and`, as in `1 < n and n < 3`")
    }
    return result
  }

  /// The comparison at the current position; a lone `=` counts as `==`, so that it can be reported and read on.
  private var comparisonOperator: BinaryOperator? {
    guard case .symbol(let symbol) = token.kind else { return nil }
    return switch symbol {
    case .assign: atLineEnd ? nil : .equal
    case .equal: .equal
    case .notEqual: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    default: nil
    }
  }

  // range = sum [ "..." sum ] ;
  mutating func range() throws(Reported) -> Expression {
    let lower = try sum()
    guard at(.range) else { return lower }
    advance()
    let upper = try sum()
    return try make(.range(lower, upper), from: lower.span.start)
  }

  // sum = product { ( "+" | "-" ) product } ;
  mutating func sum() throws(Reported) -> Expression {
    var left = try product()
    while at(.plus) || at(.minus) {
      left = try binary(at(.plus) ? .add : .subtract, left) { p throws(Reported) in try p.product() }
    }
    return left
  }

  // product = unary { ( "*" | "/" | "%" ) unary } ;
  mutating func product() throws(Reported) -> Expression {
    var left = try unary()
    while at(.times) || at(.divide) || at(.remainder) {
      let symbol: BinaryOperator = at(.times) ? .multiply : at(.divide) ? .divide : .remainder
      left = try binary(symbol, left) { p throws(Reported) in try p.unary() }
    }
    return left
  }

  // unary = "-" unary | postfix ;
  mutating func unary() throws(Reported) -> Expression {
    guard at(.minus) else { return try postfix() }
    let start = token.start
    advance()
    try enter()
    defer { leave() }
    let operand = try unary()
    return try make(.unary(.minus, operand), from: start)
  }

  // postfix = primary { "." NAME | arguments | selectors | "at" moment } ;
  mutating func postfix() throws(Reported) -> Expression {
    var value = try primary()
    while true {
      let start = value.span.start
      if at(.dot) {
        advance()
        let member = try name("a field or an operation after `.`")
        value = try make(.member(value, member), from: start)
      } else if atLineEnd {
        return value
      } else if at(.openParenthesis) {
        let arguments = self.arguments()
        value = try make(.call(value, arguments), from: start)
      } else if at(.openBracket) {
        let selectors = self.selectors()
        value = try make(.selection(value, selectors), from: start)
      } else if atWord("at") {
        advance()
        let moment = try self.moment()
        value = try make(.at(value, moment), from: start)
      } else {
        return value
      }
    }
  }

  // arguments = "(" [ argument { "," argument } [ "," ] ] ")" ;
  mutating func arguments() -> [Argument] {
    items("an argument", .attached) { p throws(Reported) in try p.argument() }.items
  }

  // selectors = "[" [ argument { "," argument } [ "," ] ] "]" ;
  mutating func selectors() -> [Argument] {
    items("a selection", .attached) { p throws(Reported) in try p.argument() }.items
  }

  // argument = [ NAME ":" ] expression ;
  mutating func argument() throws(Reported) -> Argument {
    Argument(label: label(), value: value())
  }

  /// Reads `NAME :` if it stands here; `NAME =` and a keyword before `:` are reported and taken as what they were meant to be.
  mutating func label() -> Name? {
    let place = span(of: token)
    switch (token.kind, next.kind) {
    case (.name(let text), .symbol(.colon)):
      advance()
      advance()
      return Name(text, span: place)
    case (.name(let text), .symbol(.assign)):
      advance()
      _ = report(
        .assignmentInExpression, "a label is followed by `:`", at: span(of: token),
        remedy: "write `\(text): …`; to compare, write `==`")
      advance()
      return Name(text, span: place)
    case (.keyword(let keyword), .symbol(.colon)) where keyword != .true && keyword != .false:
      _ = report(
        .keywordAsName, "`\(keyword.rawValue)` is a keyword and cannot be a label", at: place,
        remedy: "choose another name")
      advance()
      advance()
      return Name(keyword.rawValue, span: place)
    default: return nil
    }
  }

  // primary = INTEGER | FLOAT | STRING | "true" | "false" | NAME | group | list | record | choose ;
  mutating func primary() throws(Reported) -> Expression {
    let start = token.start
    let kind: Expression.Kind
    switch token.kind {
    case .integer(let value): kind = .integer(value)
    case .float(let value): kind = .float(value)
    case .string(let value): kind = .string(value)
    case .keyword(.true): kind = .boolean(true)
    case .keyword(.false): kind = .boolean(false)
    case .name(let text):
      if next.kind == .symbol(.assign), linesMatter, token.startsLine {
        throw unexpected(expected: "a value")
      }
      kind = .name(text)
    case .symbol(.openParenthesis): return try group()
    case .symbol(.openBracket): return try list()
    case .symbol(.openBrace): return try record()
    case .keyword(.match): return try choose()
    default: throw unexpected(expected: "a value", remedy: valueRemedy)
    }
    advance()
    return try make(kind, from: start)
  }

  private var valueRemedy: String? {
    if at(.plus) { return "leave the `+` out" }
    let followsPercent = position > 0 && tokens[position - 1].kind == .symbol(.remainder)
    return followsPercent ? "`%` is the remainder of a division; write a percentage as a share, `0.5`" : nil
  }

  // group = "(" expression { "," expression } [ "," ] ")" ;
  mutating func group() throws(Reported) -> Expression {
    let opening = position
    let parts = items("a value", .group) { p throws(Reported) in p.value() }.items
    let span = span(from: tokens[opening].start)
    guard let first = parts.first else {
      throw nothing(between: opening, expected: "a value between the parentheses")
    }
    let hasComma = tokens[partner[opening] - 1].kind == .symbol(.comma)
    guard parts.count == 1, !hasComma else { return try make(.tuple(parts), from: span.start) }
    return Expression(kind: first.kind, span: span)
  }

  /// Reports that brackets with nothing in them should hold something; the opening one is at `opening`.
  private mutating func nothing(between opening: Int, expected: String) -> Reported {
    if !tokens[partner[opening]].isSupplied {
      diagnostics.append(
        Diagnostic(
          SyntaxCode.unexpected, "expected \(expected)", at: span(from: tokens[opening].start),
          expected: expected, found: "nothing"))
    }
    return Reported()
  }

  // list = "[" [ expression { "," expression } [ "," ] ] "]" ;
  mutating func list() throws(Reported) -> Expression {
    let start = token.start
    let parts = items("a value", .list) { p throws(Reported) in p.value() }.items
    return try make(.list(parts), from: start)
  }

  // record = "{" [ field { SEPARATOR field } [ SEPARATOR ] ] "}" ;
  mutating func record() throws(Reported) -> Expression {
    let start = token.start
    let fields = items("a field", .braces) { p throws(Reported) in try p.field() }
    return try make(fields.isComplete ? .record(fields.items) : .invalid, from: start)
  }

  // field = NAME ":" expression ;
  mutating func field() throws(Reported) -> (Name, Expression) {
    guard let name = label() else { throw unexpected(expected: "a field, `name: value`") }
    return (name, value())
  }

  // choose = "match" expression "{" arm { SEPARATOR arm } [ SEPARATOR ] "}" ;
  mutating func choose() throws(Reported) -> Expression {
    let start = token.start
    advance()
    let invalid = Expression(kind: .invalid, span: span(from: start))
    let subject = try head(orElse: invalid) { p throws(Reported) in try p.expression() }
    let opening = position
    let arms = items("an arm", .braces) { p throws(Reported) in try p.arm() }
    if opening + 1 == partner[opening] {
      throw nothing(between: opening, expected: "an arm, `case: value`")
    }
    return try make(arms.isComplete ? .match(subject, arms.items) : .invalid, from: start)
  }

  // arm = cases ":" expression ;
  mutating func arm() throws(Reported) -> ExpressionArm {
    let cases = try self.cases()
    try take(.colon, expecting: "after a case")
    if at(.openBrace), beginsStatement(at: position + 1) {
      _ = report(
        .mixedArms, "an arm of a `match` that gives a value is an expression", at: span(of: token),
        remedy: "write `case: value`, or let `match` begin the line and give the name its value in each block"
      )
      let place = span(of: token)
      stepOver()
      return ExpressionArm(cases: cases, value: Expression(kind: .invalid, span: place))
    }
    return ExpressionArm(cases: cases, value: value())
  }

  private func beginsStatement(at index: Int) -> Bool {
    switch tokens[index].kind {
    case .name: tokens[index + 1].kind == .symbol(.assign)
    case .keyword(let keyword):
      keyword.beginsBodyStatement && tokens[index + 1].kind != .symbol(.colon)
    default: false
    }
  }

  // cases = case { "|" case } ;
  mutating func cases() throws(Reported) -> [Name] {
    var cases = [try `case`()]
    while take(.bar) { cases.append(try `case`()) }
    return cases
  }

  // case = NAME | "true" | "false" ;
  mutating func `case`() throws(Reported) -> Name {
    let place = span(of: token)
    if take(.true) { return Name("true", span: place) }
    if take(.false) { return Name("false", span: place) }
    if case .keyword = token.kind, next.kind == .symbol(.colon), let name = label() {
      position -= 1
      return name
    }
    return try name("a case")
  }

  // moment = "last" | "each_best" | ( "best" | "highest" | "lowest" ) metric | INTEGER ;
  mutating func moment() throws(Reported) -> Moment {
    let start = token.start
    let words = "`last`, `best`, `highest` or `lowest` and a metric, `each_best`, or an iteration's number"
    guard !atLineEnd else { throw unexpected(expected: words) }
    let kind: Moment.Kind
    switch token.kind {
    case .name("last"):
      advance()
      kind = .last
    case .name("each_best"):
      advance()
      kind = .eachBest
    case .name("best"):
      advance()
      kind = .best(try metric())
    case .name("highest"):
      advance()
      kind = .highest(try metric())
    case .name("lowest"):
      advance()
      kind = .lowest(try metric())
    case .integer(let iteration):
      advance()
      kind = .iteration(iteration)
    case .name(let text):
      throw unexpected(
        expected: words,
        remedy: NearestName.remedy(text, in: ["last", "best", "highest", "lowest", "each_best"]))
    default: throw unexpected(expected: words)
    }
    return Moment(kind: kind, span: span(from: start))
  }

  // metric = NAME { "." NAME } ;
  mutating func metric() throws(Reported) -> MetricPath {
    var parts = [try name("a metric")]
    while take(.dot) { parts.append(try name("a metric")) }
    return MetricPath(parts: parts)
  }

  /// Reads the operator at the current position and its right operand.
  private mutating func binary(
    _ symbol: BinaryOperator, _ left: Expression,
    _ operand: (inout Parser) throws(Reported) -> Expression
  ) throws(Reported) -> Expression {
    let operatorSpan = span(of: token)
    advance()
    let right = try operand(&self)
    return try make(
      .binary(symbol, operatorSpan: operatorSpan, left, right), from: left.span.start)
  }

  /// An expression from `start` to the last token read; an error if it is too tall.
  private mutating func make(_ kind: Expression.Kind, from start: Int) throws(Reported) -> Expression {
    let expression = Expression(kind: kind, span: span(from: start))
    guard expression.height > Parser.tallestExpression else { return expression }
    throw report(
      .tooDeep, "more than \(Parser.tallestExpression) operators in a row", at: expression.span,
      remedy: "give parts of it a name in statements of their own")
  }
}
