import Engine
import Foundation
import Testing

/// What must hold of every question, rationale and error, tried on random ones: 100,000 with `LONG=1`.
@Suite struct ReasoningPropertyTests {
  static let isLong = ProcessInfo.processInfo.environment["LONG"] != nil

  /// Random problems of a task, the paper's cells in turn; dates in turn with options and without.
  static func problems(_ task: ReasoningTask, _ count: Int, seed: UInt64 = 7) -> [any ReasoningProblem] {
    let random = Philox(seed: seed, stream: "test/\(task.rawValue)")
    let cells = task.cells
    return (0..<count).compactMap { index in
      var draws = Draws(random, item: index)
      var settings = ReasoningSettings()
      if index / cells.count % 2 == 1 { settings.options = 0 }
      return task.random(cells[index % cells.count].name, &draws, settings: settings)
    }
  }

  @Test(arguments: ReasoningTask.allCases)
  func `a question read again is the same problem`(task: ReasoningTask) throws {
    let problems = Self.problems(task, 100)
    #expect(problems.count >= 99)
    for problem in problems {
      for style in ReasoningStyle.allCases {
        let again = try task.problem(problem.question(style))
        #expect(again.identity == problem.identity)
        #expect(again.answer == problem.answer)
        #expect(again.question(style) == problem.question(style))
        #expect(again.cell == problem.cell)
      }
    }
  }

  @Test(arguments: ReasoningTask.allCases, ReasoningStyle.allCases)
  func `right rationales are right, every planted error is found, and improving keeps what is right`(
    task: ReasoningTask, style: ReasoningStyle
  ) {
    // 8 × 12,500 = 100,000.
    let random = Philox(seed: 3, stream: "errors/\(task.rawValue)/\(style.rawValue)")
    for (index, problem) in Self.problems(task, Self.isLong ? 12_500 : 60, seed: 11).enumerated() {
      let right = problem.rationale(style)
      let praise = problem.feedback(on: right, style)
      guard praise.verdict == .correct, problem.isAnswerRight(in: right, style),
        problem.isRight(problem.answer[...]),
        problem.improved(right, style) == right
      else {
        Issue.record("right, and called wrong: \(problem.question(style))\n\(right)\n\(praise)")
        continue
      }
      var draws = Draws(random, item: index)
      let error = problem.plantedError(style, &draws)
      let found = problem.verification(of: error.text, style)
      let verdict: Feedback.Verdict = error.isInAnswer ? .wrongAnswer : .wrongStep
      guard found.feedback.verdict == verdict, found.feedback.rightSteps == error.rightSteps else {
        Issue.record("not found: \(problem.question(style))\n\(error)\n\(found.feedback)")
        continue
      }
      let prefix = Array(found.rightPrefix.utf8)
      let improved = problem.improved(error.text, style)
      if let part = found.feedback.part {
        let rest = String(decoding: error.text.utf8.dropFirst(prefix.count), as: UTF8.self)
        #expect(rest.contains(part), "the wrong part stands in the wrong step")
      }
      #expect(problem.feedback(on: improved, style).verdict == .correct)
      #expect(error.text.utf8.starts(with: prefix) && improved.utf8.starts(with: prefix))
      #expect(right.utf8.starts(with: prefix), "the steps before a planted error are the script's own")
      Self.checkRoundTrip(found.feedback)
      Self.checkRoundTrip(praise)
    }
  }

  static func checkRoundTrip(_ feedback: Feedback) {
    for style in ReasoningStyle.allCases {
      for reason in FeedbackDetail.Reason.allCases {
        for part in [true, false] {
          let told = feedback.reduced(to: FeedbackDetail(part: part, reason: reason))
          let text = told.text(style)
          if Feedback(text, style) != told {
            Issue.record("\(told) is \(text), which is read as something else")
          }
        }
      }
    }
  }

  @Test(arguments: ReasoningTask.allCases, ReasoningStyle.allCases)
  func `any text gets a verdict, and what is called right announces the right answer`(
    task: ReasoningTask, style: ReasoningStyle
  ) {
    let random = Philox(seed: 5, stream: "fuzz/\(task.rawValue)/\(style.rawValue)")
    let alphabet = Array("0123456789:;=+-*()ABCab<?[]@,/. dmy\n!\u{301}é👍")
    for (index, problem) in Self.problems(task, Self.isLong ? 5000 : 40, seed: 13).enumerated() {
      var draws = Draws(random, item: index)
      var letters = Array(problem.rationale(style))
      if draws.chance(100) { letters = [] }
      for _ in 0...draws.integer(below: 4) {
        let place = draws.integer(below: letters.count + 1)
        switch draws.integer(below: 5) {
        case 0: letters.insert(draws.choice(alphabet) ?? " ", at: place)
        case 1 where place < letters.count: letters.remove(at: place)
        case 2 where place < letters.count: letters[place] = draws.choice(alphabet) ?? " "
        case 3: letters = Array(letters.prefix(place))
        default: letters.insert(contentsOf: letters.suffix(draws.integer(below: 20)), at: place)
        }
      }
      let text = String(letters)
      let found = problem.verification(of: text, style)
      if found.feedback.verdict == .correct { #expect(problem.isAnswerRight(in: text, style), "\(text)") }
      let improved = problem.improved(text, style)
      #expect(problem.feedback(on: improved, style).verdict == .correct, "\(text)\nbecame\n\(improved)")
      #expect(improved.utf8.starts(with: found.rightPrefix.utf8))
      Self.checkRoundTrip(found.feedback)
      // As a question and as feedback it is either read or refused.
      for other in ReasoningTask.allCases { _ = try? other.problem(text) }
      if let feedback = Feedback(text, style) { Self.checkRoundTrip(feedback) }
    }
  }

  @Test(arguments: ReasoningTask.allCases)
  func `long nonsense is judged at once`(task: ReasoningTask) throws {
    let problem = try #require(Self.problems(task, 1).first)
    for piece in ["(", "1:", "=1", "9", ";", "@1 ", "a?", "[", "1:A=1;", "A<B", "\n(1) ", "\u{301}", "-"] {
      let text = String(repeating: piece, count: 5000)
      for style in ReasoningStyle.allCases {
        #expect(problem.feedback(on: text, style).verdict != .correct)
        #expect(!problem.isAnswerRight(in: text, style))
        _ = Feedback(text, style)
      }
      for other in ReasoningTask.allCases { #expect((try? other.problem(text)) == nil) }
    }
  }

  @Test(arguments: ReasoningTask.allCases)
  func `a mutated question is read or refused`(task: ReasoningTask) {
    let random = Philox(seed: 17, stream: "questions")
    let alphabet = Array("0123456789AB()+-*/<=?. zθ\n")
    for (index, problem) in Self.problems(task, 60).enumerated() {
      for style in ReasoningStyle.allCases {
        var draws = Draws(random, item: index)
        var letters = Array(problem.question(style))
        for _ in 0...2 { letters[draws.integer(below: letters.count)] = draws.choice(alphabet) ?? " " }
        guard let read = try? task.problem(String(letters)) else { continue }
        #expect(read.feedback(on: read.rationale(style), style).verdict == .correct, "\(String(letters))")
      }
    }
  }
}
