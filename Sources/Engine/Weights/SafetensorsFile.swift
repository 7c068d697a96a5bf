/// A file of tensors in the safetensors format: eight bytes N, N bytes of JSON header, then the tensors' bytes.
///
/// The format lets tensors neither overlap nor leave gaps, and this reader holds files to that, as the reference library does.
/// Numbers need not be aligned: they are read byte by byte.
package struct SafetensorsFile: Sendable {
  /// Mapped for as long as this lives.
  package let file: MappedFile
  /// In order of their bytes in the file.
  package let tensors: [StoredTensor]
  /// `__metadata__`, in the file's order.
  package let metadata: [(key: String, value: String)]

  /// The reference library's bound on a header.
  static let maximumHeader = 100_000_000

  /// Reads the header and checks that it accounts for every byte of the file.
  package init(_ file: MappedFile) throws(ModelFileError) {
    let path = file.path
    let length = try file.integer(UInt64.self, at: 0, "the header's length")
    guard length <= Self.maximumHeader, let length = Int(exactly: length), file.contains(8, length) else {
      throw .malformed(
        path, nil,
        "its header is said to have \(length) bytes; the file has \(file.count), and \(Self.maximumHeader) is the most the format allows"
      )
    }
    let start = 8 + length
    let header: JSONValue
    do {
      header = try JSONValue(parsing: try file.view(at: 8, length: length, "the header").array())
    } catch let fault as JSONValue.Fault {
      throw .malformed(path, nil, "its header is no JSON at byte \(8 + fault.offset): \(fault.reason)")
    } catch let error as ModelFileError {
      throw error
    } catch {
      throw .malformed(path, nil, "its header is no JSON")
    }
    guard case .object(let members) = header else {
      throw .malformed(path, nil, "its header is no JSON object")
    }
    var tensors: [StoredTensor] = []
    var metadata: [(key: String, value: String)] = []
    for member in members {
      if member.key == "__metadata__" {
        metadata = try Self.metadata(member.value, path)
      } else {
        tensors.append(try Self.tensor(member.key, member.value, start: start, path))
      }
    }
    // Tensors without numbers may share an offset; the name makes the order the same everywhere.
    tensors.sort { ($0.offset, $0.byteCount, $0.name) < ($1.offset, $1.byteCount, $1.name) }
    var end = start
    for tensor in tensors {
      guard tensor.offset == end else {
        throw .malformed(
          path, tensor.name,
          "the tensor \(tensor.name) begins at byte \(tensor.offset - start) of the data, where \(end - start) is expected: tensors \(tensor.offset < end ? "overlap" : "leave a gap")"
        )
      }
      end += tensor.byteCount
      guard end <= file.count else {
        throw .malformed(
          path, tensor.name,
          "the tensor \(tensor.name) ends at byte \(end) of the file, which has \(file.count): it is cut off")
      }
    }
    guard end == file.count else {
      throw .malformed(path, nil, "\(file.count - end) bytes at its end belong to no tensor")
    }
    self.file = file
    self.tensors = tensors
    self.metadata = metadata
  }

  private static func metadata(_ value: JSONValue, _ path: String) throws(ModelFileError)
    -> [(key: String, value: String)]
  {
    guard case .object(let members) = value else {
      throw .malformed(path, "__metadata__", "its __metadata__ is no object")
    }
    var metadata: [(key: String, value: String)] = []
    for member in members {
      guard case .string(let text) = member.value else {
        throw .malformed(
          path, "__metadata__", "its __metadata__ has \(member.key.debugDescription), which is no text")
      }
      metadata.append((member.key, text))
    }
    return metadata
  }

  /// One entry of the header: `{"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`.
  private static func tensor(_ name: String, _ value: JSONValue, start: Int, _ path: String)
    throws(ModelFileError)
    -> StoredTensor
  {
    guard case .object(let members) = value else {
      throw .malformed(path, name, "the header's entry of the tensor \(name) is no object")
    }
    for member in members where !["dtype", "shape", "data_offsets"].contains(member.key) {
      throw .malformed(
        path, name,
        "the header's entry of the tensor \(name) has an unknown key \(member.key.debugDescription)")
    }
    guard case .string(let type)? = value["dtype"] else {
      throw .malformed(path, name, "the tensor \(name) has no dtype")
    }
    guard let format = TensorFormat(rawValue: type), format.blockLength == 1 else {
      throw ModelFileError(
        .unsupported, path, name, "the tensor \(name) has dtype \(type); F32, F16 and BF16 can be read",
        remedy:
          "save the model in one of these, for instance with model.to(torch.bfloat16).save_pretrained(…)")
    }
    guard let shape = sizes(value["shape"]), let offsets = sizes(value["data_offsets"]), offsets.count == 2
    else {
      throw .malformed(
        path, name, "the tensor \(name) has no shape or no two data_offsets in whole numbers from 0 up")
    }
    guard let count = checkedProduct(shape), let bytes = format.bytes(of: count) else {
      throw .malformed(path, name, "the tensor \(name) of shape \(shape) has more bytes than can be counted")
    }
    guard offsets[0] <= offsets[1], offsets[1] - offsets[0] == bytes else {
      throw .malformed(
        path, name,
        "the tensor \(name) of dtype \(type) and shape \(shape) needs \(bytes) bytes, and its data_offsets are \(offsets)"
      )
    }
    let (offset, overflow) = offsets[0].addingReportingOverflow(start)
    guard !overflow, !offset.addingReportingOverflow(bytes).overflow else {
      throw .malformed(path, name, "the tensor \(name) begins at \(offsets[0]), beyond any file")
    }
    return StoredTensor(name: name, shape: shape, format: format, offset: offset, byteCount: bytes)
  }

  /// A list of whole numbers from 0 up, short enough for a shape.
  private static func sizes(_ value: JSONValue?) -> [Int]? {
    guard case .array(let values)? = value, values.count <= 8 else { return nil }
    let sizes = values.compactMap { if case .integer(let size) = $0, size >= 0 { size } else { nil } }
    return sizes.count == values.count ? sizes : nil
  }
}
