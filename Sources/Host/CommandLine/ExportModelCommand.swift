internal import DSL
internal import Engine
import Foundation

extension Command {
  /// Options of `export huggingface`.
  static let modelExportOptions: [Option] = [
    Option("model", value: "NAME", "huggingface: the model of this name in the recipe"),
    Option("trial", value: "KEY", "huggingface: the model that this trial ends with"),
    Option("format", value: "NAME", "huggingface: f32 (default), bf16 or f16"),
    Option("adapter", "huggingface: the adapter alone, for peft"),
  ]

  /// `emend export huggingface SOURCE FOLDER`: a recipe's stored model, or a model of files, as a folder for transformers.
  static func exportModel(_ session: Session, _ arguments: Arguments) throws -> ExitStatus {
    guard arguments.operands.count == 3 else {
      throw UsageError(
        "a recipe (or a model's folder or GGUF file) and a folder to write",
        remedy: "emend export huggingface recipes/quickstart.md my-model")
    }
    let source = arguments.operands[1]
    let folder = Project.absolute(arguments.operands[2], in: session.project.folder)
    let formats: [String: TensorFormat] = ["f32": .f32, "bf16": .bf16, "f16": .f16]
    guard let format = formats[arguments.values["format"] ?? "f32"] else {
      throw UsageError(
        "there is no format `\(arguments.values["format"] ?? "")`", remedy: "choose f32, bf16 or f16")
    }
    if let found = try? FileManager.default.contentsOfDirectory(atPath: folder), !found.isEmpty {
      throw CommandFailure(
        "\(arguments.operands[2]) is there and not empty", remedy: "name a folder that is not there yet")
    }
    do {
      let found =
        source.hasSuffix(".md")
        ? try StoredModel(session, arguments, recipe: source)
        : try StoredModel(loading: Project.absolute(source, in: session.project.folder))
      if arguments.switches.contains("adapter") {
        try found.model.exportAdapter(to: folder, base: found.path ?? "")
      } else {
        try found.model.exportHuggingFace(
          to: folder, files: try found.path.map { path throws(ModelFileError) in try ModelFiles.open(path) },
          format: format, threads: Machine.cores)
      }
      session.terminal.answer(arguments.operands[2])
      return .done
    } catch let error as OperationError {
      throw CommandFailure(error.message, remedy: error.remedy)
    } catch let error as ModelFileError {
      throw CommandFailure(error.operationError.message, remedy: error.operationError.remedy)
    }
  }
}

/// A model to export, and the files it began as.
private struct StoredModel {
  let model: Model
  /// Of the model's folder or GGUF file; `nil` for a recipe's own model.
  let path: String?

  init(loading path: String) throws {
    model = try Model.load(path, template: .plain)
    self.path = path
  }

  init(_ session: Session, _ arguments: Arguments, recipe: String) throws {
    let store = try session.openStore()
    let prepared = try session.prepare(recipe, numerics: Session.numerics(arguments), store: store)
    let step = try Self.step(prepared, store, arguments)
    let loads = prepared.loads
    var reading = BlobReading.absent
    if case .present(let output) = try store.presence(of: [prepared.keys.keys[step.index]])[0] {
      reading = try store.readBlob(output.blob.digest)
    }
    let bytes: [UInt8]
    switch reading {
    case .bytes(let found): bytes = found
    case .damaged(_, let file):
      throw CommandFailure(
        "the weights of this model are damaged: \(file)",
        remedy: "remove that file; then `emend run \(recipe)` computes them again")
    case .absent:
      throw CommandFailure(
        "the weights of this model are not in the store",
        remedy: "`emend run \(recipe)` computes what is missing")
    }
    var fault: (any Error)?
    let value: Value
    do {
      value = try Value.decoded(bytes, as: .model) { origin in
        do {
          return try loads.first { $0.origin == origin }.flatMap { try Self.loaded($0.step, prepared) }
        } catch {
          fault = error
          return nil
        }
      }
    } catch {
      if let fault { throw fault }
      throw CommandFailure(
        "the stored model cannot be read: \(error.reason)",
        remedy: "check that the files it was loaded from are as they were")
    }
    guard case .model(let model) = value else {
      throw CommandFailure("that is no model", remedy: "please report this", status: .bug)
    }
    self.model = model
    path = model.origin.flatMap { origin in loads.first { $0.origin == origin.digest }?.path }
  }

  /// The model of a step that loads it, done again for the one that was made of it.
  private static func loaded(_ step: StepID, _ prepared: PreparedPlan) throws -> Model? {
    let call = Call(
      arguments: prepared.ownArguments(of: step), context: ExecutionContext(threads: Machine.cores))
    guard case .model(let model) = try Operation.load.run(call) else { return nil }
    return model
  }

  /// The step that gives the model that was asked for.
  private static func step(_ prepared: PreparedPlan, _ store: Store, _ arguments: Arguments) throws -> StepID
  {
    func isModel(_ step: StepID) -> Bool {
      Catalogue.operation(named: prepared.plan.steps[step.index].operation)?.result == .model
    }
    var candidates: [(words: String, step: StepID)] = []
    for name in prepared.plan.names {
      if case .step(let step, _) = name.value, isModel(step) {
        if arguments.values["model"] == name.name { return step }
        candidates.append(("--model \(name.name)", step))
      }
    }
    for study in prepared.plan.studies {
      for trial in study.trials {
        guard case .step(let step, _) = trial.result, isModel(step) else { continue }
        let key = prepared.keys.key(of: trial, in: study).hex
        if let wanted = arguments.values["trial"], key.hasPrefix(wanted), wanted.count > 3 { return step }
        candidates.append(("--trial \(key.prefix(12))", step))
      }
    }
    let wanted = arguments.values["model"] ?? arguments.values["trial"]
    if wanted == nil, Set(candidates.map(\.step)).count == 1, let only = candidates.first { return only.step }
    let listed = candidates.prefix(12).map(\.words).joined(separator: ", ")
    throw CommandFailure(
      wanted.map { "there is no model `\($0)` in \(prepared.document)" }
        ?? "\(prepared.document) makes \(candidates.isEmpty ? "no model" : "\(candidates.count) models")",
      remedy: candidates.isEmpty
        ? "export a recipe that names a model or whose trials end with one"
        : "choose one: \(listed)"
          + (candidates.count > 12 ? " …" : ""))
  }
}
