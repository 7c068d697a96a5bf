import Engine
import Testing

/// Trajectories as a model might have written them, and what interactive editing makes of them, text for text.
@Suite struct EditingTests {
  private let hand: HandWritten
  private let first = HandWritten.steps[0]
  /// Wrong in step 2, and the rest follows from that.
  private let wrong: String
  /// Wrong in step 4 only.
  private let later: String

  init() throws {
    hand = try HandWritten()
    wrong = first + ";2:bee<bat<yew;=bee bat yew"
    later = HandWritten.steps[0...2].joined(separator: ";") + ";4:bee<bat<yew;=bee bat yew"
  }

  private func edited(_ texts: [String]) throws -> [String] {
    let row =
      switch texts.count {
      case 1: try hand.row(texts[0])
      case 2: try hand.row(texts[0], texts[1])
      case 3: try hand.row(texts[0], texts[1], texts[2])
      default: try hand.row(texts[0], texts[1], texts[2], texts[3])
      }
    return try hand.feedback(hand.rows(row)).rows[0].said
  }

  @Test func `an attempt without feedback gets it`() throws {
    #expect(try edited([wrong]) == [wrong, "2!bee!unread:it is [bee?bat]"])
    #expect(try edited([HandWritten.right]) == [HandWritten.right, "4ok"])
  }

  @Test func `the first feedback that differs is replaced, and everything after it is dropped`() throws {
    // It points at the wrong step.
    #expect(
      try edited([wrong, "1!yew y25!idx", later, "3!x!val"]) == [wrong, "2!bee!unread:it is [bee?bat]"])
    // It calls wrong what is right, and spoils it.
    #expect(
      try edited([HandWritten.right, "2!yew!ord", wrong]) == [HandWritten.right, "4ok"])
    // It cannot be read.
    #expect(try edited([wrong, "what?"]) == [wrong, "2!bee!unread:it is [bee?bat]"])
    // It calls right what is wrong.
    #expect(try edited([wrong, "2ok"]) == [wrong, "2!bee!unread:it is [bee?bat]"])
  }

  @Test func `feedback on the same step with a part that contains the script's stays in the model's words`()
    throws
  {
    let own = "2!2:bee<bat<yew!ord:who knows"
    let told = try edited([later, "4!bee<bat!tie"])
    #expect(told == [later, "4!bee<bat!tie"])
    // The first agrees and stays, the second does not and is replaced.
    let two = try edited([wrong, own, later, "2!bat!ord"])
    #expect(two.prefix(3) == [wrong, own, later])
    #expect(two.count == 4 && two[3].hasPrefix("4!"))
  }

  @Test func `a trajectory that ends right stays, whatever was said on its way, and is closed`() throws {
    #expect(
      try edited([wrong, "1!yew y25!idx", HandWritten.right])
        == [wrong, "1!yew y25!idx", HandWritten.right, "4ok"])
    #expect(
      try edited([wrong, "1!yew y25!idx", HandWritten.right, "4ok"])
        == [wrong, "1!yew y25!idx", HandWritten.right, "4ok"])
    // A right answer after a wrong step is not right.
    let lucky = first + ";2:bat<bee<yew;=bat bee yew"
    #expect(try edited([lucky])[1].hasPrefix("2!"))
  }

  @Test func `an update keeps the right steps byte for byte and is written once`() throws {
    let told = try hand.feedback(hand.rows(hand.row(wrong), hand.row(HandWritten.right)))
    let improved = try hand.improve(told)
    #expect(
      improved.rows[0].said == [wrong, "2!bee!unread:it is [bee?bat]", HandWritten.right])
    #expect(improved.rows[0].attempts[1].origin == .gold && improved.rows[0].attempts[1].score?.reward == 1)
    #expect(improved.rows[1] == told.rows[1])
    // Whoever wrote the updates: with as many as there may be, a trajectory stays.
    let tried = try hand.feedback(hand.rows(hand.row(wrong, "2!bee!", wrong)))
    #expect(tried.rows[0].said.count == 4)
    for (most, count) in [(1, 4), (2, 5)] {
      let next = try Verbs.rows(
        "improve", ["model": .model(hand.model), "rows": .rows(tried), "updates": .int(most)])
      #expect(next.rows[0].said.count == count, "\(next.rows[0].said)")
    }
    let closed = try hand.feedback(improved)
    #expect(closed.rows[0].said.last == "4ok")
    #expect(try hand.improve(closed).rows == closed.rows)
    #expect(try hand.feedback(closed).rows == closed.rows)
  }

  @Test func `prompts are those of a roll-out, token for token`() throws {
    let edited = try hand.feedback(hand.improve(hand.feedback(hand.rows(hand.row(wrong)))))
    let own = try hand.row(wrong, edited.rows[0].said[1], HandWritten.right, "4ok")
    #expect(edited.rows[0].turns.map(\.tokens) == own.turns.map(\.tokens))
    #expect(edited.rows[0].turns.map(\.role) == own.turns.map(\.role))
  }

  @Test func `an attempt that was cut off is ended before it is judged`() throws {
    var row = try hand.row(first)
    row.turns[1].finish = .truncated
    row.turns[1].tokens.removeLast()
    let told = try hand.feedback(hand.rows(row)).rows[0]
    #expect(told.said == [first, "1=!!end"])
    let whole = try hand.feedback(hand.rows(hand.row(first))).rows[0]
    #expect(told.turns.flatMap(\.tokens) == whole.turns.flatMap(\.tokens))
  }

  @Test func `how much feedback tells is the author's`() throws {
    let brief = try Verbs.settings("script", ["part": .bool(false), "reason": .choice("none")])
    #expect(try hand.feedback(hand.rows(hand.row(wrong)), by: brief).rows[0].said[1] == "2")
    let generic = try Verbs.settings("script", ["reason": .choice("generic")])
    #expect(try hand.feedback(hand.rows(hand.row(wrong)), by: generic).rows[0].said[1] == "2!bee!unread")
  }

  @Test func `rows of a task without steps are refused in words`() throws {
    let plain = Questions(
      split: "train", questions: [Question(text: "1+1", answers: ["2"])], prompts: Prompts(),
      grading: Grading(.exact))
    let rows = Rows(rows: [], source: plain)
    let error = #expect(throws: OperationError.self) {
      try Verbs.rows("feedback", ["model": .model(hand.model), "rows": .rows(rows)])
    }
    #expect(error?.message.contains("exact") == true && error?.remedy.contains("reasoning") == true)
    let early = hand.rows(Row(question: 0, samples: [0], turns: []))
    #expect(throws: OperationError.self) { try hand.feedback(early) }
  }
}
