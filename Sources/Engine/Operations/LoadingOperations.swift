extension Operation {
  package static let load = Operation(
    name: "load", version: 1,
    summary:
      "A language model from a Hugging Face folder or a GGUF file: Llama, SmolLM2, Qwen, Phi-3, Gemma.",
    parameters: [
      .init("path", .file, "the folder or the file, relative to the recipe"),
      .init(
        "template", .settings("Template"), "the form of its conversations",
        default: SettingsConstructor.ownTemplate.defaults(replacing: [:])),
      .init(
        "weights", .choice(WeightFormat.allCases.map(\.rawValue)),
        "how matrices are kept: as they are, or rounded, which takes half the memory and is sampled faster",
        default: .choice(WeightFormat.float32.rawValue), isAddition: true),
    ],
    result: .model
  ) { call in
    .model(
      try Model.load(
        try call.file("path").path, format: try call.weightFormat(), origin: try call.origin(),
        template: try call.template("template")))
  }

  /// By which the model that a call loads is known again. Calls that give different models have different ones.
  package static func origin(ofLoad call: Call) throws -> String { try call.origin() }
}

extension Call {
  /// How a model that this call loads is kept.
  func weightFormat() throws -> WeightFormat {
    guard isGiven("weights") else { return .float32 }
    guard let format = WeightFormat(rawValue: try choice("weights")) else {
      throw OperationError(
        "`weights` is not a known format",
        remedy: "report this: the operation's signature and its code differ")
    }
    return format
  }

  /// The digest of the files' content; behind it how they are read, where that is not the usual.
  fileprivate func origin() throws -> String {
    var words = [try file("path").digest]
    let (constructor, fields) = try settings("template")
    if constructor != SettingsConstructor.ownTemplate.name || !fields.arguments.isEmpty {
      words.append(constructor)
      for field in fields.arguments {
        switch field.value {
        case .string(let text), .choice(let text): words.append("\(field.name): \(JSONValue.quoted(text))")
        default: break
        }
      }
    }
    let format = try weightFormat()
    if format != .float32 { words.append(format.rawValue) }
    return words.joined(separator: " ")
  }
}

extension Call {
  fileprivate func template(_ name: String) throws -> TemplateChoice {
    let (constructor, fields) = try settings(name)
    let thinking =
      fields.isGiven("thinking") ? ChatTemplate.Thinking(rawValue: try fields.choice("thinking")) : nil
    switch constructor {
    case "plain_text": return .plain
    case "frames":
      let before = try fields.string("assistant_before")
      let system = ChatTemplate.Frame(try fields.string("system_before"), try fields.string("system_behind"))
      return .declared(
        ChatTemplate(
          name: "of the recipe", beginning: try fields.string("beginning"),
          system: system.before.isEmpty && system.behind.isEmpty ? .refused : .turn(system, absent: nil),
          user: .init(try fields.string("user_before"), try fields.string("user_behind")),
          assistant: .init(before, try fields.string("assistant_behind")), generationPrompt: before,
          thinking: thinking))
    default: return .own(history: thinking ?? .keep)
    }
  }
}
