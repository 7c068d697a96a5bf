internal import DSL
internal import Engine
import Foundation

/// What every command begins with: the project, the terminal, and the way to a plan.
package struct Session: Sendable {
  package let project: Project
  package let terminal: Terminal

  /// Emend's version.
  package static let version = "0.1.0"

  package init(_ arguments: Arguments) throws(UsageError) {
    let folder = arguments.values["directory"] ?? "."
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw UsageError("there is no folder `\(folder)`", remedy: "check -C")
    }
    project = Project(folder: folder, store: arguments.values["store"] ?? "results")
    let color = arguments.values["color"]
    guard ["auto", "always", "never", nil].contains(color) else {
      throw UsageError("there is no colour `\(color ?? "")`", remedy: "choose auto, always or never")
    }
    terminal = Terminal(isQuiet: arguments.switches.contains("quiet"), color: color)
  }

  /// Compiles a document and tells what is wrong with it; `nil` after errors.
  func compile(_ path: String) -> Compilation? {
    let compilation = project.compile(path)
    let renderer = DiagnosticRenderer(sources: compilation.sources, usesColor: terminal.usesColor)
    for diagnostic in compilation.diagnostics.sorted { terminal.warn(renderer.render(diagnostic)) }
    if compilation.diagnostics.hasErrors {
      terminal.warn(Self.counted(compilation.diagnostics))
      return nil
    }
    return compilation
  }

  /// `2 errors, 1 warning`.
  static func counted(_ diagnostics: Diagnostics) -> String {
    func words(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }
    let errors = words(diagnostics.errorCount, "error")
    return diagnostics.warningCount == 0 ? errors : "\(errors), \(words(diagnostics.warningCount, "warning"))"
  }

  /// Compiles a document and computes its keys.
  func prepare(_ path: String, numerics: Numerics, store: Store?) throws -> PreparedPlan {
    try prepare(path, numericsNamed: Self.name(of: numerics), store: store)
  }

  /// The same with numerics as they stand in keys, perhaps those of another machine.
  func prepare(_ path: String, numericsNamed numerics: String, store: Store?) throws -> PreparedPlan {
    guard let compilation = compile(path), let plan = compilation.plan else {
      throw CommandFailure("\(path) has errors", remedy: "mend them; `emend explain CODE` says more of each")
    }
    do {
      return try PreparedPlan(
        project: project, path: path, compilation: compilation, plan: plan, numerics: numerics,
        remembered: try store?.rememberedFiles() ?? [])
    } catch let error as KeyError {
      switch error {
      case .file(let fault, let step):
        let place = compilation.sources.place(plan.steps[step.index].span)
        throw CommandFailure(
          "\(place): \(fault.path) cannot be \(fault.action): \(fault.code == EINVAL ? "it is neither a file nor a folder" : SystemCall.message(of: fault.code))",
          remedy: fault.code == EINVAL
            ? "write what comes out of it to a file, and name that"
            : "a path is relative to the document that names it")
      case .unknownOperation(let name):
        throw CommandFailure(
          "the engine has no operation `\(name)`", remedy: "please report this", status: .bug)
      case .disorder(let step):
        throw CommandFailure(
          "step \(step.index) stands before its inputs", remedy: "please report this", status: .bug)
      }
    }
  }

  /// Numerics as they stand in keys.
  static func name(of numerics: Numerics) -> String {
    guard numerics == .openblas else { return numerics.rawValue }
    let (configuration, core) = openBLASDescription()
    return "openblas (\(configuration), \(core))"
  }

  /// The numerics asked for.
  static func numerics(_ arguments: Arguments) throws(UsageError) -> Numerics {
    guard let name = arguments.values["numerics"] else { return .native }
    guard let numerics = Numerics(rawValue: name) else {
      throw UsageError("there are no numerics `\(name)`", remedy: "choose native or openblas")
    }
    return numerics
  }

  /// The store to read, or `nil` where there is none yet.
  func existingStore() throws(StoreError) -> Store? {
    do {
      return try Store.open(at: project.store, for: .read)
    } catch .missing {
      return nil
    }
  }

  /// The store to read.
  ///
  /// - Parameter registering: to write what documents say now, too, where nobody else writes.
  func openStore(registering: Bool = false) throws(StoreError) -> Store {
    let reading = try Store.open(at: project.store, for: .read)
    guard registering, let writing = try? Store.open(at: project.store, for: .write) else { return reading }
    reading.close()
    return writing
  }
}
