internal import Foundation

/// What text goes through before it is cut (`normalizer`).
enum TokenNormalizer: Hashable, Sendable {
  /// A normal form of the Unicode standard (annex 15).
  case form(NormalForm)
  case lowercase
  case prepend(CodePoints)
  case replace(CodePoints, with: CodePoints)
  case strip(left: Bool, right: Bool)
  case sequence([TokenNormalizer])

  enum NormalForm: String, CaseIterable, Sendable {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"
  }
}

extension TokenNormalizer {
  /// The text, normalised. Bytes that are no text stay as they are.
  func normalize(_ text: CodePoints) -> CodePoints {
    switch self {
    case .sequence(let steps): return steps.reduce(text) { $1.normalize($0) }
    case .form(let form): return Self.normalize(text, form)
    case .lowercase:
      return text.flatMap { (point: UInt32) -> CodePoints in
        Unicode.Scalar(point).map { CodePoints($0.properties.lowercaseMapping) } ?? [point]
      }
    case .prepend(let prefix): return text.isEmpty ? text : prefix + text
    case .replace(let pattern, let content): return text.replacing(pattern, with: content)
    case .strip(let left, let right):
      let isSpace = { (point: UInt32) in CodePointClass(point).contains(.space) }
      let start = left ? text.firstIndex { !isSpace($0) } ?? text.endIndex : 0
      let end = right ? (text.lastIndex { !isSpace($0) } ?? -1) + 1 : text.endIndex
      return start < end ? Array(text[start..<end]) : []
    }
  }

  private static func normalize(_ text: CodePoints, _ form: NormalForm) -> CodePoints {
    // No form changes what is below U+00A0; composing changes nothing below U+0300.
    let limit: UInt32 = form == .nfc ? 0x300 : 0xa0
    if text.allSatisfy({ $0 < limit }) { return text }
    var result: CodePoints = []
    result.reserveCapacity(text.count)
    // What is no character, or none that the reference library's tables know, stays and parts what is around it.
    let isOpaque = { (point: UInt32) in point >= 0xa0 && !CodePointClass(point).contains(.normalizable) }
    for run in text.split(omittingEmptySubsequences: false, whereSeparator: isOpaque) {
      if run.startIndex > 0 { result.append(text[run.startIndex - 1]) }
      var string = ""
      for point in run { if let scalar = Unicode.Scalar(point) { string.unicodeScalars.append(scalar) } }
      switch form {
      case .nfc: result += CodePoints(string.precomposedStringWithCanonicalMapping)
      case .nfd: result += CodePoints(string.decomposedStringWithCanonicalMapping)
      case .nfkc: result += CodePoints(string.precomposedStringWithCompatibilityMapping)
      case .nfkd: result += CodePoints(string.decomposedStringWithCompatibilityMapping)
      }
    }
    return result
  }
}

extension CodePoints {
  /// Every occurrence of a pattern, from the left, replaced. An empty pattern occurs nowhere.
  func replacing(_ pattern: CodePoints, with content: CodePoints) -> CodePoints {
    guard let first = pattern.first, contains(first) else { return self }
    var result: CodePoints = []
    result.reserveCapacity(count)
    var index = 0
    while index < count {
      if self[index] == first, self[index...].starts(with: pattern) {
        result += content
        index += pattern.count
      } else {
        result.append(self[index])
        index += 1
      }
    }
    return result
  }
}
