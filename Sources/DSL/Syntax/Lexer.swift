/// Turns the text of a cell into tokens and comments.
///
/// Never fails: what it cannot read is reported, and where the meaning is plain (`&&`, `;`, `'text'`) the token that
/// was meant goes to the parser, so that one slip gives one error.
struct Lexer {
  let document: Document
  let limit: Int
  var position: Int
  var tokens: [Token] = []
  var comments: [Comment] = []
  var diagnostics = Diagnostics()
  private var atLineStart = true

  init(document: Document, content: Span) {
    self.document = document
    position = content.start
    limit = content.end
  }

  /// Reads the whole cell; the last token is `.end`.
  mutating func run() {
    while position < limit {
      let byte = document.bytes[position]
      switch byte {
      case ASCII.newline, ASCII.carriageReturn:
        position += 1
        atLineStart = true
      case ASCII.space, ASCII.tab: position += 1
      case ASCII.slash where peek(1) == ASCII.slash: comment()
      case ASCII.quote: string(closing: [ASCII.quote])
      case _ where ASCII.isDigit(byte): number()
      case _ where ASCII.isNameStart(byte): word()
      default: if byte < 0x80 { symbol() } else { nonASCII() }
      }
    }
    atLineStart = true
    add(.end, from: limit)
  }

  /// The byte `offset` places ahead, or 0 at the end of the cell.
  func peek(_ offset: Int) -> UInt8 {
    position + offset < limit ? document.bytes[position + offset] : 0
  }

  /// Adds a token that ends at the current position.
  mutating func add(_ kind: Token.Kind, from start: Int) {
    tokens.append(
      Token(
        kind: kind, start: start, end: position, startsLine: atLineStart,
        commentsBefore: comments.count))
    atLineStart = false
  }

  func span(from start: Int) -> Span { Span(document: document.index, start: start, end: position) }

  mutating func report(
    _ code: SyntaxCode, _ message: String, from start: Int, label: String? = nil, remedy: String?
  ) {
    diagnostics.append(
      Diagnostic(code, message, at: span(from: start), label: label, remedy: remedy))
  }

  private mutating func comment() {
    let start = position
    skipLine()
    let slashes = document.bytes[start..<position].prefix { $0 == ASCII.slash }.count
    comments.append(
      Comment(
        start: start, end: position, isDocumentation: slashes == 3, startsLine: atLineStart))
  }

  private mutating func skipLine() {
    while position < limit, document.bytes[position] != ASCII.newline,
      document.bytes[position] != ASCII.carriageReturn
    {
      position += 1
    }
  }

  private mutating func word() {
    let start = position
    var isPlain = true
    while position < limit {
      let byte = document.bytes[position]
      if ASCII.isNamePart(byte) {
        position += 1
      } else if byte >= 0x80, let scalar = scalar(at: position), scalar.properties.isAlphabetic {
        position += UTF8.width(scalar)
        isPlain = false
      } else {
        break
      }
    }
    let text = document.text(start..<position)
    if !isPlain {
      report(
        .unexpectedCharacter, "a name is made of the letters a to z, digits and `_`", from: start,
        label: "this name has other letters", remedy: "spell the name in plain letters")
      return add(.name(text), from: start)
    }
    if let keyword = Keyword(rawValue: text) {
      add(.keyword(keyword), from: start)
    } else if ReservedWord.remedy(text) != nil {
      add(.reserved(text), from: start)
    } else {
      add(.name(text), from: start)
    }
  }

  private mutating func symbol() {
    let start = position
    for length in [3, 2, 1] where start + length <= limit {
      let text = document.text(start..<(start + length))
      if let symbol = Symbol(rawValue: text) {
        position += length
        if symbol == .range, peek(0) == ASCII.dot {
          while peek(0) == ASCII.dot { position += 1 }
          report(.foreignSpelling, "a range has three dots", from: start, remedy: "write `...`")
        }
        return add(.symbol(symbol), from: start)
      }
      if let foreign = ForeignSpelling.table[text] {
        position += length
        return add(foreign, text: text, from: start)
      }
    }
    if document.bytes[start] == ASCII.apostrophe {
      return string(closing: [ASCII.apostrophe])
    }
    position += 1
    let byte = document.bytes[start]
    let shown = byte < 0x20 || byte == 0x7F ? "a control character" : "`\(document.text(start..<position))`"
    report(
      .unexpectedCharacter, "\(shown) has no meaning here", from: start, remedy: "remove it")
    add(.invalid, from: start)
  }

  /// Reports a spelling of another language and goes on with what it means here.
  private mutating func add(_ foreign: ForeignSpelling, text: String, from start: Int) {
    let skipsLine = foreign.meaning == .comment
    if skipsLine { skipLine() }
    diagnostics.append(
      Diagnostic(
        SyntaxCode.foreignSpelling, "`\(text)` is not written here",
        at: Span(document: document.index, start: start, end: start + text.utf8.count),
        remedy: foreign.remedy))
    switch foreign.meaning {
    case .token(let kind):
      add(kind, from: start)
      tokens[tokens.count - 1].isSupplied = true
    case .lineEnd: atLineStart = true
    case .comment:
      comments.append(
        Comment(start: start, end: position, isDocumentation: false, startsLine: atLineStart))
    case .nothing: add(.invalid, from: start)
    }
  }

  private mutating func nonASCII() {
    let start = position
    guard let scalar = scalar(at: start) else {
      position += 1
      return
    }
    if scalar.properties.isAlphabetic { return word() }
    position += UTF8.width(scalar)
    if let (text, closing) = ForeignSpelling.quotes[scalar] {
      position -= UTF8.width(scalar)
      report(
        .foreignSpelling, "\(text) do not delimit a string", from: start,
        remedy: "write \"…\" with plain double quotes")
      return string(closing: closing, opening: UTF8.width(scalar))
    }
    let text = String(Character(scalar))
    if scalar.properties.isWhitespace || scalar == "\u{FEFF}" || scalar == "\u{200B}" {
      let number = String(scalar.value, radix: 16, uppercase: true)
      report(
        .unexpectedCharacter, "an unusual blank, U+\(number)", from: start,
        remedy: "replace it with a plain space")
    } else if let foreign = ForeignSpelling.table[text] {
      add(foreign, text: text, from: start)
    } else {
      while let next = self.scalar(at: position), !next.isASCII, !next.properties.isAlphabetic,
        !next.properties.isWhitespace, ForeignSpelling.table[String(Character(next))] == nil,
        ForeignSpelling.quotes[next] == nil
      {
        position += UTF8.width(next)
      }
      report(
        .unexpectedCharacter, "`\(document.text(start..<position))` has no meaning here", from: start,
        remedy: "remove it, or put it between double quotes if it is text")
      add(.invalid, from: start)
    }
  }

  /// The character at an offset; the document is known to be well-formed UTF-8.
  func scalar(at offset: Int) -> Unicode.Scalar? {
    guard offset < limit else { return nil }
    var decoder = UTF8()
    var iterator = document.bytes[offset..<limit].makeIterator()
    if case .scalarValue(let scalar) = decoder.decode(&iterator) { return scalar }
    return nil
  }
}

/// What people write out of habit, with what it means here.
struct ForeignSpelling {
  enum Meaning: Equatable {
    case token(Token.Kind)
    /// The statement ends here.
    case lineEnd
    /// The rest of the line is a comment.
    case comment
    case nothing
  }
  var meaning: Meaning
  var remedy: String

  static let table: [String: ForeignSpelling] = [
    "&&": ForeignSpelling(meaning: .token(.keyword(.and)), remedy: "write `and`"),
    "||": ForeignSpelling(meaning: .token(.keyword(.or)), remedy: "write `or`"),
    "!": ForeignSpelling(meaning: .token(.keyword(.not)), remedy: "write `not`"),
    "===": ForeignSpelling(meaning: .token(.symbol(.equal)), remedy: "write `==`"),
    "<>": ForeignSpelling(meaning: .token(.symbol(.notEqual)), remedy: "write `!=`"),
    "=>": ForeignSpelling(
      meaning: .token(.symbol(.colon)), remedy: "write `>=` to compare, `:` after a case"),
    "->": ForeignSpelling(meaning: .nothing, remedy: "leave it out: a result's type follows from `return`"),
    "**": ForeignSpelling(meaning: .token(.symbol(.times)), remedy: "multiply, as in `x * x`"),
    "+=": ForeignSpelling(meaning: .token(.symbol(.assign)), remedy: "write `name = name + …`"),
    "-=": ForeignSpelling(meaning: .token(.symbol(.assign)), remedy: "write `name = name - …`"),
    ":=": ForeignSpelling(meaning: .token(.symbol(.assign)), remedy: "write `=`"),
    "..": ForeignSpelling(
      meaning: .token(.symbol(.range)), remedy: "write `...`; both ends belong to a range"),
    "..<": ForeignSpelling(
      meaning: .token(.symbol(.range)), remedy: "write `...`; both ends belong to a range"),
    "/*": ForeignSpelling(meaning: .comment, remedy: "begin each line of a comment with `//`"),
    "*/": ForeignSpelling(meaning: .comment, remedy: "begin each line of a comment with `//`"),
    "#": ForeignSpelling(meaning: .comment, remedy: "begin a comment with `//`"),
    ";": ForeignSpelling(meaning: .lineEnd, remedy: "end a statement with the line"),
    "−": ForeignSpelling(meaning: .token(.symbol(.minus)), remedy: "write `-`"),
    "–": ForeignSpelling(meaning: .token(.symbol(.minus)), remedy: "write `-`"),
    "×": ForeignSpelling(meaning: .token(.symbol(.times)), remedy: "write `*`"),
    "·": ForeignSpelling(meaning: .token(.symbol(.times)), remedy: "write `*`"),
    "÷": ForeignSpelling(meaning: .token(.symbol(.divide)), remedy: "write `/`"),
    "≤": ForeignSpelling(meaning: .token(.symbol(.lessOrEqual)), remedy: "write `<=`"),
    "≥": ForeignSpelling(meaning: .token(.symbol(.greaterOrEqual)), remedy: "write `>=`"),
    "≠": ForeignSpelling(meaning: .token(.symbol(.notEqual)), remedy: "write `!=`"),
    "…": ForeignSpelling(meaning: .token(.symbol(.range)), remedy: "write `...`"),
  ]

  /// Quotes that word processors make, with the bytes that may close them.
  static let quotes: [Unicode.Scalar: (name: String, closing: [UInt8])] = [
    "\u{201C}": ("curly quotes", Array("\u{201D}".utf8)),
    "\u{201D}": ("curly quotes", Array("\u{201D}".utf8)),
    "\u{201E}": ("curly quotes", Array("\u{201C}".utf8)),
    "\u{2018}": ("curly quotes", Array("\u{2019}".utf8)),
    "\u{2019}": ("curly quotes", Array("\u{2019}".utf8)),
  ]
}
