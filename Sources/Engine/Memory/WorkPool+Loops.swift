/// Loops whose parts any thread may take.
extension WorkPool {
  /// Does `body` for ranges of `count` numbers, at most `size` a unit.
  func forEachBlock(of count: Int, size: Int, _ body: (Range<Int>) -> Void) {
    run((count + size - 1) / size) { unit in body(unit * size..<min((unit + 1) * size, count)) }
  }

  /// The same for rows, at most 32 a unit; so few that sharing them costs more than it saves stay on one thread.
  func forEachRows(_ count: Int, _ body: (Range<Int>) -> Void) {
    let rowsInUnit = count < 8 ? 8 : max(4, min(32, (count + 4 * threads - 1) / (4 * threads)))
    forEachBlock(of: count, size: rowsInUnit, body)
  }

  /// The same row by row.
  func forEachRow(_ count: Int, _ body: (Int) -> Void) {
    forEachRows(count) { rows in
      for row in rows { body(row) }
    }
  }

  /// The same for columns, of which a line of cache and more go together.
  func forEachColumns(_ count: Int, _ body: (Range<Int>) -> Void) {
    forEachBlock(of: count, size: 64, body)
  }
}
