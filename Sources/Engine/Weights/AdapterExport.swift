/// An adapter in the form of peft: matrices named after the modules of transformers, and `adapter_config.json`.
///
/// Phi-3's modules hold several matrices in one, with one adapter for all: there the ranks are added up, A are stacked, and B stand in blocks.
struct AdapterExport {
  struct Tensor {
    var name: String
    /// Rows and columns.
    var shape: [Int]
    var numbers: [Float]
  }

  private let shape: AdapterShape
  /// In the layers' order, A before B.
  private(set) var tensors: [Tensor] = []
  /// Modules with their ranks where these are not the adapter's own.
  private var ranks: [(module: String, rank: Int)] = []
  private var modules: [String] = []

  init(_ adapter: Adapter, _ a: Architecture) {
    shape = adapter.shape
    for (index, layer) in adapter.layout.layers.enumerated() {
      let attention = "model.layers.\(index).self_attn."
      let mlp = "model.layers.\(index).mlp."
      if a.family == .phi3 {
        add(adapter, layer.projection, "qkv_proj", attention, rows: a.projectedWidth, isFused: true)
        add(adapter, layer.gateAndUp, "gate_up_proj", mlp, rows: 2 * a.feedForward, isFused: true)
      } else {
        for entry in layer.projection + layer.gateAndUp {
          let names: [AdapterShape.Target: String] = [
            .query: "q_proj", .key: "k_proj", .value: "v_proj", .gate: "gate_proj", .up: "up_proj",
          ]
          guard let name = names[entry.target] else { continue }
          add(
            adapter, [entry], name, [.gate, .up].contains(entry.target) ? mlp : attention,
            rows: entry.rows.count)
        }
      }
      add(adapter, layer.attentionOutput, "o_proj", attention, rows: a.width)
      add(adapter, layer.down, "down_proj", mlp, rows: a.width)
    }
  }

  private mutating func add(
    _ adapter: Adapter, _ entries: [AdapterLayout.Entry], _ module: String, _ prefix: String, rows: Int,
    isFused: Bool = false
  ) {
    guard let first = entries.first else { return }
    let r = adapter.shape.rank
    let rank = entries.count * r
    if !modules.contains(module) {
      modules.append(module)
      if rank != r { ranks.append((module, rank)) }
    }
    let name = "base_model.model.\(prefix)\(module)."
    let down = entries.flatMap { adapter[$0.down].array() }
    tensors.append(
      Tensor(name: name + "lora_A.weight", shape: [rank, first.down.columns], numbers: down))
    var up = [Float](repeating: 0, count: rows * rank)
    for (block, entry) in entries.enumerated() {
      let numbers = adapter[entry.up]
      let start = isFused ? entry.rows.lowerBound : 0
      for row in 0..<entry.rows.count {
        for column in 0..<r { up[(start + row) * rank + block * r + column] = numbers[row * r + column] }
      }
    }
    tensors.append(Tensor(name: name + "lora_B.weight", shape: [rows, rank], numbers: up))
  }

  /// `adapter_config.json`.
  func configuration(base: String) -> String {
    // alpha / rank is the same everywhere, so where ranks are added up alphas are.
    let patterns = ranks.map { "\(JSONValue.quoted($0.module)): \($0.rank)" }
    let alphas = ranks.map {
      "\(JSONValue.quoted($0.module)): \(shape.alpha * Float($0.rank) / Float(shape.rank))"
    }
    let keys: [(String, String)] = [
      ("peft_type", "\"LORA\""), ("task_type", "\"CAUSAL_LM\""),
      ("base_model_name_or_path", JSONValue.quoted(base)),
      ("r", "\(shape.rank)"), ("lora_alpha", "\(shape.alpha)"), ("lora_dropout", "0.0"),
      ("target_modules", "[\(modules.map(JSONValue.quoted).joined(separator: ", "))]"),
      ("rank_pattern", "{\(patterns.joined(separator: ", "))}"),
      ("alpha_pattern", "{\(alphas.joined(separator: ", "))}"),
      ("bias", "\"none\""), ("fan_in_fan_out", "false"), ("inference_mode", "true"),
    ]
    return JSONValue.text(ofMembers: keys)
  }
}
