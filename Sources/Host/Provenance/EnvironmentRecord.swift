import Foundation

/// What computed a run: kept with it, never part of a key.
package struct EnvironmentRecord: Hashable, Sendable {
  package var emendVersion: String
  /// The project's commit, if it is a Git repository.
  package var commit: String?
  /// Whether the project differs from that commit; `nil` if unknown.
  package var isDirty: Bool?
  package var numerics: String
  package var host: String
  package var processor: String
  package var cores: Int
  package var system: String
  package var swiftVersion: String

  package init(
    emendVersion: String, commit: String?, isDirty: Bool?, numerics: String, host: String,
    processor: String, cores: Int, system: String, swiftVersion: String
  ) {
    self.emendVersion = emendVersion
    self.commit = commit
    self.isDirty = isDirty
    self.numerics = numerics
    self.host = host
    self.processor = processor
    self.cores = cores
    self.system = system
    self.swiftVersion = swiftVersion
  }

  /// This machine, and the project in `folder`. Never fails: what cannot be found out is `unknown` or `nil`.
  package static func current(project folder: String, emendVersion: String, numerics: String)
    -> EnvironmentRecord
  {
    let commit = git(["rev-parse", "HEAD"], in: folder)
    let changes = commit == nil ? nil : git(["status", "--porcelain", "--untracked-files=no"], in: folder)
    return EnvironmentRecord(
      emendVersion: emendVersion, commit: commit, isDirty: changes.map { !$0.isEmpty },
      numerics: numerics, host: Machine.hostName, processor: Machine.processor,
      cores: Machine.cores, system: Machine.system, swiftVersion: compilerVersion)
  }

  private static var compilerVersion: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  /// What `git` says, without the last newline; `nil` if there is none, it does not answer in five seconds, or the folder is no repository.
  private static func git(_ arguments: [String], in folder: String) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "-C", folder] + arguments
    // Without optional locks, looking never disturbs a Git that is at work in the same folder.
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"]
    ) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let deadline = DispatchWorkItem { process.terminate() }
    DispatchQueue.global().asyncAfter(deadline: .now() + 5, execute: deadline)
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    deadline.cancel()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
  }
}
