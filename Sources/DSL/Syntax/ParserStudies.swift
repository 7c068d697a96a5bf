extension Parser {
  // study = "study" NAME "=" expression [ "{" [ study_clause { SEPARATOR study_clause } [ SEPARATOR ] ] "}" ] ;
  mutating func study() throws(Reported) -> Statement.Kind {
    advance()
    let name = try name("a study")
    try take(.assign, expecting: "and the algorithm's call")
    let start = token.start
    var clauses: [StudyClause] = []
    var call = Expression(kind: .invalid, span: name.span)
    do {
      call = try expression()
      if !atLineEnd, !at(.openBrace) {
        throw unexpected(expected: "`{` or the end of the line")
      }
    } catch {
      while !at(.openBrace), !atLineEnd { stepOver() }
      call.span = span(from: start)
    }
    if at(.openBrace) {
      clauses = items("a clause", .braces) { p throws(Reported) in try p.studyClause() }.items
    }
    reportRepeatedSeeds(clauses)
    return .study(StudyDeclaration(name: name, call: call, clauses: clauses))
  }

  private mutating func reportRepeatedSeeds(_ clauses: [StudyClause]) {
    var first: StudyClause?
    for clause in clauses {
      guard case .seeds = clause.kind else { continue }
      if let first {
        diagnostics.append(
          Diagnostic(
            SyntaxCode.duplicateClause, "`seeds` stands here a second time", at: clause.span,
            related: [Diagnostic.Label("first here", at: first.span)], remedy: "join both in one clause"))
      } else {
        first = clause
      }
    }
  }

  // study_clause = vary | "except" expression | "seeds" expression ;
  mutating func studyClause() throws(Reported) -> StudyClause {
    let first = position
    let start = token.start
    let kind: StudyClause.Kind
    if at(.vary) {
      kind = vary()
    } else if take(.except) {
      kind = .except(value())
    } else if take(.seeds) {
      kind = .seeds(value())
    } else {
      var remedy: String?
      if case .name(let word) = token.kind {
        remedy = NearestName.remedy(word, in: ["vary", "except", "seeds"])
      }
      linesMatterForError { p in
        p.unexpected(expected: "`vary`, `except` or `seeds`", remedy: remedy)
      }
      skipItem()
      kind = .invalid
    }
    return StudyClause(
      kind: kind, documentation: documentation(before: first), span: span(from: start))
  }

  // vary = "vary" ( NAME | "(" NAME { "," NAME } [ "," ] ")" ) "in" expression ;
  mutating func vary() -> StudyClause.Kind {
    let start = token.start
    advance()
    var names: [Name] = []
    do {
      if at(.openParenthesis), !atLineEnd {
        let together = items("a name", .group) { p throws(Reported) in try p.name("a setting") }
        guard together.isComplete else { throw Reported() }
        names = together.items
      } else {
        names = [try name("the setting to vary")]
      }
      guard take(.in) else { throw missingIn(names) }
      let values = value()
      guard at(.comma), !next.startsLine, next.kind.beginsExpression else {
        return .vary(names: names, values: values)
      }
      throw report(
        .unexpected, "expected the values in a list", at: values.span, expected: "a list or a range",
        remedy: "write `[\(document.text(values.span)), …]`")
    } catch {
      skipClause(["vary", "except", "seeds"])
      let invalid = Expression(kind: .invalid, span: span(from: start))
      return names.isEmpty ? .invalid : .vary(names: names, values: invalid)
    }
  }

  private mutating func missingIn(_ names: [Name]) -> Reported {
    let first = names.first?.text ?? "name"
    if at(.comma), case .name(let second) = next.kind {
      return report(
        .unexpected, "expected `in` and the values", at: span(of: token), expected: "`in`", found: "`,`",
        remedy: "names that vary together stand in parentheses: `vary (\(first), \(second)) in [(…, …)]`")
    }
    return unexpected(expected: "`in` and the values", remedy: "write `vary \(first) in [first, second]`")
  }

  // table = "table" NAME "{" [ table_clause { SEPARATOR table_clause } [ SEPARATOR ] ] "}" ;
  mutating func table() throws(Reported) -> Statement.Kind {
    let keyword = span(of: token)
    advance()
    let study = try head(orElse: nil) { p throws(Reported) in Optional(try p.name("a study")) }
    var clauses = Clauses()
    let isComplete = items("a clause", .braces) { p throws(Reported) in try p.tableClause(&clauses) }
      .isComplete
    guard let study, isComplete || !clauses.metrics("columns").isEmpty else {
      return .invalid(defines: [])
    }
    if clauses.metrics("columns").isEmpty {
      throw report(
        .missingClause, "a table says its columns", at: keyword,
        remedy: "add `columns` and the metrics to show")
    }
    return .table(
      TableStatement(
        study: study, rows: clauses.names("rows"), columns: clauses.metrics("columns"),
        at: clauses.moment, against: clauses.condition("against"),
        condition: clauses.condition("where")))
  }

  // table_clause = "rows" names | "columns" metrics | "at" moment | "against" expression | "where" expression ;
  mutating func tableClause(_ clauses: inout Clauses) throws(Reported) {
    let words = ["rows", "columns", "at", "against", "where"]
    do {
      switch try clauseWord(words, &clauses) {
      case "rows": clauses.lists["rows"] = try names(words).map { MetricPath(parts: [$0]) }
      case "columns": clauses.lists["columns"] = try metrics(words)
      case "at": clauses.moment = try moment()
      case let word: clauses.conditions[word] = value()
      }
    } catch {
      skipClause(words)
      throw Reported()
    }
  }

  // plot = "plot" NAME "{" [ plot_clause { SEPARATOR plot_clause } [ SEPARATOR ] ] "}" ;
  mutating func plot() throws(Reported) -> Statement.Kind {
    let keyword = span(of: token)
    advance()
    let study = try head(orElse: nil) { p throws(Reported) in Optional(try p.name("a study")) }
    var clauses = Clauses()
    let isComplete = items("a clause", .braces) { p throws(Reported) in try p.plotClause(&clauses) }
      .isComplete
    guard let study, isComplete || clauses.lists["x"] != nil && clauses.lists["y"] != nil else {
      return .invalid(defines: [])
    }
    guard let x = clauses.names("x").first, clauses.lists["y"] != nil else {
      let missing = clauses.names("x").isEmpty ? "x" : "y"
      throw report(
        .missingClause, "a plot says its `\(missing)`", at: keyword,
        remedy: missing == "x"
          ? "add `x iteration`, or `x` and the name of an axis" : "add `y` and a metric")
    }
    return .plot(
      PlotStatement(
        study: study, x: x, y: clauses.metrics("y"), color: clauses.names("color").first,
        facet: clauses.names("facet").first, at: clauses.moment,
        condition: clauses.condition("where")))
  }

  // plot_clause = "x" NAME | "y" metrics | "color" NAME | "facet" NAME | "at" moment | "where" expression ;
  mutating func plotClause(_ clauses: inout Clauses) throws(Reported) {
    let words = ["x", "y", "color", "facet", "at", "where"]
    do {
      switch try clauseWord(words, &clauses) {
      case "y": clauses.lists["y"] = try metrics(words)
      case "at": clauses.moment = try moment()
      case "where": clauses.conditions["where"] = value()
      case let word:
        let axis = try name(word == "x" ? "an axis, or `iteration`" : "an axis")
        clauses.lists[word] = [MetricPath(parts: [axis])]
      }
    } catch {
      skipClause(words)
      throw Reported()
    }
  }

  /// Moves to the end of a clause with an error: the commas of its list do not end it.
  private mutating func skipClause(_ words: [String]) {
    skipItem()
    while commaContinuesList(words) {
      advance()
      stepOver()
      skipItem()
    }
  }

  /// What the clauses of a `table` or a `plot` said, by their words.
  struct Clauses {
    var lists: [String: [MetricPath]] = [:]
    var conditions: [String: Expression] = [:]
    var moment: Moment?
    /// Where each word stood first.
    var places: [String: Span] = [:]

    func metrics(_ word: String) -> [MetricPath] { lists[word] ?? [] }
    func names(_ word: String) -> [Name] { metrics(word).flatMap(\.parts) }
    func condition(_ word: String) -> Expression? { conditions[word] }
  }

  /// Reads the word that begins a clause; an unknown or repeated one is an error.
  private mutating func clauseWord(
    _ words: [String], _ clauses: inout Clauses
  ) throws(Reported) -> String {
    whereBeginsClause = true
    let word: String
    switch token.kind {
    case .name(let text): word = text
    case .keyword(.where): word = "where"
    default: word = ""
    }
    let place = span(of: token)
    guard words.contains(word) else {
      let list = words.map { "`\($0)`" }.joined(separator: ", ")
      throw linesMatterForError { p in
        p.unexpected(
          expected: "a clause, one of \(list)", remedy: NearestName.remedy(word, in: words))
      }
    }
    if let first = clauses.places[word] {
      _ = report(
        .duplicateClause, "`\(word)` stands here a second time", at: place,
        related: [Diagnostic.Label("first here", at: first)], remedy: "join both in one clause")
    }
    clauses.places[word] = clauses.places[word] ?? place
    advance()
    if at(.colon) {
      _ = unexpected(expected: "what follows `\(word)`", remedy: "leave the `:` out")
      advance()
    }
    return word
  }

  /// Reports about a token that begins an item, which is at a line's beginning without being at the end of another.
  @discardableResult
  private mutating func linesMatterForError(
    _ report: (inout Parser) -> Reported
  ) -> Reported {
    let saved = linesMatter
    linesMatter = false
    defer { linesMatter = saved }
    return report(&self)
  }

  // names = NAME { "," NAME } ;
  mutating func names(_ words: [String]) throws(Reported) -> [Name] {
    var names = [try name("an axis")]
    while commaContinuesList(words) {
      advance()
      names.append(try name("an axis"))
    }
    return names
  }

  // metrics = metric { "," metric } ;
  mutating func metrics(_ words: [String]) throws(Reported) -> [MetricPath] {
    var metrics = [try metric()]
    while commaContinuesList(words) {
      advance()
      metrics.append(try metric())
    }
    return metrics
  }

  /// Whether the current token is a comma after which the list goes on, rather than another clause or the end.
  ///
  /// The clauses' words are names elsewhere: one begins a clause when something that a clause could say follows on its line.
  private func commaContinuesList(_ words: [String]) -> Bool {
    guard at(.comma), position + 2 < tokens.count else { return false }
    switch next.kind {
    case .name(let text): return !beginsClause(text, words)
    case .symbol(let symbol): return !symbol.isCloser
    case .keyword(let keyword): return !words.contains(keyword.rawValue)
    case .end: return false
    default: return true
    }
  }

  /// Whether the name after the current comma begins a clause.
  private func beginsClause(_ text: String, _ words: [String]) -> Bool {
    // A word that is almost a clause's counts as one, so that the slip can be named.
    guard words.contains(text) || NearestName.find(text, in: words) != nil else { return false }
    let after = tokens[position + 2]
    return !after.startsLine && after.kind.beginsExpression
  }

  // claim = "expect" expression [ "with" "confidence" ] ;
  mutating func claim() throws(Reported) -> Statement.Kind {
    advance()
    let claim = try expression()
    var withConfidence = false
    if atWord("with") {
      advance()
      guard atWord("confidence") else { throw unexpected(expected: "`confidence`") }
      advance()
      withConfidence = true
    }
    return .expect(ExpectStatement(claim: claim, withConfidence: withConfidence))
  }
}
