/// Bytes that a piece of the engine's work takes, known before it begins.
///
/// Weights in files are mapped, not counted: the system gives their pages back whenever it needs them.
package struct MemoryEstimate: Sendable {
  /// One use of memory: `keys and values`.
  package struct Part: Sendable, Hashable {
    package var name: String
    package var bytes: Int
  }

  package private(set) var parts: [Part] = []
  /// Of all parts.
  package var bytes: Int { parts.reduce(0) { Self.sum($0, $1.bytes) } }

  /// Nothing.
  package init() {}

  /// Adds so many words of 32 bits: numbers in single precision, or twice as many in bfloat16.
  private mutating func add(_ name: String, _ numbers: Int) {
    let (bytes, isTooMany) = numbers.multipliedReportingOverflow(by: 4)
    parts.append(Part(name: name, bytes: isTooMany ? .max : bytes))
  }

  /// Sizes of files can be anything; a sum beyond all memory stays the greatest number.
  package static func sum(_ a: Int, _ b: Int) -> Int {
    let (sum, isTooMany) = a.addingReportingOverflow(b)
    return isTooMany ? .max : sum
  }

  /// A model's weights, which are there as long as something uses the model.
  package static func model(
    _ a: Architecture, format: WeightFormat = .float32, adapter: AdapterShape? = nil
  ) -> MemoryEstimate {
    var estimate = MemoryEstimate()
    let layout = ParameterLayout(a)
    switch format {
    case .float32: estimate.add("weights", layout.count)
    case .bfloat16:
      estimate.add("weights", layout.count / 2)
      estimate.add("norms and biases", layout.tensors.reduce(0) { $0 + ($1.isVector ? $1.count : 0) })
    }
    if let adapter { estimate.add("adapter", AdapterLayout(adapter, a).count) }
    return estimate
  }

  /// Answering with a model, beside its weights.
  ///
  /// - Parameters:
  ///   - lanes: how many decoders work at the same time, with how many conversations each; `Generator.lanes` says so.
  ///   - capacity: tokens that each may have.
  ///   - promptTokens: of all prompts that a decoder reads in one step.
  package static func sampling(
    _ a: Architecture, format: WeightFormat = .float32, adapter: AdapterShape? = nil,
    lanes: Generator.Lanes, capacity: Int, promptTokens: Int, threads: Int, numerics: Numerics = .native
  ) -> MemoryEstimate {
    var estimate = MemoryEstimate()
    let capacity = min(capacity, a.contextLength)
    let D = a.headWidth
    estimate.add(
      "weights laid out for products",
      PackedParameters.size(a, format: format, adapter: adapter, numerics: numerics))
    if adapter != nil { estimate.add("merging the adapter", ParameterLayout(a).largestOfLayers) }
    let ofHead = KeyValuePanels.keySize(tokens: capacity, D) + KeyValuePanels.valueSize(tokens: capacity, D)
    estimate.add("keys and values", lanes.count * lanes.slots * a.layers * a.keyValueHeads * ofHead)
    estimate.add("rotary tables", rotary(a, positions: capacity))
    estimate.add(
      "a step",
      lanes.count
        * DecodingNeed(
          a, tokens: max(lanes.slots, promptTokens), rows: lanes.slots, capacity: capacity,
          threads: lanes.count == 1 ? threads : 1
        ).count)
    return estimate
  }

  /// Training all of a model's weights, or an adapter, beside the model that it begins with.
  ///
  /// - Parameters:
  ///   - drops: some of what the adapter reads falls out.
  ///   - tokens: of a micro-batch; `MicroBatch.tokens` or the longest sequence's, whichever are more.
  ///   - labels: of a micro-batch.
  ///   - longest: tokens of the longest sequence.
  package static func training(
    _ a: Architecture, adapter: AdapterShape? = nil, drops: Bool = false, tokens: Int, labels: Int,
    longest: Int, threads: Int
  ) -> MemoryEstimate {
    var estimate = MemoryEstimate()
    let count = adapter.map { AdapterLayout($0, a).count } ?? ParameterLayout(a).count
    estimate.add(adapter == nil ? "weights that move" : "adapter", count)
    estimate.add("gradients", count)
    estimate.add("moments of AdamW", 2 * count)
    estimate.add("rotary tables", rotary(a, positions: max(1024, longest)))
    estimate.add(
      "activations",
      TrainingNeed(
        a, adapter: adapter, drops: drops, tokens: tokens, labels: labels, longest: longest,
        threads: threads, recomputing: MicroBatch.recomputes(a, tokens: tokens)
      ).count)
    return estimate
  }

  private static func rotary(_ a: Architecture, positions: Int) -> Int {
    min(positions, a.contextLength) * a.rotaryWidth * (a.ropeLocalBase == nil ? 1 : 2)
  }
}

extension ParameterLayout {
  /// Numbers of the largest matrix of a layer.
  fileprivate var largestOfLayers: Int {
    layers.first.map { max($0.projection.count, $0.attentionOutput.count, $0.gateAndUp.count, $0.down.count) }
      ?? 0
  }
}
