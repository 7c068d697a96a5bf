/// A recipe after checking: what the evaluator runs.
///
/// Whatever was reported as wrong is `invalid` in it; the evaluator passes over statements that reach such a place, so that
/// one run tells the errors of every pass.
struct Program: Sendable {
  var vocabulary: Vocabulary
  var values = ValueTable()
  var globals: [Global] = []
  var functions: [Function] = []
  var studies: [CheckedStudy] = []
  var items: [CheckedItem] = []
  /// Places of the calls of operations, by site.
  var sites: [Span] = []
  /// Entries of `log` statements so far; each has a number.
  var entryCount = 0
  /// Values of names that nothing reads, whose warning says all there is to say about the calls in them.
  var unusedValues: [Span] = []
}

/// A top-level `name = value`.
struct Global: Sendable {
  var name: Name
  var value: Resolved
  var documentation: [String]
  /// Defined in the document asked for, and so of interest to its report.
  var isOwn: Bool
  /// Something reads it.
  var isRead = false
}

/// An `algorithm` or a `function`.
struct Function: Sendable {
  struct Parameter: Sendable {
    var name: Name
    var type: Type
    var bounds: ClosedRange<Double>?
    var defaultValue: Resolved?
    /// As written.
    var boundsText: String?
    var defaultText: String?
    var documentation: [String]
  }
  var isAlgorithm: Bool
  var name: Name
  var documentation: [String]
  /// Their values are the first slots.
  var parameters: [Parameter]
  var slotCount = 0
  var body: [CheckedStatement] = []
  var result = Type.invalid
  /// Some `return` gives a value that must become one of the result's type: an Int where others give a Float.
  var convertsResult = false
  /// The metrics that its logs can record, by name, in order; `nil` if something in it could not be read.
  var metrics: [String]? = []
}

indirect enum CheckedStatement: Sendable {
  case assign(slot: Int, Resolved)
  case forLoop(slot: Int, Resolved, body: [CheckedStatement], span: Span)
  case match(Resolved, arms: [(cases: [Value], body: [CheckedStatement])])
  case log(iteration: Resolved, entries: [CheckedEntry])
  case returnValue(Resolved)
  /// Something reported as wrong.
  case invalid(Span)
}

/// An entry of a `log`; its name is a text.
struct CheckedEntry: Sendable {
  /// Tells entries apart, over the whole recipe.
  var id: Int
  var name: Int32?
  var value: Resolved
  var span: Span
}

struct CheckedStudy: Sendable {
  struct Axis: Sendable {
    var name: Name
    var type: Type
    var group: Int
    /// The algorithm's parameter it sets; `nil` for a name that the call's arguments use.
    var parameter: Int?
    var bounds: ClosedRange<Double>?
    var documentation: [String]
  }
  /// The values of axes that move together: for one name a list or range, for several one list of tuples' parts for each.
  struct Group: Sendable {
    enum Values: Sendable {
      /// A list or a range, of one axis.
      case sequence(Resolved)
      /// Rows of values, one for each axis of the group.
      case tuples([[Resolved]])
    }
    var axes: Range<Int>
    var values: Values
    /// The values as the recipe writes them, a row for each step and a text for each axis; none where they are not written one by one.
    var texts: [[String]]
    var span: Span
  }
  var name: Name
  var algorithm: Int
  var documentation: [String]
  var axes: [Axis]
  var groups: [Group]
  /// Conditions over the axes, whose values are the first slots.
  var exceptions: [Resolved]
  var seeds: Resolved?
  /// By the algorithm's parameter; evaluated in each trial with the axes' values in the first slots.
  var arguments: [Resolved?]
  var callSpan: Span
  var span: Span
  var isInvalid: Bool
}

/// A statement that the report answers.
struct CheckedItem: Sendable {
  enum Kind: Sendable {
    case study(Int)
    case table(CheckedTable)
    case plot(CheckedPlot)
    case claim(
      left: CheckedClaim, comparison: BinaryOperator, right: CheckedClaim, withConfidence: Bool, text: String)
    case show(Resolved, text: String)
    case query(name: String, text: String)
  }
  var kind: Kind
  var documentation: [String]
  var span: Span
}

struct CheckedMetric: Sendable {
  var name: String
  var span: Span
}

struct CheckedMoment: Sendable {
  enum Kind: Sendable {
    case last
    case iteration(Int)
    case best(CheckedMetric)
    case highest(CheckedMetric)
    case lowest(CheckedMetric)
    case eachBest
  }
  var kind: Kind
  var span: Span
}

struct CheckedTable: Sendable {
  var study: Int
  var rows: [Int]
  var columns: [CheckedMetric]
  var moment: CheckedMoment
  var against: Resolved?
  var condition: Resolved?
  /// As written.
  var conditionText: String?
}

struct CheckedPlot: Sendable {
  var study: Int
  var x: ReportPlot.X
  var y: [CheckedMetric]
  var color: Int?
  var facet: Int?
  var moment: CheckedMoment
  var condition: Resolved?
  /// As written.
  var conditionText: String?
}

indirect enum CheckedClaim: Sendable {
  /// A number that is known before anything runs.
  case number(Resolved)
  case figure(CheckedFigure)
  case negate(CheckedClaim)
  case binary(BinaryOperator, CheckedClaim, CheckedClaim)
}

struct CheckedFigure: Sendable {
  var study: Int
  var selectors: [(axis: Int, value: Resolved)]
  var metric: CheckedMetric
  var moment: CheckedMoment
  /// Without `at …`: the last iteration.
  var saysMoment: Bool
  /// The figure as written, and without `at …`.
  var text: String
  var subject: String
  var span: Span
}
