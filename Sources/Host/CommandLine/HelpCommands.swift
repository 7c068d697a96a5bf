internal import DSL
internal import Engine
import Foundation

extension Command {
  static let explain = Command(
    "explain", "CODE", "Say more of an error's code.", examples: ["explain E0301"]
  ) { session, arguments in
    guard let code = arguments.operands.first else {
      for (code, explanation) in Explanation.all { session.terminal.answer("\(code)  \(explanation.title)") }
      return .done
    }
    guard let explanation = Explanation.find(code) else {
      throw CommandFailure("there is no code `\(code)`", remedy: "`emend explain` lists them")
    }
    session.terminal.answer("\(code.uppercased()): \(explanation.title)\n\n\(explanation.paragraph)\n")
    for (label, example) in [("Wrong", explanation.wrong), ("Right", explanation.right)] {
      let text: String
      switch example {
      case .recipe(let words), .document(let words), .words(let words): text = words
      }
      session.terminal.answer(
        "\(label):\n"
          + text.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }.joined(
            separator: "\n"))
    }
    return .done
  }

  static let gc = Command(
    "gc", "", "Find values in the store that nothing needs; delete them when told to.",
    options: [Option("delete", "delete them")], examples: ["gc", "gc --delete"]
  ) { session, arguments in
    let isDeleting = arguments.switches.contains("delete")
    let store = try Store.open(at: session.project.store, for: isDeleting ? .write : .read)
    defer { store.close() }
    // What a document's present plan names or ends with is needed; so is everything small.
    var reachable: Set<Digest> = []
    let numerics = try store.numerics()
    let documents = try store.documents()
    let missing = documents.filter {
      !FileManager.default.fileExists(atPath: Project.absolute($0, in: session.project.folder))
    }
    // Of a document elsewhere the store knows the whole path, whatever folder this is.
    let own = documents.filter { !$0.hasPrefix("/") }
    guard own.isEmpty || !own.allSatisfy(missing.contains) else {
      throw CommandFailure(
        "none of the store's documents is in \(session.project.folder): \(own.prefix(3).joined(separator: ", "))\(own.count > 3 ? ", …" : "")",
        remedy: "run this in the folder of their project (-C FOLDER), so that what they need is known")
    }
    for name in missing {
      session.terminal.warn("\(name) is not there any more: nothing is kept for it")
    }
    for (name, numerics) in documents.flatMap({ name in numerics.map { (name, $0) } })
    where FileManager.default.fileExists(atPath: Project.absolute(name, in: session.project.folder)) {
      let prepared: PreparedPlan
      do {
        prepared = try session.prepare(name, numericsNamed: numerics, store: store)
      } catch let error as CommandFailure where isDeleting {
        throw CommandFailure(
          "\(error.message), so nobody knows what it needs; nothing was deleted",
          remedy: "mend it, or move it away if its results are not needed any more")
      } catch is CommandFailure {
        session.terminal.warn(
          "\(name) has errors: nobody knows what it needs, and --delete will delete nothing")
        continue
      }
      let presence = try store.presence(of: prepared.keys.keys)
      let kept = prepared.keptSteps
      for (index, step) in presence.enumerated() {
        guard case .present(let output) = step else { continue }
        let isSmall = output.kind != .model && output.kind != .rows
        if isSmall || kept.contains(StepID(index)) || prepared.asksOutside(StepID(index)) {
          reachable.insert(output.blob.digest)
        }
      }
    }
    let report = try store.collectGarbage(keeping: reachable, delete: isDeleting)
    let bytes = report.blobs.reduce(0) { $0 + $1.bytes } + report.strayBytes
    session.terminal.answer(
      "\(report.blobs.count) values and \(report.strayFiles.count) stray files, \(bytes / 1_000_000) MB, \(report.deleted ? "deleted" : "could be deleted (--delete)"); \(report.keptBlobs) kept, \(report.keptBytes / 1_000_000) MB"
    )
    return .done
  }

  static let doctor = Command(
    "doctor", "", "Check this machine and the store.", examples: ["doctor"]
  ) { session, _ in
    let (configuration, core) = openBLASDescription()
    session.terminal.answer("Emend       \(Session.version)")
    session.terminal.answer("machine     \(Machine.processor), \(Machine.cores) cores, \(Machine.system)")
    session.terminal.answer("products    \(Lanes.available.rawValue) numbers an instruction")
    session.terminal.answer("OpenBLAS    \(configuration), \(core)")
    session.terminal.answer("project     \(session.project.folder)")
    guard let store = try session.existingStore() else {
      session.terminal.answer("store       none yet at \(session.project.store)")
      return .done
    }
    let findings = try store.checkIntegrity()
    session.terminal.answer(
      "store       \(store.path): \(findings.isEmpty ? "sound" : "\(findings.count) findings")")
    for finding in findings { session.terminal.answer("  \(finding.what)\n    = \(finding.remedy)") }
    return findings.isEmpty ? .done : .unusable
  }

  static let version = Command("version", "", "Say the version.", examples: ["version"]) { session, _ in
    session.terminal.answer("emend \(Session.version)")
    return .done
  }

  static let new = Command(
    "new", "NAME", "Write a working recipe to start from, with the algorithm it imports.",
    options: [Option("from", value: "RECIPE", "a shipped recipe to copy (default: quickstart)")],
    examples: ["new my-study", "new my-variants --from stasc-variants"]
  ) { session, arguments in
    guard var name = arguments.operands.first, arguments.operands.count == 1 else {
      throw UsageError("what should it be called?", remedy: "emend new my-study")
    }
    if name.hasSuffix(".md") { name.removeLast(3) }
    guard !name.isEmpty, !name.hasSuffix("/") else {
      throw UsageError("a document needs a name", remedy: "emend new my-study")
    }
    let from = arguments.values["from"] ?? "quickstart"
    let folder = session.project.folder
    let target = Project.absolute(name + ".md", in: folder)
    guard !FileManager.default.fileExists(atPath: target) else {
      throw CommandFailure("\(name).md is there already", remedy: "choose another name")
    }
    guard
      let shipped = Project.shippedFolders.first(where: {
        FileManager.default.fileExists(atPath: "\($0)/\(from).md")
      })
    else {
      let (place, files) = Project.shipped()
      let names = files.map { String($0.dropLast(3)) }
      guard !names.isEmpty else {
        throw CommandFailure(
          "there is no folder of shipped recipes above the program",
          remedy: "set EMEND_RECIPES to the folder of Emend's recipes")
      }
      throw CommandFailure(
        "there is no shipped recipe `\(from)` in \(place)",
        remedy: NearestName.remedy(from, in: names) ?? "take one of those that are there")
    }
    do {
      try FileManager.default.copyItem(atPath: "\(shipped)/\(from).md", toPath: target)
      let algorithms = (target as NSString).deletingLastPathComponent + "/algorithms"
      try FileManager.default.createDirectory(atPath: algorithms, withIntermediateDirectories: true)
      for file in try FileManager.default.contentsOfDirectory(atPath: shipped + "/algorithms").sorted() {
        let own = algorithms + "/" + file
        guard !FileManager.default.fileExists(atPath: own) else {
          if !FileManager.default.contentsEqual(atPath: "\(shipped)/algorithms/\(file)", andPath: own) {
            session.terminal.warn(
              "algorithms/\(file) is there already, is not the shipped one, and was left alone")
          }
          continue
        }
        try FileManager.default.copyItem(
          atPath: "\(shipped)/algorithms/\(file)", toPath: algorithms + "/" + file)
      }
    } catch {
      throw CommandFailure(
        "cannot write \(name).md: \(error.localizedDescription)", remedy: "check the folder",
        status: .unusable)
    }
    session.terminal.answer("\(name).md")
    session.terminal.say("next: emend check \(name).md; emend plan \(name).md; emend run \(name).md")
    return .done
  }
}
