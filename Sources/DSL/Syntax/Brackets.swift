/// Pairs the brackets of a cell before it is parsed.
///
/// Afterwards every opening bracket has a closing one: missing ones are supplied, stray ones dropped, each reported once.
/// The parser can then step over any bracketed part at once, which is what keeps one error from causing another.
struct Brackets {
  /// The tokens, balanced.
  private(set) var tokens: [Token] = []
  /// For each opening bracket the index of its closing one; for other tokens -1.
  private(set) var partner: [Int] = []
  /// Offsets of the opening brackets that had no partner, ascending: the statements around them are unreliable.
  private(set) var damage: [Int] = []
  private(set) var diagnostics = Diagnostics()

  private struct Opening {
    var index: Int
    var symbol: Symbol
    var closer: Symbol
    /// Column of the first token on its line.
    var indentation: Int
  }
  private let document: Document
  private var open: [Opening] = []
  /// A pair whose closing bracket stands further left than the line that opened it: likely the one without partner.
  private var suspect: Opening?
  /// How many closing brackets may lack a partner because theirs was supplied too early.
  private var forgivenStrays = 0
  private var lineIndentation = 0
  /// End of the last closing bracket without a partner: several in a row are one mistake.
  private var strayEnd = -1

  init(pairing lexed: [Token], of document: Document) {
    self.document = document
    tokens.reserveCapacity(lexed.count)
    partner.reserveCapacity(lexed.count)
    var lineStartsNext = false
    for (index, token) in lexed.enumerated() {
      var token = token
      token.startsLine = token.startsLine || lineStartsNext
      if token.startsLine {
        lineIndentation = indentation(of: token)
        if beginsStatement(lexed, at: index) { closeBefore(token) }
      }
      let wasAdded = add(token)
      lineStartsNext = token.startsLine && !wasAdded
    }
    damage.sort()
  }

  /// Adds a token; false when it was a stray bracket and dropped.
  private mutating func add(_ token: Token) -> Bool {
    if token.kind == .end { closeAll(before: token) }
    if case .symbol(let symbol) = token.kind {
      if let closer = symbol.closer {
        open.append(
          Opening(
            index: tokens.count, symbol: symbol, closer: closer, indentation: lineIndentation))
      } else if symbol.isCloser {
        return close(symbol, token)
      }
    }
    append(token)
    return true
  }

  private mutating func append(_ token: Token) {
    tokens.append(token)
    partner.append(-1)
  }

  private mutating func close(_ symbol: Symbol, _ token: Token) -> Bool {
    if let last = open.last, last.closer == symbol {
      if token.startsLine, symbol == .closeBrace, indentation(of: token) < last.indentation {
        suspect = last
      }
      pair(last, with: token)
      return true
    }
    if let match = open.lastIndex(where: { $0.closer == symbol }) {
      reportUnclosed(open[open.count - 1], closedBy: token)
      while open.count > match + 1 { supply(before: token) }
      pair(open[match], with: token)
      return true
    }
    if let last = open.last, last.symbol != .openBrace, symbol != .closeBrace {
      reportUnclosed(last, closedBy: token)
      supply(before: token)
      return false
    }
    let followsStray = token.start == strayEnd
    strayEnd = token.end
    if forgivenStrays > 0 {
      forgivenStrays -= 1
    } else if !followsStray {
      diagnostics.append(
        Diagnostic(
          SyntaxCode.strayBracket, "`\(symbol.rawValue)` closes nothing", at: span(token),
          remedy: "remove it, or add the bracket that it should close"))
    }
    return false
  }

  private mutating func pair(_ opening: Opening, with token: Token) {
    partner[opening.index] = tokens.count
    append(token)
    open.removeLast()
  }

  /// Supplies the closing bracket of the innermost open one.
  private mutating func supply(before token: Token) {
    guard let last = open.last else { return }
    damage.append(tokens[last.index].start)
    let place = tokens[tokens.count - 1].end
    pair(
      last,
      with: Token(
        kind: .symbol(last.closer), start: place, end: place, startsLine: false,
        commentsBefore: token.commentsBefore, isSupplied: true))
  }

  /// At a line that begins a statement: brackets opened on lines indented at least as much were forgotten.
  private mutating func closeBefore(_ token: Token) {
    let column = indentation(of: token)
    let isTop: Bool
    if case .keyword(let keyword) = token.kind { isTop = keyword.beginsTopStatement } else { isTop = false }
    var forgotten = 0
    for opening in open.reversed() {
      guard opening.indentation >= column, isTop || opening.symbol != .openBrace else { break }
      forgotten += 1
    }
    guard forgotten > 0 else { return }
    reportUnclosed(open[open.count - forgotten], closedBy: nil)
    for _ in 0..<forgotten { supply(before: token) }
    forgivenStrays += forgotten
  }

  private mutating func closeAll(before token: Token) {
    guard let first = open.first else { return }
    reportUnclosed(first, closedBy: nil)
    while !open.isEmpty { supply(before: token) }
  }

  private mutating func reportUnclosed(_ opening: Opening, closedBy token: Token?) {
    var opening = opening
    if opening.symbol == .openBrace, let suspect, suspect.index > opening.index { opening = suspect }
    let bracket = tokens[opening.index]
    var related: [Diagnostic.Label] = []
    if let token {
      related.append(Diagnostic.Label("closed here by another bracket", at: span(token)))
    }
    damage.append(bracket.start)
    diagnostics.append(
      Diagnostic(
        SyntaxCode.unclosedBracket, "`\(opening.symbol.rawValue)` is never closed",
        at: span(bracket), related: related, remedy: "close it with `\(opening.closer.rawValue)`"))
  }

  /// Whether the token begins a line that can only be a statement.
  private func beginsStatement(_ lexed: [Token], at index: Int) -> Bool {
    switch lexed[index].kind {
    case .keyword(let keyword):
      return keyword.beginsTopStatement
        || keyword.beginsBodyStatement && keyword != .match
    case .name: return index + 1 < lexed.count && lexed[index + 1].kind == .symbol(.assign)
    default: return false
    }
  }

  private func indentation(of token: Token) -> Int {
    token.start - document.lineStarts[document.lineIndex(of: token.start)]
  }

  private func span(_ token: Token) -> Span {
    Span(document: document.index, start: token.start, end: token.end)
  }
}
