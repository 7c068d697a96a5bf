/// One word of a recipe, with its place in the document.
struct Token {
  enum Kind: Hashable {
    case name(String)
    case keyword(Keyword)
    /// A word of other languages, kept free.
    case reserved(String)
    case integer(Int)
    case float(Double)
    case string(String)
    case symbol(Symbol)
    /// Text that was reported and has no meaning to go on with.
    case invalid
    /// After the last token of a cell.
    case end
  }
  var kind: Kind
  /// First byte, counted from the document's beginning.
  var start: Int
  /// One past the last byte.
  var end: Int
  /// No other token stands before it on its line.
  var startsLine: Bool
  /// How many comments of the cell stand before it.
  var commentsBefore: Int
  /// Not what the text says: a closing bracket that is missing, or what a foreign spelling meant. That has been reported,
  /// so an error at this token would be a second one.
  var isSupplied = false
}

/// A `//` or `///` comment.
struct Comment: Hashable {
  var start: Int
  var end: Int
  /// Begins with exactly three slashes: it documents what follows.
  var isDocumentation: Bool
  /// No token stands before it on its line.
  var startsLine: Bool
}

/// Words that cannot name anything.
enum Keyword: String, CaseIterable {
  case algorithm
  case function
  case study
  case table
  case plot
  case expect
  case show
  case `import`
  case `for`
  case `in`
  case match
  case `return`
  case log
  case vary
  case except
  case seeds
  case `where`
  case and
  case or
  case not
  case `true`
  case `false`

  /// Begins a statement that stands at the top of a document only.
  var beginsTopStatement: Bool {
    switch self {
    case .algorithm, .function, .study, .table, .plot, .expect, .show, .import: true
    default: false
    }
  }

  /// Begins a statement that stands in a body only.
  var beginsBodyStatement: Bool {
    switch self {
    case .for, .match, .return, .log: true
    default: false
    }
  }
}

enum Symbol: String, CaseIterable {
  case openParenthesis = "("
  case closeParenthesis = ")"
  case openBracket = "["
  case closeBracket = "]"
  case openBrace = "{"
  case closeBrace = "}"
  case comma = ","
  case colon = ":"
  case assign = "="
  case dot = "."
  case range = "..."
  case bar = "|"
  case plus = "+"
  case minus = "-"
  case times = "*"
  case divide = "/"
  case remainder = "%"
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="

  /// The closing bracket of an opening one.
  var closer: Symbol? {
    switch self {
    case .openParenthesis: .closeParenthesis
    case .openBracket: .closeBracket
    case .openBrace: .closeBrace
    default: nil
    }
  }

  var isCloser: Bool {
    self == .closeParenthesis || self == .closeBracket || self == .closeBrace
  }
}

extension Token.Kind {
  /// Continues the expression of the line before when it begins a line.
  var continuesLine: Bool {
    switch self {
    case .symbol(let symbol):
      switch symbol {
      case .dot, .range, .plus, .minus, .times, .divide, .remainder, .equal, .notEqual, .less,
        .lessOrEqual, .greater, .greaterOrEqual:
        true
      default: false
      }
    case .keyword(let keyword): keyword == .and || keyword == .or || keyword == .where
    default: false
    }
  }

  /// May begin an expression.
  var beginsExpression: Bool {
    switch self {
    case .name, .integer, .float, .string: true
    case .keyword(let keyword):
      keyword == .match || keyword == .not || keyword == .true || keyword == .false
    case .symbol(let symbol):
      symbol == .openParenthesis || symbol == .openBracket || symbol == .openBrace
        || symbol == .minus
    case .reserved, .invalid, .end: false
    }
  }
}

/// Words of other languages, each with what to write instead.
enum ReservedWord {
  static func remedy(_ word: String) -> String? {
    switch word {
    case "if", "else":
      "choose a value with `match`, filter rows with `where`"
    case "while":
      "repeat with `for n in 1...10 { … }`: how often is known before anything runs"
    case "let", "var":
      "write `name = value`, without `\(word)`"
    case "def":
      "write `function name(parameter: Type) { … }`"
    case "class":
      "group values in a record, `{ field: value }`; define steps with `function` or `algorithm`"
    default: nil
    }
  }
}
