import Engine
import Foundation
import Testing

/// Conversations against what `jinja2` makes of the families' own templates (`Oracles/make_chat_fixtures.py`).
struct ChatTemplateTests {
  struct Turn: Decodable {
    var role: String
    var content: String
  }

  struct Fixture: Decodable {
    var conversations: [[Turn]]
    /// By family, for each conversation without and with the prompt to answer: the text, or its hash, or that it is refused.
    var rendered: [String: [String?]]
  }

  static let families: [(name: String, template: ChatTemplate)] = [
    ("smollm2", .smolLM2), ("qwen2.5", .qwen25), ("chatml", .chatML(defaultSystem: nil)),
    ("qwen3", .qwen3(thinking: .strip)), ("qwen3 without thinking", .qwen3(thinking: .strip, thinks: false)),
    ("llama2", .llama2), ("llama3", .llama3), ("llama3.1", .llama31()), ("llama3.2", .llama31()),
    ("phi3", .phi3),
    ("gemma2", .gemma2), ("gemma3", .gemma3),
  ]

  @Test(arguments: families.map(\.name))
  func `a family renders conversations as its own template does`(family: String) throws {
    let url = TokenizerFixtures.folder.appending(path: "chats.json")
    let fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
    let template = try #require(Self.families.first { $0.name == family }).template
    let expected = try #require(fixture.rendered[family])
    var equal = 0
    for (place, expected) in expected.enumerated() {
      let chat = fixture.conversations[place / 2]
      let turns = try chat.map { ChatTurn(try #require(ChatTurn.Role(rawValue: $0.role)), $0.content) }
      guard let rendered = try? template.segments(turns, generates: place % 2 == 1) else {
        // Ours refuses more: a system turn is the first, and what a family folds into the user's turn needs one.
        let isOurs = chat.dropFirst().contains { $0.role == "system" }
        #expect(expected == nil || isOurs, "conversation \(place / 2) is refused")
        continue
      }
      let text = rendered.map(\.text).joined()
      var hash = ByteHash()
      hash.add(text.utf8)
      #expect(
        place < 12 ? expected == text : expected == hash.text,
        "conversation \(place / 2): \(text.debugDescription)")
      equal += 1
    }
    #expect(equal > 40)
  }
}

/// Recognising templates. The texts are ours, with the signs of the families' own.
struct ChatTemplateRecognitionTests {
  static let chatML =
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    + "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"

  @Test func `ChatML is known with and without a system turn of its own`() throws {
    #expect(try ChatTemplate(recognizing: Self.chatML) == .chatML(defaultSystem: nil))
    for newline in ["\n", "\\n"] {
      let system =
        "{{ '<|im_start|>system\(newline)You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\(newline)' }}"
      #expect(try ChatTemplate(recognizing: "{% if x %}" + system + "{% endif %}" + Self.chatML) == .smolLM2)
    }
  }

  @Test(arguments: [
    "", "{{ messages }}", chatML.replacing("message['content']", with: "message['content'] | trim"),
    "<|im_start|>",
  ])
  func `a template that is none of the known ones is refused with its beginning`(template: String) {
    #expect(throws: TokenizerError.unknownTemplate(beginning: String(template.prefix(80)))) {
      try ChatTemplate(recognizing: template)
    }
  }

  @Test func `thoughts are kept where the recipe says so`() throws {
    let turns = [
      ChatTurn(.user, "a"), ChatTurn(.assistant, "<think>\nb\n</think>\n\nc"), ChatTurn(.user, "d"),
    ]
    let kept = try ChatTemplate.qwen3(thinking: .keep).segments(turns, generates: false).map(\.text).joined()
    let stripped = try ChatTemplate.qwen3(thinking: .strip).segments(turns, generates: false).map(\.text)
      .joined()
    #expect(kept.contains("assistant\n<think>\nb\n</think>\n\nc<|im_end|>"))
    #expect(stripped.contains("assistant\nc<|im_end|>"))
  }

  @Test func `a turn that cannot be at its place is named`() throws {
    #expect {
      try ChatTemplate.gemma3.segments([ChatTurn(.user, "a"), ChatTurn(.user, "b")], generates: true)
    } throws: { error in
      guard case .turnRefused("Gemma 3", turn: 1, role: "user", _)? = error as? TokenizerError else {
        return false
      }
      return true
    }
    #expect(throws: TokenizerError.self) {
      try ChatTemplate.gemma2.segments([ChatTurn(.system, "a"), ChatTurn(.user, "b")], generates: true)
    }
  }
}
