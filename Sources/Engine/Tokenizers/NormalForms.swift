internal import Foundation

/// The normal forms of the Unicode standard (annex 15), over tables asked of Foundation once.
///
/// Only single characters are left to Foundation: of sequences it does not always order the marks as the standard says.
enum NormalForm: String, CaseIterable, Sendable {
  case nfc = "NFC"
  case nfd = "NFD"
  case nfkc = "NFKC"
  case nfkd = "NFKD"

  private var composes: Bool { self == .nfc || self == .nfkc }
  private var isCompatible: Bool { self == .nfkc || self == .nfkd }

  /// The form of a text. What is no character, or none that the reference library's tables know, stays what it is.
  func normalize(_ text: CodePoints) -> CodePoints {
    // No form changes what is below U+00A0; composing changes nothing below U+0300.
    let limit: UInt32 = self == .nfc ? 0x300 : 0xa0
    if text.allSatisfy({ $0 < limit }) { return text }
    let table = isCompatible ? Self.compatible : Self.canonical
    var result: CodePoints = []
    result.reserveCapacity(text.count)
    var classes: [UInt8] = []
    for point in text {
      if point < 0xa0 {
        result.append(point)
      } else if point >= Self.hangul.lowerBound, point < Self.hangul.upperBound {
        let index = point - Self.hangul.lowerBound
        result += [0x1100 + index / 588, 0x1161 + index % 588 / 28]
        if index % 28 > 0 { result.append(0x11a7 + index % 28) }
      } else {
        result += table[point] ?? [point]
      }
      while classes.count < result.count { classes.append(Self.combiningClass(result[classes.count])) }
    }
    Self.order(&result, &classes)
    return composes ? Self.compose(result, classes) : result
  }

  private static let hangul: Range<UInt32> = 0xac00..<0xd7a4

  private static func combiningClass(_ point: UInt32) -> UInt8 {
    guard point >= 0x300, CodePointClass(point).contains(.normalizable), let scalar = Unicode.Scalar(point)
    else { return 0 }
    return scalar.properties.canonicalCombiningClass.rawValue
  }

  /// Marks between two starters in ascending order of their classes, those of one class in the order they came in.
  private static func order(_ text: inout CodePoints, _ classes: inout [UInt8]) {
    var start = 0
    while start < text.count {
      guard classes[start] > 0 else {
        start += 1
        continue
      }
      let end = classes[start...].firstIndex(of: 0) ?? text.count
      let isOrdered = zip(classes[start..<end], classes[start..<end].dropFirst()).allSatisfy { $0 <= $1 }
      if !isOrdered {
        let marks = zip(classes[start..<end], text[start..<end]).enumerated()
          .sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }
        for (offset, mark) in marks.enumerated() {
          (classes[start + offset], text[start + offset]) = mark.element
        }
      }
      start = end
    }
  }

  private static func compose(_ text: CodePoints, _ classes: [UInt8]) -> CodePoints {
    var result: CodePoints = []
    result.reserveCapacity(text.count)
    var starter: Int?
    var lastClass: UInt8 = 0
    for (point, pointClass) in zip(text, classes) {
      // Blocked: something of the same class, or another starter, is between.
      let isFree = starter.map { $0 == result.count - 1 || lastClass > 0 && lastClass < pointClass } ?? false
      if let starter, isFree, let composite = composite(result[starter], point) {
        result[starter] = composite
        continue
      }
      if pointClass == 0 { starter = result.count }
      lastClass = pointClass
      result.append(point)
    }
    return result
  }

  private static func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if first >= 0x1100, first < 0x1113, second >= 0x1161, second < 0x1176 {
      return hangul.lowerBound + ((first - 0x1100) * 21 + (second - 0x1161)) * 28
    }
    if hangul.contains(first), (first - hangul.lowerBound) % 28 == 0, second > 0x11a7, second < 0x11c3 {
      return first + (second - 0x11a7)
    }
    return composites[UInt64(first) << 32 | UInt64(second)]
  }

  /// Where all characters are that decompose, but for Hangul syllables.
  private static let decomposable: [ClosedRange<UInt32>] = [
    0xa0...0x33ff, 0xa600...0xabff, 0xf900...0xffef, 0x1_0780...0x1_07ff, 0x1_1000...0x1_1aff,
    0x1_d100...0x1_d1ff, 0x1_d400...0x1_d7ff, 0x1_e000...0x1_e0ff, 0x1_ee00...0x1_fbff, 0x2_f800...0x2_faff,
  ]

  private static func table(_ decomposed: (String) -> String) -> [UInt32: CodePoints] {
    var table: [UInt32: CodePoints] = [:]
    for point in decomposable.joined() where CodePointClass(point).contains(.normalizable) {
      guard let scalar = Unicode.Scalar(point) else { continue }
      let result = CodePoints(of: decomposed(String(scalar)))
      if result != [point] { table[point] = result }
    }
    return table
  }

  private static let canonical = table { $0.decomposedStringWithCanonicalMapping }
  private static let compatible = table { $0.decomposedStringWithCompatibilityMapping }

  /// What two characters compose to: the characters that composing leaves as they are, by what they decompose to.
  private static let composites: [UInt64: UInt32] = {
    var composites: [UInt64: UInt32] = [:]
    for (point, parts) in canonical.sorted(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) }) {
      guard let scalar = Unicode.Scalar(point), parts.count > 1, let last = parts.last,
        CodePoints(of: String(scalar).precomposedStringWithCanonicalMapping) == [point]
      else { continue }
      // All but the last part are one character that was composed before: shorter ones come first.
      var first = parts[0]
      for part in parts[1..<parts.count - 1] {
        first = composites[UInt64(first) << 32 | UInt64(part)] ?? first
      }
      composites[UInt64(first) << 32 | UInt64(last)] = point
    }
    return composites
  }()
}
