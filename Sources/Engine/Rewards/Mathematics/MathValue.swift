/// An answer as it is built: a formula, or formulas in brackets, lists, matrices and relations.
indirect enum MathValue: Equatable {
  case formula(Expression)
  /// Two or more values in round or square brackets: a tuple or an interval. The brackets count, and so does the order.
  case tuple(open: Character, close: Character, [MathValue])
  /// Values in braces, or values with commas between and nothing around: the order does not count.
  case set([MathValue])
  /// Sets joined by `\cup`.
  case union([MathValue])
  /// Rows from the top, each from the left; the kind of bracket does not count.
  case matrix([[MathValue]])
  case equation(MathValue, MathValue, hasName: Bool)
  /// Formulas with `<`, `le`, `ne` … between.
  case inequality([MathValue], [String])
  /// What is no mathematics that this grader reads, as it is spelled.
  case text([String])
}

/// Reads the tokens of an answer from the outside in, with bounds on depth and on the number of parts.
struct MathValueReader {
  static let deepest = 12
  static let mostParts = 64

  /// What the tokens stand for.
  static func value(of tokens: [MathToken]) -> MathValue {
    read(tokens[...], depth: 0) ?? .text(tokens.normalSpelling)
  }

  private static func read(_ tokens: ArraySlice<MathToken>, depth: Int) -> MathValue? {
    guard depth < deepest, !tokens.isEmpty else { return nil }
    if let inside = inside(tokens, of: .symbol("{"), .symbol("}")) { return read(inside, depth: depth + 1) }
    let parts = split(tokens) { $0.isSymbol(",") || $0.isSymbol(";") }
    if parts.count > 1 { return all(parts, depth: depth).map { .set(flattened($0)) } }
    if let membership = tokens.firstIndex(where: { $0.isCommand("in") }) {
      return read(tokens[(membership + 1)...], depth: depth + 1)
    }
    if let relation = relation(tokens, depth: depth) { return relation }
    let joined = split(tokens) { $0.isCommand("cup") }
    if joined.count > 1 { return all(joined, depth: depth).map { .union($0) } }
    if let bracketed = bracketed(tokens, depth: depth) { return bracketed }
    if tokens.contains(where: { $0.isCommand("pm") || $0.isCommand("mp") }) {
      // All signs of a formula go together: the upper ones, then the lower ones.
      let variants = [("+", "-"), ("-", "+")].map { upper, lower in
        tokens.map { token in
          MathToken(
            kind: token.isCommand("pm")
              ? .symbol(Character(upper)) : token.isCommand("mp") ? .symbol(Character(lower)) : token.kind,
            isSpaced: token.isSpaced)
        }
      }
      return all(variants.map { $0[...] }, depth: depth).map { .set($0) }
    }
    return (try? ExpressionParser.expression(Array(tokens))).map { .formula($0) }
  }

  private static func all(_ parts: [ArraySlice<MathToken>], depth: Int) -> [MathValue]? {
    guard parts.count <= mostParts else { return nil }
    var values: [MathValue] = []
    for part in parts {
      guard let value = read(part, depth: depth + 1) else { return nil }
      values.append(value)
    }
    return values
  }

  /// Sets that `\pm` made inside a list are parts of the list.
  private static func flattened(_ values: [MathValue]) -> [MathValue] {
    values.flatMap { value in
      if case .set(let inner) = value { return inner }
      return [value]
    }
  }

  /// `x = 5`, `a < x \le b`.
  private static func relation(_ tokens: ArraySlice<MathToken>, depth: Int) -> MathValue? {
    let signs = outermost(tokens).filter(\.isRelation)
    guard !signs.isEmpty else { return nil }
    let sides = split(tokens, at: \.isRelation)
    guard sides.count == signs.count + 1 else { return nil }
    if signs.allSatisfy({ $0.isSymbol("=") }) {
      // A chain a = b = c is read as its ends.
      guard let first = sides.first, let last = sides.last, let right = read(last, depth: depth + 1) else {
        return nil
      }
      // The left side may be words (`area = 5`) or a name with arguments, which need no meaning.
      let left = read(first, depth: depth + 1) ?? .text(first.normalSpelling)
      return .equation(left, right, hasName: isName(first))
    }
    return all(sides, depth: depth).map { .inequality($0, signs.map(\.spelling)) }
  }

  /// Whether tokens are a name that is being given a value: `x`, `a_1`, `f(x)`, `f^{-1}(x)`, `\theta`, `area`.
  private static func isName(_ tokens: ArraySlice<MathToken>) -> Bool {
    guard let first = tokens.first else { return false }
    switch first.kind {
    case .letter, .word: break
    case .command(let name): guard MathVocabulary.greek.contains(name) else { return false }
    default: return false
    }
    var rest = tokens.dropFirst().drop { $0.isSymbol("'") }
    // The inverse function f^{-1}(x).
    if rest.prefix(5).map(\.spelling) == ["^", "{", "-", "1", "}"] { rest = rest.dropFirst(5) }
    return rest.isEmpty || rest.allSatisfy(\.isWord) || rest.first?.isSymbol("_") == true && rest.count <= 4
      || inside(rest, of: .symbol("("), .symbol(")")) != nil
  }

  private static func bracketed(_ tokens: ArraySlice<MathToken>, depth: Int) -> MathValue? {
    if tokens.count == 1, tokens.first?.isCommand("varnothing") == true { return .set([]) }
    if let inside = inside(tokens, of: .command("{"), .command("}")) {
      if inside.isEmpty { return .set([]) }
      return all(split(inside) { $0.isSymbol(",") }, depth: depth).map { .set(flattened($0)) }
    }
    if let inside = inside(tokens, of: .matrix(isStart: true), .matrix(isStart: false)) {
      return matrix(inside, depth: depth)
    }
    for open in ["(", "["] as [Character] {
      for close in [")", "]"] as [Character] {
        guard let inside = inside(tokens, of: .symbol(open), .symbol(close)) else { continue }
        let parts = split(inside) { $0.isSymbol(",") || $0.isSymbol(";") }
        if parts.count > 1 { return all(parts, depth: depth).map { .tuple(open: open, close: close, $0) } }
        return read(inside, depth: depth + 1)
      }
    }
    return nil
  }

  private static func matrix(_ inside: ArraySlice<MathToken>, depth: Int) -> MathValue? {
    var rows: [[MathValue]] = []
    for row in split(inside, at: { $0.isCommand("\\") }) where !row.isEmpty {
      guard let values = all(split(row) { $0.isSymbol("&") }, depth: depth), rows.count < mostParts else {
        return nil
      }
      rows.append(values)
    }
    return rows.isEmpty ? nil : .matrix(rows)
  }
}

extension MathValueReader {
  /// What a pair of brackets holds, if it is around all tokens.
  private static func inside(
    _ tokens: ArraySlice<MathToken>, of open: MathToken.Kind, _ close: MathToken.Kind
  ) -> ArraySlice<MathToken>? {
    guard tokens.count >= 2, tokens.first?.kind == open, tokens.last?.kind == close else { return nil }
    var depth = 0
    for (offset, token) in tokens.enumerated() {
      depth += token.nesting
      if depth <= 0 { return offset == tokens.count - 1 && depth == 0 ? tokens.dropFirst().dropLast() : nil }
    }
    return nil
  }

  private static func outermost(_ tokens: ArraySlice<MathToken>) -> [MathToken] {
    var depth = 0
    return tokens.filter { token in
      depth += token.nesting
      return depth == 0
    }
  }

  /// The parts between separators outside brackets.
  private static func split(
    _ tokens: ArraySlice<MathToken>, at isSeparator: (MathToken) -> Bool
  ) -> [ArraySlice<MathToken>] {
    var parts: [ArraySlice<MathToken>] = []
    var depth = 0
    var start = tokens.startIndex
    for index in tokens.indices {
      depth += tokens[index].nesting
      if depth == 0, isSeparator(tokens[index]) {
        parts.append(tokens[start..<index])
        start = index + 1
      }
    }
    return parts + [tokens[start...]]
  }
}

extension MathToken {
  fileprivate var isRelation: Bool {
    switch kind {
    case .symbol("="), .symbol("<"), .symbol(">"), .command("le"), .command("ge"), .command("ne"): true
    default: false
    }
  }
}
