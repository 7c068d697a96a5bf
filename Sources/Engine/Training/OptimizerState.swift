/// What AdamW remembers between two updates, carried from one call to the next by the model that was moved.
///
/// A policy is updated thousands of times, one pure call after another; without its moments each update would be a first one.
package struct OptimizerState: Sendable {
  /// Running means of the gradient, in the parameters' layout.
  package let first: FloatBuffer
  /// Running means of its square.
  package let second: FloatBuffer
  /// How many updates they cover: the correction of their start at 0 depends on it.
  package let updates: Int

  package init(first: FloatBuffer, second: FloatBuffer, updates: Int) {
    self.first = first
    self.second = second
    self.updates = updates
  }
}

extension FloatBuffer {
  /// A buffer of its own with the same numbers.
  convenience init(copying other: FloatBuffer) {
    self.init(count: other.count)
    floats.copy(from: other.floats)
  }
}
