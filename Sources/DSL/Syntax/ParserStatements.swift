extension Parser {
  /// Where a statement stands.
  enum Place {
    case top
    case body
  }

  // recipe = [ top { LINE top } ] ;
  mutating func recipe() -> [Statement] {
    statements(in: .top, to: tokens.count - 1)
  }

  // block = "{" [ statement { LINE statement } ] "}" ;
  mutating func block() throws(Reported) -> [Statement] {
    guard at(.openBrace) else { throw unexpected(expected: "`{`") }
    try enter()
    defer { leave() }
    let close = partner[position]
    let saved = (linesMatter, whereBeginsClause)
    (linesMatter, whereBeginsClause) = (true, false)
    advance()
    let result = statements(in: .body, to: close)
    position = close
    (linesMatter, whereBeginsClause) = saved
    advance()
    return result
  }

  private mutating func statements(in place: Place, to close: Int) -> [Statement] {
    var result: [Statement] = []
    while position < close {
      let first = position
      let errorsBefore = diagnostics
      var statement = self.statement(in: place, to: close)
      // A statement around a bracket that had no partner was read by guesswork: what else was found in it may be untrue.
      if place == .top, let last = damage.last, last >= tokens[first].start,
        damage.contains(where: { $0 >= statement.span.start && $0 < statement.span.end })
      {
        diagnostics = errorsBefore
        statement.kind = .invalid(defines: names(definedFrom: first, to: position))
      }
      result.append(statement)
    }
    return result
  }

  /// Reads one statement and whatever follows it wrongly on its line.
  private mutating func statement(in place: Place, to close: Int) -> Statement {
    let first = position
    let start = token.start
    var kind: Statement.Kind
    do {
      kind = place == .top ? try top() : try statement()
      if position < close, !atLineEnd {
        throw unexpected(expected: "the end of the line after the statement")
      }
    } catch {
      if position == first { stepOver() }
      if !(position < close && token.startsLine && !token.kind.continuesLine) { skipStatement(to: close) }
      kind = .invalid(defines: names(definedFrom: first, to: position))
    }
    return Statement(kind: kind, documentation: documentation(before: first), span: span(from: start))
  }

  /// Names that the statement between two tokens would have defined, as far as its beginnings tell.
  private func names(definedFrom first: Int, to end: Int) -> [Name] {
    var result: [Name] = []
    for index in first..<max(first, end) where index + 1 < tokens.count {
      guard case .name(let text) = tokens[index].kind else { continue }
      let name = Name(text, span: span(of: tokens[index]))
      let beginsBinding = tokens[index].startsLine && tokens[index + 1].kind == .symbol(.assign)
      var isDeclared = false
      if index > first, case .keyword(let word) = tokens[index - 1].kind {
        isDeclared = word == .algorithm || word == .function || word == .study || word == .for
      }
      if beginsBinding || isDeclared || index == first && tokens[index + 1].kind == .symbol(.assign) {
        result.append(name)
      }
    }
    return result
  }

  // top = import | function | study | table | plot | expect | show | binding ;
  mutating func top() throws(Reported) -> Statement.Kind {
    if next.kind == .symbol(.assign) { return try binding() }
    switch token.kind {
    case .keyword(.import): return try importDocument()
    case .keyword(.algorithm), .keyword(.function): return try function()
    case .keyword(.study): return try study()
    case .keyword(.table): return try table()
    case .keyword(.plot): return try plot()
    case .keyword(.expect): return try expectation()
    case .keyword(.show): return try show()
    case .keyword(let keyword) where keyword.beginsBodyStatement:
      throw misplaced(keyword, "in the body of an algorithm or a function")
    default: return try binding()
    }
  }

  // statement = for | branch | log | return | binding ;
  mutating func statement() throws(Reported) -> Statement.Kind {
    if next.kind == .symbol(.assign) { return try binding() }
    switch token.kind {
    case .keyword(.for): return try forLoop()
    case .keyword(.match): return try branch()
    case .keyword(.log): return try log()
    case .keyword(.return): return try returnValue()
    case .keyword(let keyword) where keyword.beginsTopStatement:
      throw misplaced(keyword, "at the top of a document")
    default: return try binding()
    }
  }

  private mutating func misplaced(_ keyword: Keyword, _ place: String) -> Reported {
    report(
      .misplacedStatement, "`\(keyword.rawValue)` stands \(place)", at: span(of: token),
      remedy: "move it there")
  }

  // import = "import" STRING ;
  mutating func importDocument() throws(Reported) -> Statement.Kind {
    advance()
    guard case .string(let path) = token.kind, !atLineEnd else {
      throw unexpected(
        expected: "the document's path, in double quotes", remedy: "write `import \"algorithms/stasc.md\"`")
    }
    let place = span(of: token)
    advance()
    return .importDocument(path: path, pathSpan: place)
  }

  // binding = NAME "=" expression ;
  mutating func binding() throws(Reported) -> Statement.Kind {
    if case .reserved(let word) = token.kind { throw reserved(word) }
    if next.kind == .symbol(.assign), !next.startsLine {
      let name = try statementName()
      advance()
      return .binding(name: name, value: try expression())
    }
    guard token.kind.beginsExpression else {
      throw unexpected(expected: "a statement")
    }
    let value = try expression()
    throw report(
      .unusedValue, "nothing uses this value", at: value.span,
      remedy: "give it a name, `name = …`, or show it, `show …`")
  }

  /// The name at the beginning of a binding, which may begin a line.
  private mutating func statementName() throws(Reported) -> Name {
    if case .name(let text) = token.kind {
      let name = Name(text, span: span(of: token))
      advance()
      return name
    }
    if case .keyword(let keyword) = token.kind {
      throw report(
        .keywordAsName, "`\(keyword.rawValue)` is a keyword and cannot name a value", at: span(of: token),
        remedy: "choose another name, such as `\(keyword.rawValue)_`")
    }
    throw unexpected(expected: "a name before `=`")
  }

  // function = ( "algorithm" | "function" ) NAME parameters block ;
  mutating func function() throws(Reported) -> Statement.Kind {
    let isAlgorithm = at(.algorithm)
    advance()
    let name = try name(isAlgorithm ? "an algorithm" : "a function")
    guard at(.openParenthesis), !atLineEnd else { throw unexpected(expected: "`(` and the parameters") }
    let parameters = parameters()
    let body = try block()
    return .function(
      FunctionDeclaration(isAlgorithm: isAlgorithm, name: name, parameters: parameters, body: body))
  }

  // parameters = "(" [ parameter { "," parameter } [ "," ] ] ")" ;
  mutating func parameters() -> [ParameterDeclaration] {
    items("a parameter") { p throws(Reported) in try p.parameter() }
  }

  // parameter = NAME ":" type [ "in" sum "..." sum ] [ "=" expression ] ;
  mutating func parameter() throws(Reported) -> ParameterDeclaration {
    let documentation = documentation(before: position)
    let name = try name("a parameter")
    try expect(.colon, "and the parameter's type", remedy: "write `\(name.text): Int`, for instance")
    let type = try type()
    var bounds: Expression?
    if take(.in) { bounds = try range() }
    var value: Expression?
    if take(.assign) { value = try expression() }
    return ParameterDeclaration(
      name: name, type: type, bounds: bounds, defaultValue: value, documentation: documentation)
  }

  // type = "[" type "]" | NAME { "|" NAME } ;
  mutating func type() throws(Reported) -> TypeExpression {
    let start = token.start
    if at(.openBracket) {
      try enter()
      defer { leave() }
      let inside = items("a type") { p throws(Reported) in try p.type() }
      guard inside.count == 1 else {
        throw report(
          .unexpected, "a list type holds one type", at: span(from: start),
          expected: "one type, as in `[Int]`")
      }
      return TypeExpression(kind: .list(inside[0]), span: span(from: start))
    }
    var cases = [try name("a type or a case")]
    while take(.bar) { cases.append(try name("a case")) }
    let kind: TypeExpression.Kind = cases.count == 1 ? .named(cases[0].text) : .choice(cases)
    return TypeExpression(kind: kind, span: span(from: start))
  }

  // for = "for" NAME "in" expression block ;
  mutating func forLoop() throws(Reported) -> Statement.Kind {
    advance()
    let start = token.start
    let invalid = (Name("", span: span(of: token)), Expression(kind: .invalid, span: span(from: start)))
    let (variable, sequence) = try head(orElse: invalid) { p throws(Reported) in
      let variable = try p.name("the loop's variable")
      guard p.take(.in) else {
        throw p.unexpected(expected: "`in`", remedy: "write `for \(variable.text) in 1...10 { … }`")
      }
      return (variable, try p.expression())
    }
    return .forLoop(variable: variable, sequence: sequence, body: try block())
  }

  // branch = "match" expression "{" blockArm { separator blockArm } [ separator ] "}" ;
  mutating func branch() throws(Reported) -> Statement.Kind {
    advance()
    let invalid = Expression(kind: .invalid, span: span(from: token.start))
    let subject = try head(orElse: invalid) { p throws(Reported) in try p.expression() }
    let arms = items("an arm") { p throws(Reported) in try p.blockArm() }
    return .match(subject: subject, arms: arms)
  }

  // blockArm = cases ":" block ;
  mutating func blockArm() throws(Reported) -> BlockArm {
    let cases = try cases()
    try expect(.colon, "after a case")
    guard at(.openBrace), !atLineEnd else {
      throw report(
        .mixedArms, "the arms of this `match` are blocks", at: span(of: token), expected: "`{`",
        remedy: "write `\(cases[0].text): { … }`; to choose a value, write `name = match …`")
    }
    return BlockArm(cases: cases, body: try block())
  }

  // log = "log" expression "{" [ entry { separator entry } [ separator ] ] "}" ;
  mutating func log() throws(Reported) -> Statement.Kind {
    advance()
    let invalid = Expression(kind: .invalid, span: span(from: token.start))
    let iteration = try head(orElse: invalid) { p throws(Reported) in try p.expression() }
    return .log(iteration: iteration, entries: items("an entry") { p throws(Reported) in try p.entry() })
  }

  // entry = [ NAME ":" ] expression ;
  mutating func entry() throws(Reported) -> LogEntry {
    let argument = try argument()
    return LogEntry(name: argument.label, value: argument.value)
  }

  // return = "return" expression ;
  mutating func returnValue() throws(Reported) -> Statement.Kind {
    advance()
    guard !atLineEnd else { throw unexpected(expected: "the value to return") }
    return .returnValue(try expression())
  }
}
