import Host
import Testing

/// What a report says of gold answers that help the answers it measures.
@Suite struct GoldAnswersUseTests {
  /// What is said of a study that measures `rows`, made by `statements` from answers, `$answers`, or trajectories, `$trajectories`.
  private func summary(_ statements: String) throws -> String {
    let made = statements.replacing("$answers", with: "base.answer(task.test)")
      .replacing("$trajectories", with: "base.self_improve(task.test, updates: 1)")
    let run = try CountedRun(
      """
      words = reasoning(word_sorting, seen: ["words2"], unseen: ["words3"], train: 4, validation: 0, test: 4, pool: 4)
      base = untrained(transformer(layers: 1, width: 16, heads: 2, feed_forward: 32), words)
      algorithm tried(base: Model, task: Task) {
        \(made)
        log 0 { measure(rows) }
        return base
      }
      study trying = tried(base, words)
      """)
    return GoldAnswersUse(plan: run.prepared.plan).summary
  }

  @Test(arguments: [
    "rows = $answers", "rows = base.correct($answers)", "rows = $answers where finished and seen",
    "rows = $trajectories", "rows = $trajectories where accepted",
    "rows = base.improve($trajectories, by: teacher(base))",
    // What a model learned from, and what is only counted.
    "rows = base.fine_tune(base.gold(task.train), adamw(learning_rate: 1e-3)).answer(task.test)",
    "kept = $answers where correct\n        log 1 { kept: count(kept) }\n        rows = $answers",
  ])
  func `a model that is alone with its questions reads none`(statements: String) throws {
    #expect(try summary(statements) == "no")
  }

  @Test(arguments: [
    ("rows = $answers where correct", "`where` with `correct`"),
    ("rows = base.correct($answers where not (reward > 0.5) and finished)", "`where` with `reward`"),
    ("rows = base.correct($answers) where seen or first.correct", "`where` with `first.correct`"),
    ("rows = base.feedback($trajectories)", "`feedback` by `script`"),
    (
      "rows = base.improve(base.feedback($trajectories, by: teacher(base)), by: script)",
      "`improve` by `script`"
    ),
    ("rows = base.gold(task.test)", "`gold`"),
    ("rows = base.correct(base.rationales(task.test, errors: 1))", "`rationales`"),
    (
      "rows = base.correct(base.improve(base.feedback($trajectories)) where correct)",
      "`feedback` by `script`, `improve` by `script`, `where` with `correct`"
    ),
  ])
  func `a study is named that measures what gold answers wrote, led or chose`(
    statements: String, uses: String
  ) throws {
    #expect(try summary(statements) == "**yes**, by \(uses) in `trying`")
  }
}
