/// Which of several answers to a question most samples agree on.
package enum Voting: String, Sendable, CaseIterable {
  /// Each row's last attempt has a vote.
  case last
  /// Every attempt has.
  case all

  /// The share of the rows' questions whose most frequent answer is right; `nil` of no rows.
  ///
  /// Empty answers have no vote. Of equally frequent ones the one that comes first in the rows wins, so that gold is never looked at.
  package func accuracy(of rows: [Row]) -> Double? {
    let winners = winners(of: rows)
    guard !winners.isEmpty else { return nil }
    return Double(winners.values.count { $0?.isCorrect ?? false }) / Double(winners.count)
  }

  /// The most frequent answer to each question of some rows; `nil` where all are empty.
  func winners(of rows: [Row]) -> [Int: Score?] {
    var votes: [Int: [(score: Score, count: Int)]] = [:]
    for row in rows {
      var own = votes[row.question] ?? []
      let attempts = self == .all ? row.attempts : Array(row.attempts.suffix(1))
      for score in attempts.compactMap(\.score) where !score.answer.isEmpty {
        if let index = own.firstIndex(where: { $0.score.answer == score.answer }) {
          own[index].count += 1
        } else {
          own.append((score, 1))
        }
      }
      votes[row.question] = own
    }
    return votes.mapValues { candidates in
      let most = candidates.map(\.count).max() ?? 0
      return candidates.first { $0.count == most }?.score
    }
  }
}
