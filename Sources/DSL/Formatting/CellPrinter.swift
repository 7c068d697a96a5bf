/// Prints the tokens and comments of one cell that has no errors.
///
/// What decides line breaks: statements and blocks have a line each; a bracket whose first item stands on a new line
/// keeps one item a line, others are joined if they fit; a break at an operator stays where it was.
struct CellPrinter {
  let document: Document
  let tokens: [Token]
  let partner: [Int]
  let comments: [Comment]
  let layout: Layout
  /// Blanks before every line, as many as before the cell's fence.
  let margin: String
  private var output = ""
  private var column = 0
  /// Levels of two blanks by which the current line is indented.
  private var level = 0
  /// Nothing was printed yet inside the innermost bracket.
  private var beginsPart = true
  /// The current line ends with a comment, so nothing can be added to it.
  private var endsWithComment = false
  /// Operators before which a line that is too long gets a break.
  private var addedBreaks: Set<Int> = []
  /// Width of each bracketed part on one line, by its opening bracket; -1 where it cannot be on one line.
  private var widths: [Int: Int] = [:]

  init(parser: Parser, indentation: Int) {
    document = parser.document
    tokens = parser.tokens
    partner = parser.partner
    comments = parser.comments
    layout = parser.layout
    margin = String(repeating: " ", count: indentation)
  }

  /// The content of the cell, each line with its end.
  mutating func print() -> String {
    let end = tokens.count - 1
    printItems(items(from: 0, to: end), close: end, commas: .none)
    if !output.isEmpty { output += "\n" }
    return output
  }
}

// MARK: - Items

extension CellPrinter {
  /// The tokens of one item, without the comma behind it.
  private struct Item {
    var range: Range<Int>
    /// Index of the comma behind it.
    var comma: Int?
  }

  private func items(from start: Int, to close: Int) -> [Item] {
    var result: [Item] = []
    var index = start
    while index < close {
      let first = index
      repeat { index = max(index, partner[index]) + 1 } while index < close && !layout.beginsItem[index]
      let endsWithComma = tokens[index - 1].kind == .symbol(.comma)
      let last = endsWithComma ? index - 1 : index
      result.append(Item(range: first..<last, comma: endsWithComma ? last : nil))
    }
    return result
  }

  /// Which commas stand behind items that have a line each.
  private enum Commas {
    case none
    /// Behind each, the last included.
    case all
    /// Behind each but the last, and behind that too if there was one.
    case asWritten
  }

  /// Prints items a line each at the current level, with the comments between and after them.
  private mutating func printItems(_ items: [Item], close: Int, commas: Commas) {
    let itemLevel = level
    for (number, item) in items.enumerated() {
      printComments(before: item.range.lowerBound)
      breakLine(keepingBlankBefore: tokens[item.range.lowerBound].start, level: itemLevel)
      printItem(item.range, level: itemLevel)
      let isLast = number == items.count - 1
      let wantsComma: Bool
      switch commas {
      case .none: wantsComma = item.comma.map(documentationStands(before:)) ?? false
      case .all: wantsComma = true
      case .asWritten: wantsComma = !isLast || item.comma != nil
      }
      if wantsComma {
        if let comma = item.comma, documentationStands(before: comma) {
          printInnerComments(before: comma, level: itemLevel)
        }
        write(",")
      }
      printTrailingComment(after: item)
      level = itemLevel
    }
    printComments(before: close)
  }

  private func documentationStands(before index: Int) -> Bool {
    commentRange(before: index).contains { comments[$0].isDocumentation }
  }

  /// Indices of the comments between a token and the one before it.
  private func commentRange(before index: Int) -> Range<Int> {
    (index > 0 ? tokens[index - 1].commentsBefore : 0)..<tokens[index].commentsBefore
  }

  /// Prints the comment on the line of an item's end, and comments before its comma, which move behind it.
  private mutating func printTrailingComment(after item: Item) {
    if let comma = item.comma, !documentationStands(before: comma) {
      for index in commentRange(before: comma) { write(comments[index]) }
    }
    let next = item.comma.map { $0 + 1 } ?? item.range.upperBound
    for index in commentRange(before: next) where !comments[index].startsLine {
      write(comments[index])
    }
  }

  /// Prints the comments with lines of their own before an item or a closing bracket.
  private mutating func printComments(before index: Int) {
    for index in commentRange(before: index) where comments[index].startsLine {
      write(comments[index])
    }
  }

  /// Writes a comment at the end of the line, or in a line of its own if it had one or this line has a comment already.
  private mutating func write(_ comment: Comment) {
    if comment.startsLine || endsWithComment {
      breakLine(keepingBlankBefore: comment.start, level: level)
      write(text(comment))
    } else {
      write("  " + text(comment))
    }
    endsWithComment = true
  }

  private func text(_ comment: Comment) -> String {
    let text = document.text(comment.start..<comment.end)
    return String(text.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}

// MARK: - Tokens of an item

extension CellPrinter {
  private mutating func printItem(_ range: Range<Int>, level itemLevel: Int) {
    level = itemLevel
    breakAtOperators(range)
    var index = range.lowerBound
    while index < range.upperBound {
      if index > range.lowerBound {
        if !commentRange(before: index).isEmpty {
          printInnerComments(before: index, level: itemLevel)
        } else if keepsBreak(before: index) || overflowsList(at: index, in: range) {
          startLine(level: itemLevel + 1)
        } else if needsSpace(before: index) {
          write(" ")
        }
      }
      if partner[index] >= 0 {
        printGroup(index, in: range)
        index = partner[index]
      } else {
        write(text(index))
      }
      index += 1
    }
  }

  /// Prints comments in the middle of an item, and goes on in a new line.
  private mutating func printInnerComments(before index: Int, level itemLevel: Int) {
    for comment in commentRange(before: index) {
      level = itemLevel + 1
      write(comments[comment])
    }
    startLine(level: itemLevel + 1)
  }

  private func text(_ index: Int) -> String { document.text(tokens[index].start..<tokens[index].end) }

  /// Whether the line was broken here before or after an operator, which stays so.
  private func keepsBreak(before index: Int) -> Bool {
    if addedBreaks.contains(index) { return true }
    guard index > 0, tokens[index].startsLine else { return false }
    return isInfix(index) || isInfix(index - 1) && tokens[index - 1].kind != .symbol(.dot)
  }

  /// Whether the token is an operator with a value on both sides, or the `|` between cases.
  private func isInfix(_ index: Int) -> Bool {
    guard index > 0 else { return false }
    switch tokens[index].kind {
    case .symbol(.minus): return endsValue(index - 1)
    case .symbol(.bar): return true
    default: return tokens[index].kind.continuesLine && !layout.beginsItem[index]
    }
  }

  private func endsValue(_ index: Int) -> Bool {
    switch tokens[index].kind {
    case .name, .integer, .float, .string, .keyword(.true), .keyword(.false): true
    case .symbol(let symbol): symbol.isCloser
    default: false
    }
  }

  private func needsSpace(before index: Int) -> Bool {
    let previous = tokens[index - 1].kind
    switch tokens[index].kind {
    case .symbol(.comma), .symbol(.colon), .symbol(.dot), .symbol(.range): return false
    case .symbol(.openParenthesis), .symbol(.openBracket):
      if layout.kinds[index] == .attached { return false }
    default: break
    }
    switch previous {
    case .symbol(.dot), .symbol(.range): return false
    case .symbol(.minus): return isInfix(index - 1)
    default: return true
    }
  }

  /// Whether a list without brackets, as in `columns a, b`, should go on in a new line after the comma before `index`.
  private func overflowsList(at index: Int, in range: Range<Int>) -> Bool {
    guard tokens[index - 1].kind == .symbol(.comma) else { return false }
    var end = index
    while end < range.upperBound, tokens[end].kind != .symbol(.comma) { end += 1 }
    return column + 1 + flatWidth(index..<end) + 1 > RecipeFormatter.width
  }
}

// MARK: - Operators

extension CellPrinter {
  /// Breaks an item that is too long for a line before its operators, those that bind least first.
  ///
  /// Breaks that are there already stay, and then no others come.
  private mutating func breakAtOperators(_ range: Range<Int>) {
    let width = measure(range)
    guard width >= 0, column + width > RecipeFormatter.width else { return }
    var operators: [(index: Int, rank: Int)] = []
    var index = range.lowerBound
    while index < range.upperBound {
      if index > range.lowerBound, let rank = rank(index) { operators.append((index, rank)) }
      index = max(index, partner[index]) + 1
    }
    for rank in 0...3 where operators.contains(where: { $0.rank == rank }) {
      let breaks = operators.filter { $0.rank <= rank }.map(\.index)
      let starts = [range.lowerBound] + breaks
      let longest = zip(starts, breaks + [range.upperBound]).map { measure($0..<$1) }.max() ?? 0
      addedBreaks.formUnion(breaks)
      if column + 2 + longest <= RecipeFormatter.width { return }
    }
  }

  /// How loosely an operator binds, 0 least; `nil` for those that no line is broken at.
  private func rank(_ index: Int) -> Int? {
    switch tokens[index].kind {
    case .keyword(.where): layout.beginsItem[index] ? nil : 0
    case .keyword(.or): 1
    case .keyword(.and): 2
    case .symbol(.equal), .symbol(.notEqual), .symbol(.less), .symbol(.lessOrEqual), .symbol(.greater),
      .symbol(.greaterOrEqual):
      3
    default: nil
    }
  }
}

// MARK: - Brackets

extension CellPrinter {
  private mutating func printGroup(_ open: Int, in range: Range<Int>) {
    let close = partner[open]
    let width = groupWidth(open)
    if width >= 0, column + width + tailWidth(after: close, in: range) <= RecipeFormatter.width {
      return printFlat(open)
    }
    write(text(open))
    for index in commentRange(before: open + 1) where !comments[index].startsLine {
      write(comments[index])
    }
    let outer = level
    level += 1
    beginsPart = true
    let commas: Commas
    switch layout.kinds[open] {
    case .attached, .list: commas = .all
    case .group: commas = .asWritten
    default: commas = .none
    }
    printItems(items(from: open + 1, to: close), close: close, commas: commas)
    startLine(level: outer)
    write(text(close))
  }

  private mutating func printFlat(_ open: Int) {
    let close = partner[open]
    let blank = layout.kinds[open] == .braces && close > open + 1 ? " " : ""
    write(text(open) + blank)
    let parts = items(from: open + 1, to: close)
    for (number, item) in parts.enumerated() {
      if number > 0 { write(", ") }
      var index = item.range.lowerBound
      while index < item.range.upperBound {
        if index > item.range.lowerBound, needsSpace(before: index) { write(" ") }
        if partner[index] >= 0 {
          printFlat(index)
          index = partner[index]
        } else {
          write(text(index))
        }
        index += 1
      }
    }
    if keepsLastComma(open, parts) { write(",") }
    write(blank + text(close))
  }

  /// `(a,)` is a tuple of one, `(a)` is `a`.
  private func keepsLastComma(_ open: Int, _ parts: [Item]) -> Bool {
    layout.kinds[open] == .group && parts.count == 1 && parts[0].comma != nil
  }

  /// Width of a bracketed part on one line; -1 if it has comments, blocks or breaks that stay.
  private mutating func groupWidth(_ open: Int) -> Int {
    if let known = widths[open] { return known }
    let width = measure(open)
    widths[open] = width
    return width
  }

  private mutating func measure(_ open: Int) -> Int {
    let close = partner[open]
    let isEmpty = close == open + 1
    guard tokens[close].commentsBefore == tokens[open].commentsBefore else { return -1 }
    if isEmpty { return 2 }
    if layout.kinds[open] == .block || tokens[open + 1].startsLine { return -1 }
    let parts = items(from: open + 1, to: close)
    var width = layout.kinds[open] == .braces ? 4 : 2
    for (number, item) in parts.enumerated() {
      let itemWidth = measure(item.range)
      if itemWidth < 0 { return -1 }
      width += itemWidth + (number > 0 ? 2 : 0)
    }
    return width + (keepsLastComma(open, parts) ? 1 : 0)
  }

  /// Width of an item's tokens on one line; -1 if they cannot be on one.
  private mutating func measure(_ range: Range<Int>) -> Int {
    var width = 0
    var index = range.lowerBound
    while index < range.upperBound {
      if index > range.lowerBound {
        if keepsBreak(before: index) || !commentRange(before: index).isEmpty { return -1 }
        if needsSpace(before: index) { width += 1 }
      }
      if partner[index] >= 0 {
        let inner = groupWidth(index)
        if inner < 0 { return -1 }
        width += inner
        index = partner[index]
      } else {
        width += text(index).count
      }
      index += 1
    }
    return width
  }

  /// Width of what must follow a bracketed part on its line: up to the next bracket or place to break.
  private func tailWidth(after close: Int, in range: Range<Int>) -> Int {
    var width = 1
    var index = close + 1
    while index < range.upperBound, !keepsBreak(before: index), commentRange(before: index).isEmpty {
      if tokens[index - 1].kind == .symbol(.comma) { return width }
      width += (needsSpace(before: index) ? 1 : 0) + text(index).count
      if partner[index] >= 0 { return width }
      index += 1
    }
    return width
  }

  /// Width of tokens on one line; brackets do not occur in them.
  private func flatWidth(_ range: Range<Int>) -> Int {
    range.reduce(0) { width, index in
      width + text(index).count + (index > range.lowerBound && needsSpace(before: index) ? 1 : 0)
    }
  }
}

// MARK: - Lines

extension CellPrinter {
  private mutating func write(_ text: String) {
    output += text
    column += text.count
  }

  private mutating func startLine(level newLevel: Int) {
    level = newLevel
    beginsPart = false
    endsWithComment = false
    if !output.isEmpty { output += "\n" }
    let blanks = margin + String(repeating: "  ", count: newLevel)
    output += blanks
    column = blanks.count
  }

  /// Begins a line for what stands at `offset`, after an empty one if one was there and it is not the first of its part.
  private mutating func breakLine(keepingBlankBefore offset: Int, level: Int) {
    if !beginsPart, hasBlankLine(before: offset) { output += "\n" }
    startLine(level: level)
  }

  /// Whether at least one empty line stands directly before the line of `offset`.
  private func hasBlankLine(before offset: Int) -> Bool {
    let line = document.lineIndex(of: offset)
    guard line > 0 else { return false }
    return document.lineText(line).allSatisfy { $0 == " " || $0 == "\t" }
  }
}
