/// BIG-Bench's logical deduction: objects in a fixed order, clues, and who stands at one place.
///
/// Steps, in compact notation, objects called by their options' letters and places counted from one end: `A<B` and `C=2` say what a
/// clue says; `?C?E?` is what of the order is known, more with each such step; then the answer, an option's letter. A step is right if
/// all that it says is true in the one order that the clues allow; clues may be taken up in any order or left.
package struct LogicalDeduction: ReasoningProblem {
  let count: Int
  let clues: [DeductionClue]
  /// The place asked for, from 0.
  let asked: Int
  /// Objects from the first place to the last.
  let order: [Int]
  /// How it is told, and the objects' names; `nil` where it came in the compact style.
  let scene: DeductionScene?
  let names: [String]

  /// The problem of these; throws if the clues do not allow exactly one order.
  init(count: Int, clues: [DeductionClue], asked: Int, scene: DeductionScene? = nil, names: [String] = [])
    throws(ReasoningError)
  {
    guard (2...10).contains(count), clues.count <= 100, (0..<count).contains(asked) else {
      throw ReasoningError(
        "\(count) objects, \(clues.count) clues, place \(asked + 1) is asked for",
        remedy: "give 2 to 10 objects, at most 100 clues, and ask for one of the places")
    }
    let (ways, order) = clues.orders(of: count)
    guard ways == 1 else {
      throw ReasoningError(
        ways == 0 ? "the clues contradict each other" : "the clues allow several orders",
        remedy: "give clues that allow exactly one order")
    }
    self.count = count
    self.clues = clues
    self.asked = asked
    self.order = order
    self.scene = scene
    self.names = names
  }

  package init(question: String) throws(ReasoningError) {
    if question.hasPrefix("order ") {
      try self.init(compact: question[...])
    } else {
      self = try DeductionScene.read(question)
    }
  }

  /// `order 3 A<B C=1 ?2`.
  private init(compact question: Substring) throws(ReasoningError) {
    let words = question.utf8.split(separator: 32).map { Substring($0) }
    func refusal(_ word: Substring) -> ReasoningError {
      ReasoningError(
        "\(String(word).debugDescription) cannot be read in a question of logical deduction",
        remedy: "order 3 A<B C=1 ?2")
    }
    guard words.count >= 3, let count = Int(words[1]), (2...10).contains(count), var last = words.last,
      last.take("?"), let asked = last.takeNumber(), last.isEmpty
    else { throw refusal(question) }
    var clues: [DeductionClue] = []
    for word in words[2..<(words.count - 1)] {
      guard let clue = DeductionClue(word, count: count) else { throw refusal(word) }
      clues.append(clue)
    }
    try self.init(count: count, clues: clues, asked: asked - 1)
  }

  package func question(_ style: ReasoningStyle) -> String {
    switch style {
    case .compact: "order \(count) \(clues.map(\.text).joined(separator: " ")) ?\(asked + 1)"
    case .sentences: (scene ?? DeductionScene.all[0]).text(self)
    }
  }
  package var identity: String {
    "order \(count) \(clues.map(\.text).sorted().joined(separator: " ")) ?\(asked + 1)"
  }
  package var cell: String { "objects\(count)" }
  package var answer: String { "(\(DeductionClue.name(order[asked])))" }
  package func isRight(_ answer: Substring) -> Bool { DateUnderstanding.option(answer) == order[asked] }
}

extension LogicalDeduction {
  /// Draws an order and true clues that allow only it, none of which can be left out.
  package static func random(count: Int, _ draws: inout Draws) -> LogicalDeduction? {
    guard (2...10).contains(count), let scene = draws.choice(DeductionScene.all) else { return nil }
    let order = draws.shuffled(Array(0..<count))
    var clues: [DeductionClue] = []
    var ways = 0
    for _ in 0..<1000 where ways != 1 {
      let a = draws.integer(below: count)
      let b = draws.integer(below: count)
      let clue: DeductionClue =
        a == b || draws.chance(350)
        ? .at(order[a], place: a) : .before(order[min(a, b)], order[max(a, b)])
      guard !clues.contains(clue) else { continue }
      clues.append(clue)
      // Fewer than half as many clues as objects never suffice.
      if clues.count >= count / 2 { ways = clues.orders(of: count).ways }
    }
    for clue in draws.shuffled(clues) {
      let fewer = clues.filter { $0 != clue }
      if fewer.orders(of: count).ways == 1 { clues = fewer }
    }
    let names = Array(draws.shuffled(scene.objects).prefix(count))
    guard names.count == count else { return nil }
    return try? LogicalDeduction(
      count: count, clues: draws.shuffled(clues), asked: draws.integer(below: count), scene: scene,
      names: names)
  }
}
