/// What a clue says of an order of objects; objects and places count from 0.
enum DeductionClue: Hashable, Sendable {
  /// The first stands somewhere before the second.
  case before(Int, Int)
  case at(Int, place: Int)

  /// `A<B`, `C=2`.
  var text: String {
    switch self {
    case .before(let a, let b): "\(Self.name(a))<\(Self.name(b))"
    case .at(let a, let place): "\(Self.name(a))=\(place + 1)"
    }
  }

  static func name(_ index: Int) -> String {
    String(UnicodeScalar(UInt8(truncatingIfNeeded: 65 + index % 26)))
  }

  /// Reads `A<B`, `B>A` (the same) and `C=2` for `count` objects.
  init?(_ text: Substring, count: Int) {
    let bytes = Array(text.utf8)
    guard bytes.count == 3 || bytes.count == 4 else { return nil }
    let a = Int(bytes[0]) - 65
    guard (0..<count).contains(a) else { return nil }
    if bytes[1] == UInt8(ascii: "=") {
      var rest = text.dropFirst(2)
      guard let place = rest.takeNumber(), rest.isEmpty, (1...count).contains(place) else { return nil }
      self = .at(a, place: place - 1)
      return
    }
    let b = Int(bytes[2]) - 65
    guard bytes.count == 3, (0..<count).contains(b), a != b else { return nil }
    switch bytes[1] {
    case UInt8(ascii: "<"): self = .before(a, b)
    case UInt8(ascii: ">"): self = .before(b, a)
    default: return nil
    }
  }

  /// Whether both say something of the same object's place, or of the same two.
  func isAbout(_ other: DeductionClue) -> Bool {
    switch (self, other) {
    case (.at(let a, _), .at(let b, _)): a == b
    case (.before(let a, let b), .before(let c, let d)): (a, b) == (c, d) || (a, b) == (d, c)
    default: false
    }
  }

  /// Whether an order, which may still have holes, contradicts it.
  func isContradicted(by order: [Int?]) -> Bool {
    switch self {
    case .at(let object, let place):
      if let here = order[place], here != object { return true }
      return order.firstIndex(of: object).map { $0 != place } ?? false
    case .before(let a, let b):
      guard let first = order.firstIndex(of: a), let second = order.firstIndex(of: b) else { return false }
      return first > second
    }
  }
}

extension [DeductionClue] {
  /// How many orders of `count` objects satisfy all, at most 2, and one of them.
  ///
  /// Dynamic programming over the sets of objects that may fill the first places: 2ⁿ·n steps.
  func orders(of count: Int) -> (ways: Int, order: [Int]) {
    guard (1...12).contains(count) else { return (0, []) }
    var before = [Int](repeating: 0, count: count)
    var places = [Int?](repeating: nil, count: count)
    var objects = [Int?](repeating: nil, count: count)
    for clue in self {
      switch clue {
      case .before(let a, let b): before[b] |= 1 << a
      case .at(let object, let place):
        if let known = places[object], known != place { return (0, []) }
        if let known = objects[place], known != object { return (0, []) }
        places[object] = place
        objects[place] = object
      }
    }
    var ways = [Int](repeating: 0, count: 1 << count)
    var last = ways
    ways[0] = 1
    for set in 0..<(1 << count) - 1 where ways[set] > 0 {
      let place = set.nonzeroBitCount
      // Only what may stand at the next place: who is fixed there, else who is fixed nowhere.
      let candidates = objects[place].map { $0...$0 } ?? 0...(count - 1)
      for object in candidates where set & 1 << object == 0 && before[object] & ~set == 0 {
        guard places[object] ?? place == place else { continue }
        let next = set | 1 << object
        ways[next] = Swift.min(2, ways[next] + ways[set])
        last[next] = object
      }
    }
    var set = (1 << count) - 1
    guard ways[set] > 0 else { return (0, []) }
    var order: [Int] = []
    while set != 0 {
      order.append(last[set])
      set &= ~(1 << last[set])
    }
    return (ways[(1 << count) - 1], order.reversed())
  }
}
