internal import Foundation

/// Normal forms of texts, as the papers' graders define them (STaSC's `in_acc`, SQuAD's exact match and F1).
enum GradedText {
  /// Lower case, ASCII punctuation to blanks, the words a, an, the away, blanks squeezed (SQuAD).
  static func normalized(_ text: String) -> String { words(text).joined(separator: " ") }

  private static let punctuation = Set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".unicodeScalars)
  private static let articles: Set<String> = ["a", "an", "the"]

  /// What stands between blanks in the normal form.
  ///
  /// An article goes where it is a whole word: a run of letters, digits and marks. So `“the”` between curly quotes loses it,
  /// and `à`, also when decomposed, keeps its letter.
  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var run = ""
    func closeWord() {
      if !word.isEmpty { words.append(word) }
      word = ""
    }
    // An article becomes a blank: what stands before it and what follows are words of their own.
    func closeRun() {
      if articles.contains(run) { closeWord() } else { word += run }
      run = ""
    }
    for scalar in text.lowercased().unicodeScalars {
      if punctuation.contains(scalar) || scalar.properties.isWhitespace {
        closeRun()
        closeWord()
      } else if isOfWord(scalar) {
        run.unicodeScalars.append(scalar)
      } else {
        closeRun()
        word.unicodeScalars.append(scalar)
      }
    }
    closeRun()
    closeWord()
    return words
  }

  private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark:
      true
    default: false
    }
  }

  private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control, .format, .surrogate, .privateUse,
      .unassigned:
      true
    default: false
    }
  }

  /// The tokens of `in_acc`: canonically decomposed, normalised, then runs of letters, digits and marks, or single other characters.
  static func tokens(_ text: String) -> [String] {
    var tokens: [String] = []
    for word in words(text.decomposedStringWithCanonicalMapping) {
      var run = ""
      for scalar in word.unicodeScalars {
        if isOfWord(scalar) {
          run.unicodeScalars.append(scalar)
          continue
        }
        if !run.isEmpty { tokens.append(run) }
        run = ""
        if !isSeparator(scalar) { tokens.append(String(scalar)) }
      }
      if !run.isEmpty { tokens.append(run) }
    }
    return tokens
  }

  /// SQuAD's exact match: equal normal forms, scalar for scalar, so that `é` in one and in two scalars differ as in the papers' code.
  static func areEqual(_ a: String, _ b: String) -> Bool {
    normalized(a).unicodeScalars.elementsEqual(normalized(b).unicodeScalars)
  }

  /// SQuAD's F1 of two texts' words, compared scalar for scalar; if either has none, 1 when both have none.
  static func f1(_ a: String, _ b: String) -> Float {
    let left = words(a).map { Array($0.utf8) }
    let right = words(b).map { Array($0.utf8) }
    if left.isEmpty || right.isEmpty { return left.isEmpty && right.isEmpty ? 1 : 0 }
    var remaining: [[UInt8]: Int] = [:]
    for word in right { remaining[word, default: 0] += 1 }
    var common = 0
    for word in left where remaining[word, default: 0] > 0 {
      remaining[word, default: 0] -= 1
      common += 1
    }
    return 2 * Float(common) / Float(left.count + right.count)
  }

  /// A number without `.0`.
  static func shown(_ number: Double) -> String {
    if let whole = Int(exactly: number) { return String(whole) }
    return String(number)
  }
}
