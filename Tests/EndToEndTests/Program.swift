import Foundation
import Testing

/// The built program, run as a person would, in a folder of its own.
struct Program {
  static let root =
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
  static let executable = root.appending(path: ".build/release/emend")
  static var isBuilt: Bool {
    FileManager.default.isExecutableFile(atPath: executable.path(percentEncoded: false))
  }

  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "emend-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// Writes a document that is small enough to run in seconds.
  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  func start(_ words: [String], output: Pipe = Pipe(), errors: Pipe = Pipe()) throws -> Process {
    let process = Process()
    process.executableURL = Self.executable
    process.arguments = words
    process.currentDirectoryURL = folder
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return process
  }

  func run(_ words: String...) throws -> Outcome { try run(words) }

  func run(_ words: [String]) throws -> Outcome {
    let files = ["out", "err"].map { folder.appending(path: ".\($0)-\(UUID().uuidString)") }
    for file in files { try Data().write(to: file) }
    let process = Process()
    process.executableURL = Self.executable
    process.arguments = words
    process.currentDirectoryURL = folder
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    process.waitUntilExit()
    let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    return Outcome(status: process.terminationStatus, output: texts[0], errors: texts[1])
  }

  /// Every file of a report, by name.
  func report(_ name: String, store: String = "results") throws -> [String: Data] {
    let top = folder.appending(path: "\(store)/\(name)")
    var found: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: top.path(percentEncoded: false)) {
      let file = top.appending(path: path).path(percentEncoded: false)
      if let data = FileManager.default.contents(atPath: file), !data.isEmpty { found[path] = data }
    }
    return found
  }

  /// A study of a model that learns single-digit sums in seconds.
  static let study = """
    # A small study

    ```recipe
    import "algorithms/stasc.md"

    sums = arithmetic(digits: 1, train: 20, validation: 10, test: 20)
    shape = transformer(layers: 2, width: 32, heads: 2, feed_forward: 64, context: 32)
    base = pretrain(shape, on: sums.corpus, steps: 150, training: adamw(learning_rate: 3e-3, batch: 32))

    study filters = stasc(base, sums, iterations: 2, initial_samples: 3, correction_samples: 3,
      decoding: sampling(max_tokens: 4), training: adamw(learning_rate: 1e-3)) {
      vary filter in [improving, non_decreasing]
      seeds 1...2
    }
    table filters { columns accuracy_1, accuracy_2, kept, against filter == improving }
    plot filters { x iteration, y accuracy_2, color filter }
    expect filters[improving].kept < filters[non_decreasing].kept
    show base
    ```

    ```sql means
    SELECT filter, avg(accuracy_2) AS accuracy_2 FROM filters WHERE is_last GROUP BY filter ORDER BY filter
    ```
    """
}
