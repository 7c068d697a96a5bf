extension WordSorting {
  /// In a look-up: a neighbouring letter, a wrong place in the alphabet, another position, a word left out. In a line: two groups
  /// exchanged, a word left out or written twice, a bracket sorted without a look-up or words that differ left together.
  package func wrongStep(_ progress: inout Progress, _ draws: inout Draws) -> String? {
    let line = progress.line
    if line.next != line { return wrongLine(&progress, &draws) }
    guard let place = line.groups.firstIndex(where: { $0.words.count > 1 }) else { return nil }
    progress.line.groups[place].isLookedUp = true
    var group = line.groups[place]
    let victim = draws.integer(below: group.words.count)
    switch draws.integer(below: 4) {
    case 0 where group.words.count > 2:
      group.words.remove(at: victim)
      return Self.lookup(group) { Self.letter($0, $1) }
    case 1:
      group.depth += 1
      return Self.lookup(group) { Self.letter($0, $1) }
    case 2:
      let word = group.words[victim]
      let off = draws.chance(500) ? 1 : -1
      return Self.lookup(group) {
        let right = Self.letter($0, $1)
        guard $0 == word, let index = Int(right.dropFirst()) else { return right }
        return "\(right.prefix(1))\(index + off)"
      }
    default:
      let word = group.words[victim]
      let other = draws.integer(in: 1...25)
      return Self.lookup(group) {
        guard $0 == word else { return Self.letter($0, $1) }
        let rank = (max(Self.rank($0, $1), 97) - 97 + other) % 26
        return "\(UnicodeScalar(UInt8(97 + rank)))\(rank + 1)"
      }
    }
  }

  private func wrongLine(_ progress: inout Progress, _ draws: inout Draws) -> String? {
    var line = progress.line.next
    let brackets = line.groups.indices.filter { line.groups[$0].words.count > 1 }
    switch draws.integer(below: 5) {
    case 0 where !brackets.isEmpty:
      let place = draws.choice(brackets) ?? 0
      let words = draws.shuffled(line.groups[place].words)
      line.groups.replaceSubrange(place...place, with: words.map { SortingLine.Group(words: [$0], depth: 0) })
    case 1 where line.groups.count > 1:
      let place = draws.integer(below: line.groups.count - 1)
      let together = line.groups[place].words + line.groups[place + 1].words
      line.groups.replaceSubrange(
        place...place + 1, with: [SortingLine.Group(words: together, depth: line.groups[place].depth - 1)])
    case 2 where words.count > 2:
      let place = draws.integer(below: line.groups.count)
      let victim = draws.integer(below: line.groups[place].words.count)
      line.groups[place].words.remove(at: victim)
      if line.groups[place].words.isEmpty { line.groups.remove(at: place) }
    case 3:
      let place = draws.integer(below: line.groups.count)
      let word = line.groups[draws.integer(below: line.groups.count)].words[0]
      line.groups.insert(SortingLine.Group(words: [word], depth: 0), at: place)
      progress.line = line
      let text = line.text
      // What follows a repetition is written as if it had been seen through.
      progress.line = start.line
      progress.line.groups[0].isLookedUp = true
      progress.line = progress.line.next
      return text
    default:
      guard line.groups.count > 1 else { return nil }
      let place = draws.integer(below: line.groups.count - 1)
      line.groups.swapAt(place, place + 1)
    }
    progress.line = line
    return line.text
  }

  package func wrongAnswer(_ progress: Progress, _ draws: inout Draws) -> String {
    var wrong = sorted
    let place = draws.integer(below: max(wrong.count - 1, 1))
    switch draws.integer(below: 3) {
    case 0 where wrong.count > 2: wrong.remove(at: place)
    case 1: wrong[place] = wrong[place + 1]
    default: wrong.swapAt(place, place + 1)
    }
    return wrong.joined(separator: " ")
  }
}
