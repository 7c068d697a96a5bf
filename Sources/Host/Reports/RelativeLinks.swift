/// Links of a document's prose, made to lead to the same files from the folder of its report.
///
/// Understands inline links and images `[…](path "title")`, `<path>` in them, and reference definitions `[name]: path`. What is not relative
/// (a scheme, `/`, `#`) and what stands in code stays as it is.
package enum RelativeLinks {
  /// The way from one folder to another, both relative to the same one: `../../recipes/`; `nil` if one lies elsewhere.
  package static func way(from: String, to: String) -> String? {
    guard !from.hasPrefix("/"), !to.hasPrefix("/") else { return nil }
    let source = from.split(separator: "/").filter { $0 != "." }
    let target = to.split(separator: "/").filter { $0 != "." }
    guard !source.contains(".."), !target.contains("..") else { return nil }
    let shared = zip(source, target).prefix { $0 == $1 }.count
    let steps =
      Array(repeating: "..", count: source.count - shared) + target.dropFirst(shared).map(String.init)
    return steps.map { $0 + "/" }.joined()
  }

  /// A document's text with `way` before each relative link.
  package static func rewritten(_ text: String, way: String) -> String {
    guard !way.isEmpty else { return text }
    var result = ""
    result.reserveCapacity(text.utf8.count + 64)
    var fence: Substring?
    // A line feed behind a carriage return is one character with it.
    let isLineEnd = { (character: Character) in character == "\n" || character == "\r\n" }
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: isLineEnd) {
      if line.startIndex != text.startIndex { result.append(text[text.index(before: line.startIndex)]) }
      let mark = self.fence(of: line)
      if let open = fence {
        if let mark, mark.first == open.first, mark.count >= open.count { fence = nil }
        result += line
      } else if let mark {
        fence = mark
        result += line
      } else {
        result += self.line(line, way)
      }
    }
    return result
  }

  /// The run of backticks or tildes that opens or closes a code block on this line.
  private static func fence(of line: Substring) -> Substring? {
    let content = line.drop { $0 == " " || $0 == ">" }
    guard let first = content.first, first == "`" || first == "~" else { return nil }
    let run = content.prefix { $0 == first }
    return run.count >= 3 ? run : nil
  }

  private static func line(_ line: Substring, _ way: String) -> String {
    var result = ""
    var rest = line
    let content = line.drop { $0 == " " }
    // [name]: path
    if content.hasPrefix("["), let end = content.firstIndex(of: "]"), content[end...].hasPrefix("]:") {
      let path = content[content.index(end, offsetBy: 2)...].drop { $0 == " " || $0 == "\t" }
      guard isRelative(path) else { return String(line) }
      return String(line[..<path.startIndex]) + opened(path, way)
    }
    while let next = rest.firstIndex(where: { $0 == "`" || $0 == "]" }) {
      result += rest[..<next]
      if rest[next] == "`" {
        let run = rest[next...].prefix { $0 == "`" }
        let after = rest[run.endIndex...]
        // Code ends at a run of the same length; without one, the backticks are text.
        guard let close = closing(run.count, in: after) else {
          result += run
          rest = after
          continue
        }
        result += rest[next..<close]
        rest = rest[close...]
        continue
      }
      let after = rest[rest.index(after: next)...]
      guard after.hasPrefix("("), isRelative(after.dropFirst()) else {
        result += "]"
        rest = after
        continue
      }
      result += "]("
      let path = after.dropFirst()
      if path.hasPrefix("<") {
        result += "<" + way
        rest = path.dropFirst()
      } else {
        result += way
        rest = path
      }
    }
    return result + rest
  }

  private static func opened(_ path: Substring, _ way: String) -> String {
    path.hasPrefix("<") ? "<" + way + path.dropFirst() : way + path
  }

  private static func closing(_ length: Int, in text: Substring) -> String.Index? {
    var rest = text
    while let start = rest.firstIndex(of: "`") {
      let run = rest[start...].prefix { $0 == "`" }
      if run.count == length { return run.endIndex }
      rest = rest[run.endIndex...]
    }
    return nil
  }

  /// Whether a link that begins so is relative to the document.
  private static func isRelative(_ link: Substring) -> Bool {
    let path = link.hasPrefix("<") ? link.dropFirst() : link
    guard let first = path.first, !"/#)>".contains(first), !first.isWhitespace else { return false }
    // A scheme is letters, digits, `+`, `-`, `.`, then a colon.
    let scheme = path.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
    return !path[scheme.endIndex...].hasPrefix(":")
  }
}
