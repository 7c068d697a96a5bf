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
    ],
    result: .model
  ) { call in
    let (path, digest) = try call.file("path")
    return .model(try Model.load(path, digest: digest, template: try call.template("template")))
  }
}

extension Call {
  fileprivate func template(_ name: String) throws -> TemplateChoice {
    let (constructor, fields) = try settings(name)
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
          assistant: .init(before, try fields.string("assistant_behind")), generationPrompt: before))
    default: return .own
    }
  }
}
