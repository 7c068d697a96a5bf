/// What text goes through before it is cut (`normalizer`).
enum TokenNormalizer: Hashable, Sendable {
  /// A normal form of the Unicode standard (annex 15).
  case form(NormalForm)
  case lowercase
  case prepend(CodePoints)
  case replace(CodePoints, with: CodePoints)
  case strip(left: Bool, right: Bool)
  case sequence([TokenNormalizer])
}

extension TokenNormalizer {
  /// White space at the beginning goes.
  var stripsLeft: Bool {
    switch self {
    case .strip(let left, _): left
    case .sequence(let steps): steps.contains(where: \.stripsLeft)
    default: false
    }
  }

  /// The text, normalised. Bytes that are no text stay as they are.
  func normalize(_ text: CodePoints) -> CodePoints {
    switch self {
    case .sequence(let steps): return steps.reduce(text) { $1.normalize($0) }
    case .form(let form): return form.normalize(text)
    case .lowercase:
      return text.flatMap { (point: UInt32) -> CodePoints in
        Unicode.Scalar(point).map { CodePoints(of: $0.properties.lowercaseMapping) } ?? [point]
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
