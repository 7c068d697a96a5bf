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
    let slopes = stream + (L == T ? 0 : view(a.width, L))
    // Of the last layer, and of one before it.
    let rows = a.layers > 1 ? [L, T] : [L]
    guard recomputing else {
      let all = stream + (a.layers - 1) * savedOfLayer(T) + savedOfLayer(L)
      let stages = [forward(L), slopes + output] + rows.map { slopes + backward($0) }
      return max(all + (stages.max() ?? 0), all - savedOfLayer(L) + (a.layers > 1 ? forward(T) : 0))
    }
    let again = rows.map { savedOfLayer($0) + max(forward($0), backward($0)) }.max() ?? 0
    return stream + a.layers * stream + slopes + max(again, output)
  }

  /// `[rows, columns]`, or `[rows]` for none; all tokens unless told otherwise.
  private func view(_ columns: Int, _ rows: Int? = nil) -> Int {
    Workspace.rounded((rows ?? T) * max(1, columns))
  }

  private func packed(_ depth: Int, _ columns: Int) -> Int {
    Workspace.rounded(PackedMatrix.size(depth: depth, columns: columns))
  }

  /// A weight with its adapter's part, then in the kernel's layout; `R` rows meet it.
  private func weight(_ rows: Int, _ columns: Int, transposed: Bool, _ R: Int) -> Int {
    let merged = rank == nil ? 0 : Workspace.rounded(rows * columns)
    let product = merged + (transposed ? packed(columns, rows) : packed(rows, columns))
    guard drops, let rank else { return product }
    return max(product, view(columns, R) + view(rank, R) + packed(columns, rank) + packed(rank, rows))
  }

  private var headRows: Int { a.heads + a.keyValueHeads }

  /// Of a layer in which R rows go on behind attention.
  private func savedOfLayer(_ R: Int) -> Int {
    let C = a.width
    var count = view(0) + view(a.projectedWidth) + 2 * view(a.heads) + view(a.queryWidth)
    if a.queryKeyNorm { count += view(headRows * a.headWidth) + view(headRows) }
    if a.postNorms { count += 2 * (view(C, R) + view(0, R)) }
    return count + view(C, R) + view(0, R) + view(2 * a.feedForward, R) + view(C, R)
  }

  /// Attention's output for the rows that go on, where these are not all.
  private func attended(_ R: Int) -> Int { R == T ? 0 : view(a.queryWidth, R) }

  private func forward(_ R: Int) -> Int {
    let C = a.width
    let D = a.headWidth
    let post = a.postNorms ? view(C, R) : 0
    let scratch = Workspace.rounded(
      threads
        * (KeyValuePanels.keySize(tokens: longest, D) + KeyValuePanels.valueSize(tokens: longest, D)
          + QueryBlock.scratchSize(keys: longest, D)))
    let first = weight(a.projectedWidth, C, transposed: true, T)
    let second = attended(R) + post + weight(C, a.queryWidth, transposed: true, R)
    let third =
      attended(R) + view(a.feedForward, R)
      + max(
        weight(2 * a.feedForward, C, transposed: true, R),
        post + weight(C, a.feedForward, transposed: true, R))
    return view(C) + max(first, scratch + max(second, third))
  }

  /// The output layer and the final norm.
  private var output: Int {
    let C = a.width
    let V = a.vocabularySize
    let rows = Workspace.rounded(L * C)
    let chunk = min(L, TrainingPass.rowsInChunk(L, vocabularySize: V))
    let block = min(V, TrainingPass.vocabularyBlock)
    let back = rank == nil ? packed(chunk, C) + max(tile, packed(block, C)) : packed(block, C)
    let logits = Workspace.rounded(chunk * V) * (a.finalSoftCap == nil ? 1 : 2)
    let inChunk = logits + max(packed(C, block), back)
    return 2 * rows + Workspace.rounded(L) + inChunk
  }

  private var tile: Int { Workspace.rounded(MatrixProducts.tileSize(threads: threads)) }

  /// The gradient of a weight that R rows met, which are still there.
  private func slope(_ rows: Int, _ columns: Int, _ R: Int) -> Int {
    guard let rank else { return packed(R, columns) + tile }
    let up = packed(columns, rank) + max(packed(R, rank) + tile, packed(rows, rank))
    return (drops ? view(columns, R) : 0) + view(rank, R)
      + max(up, packed(columns, rank) + packed(rows, rank) + packed(R, columns) + tile)
  }

  /// The same where the rows are computed again.
  private func slopeFilling(_ rows: Int, _ columns: Int, _ R: Int) -> Int {
    guard rank == nil else { return view(columns, R) + slope(rows, columns, R) }
    let scratch = PackedMatrix.scratchSize(columns: columns, threads: threads)
    return packed(R, columns) + max(Workspace.rounded(scratch), tile)
  }

  private func backward(_ R: Int) -> Int { max(feedForwardBackward(R), attentionBackward(R)) }

  private func branch(_ R: Int) -> Int { a.postNorms ? view(a.width, R) : 0 }

  private func feedForwardBackward(_ R: Int) -> Int {
    let C = a.width
    let F = a.feedForward
    let down = view(F, R) + max(weight(C, F, transposed: false, R), slope(C, F, R))
    let gate = max(slopeFilling(2 * F, C, R), view(C, R) + weight(2 * F, C, transposed: false, R))
    return branch(R) + view(2 * F, R) + max(down, gate)
  }

  private func attentionBackward(_ R: Int) -> Int {
    let C = a.width
    let A = a.queryWidth
    let P = a.projectedWidth
    let scratch = Workspace.rounded(threads * AttentionGradient.scratchSize(longest, a.headWidth))
    let norms = a.queryKeyNorm ? 2 * view(headRows * a.headWidth) : 0
    let projection = max(slopeFilling(P, C, T), view(C) + weight(P, C, transposed: false, T))
    let output = attended(R) + max(slope(C, A, R), weight(C, A, transposed: false, R))
    return view(A) + max(branch(R) + output, view(P) + scratch + norms + projection)
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
      + Workspace.rounded(rows * a.vocabularySize)
  }
}
