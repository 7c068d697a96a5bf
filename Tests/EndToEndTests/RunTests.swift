import Foundation
import Testing

@Suite(.serialized, .enabled(if: Program.isBuilt, "build the program first: make build"))
struct RunTests {
  @Test func `running again executes nothing, and gives the same bytes in another folder with other threads`()
    throws
  {
    let first = try Program()
    let second = try Program()
    defer {
      first.remove()
      second.remove()
    }
    try first.write("small.md", Program.study)
    try second.write("small.md", Program.study)
    let outcome = try first.run("run", "-j", "1", "--threads", "1", "small.md")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try first.report("small")
    #expect(report.keys.contains("report.md") && report.keys.contains { $0.hasSuffix(".svg") })
    let again = try first.run("run", "small.md")
    #expect(again.status == 0 && again.errors.contains("nothing to run"))
    #expect(try first.report("small") == report)
    #expect(try first.run("report", "--check", "small.md").status == 0)
    #expect(try second.run("run", "-j", "3", "--threads", "3", "small.md").status == 0)
    #expect(try second.report("small") == report)
    let verified = try first.run("verify", "small.md")
    #expect(verified.status == 0 && verified.output.contains("the same bytes"), "\(verified.output)")
    try Data("changed".utf8).write(to: first.folder.appending(path: "results/small/report.md"))
    #expect(try first.run("report", "--check", "small.md").status == 1)
  }

  @Test func `a run that is killed goes on where it was, and ends with the same report`() throws {
    let whole = try Program()
    let killed = try Program()
    defer {
      whole.remove()
      killed.remove()
    }
    try whole.write("small.md", Program.study)
    try killed.write("small.md", Program.study)
    #expect(try whole.run("run", "small.md").status == 0)
    let kills = ProcessInfo.processInfo.environment["LONG"] == nil ? 4 : 20
    for kill in 0..<kills {
      let process = try killed.start(["run", "-q", "small.md"])
      usleep(UInt32(60_000 + 70_000 * (kill % 10)))
      Foundation.kill(process.processIdentifier, kill % 2 == 0 ? SIGKILL : SIGTERM)
      process.waitUntilExit()
    }
    let outcome = try killed.run("run", "small.md")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try killed.report("small") == whole.report("small"))
    let rows = "SELECT * FROM all_metrics ORDER BY 1, 2, 3, 4, 5, 6, 7"
    #expect(try killed.run("query", "--csv", rows).output == whole.run("query", "--csv", rows).output)
  }

  @Test func `what cannot fit into memory is said by plan and refused by run before anything is computed`()
    throws
  {
    let program = try Program()
    defer { program.remove() }
    try program.write(
      "giant.md",
      """
      ```recipe
      sums = arithmetic(digits: 1, train: 12, validation: 6, test: 8)
      giant = pretrain(transformer(layers: 128, width: 8192, heads: 64, feed_forward: 32768), on: sums.corpus, steps: 1)
      show giant
      ```
      """)
    let plan = try program.run("plan", "giant.md")
    #expect(plan.status == 0 && plan.output.contains("memory: up to "), "\(plan.output)\(plan.errors)")
    #expect(plan.output.contains("pretrain at giant.md:3"))
    let run = try program.run("run", "giant.md")
    #expect(run.status == 1 && run.errors.contains("giant.md:3: pretrain needs about "), "\(run.errors)")
    #expect(run.errors.contains("--ignore-memory"))
  }

  @Test func `a step that fails fails only the trials that need it, and is told with its line`() throws {
    let program = try Program()
    defer { program.remove() }
    try program.write(
      "failing.md",
      """
      ```recipe
      import "algorithms/stasc.md"
      sums = arithmetic(digits: 1, train: 10, validation: 5, test: 10)
      study s = stasc(
        pretrain(transformer(layers: 1, width: width, heads: 2, feed_forward: 32, context: 32),
          on: sums.corpus, steps: 5),
        sums, iterations: 1, decoding: greedy(max_tokens: 3), training: adamw(learning_rate: 1e-3)) {
        vary width in [16, 17]
      }
      table s { columns accuracy_1 }
      ```
      """)
    let outcome = try program.run("run", "failing.md")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("failing.md:5") && outcome.errors.contains("17"), "\(outcome.errors)")
    let report = String(decoding: try program.report("failing")["report.md"] ?? Data(), as: UTF8.self)
    #expect(report.contains("17") && report.contains("does not divide"))
  }

  @Test func `a report says why a shown value is not to be seen`() throws {
    let program = try Program()
    defer { program.remove() }
    let sums = "sums = arithmetic(digits: 1, train: 9, validation: 3, test: 3)"
    func write(showing name: String) throws {
      try program.write("a.md", "# Sums\n\n```recipe\nn = 2\n\(sums)\nshow \(name)\n```\n")
    }
    func report(_ command: String) throws -> String {
      #expect(try program.run(command, "a.md").status == 0)
      return String(decoding: try #require(try program.report("a")["report.md"]), as: UTF8.self)
    }
    try write(showing: "n")
    _ = try report("run")
    try write(showing: "sums")
    #expect(try report("report").contains("*Not computed yet.*"))
    let whole = try report("run")
    #expect(!whole.contains("*Not computed yet.*") && !whole.contains("any more"))
    try FileManager.default.removeItem(at: program.folder.appending(path: "results/blobs"))
    #expect(
      try report("report").contains(
        "*Its value is not in the store any more; `emend run` computes it again.*"))
    #expect(try report("run") == whole)
  }

  @Test func `two documents with one report folder do not overwrite each other's report`() throws {
    let program = try Program()
    defer { program.remove() }
    let recipe = "# First\n\n```recipe\nlearning_rate = 2e-5\nshow learning_rate\n```\n"
    try FileManager.default.createDirectory(
      at: program.folder.appending(path: "recipes"), withIntermediateDirectories: true)
    try program.write("recipes/a.md", recipe)
    #expect(try program.run("run", "recipes/a.md").status == 0)
    let report = try program.report("a")
    let text = String(decoding: try #require(report["report.md"]), as: UTF8.self)
    #expect(text.contains("`emend verify recipes/a.md`"))
    try program.write("a.md", recipe.replacing("First", with: "Second"))
    for command in ["run", "report"] {
      let refused = try program.run(command, "a.md")
      #expect(refused.status == 1)
      #expect(refused.errors.contains("results/a has the report of recipes/a.md"))
    }
    #expect(try program.report("a") == report)
    // Its document gone, a report is nobody's.
    try FileManager.default.removeItem(at: program.folder.appending(path: "recipes/a.md"))
    #expect(try program.run("run", "a.md").status == 0)
    #expect(try program.report("a") != report)
  }

  @Test func `mistakes are told with their place, and the exit status says no`() throws {
    let program = try Program()
    defer { program.remove() }
    try program.write(
      "wrong.md", Program.study.replacingOccurrences(of: "[improving, non", with: "[improvng, non"))
    let outcome = try program.run("check", "wrong.md")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("wrong.md:12"), "\(outcome.errors)")
    #expect(outcome.errors.contains("did you mean `improving`?"), "\(outcome.errors)")
    #expect(try program.run("chekc", "wrong.md").status == 2)
    #expect(try program.run("chekc").errors.contains("did you mean `check`?"))
    #expect(try program.run("run", "--jbos", "2", "x.md").errors.contains("did you mean `--jobs`?"))
    #expect(try program.run("list").status == 3)
    #expect(try program.run("check", "absent.md").status == 1)
  }

  @Test func `the store answers questions, and shows the texts behind a figure`() throws {
    let program = try Program()
    defer { program.remove() }
    try program.write("small.md", Program.study)
    #expect(try program.run("run", "small.md").status == 0)
    let query = try program.run(
      "query", "--csv",
      "SELECT settings ->> 'filter' AS filter, count(*) FROM last_metrics "
        + "WHERE study = 'filters' AND metric = 'accuracy_2' GROUP BY 1")
    #expect(query.output.contains("improving,2"), "\(query.output)\(query.errors)")
    #expect(try program.run("query", "DELETE FROM steps").status == 1)
    let samples = try program.run("samples", "--rejected", "--limit", "3", "small.md")
    #expect(samples.output.contains("left out: reward"), "\(samples.output)\(samples.errors)")
    let flips = try program.run("samples", "--flips", "small.md")
    #expect(flips.status == 0 && flips.output.contains("  2: "), "\(flips.output)\(flips.errors)")
    // Three evaluations are logged; of a filter's rows no figure is.
    let evaluations = try program.run(
      "query", "--csv",
      "SELECT DISTINCT operation, evaluation FROM sample_texts WHERE evaluation IS NOT NULL ORDER BY 2")
    #expect(
      evaluations.output == "operation,evaluation\nevaluate,\nevaluate,greedy\nevaluate,validation\n",
      "\(evaluations.output)")
    let validated = try program.run("samples", "--operation", "evaluate", "--limit", "200", "small.md")
    #expect(validated.output.contains(" evaluate (validation), question "), "\(validated.output.prefix(300))")
    #expect(try program.run("export", "csv", "small.md").output.contains("accuracy_2"))
    #expect(try program.run("export", "latex", "small.md").output.contains("\\begin{tabular}"))
    let trials = try program.run("list", "--trials").output.split(separator: "\n").dropFirst().map {
      $0.split(separator: " ").first.map(String.init) ?? ""
    }
    #expect(trials.count == 4)
    let difference = try program.run("diff", trials[0], trials[2])
    #expect(difference.status == 1)
    #expect(difference.output.contains("filter: improving | non_decreasing"), "\(difference.output)")
    #expect(try program.run("show", trials[0]).output.contains("accuracy_2"))
    #expect(try program.run("gc").status == 0)
    let store = program.folder.appending(path: "results").path(percentEncoded: false)
    let elsewhere = try program.run("gc", "--delete", "-C", "/", "--store", store)
    #expect(elsewhere.status == 1)
    #expect(elsewhere.errors.contains("none of the store's documents"), "\(elsewhere.errors)")
    #expect(try program.run("doctor").status == 0)
  }

  @Test func `the texts of a trial do not depend on what ran before`() throws {
    func study(_ rows: String, _ lines: String) -> String {
      """
      ```recipe
      sums = arithmetic(digits: 1, train: 10, validation: 5, test: 5)
      base = pretrain(tiny, on: sums.corpus, steps: 10)
      algorithm one(base: Model, task: Task) {
        first = base.answer(task.train)
      \(lines)
        log 1 { kept: count(\(rows)) }
        return base.fine_tune(\(rows), adamw(learning_rate: 1e-4))
      }
      study s = one(base, sums)
      ```

      ```sql texts
      SELECT operation, attempt, count(*) FROM sample_texts GROUP BY 1, 2 ORDER BY 1, 2
      ```

      """
    }
    let names = ["corrected.md", "first.md"]
    func reports(_ order: [String]) throws -> [String] {
      let program = try Program()
      defer { program.remove() }
      try program.write("corrected.md", study("second", "  second = base.correct(first)"))
      try program.write("first.md", study("first", ""))
      // Each once more at the end: what ran meanwhile changes nothing.
      for name in order + order {
        let outcome = try program.run("run", name)
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      return try names.map {
        String(decoding: try #require(program.report(String($0.dropLast(3)))["report.md"]), as: UTF8.self)
      }
    }
    let one = try reports(names)
    #expect(one[0].contains("| correct | 2 | 10 |") && !one[0].contains("| answer |"), "\(one[0])")
    #expect(one[1].contains("| answer | 1 | 10 |"), "\(one[1])")
    #expect(try reports(names.reversed()) == one)
  }

  @Test func `the store calls settings what the recipe calls them, and learns a new name`() throws {
    let program = try Program()
    defer { program.remove() }
    func write(_ name: String) throws {
      try program.write(
        "named.md",
        """
        ```recipe
        sums = arithmetic()
        \(name) = pretrain(tiny, on: sums.corpus, steps: 1)
        algorithm f(model: Model, decoding: Decoding, sizes: [Int]) {
          log 0 { n: 1 }
          return 1
        }
        study s = f() {
          vary model in [\(name)]
          vary decoding in [greedy, nucleus(temperature: 0.5)]
          vary sizes in [[1, 2]]
        }
        ```

        """)
      let outcome = try program.run("run", "named.md")
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    for name in ["base", "start"] {
      try write(name)
      let list = try program.run("list", "--trials", "named.md").output
      #expect(list.contains("model \(name), decoding greedy, sizes [1, 2], seed 0"), "\(list)")
      let table = try program.run("export", "csv", "named.md").output
      #expect(table.contains("\(name),nucleus(temperature: 0.5),"), "\(table)")
      let rows = try program.run(
        "query", "--csv", "SELECT DISTINCT settings ->> 'model' AS model FROM all_metrics")
      #expect(rows.output == "model\n\(name)\n", "\(rows.output)")
    }
  }

  @Test(arguments: ["", "# A title\n\nAnd text.\n", "```recipe\n```\n", "```recipe\nn = 2\nshow n\n```\n"])
  func `a document with nothing to compute goes through every command`(text: String) throws {
    let program = try Program()
    defer { program.remove() }
    try program.write("empty.md", text)
    for command in [
      ["check", "empty.md"], ["plan", "empty.md"], ["run", "empty.md"], ["run", "empty.md"],
      ["verify", "empty.md"], ["report", "--check", "empty.md"], ["list"], ["list", "empty.md"],
      ["export", "csv", "empty.md"], ["export", "json", "empty.md"], ["export", "latex", "empty.md"],
      ["samples", "empty.md"], ["fmt", "--check", "empty.md"], ["gc"], ["doctor"],
    ] {
      let outcome = try program.run(command)
      #expect(outcome.status == 0, "\(command): \(outcome.status) \(outcome.errors.prefix(300))")
    }
    let report = String(decoding: try program.report("empty")["report.md"] ?? Data(), as: UTF8.self)
    #expect(report.contains("## Provenance") && report.contains("| Numerics | native |"))
  }

  @Test func `what a shipped algorithm takes is told without its document`() throws {
    let program = try Program()
    defer { program.remove() }
    let told = try program.run("describe", "stasc")
    #expect(told.status == 0 && told.output.contains("algorithm stasc(…) → Model"), "\(told.errors)")
    #expect(told.output.contains("initial_samples: Int in 1...64"), "\(told.output)")
    #expect(told.output.contains("import \"algorithms/stasc.md\""), "\(told.output)")
    #expect(try program.run("describe", "stasv").errors.contains("nothing is called `stasv`"))
  }
}
