internal import Foundation

/// The weights of a folder: `model.safetensors`, or several files with `model.safetensors.index.json`.
struct SafetensorsFolder: Sendable {
  /// A tensor and the file that holds it.
  struct Place: Sendable {
    var file: MappedFile
    var tensor: StoredTensor
  }
  /// By name.
  let places: [String: Place]

  static let single = "model.safetensors"
  static let index = "model.safetensors.index.json"

  /// Opens every file. The index must name each tensor of each file, and no other.
  init(folder: String) throws(ModelFileError) {
    let indexPath = folder + "/" + Self.index
    if !FileManager.default.fileExists(atPath: indexPath) {
      let path = folder + "/" + Self.single
      guard FileManager.default.fileExists(atPath: path) else {
        throw ModelFileError(
          .missing, folder, Self.single, "there is neither \(Self.single) nor \(Self.index)",
          remedy:
            "weights are read from safetensors files; convert others, for instance with save_pretrained(…, safe_serialization=True)"
        )
      }
      let single = try SafetensorsFile(MappedFile(path: path))
      var places: [String: Place] = [:]
      for tensor in single.tensors { places[tensor.name] = Place(file: single.file, tensor: tensor) }
      self.places = places
      return
    }
    let entries = try Self.entries(indexPath)
    var places: [String: Place] = [:]
    var fileOf: [String: String] = [:]
    for entry in entries { fileOf[entry.tensor] = entry.file }
    for name in Set(entries.map(\.file)).sorted() {
      let part = try SafetensorsFile(MappedFile(path: folder + "/" + name))
      for tensor in part.tensors {
        guard fileOf[tensor.name] == name else {
          throw ModelFileError(
            .superfluous, part.file.path, tensor.name,
            "it holds the tensor \(tensor.name), which \(Self.index) places in \(fileOf[tensor.name] ?? "no file")",
            remedy: "the folder mixes files of two models or saves; fetch it again")
        }
        places[tensor.name] = Place(file: part.file, tensor: tensor)
      }
    }
    for entry in entries where places[entry.tensor] == nil {
      throw ModelFileError(
        .missing, folder + "/" + entry.file, entry.tensor,
        "the tensor \(entry.tensor) is not in it, and \(Self.index) says so",
        remedy: "the folder mixes files of two models or saves; fetch it again")
    }
    self.places = places
  }

  /// Which file each tensor is in, in the index's order. A file's name must be a plain one: an index cannot point out of its folder.
  private static func entries(_ path: String) throws(ModelFileError) -> [(tensor: String, file: String)] {
    let index = try JSONValue(file: path)
    guard case .object(let members)? = index["weight_map"], !members.isEmpty else {
      throw .malformed(path, "weight_map", "there is no object weight_map")
    }
    var entries: [(tensor: String, file: String)] = []
    for member in members {
      guard case .string(let file) = member.value, file.hasSuffix(".safetensors"), !file.contains("/"),
        !file.contains("\0")
      else {
        throw .malformed(
          path, member.key,
          "weight_map places \(member.key) in \(member.value.shown), which is no safetensors file in this folder"
        )
      }
      entries.append((member.key, file))
    }
    return entries
  }
}

extension JSONValue {
  /// Larger files are refused before they are read: the largest index of a real model has a few megabytes.
  private static let maximumFile = 64 << 20

  /// Parses a file.
  init(file path: String) throws(ModelFileError) {
    let file = try MappedFile(path: path)
    guard file.count <= Self.maximumFile else {
      throw .malformed(
        path, nil, "it has \(file.count) bytes; \(Self.maximumFile) is the most that is read of such a file")
    }
    let bytes = try file.view(at: 0, length: file.count, "its text").array()
    do {
      try self.init(parsing: bytes)
    } catch {
      throw .malformed(path, nil, "it is no JSON at byte \(error.offset): \(error.reason)")
    }
  }
}
