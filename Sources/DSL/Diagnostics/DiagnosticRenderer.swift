/// Words a diagnostic for a person: code and message, place, the line with carets, remedy.
///
///     error[E0301]: unknown name `improvng`
///       study.md:12:19
///        |
///     12 |   vary filter in [improvng, keep_correct]
///        |                   ^^^^^^^^ no case of `filter`: improving | non_decreasing | keep_correct
///        = did you mean `improving`?
package struct DiagnosticRenderer: Sendable {
  package let sources: Sources
  package let usesColor: Bool

  package init(sources: Sources, usesColor: Bool = false) {
    self.sources = sources
    self.usesColor = usesColor
  }

  package func render(_ diagnostic: Diagnostic) -> String {
    let isError = diagnostic.severity == .error
    var lines = [
      paint("\(isError ? "error" : "warning")[\(diagnostic.code)]", isError ? "1;31" : "1;33") + ": "
        + diagnostic.message
    ]
    lines += excerpt(diagnostic.span, mark: "^", text: diagnostic.caretText, color: isError ? "1;31" : "1;33")
    for related in diagnostic.related {
      lines += excerpt(related.span, mark: "-", text: related.text, color: "1;34")
    }
    if let remedy = diagnostic.remedy {
      let gutter = String(repeating: " ", count: gutterWidth(diagnostic.span))
      lines.append("\(gutter) = \(remedy)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func gutterWidth(_ span: Span) -> Int {
    String(sources[span.document].location(of: span.start).line).count
  }

  private func paint(_ text: String, _ code: String) -> String {
    usesColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  /// The place, the line, and marks below the part that is meant; of a part over several lines its first.
  private func excerpt(_ span: Span, mark: Character, text: String, color: String) -> [String] {
    let document = sources[span.document]
    let location = document.location(of: span.start)
    let range = document.lineRange(location.line)
    let number = String(location.line)
    let gutter = String(repeating: " ", count: number.count)
    let before = document.text(Span(document: span.document, start: range.lowerBound, end: span.start))
    let marked = document.text(
      Span(
        document: span.document, start: min(span.start, range.upperBound),
        end: max(span.start, min(span.end, range.upperBound))))
    let marks = String(repeating: mark, count: max(1, width(marked)))
    return [
      "\(gutter) \(sources.place(span))",
      "\(gutter) |",
      "\(number) | \(shown(document.lineText(location.line)))",
      "\(gutter) | \(String(repeating: " ", count: width(before)))\(paint(marks, color))\(text.isEmpty ? "" : " " + text)",
    ]
  }

  /// A line as shown: tabs as four spaces, other control characters as `?`.
  private func shown(_ text: String) -> String {
    var result = ""
    for character in text {
      if character == "\t" {
        result += "    "
      } else if let scalar = character.unicodeScalars.first, scalar.value < 32 || scalar.value == 127 {
        result += "?"
      } else {
        result.append(character)
      }
    }
    return result
  }

  /// How many columns of a terminal a text takes: East Asian wide characters and emoji take two.
  private func width(_ text: String) -> Int {
    text.reduce(0) { total, character in
      guard let scalar = character.unicodeScalars.first else { return total }
      if character == "\t" { return total + 4 }
      switch scalar.value {
      case 0x0300...0x036F, 0x200B...0x200F, 0xFE00...0xFE0F: return total
      case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
        return total + 2
      default: return total + 1
      }
    }
  }
}
