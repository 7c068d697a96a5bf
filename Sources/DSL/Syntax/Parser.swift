/// A recursive-descent parser: one method for each production of Grammar.md, the production above it.
///
/// An error is reported where it is met and thrown as `Reported` to the nearest list, block or clause, which skips to its
/// next item. Since brackets are paired beforehand, skipping never leaves the part that the error is in.
struct Parser {
  /// Thrown after an error has been added to `diagnostics`.
  struct Reported: Error {}

  /// How deep expressions and blocks may nest; far above what anyone writes, far below what a stack holds.
  static let deepestNesting = 100
  /// How tall an expression may be, operators in a row included.
  static let tallestExpression = 400

  let document: Document
  let tokens: [Token]
  let partner: [Int]
  let comments: [Comment]
  let damage: [Int]
  var position = 0
  var diagnostics = Diagnostics()
  /// False directly inside `(` and `[`, where line ends mean nothing.
  var linesMatter = true
  /// True in the clauses of a `table` or `plot`, where a `where` that begins a line is a clause of its own.
  var whereBeginsClause = false
  /// Index of the bracket that closes the items being read.
  private var itemsEnd = 0
  /// Index of the first token of the item being read.
  private var itemStart = 0
  /// How many blocks the current token is in.
  var blockDepth = 0
  private var depth = 0

  /// What the formatter needs to know of brackets and items beyond the tree.
  var layout: Layout

  /// Parses the content of a recipe cell; everything found wrong is added to `diagnostics`.
  static func parse(
    _ content: Span, of document: Document, diagnostics: inout Diagnostics
  ) -> [Statement] {
    var parser = Parser(reading: content, of: document)
    let statements = parser.recipe()
    diagnostics.append(contentsOf: parser.diagnostics)
    return statements
  }

  /// Makes a parser at the beginning of a cell's content; `diagnostics` holds what tokens and brackets have wrong.
  init(reading content: Span, of document: Document) {
    var lexer = Lexer(document: document, content: content)
    lexer.run()
    let brackets = Brackets(pairing: lexer.tokens, of: document)
    self.document = document
    comments = lexer.comments
    tokens = brackets.tokens
    partner = brackets.partner
    damage = brackets.damage
    layout = Layout(tokenCount: brackets.tokens.count)
    diagnostics.append(contentsOf: lexer.diagnostics)
    diagnostics.append(contentsOf: brackets.diagnostics)
  }
}

// MARK: - Looking and moving

extension Parser {
  var token: Token { tokens[position] }

  /// The token after the current one; the last is `.end`.
  var next: Token { tokens[min(position + 1, tokens.count - 1)] }

  /// The end of the token before the current one.
  var previousEnd: Int { position > 0 ? tokens[position - 1].end : token.start }

  func at(_ symbol: Symbol) -> Bool { token.kind == .symbol(symbol) }

  func at(_ keyword: Keyword) -> Bool { token.kind == .keyword(keyword) }

  /// Whether the current token begins a line where lines matter, so that it belongs to the next item.
  var atLineEnd: Bool { linesMatter && token.startsLine || token.kind == .end }

  /// Whether the current token is this operator, on this line or continuing it from the next.
  func continues(with kind: Token.Kind) -> Bool {
    guard token.kind == kind else { return false }
    return !(whereBeginsClause && linesMatter && token.startsLine && kind == .keyword(.where))
  }

  mutating func advance() { if position < tokens.count - 1 { position += 1 } }

  mutating func take(_ symbol: Symbol) -> Bool {
    guard at(symbol) else { return false }
    advance()
    return true
  }

  mutating func take(_ keyword: Keyword) -> Bool {
    guard at(keyword) else { return false }
    advance()
    return true
  }

  /// A contextual word on the current line: a name to everyone else.
  func atWord(_ word: String) -> Bool { token.kind == .name(word) && !atLineEnd }

  func span(from start: Int) -> Span {
    Span(document: document.index, start: start, end: max(start, previousEnd))
  }

  func span(of token: Token) -> Span {
    Span(document: document.index, start: token.start, end: token.end)
  }

  /// Counts a level of nesting; the caller takes it back with `leave()`.
  mutating func enter() throws(Reported) {
    depth += 1
    guard depth > Parser.deepestNesting else { return }
    depth -= 1
    throw report(
      .tooDeep, "more than \(Parser.deepestNesting) levels of nesting", at: span(of: token),
      remedy: "give inner parts a name in statements of their own")
  }

  mutating func leave() { depth -= 1 }

  /// The `///` comment directly before the token at `index`, a line each, without slashes and one blank.
  func documentation(before index: Int) -> [String] {
    let first = index > 0 ? tokens[index - 1].commentsBefore : 0
    return comments[first..<tokens[index].commentsBefore].compactMap { comment in
      guard comment.isDocumentation, comment.startsLine else { return nil }
      let text = document.text((comment.start + 3)..<comment.end)
      let line = text.hasPrefix(" ") ? text.dropFirst() : text[...]
      return String(line.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
  }
}

// MARK: - Errors

extension Parser {
  /// Reports an error, unless it follows from one already told, and gives what to throw.
  mutating func report(
    _ code: SyntaxCode, _ message: String, at span: Span, label: String? = nil,
    expected: String? = nil, found: String? = nil, related: [Diagnostic.Label] = [],
    remedy: String? = nil
  ) -> Reported {
    if token.kind != .invalid, !token.isSupplied {
      diagnostics.append(
        Diagnostic(
          code, message, at: span, label: label, expected: expected, found: found,
          related: related, remedy: remedy))
    }
    return Reported()
  }

  /// Reports that the current token is not what should stand here.
  mutating func unexpected(
    expected: String, related: [Diagnostic.Label] = [], remedy: String? = nil
  ) -> Reported {
    if case .reserved(let word) = token.kind, !atLineEnd { return reserved(word) }
    if atLineEnd || token.kind == .symbol(.closeBrace) && token.startsLine {
      let place = Span(document: document.index, start: previousEnd, end: previousEnd)
      let found = token.kind == .end ? "the end of the cell" : "the end of the line"
      return report(
        .unexpected, "expected \(expected)", at: place, label: "found \(found)", expected: expected,
        found: found,
        related: related, remedy: remedy)
    }
    if at(.assign) {
      return report(
        .assignmentInExpression, "`=` cannot stand here", at: span(of: token), expected: expected,
        found: "`=`", related: related,
        remedy: "compare with `==`; label an argument with `:`")
    }
    return report(
      .unexpected, "expected \(expected)", at: span(of: token), label: "found \(describe(token))",
      expected: expected, found: describe(token), related: related, remedy: remedy)
  }

  mutating func reserved(_ word: String) -> Reported {
    report(
      .reservedWord, "`\(word)` does not exist in recipes", at: span(of: token),
      remedy: ReservedWord.remedy(word))
  }

  func describe(_ token: Token) -> String {
    switch token.kind {
    case .name(let text): "`\(text)`"
    case .keyword(let keyword): "the keyword `\(keyword.rawValue)`"
    case .reserved(let word): "`\(word)`"
    case .integer, .float: "the number `\(document.text(token.start..<token.end))`"
    case .string: "a string"
    case .symbol(let symbol): "`\(symbol.rawValue)`"
    case .invalid: "something unreadable"
    case .end: "the end of the cell"
    }
  }

  mutating func take(_ symbol: Symbol, expecting purpose: String) throws(Reported) {
    guard at(symbol), !atLineEnd else {
      throw unexpected(expected: "`\(symbol.rawValue)` \(purpose)")
    }
    advance()
  }

  /// Reads a name; a keyword in its place is reported and taken as the name that it was meant to be.
  mutating func name(_ what: String) throws(Reported) -> Name {
    let name: Name
    switch token.kind {
    case .name(let text) where !(atLineEnd && next.kind == .symbol(.assign)):
      name = Name(text, span: span(of: token))
    case .keyword(let keyword) where !atLineEnd:
      name = Name(keyword.rawValue, span: span(of: token))
      _ = report(
        .keywordAsName, "`\(name.text)` is a keyword and cannot name \(what)", at: name.span,
        remedy: "choose another name, such as `\(name.text)_`")
    default: throw unexpected(expected: "the name of \(what)")
    }
    advance()
    return name
  }
}

// MARK: - Lists and recovery

extension Parser {
  /// Reads the items between the bracket at the current position and its partner, each with `item`.
  ///
  /// Items are separated by commas and, inside braces, by line ends. An item that throws is left out, the next is read,
  /// and `isComplete` is false.
  mutating func items<Item>(
    _ what: String, _ kind: Layout.Kind, _ item: (inout Parser) throws(Reported) -> Item
  ) -> (items: [Item], isComplete: Bool) {
    let opening = token
    let close = partner[position]
    let saved = (linesMatter, whereBeginsClause, itemsEnd, itemStart)
    linesMatter = opening.kind == .symbol(.openBrace)
    whereBeginsClause = false
    itemsEnd = close
    layout.kinds[position] = kind
    advance()
    var result: [Item] = []
    var isComplete = true
    while position < close {
      var isRead = false
      itemStart = position
      layout.beginsItem[position] = true
      do {
        result.append(try item(&self))
        isRead = true
        if position < close, !take(.comma), !(linesMatter && token.startsLine) {
          let separator = linesMatter ? "a comma or a new line" : "`,`"
          throw unexpected(
            expected: "\(separator) or `\(text(of: tokens[close]))` after \(what)",
            related: [Diagnostic.Label("opened here", at: span(of: opening))])
        }
      } catch {
        isComplete = isComplete && isRead
        skipItem()
        _ = take(.comma)
      }
    }
    position = close
    (linesMatter, whereBeginsClause, itemsEnd, itemStart) = saved
    advance()
    return (result, isComplete)
  }

  /// Reads an expression; after an error, moves to the end of the item and gives an invalid one in its place.
  mutating func value() -> Expression {
    let start = token.start
    do {
      return try expression()
    } catch {
      skipItem()
      return Expression(kind: .invalid, span: span(from: start))
    }
  }

  private func text(of token: Token) -> String {
    if case .symbol(let symbol) = token.kind { symbol.rawValue } else { "" }
  }

  /// Moves to the comma or line end that ends the current item, or to the bracket that ends all of them.
  mutating func skipItem() {
    if position > itemStart, beginsNextItem { return }
    while position < itemsEnd, !at(.comma) {
      stepOver()
      if beginsNextItem { return }
    }
  }

  /// Whether the current token begins a line, and with it the next item.
  private var beginsNextItem: Bool {
    let isClause = whereBeginsClause && at(.where)
    return linesMatter && token.startsLine && (isClause || !token.kind.continuesLine)
  }

  /// Moves behind the current token; behind a whole bracketed part, if it opens one.
  mutating func stepOver() {
    if partner[position] >= 0 { position = partner[position] }
    advance()
  }

  /// Moves to the beginning of the next statement, or to `close`.
  mutating func skipStatement(to close: Int) {
    while position < close {
      stepOver()
      if token.startsLine, !token.kind.continuesLine { return }
    }
  }

  /// Reads a head such as `for n in xs`; if it has an error, moves to the `{` that should follow on the line.
  ///
  /// So the errors inside the braces are found in the same run. Throws when no brace follows.
  mutating func head<Head>(
    orElse replacement: Head, _ read: (inout Parser) throws(Reported) -> Head
  ) throws(Reported) -> Head {
    do {
      let head = try read(&self)
      if !at(.openBrace) { throw unexpected(expected: "`{`") }
      return head
    } catch {
      while !at(.openBrace) {
        if token.kind == .end || at(.closeBrace) { throw Reported() }
        stepOver()
        if token.startsLine, !at(.openBrace) { throw Reported() }
      }
      return replacement
    }
  }
}
