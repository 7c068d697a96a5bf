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

  /// One diagnostic, its last line ended.
  package func render(_ diagnostic: Diagnostic) -> String {
    let color = diagnostic.severity == .error ? "1;31" : "1;33"
    let spans = [diagnostic.span] + diagnostic.related.map(\.span)
    let gutter = spans.map { String(location($0).line).count }.max() ?? 1
    var lines = [
      paint("\(diagnostic.severity.rawValue)[\(diagnostic.code)]", color) + ": " + shown(diagnostic.message)
    ]
    lines.append(blanks(gutter) + " " + shown(sources.place(diagnostic.span)))
    lines += excerpt(diagnostic.span, "^", diagnostic.caretText, color, gutter)
    for related in diagnostic.related {
      if related.span.document != diagnostic.span.document {
        lines.append(blanks(gutter) + " " + shown(sources.place(related.span)))
      }
      lines += excerpt(related.span, "-", related.text, "1;34", gutter)
    }
    if let remedy = diagnostic.remedy { lines.append(blanks(gutter) + " = " + shown(remedy)) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// All of them in order, an empty line between two.
  package func render(_ diagnostics: Diagnostics) -> String {
    diagnostics.sorted.map { render($0) }.joined(separator: "\n")
  }

  private func location(_ span: Span) -> Location {
    sources[span.document].location(of: span.start)
  }

  private func paint(_ text: String, _ code: String) -> String {
    usesColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  private func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }

  /// The line, and marks below the part that is meant; of a part over several lines its first.
  ///
  /// Of a very long line only the surroundings of the marks are shown.
  private func excerpt(
    _ span: Span, _ mark: Character, _ text: String, _ color: String, _ gutter: Int
  ) -> [String] {
    let document = sources[span.document]
    guard !document.bytes.isEmpty else { return text.isEmpty ? [] : [blanks(gutter) + " | " + shown(text)] }
    let line = location(span).line
    let range = document.lineRange(line)
    let start = min(max(span.start, range.lowerBound), range.upperBound)
    let end = min(max(span.end, start), range.upperBound)
    var before = document.text(range.lowerBound..<start)
    var meant = document.text(start..<end)
    var after = document.text(end..<range.upperBound)
    if before.count > 160 { before = "… " + before.suffix(80) }
    if meant.count > 160 { meant = meant.prefix(160) + "…" }
    if after.count > 160 { after = after.prefix(80) + " …" }
    let number = String(line)
    let marks = String(repeating: mark, count: max(1, TerminalWidth.of(meant)))
    let words = text.isEmpty ? "" : " " + shown(text)
    return [
      blanks(gutter) + " |",
      blanks(gutter - number.count) + number + " | " + shown(before + meant + after),
      blanks(gutter) + " | " + blanks(TerminalWidth.of(before)) + paint(marks + words, color),
    ]
  }

  /// Text as shown: tabs as blanks, other control characters as `?`, so that no document can steer a terminal.
  private func shown(_ text: String) -> String {
    var result = ""
    for character in text {
      if character == "\t" {
        result += blanks(TerminalWidth.tab)
      } else if let first = character.unicodeScalars.first, first.properties.generalCategory == .control {
        result += "?"
      } else {
        result.append(character)
      }
    }
    return result
  }
}
