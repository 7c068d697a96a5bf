/// Evaluates a checked recipe: unrolls its loops, computes its numbers, and interns its calls of operations as steps.
///
/// Total: loops are bounded, calls are acyclic, and `Limits` bounds the whole. What the checker has marked as wrong fails
/// silently, and a failure ends only the statement (or the study) in which it happens.
struct Evaluator {
  let program: Program
  let limits: Limits
  var values: ValueTable
  var steps = StepTable()
  var diagnostics = Diagnostics()
  /// Kept apart: they are said only of recipes without errors.
  var warnings = Diagnostics()

  /// The frames of the calls being evaluated, one after another; the current one begins at `base`.
  var stack: [Value] = []
  var base = 0
  /// Of the trial being evaluated; 0 outside of studies.
  var seed = 0
  /// Levels of expressions and calls being evaluated.
  var depth = 0
  static let greatestDepth = 300
  var work = 0
  /// A limit of the whole document was reached and reported, so everything after it fails silently.
  var isExhausted = false

  enum GlobalState {
    case waiting
    case running
    case known(Value)
    case failed
  }
  var globals: [GlobalState]
  /// What the trial being evaluated has logged; `nil` where nothing listens.
  var log: TrialLog?
  var studies: [EvaluatedStudy?] = []
  private var reported: Set<Span> = []

  init(_ program: Program, limits: Limits) {
    self.program = program
    self.limits = limits
    values = program.values
    globals = Array(repeating: .waiting, count: program.globals.count)
  }

  /// Everything that the document's own bindings, studies and report statements come to.
  mutating func run() -> Plan {
    for index in program.globals.indices where program.globals[index].isOwn {
      attempt { evaluator throws(EvaluationFailure) in _ = try evaluator.global(index) }
    }
    for index in program.studies.indices {
      var study: EvaluatedStudy?
      if !program.studies[index].isInvalid {
        attempt { evaluator throws(EvaluationFailure) in
          study = try evaluator.evaluate(evaluator.program.studies[index])
        }
      }
      studies.append(study)
    }
    return assemble()
  }

  /// Runs something of which a failure concerns nothing else.
  mutating func attempt(_ body: (inout Evaluator) throws(EvaluationFailure) -> Void) {
    do {
      try body(&self)
    } catch {
      (depth, base, seed, log) = (0, 0, 0, nil)
      stack.removeAll(keepingCapacity: true)
      if let diagnostic = error.diagnostic, reported.insert(diagnostic.span).inserted {
        diagnostics.append(diagnostic)
      }
    }
  }

  /// The value of a top-level binding, evaluated when it is first needed, with the seed 0.
  mutating func global(_ index: Int) throws(EvaluationFailure) -> Value {
    switch globals[index] {
    case .known(let value): return value
    case .failed, .running: throw .silent
    case .waiting: break
    }
    globals[index] = .running
    let saved = (base, seed, log)
    (base, seed, log) = (stack.count, 0, nil)
    do {
      let value = try evaluate(program.globals[index].value)
      globals[index] = .known(value)
      (base, seed, log) = saved
      return value
    } catch {
      globals[index] = .failed
      throw error
    }
  }

  func failure(
    _ code: EvaluationCode, _ message: String, at span: Span, label: String? = nil,
    expected: String? = nil, found: String? = nil, remedy: String
  ) -> EvaluationFailure {
    EvaluationFailure(
      diagnostic: Diagnostic(
        code, message, at: span, label: label, expected: expected, found: found, remedy: remedy))
  }

  /// Counts a piece of work, so that no recipe takes forever.
  mutating func charge(_ amount: Int = 1, at span: Span) throws(EvaluationFailure) {
    if isExhausted { throw .silent }
    let (total, overflow) = work.addingReportingOverflow(amount)
    if !overflow, total <= limits.work {
      work = total
      return
    }
    isExhausted = true
    throw failure(
      .tooMuchWork, "this recipe takes too long to evaluate", at: span,
      label: "more than \(limits.work) iterations, calls and elements by here",
      remedy: "shorten the loops or ranges, or vary fewer settings")
  }
}
