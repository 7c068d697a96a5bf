package import DSL
internal import Engine
import Foundation

/// What memory a workload's steps will take, said before any of them runs.
///
/// An estimate from above for what the engine does; the program's own code, texts and tables are not in it.
package struct MemoryPlan: Sendable {
  /// A step to run, with the bytes it takes beside the models that others share.
  package struct Need: Sendable {
    package var step: StepID
    package var bytes: Int
  }

  /// The most first.
  package let needs: [Need]
  /// Bytes of the models that steps begin with: loaded ones, and those trained from nothing.
  package let shared: Int

  /// - Parameter threads: of a step.
  package init(_ prepared: PreparedPlan, _ workload: Workload, threads: Int) {
    let plan = prepared.plan
    var models = [ModelShape?](repeating: nil, count: plan.steps.count)
    var uses = [Int](repeating: 0, count: plan.steps.count)
    var working = [Int](repeating: 0, count: plan.steps.count)
    for index in plan.steps.indices {
      guard let operation = Catalogue.operation(named: plan.steps[index].operation) else { continue }
      let given = workload.inputs[index].filter { models[$0.index] != nil }
      let memory = operation.memory(
        of: Call(
          arguments: prepared.ownArguments(of: StepID(index)), context: ExecutionContext(threads: threads)),
        models: given.compactMap { models[$0.index] })
      models[index] = memory.model
      working[index] = memory.working
      if workload.reasons[index] != nil { for input in given { uses[input.index] += 1 } }
    }
    // Models that were made of no other model stay while steps are given them; those of a trial come and go with their steps.
    var shared = 0
    var isShared = [Bool](repeating: false, count: plan.steps.count)
    for index in plan.steps.indices {
      guard let model = models[index], workload.inputs[index].allSatisfy({ models[$0.index] == nil }) else {
        continue
      }
      isShared[index] = true
      if uses[index] > 0 { shared = MemoryEstimate.sum(shared, model.bytes) }
    }
    needs = workload.toRun.map { step in
      var bytes = working[step.index]
      // An adapted model keeps only its adapter; its weights are those of the model below it.
      func add(_ model: ModelShape?) {
        guard let model else { return }
        let weights = model.adapter == nil ? 0 : model.bytesWithoutAdapter
        bytes = MemoryEstimate.sum(bytes, model.bytes - weights)
      }
      for input in workload.inputs[step.index] where !isShared[input.index] { add(models[input.index]) }
      // What a step trains it gives away without a copy; what a step loads is among the shared.
      return Need(step: step, bytes: bytes)
    }.sorted { ($1.bytes, $0.step) < ($0.bytes, $1.step) }
    self.shared = shared
  }

  /// Bytes at the most with so many steps side by side.
  package func peak(jobs: Int) -> Int {
    needs.prefix(max(1, jobs)).reduce(shared) { MemoryEstimate.sum($0, $1.bytes) }
  }

  /// As many steps side by side, up to `jobs`, as fit; 0 where not even one does.
  package func jobs(upTo jobs: Int, within bytes: Int) -> Int {
    var count = jobs
    while count > 0, peak(jobs: count) > bytes { count -= 1 }
    return count
  }

  /// `2.9 GB`; `40 MB`.
  package static func words(_ bytes: Int) -> String {
    if bytes == .max { return "more memory than any machine has" }
    if bytes < 1_000_000 { return "\(max(1, bytes / 1000)) kB" }
    if bytes < 1_000_000_000 { return "\(bytes / 1_000_000) MB" }
    return "\(bytes / 1_000_000_000).\(bytes / 100_000_000 % 10) GB"
  }
}
