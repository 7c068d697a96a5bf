/// One tensor as it stands in a file.
package struct StoredTensor: Hashable, Sendable {
  /// As in the file.
  package var name: String
  /// Outermost first, as in PyTorch; the last dimension runs along a row.
  package var shape: [Int]
  /// How its numbers are stored.
  package var format: TensorFormat
  /// Of its first byte in the file.
  package var offset: Int
  /// Its bytes in the file.
  package var byteCount: Int

  /// Numbers in a row: the last dimension; 1 for a scalar.
  package var columns: Int { shape.last ?? 1 }

  /// All other dimensions together.
  package var rows: Int { shape.dropLast().reduce(1, *) }

  /// Bytes of one row.
  var rowBytes: Int { rows == 0 ? 0 : byteCount / rows }
}

extension MappedFile {
  /// Decodes consecutive rows of a tensor to `numbers`, from `start` on.
  ///
  /// Throws where the rows are not the tensor's, or there is no room.
  package func read(
    _ tensor: StoredTensor, rows: Range<Int>, into numbers: inout MutableSpan<Float>, at start: Int
  )
    throws(ModelFileError)
  {
    guard rows.lowerBound >= 0, rows.upperBound <= tensor.rows, start >= 0,
      rows.count * tensor.columns <= numbers.count - start
    else {
      throw ModelFileError(
        .mismatch, path, tensor.name,
        "rows \(rows) with room for \(numbers.count - start) numbers are asked of \(tensor.name), which has \(tensor.rows) of \(tensor.columns)",
        remedy: "this is a fault of this program; please report it")
    }
    let bytes = try view(
      at: tensor.offset + rows.lowerBound * tensor.rowBytes, length: rows.count * tensor.rowBytes, tensor.name
    )
    tensor.format.decode(bytes, count: rows.count * tensor.columns, into: &numbers, at: start)
  }
}
