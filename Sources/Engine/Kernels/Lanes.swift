import CProcessor

/// How many numbers an instruction computes. No bit depends on it: columns are computed side by side, each in its own chain.
package enum Lanes: Int, Sendable {
  case eight = 8
  case sixteen = 16

  /// The most that this processor has instructions for.
  package static let available: Lanes = emend_has_avx512() ? .sixteen : .eight
}
