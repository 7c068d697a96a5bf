/// How a file stores a tensor's numbers: one by one, or quantised in blocks of consecutive numbers of a row.
package enum TensorFormat: String, Hashable, Sendable, CaseIterable {
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case q8of0 = "Q8_0"
  case q4of0 = "Q4_0"
  case q4of1 = "Q4_1"
  case q5of0 = "Q5_0"
  case q5of1 = "Q5_1"
  case q4K = "Q4_K"
  case q5K = "Q5_K"
  case q6K = "Q6_K"

  /// All of them, for messages.
  static let names = allCases.map(\.rawValue).joined(separator: ", ")

  /// Numbers in one block.
  package var blockLength: Int {
    switch self {
    case .f32, .f16, .bf16: 1
    case .q8of0, .q4of0, .q4of1, .q5of0, .q5of1: 32
    case .q4K, .q5K, .q6K: 256
    }
  }

  /// Bytes of one block.
  package var blockBytes: Int {
    switch self {
    case .f32: 4
    case .f16, .bf16: 2
    case .q8of0: 34
    case .q4of0: 18
    case .q4of1: 20
    case .q5of0: 22
    case .q5of1: 24
    case .q4K: 144
    case .q5K: 176
    case .q6K: 210
    }
  }

  /// Its number in a GGUF file (`ggml_type`).
  package init?(ggufType: UInt32) {
    switch ggufType {
    case 0: self = .f32
    case 1: self = .f16
    case 2: self = .q4of0
    case 3: self = .q4of1
    case 6: self = .q5of0
    case 7: self = .q5of1
    case 8: self = .q8of0
    case 12: self = .q4K
    case 13: self = .q5K
    case 14: self = .q6K
    case 30: self = .bf16
    default: return nil
    }
  }

  /// Bytes of `count` numbers; `nil` where that is no whole number of blocks, or overflows.
  package func bytes(of count: Int) -> Int? {
    guard count >= 0, count % blockLength == 0 else { return nil }
    let (bytes, overflow) = (count / blockLength).multipliedReportingOverflow(by: blockBytes)
    return overflow ? nil : bytes
  }
}

/// A product of sizes; `nil` where one is negative or the product overflows.
func checkedProduct(_ sizes: some Sequence<Int>) -> Int? {
  var product = 1
  for size in sizes {
    let (next, overflow) = product.multipliedReportingOverflow(by: size)
    if size < 0 || overflow { return nil }
    product = next
  }
  return product
}
