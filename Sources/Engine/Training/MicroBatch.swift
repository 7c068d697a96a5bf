/// Sequences of a batch that go through together, as many as memory allows.
///
/// Sums are taken group by group: a group is sequences in a row, as many as come to `tokensInGroup`. An embedding that is the output layer, too, gets
/// both gradients in turn, a group after another, and losses are summed by group; so which groups there are is part of the result, and
/// depends on the sequences' lengths and the architecture alone. An adapter's gradient is the same chain however it is cut: several groups go
/// through together then, since weights are laid out for the kernel once for all of them.
package struct MicroBatch {
  package let groups: [Range<Int>]

  package var sequences: Range<Int> { groups[0].lowerBound..<groups[groups.count - 1].upperBound }

  /// A batch, in order.
  package static func all(of batch: [TrainingSequence], tokensInGroup: Int, tokens: Int) -> [MicroBatch] {
    var all: [MicroBatch] = []
    var groups: [Range<Int>] = []
    var taken = 0
    for group in Self.groups(of: batch, tokens: tokensInGroup) {
      let count = batch[group].reduce(0) { $0 + $1.tokens.count }
      if !groups.isEmpty, taken + count > tokens {
        all.append(MicroBatch(groups: groups))
        groups = []
        taken = 0
      }
      groups.append(group)
      taken += count
    }
    if !groups.isEmpty { all.append(MicroBatch(groups: groups)) }
    return all
  }

  /// Which sequences make a group: as many in a row as have `tokens` tokens, at least one.
  package static func groups(of batch: [TrainingSequence], tokens limit: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var first = 0
    while first < batch.count {
      var end = first
      var tokens = 0
      repeat {
        tokens += batch[end].tokens.count
        end += 1
      } while end < batch.count && tokens + batch[end].tokens.count <= limit
      ranges.append(first..<end)
      first = end
    }
    return ranges
  }
}

/// How many tokens go through together, by what the way back needs of each.
extension MicroBatch {
  /// Numbers that the way back needs of each token.
  private static func savedPerToken(_ a: Architecture) -> Int {
    a.layers * (2 * a.width + a.projectedWidth + a.queryWidth + 2 * a.feedForward)
  }

  /// Most numbers that the way back keeps, 800 MB: of a sequence that needs more, layers are computed again instead.
  private static let mostSaved = 200_000_000

  /// Tokens at which a group is full: as many as keep 400 MB at the most, within 256…2048; a longer sequence makes one alone.
  package static func tokensInGroup(_ a: Architecture) -> Int {
    max(256, min(2048, 100_000_000 / savedPerToken(a) / 256 * 256))
  }

  /// Tokens that go through together: a group's, or of an adapter as many as keep 800 MB, up to 2048.
  package static func tokens(_ a: Architecture, movingAdapter: Bool, numerics: Numerics) -> Int {
    let group = tokensInGroup(a)
    // OpenBLAS sums over tokens in blocks of its own.
    guard movingAdapter, numerics == .native else { return group }
    return max(group, min(2048, mostSaved / savedPerToken(a)))
  }

  /// Whether layers are computed again on the way back through so many tokens.
  package static func recomputes(_ a: Architecture, tokens: Int) -> Bool {
    tokens * savedPerToken(a) > mostSaved
  }
}

/// What goes through a pass for the labels of some sequences.
package struct LabelledTokens {
  /// Each sequence's tokens up to the last that a label is predicted from: no label depends on those behind. Empty where there is no label.
  package private(set) var sequences: [[Int32]] = []
  /// In order.
  package private(set) var labels: [Label] = []
  /// Where each label is predicted from: places in the sequences' concatenation.
  package private(set) var rows: [Int] = []

  package var tokens: Int { sequences.reduce(0) { $0 + $1.count } }

  package init(of batch: [TrainingSequence], _ range: Range<Int>) {
    var start = 0
    for index in range {
      let sequence = batch[index]
      var count = 0
      for position in 1..<max(1, sequence.tokens.count) where sequence.weights[position] != 0 {
        labels.append(
          Label(
            sequence: index, position: position, token: sequence.tokens[position],
            weight: sequence.weights[position]))
        rows.append(start + position - 1)
        count = position
      }
      sequences.append(Array(sequence.tokens.prefix(count)))
      start += count
    }
  }
}
