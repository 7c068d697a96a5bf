/// Finds a document's cells: fenced code blocks at the document's margin whose first word is `recipe` or `sql`.
///
/// Follows CommonMark: a fence is at least three backticks or tildes, indented by at most three spaces; it is closed by one of the
/// same character, at least as long, with nothing behind it. Other fences are skipped whole, so that an example of a cell inside a longer fence is
/// prose.
struct CellScanner {
  let document: Int
  let bytes: [UInt8]
  let lineStarts: [Int]

  private struct Fence {
    var character: UInt8
    var length: Int
    var indentation: Int
    /// The text behind an opening fence.
    var heading: Range<Int>
  }

  init(document: Int, bytes: [UInt8], lineStarts: [Int]) {
    self.document = document
    self.bytes = bytes
    self.lineStarts = lineStarts
  }

  mutating func scan(_ diagnostics: inout Diagnostics) -> [Cell] {
    var cells: [Cell] = []
    var queries: [String: Span] = [:]
    var line = 0
    while line < lineStarts.count {
      guard let fence = fence(at: line) else {
        warnOfNestedCell(at: line, &diagnostics)
        line += 1
        continue
      }
      let close = closingLine(of: fence, after: line)
      if let kind = kind(of: fence, &diagnostics, &queries) {
        guard let close else {
          diagnostics.append(
            Diagnostic(
              DocumentCode.unclosedCell, "the cell is never closed", at: span(trimmed(line)),
              remedy:
                "close it with \(String(repeating: Character(UnicodeScalar(fence.character)), count: fence.length)) on a line of its own"
            ))
          return cells
        }
        let end = trimmed(close).upperBound
        let next = close + 1 < lineStarts.count ? lineStarts[close + 1] : bytes.count
        let content = lineStarts[line + 1]..<lineStarts[close]
        cells.append(
          Cell(
            kind: kind, span: span(lineStarts[line] + fence.indentation..<end), content: span(content),
            insertionPoint: next, indentation: fence.indentation))
      }
      line = (close ?? lineStarts.count) + 1
    }
    return cells
  }

  private func span(_ range: Range<Int>) -> Span {
    Span(document: document, start: range.lowerBound, end: range.upperBound)
  }

  /// A line without its ending and without blanks at its end.
  private func trimmed(_ line: Int) -> Range<Int> {
    var end = line + 1 < lineStarts.count ? lineStarts[line + 1] : bytes.count
    while end > lineStarts[line],
      [ASCII.newline, ASCII.carriageReturn, ASCII.space, ASCII.tab].contains(bytes[end - 1])
    {
      end -= 1
    }
    return lineStarts[line]..<end
  }

  private func fence(at line: Int) -> Fence? {
    let range = trimmed(line)
    var at = range.lowerBound
    if at == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    let margin = at
    while at < range.upperBound, bytes[at] == ASCII.space { at += 1 }
    let indentation = at - margin
    guard indentation <= 3, at < range.upperBound else { return nil }
    let character = bytes[at]
    guard character == ASCII.backtick || character == ASCII.tilde else { return nil }
    let start = at
    while at < range.upperBound, bytes[at] == character { at += 1 }
    guard at - start >= 3 else { return nil }
    let length = at - start
    while at < range.upperBound, bytes[at] == ASCII.space || bytes[at] == ASCII.tab { at += 1 }
    let heading = at..<range.upperBound
    // The heading of a backtick fence holds no backtick: that would be code within a line.
    if character == ASCII.backtick, bytes[heading].contains(ASCII.backtick) { return nil }
    return Fence(character: character, length: length, indentation: indentation, heading: heading)
  }

  private func closingLine(of opening: Fence, after line: Int) -> Int? {
    for candidate in (line + 1)..<max(line + 1, lineStarts.count) {
      guard let fence = fence(at: candidate) else { continue }
      if fence.character == opening.character, fence.length >= opening.length, fence.heading.isEmpty {
        return candidate
      }
    }
    return nil
  }

  private func words(_ range: Range<Int>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var at = range.lowerBound
    while at < range.upperBound {
      let start = at
      while at < range.upperBound, bytes[at] != ASCII.space, bytes[at] != ASCII.tab { at += 1 }
      if at > start { result.append(start..<at) }
      at += 1
    }
    return result
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// What kind of cell a fence opens; `nil` for prose.
  private func kind(
    of fence: Fence, _ diagnostics: inout Diagnostics, _ queries: inout [String: Span]
  ) -> Cell.Kind? {
    let words = words(fence.heading)
    guard let first = words.first else { return nil }
    switch text(first) {
    case "recipe":
      if words.count > 1 {
        diagnostics.append(
          Diagnostic(
            DocumentCode.badCellHeading, "a recipe cell has no name",
            at: span(words[1].lowerBound..<fence.heading.upperBound),
            expected: "the end of the line", remedy: "remove it"))
      }
      return .recipe
    case "sql":
      guard words.count == 2, isName(text(words[1])) else {
        let place = words.count > 1 ? words[1].lowerBound..<fence.heading.upperBound : first
        diagnostics.append(
          Diagnostic(
            DocumentCode.badCellHeading, "a sql cell needs a name", at: span(place),
            expected: "`sql` and one name of letters, digits and `_`",
            remedy: "write `sql best_filters`, for instance"))
        return nil
      }
      let name = Name(text(words[1]), span: span(words[1]))
      if let firstPlace = queries[name.text] {
        diagnostics.append(
          Diagnostic(
            DocumentCode.duplicateQuery, "two queries are named `\(name.text)`", at: name.span,
            related: [Diagnostic.Label("the first", at: firstPlace)], remedy: "rename one of them"))
      } else {
        queries[name.text] = name.span
      }
      return .query(name: name)
    case let word
    where word.lowercased() == "recipe" || ["recipes", "recpie", "receipe", "reciepe"].contains(word):
      diagnostics.append(
        Diagnostic(
          DocumentCode.misspelledCell, "this block is not run", at: span(first),
          label: "cells begin with `recipe`", remedy: "write `recipe` if it should run"))
      return nil
    default: return nil
    }
  }

  private func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, ASCII.isNameStart(first) else { return false }
    return text.utf8.allSatisfy(ASCII.isNamePart)
  }

  /// A fence further from the margin, or in a quotation, is no cell; whoever wrote `recipe` there may think so.
  private func warnOfNestedCell(at line: Int, _ diagnostics: inout Diagnostics) {
    let range = trimmed(line)
    var at = range.lowerBound
    while at < range.upperBound, [ASCII.space, ASCII.tab, UInt8(ascii: ">")].contains(bytes[at]) { at += 1 }
    guard at > range.lowerBound, range.upperBound - at >= 9 else { return }
    let heading = text(at..<range.upperBound)
    guard heading == "```recipe" || heading == "~~~recipe" || heading == "``` recipe" else { return }
    diagnostics.append(
      Diagnostic(
        DocumentCode.nestedCell, "this block is not run", at: span(at..<range.upperBound),
        label: "it lies inside another block", remedy: "move it to the document's margin if it should run"))
  }
}
