import Engine
import Testing

@Suite struct FeedbackTests {
  @Test func `sentences follow the paper's grammar`() {
    let reason = FaultReason(.value, "6-4 is 2")
    #expect(
      Feedback(.wrongStep, rightSteps: 2, part: "6-4=3", reason: reason).text(.sentences)
        == "Step (1) to step (2) are correct. In step (3) the part \" 6-4=3 \" is incorrect. This is because the value is wrong: 6-4 is 2."
    )
    #expect(
      Feedback(.wrongAnswer, rightSteps: 4, part: "9", reason: FaultReason(.earlier)).text(.sentences)
        == "Step (1) to step (4) are correct. In step (Final response) the part \" 9 \" is incorrect. This is because it differs from an earlier step."
    )
    #expect(
      Feedback(.correct, rightSteps: 5).text(.sentences)
        == "Step (1) to step (5) are correct. The final response is also correct.")
    #expect(Feedback(.wrongStep, rightSteps: 0).text(.sentences) == "Step (1) is incorrect.")
    #expect(Feedback(.wrongStep, rightSteps: 0, part: "x").text(.compact) == "1!x!")
  }

  static let parts = [
    nil, "x", " ", "!", "!!", "\" is incorrect.", " \" is incorrect. This is because the value is wrong.",
    "\u{301}", "a\r\nb",
    "val", "1!x!val", "é\u{301}!", "In step (1) the part \" x \" is incorrect.", "👩‍👩‍👧",
  ]

  @Test(arguments: parts, ReasoningStyle.allCases)
  func `whatever the part is, feedback is read as it was written`(part: String?, style: ReasoningStyle) {
    for verdict in [Feedback.Verdict.wrongStep, .wrongAnswer] {
      for rightSteps in [0, 1, 12] {
        for kind in [nil] + FaultReason.Kind.allCases.map({ Optional($0) }) {
          for detail in [nil, "it is 7: (A*B)"] {
            let reason = kind.map { FaultReason($0, detail) }
            let feedback = Feedback(verdict, rightSteps: rightSteps, part: part, reason: reason)
            let read = Feedback(" " + feedback.text(style) + "\n", style)
            #expect(read == feedback && read?.part?.utf8.count == part?.utf8.count, "\(feedback.text(style))")
          }
        }
      }
    }
  }

  @Test(arguments: [
    "", "ok", "3", "3!", "3!x", "0", "0!x!val", "3!x!nonsense", "3ok!", "-1ok", "03ok", "9999999ok", "3 ok",
    "3==!x!val",
  ])
  func `what is no compact feedback is not read`(text: String) {
    let read = Feedback(text, .compact)
    #expect(text == "3" ? read == Feedback(.wrongStep, rightSteps: 2) : read == nil)
  }

  @Test(arguments: [
    "", "The final response is correct.", "Step (1) to step (2) are correct.",
    "In step (2) the part \" x \" is incorrect.",
    "Step (1) to step (2) are correct. In step (2) the part \" x \" is incorrect.",
    "In step (1) the part x is incorrect.",
    "In step (1) the part \" x \" is incorrect. This is because of me.", "Step (0) is incorrect.",
    "Step (1) is incorrect. This is because the value is wrong",
    "Step (1) to step (0) are correct. Step (1) is incorrect.",
  ])
  func `what is no feedback in sentences is not read`(text: String) {
    #expect(Feedback(text, .sentences) == nil)
  }

  @Test func `the codes and sentences of reasons differ, and none is another's beginning`() {
    let kinds = FaultReason.Kind.allCases
    #expect(Set(kinds.map(\.sentence)).count == kinds.count)
    for a in kinds {
      for b in kinds where a != b {
        #expect(!b.sentence.hasPrefix(a.sentence + ": ") && !b.rawValue.hasPrefix(a.rawValue + ":"))
      }
    }
  }

  @Test func `two agree on the same step if one's part contains the other's`() {
    func wrong(_ right: Int, _ part: String?) -> Feedback {
      Feedback(.wrongStep, rightSteps: right, part: part)
    }
    #expect(wrong(1, "6-4=3").agrees(with: wrong(1, "4=3")))
    #expect(wrong(1, "4=3").agrees(with: wrong(1, "6-4=3")))
    #expect(!wrong(1, "6-4=3").agrees(with: wrong(2, "6-4=3")))
    #expect(!wrong(1, "6-4=3").agrees(with: wrong(1, "5=3")))
    #expect(!wrong(1, "6-4=3").agrees(with: wrong(1, nil)))
    #expect(wrong(1, nil).agrees(with: wrong(1, nil)))
    #expect(!wrong(1, "x").agrees(with: Feedback(.wrongAnswer, rightSteps: 1, part: "x")))
    #expect(Feedback(.correct, rightSteps: 3).agrees(with: Feedback(.correct, rightSteps: 4)))
    // Upper and lower case differ: `A` and `a` are two things. (The paper's code lowers one of the two.)
    #expect(!wrong(1, "A=3").agrees(with: wrong(1, "a=3")))
    // The reason does not count.
    #expect(
      wrong(1, "x").agrees(with: Feedback(.wrongStep, rightSteps: 1, part: "x", reason: FaultReason(.value))))
  }

  @Test func `an attempt is readable if its steps are numbered and its answer is last`() {
    #expect(ReasoningStyle.compact.isReadable("1:a;2:b;=3"))
    #expect(ReasoningStyle.sentences.isReadable("(1) a\n(Final response) So the answer is 3.\n"))
    for text in ["", "=", "1:a", "1:a;=3;", "1:a;3:b;=3", "2:a;=3", "1:a;=3;=3", "1:a\nQ: b;=3"] {
      #expect(!ReasoningStyle.compact.isReadable(text), "\(text)")
    }
    #expect(!ReasoningStyle.sentences.isReadable("(1) a\n(Final response) So the answer is 3.\nQ: next"))
  }

  @Test func `an update is progress if the right steps stand and the wrong one does not`() {
    let style = ReasoningStyle.compact
    let feedback = Feedback(.wrongStep, rightSteps: 1, part: "b")
    #expect(style.isProgress(from: "1:a;2:b;=3", feedback, to: "1:a;2:c;=4"))
    #expect(!style.isProgress(from: "1:a;2:b;=3", feedback, to: "1:a;2:b;=4"))
    #expect(!style.isProgress(from: "1:a;2:b;=3", feedback, to: "1:x;2:c;=4"))
    #expect(!style.isProgress(from: "1:a;2:b;=3", feedback, to: "1:a"))
    #expect(style.isProgress(from: "1:a;2:b;=3", feedback, to: "1:a;2:[b?d];=4"))
    #expect(!style.isProgress(from: "1:a;2:b;=3", feedback, to: "1:a;2:[b?d];=4", partMustGo: true))
    let capital = Feedback(.wrongStep, rightSteps: 1, part: "B")
    #expect(!style.isProgress(from: "1:a;2:B;=3", capital, to: "1:a;2:B?;=4", partMustGo: true))
    #expect(style.isProgress(from: "1:a;2:B;=3", capital, to: "1:a;2:b;=4", partMustGo: true))
    #expect(!style.isProgress(from: "1:a;=3", Feedback(.correct, rightSteps: 1), to: "1:a;=4"))
  }

  @Test func `feedback is progress unless it goes back or says the same again`() {
    let before = Feedback(.wrongStep, rightSteps: 2, part: "x")
    #expect(Feedback(.wrongStep, rightSteps: 3, part: "x").isProgress(since: before))
    #expect(Feedback(.wrongStep, rightSteps: 2, part: "y").isProgress(since: before))
    #expect(Feedback(.wrongAnswer, rightSteps: 2, part: "x").isProgress(since: before))
    #expect(Feedback(.correct, rightSteps: 1).isProgress(since: before))
    #expect(!Feedback(.wrongStep, rightSteps: 1, part: "y").isProgress(since: before))
    #expect(!before.isProgress(since: before))
  }

  @Test(arguments: ReasoningTask.allCases, ReasoningStyle.allCases)
  func `the script's improvement of a planted error is progress`(task: ReasoningTask, style: ReasoningStyle)
    throws
  {
    for (index, problem) in ReasoningPropertyTests.problems(task, 30, seed: 23).enumerated() {
      var draws = Draws(Philox(seed: 9, stream: "progress"), item: index)
      let error = problem.plantedError(style, &draws)
      let feedback = problem.feedback(on: error.text, style)
      let improved = problem.improved(error.text, style)
      #expect(style.isReadable(error.text) && style.isReadable(improved))
      #expect(style.isProgress(from: error.text, feedback, to: improved), "\(error.text)\n\(improved)")
      #expect(problem.feedback(on: improved, style).isProgress(since: feedback))
      let question = problem.question(style)
      #expect(try task.feedback(question: question, rationale: error.text, style) == feedback.text(style))
      #expect(try task.improved(question: question, rationale: error.text, style) == improved)
      let score = try task.score(question: question, text: improved, style)
      #expect(score == Score(answer: problem.answer, isCorrect: true, reward: 1))
      if error.isInAnswer { #expect(try task.score(question: question, text: error.text, style).reward == 0) }
    }
  }
}
