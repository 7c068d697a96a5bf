import Engine
import Foundation
import Testing

@Suite struct SafetensorsFileTests {
  /// A file with this header and so many bytes of data.
  private func open(_ header: String, data: Int = 0, length: UInt64? = nil) throws -> SafetensorsFile {
    let length = length ?? UInt64(header.utf8.count)
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + Array(header.utf8)
    return try SafetensorsFile(
      MappedFile(bytes: bytes + [UInt8](repeating: 0, count: data), path: "a.safetensors"))
  }

  private func entry(_ name: String, _ type: String, _ shape: String, _ offsets: String) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  @Test func `tensors stand in the order of their bytes`() throws {
    let file = try open(
      "{\"__metadata__\":{\"format\":\"pt\"},\(entry("b", "BF16", "[3]", "[24,30]")),\(entry("a", "F32", "[2,3]", "[0,24]")),\(entry("none", "F32", "[0,7]", "[30,30]")),\(entry("one", "F16", "[]", "[30,32]"))}  ",
      data: 32)
    #expect(file.tensors.map(\.name) == ["a", "b", "none", "one"])
    #expect(file.tensors.map(\.shape) == [[2, 3], [3], [0, 7], []])
    #expect(file.metadata.map(\.key) == ["format"] && file.metadata.map(\.value) == ["pt"])
  }

  /// Each header is refused with words that name the fault.
  @Test func `headers that break the format are refused`() throws {
    let cases: [(header: String, data: Int, words: String)] = [
      ("{\(entry("a", "F32", "[2]", "[0,8]")),\(entry("b", "F32", "[2]", "[4,12]"))}", 12, "overlap"),
      ("{\(entry("a", "F32", "[2]", "[0,8]")),\(entry("b", "F32", "[2]", "[12,20]"))}", 20, "leave a gap"),
      ("{\(entry("a", "F32", "[2]", "[4,12]"))}", 12, "leave a gap"),
      ("{\(entry("a", "F32", "[2]", "[0,8]"))}", 9, "belong to no tensor"),
      ("{\(entry("a", "F32", "[2]", "[0,8]"))}", 7, "cut off"),
      ("{\(entry("a", "F32", "[3]", "[0,8]"))}", 8, "needs 12 bytes"),
      ("{\(entry("a", "F32", "[2]", "[8,0]"))}", 8, "needs 8 bytes"),
      ("{\(entry("a", "F32", "[4294967296,4294967296]", "[0,8]"))}", 8, "more bytes than can be counted"),
      ("{\(entry("a", "F32", "[4611686018427387904]", "[0,8]"))}", 8, "more bytes than can be counted"),
      ("{\(entry("a", "F32", "[1]", "[9223372036854775800,9223372036854775804]"))}", 8, "beyond any file"),
      ("{\(entry("a", "F32", "[18446744073709551616]", "[0,8]"))}", 8, "whole numbers"),
      ("{\(entry("a", "F32", "[-1]", "[0,8]"))}", 8, "whole numbers"),
      ("{\(entry("a", "F32", "[1.0]", "[0,4]"))}", 4, "whole numbers"),
      ("{\(entry("a", "F32", "[1]", "[0,4]")),\(entry("a", "F32", "[1]", "[4,8]"))}", 8, "given twice"),
      ("{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "no dtype"),
      (
        "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "given twice"
      ),
      ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", 4, "unknown key"),
      ("{\"__metadata__\":{\"a\":1}}", 0, "no text"),
      ("[]", 0, "no JSON object"),
      ("{", 0, "no JSON at byte 9"),
    ]
    for (header, data, words) in cases {
      let error = try #require(throws: ModelFileError.self, "\(header)") { _ = try open(header, data: data) }
      #expect(error.message.contains(words), "\(header): \(error.message)")
      #expect(error.fault == .malformed && error.file == "a.safetensors" && !error.remedy.isEmpty)
    }
  }

  @Test(arguments: [UInt64(1) << 63, .max, 100_000_001, 3])
  func `a header longer than the file or the format allows is refused`(length: UInt64) throws {
    let error = try #require(throws: ModelFileError.self) { _ = try open("{}", length: length) }
    #expect(error.message.contains("\(length) bytes"))
  }

  @Test(arguments: ["I64", "F64", "F8_E4M3", "BOOL", "Q8_0", "f32"])
  func `a tensor of another type is refused by name`(type: String) throws {
    let error = try #require(throws: ModelFileError.self) {
      _ = try open("{\(entry("model.odd", type, "[1]", "[0,8]"))}", data: 8)
    }
    #expect(error.fault == .unsupported && error.subject == "model.odd")
    #expect(error.message.contains("model.odd") && error.message.contains(type))
  }

  @Test func `a written file reads back the same, aligned, and the same bytes each time`() throws {
    try withTemporaryFolder { folder in
      let entries: [SafetensorsWriter.Entry] = [
        .init(name: "z", shape: [3, 5], format: .bf16),
        .init(name: "odd \"name\"\n", shape: [3], format: .f16),
        .init(name: "a", shape: [700, 500], format: .f32), .init(name: "none", shape: [0, 4], format: .f32),
      ]
      let number = { (name: String, index: Int) in Float(index * 3 % 101) / 4 - 12 }
      for (file, order) in [("one", entries), ("two", entries.reversed())] {
        let writer = try SafetensorsWriter(
          path: "\(folder)/\(file).safetensors", entries: order,
          metadata: [("format", "pt"), ("who", "we\t")])
        try writer.write { name, rows, numbers in
          let columns = entries.first { $0.name == name }?.shape.last ?? 1
          for i in 0..<numbers.count { numbers[i] = number(name, rows.lowerBound * columns + i) }
        }
      }
      let bytes = try Data(contentsOf: URL(filePath: folder + "/one.safetensors"))
      #expect(try bytes == Data(contentsOf: URL(filePath: folder + "/two.safetensors")))
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).count == 2, "no temporary file is left")
      let file = try SafetensorsFile(MappedFile(path: folder + "/one.safetensors"))
      #expect(file.tensors.map(\.name) == ["a", "none", "odd \"name\"\n", "z"])
      #expect(file.metadata.map(\.value) == ["pt", "we\t"])
      for tensor in file.tensors {
        #expect(tensor.offset % tensor.format.blockBytes == 0)
        var numbers = [Float](repeating: .nan, count: tensor.rows * tensor.columns)
        var span = numbers.mutableSpan
        try file.file.read(tensor, rows: 0..<tensor.rows, into: &span, at: 0)
        #expect(numbers == (0..<numbers.count).map { number(tensor.name, $0) })
      }
    }
  }

  @Test(arguments: [
    (TensorFormat.bf16, Float(1.003_906_25), Float(1)), (.bf16, 1.011_718_75, 1.015_625),
    (.bf16, -3.14159, -3.140625), (.f16, 2049, 2048), (.f16, 2051, 2052), (.f16, 1e-9, 0),
  ])
  func `numbers are rounded to the nearest, ties to even`(format: TensorFormat, number: Float, rounded: Float)
    throws
  {
    try withTemporaryFolder { folder in
      let path = folder + "/a.safetensors"
      try SafetensorsWriter(path: path, entries: [.init(name: "a", shape: [1], format: format)]).write {
        _, _, numbers in numbers[0] = number
      }
      let file = try SafetensorsFile(MappedFile(path: path))
      var numbers: [Float] = [.nan]
      var span = numbers.mutableSpan
      try file.file.read(file.tensors[0], rows: 0..<1, into: &span, at: 0)
      #expect(
        abs(numbers[0] - rounded) <= abs(rounded) / 256 && (abs(number) < 1e-20 || numbers[0] == rounded))
    }
  }

  @Test(arguments: [(TensorFormat.f16, Float(70_000)), (.bf16, Float.greatestFiniteMagnitude), (.f32, .nan)])
  func `a number that the format cannot hold is named, and no file is left`(
    format: TensorFormat, number: Float
  )
    throws
  {
    try withTemporaryFolder { folder in
      let writer = try SafetensorsWriter(
        path: folder + "/a.safetensors", entries: [.init(name: "w", shape: [2, 2], format: format)])
      let error = try #require(throws: ModelFileError.self) { try writer.write { $2[3] = number } }
      #expect(error.fault == .notFinite && error.message.contains("w[1, 1]"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }
}
