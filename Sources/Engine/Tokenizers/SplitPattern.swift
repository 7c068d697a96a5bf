/// A regular expression of a pre-tokenizer, as a scanner written by hand.
///
/// Known by its exact text: an expression that looks alike may cut elsewhere.
enum SplitPattern: Hashable, Sendable {
  /// GPT-2 (Radford et al., 2019), and `ByteLevel` with its own expression.
  case gpt2
  /// Of cl100k, Llama 3, Qwen2 and their like: runs of at most `digits` digits; `marks` count as letters or do not.
  case words(digits: Int, marks: Bool)
  /// Runs of at most this many digits.
  case numbers(atMost: Int)
  /// One digit, for the pre-tokenizer `Digits`, which is no expression.
  case digit
  /// A text, as it is.
  case literal(CodePoints)

  static let gpt2Text = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
  static let llama3Text =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  static let qwen2Text =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  static let qwenMarksText =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// - Throws: `TokenizerError.unsupported` with the expression, if it is not known.
  init(expression: String) throws(TokenizerError) {
    switch expression {
    case Self.gpt2Text: self = .gpt2
    case Self.llama3Text: self = .words(digits: 3, marks: false)
    case Self.qwen2Text: self = .words(digits: 1, marks: false)
    case Self.qwenMarksText: self = .words(digits: 1, marks: true)
    case #"\p{N}"#: self = .numbers(atMost: 1)
    case #"\p{N}{1,3}"#: self = .numbers(atMost: 3)
    default:
      throw .unsupported(
        component: "pre-tokenizer pattern", found: expression.debugDescription,
        known: ["that of GPT-2", "of Llama 3", "of Qwen2", #"\p{N}"#, #"\p{N}{1,3}"#])
    }
  }

  /// The end of the match that begins here; `nil` if none does.
  func match(_ text: ArraySlice<UInt32>, at start: Int) -> Int? {
    switch self {
    case .gpt2: Self.gpt2Match(text, at: start)
    case .words(let digits, let marks):
      Self.wordMatch(text, at: start, digits: digits, letters: marks ? [.letter, .mark] : .letter)
    case .numbers(let most):
      Self.run(text, from: start, atMost: most) { CodePointClass($0).contains(.number) }
    case .digit: CodePointClass(text[start]).contains(.digit) ? start + 1 : nil
    case .literal(let content):
      !content.isEmpty && text[start...].starts(with: content) ? start + content.count : nil
    }
  }

  /// The end of the run from here of what a condition holds for; `nil` if it holds for nothing.
  private static func run(
    _ text: ArraySlice<UInt32>, from start: Int, atMost most: Int = .max, where condition: (UInt32) -> Bool
  ) -> Int? {
    var index = start
    while index < text.endIndex, index - start < most, condition(text[index]) { index += 1 }
    return index > start ? index : nil
  }

  private static func gpt2Match(_ text: ArraySlice<UInt32>, at start: Int) -> Int? {
    if let end = contraction(text, at: start, ignoringCase: false) { return end }
    let body = text[start] == space ? start + 1 : start
    for kind in [CodePointClass.letter, .number] {
      if let end = run(text, from: body, where: { CodePointClass($0).contains(kind) }) { return end }
    }
    let others: CodePointClass = [.letter, .number, .space]
    if let end = run(text, from: body, where: { CodePointClass($0).isDisjoint(with: others) }) { return end }
    return spaces(text, at: start)
  }

  private static func wordMatch(
    _ text: ArraySlice<UInt32>, at start: Int, digits: Int, letters: CodePointClass
  ) -> Int? {
    if let end = contraction(text, at: start, ignoringCase: true) { return end }
    let first = text[start]
    let isLetter = { (point: UInt32) in !CodePointClass(point).isDisjoint(with: letters) }
    if !isNewline(first), CodePointClass(first).isDisjoint(with: [.letter, .number]) {
      if let end = run(text, from: start + 1, where: isLetter) { return end }
    }
    if let end = run(text, from: start, where: isLetter) { return end }
    let number = run(text, from: start, atMost: digits) { CodePointClass($0).contains(.number) }
    if let number { return number }
    let others = letters.union([.letter, .number, .space])
    let body = first == space ? start + 1 : start
    if let end = run(text, from: body, where: { CodePointClass($0).isDisjoint(with: others) }) {
      return run(text, from: end, where: isNewline) ?? end
    }
    // `\s*[\r\n]+`: up to the last line break of the white space from here.
    guard let end = run(text, from: start, where: { CodePointClass($0).contains(.space) }) else { return nil }
    if let last = text[start..<end].lastIndex(where: isNewline) { return last + 1 }
    return spaces(text, at: start)
  }

  /// `\s+(?!\S)|\s+`: white space, but for its last character where something else follows.
  private static func spaces(_ text: ArraySlice<UInt32>, at start: Int) -> Int? {
    guard let end = run(text, from: start, where: { CodePointClass($0).contains(.space) }) else { return nil }
    return end == text.endIndex || end - start == 1 ? end : end - 1
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d`
  private static func contraction(_ text: ArraySlice<UInt32>, at start: Int, ignoringCase: Bool) -> Int? {
    guard text[start] == 0x27, start + 1 < text.endIndex else { return nil }
    let first = folded(text[start + 1], ignoringCase)
    switch first {
    case 0x73, 0x74, 0x6d, 0x64: return start + 2
    case 0x72, 0x76, 0x6c:
      guard start + 2 < text.endIndex else { return nil }
      return folded(text[start + 2], ignoringCase) == (first == 0x6c ? 0x6c : 0x65) ? start + 3 : nil
    default: return nil
    }
  }

  /// ASCII to lower case; U+017F folds to s too.
  private static func folded(_ point: UInt32, _ ignoringCase: Bool) -> UInt32 {
    guard ignoringCase else { return point }
    if point == 0x17f { return 0x73 }
    return point >= 0x41 && point <= 0x5a ? point | 0x20 : point
  }

  private static let space: UInt32 = 0x20

  private static func isNewline(_ point: UInt32) -> Bool { point == 0x0a || point == 0x0d }
}
