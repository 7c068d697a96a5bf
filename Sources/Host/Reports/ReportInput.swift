package import DSL

/// A metric at an iteration.
package struct FigureKey: Hashable, Sendable {
  package var iteration: Int
  package var metric: String

  package init(iteration: Int, metric: String) {
    self.iteration = iteration
    self.metric = metric
  }
}

/// A metric's value for each question of an evaluation.
package struct QuestionValues: Sendable {
  /// Which questions they are, in their order: figures are paired by question only where these are equal.
  package struct Identity: Hashable, Sendable {
    /// The calls that made the questions.
    package var sources: [String]
    package var numbers: [Int]

    package init(sources: [String], numbers: [Int]) {
      self.sources = sources
      self.numbers = numbers
    }
  }
  package var identity: Identity
  package var values: [Double]

  package init(identity: Identity, values: [Double]) {
    self.identity = identity
    self.values = values
  }
}

/// What became of a trial.
package struct TrialOutcome: Sendable {
  package enum Status: Sendable {
    case finished
    case failed(String)
    /// Not run yet, or not completely.
    case missing
  }
  package var status: Status
  /// Undefined figures are absent.
  package var figures: [FigureKey: Double]
  /// Value of a metric for each question, where it is a mean over questions: what paired tests read.
  package var perQuestion: @Sendable (FigureKey) -> QuestionValues?

  package init(
    status: Status, figures: [FigureKey: Double],
    perQuestion: @escaping @Sendable (FigureKey) -> QuestionValues?
  ) {
    self.status = status
    self.figures = figures
    self.perQuestion = perQuestion
  }
}

/// A study with what became of each of its trials, in the study's order.
package struct StudyResults: Sendable {
  package var study: Study
  package var trials: [TrialOutcome]

  package init(study: Study, trials: [TrialOutcome]) {
    self.study = study
    self.trials = trials
  }
}

/// The answer to a `sql` cell, its cells already as text.
package struct QueryOutcome: Sendable {
  package var columns: [String]
  package var rows: [[String]]
  package var error: String?

  package init(columns: [String], rows: [[String]], error: String?) {
    self.columns = columns
    self.rows = rows
    self.error = error
  }
}

/// Everything that a report is made from; its bytes depend on nothing else.
package struct ReportInput: Sendable {
  package var document: Document
  package var plan: Plan
  /// Parallel to the plan's studies.
  package var studies: [StudyResults]
  package var queries: [String: QueryOutcome]
  /// Markdown, by index of the item in the plan.
  package var shows: [Int: String]
  package var provenance: [(label: String, value: String)]
  package var stamp: String
  /// From the report's folder to the document's, as in `../../recipes/`: put before the relative links of its prose.
  package var wayToDocument: String

  package init(
    document: Document, plan: Plan, studies: [StudyResults], queries: [String: QueryOutcome],
    shows: [Int: String],
    provenance: [(label: String, value: String)], stamp: String, wayToDocument: String = ""
  ) {
    self.document = document
    self.plan = plan
    self.studies = studies
    self.queries = queries
    self.shows = shows
    self.provenance = provenance
    self.stamp = stamp
    self.wayToDocument = wayToDocument
  }
}

/// An `expect` statement and what the figures say of it.
package struct Claim: Sendable {
  package enum Verdict: Sendable {
    case holds
    /// The means agree, and the interval does not exclude equality.
    case holdsInTheMean
    case fails
    /// True of the means, but not with the confidence that was asked for.
    case isNotShown
    /// Trials are missing.
    case undecidable
  }
  package var text: String
  package var verdict: Verdict
  /// The figures that decided.
  package var detail: String

  package init(text: String, verdict: Verdict, detail: String) {
    self.text = text
    self.verdict = verdict
    self.detail = detail
  }
}

/// A rendered report.
package struct Report: Sendable {
  package var markdown: String
  /// Paths relative to the report.
  package var files: [(path: String, bytes: [UInt8])]
  package var claims: [Claim]
  /// Tables and claims as plain text, for a terminal.
  package var summary: String

  package init(
    markdown: String, files: [(path: String, bytes: [UInt8])], claims: [Claim], summary: String
  ) {
    self.markdown = markdown
    self.files = files
    self.claims = claims
    self.summary = summary
  }
}
