/// Whole numbers, letters and parentheses joined by +, - and *, products first.
package indirect enum ArithmeticExpression: Hashable, Sendable {
  case number(Int)
  /// A parenthesis that has a name: 0 is A.
  case letter(Int)
  /// Operands and the operators between them: one fewer.
  case chain([ArithmeticExpression], [Operator])

  package enum Operator: UInt8, CaseIterable, Sendable {
    case add = 0x2B
    case subtract = 0x2D
    case multiply = 0x2A

    var symbol: String { String(UnicodeScalar(rawValue)) }

    /// `nil` beyond `bound`.
    func apply(_ a: Int, _ b: Int) -> Int? {
      let (value, overflows) =
        switch self {
        case .add: a.addingReportingOverflow(b)
        case .subtract: a.subtractingReportingOverflow(b)
        case .multiply: a.multipliedReportingOverflow(by: b)
        }
      return !overflows && value.magnitude <= ArithmeticExpression.bound ? value : nil
    }
  }

  /// Nothing larger is computed or read: far beyond what the paper's operands give but for a few of the deepest, which the
  /// generator does not ask.
  package static let bound = 1_000_000_000_000_000

  /// The value; `nil` if there is a letter in it or a number beyond `bound` on the way.
  package var value: Int? {
    switch self {
    case .number(let number): number
    case .letter: nil
    case .chain(let operands, let operators): Self.value(operands.map(\.value), operators)
    }
  }

  private static func value(_ operands: [Int?], _ operators: [Operator]) -> Int? {
    guard let first = operands.first, var product = first else { return nil }
    var sum = 0
    var pending = Operator.add
    for (operation, operand) in zip(operators, operands.dropFirst()) {
      guard let operand else { return nil }
      if operation == .multiply {
        guard let next = Operator.multiply.apply(product, operand) else { return nil }
        product = next
      } else {
        guard let next = pending.apply(sum, product) else { return nil }
        sum = next
        pending = operation
        product = operand
      }
    }
    return pending.apply(sum, product)
  }

  /// As written; `separator` goes around operators. The outermost parentheses are written if `isNested`.
  package func text(_ separator: String = "", isNested: Bool = true) -> String {
    switch self {
    case .number(let number): return String(number)
    case .letter(let index): return Self.name(index)
    case .chain(let operands, let operators):
      var text = operands.first?.text(separator) ?? ""
      for (operation, operand) in zip(operators, operands.dropFirst()) {
        text += separator + operation.symbol + separator + operand.text(separator)
      }
      return isNested ? "(\(text))" : text
    }
  }

  package static func name(_ index: Int) -> String {
    String(UnicodeScalar(UInt8(truncatingIfNeeded: 65 + index % 26)))
  }

  /// Letters replaced by their values where they are known.
  package func substituting(_ values: [Int: Int]) -> ArithmeticExpression {
    switch self {
    case .number: self
    case .letter(let index): values[index].map { .number($0) } ?? self
    case .chain(let operands, let operators): .chain(operands.map { $0.substituting(values) }, operators)
    }
  }

  /// One operation done in every innermost parenthesis, its first product, or its first sum if it has no product; one that is
  /// down to a number loses its parentheses. `nil` for a number, a letter, or beyond `bound`.
  package var reduced: ArithmeticExpression? {
    guard case .chain(var operands, var operators) = self else { return nil }
    let inner = operands.indices.filter { if case .chain = operands[$0] { true } else { false } }
    if !inner.isEmpty {
      for index in inner {
        guard let reduced = operands[index].reduced else { return nil }
        operands[index] = reduced
      }
      return .chain(operands, operators)
    }
    let place = operators.firstIndex(of: .multiply) ?? 0
    guard operators.indices.contains(place), operands.indices.contains(place + 1),
      case .number(let a) = operands[place],
      case .number(let b) = operands[place + 1], let value = operators[place].apply(a, b)
    else { return nil }
    operands.replaceSubrange(place...place + 1, with: [.number(value)])
    operators.remove(at: place)
    return operands.count == 1 ? operands[0] : .chain(operands, operators)
  }
}

extension ArithmeticExpression {
  /// Reads an expression, with or without blanks and outermost parentheses; `nil` if the text is anything else or nests more
  /// than 16 deep.
  package init?(_ text: Substring) {
    var bytes = text.utf8.filter { $0 != 32 }[...]
    guard let chain = Self.parseChain(&bytes, depth: 0), bytes.isEmpty else { return nil }
    self = chain
  }

  /// chain = operand { ("+" | "-" | "*") operand }
  private static func parseChain(_ bytes: inout ArraySlice<UInt8>, depth: Int) -> ArithmeticExpression? {
    guard depth <= 16, let first = parseOperand(&bytes, depth: depth) else { return nil }
    var operands = [first]
    var operators: [Operator] = []
    while let byte = bytes.first, let operation = Operator(rawValue: byte) {
      bytes.removeFirst()
      guard let operand = parseOperand(&bytes, depth: depth) else { return nil }
      operators.append(operation)
      operands.append(operand)
    }
    return operators.isEmpty ? first : .chain(operands, operators)
  }

  /// operand = [ "-" ] digits | letter | "(" chain ")"
  private static func parseOperand(_ bytes: inout ArraySlice<UInt8>, depth: Int) -> ArithmeticExpression? {
    guard let byte = bytes.first else { return nil }
    switch byte {
    case UInt8(ascii: "("):
      bytes.removeFirst()
      guard let chain = parseChain(&bytes, depth: depth + 1), bytes.first == UInt8(ascii: ")") else {
        return nil
      }
      bytes.removeFirst()
      return chain
    case UInt8(ascii: "A")...UInt8(ascii: "Z"):
      bytes.removeFirst()
      return .letter(Int(byte) - 65)
    default:
      let isNegative = byte == UInt8(ascii: "-")
      if isNegative { bytes.removeFirst() }
      var value = 0
      var digits = 0
      while let digit = bytes.first, (48...57).contains(digit) {
        bytes.removeFirst()
        digits += 1
        value = value * 10 + Int(digit) - 48
        guard value <= bound else { return nil }
      }
      guard digits > 0 else { return nil }
      return .number(isNegative ? -value : value)
    }
  }
}
