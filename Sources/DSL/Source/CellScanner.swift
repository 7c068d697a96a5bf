/// Tells which fenced blocks of a document are cells: those at its margin whose first word is `recipe` or `sql`.
struct CellScanner {
  let document: Int
  let bytes: [UInt8]
  let lineStarts: [Int]
  /// A recipe cell is not closed, so its statements are not read.
  private(set) var hasUnclosedCell = false
  /// Where each query's name stands.
  private var queries: [String: Span] = [:]

  init(document: Int, bytes: [UInt8], lineStarts: [Int]) {
    self.document = document
    self.bytes = bytes
    self.lineStarts = lineStarts
  }

  mutating func scan(_ diagnostics: inout Diagnostics) -> [Cell] {
    let lines = lineStarts.indices.map(lineRange)
    let finder = FenceFinder(bytes: bytes, lines: lines)
    for heading in finder.shownFences { warnIfShown(heading, &diagnostics) }
    var cells: [Cell] = []
    for fence in finder.fences {
      if fence.isNested {
        warnIfShown(fence.heading, &diagnostics)
      } else if let kind = kind(of: fence, &diagnostics) {
        guard let close = fence.closingLine else {
          diagnostics.append(unclosed(fence, lines[fence.line]))
          hasUnclosedCell = true
          continue
        }
        let next = close + 1 < lineStarts.count ? lineStarts[close + 1] : bytes.count
        cells.append(
          Cell(
            kind: kind, span: span(lines[fence.line].lowerBound..<lines[close].upperBound),
            content: span(lineStarts[fence.line + 1]..<lineStarts[close]), insertionPoint: next,
            indentation: fence.indentation))
      }
    }
    return cells
  }

  private func span(_ range: Range<Int>) -> Span {
    Span(document: document, start: range.lowerBound, end: range.upperBound)
  }

  /// A line (from 0) without its ending.
  private func lineRange(_ line: Int) -> Range<Int> {
    var end = line + 1 < lineStarts.count ? lineStarts[line + 1] : bytes.count
    while end > lineStarts[line],
      bytes[end - 1] == ASCII.newline || bytes[end - 1] == ASCII.carriageReturn
    {
      end -= 1
    }
    return lineStarts[line]..<end
  }

  private func unclosed(_ fence: Fence, _ line: Range<Int>) -> Diagnostic {
    let mark = String(repeating: fence.character == ASCII.tilde ? "~" : "`", count: fence.length)
    return Diagnostic(
      DocumentCode.unclosedCell, "the cell is never closed", at: span(line),
      remedy: "close it with \(mark) on a line of its own")
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// What kind of cell a fence opens; `nil` for prose.
  private mutating func kind(of fence: Fence, _ diagnostics: inout Diagnostics) -> Cell.Kind? {
    let words = words(fence.heading)
    guard let first = words.first else { return nil }
    let others = words.count > 1 ? words[1].lowerBound..<fence.heading.upperBound : first
    switch text(first) {
    case "recipe":
      if words.count > 1 {
        diagnostics.append(
          Diagnostic(
            DocumentCode.badCellHeading, "a recipe cell has no name", at: span(others),
            expected: "the end of the line", remedy: "remove it"))
      }
      return .recipe
    case "sql":
      guard words.count == 2, isName(text(words[1])) else {
        diagnostics.append(
          Diagnostic(
            DocumentCode.badCellHeading, "a sql cell needs a name", at: span(others),
            expected: "`sql` and one name of letters, digits and `_`",
            remedy: "write `sql best_filters`, for instance"))
        return nil
      }
      let name = Name(text(words[1]), span: span(words[1]))
      if let place = queries[name.text] {
        diagnostics.append(
          Diagnostic(
            DocumentCode.duplicateQuery, "two queries are named `\(name.text)`", at: name.span,
            related: [Diagnostic.Label("the first", at: place)], remedy: "rename one of them"))
      } else {
        queries[name.text] = name.span
      }
      return .query(name: name)
    case let word:
      if word.count <= 8, NearestName.find(word, in: ["recipe"]) != nil {
        diagnostics.append(
          Diagnostic(
            DocumentCode.misspelledCell, "this block is not run", at: span(first),
            label: "cells begin with `recipe`", remedy: "write `recipe` if it should run"))
      }
      return nil
    }
  }

  private func words(_ range: Range<Int>) -> [Range<Int>] {
    bytes[range].split { $0 == ASCII.space || $0 == ASCII.tab }.map { $0.startIndex..<$0.endIndex }
  }

  private func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, ASCII.isNameStart(first) else { return false }
    return text.utf8.allSatisfy(ASCII.isNamePart)
  }

  /// A fence that is shown rather than run is no cell; whoever wrote `recipe` behind it may think so.
  private func warnIfShown(_ heading: Range<Int>, _ diagnostics: inout Diagnostics) {
    guard text(heading) == "recipe" else { return }
    diagnostics.append(
      Diagnostic(
        DocumentCode.nestedCell, "this block is not run", at: span(heading),
        label: "it lies inside another block",
        remedy: "move it to the document's margin, after an empty line, if it should run"))
  }
}
