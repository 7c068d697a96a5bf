/// What the parser notes for the formatter: which bracket is what, and where items begin.
///
/// The formatter works on tokens, so that nothing can be lost or changed; this tells it what a comma separates.
struct Layout {
  /// What a pair of brackets holds.
  enum Kind {
    /// Arguments, parameters or selectors: written against the word before them.
    case attached
    /// `(a)` or `(a, b)`, where a comma at the end would change the meaning.
    case group
    /// `[a, b]`, also as a type.
    case list
    /// Fields, arms, entries or clauses, separated by commas or line ends.
    case braces
    /// Statements.
    case block
  }
  /// By the index of the opening bracket.
  var kinds: [Int: Kind] = [:]
  /// For each token whether an item or a statement begins with it.
  var beginsItem: [Bool]

  init(tokenCount: Int) {
    beginsItem = [Bool](repeating: false, count: tokenCount)
  }
}
