/// How a model's matrices are kept. Norms and biases are in single precision always, and so is all arithmetic.
package enum WeightFormat: String, Hashable, Sendable, CaseIterable {
  case float32
  /// The upper half of single precision: its range, and eight bits of significand.
  case bfloat16
}

/// The number in bfloat16 that is nearest, of two equally near the even one. NaN stays NaN.
package func roundedToBFloat16(_ number: Float) -> Float {
  let bits = number.bitPattern
  if number.isNaN { return Float(bitPattern: (bits | 0x0040_0000) & 0xffff_0000) }
  // A carry into the exponent is right: what is beyond the greatest number becomes infinite.
  return Float(bitPattern: (bits &+ 0x7fff &+ (bits >> 16 & 1)) & 0xffff_0000)
}

/// Sixteen numbers in bfloat16 as eight words of 32 bits: the first eight in the lower halves, the others in the upper ones. So both become vectors
/// in single precision by one operation each. The words travel as `Floats`, which nobody calculates with.
enum BFloat16Pairs {
  /// The first eight numbers and the others.
  @inline(__always)
  static func vectors(_ words: Vector) -> (Vector, Vector) {
    let bits = unsafe unsafeBitCast(words, to: SIMD8<UInt32>.self)
    return unsafe (
      unsafeBitCast(bits &<< 16, to: Vector.self), unsafeBitCast(bits & 0xffff_0000, to: Vector.self)
    )
  }

  /// The words of numbers that are in bfloat16 already.
  @inline(__always)
  static func words(_ first: Vector, _ others: Vector) -> Vector {
    let low = unsafe unsafeBitCast(first, to: SIMD8<UInt32>.self) &>> 16
    let high = unsafe unsafeBitCast(others, to: SIMD8<UInt32>.self) & 0xffff_0000
    return unsafe unsafeBitCast(low | high, to: Vector.self)
  }
}

/// Consecutive numbers that kernels read.
package protocol NumberView {
  var count: Int { get }
  subscript(index: Int) -> Float { get }
  /// Eight numbers from `index` on.
  func load8(_ index: Int) -> Vector
  /// The `count` numbers from `start` on.
  func slice(_ start: Int, _ count: Int) -> Self
}

extension Floats: NumberView {}

/// A view of consecutive numbers in bfloat16 that somebody else owns, as pairs in words (`BFloat16Pairs`). Whoever hands one out keeps the owner for
/// as long as the view is used.
package struct BFloats: NumberView {
  private let words: Floats
  /// The place of the first number among all that the words hold.
  private let start: Int
  package let count: Int

  /// The first `count` numbers of these words.
  package init(_ words: Floats, count: Int) {
    self.init(words, start: 0, count: count)
  }

  private init(_ words: Floats, start: Int, count: Int) {
    assert(
      start >= 0 && count >= 0 && Self.words(for: start + count) <= words.count, "numbers beyond the words")
    self.words = words
    self.start = start
    self.count = count
  }

  /// Words that so many numbers take.
  package static func words(for count: Int) -> Int { (count + 15) / 16 * 8 }

  package subscript(index: Int) -> Float {
    @inline(__always) get {
      let place = start + index
      let bits = words[place / 16 * 8 + place % 8].bitPattern
      return Float(bitPattern: place % 16 < 8 ? bits << 16 : bits & 0xffff_0000)
    }
    /// The number is rounded.
    nonmutating set {
      let place = start + index
      let bits = roundedToBFloat16(newValue).bitPattern
      let word = place / 16 * 8 + place % 8
      let other = words[word].bitPattern
      words[word] = Float(
        bitPattern: place % 16 < 8 ? other & 0xffff_0000 | bits >> 16 : other & 0xffff | bits)
    }
  }

  @inline(__always)
  package func load8(_ index: Int) -> Vector {
    let place = start + index
    guard place % 8 == 0 else {
      var numbers = Vector()
      for lane in 0..<8 { numbers[lane] = self[index + lane] }
      return numbers
    }
    let (first, others) = BFloat16Pairs.vectors(words.load8(place / 16 * 8))
    return place % 16 == 0 ? first : others
  }

  package func slice(_ start: Int, _ count: Int) -> BFloats {
    assert(start >= 0 && start + count <= self.count, "slice outside its view")
    return BFloats(words, start: self.start + start, count: count)
  }

  /// Writes all numbers in single precision.
  func copy(to floats: Floats) {
    precondition(floats.count == count, "copying \(count) numbers to \(floats.count)")
    var index = 0
    while index + 8 <= count {
      floats.store8(load8(index), index)
      index += 8
    }
    while index < count {
      floats[index] = self[index]
      index += 1
    }
  }
}

/// The numbers of a matrix of a model, as they are kept.
package enum Weights {
  case float32(Floats)
  case bfloat16(BFloats)

  package var count: Int {
    switch self {
    case .float32(let floats): floats.count
    case .bfloat16(let numbers): numbers.count
    }
  }

  package subscript(index: Int) -> Float {
    switch self {
    case .float32(let floats): floats[index]
    case .bfloat16(let numbers): numbers[index]
    }
  }

  func slice(_ start: Int, _ count: Int) -> Weights {
    switch self {
    case .float32(let floats): .float32(floats.slice(start, count))
    case .bfloat16(let numbers): .bfloat16(numbers.slice(start, count))
    }
  }

  /// Writes all numbers in single precision.
  func copy(to floats: Floats) {
    switch self {
    case .float32(let own): floats.copy(from: own)
    case .bfloat16(let numbers): numbers.copy(to: floats)
    }
  }
}
