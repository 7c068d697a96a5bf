/// Turns the contents of tokens back into text (`decoder`): a chain of steps over a list of pieces of bytes.
enum TokenDecoder: Hashable, Sendable {
  case byteLevel
  case metaspace(replacement: UInt32, prepends: MetaspacePrepending)
  case byteFallback
  case fuse
  case replace(CodePoints, with: CodePoints)
  case strip(content: UInt32, start: Int, stop: Int)
  case sequence([TokenDecoder])
}

extension TokenDecoder {
  /// What becomes of some pieces.
  ///
  /// - Parameter repairs: each of several bytes that are no text together becomes U+FFFD, as in the reference library; otherwise
  ///   they stay what they are.
  func decode(_ pieces: [[UInt8]], repairs: Bool) -> [[UInt8]] {
    switch self {
    case .sequence(let steps): return steps.reduce(pieces) { $1.decode($0, repairs: repairs) }
    case .byteLevel: return pieces.map { ByteAlphabet.decode(CodePoints(utf8: $0)) ?? $0 }
    case .metaspace(let replacement, let prepends):
      return pieces.enumerated().map { index, piece in
        let dropsSign = index == 0 && prepends != .never
        return CodePoints(utf8: piece).compactMap { $0 == replacement ? dropsSign ? nil : 0x20 : $0 }.utf8
      }
    case .byteFallback: return Self.joiningBytes(of: pieces, repairs: repairs)
    case .fuse: return [Array(pieces.joined())]
    case .replace(let pattern, let content):
      return pieces.map { CodePoints(utf8: $0).replacing(pattern, with: content).utf8 }
    case .strip(let content, let start, let stop):
      return pieces.map { Self.strip($0, content, start: start, stop: stop) }
    }
  }

  /// Runs of `<0x0A>` as the bytes they stand for.
  private static func joiningBytes(of pieces: [[UInt8]], repairs: Bool) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var run: [UInt8] = []
    func endRun() {
      guard !run.isEmpty else { return }
      let isText = !repairs || String(validating: run, as: UTF8.self) != nil
      result.append(isText ? run : [UInt8](String(repeating: "\u{fffd}", count: run.count).utf8))
      run = []
    }
    for piece in pieces {
      if piece.count == 6, piece.starts(with: "<0x".utf8), piece[5] == UInt8(ascii: ">"),
        let byte = UInt8(String(decoding: piece[3..<5], as: UTF8.self), radix: 16)
      {
        run.append(byte)
      } else {
        endRun()
        result.append(piece)
      }
    }
    endRun()
    return result
  }

  private static func strip(_ bytes: [UInt8], _ content: UInt32, start: Int, stop: Int) -> [UInt8] {
    let text = CodePoints(utf8: bytes)
    let first = text.prefix(start).prefix { $0 == content }.count
    let last = text.dropFirst(first).suffix(stop).reversed().prefix { $0 == content }.count
    return text[first..<text.count - last].utf8
  }
}
