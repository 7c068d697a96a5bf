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

  /// Derived by hand, for 5 iterations and one seed:
  /// - before any training: task, base model, three evaluations of it, its first answers: 6
  /// - iteration 1: all share the corrections (1); each of the two filters has where, count, fine_tune and three
  ///   evaluations, since both starts are the base model: 2 × 6; together 13
  /// - iteration 2, for each filter: new first answers where they evolve (1), and for each of the two sets of first answers
  ///   correct, where, count (2 × 3), with two starts each fine_tune and three evaluations (4 × 4): 23; both filters 46
  /// - iterations 3, 4, 5: eight different models; each has correct, where, count, fine_tune and three evaluations, and the four
  ///   that evolve first answers also those: 8 × 7 + 4 = 60; together 180
  @Test func `the eight variants share what they have in common`() throws {
    let compilation = StaSCPlanTests.plan(
      """
      vary initialization in [fixed, evolving]
      vary filter in [improving, non_decreasing]
      vary fine_tuning in [fixed, evolving]
      """)
    #expect(messages(compilation) == [])
    let plan = try #require(compilation.plan)
    #expect(plan.steps.count == 6 + 13 + 46 + 180)
    // All fixed: 6, then correct, where, count, fine_tune and three evaluations in each iteration.
    #expect(plan.studies[0].trials[0].steps.count == 6 + 5 * 7)
    // All evolving: from iteration 2 on also first answers.
    #expect(plan.studies[0].trials[7].steps.count == 6 + 5 * 7 + 4)
    #expect(plan.studies[0].trials.count == 8)
    #expect(plan.names.map(\.name) == ["sums", "base"])
  }
}
