internal import DSL
import Foundation

extension Command {
  static let describe = Command(
    "describe", "[NAME] [FILE]",
    "Explain an operation, a setting, a type, a row field, or what a document defines.",
    examples: [
      "describe", "describe fine_tune", "describe stasc", "describe recipes/algorithms/stasc.md",
      "describe base my-study.md",
    ]
  ) { session, arguments in
    let documents = arguments.operands.filter { $0.hasSuffix(".md") }
    let names = arguments.operands.filter { !$0.hasSuffix(".md") }
    guard documents.count <= 1 else {
      throw UsageError("one document at a time", remedy: "emend describe NAME \(documents[0])")
    }
    let compilation = documents.first.map { session.project.compile($0) }
    if let compilation, let path = documents.first, compilation.descriptions.isEmpty {
      guard session.compile(path) != nil else { return .no }
    }
    let vocabulary = Vocabulary.emend
    guard !names.isEmpty else {
      if let compilation {
        session.terminal.answer(
          compilation.descriptions.map { Guide.text(of: $0) }.joined(separator: "\n\n"))
      } else {
        session.terminal.answer(Guide.overview(of: vocabulary))
      }
      return .done
    }
    for (index, name) in names.enumerated() {
      let description = compilation?.description(of: name) ?? vocabulary.description(of: name)
      let text = description.map { Guide.text(of: $0) }
      guard let text = text ?? (documents.isEmpty ? Guide.shipped(name, in: session.project) : nil) else {
        let known = (compilation?.descriptions ?? []) + vocabulary.descriptions
        throw CommandFailure(
          "nothing is called `\(name)`",
          remedy: NearestName.remedy(name, in: known.map(\.name)) ?? "`emend describe` lists everything")
      }
      session.terminal.answer((index == 0 ? "" : "\n") + text)
    }
    return .done
  }
}

/// Descriptions as text for a terminal.
private enum Guide {
  /// Everything that can be said, a line each, by kind.
  static func overview(of vocabulary: Vocabulary) -> String {
    let headings: [(Description.Kind, String)] = [
      (.operation, "Operations (each call is a step of the plan):"), (.settings, "Settings:"),
      (.type, "Types:"),
      (.rowField, "Fields of a row, for `where` and `mean`:"), (.builtIn, "Functions of the language:"),
    ]
    var parts: [String] = []
    for (kind, heading) in headings {
      let members = vocabulary.descriptions.filter { $0.kind == kind }
      guard !members.isEmpty else { continue }
      let lines = members.map { "  " + $0.name.padding(to: 18) + ($0.documentation.first ?? "") }
      parts.append(([heading] + lines).joined(separator: "\n"))
    }
    parts.append(
      "`emend describe NAME` says more of one, `emend describe FILE` of all that a document and its imports define."
    )
    return parts.joined(separator: "\n\n")
  }

  /// What a document of the library that Emend ships defines under a name, and how a recipe gets at it.
  static func shipped(_ name: String, in project: Project) -> String? {
    let (folder, files) = Project.shipped(in: "/algorithms")
    for file in files {
      guard let description = project.compile("\(folder)/\(file)").description(of: name) else { continue }
      return text(of: description) + "\n\nimport \"algorithms/\(file)\""
    }
    return nil
  }

  /// One name, complete.
  static func text(of description: Description) -> String {
    var lines = [heading(of: description)]
    if !description.documentation.isEmpty { lines += [""] + description.documentation }
    if !description.parameters.isEmpty { lines.append("") }
    for parameter in description.parameters {
      let bounds = parameter.bounds.map { " in \($0)" } ?? ""
      let value = parameter.defaultValue.map { " = \($0)" } ?? "  (must be given)"
      lines.append("  \(parameter.name): \(parameter.type)\(bounds)\(value)")
      lines += parameter.documentation.map { "      " + $0 }
    }
    lines += section(description.kind == .study ? "varies" : "parts", description.fields)
    lines += section("logs", description.metrics)
    return lines.joined(separator: "\n")
  }

  private static func heading(of description: Description) -> String {
    switch description.kind {
    case .operation, .settings, .function, .builtIn, .algorithm:
      "\(description.kind.rawValue) \(description.name)(…)\(description.result.map { " → \($0)" } ?? "")"
    case .value, .rowField: "\(description.kind.rawValue) \(description.name): \(description.result ?? "?")"
    case .study: "study \(description.name) = \(description.result ?? "?")(…)"
    case .type: "type \(description.name)"
    }
  }

  /// Parts or metrics: those with something to say a line each, bare names in running lines.
  private static func section(_ title: String, _ fields: [Description.Field]) -> [String] {
    guard !fields.isEmpty else { return [] }
    var lines = ["", "  \(title):"]
    var bare: [String] = []
    for field in fields {
      guard field.type != nil || !field.documentation.isEmpty else {
        bare.append(field.name)
        continue
      }
      let type = field.type.map { $0 + (field.documentation.isEmpty ? "" : ": ") } ?? ""
      lines.append("    " + field.name.padding(to: 22) + type + field.documentation.joined(separator: " "))
    }
    var line = ""
    for name in bare {
      if line.count + name.count > 96 {
        lines.append("    " + line)
        line = ""
      }
      line += (line.isEmpty ? "" : ", ") + name
    }
    if !line.isEmpty { lines.append("    " + line) }
    return lines
  }
}
