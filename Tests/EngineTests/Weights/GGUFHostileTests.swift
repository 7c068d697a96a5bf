import Engine
import Testing

/// GGUF files that lie.
@Suite struct GGUFHostileTests {
  private func open(_ file: GGUFBytes) throws -> GGUFFile { try open(file.bytes) }

  private func open(_ bytes: [UInt8]) throws -> GGUFFile {
    try GGUFFile(MappedFile(bytes: bytes, path: "a.gguf"))
  }

  private func expect(_ words: String, _ subject: String? = nil, _ make: () -> GGUFBytes) throws {
    let error = try #require(throws: ModelFileError.self) { _ = try open(make()) }
    #expect(error.message.contains(words), "\(error.message)")
    if let subject { #expect(error.subject == subject) }
  }

  @Test func `values of every type are read`() throws {
    let file = try open(GGUFBytes.small)
    #expect(file["u8"]?.int == 200 && file["i8"]?.int == -7 && file["u16"]?.int == 60_000)
    #expect(file["i16"]?.int == -300 && file["u32"]?.int == 4_000_000_000 && file["i32"]?.int == -70_000)
    #expect(file["f32"]?.double == 1.5 && file["bool"]?.bool == true && file["text"]?.string == "naïve")
    #expect(try file["texts"]?.list?.strings() == ["", "a", "Ġb"])
    #expect(try file["flags"]?.list?.integers() == [0, 1])
    #expect(file["u64"]?.shown == "18446744073709551615" && file["u64"]?.int == nil)
    #expect(file["i64"]?.int == .min && file["f64"]?.double == -2.25 && file["lists"]?.list?.count == 2)
    #expect(file["nothing"] == nil)
    #expect(file.tensors.map(\.name) == ["plain", "blocks", "halves"])
    #expect(file.tensors.map(\.shape) == [[2, 3], [2, 32], [5]])
    #expect(throws: ModelFileError.self) { try file["flags"]?.list?.strings() }
    #expect(throws: ModelFileError.self) { try file["texts"]?.list?.integers() }
  }

  @Test(arguments: [UInt64(1) << 63, .max, 1_000, 50])
  func `a count beyond the file is refused before anything is made of it`(count: UInt64) throws {
    try expect("\(count) tensors") { GGUFBytes(tensors: count, metadata: 0) }
    try expect("\(count) metadata values") { GGUFBytes(tensors: 0, metadata: count) }
    try expect("\(count) bytes") {
      var file = GGUFBytes(tensors: 0, metadata: 1)
      file.number(count)
      file.bytes(8)
      return file
    }
    try expect("is said to have \(count) bytes") {
      var file = GGUFBytes(tensors: 0, metadata: 1)
      file.key("k", 8)
      file.number(count)
      return file
    }
    for type in UInt32(0)...12 where type != 9 {
      try expect("\(count) elements of k") {
        var file = GGUFBytes(tensors: 0, metadata: 1)
        file.key("k", 9)
        file.number(type)
        file.number(count)
        return file
      }
    }
  }

  @Test func `lists in lists end somewhere`() throws {
    try expect("deeper than 8", "k") {
      var file = GGUFBytes(tensors: 0, metadata: 1)
      file.key("k", 9)
      for _ in 0..<10_000 {
        file.number(UInt32(9))
        file.number(UInt64(1))
      }
      return file
    }
  }

  @Test func `keys and tensors given twice, unknown types and other versions are refused`() throws {
    try expect("given twice", "k") {
      var file = GGUFBytes(tensors: 0, metadata: 2)
      for _ in 0..<2 {
        file.key("k", 7)
        file.number(UInt8(0))
      }
      return file
    }
    try expect("given twice", "t") { tensors([("t", [4], 0, 0), ("t", [4], 0, 32)]) }
    try expect("unknown type 13", "k") {
      var file = GGUFBytes(tensors: 0, metadata: 1)
      file.key("k", 13)
      file.number(UInt64(0))
      return file
    }
    try expect("must be 0 or 1", "k") {
      var file = GGUFBytes(tensors: 0, metadata: 1)
      file.key("k", 7)
      file.number(UInt8(2))
      return file
    }
    try expect("ggml type 10", "t") { tensors([("t", [256], 10, 0)]) }
    try expect("version 1") { GGUFBytes(version: 1, tensors: 0, metadata: 0) }
    try expect("version 4") { GGUFBytes(version: 4, tensors: 0, metadata: 0) }
    try expect("big-endian") { GGUFBytes(version: 0x0300_0000, tensors: 0, metadata: 0) }
    #expect(throws: ModelFileError.self) { try open(Array("GGML".utf8)) }
    #expect(try open(GGUFBytes(version: 2, tensors: 0, metadata: 0)).tensors.isEmpty)
  }

  @Test func `tensors that overlap, lie askew or are too large are refused by name`() throws {
    try expect("overlap", "b") { tensors([("a", [16], 0, 0), ("b", [16], 0, 32)]) }
    try expect("overlap", "b") { tensors([("a", [16], 0, 0), ("b", [16], 0, 0)].reversed()) }
    try expect("no multiple of the alignment 32", "a") { tensors([("a", [16], 0, 16)]) }
    try expect("cut off", "a") { tensors([("a", [4096], 0, 0)]) }
    try expect("cut off", "a") { tensors([("a", [4], 0, 1 << 40)]) }
    try expect("cut off", "a") { tensors([("a", [4], 0, .max >> 1 & ~31)]) }
    try expect("cannot be F32", "a") { tensors([("a", [4], 0, 1 << 63)]) }
    try expect("dimension of 9223372036854775808", "a") { tensors([("a", [1 << 63], 0, 0)]) }
    try expect("cannot be F32", "a") { tensors([("a", [1 << 32, 1 << 32], 0, 0)]) }
    try expect("cannot be F32", "a") { tensors([("a", [1 << 62], 0, 0)]) }
    try expect("whole blocks of 32", "a") { tensors([("a", [16, 2], 8, 0)]) }
    try expect("whole blocks of 256", "a") { tensors([("a", [32, 8], 14, 0)]) }
    try expect("5 dimensions", "a") { tensors([("a", [1, 1, 1, 1, 1], 0, 0)]) }
    _ = try open(tensors([("b", [8], 0, 64), ("a", [16], 0, 0), ("none", [0], 0, 0)]))
  }

  @Test(arguments: [UInt32(0), 1, 4, 33, 48, 1 << 31])
  func `an alignment that is none is refused`(alignment: UInt32) throws {
    try expect("must be a power of two", "general.alignment") {
      var file = GGUFBytes(tensors: 0, metadata: 1)
      file.key("general.alignment", 4)
      file.number(alignment)
      return file
    }
  }

  private func tensors(_ tensors: [(name: String, sizes: [UInt64], type: UInt32, offset: UInt64)])
    -> GGUFBytes
  {
    var file = GGUFBytes(tensors: UInt64(tensors.count), metadata: 0)
    for tensor in tensors { file.tensor(tensor.name, tensor.sizes, type: tensor.type, offset: tensor.offset) }
    file.data(256)
    return file
  }
}
