/// How a batch is cut: into groups, whose sums are taken one after another, and these into micro-batches, which go through together.
///
/// A group is sequences in a row, as many as come to `tokensInGroup`. An embedding that is the output layer, too, gets both gradients in turn, a group after
/// another, and losses are summed by group; so which groups there are is part of the result, and depends on the sequences' lengths and the architecture
/// alone. Which micro-batches there are changes no bit: every sum goes on where the one before left it.
package enum MicroBatch {
  /// Which sequences of these go together: as many in a row as have `tokens` tokens, at least one.
  package static func cut(_ batch: [TrainingSequence], _ sequences: Range<Int>? = nil, tokens limit: Int)
    -> [Range<Int>]
  {
    let sequences = sequences ?? batch.indices
    var ranges: [Range<Int>] = []
    var first = sequences.lowerBound
    while first < sequences.upperBound {
      var end = first
      var tokens = 0
      repeat {
        tokens += batch[end].tokens.count
        end += 1
      } while end < sequences.upperBound && tokens + batch[end].tokens.count <= limit
      ranges.append(first..<end)
      first = end
    }
    return ranges
  }

  /// Numbers that the way back needs of each token.
  private static func savedPerToken(_ a: Architecture) -> Int {
    a.layers * (2 * a.width + a.projectedWidth + a.queryWidth + 2 * a.feedForward)
  }

  /// Most numbers that the way back keeps, 800 MB: of a sequence that needs more, layers are computed again instead.
  private static let mostSaved = 200_000_000

  /// Numbers that a processor's last cache may hold, 32 MB.
  private static let numbersInCache = 8 << 20

  /// Tokens at which a group is full: as many as keep 400 MB at the most, within 256…2048; a longer sequence makes one alone.
  package static func tokensInGroup(_ a: Architecture) -> Int {
    max(256, min(2048, 100_000_000 / savedPerToken(a) / 256 * 256))
  }

  /// Tokens that go through together: a group's, or of an adapter as many as keep 800 MB, up to 2048, since weights are laid out for the kernel anew for
  /// each micro-batch; but of a small model 1024, if what is kept of these stays in the cache on the way back.
  package static func tokens(_ a: Architecture, movingAdapter: Bool, numerics: Numerics) -> Int {
    let group = tokensInGroup(a)
    // OpenBLAS sums over tokens in blocks of its own.
    guard numerics == .native else { return group }
    let most = movingAdapter ? max(group, min(2048, mostSaved / savedPerToken(a))) : group
    return 1024 * savedPerToken(a) <= numbersInCache ? min(1024, most) : most
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
