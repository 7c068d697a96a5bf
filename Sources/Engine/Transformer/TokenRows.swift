/// Which tokens the rows of a matrix belong to.
///
/// Behind the last layer's attention only rows from which a label is predicted, or a token sampled, go on: nothing reads the others, and no
/// gradient comes back to them. They are left out, which changes no bit of what is left.
struct TokenRows {
  /// Places in the sequences' concatenation, ascending.
  let places: [Int]
  /// Of all tokens.
  private let tokens: Int

  var count: Int { places.count }
  var areAll: Bool { count == tokens }

  init(_ places: [Int], of tokens: Int) {
    precondition(
      zip(places, places.dropFirst()).allSatisfy { $0 < $1 } && (places.last ?? 0) < max(1, tokens),
      "rows that do not ascend, or beyond the last of \(tokens)")
    self.places = places
    self.tokens = tokens
  }

  static func all(_ tokens: Int) -> TokenRows { TokenRows(Array(0..<tokens), of: tokens) }

  /// Takes some of these tokens' rows, `width` numbers each, out of those of all.
  func gather(_ rows: Range<Int>, of all: Floats, into target: Floats, _ width: Int) {
    for row in rows {
      target.slice(row * width, width).copy(from: all.slice(places[row] * width, width))
    }
  }

  /// Puts them back where they were.
  func scatter(_ rows: Floats, into all: Floats, _ width: Int) {
    for (row, place) in places.enumerated() {
      all.slice(place * width, width).copy(from: rows.slice(row * width, width))
    }
  }
}
