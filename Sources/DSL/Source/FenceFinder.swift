/// A fenced code block of a document.
struct Fence {
  var character: UInt8
  var length: Int
  /// Blanks before the opening fence.
  var indentation: Int
  /// Line (from 0) of the opening fence.
  var line: Int
  /// Line of the closing fence; `nil` if the block runs to the end of what it is in.
  var closingLine: Int?
  /// The text behind the opening fence, without blanks around it.
  var heading: Range<Int>
  /// Inside a list item or a quotation.
  var isNested: Bool
}

/// Finds the fenced code blocks of a document as CommonMark 0.31 does.
///
/// That takes following its other blocks too, as far as they decide what a fence is: quotations and list items may hold or end
/// one, HTML blocks and indented code may show one that is none.
struct FenceFinder {
  private enum Container {
    case quotation
    /// A list item whose content is indented by so many columns.
    case item(Int)
  }
  private enum Leaf {
    case none
    case paragraph
    case fence(Fence)
    case html(HTMLBlock)
  }
  private let bytes: [UInt8]
  private let lines: [Range<Int>]
  private var containers: [Container] = []
  private var leaf = Leaf.none
  private(set) var fences: [Fence] = []
  /// Lines (as ranges of bytes) that look like a fence and lie in an HTML block or in indented code.
  private(set) var shownFences: [Range<Int>] = []

  /// `lines` are the lines of `bytes` without their endings.
  init(bytes: [UInt8], lines: [Range<Int>]) {
    self.bytes = bytes
    self.lines = lines
    for line in lines.indices { read(line) }
    if case .fence(let fence) = leaf { fences.append(fence) }
  }

  private mutating func read(_ line: Int) {
    var cursor = LineCursor(bytes: bytes, range: lines[line])
    if line == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { cursor.skipBytes(3) }
    var matched = 0
    while matched < containers.count, enter(containers[matched], &cursor) { matched += 1 }
    if continueLeaf(&cursor, line, areContainersMatched: matched == containers.count) { return }
    let isParagraphOpen = if case .paragraph = leaf { true } else { false }
    var hasNewContainer = false
    while !cursor.isBlank, cursor.indentation < 4 {
      let interrupts = isParagraphOpen && !hasNewContainer && matched == containers.count
      if cursor.next == UInt8(ascii: ">") {
        close(to: matched)
        cursor.skipQuotationMark()
        containers.append(.quotation)
      } else if let fence = cursor.fence(on: line, isNested: matched > 0) {
        close(to: matched)
        leaf = .fence(fence)
        return
      } else if let html = HTMLBlock(beginning: cursor.rest, canInterruptParagraph: interrupts) {
        close(to: matched)
        if !html.ends(with: cursor.rest) { leaf = .html(html) }
        return
      } else if cursor.isHeading || cursor.isThematicBreak || interrupts && cursor.isUnderline {
        close(to: matched)
        return
      } else if let width = cursor.listItem(interruptsParagraph: interrupts) {
        close(to: matched)
        containers.append(.item(width))
      } else {
        break
      }
      hasNewContainer = true
      matched = containers.count
    }
    if cursor.isBlank {
      close(to: matched)
    } else if hasNewContainer || !isParagraphOpen {
      close(to: matched)
      if cursor.indentation < 4 { leaf = .paragraph } else { noteShownFence(cursor) }
    }
    // What is left is a paragraph going on, perhaps lazily: outside the containers it began in.
  }

  private func enter(_ container: Container, _ cursor: inout LineCursor) -> Bool {
    switch container {
    case .quotation:
      guard cursor.indentation < 4, cursor.next == UInt8(ascii: ">") else { return false }
      cursor.skipQuotationMark()
      return true
    case .item(let width):
      if cursor.isBlank { return true }
      guard cursor.indentation >= width else { return false }
      cursor.skipColumns(width)
      return true
    }
  }

  /// Gives the line to an open fence or HTML block; false if it is not theirs.
  private mutating func continueLeaf(
    _ cursor: inout LineCursor, _ line: Int, areContainersMatched: Bool
  ) -> Bool {
    switch leaf {
    case .none, .paragraph: return false
    case .fence(var fence):
      guard areContainersMatched else { return false }
      if let closing = cursor.fence(on: line, isNested: false), closing.heading.isEmpty,
        closing.character == fence.character, closing.length >= fence.length
      {
        fence.closingLine = line
        fences.append(fence)
        leaf = .none
      }
      return true
    case .html(let html):
      guard areContainersMatched else { return false }
      noteShownFence(cursor)
      if html.endsAtBlankLine ? cursor.isBlank : html.ends(with: cursor.rest) { leaf = .none }
      return true
    }
  }

  private mutating func close(to count: Int) {
    if case .fence(let fence) = leaf { fences.append(fence) }
    leaf = .none
    containers.removeLast(containers.count - count)
  }

  private mutating func noteShownFence(_ cursor: LineCursor) {
    var inner = cursor
    inner.skipColumns(cursor.indentation)
    if let fence = inner.fence(on: 0, isNested: true), !fence.heading.isEmpty {
      shownFences.append(fence.heading)
    }
  }
}

/// A line being read from its left, in columns: a tab reaches to the next multiple of four.
private struct LineCursor {
  let bytes: [UInt8]
  var position: Int
  let end: Int
  private var column = 0
  /// Columns of a tab that are not used up yet.
  private var pending = 0

  init(bytes: [UInt8], range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// Columns of blanks before the next character.
  var indentation: Int {
    var at = position
    var reached = column + pending
    while at < end {
      if bytes[at] == ASCII.space {
        reached += 1
      } else if bytes[at] == ASCII.tab {
        reached += 4 - reached % 4
      } else {
        break
      }
      at += 1
    }
    return reached - column
  }

  /// Index of the next character that is not a blank.
  private var nextIndex: Int {
    var at = position
    while at < end, bytes[at] == ASCII.space || bytes[at] == ASCII.tab { at += 1 }
    return at
  }

  /// The next character that is not a blank; 0 at the end.
  var next: UInt8 { nextIndex < end ? bytes[nextIndex] : 0 }
  var isBlank: Bool { nextIndex == end }
  /// What is left, without blanks before it.
  var rest: ArraySlice<UInt8> { bytes[nextIndex..<end] }

  mutating func skipBytes(_ count: Int) { position = min(end, position + count) }

  mutating func skipColumns(_ count: Int) {
    var left = count
    while left > 0 {
      if pending == 0 {
        guard position < end, bytes[position] == ASCII.space || bytes[position] == ASCII.tab else {
          return
        }
        pending = bytes[position] == ASCII.tab ? 4 - column % 4 : 1
        position += 1
      }
      let used = min(left, pending)
      pending -= used
      column += used
      left -= used
    }
  }

  /// Skips characters that are not blanks.
  private mutating func skipCharacters(_ count: Int) {
    skipColumns(indentation)
    position += count
    column += count
  }

  /// Skips `>` and one blank.
  mutating func skipQuotationMark() {
    skipCharacters(1)
    skipColumns(1)
  }

  /// `# Heading`, with one to six signs.
  var isHeading: Bool {
    let signs = rest.prefix { $0 == UInt8(ascii: "#") }.count
    guard (1...6).contains(signs) else { return false }
    let after = rest.dropFirst(signs).first
    return after == nil || after == ASCII.space || after == ASCII.tab
  }

  /// `---`, `* * *`, `___`.
  var isThematicBreak: Bool {
    guard [UInt8(ascii: "-"), UInt8(ascii: "*"), ASCII.underscore].contains(next) else { return false }
    let marks = rest.filter { $0 != ASCII.space && $0 != ASCII.tab }
    return marks.count >= 3 && marks.allSatisfy { $0 == next }
  }

  /// `===` or `---` below a paragraph, which makes it a heading.
  var isUnderline: Bool {
    guard next == UInt8(ascii: "=") || next == UInt8(ascii: "-") else { return false }
    return rest.drop { $0 == next }.allSatisfy { $0 == ASCII.space || $0 == ASCII.tab }
  }

  /// Reads the mark of a list item; gives the columns by which its content is indented.
  mutating func listItem(interruptsParagraph: Bool) -> Int? {
    let text = rest
    var mark = 0
    var isOne = false
    if let first = text.first, [UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "*")].contains(first) {
      mark = 1
      isOne = true
    } else {
      let digits = text.prefix(while: ASCII.isDigit)
      guard (1...9).contains(digits.count), let close = text.dropFirst(digits.count).first,
        close == ASCII.dot || close == UInt8(ascii: ")")
      else { return nil }
      mark = digits.count + 1
      isOne = String(decoding: digits, as: UTF8.self) == "1"
    }
    var inside = self
    inside.skipCharacters(mark)
    let blanks = inside.indentation
    guard inside.isBlank || blanks > 0 else { return nil }
    if interruptsParagraph, inside.isBlank || !isOne { return nil }
    let padding = inside.isBlank || blanks > 4 ? 1 : blanks
    let width = indentation + mark + padding
    skipCharacters(mark)
    skipColumns(padding)
    return width
  }

  /// Reads an opening (or closing) fence.
  func fence(on line: Int, isNested: Bool) -> Fence? {
    guard indentation < 4, next == ASCII.backtick || next == ASCII.tilde else { return nil }
    let length = rest.prefix { $0 == next }.count
    guard length >= 3 else { return nil }
    var heading = rest.dropFirst(length)
    heading = heading.drop { $0 == ASCII.space || $0 == ASCII.tab }
    while let last = heading.last, last == ASCII.space || last == ASCII.tab { heading.removeLast() }
    if next == ASCII.backtick, heading.contains(ASCII.backtick) { return nil }
    return Fence(
      character: next, length: length, indentation: indentation, line: line,
      heading: heading.startIndex..<heading.endIndex, isNested: isNested)
  }
}
