extension Parser {
  // recipe = [ top { LINE top } ] ;
  mutating func recipe() -> [Statement] {
    var result: [Statement] = []
    while token.kind != .end {
      let errors = diagnostics.count
      let first = position
      var statement = read(to: tokens.count - 1) { p throws(Reported) in try p.top() }
      if isDamaged(statement.span) {
        diagnostics.keepFirst(errors)
        statement.kind = .invalid(defines: namesDefined(from: first))
      }
      result.append(statement)
    }
    return result
  }

  // block = "{" [ statement { LINE statement } ] "}" ;
  mutating func block() throws(Reported) -> [Statement] {
    guard at(.openBrace) else { throw unexpected(expected: "`{`") }
    try enter()
    defer { leave() }
    let close = partner[position]
    let saved = (linesMatter, whereBeginsClause)
    (linesMatter, whereBeginsClause) = (true, false)
    blockDepth += 1
    layout.kinds[position] = .block
    advance()
    var result: [Statement] = []
    while position < close {
      result.append(read(to: close) { p throws(Reported) in try p.statement() })
    }
    position = close
    blockDepth -= 1
    (linesMatter, whereBeginsClause) = saved
    advance()
    return result
  }

  /// Reads one statement up to the end of its line; with an error, whatever belongs to it is skipped.
  private mutating func read(
    to close: Int, _ statement: (inout Parser) throws(Reported) -> Statement.Kind
  ) -> Statement {
    let first = position
    let start = token.start
    layout.beginsItem[position] = true
    var kind: Statement.Kind
    do {
      kind = try statement(&self)
      if position < close, !atLineEnd {
        throw unexpected(expected: "the end of the line after the statement")
      }
    } catch {
      kind = .invalid(defines: namesDefined(from: first))
      if position == first || !atLineEnd { skipStatement(to: close) }
    }
    return Statement(
      kind: kind, documentation: documentation(before: first), span: span(from: start))
  }

  /// The names that a statement with an error would have defined, as far as its first tokens tell.
  private func namesDefined(from first: Int) -> [Name] {
    for index in [first, first + 1] where index + 1 < tokens.count {
      if index > first, tokens[index].startsLine { return [] }
      guard case .name(let text) = tokens[index].kind else { continue }
      if tokens[index + 1].kind == .symbol(.assign) || index > first {
        return [Name(text, span: span(of: tokens[index]))]
      }
    }
    return []
  }

  /// Whether a bracket in this stretch had no partner.
  private func isDamaged(_ span: Span) -> Bool {
    var low = 0
    var high = damage.count
    while low < high {
      let middle = (low + high) / 2
      if damage[middle] < span.start { low = middle + 1 } else { high = middle }
    }
    return low < damage.count && damage[low] < span.end
  }

  // top = import | binding | function | study | table | plot | claim | show ;
  mutating func top() throws(Reported) -> Statement.Kind {
    if case .keyword(let keyword) = token.kind, next.kind != .symbol(.assign) {
      switch keyword {
      case .import: return try `import`()
      case .algorithm, .function: return try function()
      case .study: return try study()
      case .table: return try table()
      case .plot: return try plot()
      case .expect: return try claim()
      case .show: return try show()
      case .for, .match, .log, .return:
        return try misplaced(
          keyword, "belongs in the body of an algorithm or a function",
          remedy: keyword == .return
            ? "to say a value in the report, write `show …`" : "move it into a `function` or an `algorithm`"
        ) { p throws(Reported) in try p.statement() }
      default: break
      }
    }
    return try binding()
  }

  // statement = binding | loop | branch | log | return ;
  mutating func statement() throws(Reported) -> Statement.Kind {
    if case .keyword(let keyword) = token.kind, next.kind != .symbol(.assign) {
      switch keyword {
      case .for: return try loop()
      case .match: return try branch()
      case .log: return try log()
      case .return: return try `return`()
      case _ where keyword.beginsTopStatement:
        return try misplaced(
          keyword, "stands at the top of a document, not in a body",
          remedy: "move it out of the braces"
        ) { p throws(Reported) in try p.top() }
      default: break
      }
    }
    return try binding()
  }

  /// Reports a statement in the wrong place, and reads it for the errors inside it.
  private mutating func misplaced(
    _ keyword: Keyword, _ reason: String, remedy: String,
    _ read: (inout Parser) throws(Reported) -> Statement.Kind
  ) throws(Reported) -> Statement.Kind {
    let first = position
    _ = report(
      .misplacedStatement, "`\(keyword.rawValue)` \(reason)", at: span(of: token), remedy: remedy)
    _ = try read(&self)
    return .invalid(defines: namesDefined(from: first))
  }

  // import = "import" STRING ;
  mutating func `import`() throws(Reported) -> Statement.Kind {
    advance()
    guard case .string(let path) = token.kind, !path.isEmpty, !atLineEnd else {
      _ = unexpected(
        expected: "the path of a document between quotes",
        remedy: "write it as in `import \"algorithms/stasc.md\"`")
      while !atLineEnd { stepOver() }
      return .importDocument(path: "", pathSpan: span(from: previousEnd))
    }
    let place = span(of: token)
    advance()
    return .importDocument(path: path, pathSpan: place)
  }

  // binding = NAME "=" expression ;
  mutating func binding() throws(Reported) -> Statement.Kind {
    if case .reserved(let word) = token.kind {
      let report = reserved(word)
      guard word == "let" || word == "var", case .name = next.kind, !next.startsLine else { throw report }
      advance()
    }
    guard next.kind == .symbol(.assign) else { throw notAStatement() }
    let name = try boundName()
    // `+=` was told; what it would define is defined already.
    let isSupplied = token.isSupplied
    advance()
    let value = try expression()
    return isSupplied ? .invalid(defines: []) : .binding(name: name, value: value)
  }

  /// The name before `=`, which may begin a line.
  private mutating func boundName() throws(Reported) -> Name {
    let saved = linesMatter
    linesMatter = false
    defer { linesMatter = saved }
    return try name("a value")
  }

  /// Reports what stands where a statement should begin.
  private mutating func notAStatement() -> Reported {
    let start = token.start
    switch token.kind {
    case .keyword(let keyword) where keyword == .vary || keyword == .except || keyword == .seeds:
      return report(
        .misplacedStatement, "`\(keyword.rawValue)` belongs between the braces of a `study`",
        at: span(of: token), remedy: "write `study name = algorithm(…) { \(keyword.rawValue) … }`")
    case .name(let word) where !next.startsLine:
      let words = Keyword.allCases.filter { $0.beginsTopStatement || $0.beginsBodyStatement }
        .map(\.rawValue)
      switch next.kind {
      case .name, .string, .integer, .keyword:
        return report(
          .unexpected, "`\(word)` begins no statement", at: span(of: token),
          expected: "a statement", found: "`\(word)`", remedy: NearestName.remedy(word, in: words))
      default: break
      }
    default:
      guard token.kind.beginsExpression else { return unexpected(expected: "a statement") }
    }
    do {
      if let assign = assignOnLine() {
        return report(
          .unexpected, "only a name can be given a value",
          at: Span(document: document.index, start: start, end: tokens[assign - 1].end),
          expected: "a name before `=`",
          remedy: "values do not change: give the changed one a name of its own")
      }
      let value = try expression()
      guard atLineEnd || at(.closeBrace) else {
        return unexpected(expected: "the end of the line after the statement")
      }
      return report(
        .unusedValue, "nothing uses this value", at: value.span,
        remedy: blockDepth > 0
          ? "name it, `name = …`, or give it back with `return …`"
          : "name it, `name = …`, or say it in the report with `show …`")
    } catch {
      return error
    }
  }

  /// Index of a `=` further along the line, outside brackets.
  private func assignOnLine() -> Int? {
    var index = position
    while index < tokens.count - 1 {
      if tokens[index].kind == .symbol(.assign) { return index }
      index = max(index, partner[index]) + 1
      if tokens[index].startsLine || tokens[index].kind == .symbol(.closeBrace) { return nil }
    }
    return nil
  }

  // function = ( "algorithm" | "function" ) NAME parameters block ;
  mutating func function() throws(Reported) -> Statement.Kind {
    let isAlgorithm = at(.algorithm)
    advance()
    let name = try name(isAlgorithm ? "an algorithm" : "a function")
    let empty: (items: [ParameterDeclaration], isComplete: Bool) = ([], false)
    let parameters = try head(orElse: empty) { p throws(Reported) in try p.parameters() }
    let body = try block()
    guard parameters.isComplete else { return .invalid(defines: [name]) }
    return .function(
      FunctionDeclaration(
        isAlgorithm: isAlgorithm, name: name, parameters: parameters.items, body: body))
  }

  // parameters = "(" [ parameter { "," parameter } [ "," ] ] ")" ;
  mutating func parameters() throws(Reported) -> (items: [ParameterDeclaration], isComplete: Bool) {
    guard at(.openParenthesis), !atLineEnd else {
      throw unexpected(expected: "`(` and the parameters")
    }
    return items("a parameter", .attached) { p throws(Reported) in try p.parameter() }
  }

  // parameter = NAME ":" type [ "in" range ] [ "=" expression ] ;
  mutating func parameter() throws(Reported) -> ParameterDeclaration {
    let documentation = documentation(before: position)
    let name = try name("a parameter")
    let invalid = Expression(kind: .invalid, span: name.span)
    do {
      guard take(.colon) else {
        throw unexpected(expected: "`:` and the parameter's type", remedy: "write `\(name.text): Int`")
      }
      let type = try type()
      let bounds = take(.in) ? try range() : nil
      let defaultValue = take(.assign) ? try expression() : nil
      return ParameterDeclaration(
        name: name, type: type, bounds: bounds, defaultValue: defaultValue,
        documentation: documentation)
    } catch {
      skipItem()
      return ParameterDeclaration(
        name: name, type: TypeExpression(kind: .invalid, span: name.span), bounds: nil,
        defaultValue: invalid, documentation: documentation)
    }
  }

  // type = "[" type "]" | NAME { "|" NAME } ;
  mutating func type() throws(Reported) -> TypeExpression {
    let start = token.start
    if at(.openBracket) {
      try enter()
      defer { leave() }
      let elements = items("a type", .list) { p throws(Reported) in try p.type() }
      let place = span(from: start)
      if elements.isComplete, elements.items.count != 1 {
        throw report(
          .unexpected, "a list has one type of element", at: place,
          expected: "one type between the brackets", found: "\(elements.items.count)")
      }
      guard let element = elements.items.first else { throw Reported() }
      return TypeExpression(kind: .list(element), span: place)
    }
    var names = [try name("a type")]
    while take(.bar) { names.append(try name("a case")) }
    let kind: TypeExpression.Kind = names.count == 1 ? .named(names[0].text) : .choice(names)
    return TypeExpression(kind: kind, span: span(from: start))
  }

  // loop = "for" NAME "in" expression block ;
  mutating func loop() throws(Reported) -> Statement.Kind {
    let start = token.start
    advance()
    var variable: Name?
    let invalid = Expression(kind: .invalid, span: span(from: start))
    let sequence = try head(orElse: invalid) { p throws(Reported) in
      let name = try p.name("the loop's variable")
      variable = name
      guard p.take(.in) else {
        throw p.unexpected(expected: "`in`", remedy: "write `for \(name.text) in 1...10 { … }`")
      }
      return try p.expression()
    }
    let body = try block()
    guard let variable else { return .invalid(defines: []) }
    return .forLoop(variable: variable, sequence: sequence, body: body)
  }

  // branch = "match" expression "{" block_arm { SEPARATOR block_arm } [ SEPARATOR ] "}" ;
  mutating func branch() throws(Reported) -> Statement.Kind {
    let start = token.start
    advance()
    let invalid = Expression(kind: .invalid, span: span(from: start))
    let subject = try head(orElse: invalid) { p throws(Reported) in try p.expression() }
    let arms = items("an arm", .braces) { p throws(Reported) in try p.blockArm() }
    return arms.isComplete ? .match(subject: subject, arms: arms.items) : .invalid(defines: [])
  }

  // block_arm = cases ":" block ;
  mutating func blockArm() throws(Reported) -> BlockArm {
    let cases = try cases()
    try take(.colon, expecting: "after a case")
    guard at(.openBrace) else {
      throw report(
        .mixedArms, "an arm of a `match` that stands alone is a block", at: span(of: token),
        expected: "`{`", found: describe(token),
        remedy: "write `case: { … }`, or use the value, `name = match … { case: value }`")
    }
    return BlockArm(cases: cases, body: try block())
  }

  // log = "log" expression "{" [ entry { SEPARATOR entry } [ SEPARATOR ] ] "}" ;
  mutating func log() throws(Reported) -> Statement.Kind {
    let start = token.start
    advance()
    let invalid = Expression(kind: .invalid, span: span(from: start))
    let iteration = try head(orElse: invalid) { p throws(Reported) in try p.expression() }
    let entries = items("an entry", .braces) { p throws(Reported) in try p.entry() }
    return .log(iteration: iteration, entries: entries.items)
  }

  // entry = [ NAME { "." NAME } ":" ] expression ;
  mutating func entry() throws(Reported) -> LogEntry {
    if let name = label() { return LogEntry(name: name, value: value()) }
    let first = value()
    guard token.kind == .symbol(.colon), let name = first.dottedName else {
      return LogEntry(name: nil, value: first)
    }
    advance()
    return LogEntry(name: name, value: value())
  }

  // return = "return" expression ;
  mutating func `return`() throws(Reported) -> Statement.Kind {
    advance()
    return .returnValue(try expression())
  }

  // show = "show" expression ;
  mutating func show() throws(Reported) -> Statement.Kind {
    advance()
    return .show(try expression())
  }
}
