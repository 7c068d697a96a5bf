extension Evaluator {
  /// Calls that made steps of which nothing needs any.
  mutating func warnOfUnusedSteps(_ live: [Int32]) {
    guard program.items.contains(where: { if case .query = $0.kind { false } else { true } }) else { return }
    var isLive = [Bool](repeating: false, count: steps.count)
    for step in live { isLive[Int(step)] = true }
    var dead = [Int](repeating: 0, count: program.sites.count)
    var used = [Bool](repeating: false, count: program.sites.count)
    for step in 0..<steps.count {
      if isLive[step] { used[steps.sites[step]] = true } else { dead[steps.sites[step]] += 1 }
    }
    for (site, repeated) in steps.repeats where repeated.contains(where: { isLive[Int($0)] }) {
      used[site] = true
    }
    for (site, count) in dead.enumerated() where count > 0 && !used[site] {
      let span = program.sites[site]
      let isTold = program.unusedValues.contains {
        $0.document == span.document && $0.start <= span.start && span.end <= $0.end
      }
      if isTold { continue }
      warnings.append(
        Diagnostic(
          EvaluationCode.unusedStep, "nothing needs what this call gives", at: span,
          label: count == 1 ? "1 step is left out of the plan" : "\(count) steps are left out of the plan",
          remedy: "log it, return it, show it, or remove it"))
    }
  }

  /// A claim of which no run decides anything, such as a share compared with 50.
  mutating func warnOfForegone(_ claim: ReportClaim, at span: Span) {
    guard let holds = claim.foregone else { return }
    warnings.append(
      Diagnostic(
        StudyCode.foregoneClaim, "this claim \(holds ? "holds" : "fails") whatever comes out", at: span,
        label: "a share lies between 0 and 1, a difference of two between -1 and 1",
        remedy: "write 0.5 for 50 %, and 0.02 for 2 points"))
  }

  /// Axes, and seeds, that change nothing of what is logged.
  mutating func warnOfUnreadAxes(_ checked: CheckedStudy, _ study: EvaluatedStudy) {
    let prints = fingerprints(of: study)
    for (index, group) in checked.groups.enumerated() {
      let classes = classes(of: study, prints) { trial in
        var key = trial.positions
        key[index] = 0
        return key + [trial.seed]
      }
      warn(of: group, index, in: checked, study, classes)
    }
    guard study.seeds.count > 1, let seeds = checked.seeds else { return }
    let bySeed = classes(of: study, prints) { $0.positions }
    if bySeed.allSatisfy({ $0.distinct == 1 }) {
      warnings.append(
        Diagnostic(
          StudyCode.unreadSeeds, "the seed changes nothing", at: seeds.span,
          label: "\(study.seeds.count) seeds, 1 distinct plan",
          remedy: "remove `seeds`: no operation of this study uses a seed"))
    }
  }

  /// Trials that differ in one thing only.
  private struct TrialClass {
    /// Of one of them.
    var positions: [Int]
    var settings: [Value]
    var size: Int
    var distinct: Int
  }

  /// A number for each trial, equal for trials that log the same and give the same.
  private func fingerprints(of study: EvaluatedStudy) -> [Int] {
    struct Print: Hashable {
      var entries: [TrialLog.Entry]
      var result: Value
    }
    var known: [Print: Int] = [:]
    return study.trials.map { trial in
      let print = Print(entries: trial.entries, result: trial.result)
      let number = known[print] ?? known.count
      known[print] = number
      return number
    }
  }

  private func classes(
    of study: EvaluatedStudy, _ prints: [Int], by key: (EvaluatedStudy.Trial) -> [Int]
  ) -> [TrialClass] {
    var indices: [[Int]: Int] = [:]
    var result: [TrialClass] = []
    var seen: [Set<Int>] = []
    for (trial, print) in zip(study.trials, prints) {
      let key = key(trial)
      if let index = indices[key] {
        result[index].size += 1
        if seen[index].insert(print).inserted { result[index].distinct += 1 }
      } else {
        indices[key] = result.count
        result.append(
          TrialClass(positions: trial.positions, settings: trial.settings, size: 1, distinct: 1))
        seen.append([print])
      }
    }
    return result
  }

  private mutating func warn(
    of group: CheckedStudy.Group, _ index: Int, in checked: CheckedStudy, _ study: EvaluatedStudy,
    _ classes: [TrialClass]
  ) {
    let names = quotedList(group.axes.map { checked.axes[$0].name.text })
    let span = checked.axes[group.axes.lowerBound].name.span
    let count = Set(study.trials.map { $0.positions[index] }).count
    let comparable = classes.filter { $0.size > 1 }
    guard count > 1, !comparable.isEmpty else { return }
    if comparable.allSatisfy({ $0.distinct == 1 }) {
      warnings.append(
        Diagnostic(
          StudyCode.unreadAxis, "varying \(names) changes nothing", at: span,
          label: "\(count) values, 1 distinct plan", remedy: "remove this `vary`"))
      return
    }
    var explained = Set<Int>()
    for axis in checked.axes.indices where !group.axes.contains(axis) {
      for value in study.axes[axis] {
        let members = comparable.indices.filter { comparable[$0].settings[axis] == value }
        guard !members.isEmpty, members.allSatisfy({ comparable[$0].distinct == 1 }),
          !explained.isSuperset(of: members)
        else { continue }
        explained.formUnion(members)
        let setting = "\(checked.axes[axis].name.text): \(text(of: value))"
        let size = members.map { comparable[$0].size }.max() ?? 0
        warnings.append(
          Diagnostic(
            StudyCode.unreadAxis, "\(names) is not read under `\(setting)`", at: span,
            label: "\(size) values, 1 distinct plan there",
            remedy: exceptRemedy(
              checked.axes[axis].name.text, value, checked.axes[group.axes.lowerBound].name.text,
              study.axes[group.axes.lowerBound].first)))
      }
    }
  }

  private func exceptRemedy(_ axis: String, _ value: Value, _ unread: String, _ kept: Value?) -> String {
    let kept = kept.map { text(of: $0) } ?? "…"
    return "leave the repeats out: `except \(axis) == \(text(of: value)) and \(unread) != \(kept)`"
  }
}
