package struct Model: Sendable {}
package struct Task: Sendable {}
package struct Questions: Sendable {}
package struct Corpus: Sendable {}
