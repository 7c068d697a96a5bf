internal import Foundation

/// A language model's description and weights in the files that hold it: a Hugging Face folder, or a GGUF file.
///
/// Opening reads headers and checks that every tensor is there in its shape, and no other; weights stay in the mapped files and are
/// decoded when they are read. Memory beyond the mapping is that of the headers.
package final class ModelFiles: Sendable {
  /// As given.
  package let path: String
  /// What the family's reader made of the configuration.
  package let architecture: Architecture
  /// Whose names the tensors have.
  package let naming: TensorNaming
  /// Every parameter, in the canonical order.
  package let parameters: [ParameterDescription]
  /// The GGUF file, whose metadata also hold the tokenizer; `nil` for a folder.
  package let gguf: GGUFFile?
  private let places: [String: SafetensorsFolder.Place]
  private let positions: [String: Int]

  /// Opens a folder with `config.json` and safetensors files, or a GGUF file.
  ///
  /// Throws the key or tensor at fault: what the family's reader refuses, missing and superfluous tensors, and wrong shapes.
  package static func open(_ path: String) throws(ModelFileError) -> ModelFiles {
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
    else {
      let file = try MappedFile(path: path)
      guard path.lowercased().hasSuffix(".safetensors") else { return try ModelFiles(gguf: GGUFFile(file)) }
      throw ModelFileError(
        .unreadable, path, nil,
        "is a safetensors file, which holds weights without their model's description",
        remedy: "give the folder that it lies in, with its config.json")
    }
    let configuration = path + "/config.json"
    guard FileManager.default.fileExists(atPath: configuration) else {
      throw ModelFileError(
        .missing, path, "config.json", "there is no config.json in this folder",
        remedy: "give the folder of a Hugging Face model, or a GGUF file")
    }
    let architecture = try Architecture(
      configuration: JSONValue(file: configuration), path: configuration)
    return try ModelFiles(
      path: path, architecture, .huggingFace, nil, places: SafetensorsFolder(folder: path).places)
  }

  /// A GGUF file that is already open.
  package convenience init(gguf: GGUFFile) throws(ModelFileError) {
    var places: [String: SafetensorsFolder.Place] = [:]
    for tensor in gguf.tensors {
      places[tensor.name] = SafetensorsFolder.Place(file: gguf.file, tensor: tensor)
    }
    try self.init(path: gguf.file.path, Architecture(gguf: gguf), .gguf, gguf, places: places)
  }

  private init(
    path: String, _ architecture: Architecture, _ naming: TensorNaming, _ gguf: GGUFFile?,
    places: [String: SafetensorsFolder.Place]
  ) throws(ModelFileError) {
    parameters = architecture.parameters(naming)
    var needed: Set<String> = []
    for parameter in parameters {
      guard checkedProduct([parameter.rows, parameter.columns]) != nil else {
        throw .malformed(
          path, parameter.name, "the parameter \(parameter.name) has more numbers than can be counted")
      }
      for piece in parameter.pieces {
        try Self.check(piece, places[piece.tensor], path)
        needed.insert(piece.tensor)
      }
    }
    for name in places.keys.sorted() where !needed.contains(name) {
      try Self.checkSuperfluous(name, places, architecture, naming, path)
    }
    self.path = path
    self.architecture = architecture
    self.naming = naming
    self.gguf = gguf
    self.places = places
    var positions: [String: Int] = [:]
    for (position, parameter) in parameters.enumerated() { positions[parameter.name] = position }
    self.positions = positions
  }

  private static func check(
    _ piece: ParameterDescription.Piece, _ place: SafetensorsFolder.Place?, _ path: String
  ) throws(ModelFileError) {
    guard let place else {
      throw ModelFileError(
        .missing, path, piece.tensor, "the tensor \(piece.tensor) of shape \(piece.shape) is not there",
        remedy: "the weights are not complete, or of another model than the configuration; fetch both again")
    }
    guard place.tensor.shape == piece.shape else {
      throw ModelFileError(
        .mismatch, place.file.path, piece.tensor,
        "the tensor \(piece.tensor) has the shape \(place.tensor.shape), and the configuration asks for \(piece.shape)",
        remedy: "the weights are of another model than the configuration; fetch both again")
    }
  }

  /// Lets pass what adds nothing: rotary frequencies that some files keep, and a tied output layer that is the embedding once more.
  private static func checkSuperfluous(
    _ name: String, _ places: [String: SafetensorsFolder.Place], _ architecture: Architecture,
    _ naming: TensorNaming, _ path: String
  ) throws(ModelFileError) {
    switch naming {
    case .huggingFace:
      if name.hasSuffix(".self_attn.rotary_emb.inv_freq") { return }
      if name == "lm_head.weight", architecture.tiedEmbeddings, let output = places[name],
        let embedding = places["model.embed_tokens.weight"], output.tensor.format == embedding.tensor.format
      {
        let ours = try output.file.view(at: output.tensor.offset, length: output.tensor.byteCount, name)
        let other = try embedding.file.view(
          at: embedding.tensor.offset, length: embedding.tensor.byteCount, "the embedding")
        if ours.equals(other) { return }
        throw ModelFileError(
          .mismatch, path, name,
          "lm_head.weight is not the embedding, and tie_word_embeddings in config.json says that it is",
          remedy: "set tie_word_embeddings to false if the model has an output layer of its own")
      }
    case .gguf:
      if name == "rope_freqs.weight", architecture.family == .llama { return }
      if name == "rope_factors_short.weight" || name == "rope_factors_long.weight",
        architecture.family == .phi3
      {
        return
      }
    }
    throw ModelFileError(
      .superfluous, places[name]?.file.path ?? path, name,
      "the tensor \(name) has no place in a model of the family \(architecture.family.rawValue) with this configuration",
      remedy: "the weights are of another model than the configuration, or of a variant that is not supported"
    )
  }

  /// Bytes of all weights as they are stored.
  package var storedBytes: Int {
    parameters.reduce(0) { sum, parameter in
      sum + parameter.pieces.reduce(0) { $0 + (places[$1.tensor]?.tensor.byteCount ?? 0) }
    }
  }

  /// Numbers of all parameters.
  package var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

  /// A parameter by name.
  package func parameter(_ name: String) throws(ModelFileError) -> ParameterDescription {
    guard let position = positions[name] else {
      throw ModelFileError(
        .missing, path, name, "the model has no parameter \(name)",
        remedy: "this is a fault of this program; please report it")
    }
    return parameters[position]
  }

  /// Reads consecutive rows of a parameter; `numbers` must have room for exactly these. A vector has one row.
  ///
  /// Throws `.notFinite` with the tensor and the place of the first infinite weight or NaN.
  package func read(_ name: String, rows: Range<Int>, into numbers: inout MutableSpan<Float>)
    throws(ModelFileError)
  {
    let parameter = try parameter(name)
    guard rows.lowerBound >= 0, rows.upperBound <= parameter.rows,
      numbers.count == rows.count * parameter.columns
    else {
      throw ModelFileError(
        .mismatch, path, name,
        "rows \(rows) with room for \(numbers.count) numbers are asked of \(name), which has \(parameter.rows) of \(parameter.columns)",
        remedy: "this is a fault of this program; please report it")
    }
    if rows.isEmpty { return }
    for piece in parameter.pieces {
      if parameter.isVector {
        try read(piece, rows: 0..<1, into: &numbers, at: piece.first)
        continue
      }
      let wanted = rows.clamped(to: piece.first..<piece.first + piece.length)
      if wanted.isEmpty { continue }
      try read(
        piece, rows: wanted.lowerBound - piece.first..<wanted.upperBound - piece.first, into: &numbers,
        at: (wanted.lowerBound - rows.lowerBound) * parameter.columns)
    }
  }

  /// The same into memory that somebody else holds.
  package func read(_ name: String, rows: Range<Int>, into numbers: UnsafeMutableBufferPointer<Float>)
    throws(ModelFileError)
  {
    var span = unsafe numbers.mutableSpan
    try read(name, rows: rows, into: &span)
  }

  /// All numbers of a parameter.
  package func read(_ name: String) throws(ModelFileError) -> [Float] {
    let parameter = try parameter(name)
    var numbers = [Float](repeating: 0, count: parameter.count)
    var span = numbers.mutableSpan
    try read(name, rows: 0..<parameter.rows, into: &span)
    return numbers
  }

  /// Rows of one tensor, in the parameter's order, to `numbers` from `start` on.
  private func read(
    _ piece: ParameterDescription.Piece, rows: Range<Int>, into numbers: inout MutableSpan<Float>,
    at start: Int
  ) throws(ModelFileError) {
    guard let place = places[piece.tensor] else {
      throw ModelFileError(
        .missing, path, piece.tensor, "the tensor is not there", remedy: ModelFileError.fetchAgain)
    }
    let columns = place.tensor.columns
    if let headWidth = piece.pairedHeadWidth {
      for row in rows {
        let inHead = row % headWidth
        let stored = row - inHead + inHead % (headWidth / 2) * 2 + inHead / (headWidth / 2)
        try place.file.read(
          place.tensor, rows: stored..<stored + 1, into: &numbers,
          at: start + (row - rows.lowerBound) * columns)
      }
    } else {
      try place.file.read(place.tensor, rows: rows, into: &numbers, at: start)
    }
    for index in 0..<rows.count * columns where !numbers[start + index].isFinite {
      throw ModelFileError(
        .notFinite, place.file.path, piece.tensor,
        "\(piece.tensor) has the weight \(numbers[start + index]) in row \(rows.lowerBound + index / columns), column \(index % columns), counted from 0",
        remedy: "the model is damaged or its training diverged; fetch it again or use another")
    }
  }
}
