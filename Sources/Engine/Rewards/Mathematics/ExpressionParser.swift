/// Reads a formula by recursive descent, with a bound on depth; the productions stand above their methods.
struct ExpressionParser {
  /// Why a formula could not be read. The grader then compares texts, so nobody sees it but tests.
  enum Failure: Error, Equatable {
    case unexpected(String)
    case unfinished
    case tooDeep
  }

  /// How deep formulas may be nested.
  static let deepest = 48

  var tokens: [MathToken]
  var position = 0
  private var depth = 0
  /// How many absolute values are open: inside them a bar closes.
  var openBars = 0

  /// The formula that all tokens together make.
  static func expression(_ tokens: [MathToken]) throws(Failure) -> Expression {
    var parser = ExpressionParser(tokens: tokens)
    let expression = try parser.sum()
    guard parser.position == parser.tokens.count else { throw parser.unexpected() }
    return expression
  }

  private init(tokens: [MathToken]) { self.tokens = tokens }

  var next: MathToken? { position < tokens.count ? tokens[position] : nil }

  func unexpected() -> Failure { next.map { .unexpected($0.spelling) } ?? .unfinished }

  mutating func skip(_ character: Character) -> Bool {
    guard next?.isSymbol(character) == true else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Character) throws(Failure) {
    guard skip(character) else { throw unexpected() }
  }

  mutating func deeper<Result>(
    _ production: (inout Self) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard depth < Self.deepest else { throw .tooDeep }
    depth += 1
    defer { depth -= 1 }
    return try production(&self)
  }

  // sum = term { ("+" | "-") term }
  mutating func sum() throws(Failure) -> Expression {
    try deeper { parser throws(Failure) in
      var terms = [try parser.term()]
      while let token = parser.next, token.isSymbol("+") || token.isSymbol("-") {
        parser.position += 1
        let term = try parser.term()
        terms.append(token.isSymbol("-") ? .negation(term) : term)
      }
      return terms.count == 1 ? terms[0] : .sum(terms)
    }
  }

  // term = signed { "*" signed | "/" signed | implicit power }
  private mutating func term() throws(Failure) -> Expression {
    // A sign belongs to the whole product, so that -1/2 is the negated fraction.
    let isNegative = signs()
    var factors = [try power()]
    while let token = next {
      if token.isSymbol("*") {
        position += 1
        let isNegative = signs()
        let factor = try power()
        factors.append(isNegative ? .negation(factor) : factor)
      } else if token.isSymbol("/") {
        position += 1
        let isNegative = signs()
        let divisor = try power()
        let signed = isNegative ? Expression.negation(divisor) : divisor
        // a/b is a quotient, ab/c and a/b/c products with reciprocals: flat, however long.
        if factors.count == 1, !factors[0].isQuotient {
          factors = [.quotient(factors[0], signed)]
        } else {
          factors.append(.quotient(.number("1"), signed))
        }
      } else if startsFactor(token) {
        // `3 4` and `red blue` are no products.
        let last = tokens[position - 1]
        guard !(token.isNumber && last.isNumber), !(token.isWord && last.isWord) else { throw unexpected() }
        factors.append(try power())
      } else {
        break
      }
    }
    let product = factors.count == 1 ? factors[0] : .product(factors)
    return isNegative ? .negation(product) : product
  }

  /// Whether the signs that stand here, any number of them, make a negative.
  mutating func signs() -> Bool {
    var isNegative = false
    while let token = next, token.isSymbol("-") || token.isSymbol("+") {
      if token.isSymbol("-") { isNegative.toggle() }
      position += 1
    }
    return isNegative
  }

  /// Whether a factor may follow without a sign of multiplication.
  func startsFactor(_ token: MathToken) -> Bool {
    switch token.kind {
    case .number, .letter, .word: true
    case .symbol("("), .symbol("["), .symbol("{"): true
    case .symbol("|"): openBars == 0
    case .command(let name): Self.beginsFactor(name)
    default: false
    }
  }

  // power = postfix [ "^" exponent ]
  mutating func power() throws(Failure) -> Expression {
    let base = try postfix()
    guard skip("^") else { return base }
    let exponent = try exponent()
    return .power(base, exponent)
  }

  // exponent = "{" sum "}" | signs power
  mutating func exponent() throws(Failure) -> Expression {
    try deeper { parser throws(Failure) in
      let isNegative = parser.signs()
      let inner = try parser.power()
      return isNegative ? .negation(inner) : inner
    }
  }

  // postfix = primary { "!" }
  private mutating func postfix() throws(Failure) -> Expression {
    var inner = try deeper { parser throws(Failure) in try parser.primary() }
    var count = 0
    while skip("!") {
      count += 1
      // A factorial of a factorial of a factorial is too large for any number.
      guard count < 4 else { throw .tooDeep }
      inner = .function(.factorial, inner)
    }
    return inner
  }
}
