/// A block of HTML in a Markdown document, of the seven kinds of CommonMark 0.31, section 4.6.
struct HTMLBlock {
  /// Texts one of which ends the block on its line, in lower case; empty where a blank line ends it.
  private let endings: [String]
  var endsAtBlankLine: Bool { endings.isEmpty }

  /// Looks whether a line, without blanks before it, begins a block.
  init?(beginning line: ArraySlice<UInt8>, canInterruptParagraph interrupts: Bool) {
    guard line.first == UInt8(ascii: "<") else { return nil }
    let text = String(decoding: line.prefix(400), as: UTF8.self).lowercased()
    if text.hasPrefix("<!--") {
      endings = ["-->"]
    } else if text.hasPrefix("<?") {
      endings = ["?>"]
    } else if text.hasPrefix("<![cdata[") {
      endings = ["]]>"]
    } else if text.hasPrefix("<!"), let letter = text.dropFirst(2).first, letter.isLetter {
      endings = [">"]
    } else if let name = HTMLBlock.tagName(text) {
      if HTMLBlock.verbatim.contains(name), !text.hasPrefix("</") {
        endings = HTMLBlock.verbatim.map { "</\($0)>" }
      } else if HTMLBlock.blocks.contains(name) {
        endings = []
      } else {
        guard !interrupts, HTMLBlock.isTagAlone(text) else { return nil }
        endings = []
      }
    } else {
      return nil
    }
  }

  /// Whether the block ends with this line.
  func ends(with line: ArraySlice<UInt8>) -> Bool {
    guard !endings.isEmpty, line.contains(UInt8(ascii: ">")) else { return false }
    let text = String(decoding: line, as: UTF8.self).lowercased()
    return endings.contains { text.contains($0) }
  }

  /// The name in `<name …` or `</name …`, if what follows it may follow.
  private static func tagName(_ text: String) -> String? {
    let inside = text.dropFirst(text.hasPrefix("</") ? 2 : 1)
    let name = inside.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    guard let first = name.first, first.isLetter else { return nil }
    let after = inside.dropFirst(name.count)
    let mayFollow = after.isEmpty || " \t>".contains(after[after.startIndex]) || after.hasPrefix("/>")
    return mayFollow ? String(name) : nil
  }

  /// Whether the line is one whole tag and nothing else.
  private static func isTagAlone(_ text: String) -> Bool {
    var quote: Character?
    for (offset, character) in text.enumerated() where offset > 0 {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == "<" {
        return false
      } else if character == ">" {
        return text.dropFirst(offset + 1).allSatisfy { $0 == " " || $0 == "\t" }
      }
    }
    return false
  }

  private static let verbatim = ["pre", "script", "style", "textarea"]

  private static let blocks: Set<String> = [
    "address", "article", "aside", "base", "basefont", "blockquote", "body", "caption", "center", "col",
    "colgroup", "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html",
    "iframe", "legend", "li", "link", "main", "menu", "menuitem", "nav", "noframes", "ol", "optgroup",
    "option",
    "p", "param", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title",
    "tr",
    "track", "ul",
  ]
}
