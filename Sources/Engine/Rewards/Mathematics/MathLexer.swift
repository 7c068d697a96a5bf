/// Cuts an answer into tokens: one spelling for each meaning, placing and sizing commands, currency and percent signs away.
///
/// Linear in the text's length. Nothing is refused: what is unknown becomes a command or a symbol of its own.
struct MathLexer {
  /// Whether `1,234` outside brackets is one number; else its comma separates. `1{,}234` and `1,\!234` are always one.
  let joinsThousands: Bool

  private var characters: [Character] = []
  private var position = 0
  private var tokens: [MathToken] = []
  private var depth = 0
  private var isSpaced = false
  /// Where the braces of ordinary text end; inside, letters are words.
  private var textEnd: Int?
  /// Whether the ordinary text is a name of a function rather than a word (`\operatorname`, `\mathrm`).
  private var textIsName = false

  /// The tokens of an answer.
  static func tokens(of text: String, joinsThousands: Bool) -> [MathToken] {
    var lexer = MathLexer(joinsThousands: joinsThousands)
    for character in text {
      if let ascii = MathVocabulary.characters[character] {
        lexer.characters += Array(ascii)
      } else {
        lexer.characters.append(character)
      }
    }
    while lexer.position < lexer.characters.count { lexer.readOne() }
    return lexer.tokens
  }

  private init(joinsThousands: Bool) { self.joinsThousands = joinsThousands }

  private mutating func emit(_ kind: MathToken.Kind) {
    let token = MathToken(kind: kind, isSpaced: isSpaced)
    depth += token.nesting
    tokens.append(token)
    isSpaced = false
  }

  private func peek(_ offset: Int = 0) -> Character? {
    position + offset < characters.count ? characters[position + offset] : nil
  }

  private func isDigit(_ offset: Int = 0) -> Bool {
    guard let character = peek(offset), let value = character.asciiValue else { return false }
    return value >= UInt8(ascii: "0") && value <= UInt8(ascii: "9")
  }

  private mutating func readOne() {
    guard let character = peek() else { return }
    if position == textEnd {
      textEnd = nil
      position += 1
      isSpaced = true
    } else if character.isWhitespace || character == "~" {
      position += 1
      isSpaced = true
    } else if isDigit() || (character == "." && isDigit(1)) {
      readNumber()
    } else if character.isLetter {
      readLetters()
    } else if character == "\\" {
      readCommand()
    } else {
      readSymbol(character)
    }
  }

  private mutating func digits() -> String {
    var digits = ""
    while isDigit(), let digit = peek() {
      digits.append(digit)
      position += 1
    }
    return digits
  }

  private mutating func readNumber() {
    var whole = digits()
    if (1...3).contains(whole.count) {
      while let length = thousandsMark(), isDigit(length), isDigit(length + 1), isDigit(length + 2),
        !isDigit(length + 3)
      {
        position += length
        whole += digits()
      }
    }
    var decimals = ""
    if peek() == ".", isDigit(1) || peek(1) == "\\" {
      position += 1
      decimals = digits()
      if readPeriod(behind: whole, decimals) { return }
    }
    emit(.number(NumericAnswer(whole: whole, decimals: decimals, isNegative: false).digits ?? ""))
  }

  /// `0.1\overline{6}` as the reduced fraction that it is, where its digits fit a word.
  private mutating func readPeriod(behind whole: String, _ decimals: String) -> Bool {
    let command = Array("\\overline{")
    guard position + command.count <= characters.count,
      characters[position..<position + command.count].elementsEqual(command)
    else { return false }
    let start = position
    position += command.count
    let period = digits()
    guard peek() == "}", !period.isEmpty, (whole + decimals + period).count <= 15,
      let all = Int(whole + decimals + period), let fixed = Int("0" + whole + decimals)
    else {
      position = start
      return false
    }
    position += 1
    let nines = String(repeating: "9", count: period.count) + String(repeating: "0", count: decimals.count)
    var divisor = Int(nines) ?? 1
    var rest = all - fixed
    let (numerator, denominator) = (rest, divisor)
    while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
    emit(.symbol("("))
    emit(.number(String(numerator / divisor)))
    emit(.symbol("/"))
    emit(.number(String(denominator / divisor)))
    emit(.symbol(")"))
    return true
  }

  /// The length of a thousands comma that stands here.
  private func thousandsMark() -> Int? {
    if peek() == "{", peek(1) == ",", peek(2) == "}" { return 3 }
    if peek() == "\\", peek(1) == "," || peek(1) == "!" { return 2 }
    guard peek() == "," else { return nil }
    if peek(1) == "\\", peek(2) == "!" {
      var length = 3
      while peek(length) == " " { length += 1 }
      return length
    }
    return joinsThousands && depth == 0 ? 1 : nil
  }

  private mutating func readLetters() {
    var run = ""
    while let letter = peek(), letter.isLetter, position != textEnd {
      run.append(letter)
      position += 1
    }
    if textEnd != nil {
      if textIsName, MathVocabulary.functions.contains(run) { return emit(.command(canonical(run))) }
      return emit(.word(run.count == 1 ? run : run.lowercased()))
    }
    if MathVocabulary.functions.contains(run) || MathVocabulary.plainCommands.contains(run) {
      return emit(.command(canonical(run)))
    }
    if run.count > 2,
      let name = MathVocabulary.functions.first(where: { run.hasPrefix($0) && run.count == $0.count + 1 })
    {
      emit(.command(canonical(name)))
      return emit(.letter(String(run.suffix(1))))
    }
    if run == "or" { return emit(.word(run)) }
    let isProduct =
      run.count < 3
      ? !(MathVocabulary.shortUnits.contains(run) && tokens.last?.isNumber == true)
      : run.allSatisfy { MathVocabulary.productLetters.contains($0) }
    guard isProduct else { return emit(.word(run.lowercased())) }
    for letter in run { emit(.letter(String(letter))) }
  }

  private func canonical(_ name: String) -> String { MathVocabulary.synonyms[name] ?? name }
}

extension MathLexer {
  private mutating func readCommand() {
    position += 1
    guard let first = peek() else { return }
    guard first.isLetter, first.isASCII else {
      position += 1
      switch first {
      case "{", "}", "\\": emit(.command(String(first)))
      case "|": emit(.symbol("|"))
      // Spacing, escaped signs and the marks around formulas.
      default: isSpaced = true
      }
      return
    }
    var name = ""
    while let letter = peek(), letter.isLetter, letter.isASCII {
      name.append(letter)
      position += 1
    }
    if name == "begin" || name == "end" { return readEnvironment(isStart: name == "begin") }
    if MathVocabulary.texts.contains(name) {
      return beginText(isName: name == "operatorname" || name == "mathrm")
    }
    if MathVocabulary.ignored.contains(name) {
      // `\left.` and `\right.` are brackets that are not there.
      if name == "left" || name == "right", peek() == "." { position += 1 }
      isSpaced = true
      return
    }
    let meaning = canonical(name)
    if meaning == "and" || meaning == "or" {
      emit(.word(meaning))
    } else if meaning == "i" {
      emit(.letter(meaning))
    } else if meaning == "{" || meaning == "}" {
      emit(.command(meaning))
    } else if meaning.count == 1, let character = meaning.first, !character.isLetter {
      emit(.symbol(character))
    } else {
      emit(.command(meaning))
    }
  }

  /// After `\text`: its braces are taken away, its letters are words.
  private mutating func beginText(isName: Bool) {
    while peek() == " " { position += 1 }
    guard peek() == "{", textEnd == nil else { return }
    var nesting = 0
    for index in position..<characters.count {
      if characters[index] == "{" { nesting += 1 }
      if characters[index] == "}" { nesting -= 1 }
      if nesting == 0 {
        textEnd = index
        textIsName = isName
        break
      }
    }
    position += 1
    isSpaced = true
  }

  /// After `\begin` or `\end`: the name, and an array's column marks.
  private mutating func readEnvironment(isStart: Bool) {
    let name = group()
    if isStart, name == "array" || name == "tabular" { _ = group() }
    emit(.matrix(isStart: isStart))
  }

  private mutating func group() -> String {
    guard peek() == "{" else { return "" }
    var inside = ""
    position += 1
    while let character = peek(), character != "}" {
      inside.append(character)
      position += 1
    }
    position += 1
    return inside
  }

  private mutating func readSymbol(_ character: Character) {
    position += 1
    switch (character, peek()) {
    case ("$", _), ("%", _), ("\u{2063}", _): isSpaced = true
    case (".", let next) where next == nil || next?.isWhitespace == true: isSpaced = true
    case ("<", "="), (">", "="), ("!", "="):
      position += 1
      emit(.command(character == "<" ? "le" : character == ">" ? "ge" : "ne"))
    case ("*", "*"):
      position += 1
      emit(.symbol("^"))
    case ("=", "="):
      position += 1
      emit(.symbol("="))
    default: emit(.symbol(character))
    }
  }
}
