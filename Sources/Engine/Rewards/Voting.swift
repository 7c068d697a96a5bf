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
    var votes: [Int: [(answer: String, isCorrect: Bool, count: Int)]] = [:]
    for row in rows {
      var own = votes[row.question] ?? []
      let attempts = self == .all ? row.attempts : Array(row.attempts.suffix(1))
      for score in attempts.compactMap(\.score) where !score.answer.isEmpty {
        if let index = own.firstIndex(where: { $0.answer == score.answer }) {
          own[index].count += 1
        } else {
          own.append((score.answer, score.isCorrect, 1))
        }
      }
      votes[row.question] = own
    }
    guard !votes.isEmpty else { return nil }
    let right = votes.values.count { candidates in
      let most = candidates.map(\.count).max() ?? 0
      return candidates.first { $0.count == most }?.isCorrect ?? false
    }
    return Double(right) / Double(votes.count)
  }
}
