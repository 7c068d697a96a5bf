/// TriPosT's four tasks by name, for whoever has a question as text.
package enum ReasoningTask: String, CaseIterable, Codable, Sendable {
  case multistepArithmetic = "multistep_arithmetic"
  case wordSorting = "word_sorting"
  case dateUnderstanding = "date_understanding"
  case logicalDeduction = "logical_deduction"

  /// Reads a question of this task, in either style.
  package func problem(_ question: String) throws(ReasoningError) -> any ReasoningProblem {
    switch self {
    case .multistepArithmetic: try MultistepArithmetic(question: question)
    case .wordSorting: try WordSorting(question: question)
    case .dateUnderstanding: try DateUnderstanding(question: question)
    case .logicalDeduction: try LogicalDeduction(question: question)
    }
  }

  /// The paper's levels of difficulty.
  ///
  /// Multistep arithmetic: innermost parentheses of l numbers, and how many parts each parenthesis has from the outermost in; seen are
  /// l 3 and 4 with `[2]` and `[2, 2]`. The paper's table seems to leave out l 5 and 6 with `[2, 2, 2]`.
  package var cells: [DifficultyCell] {
    switch self {
    case .multistepArithmetic:
      (3...6).flatMap { length in
        ["2", "2.2", "2.2.2"].map {
          DifficultyCell(name: "l\(length)-d\($0)", isSeen: length <= 4 && $0 != "2.2.2")
        }
      }
    case .wordSorting: (2...20).map { DifficultyCell(name: "words\($0)", isSeen: $0 <= 7) }
    case .dateUnderstanding: (1...4).map { DifficultyCell(name: "steps\($0)", isSeen: $0 <= 2) }
    case .logicalDeduction: [3, 5, 7].map { DifficultyCell(name: "objects\($0)", isSeen: $0 <= 5) }
    }
  }
}

/// What the made-up questions are made of; the defaults are the paper's where it says.
package struct ReasoningSettings: Sendable {
  /// Operands of multistep arithmetic are -`largest`...`largest`.
  package var largest = 9
  /// Letters of a word.
  package var wordLengths = 3...6
  /// How many different first letters words have at most.
  package var initials = 26
  /// Options of a question about a date; 0: it asks for the date itself.
  package var options = 6

  package init() {}
}

extension ReasoningTask {
  /// Draws a question of a cell, named as `cells` names them; also of cells that the paper does not have, such as `l2-d2` or `objects4`.
  ///
  /// `nil` if the draw gave none that can be asked (numbers too large), or if the name is no cell's.
  package func random(_ cell: String, _ draws: inout Draws, settings: ReasoningSettings = ReasoningSettings())
    -> (any ReasoningProblem)?
  {
    var name = cell[...]
    switch self {
    case .multistepArithmetic:
      guard name.take("l"), let length = name.takeNumber(), length <= 20, name.take("-d") else { return nil }
      var depths: [Int] = []
      for part in name.split(separator: ".", omittingEmptySubsequences: false) {
        guard let depth = Int(part) else { return nil }
        depths.append(depth)
      }
      return MultistepArithmetic.random(length: length, depths: depths, largest: settings.largest, &draws)
    case .wordSorting:
      guard name.take("words"), let count = name.takeNumber(), name.isEmpty, (2...100).contains(count) else {
        return nil
      }
      return WordSorting.random(
        count: count, lengths: settings.wordLengths, initials: settings.initials, &draws)
    case .dateUnderstanding:
      guard name.take("steps"), let steps = name.takeNumber(), name.isEmpty, (1...4).contains(steps) else {
        return nil
      }
      return DateUnderstanding.random(steps: steps, options: settings.options, &draws)
    case .logicalDeduction:
      guard name.take("objects"), let count = name.takeNumber(), name.isEmpty else { return nil }
      return LogicalDeduction.random(count: count, &draws)
    }
  }
}

/// How many questions of each cell a split has.
package struct ReasoningSplit: Sendable {
  /// `train`, `validation`, `test`, or any other name.
  package var name: String
  /// Questions of each cell, in this order.
  package var counts: [(cell: String, count: Int)]

  package init(name: String, counts: [(cell: String, count: Int)]) {
    self.name = name
    self.counts = counts
  }
}

extension ReasoningTask {
  /// Draws splits: no question is in two of them or twice in one, judged by `identity`; the same for the same seed everywhere.
  ///
  /// Question `index` of a cell of a split comes from the stream named after the three; only when it is known already is it drawn again.
  /// Splits given first are not touched by those that follow.
  package func splits(
    _ splits: [ReasoningSplit], settings: ReasoningSettings = ReasoningSettings(), seed: Int
  )
    throws(OperationError) -> [[any ReasoningProblem]]
  {
    var known: Set<String> = []
    var result: [[any ReasoningProblem]] = []
    for split in splits {
      var problems: [any ReasoningProblem] = []
      for (cell, count) in split.counts {
        let random = Philox(
          seed: UInt64(bitPattern: Int64(seed)), stream: "reasoning/\(rawValue)/\(split.name)/\(cell)")
        for index in 0..<max(count, 0) {
          guard let problem = fresh(cell, settings, random, index, &known) else {
            guard isAskable(cell, settings, random) else {
              throw OperationError(
                "\(rawValue) has no questions of \(cell.debugDescription)",
                remedy: "the paper's are \(cells.map(\.name).joined(separator: ", "))")
            }
            throw OperationError(
              "\(rawValue): \(count) questions of cell \(cell) are asked for in \(split.name), and after \(index) no new one was found in 1000 draws",
              remedy: "ask for fewer, or widen what questions are made of"
            )
          }
          problems.append(problem)
        }
      }
      result.append(problems)
    }
    return result
  }

  private func isAskable(_ cell: String, _ settings: ReasoningSettings, _ random: Philox) -> Bool {
    (0..<1000).contains { attempt in
      var draws = Draws(random, item: 0, sample: attempt)
      return self.random(cell, &draws, settings: settings) != nil
    }
  }

  private func fresh(
    _ cell: String, _ settings: ReasoningSettings, _ random: Philox, _ index: Int, _ known: inout Set<String>
  ) -> (any ReasoningProblem)? {
    for attempt in 0..<1000 {
      var draws = Draws(random, item: index, sample: attempt)
      guard let problem = self.random(cell, &draws, settings: settings) else { continue }
      if known.insert(problem.identity).inserted { return problem }
    }
    return nil
  }
}
