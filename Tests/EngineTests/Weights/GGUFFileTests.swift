import Engine
import Testing

@Suite struct GGUFFileTests {
  /// The script wrote any bytes but scales, and computed the numbers with gguf's `dequantize`: the comparison is of all bits.
  @Test(arguments: TensorFormat.allCases)
  func `each format decodes to the bits that gguf gives`(format: TensorFormat) throws {
    let file = try GGUFFile(MappedFile(path: WeightsFixture.folder + "/formats.gguf"))
    let fact = try #require(WeightsFixture.facts().formats.first { $0.name == format.rawValue })
    let tensor = try #require(file.tensors.first { $0.name == format.rawValue })
    #expect(tensor.format == format && tensor.shape == fact.shape)
    #expect(tensor.offset % 64 == 0, "the file's alignment is 64")
    let numbers = try read(file, tensor, 0..<tensor.rows)
    #expect(Array(numbers.prefix(3)) == fact.first)
    #expect(checksum(numbers) == fact.checksum)
    #expect(checksum(try read(file, tensor, 2..<3)) == fact.lastRow)
  }

  private func read(_ file: GGUFFile, _ tensor: StoredTensor, _ rows: Range<Int>) throws -> [Float] {
    var numbers = [Float](repeating: .nan, count: rows.count * tensor.columns)
    var span = numbers.mutableSpan
    try file.file.read(tensor, rows: rows, into: &span, at: 0)
    return numbers
  }

  @Test func `every half-precision number keeps its value`() {
    for bits in UInt16.min...UInt16.max {
      let ours = float(half: bits)
      let theirs = Float(Float16(bitPattern: bits))
      #expect(ours.bitPattern == theirs.bitPattern || ours.isNaN && theirs.isNaN)
    }
  }
}
