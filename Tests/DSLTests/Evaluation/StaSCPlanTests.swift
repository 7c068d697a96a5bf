import DSL
import Foundation
import Testing

@Suite struct StaSCPlanTests {
  static let algorithm: String = {
    let url = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../recipes/algorithms/stasc.md").standardizedFileURL
    return (try? String(contentsOf: url, encoding: .utf8)) ?? ""
  }()

  static func plan(_ clauses: String) -> Compilation {
    compile([
      "ablation.md": """
      ```recipe
      import "stasc.md"
      sums = arithmetic(digits: 3, train: 500, validation: 200, test: 500)
      base = pretrain(tiny, on: sums.corpus, steps: 1500)
      study variants = stasc(base, sums, iterations: 5) {
        \(clauses)
      }
      table variants { columns accuracy_1, accuracy_2, delta, i_to_c, c_to_i, kept, at best validation.accuracy_2 }
      expect variants.accuracy_2 at last - variants.accuracy_2 at 0 >= 0.10
      ```
      """, "stasc.md": algorithm,
    ])
  }

  /// Derived by hand, for 5 iterations and one seed. A model is measured in three ways. Where first answers evolve, that is an evaluation
  /// each (3); where they are fixed, the base's answers to the questions (3 for all models), corrections and a measure each (6):
  /// - before any training: task, base model, its first answers (3), the base measured both ways (3 + 9): 15
  /// - iteration 1: all share the corrections (1); each of the two filters has where, count, fine_tune, and a model measured
  ///   both ways, since both starts are the base model: 2 × (3 + 3 + 6); together 25
  /// - iteration 2, for each filter: new first answers where they evolve (1), for each of the two sets of first answers
  ///   correct, where, count (2 × 3), two starts each (4), two models measured each way (2 × 6 + 2 × 3): 29; both filters 58
  /// - iterations 3, 4, 5: eight different models; each has correct, where, count and fine_tune (8 × 4), four are measured each
  ///   way (4 × 6 + 4 × 3), and four have first answers of their own: 72; together 216
  @Test func `the eight variants share what they have in common`() throws {
    let compilation = StaSCPlanTests.plan(
      """
      vary initialization in [fixed, evolving]
      vary filter in [improving, non_decreasing]
      vary fine_tuning in [fixed, evolving]
      """)
    #expect(messages(compilation) == [])
    let plan = try #require(compilation.plan)
    #expect(plan.steps.count == 15 + 25 + 58 + 216)
    // All fixed: 3 and the base measured, then correct, where, count, fine_tune and six steps of measuring in each iteration.
    #expect(plan.studies[0].trials[0].steps.count == 3 + 9 + 5 * 10)
    // All evolving: 3 and the base measured; from iteration 2 on also first answers.
    #expect(plan.studies[0].trials[7].steps.count == 6 + 5 * 7 + 4)
    #expect(plan.studies[0].trials.count == 8)
    #expect(plan.names.map(\.name) == ["sums", "base"])
  }
}
