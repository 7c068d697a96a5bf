/// Words in ascending order as far as they are sorted: `aa<[ab?ac]<b`.
struct SortingLine: Hashable, Sendable {
  /// Words that are not sorted among themselves share their first `depth` letters.
  struct Group: Hashable, Sendable {
    var words: [String]
    var depth: Int
    /// Their letters at position `depth` have been looked up.
    var isLookedUp = false
  }
  var groups: [Group]

  var text: String {
    groups.map { $0.words.count == 1 ? $0.words[0] : "[\($0.words.joined(separator: "?"))]" }.joined(
      separator: "<")
  }

  /// The groups that a line writes; `nil` if it cannot be read.
  static func parse(_ text: Substring) -> [[String]]? {
    var groups: [[String]] = []
    for part in text.utf8.split(separator: UInt8(ascii: "<"), omittingEmptySubsequences: false) {
      var part = Substring(part).trimmingBlanks
      var words = [String(part)]
      if part.take("[") {
        guard part.utf8.last == UInt8(ascii: "]") else { return nil }
        words = part.dropLast().utf8.split(separator: UInt8(ascii: "?"), omittingEmptySubsequences: false).map
        {
          String(Substring($0).trimmingBlanks)
        }
      }
      guard words.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (97...122).contains($0) } }) else {
        return nil
      }
      groups.append(words)
    }
    return groups
  }

  /// A group sorted by its letters at position `depth`.
  static func sorted(_ group: Group) -> [Group] {
    var byRank: [(rank: Int, words: [String])] = []
    for word in group.words {
      let rank = WordSorting.rank(word, group.depth)
      if let place = byRank.firstIndex(where: { $0.rank == rank }) {
        byRank[place].words.append(word)
      } else {
        byRank.append((rank, [word]))
      }
    }
    return byRank.sorted { $0.rank < $1.rank }.map { Group(words: $0.words, depth: group.depth + 1) }
  }

  /// The line with those groups sorted that are looked up.
  var next: SortingLine {
    SortingLine(groups: groups.flatMap { $0.isLookedUp && $0.words.count > 1 ? Self.sorted($0) : [$0] })
  }

  /// The same, but of several groups that are looked up, those which `written` leaves together may wait.
  func next(after written: [[String]]) -> SortingLine {
    var result: [Group] = []
    var isSorted = false
    for group in groups {
      guard group.isLookedUp, group.words.count > 1 else {
        result.append(group)
        continue
      }
      let parts = Self.sorted(group)
      let waits = written.indices.contains(result.count) && Set(written[result.count]) == Set(group.words)
      if waits, parts.count > 1 {
        result.append(group)
      } else {
        result += parts
        isSorted = true
      }
    }
    return isSorted ? SortingLine(groups: result) : next
  }
}
