internal import DSL

/// An option of a command: `--jobs N`.
package struct Option: Sendable {
  package let name: String
  /// What stands for its value in the help; `nil` for a switch.
  package let value: String?
  package let summary: String
  package let short: Character?

  package init(_ name: String, value: String? = nil, short: Character? = nil, _ summary: String) {
    self.name = name
    self.value = value
    self.short = short
    self.summary = summary
  }

  /// Understood by every command.
  package static let common: [Option] = [
    Option("directory", value: "DIR", short: "C", "work in this folder"),
    Option("store", value: "DIR", "the folder of the results (default: results)"),
    Option("color", value: "WHEN", "auto, always or never"),
    Option("quiet", short: "q", "say nothing but the answer"),
    Option("help", short: "h", "explain the command"),
  ]
}

/// What is wrong with a command line; exit status 2.
package struct UsageError: Error, Sendable {
  package var message: String
  package var remedy: String

  package init(_ message: String, remedy: String) {
    self.message = message
    self.remedy = remedy
  }
}

/// A command's words, sorted.
package struct Arguments: Sendable {
  package var values: [String: String] = [:]
  package var switches: Set<String> = []
  package var operands: [String] = []

  /// - Throws: `UsageError` for an unknown option or a missing value.
  package init(_ words: [String], options: [Option]) throws(UsageError) {
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        operands += rest
        return
      }
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let option = options.first { option in
        parts[0] == "--" + option.name || option.short.map { parts[0] == "-\($0)" } ?? false
      }
      guard let option else {
        let names = options.map { "--" + $0.name }
        throw UsageError(
          "there is no option `\(parts[0])`",
          remedy: NearestName.remedy(parts[0], in: names)
            ?? "the options are \(names.joined(separator: ", "))")
      }
      guard option.value != nil else {
        if parts.count > 1 {
          throw UsageError("--\(option.name) takes no value", remedy: "write --\(option.name) alone")
        }
        switches.insert(option.name)
        continue
      }
      guard let value = parts.count > 1 ? parts[1] : rest.popFirst(), !value.isEmpty else {
        throw UsageError(
          "--\(option.name) needs a value", remedy: "write --\(option.name) \(option.value ?? "")")
      }
      values[option.name] = value
    }
  }

  /// A whole number of at least `least`; `nil` if it was not given.
  package func integer(_ name: String, atLeast least: Int = 0, atMost most: Int = .max) throws(UsageError)
    -> Int?
  {
    guard let text = values[name] else { return nil }
    guard let number = Int(text), number >= least, number <= most else {
      throw UsageError(
        "--\(name) is `\(text)`",
        remedy: "give a whole number \(most == .max ? "of at least \(least)" : "from \(least) to \(most)")")
    }
    return number
  }

  /// The only operand.
  package func file() throws(UsageError) -> String {
    guard let first = operands.first else {
      throw UsageError("which document?", remedy: "name one: recipes/quickstart.md")
    }
    guard operands.count == 1 else {
      throw UsageError(
        "one document at a time, and \(operands.count) are named", remedy: "run the command for each")
    }
    return first
  }
}
