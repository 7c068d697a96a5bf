extension ChatTemplate {
  /// ChatML. SmolLM2 and Qwen2.5 put a system turn of their own where a conversation has none.
  package static func chatML(defaultSystem: String?) -> Self {
    let frame = { (role: String) in Frame("<|im_start|>\(role)\n", "<|im_end|>\n") }
    return Self(
      name: "ChatML", system: .turn(frame("system"), absent: defaultSystem), user: frame("user"),
      assistant: frame("assistant"), generationPrompt: "<|im_start|>assistant\n")
  }

  /// The default system turn of SmolLM2's instruction-tuned models.
  package static let smolLM2 = chatML(
    defaultSystem: "You are a helpful AI assistant named SmolLM, trained by Hugging Face")

  /// The default system turn of Qwen2.5's instruction-tuned models.
  package static let qwen25 = chatML(
    defaultSystem: "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.")

  /// Qwen3.
  ///
  /// - Parameters:
  ///   - thinking: of the turns before.
  ///   - thinks: the model may think before it answers; otherwise it is given empty thoughts.
  package static func qwen3(thinking: Thinking, thinks: Bool = true) -> Self {
    var template = chatML(defaultSystem: nil)
    template.name = "Qwen3"
    template.thinking = thinking
    if !thinks { template.generationPrompt += "<think>\n\n</think>\n\n" }
    return template
  }

  /// Llama 2.
  package static let llama2 = Self(
    name: "Llama 2", system: .withinUser(Frame("<<SYS>>\n", "\n<</SYS>>\n\n"), trimsTogether: true),
    user: Frame("<s>[INST] ", " [/INST]"), assistant: Frame(" ", " </s>"), generationPrompt: "", trims: true,
    alternates: true)

  /// Llama 3.
  package static let llama3: Self = {
    let frame = { (role: String) in Frame("<|start_header_id|>\(role)<|end_header_id|>\n\n", "<|eot_id|>") }
    return Self(
      name: "Llama 3", beginning: "<|begin_of_text|>", system: .turn(frame("system"), absent: nil),
      user: frame("user"), assistant: frame("assistant"),
      generationPrompt: "<|start_header_id|>assistant<|end_header_id|>\n\n", trims: true)
  }()

  /// Llama 3.1 to 3.3, whose system turn names a day.
  ///
  /// - Parameter date: as the template writes it where it cannot ask a clock, which a result must not depend on.
  package static func llama31(date: String = "26 Jul 2024") -> Self {
    var template = llama3
    template.name = "Llama 3.1"
    let dates = "Cutting Knowledge Date: December 2023\nToday Date: \(date)\n\n"
    template.system = .turn(
      Frame("<|start_header_id|>system<|end_header_id|>\n\n" + dates, "<|eot_id|>"), absent: "")
    return template
  }

  /// Phi-3 and Phi-3.5.
  package static let phi3: Self = {
    let frame = { (role: String) in Frame("<|\(role)|>\n", "<|end|>\n") }
    return Self(
      name: "Phi-3", system: .turn(frame("system"), absent: nil), user: frame("user"),
      assistant: frame("assistant"), generationPrompt: "<|assistant|>\n", ending: "<|endoftext|>")
  }()

  /// Gemma 2, which knows no system turn.
  package static let gemma2 = gemma(name: "Gemma 2", system: .refused)

  /// Gemma 3, which puts it into the first user turn.
  package static let gemma3 = gemma(
    name: "Gemma 3", system: .withinUser(Frame("", "\n\n"), trimsTogether: false))

  private static func gemma(name: String, system: System) -> Self {
    let frame = { (role: String) in Frame("<start_of_turn>\(role)\n", "<end_of_turn>\n") }
    return Self(
      name: name, beginning: "<bos>", system: system, user: frame("user"), assistant: frame("model"),
      generationPrompt: "<start_of_turn>model\n", trims: true, alternates: true)
  }

  /// The families, for messages.
  package static let names =
    "ChatML (SmolLM2, Qwen2.5), Qwen3, Llama 2, Llama 3, Llama 3.1, Phi-3, Gemma 2, Gemma 3"

  /// What tells a family's template from others: what it has, and what those have that were made from it.
  private struct Marks: Sendable {
    var has: [String]
    var lacks: [String] = []
    var make: @Sendable (String) -> ChatTemplate
  }

  private static let marks: [Marks] = [
    Marks(
      has: [
        "<|im_start|>", "<|im_end|>", "ns.multi_step_tool", "loop.index0 > ns.last_query_index",
        "loop.last or (not loop.last and reasoning_content)", "enable_thinking is false",
      ], lacks: ["macro", "<function=", "bos_token"]
    ) { _ in qwen3(thinking: .strip) },
    Marks(
      has: ["'<|im_start|>' + message", "<|im_end|>", "<|im_start|>assistant"],
      lacks: [
        "macro", "think", "trim", "capitalize", "bos_token", "eos_token", "<|im_sep|>", "vision",
        "List of tools",
      ]
    ) { chatML(defaultSystem: defaultSystem(in: $0)) },
    Marks(
      has: [
        "<|start_header_id|>", "<|eot_id|>", "\"Cutting Knowledge Date: December 2023\\n\"", "26 Jul 2024",
        "trim",
      ],
      lacks: ["think"]
    ) { _ in llama31() },
    Marks(
      has: ["'<|start_header_id|>' + message", "<|end_header_id|>", "| trim + '<|eot_id|>'", "bos_token"],
      lacks: ["tools", "think", "Knowledge"]
    ) { _ in llama3 },
    Marks(
      has: ["[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", ".strip()", "eos_token"],
      lacks: ["<|", "tools", "think"]
    ) { _ in llama2 },
    Marks(
      has: ["'<|system|>", "'<|user|>", "'<|assistant|>", "'<|end|>", "eos_token"],
      lacks: ["<|im_start|>", "<|start", "think", "tools", "trim", "bos_token"]
    ) { _ in phi3 },
    Marks(
      has: ["'<start_of_turn>' + role", "<end_of_turn>", "| trim", "System role not supported", "'model'"],
      lacks: ["tools", "think"]
    ) { _ in gemma2 },
    Marks(
      has: ["'<start_of_turn>' + role", "<end_of_turn>", "| trim", "first_user_prefix", "\"model\""],
      lacks: ["tools", "think"]
    ) { _ in gemma3 },
  ]

  /// The family of a model's jinja template, by its signs.
  ///
  /// - Throws: `TokenizerError.unknownTemplate` with the template's beginning, if it has the signs of none.
  package init(recognizing template: String) throws(TokenizerError) {
    guard
      let family = Self.marks.first(where: { marks in
        marks.has.allSatisfy(template.contains) && !marks.lacks.contains(where: template.contains)
      })
    else {
      throw .unknownTemplate(beginning: String(template.prefix(80)))
    }
    self = family.make(template)
  }

  /// The text that a ChatML template writes out between the beginning and the end of a system turn.
  private static func defaultSystem(in template: String) -> String? {
    let text = template.replacing("\\n", with: "\n")
    for part in text.split(separator: "<|im_start|>system\n", omittingEmptySubsequences: false).dropFirst() {
      guard let end = part.firstRange(of: "<|im_end|>") else { continue }
      let content = part[..<end.lowerBound]
      // What is put together from a message is no text of the template.
      if !content.contains(where: { "'\"{}+".contains($0) }) { return String(content) }
    }
    return nil
  }
}
