/// Sampled conversations as a policy learns from them: which tokens belong to which attempt, and what each attempt earned.
package struct PolicyBatch: Sendable {
  /// One attempt of one row.
  package struct Attempt: Sendable {
    /// Which of the batch's sequences it stands in.
    package var sequence: Int
    /// Its tokens' places in that sequence: those that the policy sampled, its end included, and nothing after.
    package var places: Range<Int>
    /// `false` for an attempt that counts as a prompt: nothing is learned from it.
    package var isSampled: Bool
    package var reward: Double = 0
    package var advantage: Double = 0
  }

  package let rows: [Row]
  /// One a row, or one an attempt where the policy does not remember attempts as it said them; tokens of sampled attempts have a weight.
  package let sequences: [TrainingSequence]
  /// By row, then by attempt.
  package private(set) var attempts: [[Attempt]]
  /// How many attempts each row has.
  package let count: Int

  /// - Parameters:
  ///   - rewards: by row, then by attempt.
  ///   - tokenizer: of the policy that sampled the rows.
  /// - Precondition: every row has as many attempts as rewards, and there is a row.
  package init(_ rows: [Row], rewards: [[Double]], _ tokenizer: ModelTokenizer) throws {
    self.rows = rows
    count = rewards.first?.count ?? 0
    var sequences: [TrainingSequence] = []
    var attempts: [[Attempt]] = []
    for (row, rewards) in zip(rows, rewards) {
      var own: [Attempt] = []
      for reading in try row.readings(tokenizer) {
        var tokens: [Int32] = []
        var weights: [Float] = []
        for part in reading {
          let turn = row.turns[part.turn]
          let isSampled = part.isNew && turn.role == .assistant && turn.origin == .sampled
          if part.isNew, turn.role == .assistant {
            own.append(
              Attempt(
                sequence: sequences.count, places: tokens.count..<tokens.count + part.tokens.count,
                isSampled: isSampled))
          }
          tokens += part.tokens
          weights += Array(repeating: isSampled ? 1 : 0, count: part.tokens.count)
        }
        sequences.append(TrainingSequence(tokens: tokens, weights: weights))
      }
      precondition(own.count == rewards.count, "\(rewards.count) rewards for \(own.count) attempts")
      for index in own.indices { own[index].reward = rewards[index] }
      attempts.append(own)
    }
    self.sequences = sequences
    self.attempts = attempts
  }

  /// Gives every sampled attempt its advantage: what it earned, a share of what later attempts of its row earned, less the baseline.
  ///
  /// - Parameter costs: by row, then by attempt: taken off what that attempt earned, and of no other.
  /// - Returns: how many attempts had nothing to be compared with, though a baseline was asked for; theirs is 0.
  package mutating func assignAdvantages(
    _ baseline: PolicySettings.Baseline, discount: Double, costs: [[Double]]? = nil
  ) -> Int {
    var alone = 0
    for attempt in 0..<count {
      let returns = attempts.indices.map { row in
        self.return(row, attempt, discount: discount) - (costs?[row][attempt] ?? 0)
      }
      let baselines = self.baselines(baseline, attempt, returns)
      for row in attempts.indices where attempts[row][attempt].isSampled {
        if let own = baselines[row] {
          attempts[row][attempt].advantage = returns[row] - own
        } else {
          attempts[row][attempt].advantage = 0
          alone += 1
        }
      }
    }
    return alone
  }

  /// Σⱼ₋ᵢ γʲ⁻ⁱ·rⱼ
  private func `return`(_ row: Int, _ attempt: Int, discount: Double) -> Double {
    var total = 0.0
    var share = 1.0
    for later in attempt..<count where share != 0 {
      total += share * attempts[row][later].reward
      share *= discount
    }
    return total
  }

  /// What each row's attempt is compared with; `nil` where there is nothing.
  private func baselines(_ baseline: PolicySettings.Baseline, _ attempt: Int, _ returns: [Double])
    -> [Double?]
  {
    let sampled = attempts.indices.filter { attempts[$0][attempt].isSampled }
    var result = [Double?](repeating: nil, count: attempts.count)
    switch baseline {
    case .none:
      for row in sampled { result[row] = 0 }
    case .batchMean:
      let mean = sampled.reduce(0) { $0 + returns[$1] } / Double(max(1, sampled.count))
      for row in sampled { result[row] = mean }
    case .leaveOneOut:
      // Rows that share the sample itself are left out with it: five corrections of one answer are one first attempt.
      var ofQuestion: [Int: (total: Double, count: Int)] = [:]
      var ofSample: [[Int]: (total: Double, count: Int)] = [:]
      for row in sampled {
        ofQuestion[rows[row].question, default: (0, 0)].total += returns[row]
        ofQuestion[rows[row].question, default: (0, 0)].count += 1
        ofSample[sample(row, attempt), default: (0, 0)].total += returns[row]
        ofSample[sample(row, attempt), default: (0, 0)].count += 1
      }
      for row in sampled {
        guard let all = ofQuestion[rows[row].question], let own = ofSample[sample(row, attempt)],
          all.count > own.count
        else { continue }
        result[row] = (all.total - own.total) / Double(all.count - own.count)
      }
    }
    return result
  }

  private func sample(_ row: Int, _ attempt: Int) -> [Int] {
    [rows[row].question] + rows[row].samples.prefix(attempt + 1)
  }

  /// Sums over the tokens of every attempt of values that stand in the labels' order.
  package func sums(_ values: [Double]) -> [[Double]] {
    var next = 0
    return attempts.map { row in
      row.map { attempt in
        guard attempt.isSampled else { return 0 }
        let end = next + attempt.places.count
        defer { next = end }
        return values[next..<end].reduce(0, +)
      }
    }
  }

  /// The mean over the rows of a number of an attempt, and its deviation.
  package func statistics(_ attempt: Int, _ number: (Attempt) -> Double) -> (
    mean: Double, deviation: Double
  ) {
    meanAndDeviation(of: attempts.map { number($0[attempt]) })
  }
}

/// Mean and standard deviation of some numbers, those of a whole population; 0 of none.
func meanAndDeviation(of values: [Double]) -> (mean: Double, deviation: Double) {
  let count = Double(max(1, values.count))
  let mean = values.reduce(0, +) / count
  let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
  return (mean, square.squareRoot())
}
