internal import DSL
internal import Engine
import Foundation

extension Command {
  static let list = Command(
    "list", "[FILE]", "List the documents, studies and trials in the store, or those of one document.",
    options: [Option("trials", "every trial, too")],
    examples: ["list", "list --trials recipes/quickstart.md"]
  ) { session, arguments in
    let store = try session.openStore()
    let studies =
      arguments.operands.isEmpty
      ? try store.studies(of: nil) : try Self.studies(session, arguments.file(), named: nil, in: store)
    for study in studies {
      let place = Project.absolute(study.document, in: session.project.folder)
      let absence =
        FileManager.default.fileExists(atPath: place) ? "" : " (the document is not there any more)"
      session.terminal.answer(
        "\(study.document)  \(study.name)  \(study.algorithm)  \(study.finishedTrials)/\(study.trials) trials finished\(absence)"
      )
      guard arguments.switches.contains("trials") else { continue }
      for trial in try store.trials(of: study.name, in: study.document) {
        session.terminal.answer("  \(trial.key.short)  \(Self.settings(of: trial))")
      }
    }
    return .done
  }

  static let show = Command(
    "show", "TRIAL", "Show a trial: settings and figures by iteration.", examples: ["show 3f2a91"]
  ) { session, arguments in
    let store = try session.openStore()
    let trial = try Self.trial(arguments.operands.first ?? "", in: store)
    session.terminal.answer("\(trial.document) \(trial.study) \(trial.key.hex)")
    session.terminal.answer(Self.settings(of: trial))
    for log in trial.logs {
      for figure in log.figures ?? [] {
        let name = figure.name
        session.terminal.answer(
          "  \(log.iteration)  \(name.padding(to: 32))\(figure.value.map { "\($0)" } ?? "–")")
      }
      if log.figures == nil {
        session.terminal.answer("  \(log.iteration)  \(log.name ?? "") not computed yet")
      }
    }
    return .done
  }

  static let samples = Command(
    "samples", "FILE", "Show the texts behind the figures: question, answers, rewards, kept or not and why.",
    options: [
      Option("study", value: "NAME", "of this study"), Option("trial", value: "KEY", "of this trial"),
      Option("iteration", value: "N", "of this iteration"),
      Option("kept", "only rows that were learned from"),
      Option("rejected", "only rows that were left out"),
      Option("flips", "only answers whose correctness changed"),
      Option("operation", value: "NAME", "of this operation: where, evaluate, measure …"),
      Option("limit", value: "N", "at most so many (default 20)"),
    ],
    examples: [
      "samples --flips --limit 5 recipes/quickstart.md",
      "samples --rejected --iteration 1 recipes/quickstart.md",
    ]
  ) { session, arguments in
    let store = try session.openStore()
    let document = try arguments.file()
    var conditions = ["t.document = \(Self.literal(session.project.name(of: document)))"]
    let study = arguments.values["study"]
    _ = try Self.studies(session, document, named: study, in: store)
    if let study { conditions.append("t.study = \(Self.literal(study))") }
    if let prefix = arguments.values["trial"] {
      let trial = try Self.trial(prefix, in: store)
      conditions.append("t.trial LIKE \(Self.literal(String(trial.key.hex.prefix(12)) + "%"))")
    }
    if let iteration = try arguments.integer("iteration") { conditions.append("t.iteration = \(iteration)") }
    if let operation = arguments.values["operation"] {
      let names = Catalogue.operations.map(\.name)
      guard names.contains(operation) else {
        throw CommandFailure(
          "there is no operation `\(operation)`",
          remedy: NearestName.remedy(operation, in: names) ?? "`emend describe` lists them")
      }
      conditions.append("t.operation = \(Self.literal(operation))")
    }
    if arguments.switches.contains("kept") { conditions.append("t.kept = 1 AND t.operation = 'where'") }
    if arguments.switches.contains("rejected") { conditions.append("t.kept = 0") }
    let limit = try arguments.integer("limit", atLeast: 1) ?? 20
    if arguments.switches.contains("flips") {
      conditions.append(
        "t.attempt > 1 AND t.correct <> (SELECT s.correct FROM sample_texts s WHERE s.document = t.document AND s.study = t.study AND s.trial = t.trial AND s.step = t.step AND s.question = t.question AND s.sample = t.sample AND s.attempt = t.attempt - 1)"
      )
    }
    func find(_ conditions: [String]) throws -> QueryResult {
      try store.query(
        """
        SELECT DISTINCT t.study, t.trial, t.seed, t.settings, t.iteration, t.operation, t.step, t.question, t.sample, t.evaluation
        FROM sample_texts t WHERE \(conditions.joined(separator: " AND ")) LIMIT \(limit)
        """, for: .exploration(document: nil), seconds: 120)
    }
    // Corrected answers, unless it is said which; where there are none, the others.
    let isSaidWhich = arguments.values["operation"] != nil || arguments.switches.contains("flips")
    var found = try find(isSaidWhich ? conditions : conditions + ["t.attempt > 1"])
    if found.rows.isEmpty, !isSaidWhich { found = try find(conditions) }
    for row in found.rows {
      let cells = row.map(\.text)
      session.terminal.answer(
        "\(cells[0]) \(cells[1]) seed \(cells[2]) \(cells[3]) iteration \(cells[4]) \(cells[5])\(cells[9].isEmpty ? "" : " (\(cells[9]))"), question \(cells[7]), sample \(cells[8])"
      )
      let attempts = try store.query(
        "SELECT attempt, prompt, text, reward, finish, kept, reason FROM sample_texts WHERE trial = \(Self.literal(cells[1])) AND step = \(Self.literal(cells[6])) AND question = \(cells[7]) AND sample = \(Self.literal(cells[8])) GROUP BY attempt ORDER BY attempt",
        for: .exploration(document: nil), seconds: 120)
      for attempt in attempts.rows.map({ $0.map(\.text) }) {
        session.terminal.answer(
          "  \(attempt[0]): \(quoted(attempt[1])) → \(quoted(attempt[2]))  reward \(attempt[3])\(attempt[4] == "truncated" ? ", cut off" : "")"
        )
      }
      if let last = attempts.rows.last.map({ $0.map(\.text) }), cells[5] == "where" {
        session.terminal.answer(last[5] == "1" ? "  kept" : "  left out: \(last[6])")
      }
    }
    if found.rows.isEmpty {
      session.terminal.say(
        "no such samples: of what this document's studies said, nothing fits (calls outside a study are not listed, nor texts that later rows of the plan hold: answers are listed with their corrections, both with the filter that judged them)"
      )
    }
    return .done
  }

  /// A text on one line; quotation marks within as they are in a program's text, apostrophes as they are.
  private static func quoted(_ text: String) -> String {
    text.debugDescription.replacingOccurrences(of: "\\'", with: "'")
  }

  static let diff = Command(
    "diff", "A B", "Compare two trials: settings, figures, and the first step that differs and why.",
    examples: ["diff 3f2a91 9d04e7"]
  ) { session, arguments in
    guard arguments.operands.count == 2 else {
      throw UsageError(
        "two trials are compared",
        remedy: "name them by the beginnings of their keys; `emend list --trials` lists them")
    }
    let store = try session.openStore()
    let a = try Self.trial(arguments.operands[0], in: store)
    let b = try Self.trial(arguments.operands[1], in: store)
    var differs = false
    let settings =
      a.settings.map(\.name)
      + b.settings.map(\.name).filter { name in !a.settings.contains { $0.name == name } }
    for name in settings {
      let (left, right) = (a.settings.first { $0.name == name }, b.settings.first { $0.name == name })
      guard left != right else { continue }
      differs = true
      let words = [left, right].map { $0.map { Self.text($0.value) } ?? "–" }
      session.terminal.answer("\(name): \(words[0]) | \(words[1])")
    }
    if a.seed != b.seed {
      differs = true
      session.terminal.answer("seed: \(a.seed) | \(b.seed)")
    }
    var toldStep = false
    struct Place: Hashable {
      var iteration: Int
      var name: String?
    }
    var theirs = Dictionary(grouping: b.logs) { Place(iteration: $0.iteration, name: $0.name) }
    var pairs: [(TrialLog, TrialLog)] = []
    for log in a.logs {
      let place = Place(iteration: log.iteration, name: log.name)
      guard let other = theirs[place]?.first else { continue }
      theirs[place]?.removeFirst()
      pairs.append((log, other))
    }
    for (left, right) in pairs {
      for (one, other) in zip(left.figures ?? [], right.figures ?? []) where one != other {
        differs = true
        let name = one.name
        session.terminal.answer(
          "\(name) at \(left.iteration): \(one.value.map { "\($0)" } ?? "–") | \(other.value.map { "\($0)" } ?? "–")"
        )
      }
      if !toldStep, let one = left.step, let other = right.step, one != other,
        let first = try store.step(one), let second = try store.step(other)
      {
        toldStep = true
        let differences = KeyDifference.between(first.identity, second.identity) {
          (try? store.step($0))?.identity
        }
        for root in differences.flatMap(\.roots).prefix(3) {
          session.terminal.answer("first difference: \(root)")
        }
      }
    }
    if a.logs.count != b.logs.count {
      differs = true
      session.terminal.answer("figures logged: \(a.logs.count) times | \(b.logs.count) times")
    } else if pairs.count < a.logs.count {
      differs = true
      session.terminal.answer("logged in one trial only: \(a.logs.count - pairs.count) figures of each")
    }
    if !differs { session.terminal.answer("equal") }
    return differs ? .no : .done
  }

  static let query = Command(
    "query", "SQL", "Ask the store a question; it cannot be changed by one.",
    options: [Option("csv", "comma-separated"), Option("json", "for programs")],
    examples: [
      "query \"SELECT settings ->> 'filter' AS filter, avg(value) FROM last_metrics WHERE metric = 'accuracy_2' GROUP BY 1\""
    ]
  ) { session, arguments in
    guard let sql = arguments.operands.first, arguments.operands.count == 1 else {
      throw UsageError("one query in quotes", remedy: "emend query \"SELECT * FROM last_metrics LIMIT 5\"")
    }
    let result = try session.openStore().query(sql, for: .exploration(document: nil))
    if arguments.switches.contains("json") {
      session.terminal.answer(result.json.text)
    } else if arguments.switches.contains("csv") {
      session.terminal.answer(file: result.csv)
    } else {
      let rows = [result.columns] + result.rows.map { $0.map(\.text) }
      let widths = result.columns.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
      for row in rows {
        session.terminal.answer(zip(row, widths).map { $0.padding(to: $1 + 2) }.joined().trimmingTrailing)
      }
    }
    return .done
  }

  static let export = Command(
    "export", "FORMAT FILE [FOLDER]",
    "Write a document's results: csv or json (every figure), latex (its tables), huggingface (a model).",
    options: [
      Option("study", value: "NAME", "of this study only"),
      Option("numerics", value: "NAME", "native or openblas"),
    ] + modelExportOptions,
    examples: [
      "export csv recipes/quickstart.md > figures.csv", "export latex recipes/quickstart.md",
      "export huggingface --model base recipes/quickstart.md base-model",
    ]
  ) { session, arguments in
    if arguments.operands.first == "huggingface" { return try Self.exportModel(session, arguments) }
    guard arguments.operands.count == 2 else {
      throw UsageError("a format and a document", remedy: "emend export csv recipes/quickstart.md")
    }
    let formats = ["csv", "json", "latex", "huggingface"]
    guard formats.contains(arguments.operands[0]) else {
      throw UsageError(
        "there is no format `\(arguments.operands[0])`",
        remedy: NearestName.remedy(arguments.operands[0], in: formats)
          ?? "the formats are csv, json, latex and huggingface")
    }
    let store = try session.openStore()
    let path = arguments.operands[1]
    if arguments.operands[0] == "latex" {
      let prepared = try session.prepare(path, numerics: Session.numerics(arguments), store: store)
      let report = renderReport(try ResultsReader(prepared, store: store).input())
      let tables = report.files.filter { $0.path.hasSuffix(".tex") }.map {
        String(decoding: $0.bytes, as: UTF8.self)
      }
      session.terminal.answer(file: tables.joined(separator: "\n"))
      return .done
    }
    let studies = try Self.studies(session, path, named: arguments.values["study"], in: store)
    guard studies.count < 2 else {
      throw CommandFailure(
        "\(path) has \(studies.count) studies, and a table has one",
        remedy: "choose with --study: \(studies.map(\.name).joined(separator: ", "))")
    }
    for study in studies {
      let table = try store.table(of: study.name, in: study.document)
      session.terminal.answer(file: arguments.operands[0] == "csv" ? table.csv : table.json.text + "\n")
    }
    return .done
  }

  private static func literal(_ text: String) -> String {
    "'" + text.replacingOccurrences(of: "'", with: "''") + "'"
  }

  /// A document's studies in the store, or the one of that name.
  private static func studies(
    _ session: Session, _ path: String, named wanted: String?, in store: Store
  ) throws -> [StudyRecord] {
    let document = session.project.name(of: path)
    let all = try store.studies(of: document)
    let known = try store.documents()
    guard known.contains(document) else {
      throw CommandFailure(
        "the store has nothing of \(document)",
        remedy: NearestName.remedy(document, in: known)
          ?? "`emend list` lists what there is; `emend run` computes")
    }
    // Figures are those of the text that ran last.
    let place = Project.absolute(document, in: session.project.folder)
    if let file = FileManager.default.contents(atPath: place) {
      if try store.document(document)?.text != String(decoding: file, as: UTF8.self) {
        session.terminal.warn(
          "\(document) was edited after its last run: this is what its text of then gave; `emend run` brings it up to date"
        )
      }
    } else {
      session.terminal.warn("\(document) is not there any more: this is what it gave")
    }
    guard let wanted else { return all }
    let found = all.filter { $0.name == wanted }
    guard !found.isEmpty else {
      throw CommandFailure(
        "\(document) has no study `\(wanted)`",
        remedy: NearestName.remedy(wanted, in: all.map(\.name))
          ?? (all.isEmpty ? "it has none" : "its studies are \(all.map(\.name).joined(separator: ", "))"))
    }
    return found
  }

  private static func trial(_ prefix: String, in store: Store) throws -> TrialRecord {
    let found = try store.trials(withPrefix: prefix)
    guard let first = found.first else {
      throw CommandFailure("there is no trial `\(prefix)`", remedy: "`emend list --trials` lists them")
    }
    guard Set(found.map(\.key)).count == 1 else {
      throw CommandFailure("\(found.count) trials begin with `\(prefix)`", remedy: "give more digits")
    }
    return first
  }

  private static func settings(of trial: TrialRecord) -> String {
    (trial.settings.map { "\($0.name) \(text($0.value))" } + ["seed \(trial.seed)"]).joined(separator: ", ")
  }

  private static func text(_ value: SettingValue) -> String {
    switch value {
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    case .text(let value): value
    }
  }
}

extension String {
  fileprivate var trimmingTrailing: String { String(reversed().drop { $0 == " " }.reversed()) }
}
