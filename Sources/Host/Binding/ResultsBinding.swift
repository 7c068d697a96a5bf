internal import DSL
internal import Engine
import Foundation

/// What the store holds of a plan, as a report wants it.
struct ResultsReader {
  let prepared: PreparedPlan
  let store: Store
  let document: String
  private let scores: ScoreReader
  private let sources: QuestionSources

  init(_ prepared: PreparedPlan, store: Store) {
    self.prepared = prepared
    self.store = store
    document = prepared.document
    scores = ScoreReader(store: store)
    sources = QuestionSources(prepared)
  }

  /// Everything that the report of this plan says; it depends on the store's rows and the document only.
  func input() throws -> ReportInput {
    let failures = Dictionary(
      try store.failures().map { ($0.key, $0.message) }, uniquingKeysWith: { first, _ in first })
    var studies: [StudyResults] = []
    var unfinished = 0
    let presence = try store.presence(of: prepared.keys.keys)
    for study in prepared.plan.studies {
      let records = Dictionary(
        try store.trials(of: study.name, in: document).map { ($0.key, $0) },
        uniquingKeysWith: { first, _ in first })
      let outcomes = study.trials.map { trial in
        // What a trial ends with belongs to it, logged or not.
        var isEnded = true
        if case .step(let step, _) = trial.result, case .absent = presence[step.index] { isEnded = false }
        return outcome(
          of: trial, records[prepared.keys.key(of: trial, in: study)], failures, isEnded: isEnded)
      }
      unfinished += outcomes.count { if case .finished = $0.status { false } else { true } }
      studies.append(StudyResults(study: study, trials: outcomes))
    }
    return ReportInput(
      document: prepared.compilation.sources[0], plan: prepared.plan, studies: studies, queries: queries(),
      shows: try shows(), provenance: try provenance(unfinished: unfinished),
      stamp: "emend report of plan \(prepared.keys.planKey().hex)",
      wayToDocument: RelativeLinks.way(
        from: prepared.project.name(of: prepared.project.reportFolder(of: prepared.path)),
        to: (document as NSString).deletingLastPathComponent) ?? "")
  }

  private func outcome(
    of trial: Trial, _ record: TrialRecord?, _ failures: [Digest: String], isEnded: Bool
  ) -> TrialOutcome {
    var figures: [FigureKey: Double] = [:]
    var isComplete = record != nil && isEnded
    for log in record?.logs ?? [] {
      guard let known = log.figures else {
        isComplete = false
        continue
      }
      for figure in known {
        if let value = figure.value {
          figures[FigureKey(iteration: log.iteration, metric: figure.name)] = value
        }
      }
    }
    let status: TrialOutcome.Status
    if let message = trial.steps.lazy.compactMap({ failures[prepared.keys[$0]] }).first, !isComplete {
      status = .failed(message)
    } else {
      status = isComplete ? .finished : .missing
    }
    let logs = record?.logs ?? []
    return TrialOutcome(status: status, figures: figures) { [scores, sources] key in
      for log in logs where log.iteration == key.iteration {
        guard let step = log.step else { continue }
        for metric in EvaluationMetric.all where Self.name(log.name, metric.name) == key.metric {
          return metric.ofQuestion.flatMap { scores.values(of: step, sources.of(step), $0) }
        }
      }
      return nil
    }
  }

  /// `validation.accuracy_2`, `accuracy_2`, `kept`.
  private static func name(_ prefix: String?, _ metric: String) -> String {
    guard let prefix, !prefix.isEmpty else { return metric }
    return metric.isEmpty ? prefix : "\(prefix).\(metric)"
  }

  private func queries() -> [String: QueryOutcome] {
    var found: [String: QueryOutcome] = [:]
    for item in prepared.plan.items {
      guard case .query(let name, let text) = item.kind else { continue }
      do {
        let result = try store.query(text, for: .report(document: document))
        found[name] = QueryOutcome(
          columns: result.columns, rows: result.rows.map { $0.map(\.text) }, error: nil)
      } catch {
        found[name] = QueryOutcome(columns: [], rows: [], error: "\(error.message); \(error.remedy)")
      }
    }
    return found
  }

  private func shows() throws -> [Int: String] {
    var found: [Int: String] = [:]
    for (index, item) in prepared.plan.items.enumerated() {
      guard case .show(let show) = item.kind else { continue }
      if case .step(let step, let fields) = show.value {
        found[index] = try markdown(of: step, fields)
      } else {
        found[index] = "`\(show.value)`"
      }
    }
    return found
  }

  /// What a shown step gave, or why that is not to be seen.
  private func markdown(of step: StepID, _ fields: [String]) throws -> String {
    guard let record = try store.step(prepared.keys[step]) else { return "*Not computed yet.*" }
    guard case .bytes(let bytes) = try store.readBlob(record.output.blob.digest) else {
      return "*Its value is not in the store any more; `emend run` computes it again.*"
    }
    let text: String?
    if record.output.kind == .model {
      text = try? ModelSummary(decoding: bytes).markdown
    } else {
      let value = try? Value.decoded(bytes, as: record.output.kind)
      text = fields.reduce(value) { $0?.field($1) }?.markdown
    }
    return text ?? "*Its value in the store is of a form that this Emend does not read.*"
  }

  private func provenance(unfinished: Int) throws -> [(label: String, value: String)] {
    let results = try resultsDigest()
    let trials = prepared.plan.studies.reduce(0) { $0 + $1.trials.count }
    return [
      ("Plan", "`\(prepared.keys.planKey().hex)`"),
      ("Results", "`\(results.hex)`"),
      ("Numerics", prepared.keys.numerics),
      ("Emend", Session.version),
      ("Steps", "\(prepared.plan.steps.count)"),
      ("Trials", unfinished == 0 ? "\(trials), all finished" : "\(trials), \(unfinished) not finished"),
      ("Gold answers used at inference", GoldAnswersUse(plan: prepared.plan).summary),
      (
        "Verify",
        "`\(PreparedPlan.verifyCommand)\(prepared.documentInReport)` computes everything again and compares every digest"
      ),
    ]
  }

  /// SHA-256 over the digest of every finished step's value, in the plan's order. Figures, scores and samples are functions of those values.
  private func resultsDigest() throws -> Digest {
    let lines = zip(prepared.keys.keys, try store.presence(of: prepared.keys.keys)).map { key, presence in
      switch presence {
      case .present(let output), .recorded(let output): "\(key.hex) \(output.blob.digest.hex)"
      case .absent: "\(key.hex) -"
      }
    }
    return Digest(of: lines.joined(separator: "\n"))
  }
}

extension PreparedPlan {
  /// What stands before a document's name in its report's provenance.
  static let verifyCommand = "emend verify "

  /// The document as its report names it. Of one outside of the project the name alone, so that no report names a machine's folders.
  var documentInReport: String {
    document.hasPrefix("/") ? (document as NSString).lastPathComponent : document
  }
}

/// Scores of evaluations, read once each.
private final class ScoreReader: @unchecked Sendable {
  private let store: Store
  private let lock = NSLock()
  private var known: [Digest: (numbers: [Int], scores: [[Score]])] = [:]

  init(store: Store) {
    self.store = store
  }

  /// A metric's value for each question of an evaluation, in the questions' order.
  func values(of step: Digest, _ sources: [String], _ metric: ([Score]) -> Double) -> QuestionValues? {
    lock.withLock {
      if known[step] == nil {
        let scores = (try? store.scores(of: step)) ?? []
        var numbers: [Int] = []
        var questions: [[Score]] = []
        for score in scores {
          if score.question != numbers.last {
            questions.append([])
            numbers.append(score.question)
          }
          questions[questions.count - 1].append(score.score)
        }
        known[step] = (numbers, questions)
      }
      guard let (numbers, questions) = known[step], !questions.isEmpty else { return nil }
      return QuestionValues(
        identity: .init(sources: sources, numbers: numbers), values: questions.map(metric))
    }
  }
}
