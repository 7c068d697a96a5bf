extension LogicalDeduction {
  package struct Progress: Sendable {
    /// The clues said so far.
    var said: [DeductionClue] = []
    /// What of the order is known, right or believed; empty before the first such step.
    var known: [Int?] = []
    /// The order that a clue misread leads to, if it allows one.
    var believed: [Int]?
  }
  package var start: Progress { Progress() }

  package func check(_ content: Substring, _ progress: inout Progress) -> StepFault? {
    if let clue = DeductionClue(content, count: count) {
      if clue.isContradicted(by: order.map { $0 }) {
        let said = clues.first { $0.isAbout(clue) }
        return StepFault(content, said == nil ? .value : .clue, (said ?? truth(about: clue)).text)
      }
      guard !progress.said.contains(clue) else {
        return StepFault(content, .repeated, "this clue was taken up")
      }
      progress.said.append(clue)
      return nil
    }
    let bytes = Array(content.utf8)
    guard bytes.count == count,
      bytes.allSatisfy({ $0 == UInt8(ascii: "?") || (0..<count).contains(Int($0) - 65) })
    else { return StepFault(content, .unreadable) }
    let written = bytes.map { $0 == UInt8(ascii: "?") ? nil : Int($0) - 65 }
    for (place, object) in progress.known.enumerated() {
      guard let object, written[place] != object else { continue }
      return StepFault(content, .earlier, "\(DeductionClue.name(object))=\(place + 1) was known")
    }
    for (place, object) in written.enumerated() {
      guard let object, object != order[place] else { continue }
      return StepFault(content, reason(place, object, written))
    }
    guard written != progress.known, written.contains(where: { $0 != nil }) else {
      return StepFault(content, .repeated, "nothing new is known")
    }
    progress.known = written
    return nil
  }

  /// What is true of what a clue is about.
  private func truth(about clue: DeductionClue) -> DeductionClue {
    switch clue {
    case .before(let a, let b): .before(b, a)
    case .at(let object, _): .at(object, place: order.firstIndex(of: object) ?? 0)
    }
  }

  /// Why an object cannot stand at a place: it stands there twice, a clue, or all of them together.
  private func reason(_ place: Int, _ object: Int, _ written: [Int?]) -> FaultReason {
    if written.count(where: { $0 == object }) > 1 {
      return FaultReason(.placement, "\(DeductionClue.name(object)) stands there twice")
    }
    if let clue = clues.first(where: { $0.isContradicted(by: written) }) {
      return FaultReason(.clue, clue.text)
    }
    return FaultReason(
      .placement, "\(DeductionClue.name(object)) is at \((order.firstIndex(of: object) ?? 0) + 1)")
  }

  package func checkAnswer(_ answer: Substring, _ progress: Progress) -> StepFault? {
    guard progress.known.indices.contains(asked), let object = progress.known[asked] else {
      return StepFault(answer, .missing, "who is at \(asked + 1)")
    }
    guard let option = DateUnderstanding.option(answer) else { return StepFault(answer, .unreadable) }
    return option == object
      ? nil : StepFault(answer, .earlier, "\(DeductionClue.name(object))=\(asked + 1) was known")
  }

  /// First what every clue says, then the order: all that clues place outright in one step, the others one by one, those first
  /// that have one place left.
  package func nextStep(_ progress: inout Progress) -> String? {
    if progress.known.isEmpty {
      if let clue = clues.first(where: { !progress.said.contains($0) }) {
        progress.said.append(clue)
        return clue.text
      }
      progress.known = firstKnown(progress.believed ?? order)
      return Self.text(progress.known)
    }
    guard let next = nextPlacement(progress.known, progress.believed ?? order) else { return nil }
    progress.known[next.place] = next.object
    return Self.text(progress.known)
  }

  /// What clues place outright; if none does, what is placed first.
  private func firstKnown(_ order: [Int]) -> [Int?] {
    var known = [Int?](repeating: nil, count: count)
    for case .at(let object, _) in clues {
      if let place = order.firstIndex(of: object) { known[place] = object }
    }
    if known.allSatisfy({ $0 == nil }), let first = nextPlacement(known, order) {
      known[first.place] = first.object
    }
    return known
  }

  /// An object that is not placed yet and its place: the true one, unless a belief has taken it.
  private func nextPlacement(_ known: [Int?], _ order: [Int]) -> (object: Int, place: Int)? {
    let free = known.indices.filter { known[$0] == nil }
    let left = (0..<count).filter { object in !known.contains(object) }
    guard let firstFree = free.first, let firstLeft = left.first else { return nil }
    let possible = left.map { object in
      (
        object,
        free.filter { place in
          var trial = known
          trial[place] = object
          return !clues.contains { $0.isContradicted(by: trial) || !leavesRoom($0, trial) }
        }
      )
    }
    if let (object, places) = possible.first(where: { $0.1.count == 1 }), let place = places.first,
      order[place] == object
    {
      return (object, place)
    }
    if let place = free.first(where: { left.contains(order[$0]) }) { return (order[place], place) }
    return (firstLeft, firstFree)
  }

  /// Whether a clue about an object placed and one that is not leaves a free place for that.
  private func leavesRoom(_ clue: DeductionClue, _ order: [Int?]) -> Bool {
    guard case .before(let a, let b) = clue else { return true }
    switch (order.firstIndex(of: a), order.firstIndex(of: b)) {
    case (let place?, nil): return order[(place + 1)...].contains { $0 == nil }
    case (nil, let place?): return order[..<place].contains { $0 == nil }
    default: return true
    }
  }

  static func text(_ known: [Int?]) -> String { known.map { $0.map(DeductionClue.name) ?? "?" }.joined() }

  package func finalAnswer(_ progress: Progress) -> String {
    let object = progress.known.indices.contains(asked) ? progress.known[asked] : nil
    return "(\(DeductionClue.name(object ?? 0)))"
  }

  /// A clue turned round or with another place; an object placed wrongly.
  package func wrongStep(_ progress: inout Progress, _ draws: inout Draws) -> String? {
    var right = progress
    guard nextStep(&right) != nil else { return nil }
    if right.said.count > progress.said.count, let clue = right.said.last {
      let misread = wrong(clue, &draws)
      progress = right
      let (ways, order) = (clues.filter { $0 != clue } + [misread]).orders(of: count)
      if ways > 0 { progress.believed = order }
      return misread.text
    }
    var known = right.known
    let fresh = known.indices.filter {
      known[$0] != nil && !(progress.known.indices.contains($0) && progress.known[$0] != nil)
    }
    guard let place = draws.choice(fresh) else { return nil }
    let others = known.indices.filter { $0 != place && (known[$0] == nil || fresh.contains($0)) }
    if let other = draws.choice(others) {
      known.swapAt(place, other)
    } else {
      guard let object = draws.choice((0..<count).filter { $0 != known[place] }) else { return nil }
      known[place] = object
    }
    progress = right
    progress.known = known
    return Self.text(known)
  }

  private func wrong(_ clue: DeductionClue, _ draws: inout Draws) -> DeductionClue {
    switch clue {
    case .before(let a, let b):
      guard draws.chance(300), let place = order.firstIndex(of: a), let other = draws.choice(order[..<place])
      else {
        return .before(b, a)
      }
      return .before(a, other)
    case .at(let object, let place):
      let mirrored = count - 1 - place
      if mirrored != place, draws.chance(500) { return .at(object, place: mirrored) }
      return .at(object, place: draws.choice((0..<count).filter { $0 != place }) ?? mirrored)
    }
  }

  package func wrongAnswer(_ progress: Progress, _ draws: inout Draws) -> String {
    "(\(DeductionClue.name(draws.choice((0..<count).filter { $0 != order[asked] }) ?? order[asked] + 1)))"
  }
}
