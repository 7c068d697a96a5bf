import DSL
import Engine
import Foundation
import Host
import Testing

/// What is said of memory before anything runs.
struct MemoryPlanTests {
  private func plan(_ recipe: String, threads: Int = 2) throws -> (MemoryPlan, CountedRun) {
    let run = try CountedRun(recipe)
    let workload = Workload(run.prepared, presence: run.prepared.plan.steps.map { _ in .absent })
    return (MemoryPlan(run.prepared, workload, threads: threads), run)
  }

  private static func study(_ shape: String, training: String = "adamw(learning_rate: 1e-3)") -> String {
    """
    import "algorithms/stasc.md"
    sums = arithmetic(digits: 1, train: 12, validation: 6, test: 8)
    base = pretrain(transformer(\(shape)), on: sums.corpus, steps: 3)
    study variants = stasc(base, sums, iterations: 1, training: \(training))
    """
  }

  @Test func `training needs the most, and an adapter less than half of it`() throws {
    let shape = "layers: 8, width: 1024, heads: 8, feed_forward: 4096"
    let (full, run) = try plan(Self.study(shape))
    let most = try #require(full.needs.first)
    #expect(["pretrain", "fine_tune"].contains(run.prepared.plan.steps[most.step.index].operation))
    let weights = 4 * 8 * (4 * 1024 * 1024 + 3 * 1024 * 4096)
    #expect(full.shared >= weights && full.shared < weights * 11 / 10)
    // The moving weights, their gradients and two moments, and activations; the model that is given is shared.
    #expect(most.bytes > 4 * weights && most.bytes < 7 * weights, "\(most.bytes)")
    let (adapted, other) = try plan(Self.study(shape, training: "lora(learning_rate: 1e-3)"))
    func need(_ plan: MemoryPlan, _ run: CountedRun) -> Int? {
      plan.needs.first { run.prepared.plan.steps[$0.step.index].operation == "fine_tune" }?.bytes
    }
    #expect(try #require(need(adapted, other)) < #require(need(full, run)) / 2)
  }

  @Test func `as many steps run side by side as there is memory for`() throws {
    let (memory, _) = try plan(Self.study("layers: 2, width: 256"))
    #expect(memory.peak(jobs: 1) < memory.peak(jobs: 2))
    #expect(memory.jobs(upTo: 4, within: memory.peak(jobs: 4)) == 4)
    #expect(memory.jobs(upTo: 4, within: memory.peak(jobs: 2)) == 2)
    #expect(memory.jobs(upTo: 4, within: memory.peak(jobs: 1) - 1) == 0)
    #expect(memory.needs.map(\.bytes) == memory.needs.map(\.bytes).sorted(by: >))
  }

  @Test func `a loaded model is judged by its files`() throws {
    let fixtures = URL(filePath: #filePath).appending(path: "../../../EngineTests/Oracles/Fixtures/Families")
      .standardizedFileURL.path(percentEncoded: false)
    let (memory, _) = try plan(
      """
      import "algorithms/stasc.md"
      sums = arithmetic(digits: 1, train: 12, validation: 6, test: 8)
      base = load("\(fixtures)/qwen3")
      study variants = stasc(base, sums, iterations: 1)
      """)
    let architecture = try ModelFiles.open(fixtures + "/qwen3").architecture
    #expect(memory.shared == MemoryEstimate.model(architecture).bytes)
  }

  @Test(arguments: [
    (999, "1 kB"), (40_000_000, "40 MB"), (2_950_000_000, "2.9 GB"), (24_000_000_000, "24.0 GB"),
    (Int.max, "more memory than any machine has"),
  ])
  func `bytes are said in words`(bytes: Int, words: String) {
    #expect(MemoryPlan.words(bytes) == words)
  }

  @Test func `this machine has some memory`() {
    #expect(Machine.memory > 100_000_000)
  }
}
