import Engine
import Testing

@Suite struct ReasoningSplitTests {
  @Test func `the cells are the paper's`() {
    let arithmetic = ReasoningTask.multistepArithmetic.cells
    #expect(arithmetic.count == 12)
    #expect(arithmetic.filter(\.isSeen).map(\.name) == ["l3-d2", "l3-d2.2", "l4-d2", "l4-d2.2"])
    #expect(Set(arithmetic.map(\.name)).isSuperset(of: ["l3-d2.2.2", "l5-d2", "l6-d2.2", "l6-d2.2.2"]))
    let words = ReasoningTask.wordSorting.cells
    #expect(words.map(\.name) == (2...20).map { "words\($0)" })
    #expect(words.filter(\.isSeen).map(\.name) == (2...7).map { "words\($0)" })
    #expect(ReasoningTask.dateUnderstanding.cells.filter(\.isSeen).map(\.name) == ["steps1", "steps2"])
    #expect(ReasoningTask.dateUnderstanding.cells.filter { !$0.isSeen }.map(\.name) == ["steps3", "steps4"])
    let objects = ReasoningTask.logicalDeduction.cells
    #expect(objects.filter(\.isSeen).map(\.name) == ["objects3", "objects5"])
    #expect(objects.filter { !$0.isSeen }.map(\.name) == ["objects7"])
  }

  @Test(arguments: ReasoningTask.allCases)
  func `a question is of the cell it was drawn for, in every cell`(task: ReasoningTask) {
    for cell in task.cells {
      let random = Philox(seed: 1, stream: "cells")
      for item in 0..<20 {
        var draws = Draws(random, item: item)
        guard let problem = task.random(cell.name, &draws) else { continue }
        #expect(problem.cell == cell.name)
      }
    }
    for name in [
      "", "l", "l3", "l3-d", "l3-d2.2.2.2.2.2", "l1-d2", "words1", "steps5", "objects11", "words", "nonsense",
    ] {
      var draws = Draws(Philox(seed: 1, stream: "cells"), item: 0)
      #expect(task.random(name, &draws) == nil)
    }
  }

  @Test func `what is drawn has the shape asked for`() throws {
    var draws = Draws(Philox(seed: 4, stream: "shapes"), item: 0)
    let sum = try #require(MultistepArithmetic.random(length: 4, depths: [2, 2], &draws))
    #expect(sum.groups.count == 4)
    #expect(sum.expression.text().filter { "+-*".contains($0) }.count >= 4 * 3 + 3)
    var settings = ReasoningSettings()
    settings.initials = 1
    settings.wordLengths = 2...3
    let words = try #require(
      ReasoningTask.wordSorting.random("words5", &draws, settings: settings) as? WordSorting)
    #expect(Set(words.words.map { $0.first }).count == 1)
    #expect(words.words.allSatisfy { (2...3).contains($0.count) })
    settings.options = 3
    let date = try #require(
      ReasoningTask.dateUnderstanding.random("steps4", &draws, settings: settings) as? DateUnderstanding)
    #expect(date.options.count == 3 && date.shifts.count == 3)
  }

  @Test(arguments: ReasoningTask.allCases)
  func `no question is in two splits or twice in one, and the seed gives them all`(task: ReasoningTask) throws
  {
    let seen = task.cells.filter(\.isSeen).map { (cell: $0.name, count: 15) }
    let every = task.cells.map { (cell: $0.name, count: 8) }
    let asked = [ReasoningSplit(name: "train", counts: seen), ReasoningSplit(name: "test", counts: every)]
    let splits = try task.splits(asked, seed: 5)
    #expect(splits.map(\.count) == asked.map { $0.counts.reduce(0) { $0 + $1.count } })
    let identities = splits.flatMap { $0.map(\.identity) }
    #expect(Set(identities).count == identities.count)
    let questions = splits.map { $0.map { $0.question(.sentences) } }
    #expect(try task.splits(asked, seed: 5).map { $0.map { $0.question(.sentences) } } == questions)
    #expect(try task.splits(asked, seed: 6).map { $0.map { $0.question(.sentences) } } != questions)
    // What comes later changes nothing before it.
    #expect(try task.splits([asked[0]], seed: 5)[0].map { $0.question(.sentences) } == questions[0])
    #expect(
      zip(splits[0], seen.flatMap { Array(repeating: $0.cell, count: 15) }).allSatisfy { $0.cell == $1 })
  }

  @Test func `a world too small for what is asked says so`() {
    var settings = ReasoningSettings()
    settings.largest = 0
    let split = ReasoningSplit(name: "train", counts: [("l2-d2", 28)])
    // 0∘0 twice with an operator between: 27 questions.
    let error = #expect(throws: OperationError.self) {
      try ReasoningTask.multistepArithmetic.splits([split], settings: settings, seed: 1)
    }
    #expect(error?.message.contains("l2-d2") == true && error?.message.contains("27") == true)
    for unknown in ["wurds2", "words1", "words101"] {
      let error = #expect(throws: OperationError.self) {
        try ReasoningTask.wordSorting.splits([ReasoningSplit(name: "test", counts: [(unknown, 1)])], seed: 1)
      }
      #expect(error?.message == "word_sorting has no questions of \"\(unknown)\"")
    }
    let fewer = ReasoningSplit(name: "train", counts: [("l2-d2", 27)])
    #expect(throws: Never.self) {
      try ReasoningTask.multistepArithmetic.splits([fewer], settings: settings, seed: 1)
    }
  }

  @Test func `the first questions of a seed are these`() throws {
    let first = try ReasoningTask.allCases.map { task in
      let split = ReasoningSplit(name: "train", counts: [(task.cells[1].name, 1)])
      return try task.splits([split], seed: 0)[0][0].question(.compact)
    }
    #expect(first == Self.pinned)
  }
  static let pinned = [
    "(((2--3+5)-(-8-6+-8))-((-3-2+7)+(1*2*5)))", "sort iwaji yotmep qia",
    "date 08/31/1976 ? -10d A 08/21/1976 B 08/22/1976 C 09/22/1977 D 09/22/1976 E 08/24/1976 F 09/24/1976",
    "order 5 A=5 C=3 B<C D=2 ?5",
  ]
}

@Suite struct TurnBalanceTests {
  @Test func `golden check 7: the mix 1.5 to 1 to 1 has three sevenths improvements`() throws {
    #expect(try #require(TurnBalance().improvementShare) == 3.0 / 7)
    let counts = TurnBalance().counts(available: .init(improvements: 300, correct: 200, gold: 1000))
    #expect(counts == .init(improvements: 300, correct: 200, gold: 200))
    #expect(
      Double(counts.improvements) / Double(counts.improvements + counts.correct + counts.gold) == 3.0 / 7)
  }

  @Test func `golden check 7: the loss divides by what counts, not by the weights`() {
    let weights = FeedbackWeightedLoss().weights(count: 4, feedbackBegins: 2)
    #expect(weights == [1, 1, 1.5, 1.5])
    // (1·1 + 1.5·2) / 2: the padding at the end and what is masked are in neither sum.
    #expect(
      FeedbackWeightedLoss.mean([1, 9, 2, 9], weights: weights, mask: [true, false, true, false]) == 2)
    #expect(
      FeedbackWeightedLoss.mean([2, 2, 2, 2], weights: weights, mask: [true, true, true, true]) == 2.5)
    #expect(FeedbackWeightedLoss().weights(count: 3, feedbackBegins: nil) == [1, 1, 1])
    #expect(FeedbackWeightedLoss.mean([1], weights: [1], mask: [false]) == 0)
  }

  @Test func `a mix takes no more than there is, keeps its ratio, and cannot be larger`() {
    for ratio in [0.5, 1, 1.5, 2, 3] {
      for improvements in 0...12 {
        for correct in 0...6 {
          let all = TurnBalance.Counts(improvements: improvements, correct: correct, gold: 4)
          let counts = TurnBalance(ratio: ratio).counts(available: all)
          // By trying: the most pairs whose improvements, rounded down, are there.
          let most = (0...min(correct, 4)).last { Int(Double($0) * ratio) <= improvements } ?? 0
          #expect(counts == .init(improvements: Int(Double(most) * ratio), correct: most, gold: most))
        }
      }
    }
    let all = TurnBalance.Counts(improvements: 5, correct: 1, gold: 7)
    #expect(TurnBalance(ratio: 0).counts(available: all) == all)
    #expect(TurnBalance(ratio: -1).improvementShare == nil)
    #expect(TurnBalance(ratio: .nan).counts(available: all) == all)
    #expect(TurnBalance(ratio: 1e-300).counts(available: all) == .init(improvements: 0, correct: 1, gold: 1))
  }
}
