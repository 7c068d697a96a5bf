/// Sums, differences and products of whole numbers.
package struct ArithmeticSettings: Sendable {
  package enum Operator: String, CaseIterable, Sendable {
    case add, subtract, multiply

    var symbol: String {
      switch self {
      case .add: "+"
      case .subtract: "-"
      case .multiply: "*"
      }
    }

    func apply(_ a: Int, _ b: Int) -> Int {
      switch self {
      case .add: a + b
      case .subtract: a - b
      case .multiply: a * b
      }
    }
  }
  package var operators: [Operator] = [.add]
  /// Operands have at most this many digits.
  package var digits = 2
  package var train = 500
  package var validation = 200
  package var test = 500
  package var isGraded = false
  package var prompts = Prompts()
  package var seed = 0

  package init() {}
}

extension Task {
  /// Questions drawn without repetition: no question is in two splits or twice in one, and the pool for corpora has none of them.
  package static func arithmetic(_ settings: ArithmeticSettings) throws -> Task {
    var bound = 1
    for _ in 0..<settings.digits { bound *= 10 }
    let possible = bound * bound * Set(settings.operators).count
    let asked = settings.train + settings.validation + settings.test
    guard asked <= possible / 2 else {
      throw OperationError(
        "\(asked) questions are asked for, and numbers of \(settings.digits) digits make \(possible); at most half may go to the splits",
        remedy: "lower train, validation or test, or raise digits")
    }
    let random = Philox(seed: UInt64(bitPattern: Int64(settings.seed)), stream: "arithmetic")
    var seen: Set<String> = []
    var draws: UInt64 = 0
    /// The next question not drawn before.
    func draw() -> Question {
      while true {
        let kind = settings.operators[random.integer(below: settings.operators.count, 0, 0, draws)]
        let a = random.integer(below: bound, 1, 0, draws)
        let b = random.integer(below: bound, 2, 0, draws)
        draws += 1
        let text = "\(a)\(kind.symbol)\(b)"
        if seen.insert(text).inserted { return Question(text: text, answers: [String(kind.apply(a, b))]) }
      }
    }
    let train = (0..<settings.train).map { _ in draw() }
    let validation = (0..<settings.validation).map { _ in draw() }
    let test = (0..<settings.test).map { _ in draw() }
    let pool = (0..<min(possible - asked, 50_000) * 9 / 10).map { _ in draw() }
    return Task(
      name: "arithmetic", train: train, validation: validation, test: test, pool: pool,
      prompts: settings.prompts,
      grading: Grading(settings.isGraded ? .digits : .exact))
  }
}
