internal import Foundation

/// Finds the answer in a text that solves a problem (`math_acc`).
///
/// The first of these that the text has:
/// 1. Minerva's sentence: what stands between the first `final answer is $` and the `$. I hope` behind it;
/// 2. the inside of the last `\boxed{…}` or `\fbox{…}`, braces balanced; without a brace what follows up to `$` or the line's end; never closed, all that follows;
/// 3. what follows the last of `final answer is`, `the answer is`, `final answer:` (capitals aside) and `####`: a formula between dollars or LaTeX's brackets in that
///    sentence, else the sentence;
/// 4. the whole text, if it is one line that is a formula, list, interval or the like without words;
/// 5. the last formula between dollars or LaTeX's brackets, if it is one without words;
/// 6. the last number, as ``NumericAnswer`` reads it;
/// 7. the whole text, if it is one line of at most 200 bytes.
///
/// A colon or asterisks in front, and full stops, slashes or asterisks at the end, do not belong to it. Line ends become blanks.
package enum MathAnswer {
  static let longestLine = 200

  /// The answer of a text; empty if it has none.
  package static func extracted(from text: String) -> String {
    cleaned(marked(text) ?? unmarked(text))
  }

  /// The answer that a gold text means: after `####` or in the last box where it is a whole solution, else all of it.
  package static func gold(_ text: String) -> String { cleaned(boxed(text) ?? solution(text) ?? text) }

  private static func solution(_ text: String) -> String? {
    text.range(of: "####", options: [.backwards, .literal]).map { String(text[$0.upperBound...]) }
  }

  private static func marked(_ text: String) -> String? { minerva(text) ?? boxed(text) ?? announced(text) }

  private static func unmarked(_ text: String) -> String {
    let whole = text.trimmingBlanks
    let isLine = whole.utf8.count <= longestLine && !whole.contains(where: \.isNewline)
    if isLine, isFormula(whole) { return whole }
    if let last = formulas(in: text).last, isFormula(last) { return last }
    if let number = NumericAnswer(in: text) { return number.shown }
    return isLine ? whole : ""
  }

  private static func minerva(_ text: String) -> String? {
    guard let start = text.range(of: "final answer is $", options: .literal),
      let end = text.range(of: "$. I hope", options: .literal, range: start.upperBound..<text.endIndex)
    else { return nil }
    return String(text[start.upperBound..<end.lowerBound])
  }

  private static func boxed(_ text: String) -> String? {
    let marks = ["\\boxed", "\\fbox", "boxed{"].compactMap {
      text.range(of: $0, options: [.backwards, .literal])
    }
    guard let mark = marks.max(by: { $0.lowerBound < $1.lowerBound }) else { return nil }
    let name = text[mark].hasSuffix("{") ? text.index(before: mark.upperBound) : mark.upperBound
    let rest = text[name...].drop { $0 == " " }
    guard rest.first == "{" else {
      return String(rest.prefix { $0 != "$" && !$0.isNewline })
    }
    var depth = 0
    var isEscaped = false
    for index in rest.indices {
      let character = rest[index]
      if !isEscaped {
        if character == "{" { depth += 1 }
        if character == "}" { depth -= 1 }
        if depth == 0 { return String(rest[rest.index(after: rest.startIndex)..<index]) }
      }
      isEscaped = character == "\\" && !isEscaped
    }
    return String(rest.dropFirst())
  }

  private static func announced(_ text: String) -> String? {
    let marks = ["final answer is", "he answer is", "final answer:", "####"].compactMap {
      text.range(of: $0, options: [.backwards, .caseInsensitive, .literal])
    }
    guard let mark = marks.max(by: { $0.upperBound < $1.upperBound }) else { return nil }
    let rest = text[mark.upperBound...].drop { $0.isWhitespace || $0 == ":" || $0 == "*" }
    if rest.hasPrefix("$") || rest.hasPrefix("\\(") || rest.hasPrefix("\\["),
      let formula = formulas(in: String(rest.prefix(4 * MathNormalForm.longest))).first
    {
      return formula
    }
    let line = rest.prefix { !$0.isNewline }
    let sentence = String(line.range(of: ". ", options: .literal).map { line[..<$0.lowerBound] } ?? line)
    return formulas(in: sentence).first ?? sentence
  }

  /// Whether a text is nothing but mathematics.
  private static func isFormula(_ text: String) -> Bool {
    guard text.utf8.count <= MathNormalForm.longest else { return false }
    let tokens = MathNormalForm(text, joinsThousands: true).tokens
    if tokens.isEmpty || tokens.contains(where: { $0.isWord && $0.spelling.count > 1 }) { return false }
    if case .text = MathValueReader.value(of: tokens) { return false }
    return true
  }

  /// What stands between `$`, `$$`, `\(` and `\)`, `\[` and `\]`, in order.
  private static func formulas(in text: String) -> [String] {
    var formulas: [String] = []
    var start: String.Index?
    var index = text.startIndex
    while index < text.endIndex {
      let next = text.index(after: index)
      switch text[index] {
      case "\\" where next < text.endIndex:
        let behind = text.index(after: next)
        if text[next] == "(" || text[next] == "[" { start = behind }
        if text[next] == ")" || text[next] == "]", let first = start {
          formulas.append(String(text[first..<index]))
          start = nil
        }
        index = behind
      case "$":
        var behind = next
        while behind < text.endIndex, text[behind] == "$" { behind = text.index(after: behind) }
        if let first = start {
          formulas.append(String(text[first..<index]))
          start = nil
        } else {
          start = behind
        }
        index = behind
      default: index = next
      }
    }
    return formulas
  }

  private static func cleaned(_ text: String) -> String {
    let line = String(text.map { $0.isNewline ? " " : $0 })
    let isBlank: (Character) -> Bool = { $0.isWhitespace || $0 == "*" }
    var rest = line.drop { isBlank($0) || $0 == ":" }
    while let last = rest.last, isBlank(last) || last == "." || last == "/" { rest.removeLast() }
    return String(rest)
  }
}
