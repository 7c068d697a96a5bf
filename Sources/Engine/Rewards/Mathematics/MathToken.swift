/// A piece of an answer written in LaTeX or as plain text.
struct MathToken: Equatable {
  enum Kind: Equatable {
    /// ASCII digits with at most one point inside; no needless zeros at the ends.
    case number(String)
    /// A variable.
    case letter(String)
    /// What a LaTeX command says, without its backslash, in one spelling for each meaning: `frac`, `pi`, `le`.
    case command(String)
    /// A word of ordinary text, in lower case.
    case word(String)
    /// One other character.
    case symbol(Character)
    /// The beginning or the end of a matrix.
    case matrix(isStart: Bool)
  }

  var kind: Kind
  /// Whether blanks stand before it in the source.
  var isSpaced: Bool

  /// How it is spelled in a normal form.
  var spelling: String {
    switch kind {
    case .number(let text), .letter(let text), .word(let text): text
    case .command(let name): "\\" + name
    case .symbol(let character): String(character)
    case .matrix(let isStart): isStart ? "\\begin" : "\\end"
    }
  }

  func isSymbol(_ character: Character) -> Bool { kind == .symbol(character) }
  func isCommand(_ name: String) -> Bool { kind == .command(name) }

  var isWord: Bool {
    if case .word = kind { return true }
    return false
  }

  var isNumber: Bool {
    if case .number = kind { return true }
    return false
  }

  /// The nesting that a bracket opens (1) or closes (-1).
  var nesting: Int {
    switch kind {
    case .symbol("("), .symbol("["), .symbol("{"), .command("{"), .matrix(true): 1
    case .symbol(")"), .symbol("]"), .symbol("}"), .command("}"), .matrix(false): -1
    default: 0
    }
  }
}

/// The words of the notation: one spelling for each meaning.
enum MathVocabulary {
  static let functions: Set<String> = [
    "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "log",
    "ln", "lg", "exp",
  ]

  static let greek: Set<String> = [
    "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "vartheta", "iota",
    "kappa",
    "lambda", "mu", "nu", "xi", "rho", "sigma", "tau", "upsilon", "phi", "varphi", "chi", "psi", "omega",
    "Gamma",
    "Delta", "Theta", "Lambda", "Xi", "Sigma", "Phi", "Psi", "Omega", "ell",
  ]

  /// Commands that only place or size what they stand before.
  static let ignored: Set<String> = [
    "left", "right", "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "displaystyle",
    "textstyle",
    "limits", "nolimits", "quad", "qquad", "thinspace", "mathbf", "mathit", "mathbb", "mathcal", "boldsymbol",
    "bm", "hline",
    "boxed", "fbox", "rm", "bf", "it",
  ]

  /// Commands whose argument is ordinary text.
  static let texts: Set<String> = [
    "text", "mbox", "textbf", "textit", "textrm", "texttt", "textnormal", "hbox", "mathrm", "mathsf",
    "operatorname",
  ]

  static let synonyms: [String: String] = [
    "dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "dbinom": "binom", "tbinom": "binom", "leq": "le",
    "leqslant": "le",
    "geq": "ge", "geqslant": "ge", "neq": "ne", "lt": "<", "gt": ">", "times": "*", "cdot": "*", "ast": "*",
    "div": "/",
    "lbrace": "{", "rbrace": "}", "lvert": "|", "rvert": "|", "vert": "|", "mid": "|", "lbrack": "[",
    "rbrack": "]",
    "lparen": "(", "rparen": ")", "langle": "(", "rangle": ")", "emptyset": "varnothing", "infinity": "infty",
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "inf": "infty", "oo": "infty", "bigcup": "cup",
    "land": "and",
    "lor": "or", "colon": ":", "imath": "i", "backslash": "setminus", "lg": "log", "degree": "circ",
    "degrees": "circ",
  ]

  /// Plain words that mean a command.
  static let plainCommands: Set<String> = [
    "pi", "sqrt", "infty", "infinity", "inf", "oo", "theta", "alpha", "beta", "pm",
  ]

  /// Two-letter units, which would otherwise be products of two variables.
  static let shortUnits: Set<String> = [
    "cm", "mm", "km", "ft", "kg", "mg", "ml", "lb", "oz", "hr", "yd", "mL", "cc",
  ]

  /// Letters that stand next to each other as a product, and not as a word, however many they are.
  static let productLetters = Set("abcxyz")

  /// Other characters and the ASCII they stand for.
  static let characters: [Character: String] = [
    "\u{2212}": "-", "\u{2013}": "-", "\u{D7}": "*", "\u{B7}": "*", "\u{22C5}": "*", "\u{F7}": "/",
    "\u{3C0}": "\\pi ",
    "\u{221E}": "\\infty ", "\u{221A}": "\\sqrt ", "\u{2264}": "\\le ", "\u{2265}": "\\ge ",
    "\u{2260}": "\\ne ", "\u{B0}": "",
    "\u{B2}": "^2", "\u{B3}": "^3", "\u{222A}": "\\cup ", "\u{2208}": "\\in ", "\u{B1}": "\\pm ",
    "\u{2205}": "\\varnothing ",
    "\u{3B8}": "\\theta ", "\u{20AC}": "", "\u{A3}": "", "\u{A0}": " ", "\u{200B}": "",
    "\u{BD}": "\\frac{1}{2}",
    "\u{BC}": "\\frac{1}{4}", "\u{BE}": "\\frac{3}{4}", "\u{2018}": "'", "\u{2019}": "'", "\u{201C}": "",
    "\u{201D}": "",
  ]
}
