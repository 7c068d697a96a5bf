internal import DSL
import Foundation

/// Tells a person how a run goes: one live line on a terminal, plain lines elsewhere.
final class Progress: @unchecked Sendable {
  private let prepared: PreparedPlan
  private let terminal: Terminal
  private let lock = NSLock()
  private var done = 0
  private let total: Int
  private var current: [StepID: (done: Int, total: Int)] = [:]
  private let weights: [Double?]
  /// Steps of every kind have run before, so the time left can be told from the start.
  private let isTimed: Bool
  private var weightLeft: Double
  private var weightDone = 0.0
  private let begun = ContinuousClock.now
  private var lastLine = ContinuousClock.now
  private var trialSteps: [(name: String, open: Set<StepID>)]

  /// - Parameter weights: seconds that each step is expected to take.
  init(_ prepared: PreparedPlan, _ workload: Workload, weights: [Double?], terminal: Terminal) {
    self.prepared = prepared
    self.terminal = terminal
    self.weights = weights
    total = workload.toRun.count
    weightLeft = workload.toRun.reduce(0) { $0 + (weights[$1.index] ?? 1) }
    isTimed = workload.toRun.allSatisfy { weights[$0.index] != nil }
    let running = Set(workload.toRun)
    trialSteps = prepared.plan.studies.flatMap { study in
      study.trials.map { trial in
        let settings =
          zip(study.axes, trial.settings).map { "\($0.name) \($0.label(of: $1))" } + ["seed \(trial.seed)"]
        return ("\(study.name) (\(settings.joined(separator: ", ")))", Set(trial.steps).intersection(running))
      }
    }.filter { !$0.open.isEmpty }
  }

  func note(_ event: RunEvent) {
    lock.withLock {
      switch event {
      case .started(let step, _): current[step] = (0, 0)
      case .progress(let step, let done, let total):
        current[step] = (done, total)
        if ContinuousClock.now - lastLine < .milliseconds(200) { return }
      case .finished(let step, _): finish(step)
      case .failed(let step, let message, let remedy):
        current[step] = nil
        if terminal.isLive { terminal.live("") }
        terminal.warn(
          "failed: \(prepared.place(of: step)) \(prepared.plan.steps[step.index].operation): \(message)\n  = \(remedy)"
        )
        for trial in trialSteps where trial.open.contains(step) { terminal.warn("  needed by \(trial.name)") }
      case .damaged(let step, let place):
        terminal.warn(
          "damaged: a kept value of \(prepared.plan.steps[step.index].operation) is not what it was (moved to \(place)); it is computed again"
        )
      case .differed(let step, let before, let now):
        terminal.warn(
          "differs: \(prepared.place(of: step)) \(prepared.plan.steps[step.index].operation) gave \(now.short), before \(before.short)\n  = please report this: the same call must give the same bytes"
        )
      }
      show()
    }
  }

  private func finish(_ step: StepID) {
    current[step] = nil
    done += 1
    let weight = weights[step.index] ?? 1
    weightLeft -= weight
    weightDone += weight
    for index in trialSteps.indices where trialSteps[index].open.contains(step) {
      trialSteps[index].open.remove(step)
      if trialSteps[index].open.isEmpty, !terminal.isLive {
        lastLine = .now
        terminal.say("\(status): \(trialSteps[index].name) finished")
      }
    }
    trialSteps.removeAll { $0.open.isEmpty }
  }

  /// `120/500 steps, about 2 min left`.
  private var status: String {
    var words = "\(done)/\(total) steps"
    let elapsed = Double((ContinuousClock.now - begun).components.seconds)
    if isTimed || 5 * done > total, weightDone > 0, elapsed > 2, done < total {
      words += ", about \(PlanOverview.words(elapsed * weightLeft / weightDone)) left"
    }
    return words
  }

  private func show() {
    if terminal.isLive {
      lastLine = .now
      let steps = current.sorted { $0.key < $1.key }.prefix(2).map { step, progress in
        let name = prepared.plan.steps[step.index].operation
        return progress.total > 0 ? "\(name) \(100 * progress.done / progress.total) %" : name
      }
      terminal.live("\(status): \(steps.joined(separator: ", "))")
    } else if ContinuousClock.now - lastLine > .seconds(30) {
      lastLine = .now
      terminal.say(status)
    }
  }

  func end() {
    if terminal.isLive { terminal.live("") }
  }
}
