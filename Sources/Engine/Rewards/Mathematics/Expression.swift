/// A formula as the parser reads it. Chains are flat, so that the tree is no deeper than ``ExpressionParser/deepest``.
indirect enum Expression: Equatable {
  /// Digits with at most one point, in normal form: compared exactly where two plain numbers meet.
  case number(String)
  /// A variable, or a name that stands for itself: `x`, `a_1`, `\theta`, `\infty`, `2516_8`, a word.
  case symbol(String)
  case constant(Constant)
  case sum([Expression])
  case product([Expression])
  case negation(Expression)
  case quotient(Expression, Expression)
  case power(Expression, Expression)
  /// The n-th root: the index, then the radicand.
  case root(Expression, Expression)
  case function(Function, Expression)
  /// The logarithm to a base: the base, then the argument.
  case logarithm(Expression, Expression)
  case binomial(Expression, Expression)

  enum Constant: Equatable {
    case pi
    case e
    case i
  }

  enum Function: String, Equatable {
    case sin
    case cos
    case tan
    case cot
    case sec
    case csc
    case arcsin
    case arccos
    case arctan
    case sinh
    case cosh
    case tanh
    case ln
    case exp
    case absolute
    case factorial
    case floor
    case ceiling
    case conjugate
  }
}

extension Expression {
  /// A plain number with its sign, such as `-3` or `0.5`; `nil` for any other formula.
  var plainNumber: (digits: String, isNegative: Bool)? {
    switch self {
    case .number(let digits): return (digits, false)
    case .negation(let inner):
      guard let number = inner.plainNumber, number.digits != "0" else { return inner.plainNumber }
      return (number.digits, !number.isNegative)
    default: return nil
    }
  }

  /// Whether it is a whole number written out.
  var isInteger: Bool { plainNumber.map { !$0.digits.contains(".") } ?? false }

  /// A quotient of two plain whole numbers, its sign in front.
  var plainFraction: (numerator: String, denominator: String, isNegative: Bool)? {
    switch self {
    case .quotient(let above, let below):
      guard above.isInteger, below.isInteger, let top = above.plainNumber, let bottom = below.plainNumber
      else {
        return nil
      }
      return (top.digits, bottom.digits, top.isNegative != bottom.isNegative)
    case .negation(let inner):
      return inner.plainFraction.map { ($0.numerator, $0.denominator, !$0.isNegative) }
    default: return nil
    }
  }

  /// The names of its variables.
  var symbols: Set<String> {
    switch self {
    case .number, .constant: []
    case .symbol(let name): [name]
    case .sum(let parts), .product(let parts): parts.reduce(into: []) { $0.formUnion($1.symbols) }
    case .negation(let inner), .function(_, let inner): inner.symbols
    case .quotient(let a, let b), .power(let a, let b), .root(let a, let b), .logarithm(let a, let b),
      .binomial(let a, let b):
      a.symbols.union(b.symbols)
    }
  }
}

extension Expression {
  /// Whether it is a fraction, so that a further slash behind it divides it again.
  var isQuotient: Bool {
    if case .quotient = self { return true }
    return false
  }
}
