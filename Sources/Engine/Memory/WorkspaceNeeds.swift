/// What a forward and a backward pass take of their workspace at the most, in numbers, known from the shapes alone.
///
/// It follows `TrainingPass` step by step: whoever changes what is kept there changes it here, and a test compares the two.
package struct TrainingNeed {
  private let a: Architecture
  private let rank: Int?
  private let drops: Bool
  /// T: tokens of the packed sequences.
  private let T: Int
  /// L: labels.
  private let L: Int
  private let longest: Int
  private let threads: Int
  private let recomputing: Bool

  /// - Parameters:
  ///   - adapter: what is trained, or `nil` for all parameters.
  ///   - drops: some of what the adapter reads falls out.
  ///   - longest: tokens of the longest sequence.
  ///   - recomputing: layers are computed again on the way back, and only their inputs are kept.
  package init(
    _ a: Architecture, adapter: AdapterShape?, drops: Bool = false, tokens: Int, labels: Int, longest: Int,
    threads: Int, recomputing: Bool = false
  ) {
    self.a = a
    rank = adapter?.rank
    self.drops = drops
    T = tokens
    L = labels
    self.longest = longest
    self.threads = threads
    self.recomputing = recomputing
  }

  /// Numbers at the moment when most are taken.
  package var count: Int {
    let stream = view(a.width)
    let back = stream + max(feedForwardBackward, attentionBackward)
    guard recomputing else {
      return stream + a.layers * savedOfLayer + max(forward, stream + output, back)
    }
    let again = savedOfLayer + max(forward, back - stream)
    return stream + a.layers * stream + stream + max(again, output)
  }

  /// `[T, columns]`, or `[T]` for none.
  private func view(_ columns: Int) -> Int { Workspace.rounded(columns == 0 ? T : T * columns) }

  private func packed(_ depth: Int, _ columns: Int) -> Int {
    Workspace.rounded(PackedMatrix.size(depth: depth, columns: columns))
  }

  /// A weight with its adapter's part, then in the kernel's layout.
  private func weight(_ rows: Int, _ columns: Int, transposed: Bool) -> Int {
    let merged = rank == nil ? 0 : Workspace.rounded(rows * columns)
    let product = merged + (transposed ? packed(columns, rows) : packed(rows, columns))
    guard drops, let rank else { return product }
    return max(product, view(columns) + view(rank) + packed(columns, rank) + packed(rank, rows))
  }

  private var headRows: Int { a.heads + a.keyValueHeads }

  private var savedOfLayer: Int {
    let C = a.width
    var count = view(0) + view(a.projectedWidth) + 2 * view(a.heads) + view(a.queryWidth)
    if a.queryKeyNorm { count += view(headRows * a.headWidth) + view(headRows) }
    if a.postNorms { count += 2 * (view(C) + view(0)) }
    return count + view(C) + view(0) + view(2 * a.feedForward) + view(C)
  }

  private var forward: Int {
    let C = a.width
    let D = a.headWidth
    let post = a.postNorms ? view(C) : 0
    let scratch = Workspace.rounded(
      threads
        * (KeyValuePanels.keySize(tokens: longest, D) + KeyValuePanels.valueSize(tokens: longest, D)
          + QueryBlock.scratchSize(keys: longest, D)))
    let first = weight(a.projectedWidth, C, transposed: true)
    let second = max(
      weight(C, a.queryWidth, transposed: true), weight(2 * a.feedForward, C, transposed: true), post)
    let third = view(a.feedForward) + max(weight(C, a.feedForward, transposed: true), post)
    return view(C) + max(first, scratch + max(second, third))
  }

  /// The output layer and the final norm.
  private var output: Int {
    let C = a.width
    let V = a.vocabularySize
    let rows = Workspace.rounded(L * C)
    let chunk = min(L, TrainingPass.rowsInChunk(vocabularySize: V))
    let block = min(V, TrainingPass.vocabularyBlock)
    let slopes = rank == nil ? packed(chunk, C) + tile : 0
    let logits = Workspace.rounded(chunk * V) * (a.finalSoftCap == nil ? 1 : 2)
    let inChunk = logits + max(packed(C, block), slopes, packed(block, C))
    return 2 * rows + Workspace.rounded(L) + rows + max(inChunk, rows)
  }

  private var tile: Int { Workspace.rounded(MatrixProducts.tileSize(threads: threads)) }

  /// The gradient of a weight of which the columns are known.
  private func slope(_ rows: Int, _ columns: Int) -> Int {
    guard let rank else { return packed(T, columns) + tile }
    let up = packed(columns, rank) + max(packed(T, rank) + tile, packed(rows, rank))
    return (drops ? view(columns) : 0) + view(rank)
      + max(up, packed(columns, rank) + packed(rows, rank) + packed(T, columns) + tile)
  }

  private var branch: Int { a.postNorms ? view(a.width) : 0 }

  private var feedForwardBackward: Int {
    let C = a.width
    let F = a.feedForward
    let down = max(slope(C, F), weight(C, F, transposed: false))
    let gate = max(slope(2 * F, C), weight(2 * F, C, transposed: false))
    return branch + view(F) + max(down, view(2 * F) + view(C) + gate)
  }

  private var attentionBackward: Int {
    let C = a.width
    let A = a.queryWidth
    let P = a.projectedWidth
    let scratch = Workspace.rounded(threads * AttentionGradient.scratchSize(longest, a.headWidth))
    let norms = a.queryKeyNorm ? 2 * view(headRows * a.headWidth) : 0
    let projection = max(slope(P, C), weight(P, C, transposed: false))
    let inner = max(
      weight(C, A, transposed: false), view(P) + scratch + norms + view(C) + projection)
    return branch + max(slope(C, A), view(A) + inner)
  }
}

/// What one step of decoding takes of its workspace, in numbers.
package struct DecodingNeed {
  /// Numbers at the end of the step, when most are taken.
  package let count: Int

  /// - Parameters:
  ///   - tokens: appended to all slots together.
  ///   - rows: slots that something is appended to.
  ///   - capacity: tokens that a slot has room for.
  package init(_ a: Architecture, tokens: Int, rows: Int, capacity: Int, threads: Int) {
    let columns = [a.width, a.width, 1, a.projectedWidth, a.queryWidth, 2 * a.feedForward, a.feedForward]
    let scratch = Workspace.rounded(threads * QueryBlock.scratchSize(keys: capacity, a.headWidth))
    count =
      columns.reduce(0) { $0 + Workspace.rounded(tokens * $1) } + scratch
      + Workspace.rounded(rows * a.width) + Workspace.rounded(rows * a.vocabularySize)
  }
}
