/// The classes of code points that tokenizers ask for. An invalid byte is in none.
///
/// The reference library's parts follow several versions of Unicode. A code point that came later than the version of a part is in
/// no class of it, so that the classes are the library's, whichever version this program is built with.
struct CodePointClass: OptionSet {
  let rawValue: UInt8

  /// `\p{L}`, Unicode 16 (Oniguruma).
  static let letter = Self(rawValue: 1)
  /// `\p{N}`, Unicode 16 (Oniguruma).
  static let number = Self(rawValue: 2)
  /// `\s`: White_Space.
  static let space = Self(rawValue: 4)
  /// `\p{M}`, Unicode 16 (Oniguruma).
  static let mark = Self(rawValue: 8)
  /// `\w` of UTS 18: letters, marks, decimal digits, connectors, joiners.
  static let word = Self(rawValue: 16)
  /// ASCII punctuation and `\p{P}`, Unicode 8, for the pre-tokenizer `Punctuation`.
  static let punctuation = Self(rawValue: 32)
  /// `\p{N}`, Unicode 17, for the pre-tokenizer `Digits`.
  static let digit = Self(rawValue: 64)
  /// Known to the normal forms, Unicode 11.
  static let normalizable = Self(rawValue: 128)

  init(rawValue: UInt8) { self.rawValue = rawValue }

  init(_ point: UInt32) {
    self = point < UInt32(Self.table.count) ? Self.table[Int(point)] : Self(computing: point)
  }

  /// The first planes, in which nearly all text is: looking a property up takes thirty times as long.
  private static let table = (0..<0x2_0000).map { Self(computing: UInt32($0)) }

  private init(computing point: UInt32) {
    self = []
    guard let scalar = Unicode.Scalar(point) else { return }
    let properties = scalar.properties
    let version = properties.age?.major ?? .max
    if properties.isWhitespace { insert(.space) }
    if properties.isAlphabetic || properties.isJoinControl { insert(.word) }
    if version <= 11 { insert(.normalizable) }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      if version <= 16 { insert(.letter) }
    case .decimalNumber, .letterNumber, .otherNumber:
      if version <= 16 { insert(.number) }
      if version <= 17 { insert(.digit) }
      if properties.generalCategory == .decimalNumber { insert(.word) }
    case .nonspacingMark, .spacingMark, .enclosingMark:
      insert(.word)
      if version <= 16 { insert(.mark) }
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      if version <= 8 { insert(.punctuation) }
      if properties.generalCategory == .connectorPunctuation { insert(.word) }
    default: break
    }
    // ASCII symbols, and two characters that were punctuation in Unicode 8.
    switch scalar {
    case "$", "+", "<", "=", ">", "^", "`", "|", "~", "\u{166d}", "\u{111c9}": insert(.punctuation)
    default: break
    }
  }
}
