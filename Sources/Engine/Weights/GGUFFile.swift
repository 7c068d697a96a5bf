/// A GGUF file, version 2 or 3, little-endian: metadata, then descriptions of tensors, then their bytes.
///
/// Every count and length is checked against the bytes that are left before anything is made of it.
package struct GGUFFile: Sendable {
  /// Mapped for as long as this lives.
  package let file: MappedFile
  /// 2 or 3.
  package let version: UInt32
  /// In the file's order.
  package let metadata: [(key: String, value: GGUFValue)]
  /// In the file's order; shapes are outermost first, which is the reverse of how the file writes them.
  package let tensors: [StoredTensor]
  private let places: [String: Int]

  /// Reads everything before the tensors' bytes, and checks that these are in the file and do not overlap.
  package init(_ file: MappedFile) throws(ModelFileError) {
    let path = file.path
    var reader = GGUFReader(file: file)
    guard try reader.integer(UInt32.self, "the format's mark") == 0x4655_4747 else {
      throw .malformed(path, nil, "it does not begin with GGUF")
    }
    version = try reader.integer(UInt32.self, "the version")
    guard version == 2 || version == 3 else {
      throw ModelFileError(
        .unsupported, path, nil,
        version.byteSwapped < 16
          ? "it is big-endian; little-endian files can be read"
          : "it is of GGUF version \(version); 2 and 3 can be read",
        remedy: "convert the file with the tools of llama.cpp")
    }
    let tensorCount = try reader.count(of: "tensors", bytesEach: 24)
    let metadataCount = try reader.count(of: "metadata values", bytesEach: 13)
    var metadata: [(key: String, value: GGUFValue)] = []
    var places: [String: Int] = [:]
    for _ in 0..<metadataCount {
      let key = try reader.string("a metadata key")
      guard places.updateValue(metadata.count, forKey: key) == nil else {
        throw .malformed(path, key, "the metadata key \(key.debugDescription) is given twice")
      }
      metadata.append((key, try reader.value(of: key)))
    }
    self.metadata = metadata
    self.places = places
    let alignment = try Self.alignment(metadata, path)
    var tensors: [StoredTensor] = []
    var names: Set<String> = []
    for _ in 0..<tensorCount {
      let tensor = try reader.tensor()
      guard names.insert(tensor.name).inserted else {
        throw .malformed(path, tensor.name, "the tensor \(tensor.name) is given twice")
      }
      tensors.append(tensor)
    }
    self.tensors = try Self.placed(tensors, after: reader.position, alignment: alignment, file)
    self.file = file
  }

  /// A metadata value.
  package subscript(key: String) -> GGUFValue? { places[key].map { metadata[$0].value } }

  /// `general.architecture`, such as `llama`.
  package var architecture: String? { self["general.architecture"]?.string }

  private static func alignment(_ metadata: [(key: String, value: GGUFValue)], _ path: String)
    throws(ModelFileError)
    -> Int
  {
    guard let value = metadata.first(where: { $0.key == "general.alignment" })?.value else { return 32 }
    guard let alignment = value.int, alignment >= 8, alignment <= 1 << 20, alignment.nonzeroBitCount == 1
    else {
      throw .malformed(
        path, "general.alignment", "general.alignment is \(value.shown), and must be a power of two from 8 up"
      )
    }
    return alignment
  }

  /// The tensors with offsets from the file's beginning.
  private static func placed(
    _ tensors: [StoredTensor], after end: Int, alignment: Int, _ file: MappedFile
  ) throws(ModelFileError) -> [StoredTensor] {
    if tensors.isEmpty { return [] }
    let start = (end + alignment - 1) / alignment * alignment
    var placed = tensors
    for (index, tensor) in tensors.enumerated() {
      guard tensor.offset % alignment == 0 else {
        throw .malformed(
          file.path, tensor.name,
          "the tensor \(tensor.name) begins at byte \(tensor.offset) of the data, which is no multiple of the alignment \(alignment)"
        )
      }
      let (offset, overflow) = tensor.offset.addingReportingOverflow(start)
      guard !overflow, file.contains(offset, tensor.byteCount) else {
        throw .malformed(
          file.path, tensor.name,
          "the tensor \(tensor.name) has \(tensor.byteCount) bytes from byte \(tensor.offset) of the data on, which is beyond the file's end: it is cut off"
        )
      }
      placed[index].offset = offset
    }
    let ordered = placed.sorted { ($0.offset, $0.byteCount, $0.name) < ($1.offset, $1.byteCount, $1.name) }
    for (first, second) in zip(ordered, ordered.dropFirst())
    where first.offset + first.byteCount > second.offset {
      throw .malformed(file.path, second.name, "the tensors \(first.name) and \(second.name) overlap")
    }
    return placed
  }
}
