/// Studies, and what the report says of them.
extension Parser {
  // study = "study" NAME "=" expression [ "{" { clause } "}" ] ;
  mutating func study() throws(Reported) -> Statement.Kind {
    advance()
    let name = try name("a study")
    try expect(.assign, "and the call of an algorithm")
    let call = try expression()
    var clauses: [StudyClause] = []
    if at(.openBrace), !atLineEnd {
      clauses = items("a clause") { p throws(Reported) in try p.clause() }
    }
    var seeds: StudyClause?
    for clause in clauses {
      guard case .seeds = clause.kind else { continue }
      if let first = seeds {
        diagnostics.append(
          Diagnostic(
            SyntaxCode.duplicateClause, "`seeds` is said twice", at: clause.span,
            related: [Diagnostic.Label("the first time", at: first.span)], remedy: "keep one of them"))
      }
      seeds = clause
    }
    return .study(StudyDeclaration(name: name, call: call, clauses: clauses))
  }

  // clause = "vary" varied "in" expression | "except" expression | "seeds" expression ;
  mutating func clause() throws(Reported) -> StudyClause {
    let documentation = documentation(before: position)
    let start = token.start
    let kind: StudyClause.Kind
    if take(.vary) {
      let names = try varied()
      guard take(.in) else {
        throw unexpected(expected: "`in` and the values", remedy: "write `vary \(names[0].text) in [ … ]`")
      }
      kind = .vary(names: names, values: try expression())
    } else if take(.except) {
      kind = .except(try expression())
    } else if take(.seeds) {
      kind = .seeds(try expression())
    } else {
      let clauses = "`vary`, `except` or `seeds`"
      var remedy: String?
      if case .name(let text) = token.kind {
        remedy = NearestName.remedy(text, in: ["vary", "except", "seeds"])
      }
      throw report(
        .unexpected, "expected \(clauses)", at: span(of: token), expected: clauses, found: describe(token),
        remedy: remedy)
    }
    return StudyClause(kind: kind, documentation: documentation, span: span(from: start))
  }

  // varied = NAME | "(" NAME { "," NAME } [ "," ] ")" ;
  mutating func varied() throws(Reported) -> [Name] {
    guard at(.openParenthesis) else { return [try name("what to vary")] }
    let opening = token
    let names = items("a name") { p throws(Reported) in try p.name("what to vary") }
    guard !names.isEmpty else {
      throw report(
        .unexpected, "expected names between the parentheses", at: span(of: opening), expected: "names")
    }
    return names
  }

  /// The clauses of a table or a plot as they come; each once.
  private struct Clauses {
    var places: [String: Span] = [:]
    var rows: [Name] = []
    var columns: [MetricPath] = []
    var x: Name?
    var y: [MetricPath] = []
    var color: Name?
    var facet: Name?
    var at: Moment?
    var against: Expression?
    var condition: Expression?
  }

  // table = "table" NAME "{" { tableClause } "}" ;
  // tableClause = "rows" names | "columns" metrics | "at" moment | "against" expression | "where" expression ;
  mutating func table() throws(Reported) -> Statement.Kind {
    let (study, clauses, span) = try reportClauses(["rows", "columns", "at", "against", "where"])
    if clauses.columns.isEmpty, clauses.places["columns"] == nil {
      missing("columns", of: "a table", at: span)
    }
    return .table(
      TableStatement(
        study: study, rows: clauses.rows, columns: clauses.columns, at: clauses.at, against: clauses.against,
        condition: clauses.condition))
  }

  // plot = "plot" NAME "{" { plotClause } "}" ;
  // plotClause = "x" NAME | "y" metrics | "color" NAME | "facet" NAME | "at" moment | "where" expression ;
  mutating func plot() throws(Reported) -> Statement.Kind {
    let (study, clauses, span) = try reportClauses(["x", "y", "color", "facet", "at", "where"])
    if clauses.x == nil, clauses.places["x"] == nil { missing("x", of: "a plot", at: span) }
    if clauses.y.isEmpty, clauses.places["y"] == nil { missing("y", of: "a plot", at: span) }
    guard let x = clauses.x, !clauses.y.isEmpty else { throw Reported() }
    return .plot(
      PlotStatement(
        study: study, x: x, y: clauses.y, color: clauses.color, facet: clauses.facet, at: clauses.at,
        condition: clauses.condition))
  }

  private mutating func missing(_ clause: String, of what: String, at span: Span) {
    diagnostics.append(
      Diagnostic(
        SyntaxCode.missingClause, "\(what) needs `\(clause)`", at: span,
        remedy: clause == "x" ? "add `x iteration`" : "add `\(clause)` and a metric, such as accuracy_2"))
  }

  /// Reads the study's name and the clauses in braces. Items of a clause go on behind a comma as long as no word of a clause follows it.
  private mutating func reportClauses(_ words: [String]) throws(Reported) -> (Name, Clauses, Span) {
    let start = token.start
    advance()
    let study = try name("a study")
    guard at(.openBrace), !atLineEnd else { throw unexpected(expected: "`{` and the clauses") }
    let heading = span(from: start)
    let close = partner[position]
    let saved = (linesMatter, whereBeginsClause)
    (linesMatter, whereBeginsClause) = (true, true)
    advance()
    var clauses = Clauses()
    while position < close {
      do {
        try reportClause(words, into: &clauses, close: close)
        if position < close, !take(.comma), !token.startsLine {
          throw unexpected(expected: "a comma, a new line or `}` after a clause")
        }
      } catch {
        while position < close, !at(.comma),
          !(token.startsLine && !token.kind.continuesLine) || token.kind == .invalid
        {
          stepOver()
        }
        _ = take(.comma)
      }
    }
    position = close
    (linesMatter, whereBeginsClause) = saved
    advance()
    return (study, clauses, heading)
  }

  private mutating func reportClause(_ words: [String], into clauses: inout Clauses, close: Int)
    throws(Reported)
  {
    let place = span(of: token)
    guard let word = clauseWord(words) else {
      let listed = words.map { "`\($0)`" }.joined(separator: ", ")
      var remedy: String?
      if case .name(let text) = token.kind { remedy = NearestName.remedy(text, in: words) }
      let error = report(
        .unexpected, "expected a clause", at: place, expected: "one of \(listed)", found: describe(token),
        remedy: remedy)
      stepOver()
      throw error
    }
    if let first = clauses.places[word] {
      diagnostics.append(
        Diagnostic(
          SyntaxCode.duplicateClause, "`\(word)` is said twice", at: place,
          related: [Diagnostic.Label("the first time", at: first)], remedy: "join them in one clause"))
    }
    clauses.places[word] = place
    advance()
    guard !atLineEnd, position < close else { throw unexpected(expected: "what follows `\(word)`") }
    switch word {
    case "rows":
      clauses.rows = try listed(words) { p throws(Reported) in try p.name("a setting that varies") }
    case "columns": clauses.columns = try listed(words) { p throws(Reported) in try p.metric() }
    case "x": clauses.x = try name("`iteration` or a setting that varies")
    case "y": clauses.y = try listed(words) { p throws(Reported) in try p.metric() }
    case "color": clauses.color = try name("a setting that varies")
    case "facet": clauses.facet = try name("a setting that varies")
    case "at": clauses.at = try moment()
    case "against": clauses.against = try expression()
    default: clauses.condition = try expression()
    }
  }

  /// The word of a clause at the current position.
  private func clauseWord(_ words: [String]) -> String? {
    switch token.kind {
    case .name(let text) where words.contains(text): text
    case .keyword(.where) where words.contains("where"): "where"
    default: nil
    }
  }

  /// Items separated by commas; a comma before the word of another clause ends the list, and so does a line's end not after a comma.
  ///
  /// A clause's word is one only if something other than `,`, `.` or the end follows it: a metric may be named `x`.
  private mutating func listed<Item>(
    _ words: [String], _ item: (inout Parser) throws(Reported) -> Item
  ) throws(Reported) -> [Item] {
    var result = [try item(&self)]
    while at(.comma) {
      let saved = position
      advance()
      if token.kind == .symbol(.closeBrace) || clauseWord(words) != nil && beginsClause {
        position = saved
        return result
      }
      // After a comma the list may go on in the next line.
      let lines = linesMatter
      if token.startsLine { linesMatter = false }
      defer { linesMatter = lines }
      result.append(try item(&self))
    }
    return result
  }

  private var beginsClause: Bool {
    switch next.kind {
    case .symbol(.comma), .symbol(.dot), .symbol(.closeBrace), .end: false
    default: !next.startsLine
    }
  }

  // expect = "expect" expression [ "with" "confidence" ] ;
  mutating func expectation() throws(Reported) -> Statement.Kind {
    advance()
    guard !atLineEnd else { throw unexpected(expected: "a claim, such as `a > b`") }
    let claim = try expression()
    var withConfidence = false
    if atWord("with") {
      advance()
      guard atWord("confidence") else { throw unexpected(expected: "`confidence` after `with`") }
      advance()
      withConfidence = true
    }
    return .expect(ExpectStatement(claim: claim, withConfidence: withConfidence))
  }

  // show = "show" expression ;
  mutating func show() throws(Reported) -> Statement.Kind {
    advance()
    guard !atLineEnd else { throw unexpected(expected: "what to show") }
    return .show(try expression())
  }
}
