import DSL
import Engine
import Foundation
import Host
import Testing

/// Chains of policy steps through the real executor and store, on the smallest models.
struct PolicyRunTests {
  private static func study(_ settings: String, _ body: String = "seeds 1...1") -> String {
    """
    import "algorithms/score.md"
    import "algorithms/self-correction-baselines.md"
    sums = arithmetic(digits: 1, train: 12, validation: 6, test: 8)
    talk = corpus(sums, conversations: 60)
    base = pretrain(transformer(layers: 1, width: 16, heads: 2), on: talk, steps: 20, training: adamw(learning_rate: 1e-2, batch: 8))
    few = sampling(temperature: 1, max_tokens: 4)
    rate = adamw(learning_rate: 1e-3, batch: 8, weight_decay: 0)
    study policies = \(settings) {
      \(body)
    }
    """
  }
  private static let small =
    "score(base, sums, steps_1: 3, batch: 4, samples: 2, every: 4, decoding: few, evaluation: few, training: rate"

  @Test func `every setting of SCoRe runs`() throws {
    let run = try CountedRun(
      Self.study(
        Self.small + ", steps_2: 3)",
        """
        vary (stages, alpha, stage_2) in [(both, 10, policy_gradient), (only_1, 10, policy_gradient), (only_2, 0, policy_gradient), (single_turn, 0, policy_gradient), (both, 10, star)]
        vary (first_attempts, adaptive_beta_2) in [(on_policy, false), (base_mix, true), (base_only, false)]
        """))
    let outcome = try run.run()
    #expect(outcome.failed.isEmpty && !outcome.wasCancelled, "\(outcome.failed)")
    #expect(run.counts == run.planned)
    for (baseline, estimator, normalization) in [
      ("none", "k3", "sequence"), ("batch_mean", "in_reward", "constant"),
    ] {
      let other = try CountedRun(
        Self.study(
          Self.small
            + ", steps_2: 2, baseline: \(baseline), estimator: \(estimator), normalization: \(normalization), discount: 0.5)"
        ))
      #expect(try other.run().failed.isEmpty)
    }
  }

  @Test func `three and ten attempts, votes and every baseline run`() throws {
    for (call, body) in [
      (
        "score_of_three(base, sums, steps_1: 2, steps_2: 2, batch: 4, every: 2, decoding: few, evaluation: few, training: rate)",
        "seeds 1...1"
      ),
      ("many_attempts(base, sums.test, decoding: few)", "seeds 1...1"),
      ("votes(base, sums.test, doublings: 2, decoding: few)", "seeds 1...1"),
      (
        "self_correction_baseline(base, sums, rounds: 2, samples: 3, decoding: few, evaluation: few, training: rate)",
        "vary method in [base, self_refine, star, star_plus, pair_sft, pair_sft_plus, gold]"
      ),
    ] {
      let run = try CountedRun(Self.study(call, body))
      #expect(try run.run().failed.isEmpty)
      #expect(try !run.digests().contains(nil))
    }
  }

  @Test(arguments: [9, 17, 30])
  func `a chain of policy steps goes on where it stopped, to the same bytes`(stop: Int) throws {
    let recipe = Self.study(Self.small + ", steps_2: 6)")
    let whole = try CountedRun(recipe)
    try whole.run(jobs: 1, threads: 1)
    let halved = try CountedRun(recipe)
    #expect(try halved.run(stopAfter: stop).wasCancelled)
    let before = halved.counts["reinforce"] ?? 0
    #expect(try halved.run().failed.isEmpty)
    #expect(try halved.digests() == whole.digests())
    #expect(try halved.trials() == whole.trials())
    // At most the step that was under way is done twice.
    #expect((halved.counts["reinforce"] ?? 0) <= 9 + min(before, 1))
  }

  @Test func `of a chain of policies only the last is kept`() throws {
    let run = try CountedRun(Self.study(Self.small + ", steps_2: 6)"))
    try run.run()
    let store = try Store.open(at: run.folder.path + "/results", for: .read)
    defer { store.close() }
    let presence = try store.presence(of: run.prepared.keys.keys)
    let kept = run.prepared.plan.steps.indices.filter { index in
      guard ["reinforce", "batch", "answer", "correct"].contains(run.prepared.plan.steps[index].operation)
      else {
        return false
      }
      if case .present = presence[index] { return true }
      return false
    }
    #expect(kept.map { run.prepared.plan.steps[$0].operation } == ["reinforce"])
    let last = run.prepared.plan.steps.lastIndex { $0.operation == "reinforce" }
    #expect(kept == [last].compactMap(\.self))
  }

  @Test func `without a bonus and from the same steps, stage II is plain reinforcement learning`() throws {
    let plain = try CountedRun(Self.study(Self.small + ", steps_2: 4, stages: only_2, alpha: 0)"))
    let both = try CountedRun(
      Self.study(
        "score(base, sums, steps_1: 0, batch: 4, samples: 2, every: 4, decoding: few, evaluation: few, training: rate, steps_2: 4, alpha: 0)"
      ))
    #expect(plain.prepared.keys.keys == both.prepared.keys.keys)
  }
}
