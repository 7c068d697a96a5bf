internal import Foundation

/// Normal forms of texts, as the papers' graders define them.
enum GradedText {
  /// Lower case, ASCII punctuation to blanks, the words a, an, the away, blanks squeezed (SQuAD).
  static func normalized(_ text: String) -> String { words(text.lowercased()).joined(separator: " ") }

  private static let punctuation = Set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

  private static func words(_ text: String) -> [String] {
    let blanked = String(text.map { punctuation.contains($0) ? " " : $0 })
    return blanked.split(whereSeparator: \.isWhitespace).map(String.init).filter {
      !["a", "an", "the"].contains($0)
    }
  }

  /// The tokens of `in_acc`: canonically decomposed, normalised, then runs of letters, digits and marks, or single other characters.
  static func tokens(_ text: String) -> [String] {
    let normal = words(text.decomposedStringWithCanonicalMapping.lowercased()).joined(separator: " ")
    var tokens: [String] = []
    var run = ""
    for scalar in normal.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
        .decimalNumber,
        .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark:
        run.unicodeScalars.append(scalar)
      case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control, .format, .surrogate, .privateUse,
        .unassigned:
        if !run.isEmpty { tokens.append(run) }
        run = ""
      default:
        if !run.isEmpty { tokens.append(run) }
        run = ""
        tokens.append(String(scalar))
      }
    }
    if !run.isEmpty { tokens.append(run) }
    return tokens
  }

  /// SQuAD's F1 of two texts' words; if either has none, 1 when both have none.
  static func f1(_ a: String, _ b: String) -> Float {
    let left = words(a.lowercased())
    let right = words(b.lowercased())
    if left.isEmpty || right.isEmpty { return left.isEmpty && right.isEmpty ? 1 : 0 }
    var remaining: [String: Int] = [:]
    for word in right { remaining[word, default: 0] += 1 }
    var common = 0
    for word in left where remaining[word, default: 0] > 0 {
      remaining[word, default: 0] -= 1
      common += 1
    }
    return 2 * Float(common) / Float(left.count + right.count)
  }

  /// The last number in a text: digits with an optional sign, point and thousands commas.
  static func lastNumber(_ text: String) -> Double? {
    let letters = Array(text.utf8)
    var end = letters.count
    while end > 0 {
      guard isDigit(letters[end - 1]) else {
        end -= 1
        continue
      }
      var start = end
      while start > 0,
        isDigit(letters[start - 1]) || letters[start - 1] == UInt8(ascii: ",")
          || letters[start - 1] == UInt8(ascii: ".")
      {
        start -= 1
      }
      while start < end, !isDigit(letters[start]) { start += 1 }
      let isNegative =
        start > 0 && letters[start - 1] == UInt8(ascii: "-") && (start == 1 || !isDigit(letters[start - 2]))
      let digits = String(decoding: letters[start..<end].filter { $0 != UInt8(ascii: ",") }, as: UTF8.self)
      if let value = Double(digits) { return isNegative ? -value : value }
      end = start
    }
    return nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  /// A number without `.0`.
  static func shown(_ number: Double) -> String {
    if let whole = Int(exactly: number) { return String(whole) }
    return String(number)
  }
}
