/// How questions, rationales and feedback are written.
package enum ReasoningStyle: String, CaseIterable, Codable, Sendable {
  /// One line in few characters, for models that read character by character.
  case compact
  /// Questions as in BIG-Bench Hard, steps and feedback in the sentences of the TriPosT paper; the content of a step is
  /// the same notation in both.
  case sentences
}

/// One level of difficulty of a task.
package struct DifficultyCell: Hashable, Codable, Sendable {
  /// `l3-d2`, `words8`, `steps3`, `objects7`.
  package var name: String
  /// Trained on; the others are met only in the test.
  package var isSeen: Bool

  package init(name: String, isSeen: Bool) {
    self.name = name
    self.isSeen = isSeen
  }
}

/// A question that is answered in steps which a script can check: one of TriPosT's four tasks.
///
/// A rationale is a walk: from `start` each step's content is checked against what the steps before it established, and
/// what it establishes is added. The same walk writes rationales (`nextStep`), so that one that is broken can be
/// continued from any place.
///
/// Nothing here may trap on any text: what a model wrote is passed in as it is.
package protocol ReasoningProblem: Hashable, Sendable {
  /// What the steps so far established, right or believed.
  associatedtype Progress: Sendable

  /// Reads a question in either style.
  init(question: String) throws(ReasoningError)
  /// The question in this style.
  func question(_ style: ReasoningStyle) -> String
  /// Equal for questions that are the same but for wording, order of options and the like.
  var identity: String { get }
  /// The name of its level of difficulty.
  var cell: String { get }
  /// The answer in the form of BIG-Bench Hard's target: `72`, `aa b`, `(C)`.
  var answer: String { get }
  /// Whether an answer, as extracted, is right.
  func isRight(_ answer: Substring) -> Bool

  var start: Progress { get }
  /// Finds what is wrong with a step's content; if nothing is, adds it to what is established.
  func check(_ content: Substring, _ progress: inout Progress) -> StepFault?
  /// Finds what is wrong with a final answer.
  func checkAnswer(_ answer: Substring, _ progress: Progress) -> StepFault?
  /// The content of a next step that is right given `progress`, which it advances; `nil` if only the answer is left.
  func nextStep(_ progress: inout Progress) -> String?
  /// The final answer that follows from what is established.
  func finalAnswer(_ progress: Progress) -> String
  /// The content of a plausible wrong step, which `progress` is made to believe; `nil` if there is none to make here.
  func wrongStep(_ progress: inout Progress, _ draws: inout Draws) -> String?
  /// A plausible answer that does not follow.
  func wrongAnswer(_ progress: Progress, _ draws: inout Draws) -> String
}

/// Why a question cannot be read.
package struct ReasoningError: Error, Sendable, Hashable {
  /// What is wrong, with the part that shows it.
  package var message: String
  /// What would be read.
  package var remedy: String

  package init(_ message: String, remedy: String) {
    self.message = message
    self.remedy = remedy
  }
}

/// Random choices at one place, in order: the generator with a counter.
package struct Draws: Sendable {
  let random: Philox
  let item: UInt32
  let sample: UInt32
  var position: UInt64 = 0

  /// The choices of a stream for one item and one sample of it.
  package init(_ random: Philox, item: Int, sample: Int = 0) {
    self.random = random
    self.item = UInt32(truncatingIfNeeded: item)
    self.sample = UInt32(truncatingIfNeeded: sample)
  }

  /// A whole number in `0..<bound`; 0 if there is none.
  package mutating func integer(below bound: Int) -> Int {
    guard bound > 0 else { return 0 }
    defer { position += 1 }
    return random.integer(below: bound, item, sample, position)
  }

  /// A whole number in `range`.
  package mutating func integer(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + integer(below: range.count)
  }

  /// True with this probability, to a thousandth.
  package mutating func chance(_ thousandths: Int) -> Bool { integer(below: 1000) < thousandths }

  /// One of these; `nil` if there is none.
  package mutating func choice<C: RandomAccessCollection>(_ elements: C) -> C.Element? {
    guard !elements.isEmpty else { return nil }
    return elements[elements.index(elements.startIndex, offsetBy: integer(below: elements.count))]
  }

  /// These in random order.
  package mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var result = elements
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      result.swapAt(last, integer(below: last + 1))
    }
    return result
  }
}
