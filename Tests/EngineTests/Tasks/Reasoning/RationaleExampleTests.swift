import Engine
import Testing

/// The texts as they are, one example of each task, and what is said of their errors.
@Suite struct RationaleExampleTests {
  struct Example: Sendable {
    var task: ReasoningTask
    var question: String
    var rationale: String
  }
  static let examples = [
    Example(
      task: .multistepArithmetic, question: "((1 - 6 * 0 - -7) * (6 * 0 + 6 - -3)) =",
      rationale: "1:(A*B);2:A=1-6*0--7=1-0--7=1--7=8;3:B=6*0+6--3=0+6--3=6--3=9;4:(8*9)=72;=72"),
    Example(
      task: .wordSorting, question: "sort bee yew bat",
      rationale: "1:@1 bee b2,yew y25,bat b2;2:[bee?bat]<yew;3:@2 bee e5,bat a1;4:bat<bee<yew;=bat bee yew"),
    Example(
      task: .dateUnderstanding, question: "date 12/31/1929 +1d ? -1y A 01/01/1929 B 12/31/1928",
      rationale: "1:12/31/1929;2:12/31/1929+1d=01/01/1930;3:01/01/1930-1y=01/01/1929;=(A)"),
    Example(
      task: .logicalDeduction, question: "order 3 A<B C=1 ?2",
      rationale: "1:A<B;2:C=1;3:C??;4:CA?;5:CAB;=(A)"),
    Example(
      task: .dateUnderstanding, question: "date 12/31/1929 +1d ? -1y",
      rationale: "1:12/31/1929;2:12/31/1929+1d=01/01/1930;3:01/01/1930-1y=01/01/1929;=01/01/1929"),
  ]

  @Test(arguments: examples)
  func `a rationale is written as its notation says`(example: Example) throws {
    let problem = try example.task.problem(example.question)
    #expect(problem.rationale(.compact) == example.rationale)
    let steps = example.rationale.split(separator: ";").count - 1
    #expect(problem.feedback(on: example.rationale, .compact).text(.compact) == "\(steps)ok")
    #expect(
      problem.feedback(on: problem.rationale(.sentences), .sentences).text(.sentences)
        == "Step (1) to step (\(steps)) are correct. The final response is also correct.")
  }

  @Test func `in sentences a step has a line of its own`() throws {
    let problem = try LogicalDeduction(question: "order 3 A<B C=1 ?2")
    #expect(
      problem.rationale(.sentences)
        == "(1) A<B\n(2) C=1\n(3) C??\n(4) CA?\n(5) CAB\n(Final response) So the answer is (A).")
    let words = try WordSorting(words: ["b", "a"])
    #expect(words.rationale(.sentences).hasSuffix("(Final response) So the answer is: a b."))
  }

  @Test(arguments: [
    // Multistep arithmetic.
    (0, "1:(A+B)", "1!(A+B)!copy:it is (A*B)"),
    (0, "1:A=1", "1!A=1!skip:the rewriting with letters"),
    (0, "1:(A*B);2:A=1-6*1--7=2", "2!1-6*1--7!copy:A is 1-6*0--7"),
    // Of the same value, and still not the question's.
    (0, "1:(A*B);2:A=1-7*0--7=8", "2!1-7*0--7!copy:A is 1-6*0--7"),
    (0, "1:(A*B);2:A=8", "2!8!copy:A is 1-6*0--7"),
    (0, "1:(A*B);2:A=1-6*0--7=8;3:B=6*0+6--3=9;4:(9*8)=72", "4!(9*8)!prev:it is (8*9)"),
    (0, "1:(A*B);2:A=1-6*0--7=1-6--7=2;=18", "2!1-6*0--7=1-6--7!val:1-6*0--7 is 8"),
    (0, "1:(A*B);2:A=1-6*0--7=8;3:(8*9)=72", "3!(8*9)!skip:the value of B"),
    (0, "1:(A*B);2:A=1-6*0--7=8;3:B=6*0+6--3=9;4:(8*8)=64;=64", "4!(8*8)!prev:it is (8*9)"),
    (0, "1:(A*B);2:A=1-6*0--7=8;3:A=1-6*0--7=8", "3!A!rep:A is known"),
    (0, "1:(A*B);2:A=1-6*0--7=8;3:B=6*0+6--3=9;4:(8*9)=72;=27", "4=!27!prev:the result was 72"),
    (0, "=72", "0=!72!skip:the final equation"),
    (0, "1:(A*B);3:A=1", "2!3:A=1!form"),
    (0, "1:(A*B)", "1=!!end"),
    (0, "", "1!!form"),
    (0, "1:(A*B);2:A=1-6*0--7=8;3:B=6*0+6--3=9;4:(8*9)=72;=72;ok", "4=!ok!more"),
    // Word sorting.
    (1, "1:@1 bee c3,yew y25,bat b2", "1!bee c3!let:it is b2"),
    (1, "1:@1 bee b2,yew y24,bat b2", "1!yew y24!idx:it is y25"),
    (1, "1:@2 bee e5,yew e5,bat a1", "1!@2!pos:it is letter 1"),
    (1, "1:@1 bee b2,bat b2", "1!bat b2!less:yew"),
    (1, "1:@1 bee b2,yew y25,bat b2,bee b2", "1!bee!twice"),
    (1, "1:@1 bee b2,ewe e5", "1!ewe!new"),
    (1, "1:bat<bee<yew", "1!bat<bee<yew!unread"),
    (1, "1:@1 bee b2,yew y25,bat b2;2:bat<bee<yew", "2!bat!unread:it is [bee?bat]"),
    (1, "1:@1 bee b2,yew y25,bat b2;2:yew<[bee?bat]", "2!yew!ord:it is [bee?bat]"),
    (1, "1:@1 bee b2,yew y25,bat b2;2:[bee?bat?yew]", "2![bee?bat?yew]!tie:it is [bee?bat]"),
    (1, "1:@1 bee b2,yew y25,bat b2;2:[bat?bee]<yew;=bat bee yew", "2=!bat bee yew!skip:sorting [bee?bat]"),
    // Date understanding.
    (2, "1:12/30/1929", "1!12/30/1929!copy:it is 12/31/1929"),
    (2, "1:12/31/1929;2:12/31/1929-1d=12/30/1929", "2!-1d!copy:it is +1d"),
    (2, "1:12/31/1929;2:12/31/1929+1d=12/32/1929", "2!12/32/1929!form"),
    (2, "1:12/31/1929;2:12/31/1929+1d=01/01/1929", "2!01/01/1929!val:it is 01/01/1930"),
    (2, "1:12/31/1929;=(A)", "1=!(A)!skip:12/31/1929+1d"),
    (
      2, "1:12/31/1929;2:12/31/1929+1d=01/01/1930;3:01/01/1930-1y=01/01/1929;=(B)",
      "3=!(B)!opt:that is 12/31/1928"
    ),
    (
      4, "1:12/31/1929;2:12/31/1929+1d=01/01/1930;3:01/01/1930-1y=01/01/1929;=01/02/1929",
      "3=!01/02/1929!prev:the last date is 01/01/1929"
    ),
    (4, "1:12/31/1929;2:12/31/1929+1d=01/01/1930;3:01/01/1930-1y=01/01/1929;=(A)", "3=!(A)!form"),
    // Logical deduction.
    (3, "1:B<A", "1!B<A!clue:A<B"), (3, "1:C=2", "1!C=2!clue:C=1"), (3, "1:A=3", "1!A=3!val:A=2"),
    (3, "1:C??;2:?A?", "2!?A?!prev:C=1 was known"), (3, "1:CBA", "1!CBA!clue:A<B"),
    (3, "1:CCA", "1!CCA!place:C stands there twice"), (3, "1:CAB;=(B)", "1=!(B)!prev:A=2 was known"),
    (3, "1:C??;=(A)", "1=!(A)!skip:who is at 2"),
  ])
  func `the first error, its part and its reason are named`(index: Int, text: String, feedback: String) throws
  {
    let problem = try Self.examples[index].task.problem(Self.examples[index].question)
    let found = problem.feedback(on: text, .compact)
    #expect(found.text(.compact) == feedback)
    #expect(problem.feedback(on: problem.improved(text, .compact), .compact).verdict == .correct)
  }

  @Test(arguments: [
    // Other ways that are right: another order, a step of one's own, several at once, `>` for `<`.
    (0, "1:(A*B);2:B=6*0+6--3=9;3:A=1-6*0--7=1+7=2*4=8;4:(8*9)=72;=72"),
    (0, "1:( A * B );2:A=(1 - 6 * 0 - -7)=8;3:B=6*0+6--3=9;4:8*9=72;= 72"),
    (1, "1:@1 bat b2,bee b2,yew y25;2:[bat?bee]<yew;3:@2 bat a1, bee e5;4:bat<bee<yew;=bat bee yew"),
    (2, "1:12/31/1929;2:12/31/1929+1d=1/1/1930;3:01/01/1930-1y=01/01/1929;=(a)"),
    (3, "1:CAB;=(A)"), (3, "1:B>A;2:C<A;3:?A?;=A"),
  ])
  func `another right way is right`(index: Int, text: String) throws {
    let problem = try Self.examples[index].task.problem(Self.examples[index].question)
    #expect(problem.feedback(on: text, .compact).verdict == .correct)
    #expect(problem.improved(text, .compact) == text)
  }

  @Test func `of two brackets looked up one may wait`() throws {
    let problem = try WordSorting(words: ["ba", "ab", "aa", "bb"])
    let begin = "1:@1 ba b2,ab a1,aa a1,bb b2;2:[ab?aa]<[ba?bb];3:@2 ab b2,aa a1;4:@2 ba a1,bb b2;5:"
    let end = "aa<ab<ba<bb;=aa ab ba bb"
    for line in ["", "aa<ab<[ba?bb];6:", "[aa?ab]<ba<bb;6:"] {
      #expect(problem.feedback(on: begin + line + end, .compact).verdict == .correct, "\(line)")
    }
    #expect(problem.feedback(on: begin + "[ab?aa]<[ba?bb];6:" + end, .compact).rightSteps == 4)
    #expect(problem.feedback(on: begin + "ab<aa<[ba?bb];6:" + end, .compact).rightSteps == 4)
  }

  @Test func `days in a row may be added up`() throws {
    let problem = try DateUnderstanding(question: "date 01/31/2000 +2d ? -10d A 01/23/2000 B 02/02/2000")
    #expect(
      problem.feedback(on: "1:01/31/2000;2:01/31/2000-8d=01/23/2000;=(A)", .compact).verdict == .correct)
  }

  @Test(arguments: [
    (0, "… So the answer is 72.", true), (0, "the answer is 72.0.", true), (0, "The answer is: +72", true),
    (0, "the answer is 27.\nno", false), (0, "the answer is 72.\nFeedback: the answer is 1.", true),
    (0, "72", false),
    (1, "So the answer is: bat bee yew.", true), (1, "the answer is: bat yew bee.", false),
    (1, "the answer is bat, bee, yew", true), (2, "the answer is (A).", true), (2, "the answer is (a)", true),
    (2, "the answer is (B).", false), (3, "So the answer is (A).", true), (3, "answer is A", true),
    (3, "the answer is (.", false), (4, "So the answer is 01/01/1929.", true),
    (4, "the answer is 1/1/1929", true),
    (4, "the answer is 01/02/1929.", false), (4, "the answer is (A).", false),
  ])
  func `the answer announced last is graded`(index: Int, text: String, isRight: Bool) throws {
    let problem = try Self.examples[index].task.problem(Self.examples[index].question)
    #expect(problem.isAnswerRight(in: text, .sentences) == isRight)
  }

  @Test(arguments: ReasoningTask.allCases)
  func `a question that is none is refused with what would be read`(task: ReasoningTask) {
    for question in [
      "", "x", "(1+2)", "sort a", "sort a a", "sort A b", "date", "date 02/30/2000 ?", "order 3 ?1",
      "order 3 A<B B<A ?1",
      "order 11 ?1", "((999999999999*999999999999)*(9+9))", "order 3 A<B B<C ?4",
      "date 01/01/2000 ? A 01/02/2000",
    ] {
      #expect(throws: ReasoningError.self, "\(question)") { try task.problem(question) }
    }
  }
}
