extension WordSorting {
  package struct Progress: Sendable {
    var line: SortingLine
  }
  package var start: Progress {
    Progress(line: SortingLine(groups: [SortingLine.Group(words: words, depth: 0)]))
  }

  package func check(_ content: Substring, _ progress: inout Progress) -> StepFault? {
    var content = content
    return content.take("@") ? checkLookup(content, &progress) : checkLine(content, &progress)
  }

  /// `1 yew y25,dulse d4`: these words are a bracket's, and these are their letters.
  private func checkLookup(_ text: Substring, _ progress: inout Progress) -> StepFault? {
    var list = text
    guard let position = list.takeNumber(), list.take(" ") else { return StepFault("@" + text, .unreadable) }
    var entries: [(text: Substring, word: String, letter: Substring)] = []
    for part in list.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let entry = Substring(part).trimmingBlanks
      guard let blank = entry.utf8.firstIndex(of: 32) else { return StepFault(entry, .unreadable) }
      entries.append((entry, String(entry[..<blank]), entry[blank...].trimmingBlanks))
    }
    guard let place = bracket(of: entries.map(\.word), in: progress.line) else {
      let known = entries.first { !words.contains($0.word) }
      return known.map { StepFault($0.word, .wordUnknown) }
        ?? StepFault(entries.first?.text ?? text, .repeated, "these words are sorted")
    }
    let group = progress.line.groups[place]
    guard !group.isLookedUp else { return StepFault(entries[0].text, .repeated, "their letters are known") }
    guard position == group.depth + 1 else {
      return StepFault("@\(position)", .letterPosition, "it is letter \(group.depth + 1)")
    }
    var seen: Set<String> = []
    for entry in entries {
      guard group.words.contains(entry.word) else { return StepFault(entry.word, .wordUnknown) }
      guard seen.insert(entry.word).inserted else { return StepFault(entry.word, .wordTwice) }
      let truth = Self.letter(entry.word, group.depth)
      if entry.letter.utf8.elementsEqual(truth.utf8) { continue }
      let isLetterRight = entry.letter.utf8.first == truth.utf8.first
      return StepFault(entry.text, isLetterRight ? .letterIndex : .letter, "it is \(truth)")
    }
    if let missing = group.words.first(where: { !seen.contains($0) }) {
      return StepFault(entries.last?.text ?? text, .wordMissing, missing)
    }
    progress.line.groups[place].isLookedUp = true
    return nil
  }

  /// The bracket that the first known word of a look-up belongs to.
  private func bracket(of names: [String], in line: SortingLine) -> Int? {
    for name in names {
      if let place = line.groups.firstIndex(where: { $0.words.count > 1 && $0.words.contains(name) }) {
        return place
      }
    }
    return nil
  }

  private func checkLine(_ content: Substring, _ progress: inout Progress) -> StepFault? {
    guard let written = SortingLine.parse(content) else { return StepFault(content, .unreadable) }
    let expected = progress.line.next(after: written)
    guard expected != progress.line else {
      return progress.line.groups.contains { $0.words.count > 1 }
        ? StepFault(content, .lettersUnread) : StepFault(content, .repeated, "all is sorted")
    }
    if let fault = checkWords(written) { return fault }
    for (index, group) in written.enumerated() {
      // Words stand once each, so a difference is found before the groups run out.
      guard expected.groups.indices.contains(index) else { break }
      if Set(expected.groups[index].words) == Set(group) { continue }
      let shown = SortingLine(groups: [SortingLine.Group(words: group, depth: 0)]).text
      let right = SortingLine(groups: [expected.groups[index]]).text
      return StepFault(shown, kind(of: group, expected.groups[index], progress.line), "it is \(right)")
    }
    progress.line = expected
    return nil
  }

  /// Whether all words stand there once.
  private func checkWords(_ written: [[String]]) -> StepFault? {
    var seen: Set<String> = []
    for word in written.flatMap(\.self) {
      guard words.contains(word) else { return StepFault(word, .wordUnknown) }
      guard seen.insert(word).inserted else { return StepFault(word, .wordTwice) }
    }
    guard let missing = words.first(where: { !seen.contains($0) }) else { return nil }
    return StepFault(written.last?.last ?? "", .wordMissing, missing)
  }

  /// Why a group is not the one that should stand there.
  private func kind(of group: [String], _ expected: SortingLine.Group, _ before: SortingLine)
    -> FaultReason.Kind
  {
    if Set(group).isStrictSubset(of: expected.words) {
      // Part of a bracket that is still together: sorted without a look-up, unless an earlier line has them in this order.
      return .lettersUnread
    }
    if Set(group).isStrictSuperset(of: expected.words) { return .notSorted }
    return before.groups.contains { $0.words.count > 1 && !Set($0.words).isDisjoint(with: group) }
      ? .notAscending : .earlier
  }

  package func checkAnswer(_ answer: Substring, _ progress: Progress) -> StepFault? {
    guard progress.line.groups.allSatisfy({ $0.words.count == 1 }) else {
      return StepFault(
        answer, .missing,
        "sorting \(progress.line.groups.first { $0.words.count > 1 }.map { SortingLine(groups: [$0]).text } ?? "")"
      )
    }
    let written = answer.utf8.split(separator: 32).map { String(Substring($0)) }
    if let fault = checkWords([written]) { return fault }
    for (word, right) in zip(written, sorted) where word != right {
      return StepFault(word, .notAscending, "it is \(right)")
    }
    return nil
  }

  package func nextStep(_ progress: inout Progress) -> String? {
    let line = progress.line
    if line.next != line {
      progress.line = line.next
      return progress.line.text
    }
    guard let place = line.groups.firstIndex(where: { $0.words.count > 1 }) else { return nil }
    progress.line.groups[place].isLookedUp = true
    return Self.lookup(line.groups[place]) { Self.letter($0, $1) }
  }

  static func lookup(_ group: SortingLine.Group, _ letter: (String, Int) -> String) -> String {
    "@\(group.depth + 1) " + group.words.map { "\($0) \(letter($0, group.depth))" }.joined(separator: ",")
  }

  package func finalAnswer(_ progress: Progress) -> String {
    progress.line.groups.flatMap(\.words).joined(separator: " ")
  }
}
