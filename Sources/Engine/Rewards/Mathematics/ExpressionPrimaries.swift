extension ExpressionParser {
  /// Whether a command begins a factor.
  static func beginsFactor(_ name: String) -> Bool {
    ["pi", "frac", "sqrt", "binom", "infty", "lfloor", "lceil", "overline", "bar"].contains(name)
      || MathVocabulary.functions.contains(name) || MathVocabulary.greek.contains(name)
  }

  // primary = number | letter | word | command | "(" sum ")" | "[" sum "]" | "{" sum "}" | "|" sum "|"
  mutating func primary() throws(Failure) -> Expression {
    guard let token = next else { throw .unfinished }
    position += 1
    switch token.kind {
    case .number(let digits): return try number(digits)
    case .letter(let name): return try symbol(name, isVariable: true)
    case .word(let name): return try symbol(name, isVariable: name.count == 1)
    case .command(let name): return try command(name)
    case .symbol("("): return try group(until: ")")
    case .symbol("["): return try group(until: "]")
    case .symbol("{"): return try group(until: "}")
    case .symbol("|"):
      openBars += 1
      let inner = try sum()
      try expect("|")
      openBars -= 1
      return .function(.absolute, inner)
    default:
      position -= 1
      throw unexpected()
    }
  }

  private mutating func group(until end: Character) throws(Failure) -> Expression {
    // Inside brackets a bar opens again.
    let outer = openBars
    openBars = 0
    let inner = try sum()
    openBars = outer
    try expect(end)
    return inner
  }

  /// A number, a numeral with a base (`52_8`), or a mixed number (`1\frac{4}{5}`, `1 4/5`).
  private mutating func number(_ digits: String) throws(Failure) -> Expression {
    if skip("_") { return .symbol(digits + "_" + (try index())) }
    let whole = Expression.number(digits)
    guard !digits.contains("."), let token = next else { return whole }
    if token.isCommand("frac"), isPlainFraction(at: position + 1) {
      position += 1
      return .sum([whole, try command("frac")])
    } else if case .number(let above) = token.kind, token.isSpaced, position + 2 < tokens.count,
      tokens[position + 1].isSymbol("/"), case .number(let below) = tokens[position + 2].kind
    {
      position += 3
      return .sum([whole, .quotient(.number(above), .number(below))])
    }
    return whole
  }

  /// Whether the arguments of `\frac` that start here are digits: looked up ahead, as trying and reading again would
  /// double the work at each level of nesting.
  private func isPlainFraction(at start: Int) -> Bool {
    var index = start
    for isFirst in [true, false] {
      guard index < tokens.count else { return false }
      if tokens[index].isSymbol("{") {
        guard index + 2 < tokens.count, tokens[index + 1].isNumber, tokens[index + 2].isSymbol("}") else {
          return false
        }
        index += 3
      } else {
        guard case .number(let digits) = tokens[index].kind else { return false }
        // Both arguments of `\frac12` are in one token.
        if isFirst, digits.count == 2, !digits.contains(".") { return true }
        index += 1
      }
    }
    return true
  }

  private mutating func symbol(_ name: String, isVariable: Bool) throws(Failure) -> Expression {
    if skip("_") { return .symbol(name + "_" + (try index())) }
    switch name {
    case "e": return .constant(.e)
    case "i": return .constant(.i)
    default: return .symbol(name)
    }
  }

  /// What stands below: one token, or tokens in braces, as they are spelled.
  private mutating func index() throws(Failure) -> String {
    guard skip("{") else {
      guard let token = next, token.nesting == 0 else { throw unexpected() }
      position += 1
      return token.spelling
    }
    var name = ""
    while let token = next, !token.isSymbol("}") {
      name += token.spelling
      position += 1
    }
    try expect("}")
    return name
  }

  private mutating func command(_ name: String) throws(Failure) -> Expression {
    switch name {
    case "pi": return .constant(.pi)
    case "infty": return .symbol("\\infty")
    case "frac":
      let above = try argument()
      return .quotient(above, try argument())
    case "binom":
      let above = try argument()
      return .binomial(above, try argument())
    case "sqrt":
      guard skip("[") else { return .root(.number("2"), try argument()) }
      let index = try sum()
      try expect("]")
      return .root(index, try argument())
    case "lfloor": return .function(.floor, try closed(by: "rfloor"))
    case "lceil": return .function(.ceiling, try closed(by: "rceil"))
    case "overline", "bar": return .function(.conjugate, try argument())
    default:
      if MathVocabulary.functions.contains(name) { return try function(name) }
      guard MathVocabulary.greek.contains(name) else {
        position -= 1
        throw unexpected()
      }
      return try symbol("\\" + name, isVariable: true)
    }
  }

  private mutating func closed(by end: String) throws(Failure) -> Expression {
    let inner = try sum()
    guard next?.isCommand(end) == true else { throw unexpected() }
    position += 1
    return inner
  }

  /// LaTeX's argument: a group, or one digit or token (`\frac12`, `\sqrt2`).
  private mutating func argument() throws(Failure) -> Expression {
    if case .number(let digits)? = next?.kind, digits.count > 1, !digits.contains(".") {
      tokens[position].kind = .number(String(digits.dropFirst()))
      return .number(String(digits.prefix(1)))
    }
    return try deeper { parser throws(Failure) in try parser.primary() }
  }

  // function = name [ "_" base ] [ "^" exponent ] ( group | signs power { power } )
  private mutating func function(_ name: String) throws(Failure) -> Expression {
    var base: Expression?
    if name == "log" {
      base = .number("10")
      if skip("_") { base = try argument() }
    }
    let exponent = skip("^") ? try exponent() : nil
    let inner = try functionArgument()
    if let base { return raised(.logarithm(base, inner), exponent) }
    // sin^{-1} is the inverse function, sin^2 the square.
    let isInverse = exponent == .negation(.number("1"))
    guard let function = Expression.Function(rawValue: isInverse ? "arc" + name : name) else {
      throw .unexpected(name)
    }
    return isInverse ? .function(function, inner) : raised(.function(function, inner), exponent)
  }

  private func raised(_ base: Expression, _ exponent: Expression?) -> Expression {
    exponent.map { .power(base, $0) } ?? base
  }

  private mutating func functionArgument() throws(Failure) -> Expression {
    try deeper { parser throws(Failure) in
      if let token = parser.next, token.isSymbol("(") || token.isSymbol("{") || token.isSymbol("[") {
        return try parser.primary()
      }
      let isNegative = parser.signs()
      var factors = [try parser.power()]
      while let token = parser.next, parser.startsFactor(token), !token.isFunction, !token.isSymbol("(") {
        factors.append(try parser.power())
      }
      let product = factors.count == 1 ? factors[0] : Expression.product(factors)
      return isNegative ? .negation(product) : product
    }
  }
}

extension MathToken {
  fileprivate var isFunction: Bool {
    if case .command(let name) = kind { return MathVocabulary.functions.contains(name) }
    return false
  }
}
