internal import Foundation
internal import Glibc

/// Writes a safetensors file, a few rows at a time: the same tensors give the same bytes.
package struct SafetensorsWriter {
  /// A tensor to write.
  package struct Entry: Hashable, Sendable {
    /// Any text; it is quoted.
    package var name: String
    /// Outermost first.
    package var shape: [Int]
    /// F32, F16 or BF16; numbers are rounded to the nearest, ties to even.
    package var format: TensorFormat

    /// A tensor of these.
    package init(name: String, shape: [Int], format: TensorFormat) {
      self.name = name
      self.shape = shape
      self.format = format
    }
  }

  /// Numbers asked for at a time, at most, unless a row has more.
  private static let numbersAtATime = 1 << 18

  private let path: String
  private let stored: [StoredTensor]
  private let header: [UInt8]

  /// Lays the file out as the reference library does: wider numbers first, then by name, the header filled up with blanks to a
  /// multiple of eight bytes, so that every number is aligned. Throws where two entries share a name or one cannot be written.
  package init(
    path: String, entries: [Entry], metadata: [(key: String, value: String)] = [("format", "pt")]
  ) throws(ModelFileError) {
    var stored: [StoredTensor] = []
    var names: Set<String> = ["__metadata__"]
    var end = 0
    for entry in entries.sorted(by: { (-$0.format.blockBytes, $0.name) < (-$1.format.blockBytes, $1.name) }) {
      guard names.insert(entry.name).inserted, entry.format.blockLength == 1,
        let count = checkedProduct(entry.shape), let bytes = entry.format.bytes(of: count),
        !end.addingReportingOverflow(bytes).overflow
      else {
        throw ModelFileError(
          .mismatch, path, entry.name,
          "the tensor \(entry.name) of shape \(entry.shape) as \(entry.format.rawValue) cannot be written: its name is taken, its format is not of safetensors, or it is too large",
          remedy: "this is a fault of this program; please report it")
      }
      stored.append(
        StoredTensor(
          name: entry.name, shape: entry.shape, format: entry.format, offset: end, byteCount: bytes))
      end += bytes
    }
    var fields: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.map { "\(JSONValue.quoted($0.key)):\(JSONValue.quoted($0.value))" }
      fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    for tensor in stored {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      fields.append(
        "\(JSONValue.quoted(tensor.name)):{\"dtype\":\"\(tensor.format.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(tensor.offset),\(tensor.offset + tensor.byteCount)]}"
      )
    }
    var text = Array("{\(fields.joined(separator: ","))}".utf8)
    text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    guard text.count <= SafetensorsFile.maximumHeader else {
      throw ModelFileError(
        .mismatch, path, nil, "\(stored.count) tensors need a longer header than the format allows",
        remedy: "write fewer tensors to a file")
    }
    self.path = path
    self.stored = stored
    header = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
  }

  /// Writes the file under another name and then renames it, so that it is never half there.
  ///
  /// `fill` is asked for consecutive rows of one tensor after the other. Throws what it throws, `.notFinite` for a number that the format
  /// cannot hold, and `.unreadable` where the system refuses.
  package func write(
    fill: (_ name: String, _ rows: Range<Int>, _ into: inout MutableSpan<Float>) throws -> Void
  ) throws {
    let part = path + ".part"
    guard FileManager.default.createFile(atPath: part, contents: nil),
      let handle = FileHandle(forWritingAtPath: part)
    else {
      throw ModelFileError(
        .unreadable, part, nil, "cannot be written",
        remedy: "check that the folder exists and may be written to")
    }
    do {
      try handle.write(contentsOf: Data(header))
      for tensor in stored where tensor.byteCount > 0 {
        let rowsAtATime = max(1, Self.numbersAtATime / tensor.columns)
        for first in stride(from: 0, to: tensor.rows, by: rowsAtATime) {
          let rows = first..<min(first + rowsAtATime, tensor.rows)
          var numbers = [Float](repeating: 0, count: rows.count * tensor.columns)
          var span = numbers.mutableSpan
          try fill(tensor.name, rows, &span)
          try handle.write(contentsOf: Data(try Self.encode(numbers, tensor, first: first, path)))
        }
      }
      try handle.synchronize()
      try handle.close()
    } catch {
      try? handle.close()
      try? FileManager.default.removeItem(atPath: part)
      throw error
    }
    guard unsafe rename(part, path) == 0 else {
      try? FileManager.default.removeItem(atPath: part)
      throw ModelFileError(
        .unreadable, path, nil, "cannot be written", remedy: "check that nothing else has this name")
    }
  }

  private static func encode(_ numbers: [Float], _ tensor: StoredTensor, first: Int, _ path: String)
    throws(ModelFileError) -> [UInt8]
  {
    func refuse(_ index: Int) -> ModelFileError {
      ModelFileError(
        .notFinite, path, tensor.name,
        "\(tensor.name)[\(first + index / tensor.columns), \(index % tensor.columns)] is \(numbers[index]), which \(tensor.format.rawValue) cannot hold",
        remedy: numbers[index].isFinite
          ? "export as F32 or BF16" : "the training diverged; lower its learning rate")
    }
    if tensor.format == .f32 {
      if let bad = numbers.firstIndex(where: { !$0.isFinite }) { throw refuse(bad) }
      return littleEndian(numbers.map(\.bitPattern))
    }
    var halves = [UInt16](repeating: 0, count: numbers.count)
    for index in numbers.indices {
      guard let bits = tensor.format == .f16 ? Self.half(numbers[index]) : Self.brain(numbers[index]) else {
        throw refuse(index)
      }
      halves[index] = bits
    }
    return littleEndian(halves)
  }

  /// A number rounded to half precision; `nil` where that is not finite.
  private static func half(_ number: Float) -> UInt16? {
    let half = Float16(number)
    return half.isFinite ? half.bitPattern : nil
  }

  /// A number rounded to the upper half of its bits; `nil` where that is not finite.
  private static func brain(_ number: Float) -> UInt16? {
    let rounded = roundedToBFloat16(number)
    return rounded.isFinite ? UInt16(rounded.bitPattern >> 16) : nil
  }
}
