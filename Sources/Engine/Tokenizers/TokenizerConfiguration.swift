/// What `tokenizer_config.json` says beside the tokenizer itself.
package struct TokenizerConfiguration: Hashable, Sendable {
  /// Content of the token that begins a text.
  package var beginning: String?
  /// Content of the token that ends a text.
  package var end: String?
  /// The jinja template of conversations, for `ChatTemplate(recognizing:)`.
  package var chatTemplate: String?

  /// - Throws: `TokenizerError` that names the key at fault.
  package init(json bytes: [UInt8]) throws(TokenizerError) {
    let file = try TokenizerNode(file: bytes)
    beginning = try Self.content(file["bos_token"])
    end = try Self.content(file["eos_token"])
    guard let template = file["chat_template"] else { return }
    guard case .array = template.value else {
      chatTemplate = try template.string()
      return
    }
    // Several, each with a name: the one for conversations is `default`.
    for entry in try template.array() where try entry.required("name").string() == "default" {
      chatTemplate = try entry.required("template").string()
    }
  }

  /// A token is written as its content, or as an object that holds it.
  private static func content(_ node: TokenizerNode?) throws(TokenizerError) -> String? {
    guard let node else { return nil }
    guard case .object = node.value else { return try node.string() }
    return try node.required("content").string()
  }
}
