/// The tokens of an answer without what does not count: degree marks, units behind a quantity, a full stop.
struct MathNormalForm: Equatable {
  var tokens: [MathToken]

  /// A quantity longer than this (in UTF-8 bytes) is compared as text only.
  static let longest = 2000

  init(_ text: String, joinsThousands: Bool) {
    let all = Self.withMagnitudes(MathLexer.tokens(of: text, joinsThousands: joinsThousands))
    tokens = Self.numberInWords(all) ?? Self.withoutUnits(Self.withoutDegrees(all))
    while let last = tokens.last, last.isFinalMark { tokens.removeLast() }
    if tokens.first?.isSymbol("=") == true { tokens.removeFirst() }
  }

  /// The same for answers that differ in blanks, capitals, sizes and synonyms only.
  var spelling: [String] { tokens.normalSpelling }

  /// Whether no variable stands in capital and in small letters.
  var canFoldCase: Bool {
    let letters = Set(tokens.compactMap(\.foldableLetter))
    return Set(letters.map { $0.lowercased() }).count == letters.count
  }

  /// Makes variables small, as the papers' grader does; E and I stay, which would become numbers.
  mutating func foldCase() {
    for index in tokens.indices {
      if let letter = tokens[index].foldableLetter { tokens[index].kind = .letter(letter.lowercased()) }
    }
  }

  /// `2.5 million` is 2500000.
  private static func withMagnitudes(_ tokens: [MathToken]) -> [MathToken] {
    var kept: [MathToken] = []
    for token in tokens {
      if case .word(let word) = token.kind, let power = NumberWords.magnitudes[word],
        let last = kept.last, case .number(let digits) = last.kind
      {
        kept[kept.count - 1].kind = .number(NumberWords.scaled(digits, by: power))
      } else {
        kept.append(token)
      }
    }
    return kept
  }

  /// `twenty-one` is 21, where there is nothing else.
  private static func numberInWords(_ tokens: [MathToken]) -> [MathToken]? {
    let words = tokens.filter { !$0.isSymbol("-") }
    guard tokens.first?.isWord == true, words.allSatisfy(\.isWord),
      let value = NumberWords.value(of: words.map(\.spelling))
    else { return nil }
    return [MathToken(kind: .number(String(value)), isSpaced: false)]
  }

  /// `90^\circ`, `90^{\circ}` and `90\circ` are 90.
  private static func withoutDegrees(_ tokens: [MathToken]) -> [MathToken] {
    var kept: [MathToken] = []
    var skipsBrace = false
    for (index, token) in tokens.enumerated() {
      if skipsBrace, token.isSymbol("}") {
        skipsBrace = false
        continue
      }
      guard token.isCommand("circ") else {
        kept.append(token)
        continue
      }
      let isBraced =
        kept.last?.isSymbol("{") == true && index + 1 < tokens.count && tokens[index + 1].isSymbol("}")
        && kept.dropLast().last?.isSymbol("^") == true
      if isBraced {
        kept.removeLast(2)
        skipsBrace = true
      } else if kept.last?.isSymbol("^") == true {
        kept.removeLast()
      }
    }
    return kept
  }

  /// `or` and `and` between quantities are commas; words that end a quantity, with their powers and slashes, are its unit.
  private static func withoutUnits(_ tokens: [MathToken]) -> [MathToken] {
    var depth = 0
    var result: [MathToken] = []
    var part: [MathToken] = []
    for token in tokens {
      depth += token.nesting
      let isConjunction = token.kind == .word("or") || token.kind == .word("and")
      if depth == 0,
        token.isSymbol(",") || token.isSymbol(";") || (isConjunction && !part.allSatisfy(\.isWord))
      {
        result += withoutUnit(part)
        part = []
        if result.last?.isSymbol(",") != true {
          result.append(MathToken(kind: .symbol(","), isSpaced: false))
        }
      } else {
        part.append(token)
      }
    }
    let last = withoutUnit(part)
    if last.isEmpty, result.last?.isSymbol(",") == true { result.removeLast() }
    return result + last
  }

  private static func withoutUnit(_ part: [MathToken]) -> [MathToken] {
    var depth = 0
    var start: Int?
    for (index, token) in part.enumerated() {
      depth += token.nesting
      if start == nil, depth == 0, token.isWord, index > 0, part[index - 1].isQuantityEnd { start = index }
    }
    guard let start, part[start...].allSatisfy(\.isOfUnit) else { return part }
    // In `no solution` the first word was taken for two variables.
    if start > 1, part[..<start].allSatisfy(\.isLetters) { return part }
    return Array(part[..<start])
  }
}

extension Sequence<MathToken> {
  /// Every token in lower case, with letters and words that follow each other in one piece, since `No` may be a word or two variables.
  var normalSpelling: [String] {
    var pieces: [String] = []
    var isInWord = false
    for token in self {
      let spelling = token.spelling.lowercased()
      if token.isLetters, isInWord, let last = pieces.indices.last {
        pieces[last] += spelling
      } else {
        pieces.append(spelling)
      }
      isInWord = token.isLetters
    }
    return pieces
  }
}

extension MathToken {
  fileprivate var isLetters: Bool {
    if case .letter = kind { return true }
    return isWord
  }

  fileprivate var isFinalMark: Bool { isSymbol(".") || isSymbol(",") || isSymbol(";") || isCommand("\\") }

  fileprivate var foldableLetter: String? {
    switch kind {
    case .letter(let name): name == "E" || name == "I" ? nil : name
    case .word(let name): name.count == 1 && name != "E" && name != "I" ? name : nil
    default: nil
    }
  }

  /// Whether a quantity may end here, so that a word behind it is its unit.
  fileprivate var isQuantityEnd: Bool {
    switch kind {
    case .number, .letter, .symbol(")"), .symbol("}"), .symbol("]"), .command("pi"), .symbol("!"): true
    default: false
    }
  }

  /// Whether it may belong to a unit: `cm`, `m/s`, `inches^2`, `miles (per hour)`.
  fileprivate var isOfUnit: Bool {
    switch kind {
    case .word, .number, .letter: true
    case .symbol(let character): "^{}/().-'*".contains(character)
    default: false
    }
  }
}
