internal import DSL

/// A verb of the command line.
package struct Command: Sendable {
  package let name: String
  /// One line for the list of commands.
  package let summary: String
  /// `FILE…`
  package let operands: String
  package let options: [Option]
  package let examples: [String]
  /// Does it and gives the exit status.
  package let perform: @Sendable (Session, Arguments) throws -> ExitStatus

  package init(
    _ name: String, _ operands: String, _ summary: String, options: [Option] = [], examples: [String],
    perform: @escaping @Sendable (Session, Arguments) throws -> ExitStatus
  ) {
    self.name = name
    self.summary = summary
    self.operands = operands
    self.options = options
    self.examples = examples
    self.perform = perform
  }

  /// In the order in which they are listed.
  package static let all: [Command] = [
    .new, .check, .plan, .run, .report, .verify,
    .list, .show, .samples, .diff, .query, .export,
    .describe, .explain, .fmt, .gc, .doctor, .version,
  ]

  /// What `emend COMMAND --help` says.
  package var help: String {
    var lines = ["emend \(name) \(operands)", "", summary, "", "Examples:"]
    lines += examples.map { "  emend \($0)" }
    lines += ["", "Options:"]
    for option in options + Option.common {
      let short = option.short.map { "-\($0), " } ?? "    "
      let words = "\(short)--\(option.name)\(option.value.map { " " + $0 } ?? "")"
      lines.append("  " + words.padding(to: 24) + option.summary)
    }
    return lines.joined(separator: "\n")
  }

  /// What `emend help` says.
  package static var overview: String {
    var lines = [
      "emend: a notebook for research on language models that correct themselves", "",
      "Usage: emend COMMAND …", "",
    ]
    lines += all.map { "  " + $0.name.padding(to: 10) + $0.summary }
    lines += ["", "`emend COMMAND --help` explains one. Begin with `emend new my-study`."]
    return lines.joined(separator: "\n")
  }

  /// Runs the program with its words (without the program's name) and gives the exit status.
  package static func main(_ words: [String]) -> ExitStatus {
    Interruption.watch()
    let plain = Terminal(isQuiet: false, color: nil)
    guard let first = words.first, !["help", "--help", "-h"].contains(first) else {
      guard words.count > 1 else {
        plain.answer(overview)
        return .done
      }
      guard let command = named(words[1], plain) else { return .usage }
      plain.answer(command.help)
      return .done
    }
    let name = first == "--version" ? "version" : first
    guard let command = named(name, plain) else { return .usage }
    do {
      let arguments = try Arguments(Array(words.dropFirst()), options: command.options + Option.common)
      if arguments.switches.contains("help") {
        plain.answer(command.help)
        return .done
      }
      if command.operands.isEmpty, let extra = arguments.operands.first {
        throw UsageError("it takes no `\(extra)`", remedy: "emend \(name) --help")
      }
      let status = try command.perform(try Session(arguments), arguments)
      guard let fault = Terminal.answerFault else { return status }
      plain.warn(
        "emend: the answer could not be written whole: \(fault)\n  = check the free space of its disk")
      return .unusable
    } catch let error as UsageError {
      plain.warn("emend \(name): \(error.message)\n  = \(error.remedy)")
      return .usage
    } catch let error as StoreError {
      plain.warn("emend: \(error.message)\n  = \(error.remedy)")
      if case .refused = error { return .no }
      return .unusable
    } catch let error as CommandFailure {
      plain.warn("emend: \(error.message)\n  = \(error.remedy)")
      return error.status
    } catch {
      plain.warn("emend: an error nobody expected: \(error)\n  = please report this")
      return .bug
    }
  }
}

extension Command {
  /// The command of that name; says what is near, if there is none.
  private static func named(_ name: String, _ terminal: Terminal) -> Command? {
    if let command = all.first(where: { $0.name == name }) { return command }
    terminal.warn("emend: there is no command `\(name)`")
    terminal.warn("  = \(NearestName.remedy(name, in: all.map(\.name)) ?? "`emend help` lists them")")
    return nil
  }
}

/// Exit statuses, as documented.
package enum ExitStatus: Int32, Sendable {
  /// Yes, or done.
  case done = 0
  /// The answer is no: errors found, differences, failed trials.
  case no = 1
  case usage = 2
  /// The store or the place is unusable.
  case unusable = 3
  /// A bug of ours.
  case bug = 70
  case interrupted = 130
  case terminated = 143
}

/// Why a command could not do its work.
package struct CommandFailure: Error, Sendable {
  package var message: String
  package var remedy: String
  package var status: ExitStatus

  package init(_ message: String, remedy: String, status: ExitStatus = .no) {
    self.message = message
    self.remedy = remedy
    self.status = status
  }
}

extension String {
  /// Filled up with blanks to a width.
  func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
