import Engine

extension Lanes {
  /// All that this processor has instructions for: a test of bits goes through them.
  static let known: [Lanes] = available == .sixteen ? [.eight, .sixteen] : [.eight]
}
