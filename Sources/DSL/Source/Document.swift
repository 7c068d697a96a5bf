/// One Markdown file: its bytes, its lines, and its cells.
///
/// The bytes are kept exactly as read, so that an offset found by any pass is an offset into the file and
/// whatever is not a cell can be written back unchanged.
package struct Document: Sendable {
  /// Index of the document in its `Sources`; 0 is the document asked for.
  package let index: Int
  /// The path under which the reader found it; two imports with one canonical path are one document.
  package let path: String
  package let bytes: [UInt8]
  /// The `recipe` and `sql` cells in the document's order. Empty when the bytes are not UTF-8.
  package let cells: [Cell]
  /// Whether every cell could be read; if not, names that seem unknown may be defined there.
  package let isWhole: Bool
  /// Offset of the first byte of each line; there is always at least one line.
  let lineStarts: [Int]

  /// Reads a document's structure from any bytes; what is wrong with it is added to `diagnostics`.
  package init(index: Int, path: String, bytes: [UInt8], diagnostics: inout Diagnostics) {
    self.index = index
    self.path = path
    self.bytes = bytes
    lineStarts = Document.lineStarts(of: bytes)
    if let offset = firstInvalidUTF8(in: bytes) {
      diagnostics.append(
        Diagnostic(
          DocumentCode.invalidUTF8, "the file is not UTF-8 text",
          at: Span(document: index, start: offset, end: offset + 1),
          label: "byte 0x\(hexadecimal(bytes[offset])) at offset \(offset) begins no character",
          remedy: "save the file with the encoding UTF-8"))
      cells = []
      isWhole = false
      return
    }
    var scanner = CellScanner(document: index, bytes: bytes, lineStarts: lineStarts)
    cells = scanner.scan(&diagnostics)
    isWhole = !scanner.hasUnclosedCell
  }

  package var lineCount: Int { lineStarts.count }

  /// The text of a stretch of this document; bytes that are not UTF-8 become U+FFFD.
  package func text(_ span: Span) -> String {
    text(span.start..<span.end)
  }

  /// Line and column of a byte offset, both from 1; columns count characters. Offsets outside the text are moved into it.
  package func location(of offset: Int) -> Location {
    let offset = max(0, min(offset, bytes.count))
    let line = lineIndex(of: offset)
    let column = text(lineStarts[line]..<offset).count + 1
    return Location(line: line + 1, column: column)
  }

  /// The bytes of a line (from 1), without its line ending.
  package func lineRange(_ line: Int) -> Range<Int> {
    let start = lineStarts[line - 1]
    var end = line < lineStarts.count ? lineStarts[line] : bytes.count
    while end > start, bytes[end - 1] == ASCII.newline || bytes[end - 1] == ASCII.carriageReturn {
      end -= 1
    }
    return start..<end
  }

  /// A line (from 1) as text, without its line ending.
  package func lineText(_ line: Int) -> String { text(lineRange(line)) }

  func text(_ range: Range<Int>) -> String {
    let range = range.clamped(to: 0..<bytes.count)
    return String(decoding: bytes[range], as: UTF8.self)
  }

  /// Index (from 0) of the line that holds a byte.
  func lineIndex(of offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// Lines end with LF, CR LF or a lone CR, as in CommonMark.
  private static func lineStarts(of bytes: [UInt8]) -> [Int] {
    var starts = [0]
    var offset = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte == ASCII.carriageReturn, offset < bytes.count, bytes[offset] == ASCII.newline {
        offset += 1
      }
      if byte == ASCII.newline || byte == ASCII.carriageReturn { starts.append(offset) }
    }
    return starts
  }
}

/// A place as an editor shows it: line and column from 1.
package struct Location: Hashable, Sendable {
  package var line: Int
  /// Counts characters, not bytes.
  package var column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// Offset of the first byte that is not part of well-formed UTF-8 (Unicode 16, table 3-7), or `nil`.
func firstInvalidUTF8(in bytes: [UInt8]) -> Int? {
  var offset = 0
  while offset < bytes.count {
    let lead = bytes[offset]
    if lead < 0x80 {
      offset += 1
      continue
    }
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    case 0xF1...0xF3: length = 4
    default: return offset
    }
    guard offset + length <= bytes.count, second.contains(bytes[offset + 1]) else { return offset }
    for following in bytes[(offset + 2)..<(offset + length)] where following & 0xC0 != 0x80 {
      return offset
    }
    offset += length
  }
  return nil
}

private func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return digits.count < 2 ? "0" + digits : digits
}
