internal import Foundation

/// The files of a tokenizer in a Hugging Face folder.
enum TokenizerExport {
  struct File {
    var name: String
    var bytes: [UInt8]
  }

  private static let names = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja",
    "generation_config.json",
  ]

  /// A folder's own files as they are; of a GGUF file what its metadata say.
  static func files(of model: ModelFiles) throws -> [File] {
    if let gguf = model.gguf {
      return try files(of: TokenizerMetadata(gguf), template: gguf["tokenizer.chat_template"]?.string)
    }
    return try names.compactMap { name in
      let path = model.path + "/" + name
      guard FileManager.default.fileExists(atPath: path) else { return nil }
      return File(name: name, bytes: [UInt8](try Data(contentsOf: URL(filePath: path))))
    }
  }

  /// Characters as a byte-pair model without merges: what has no pair to merge stays characters.
  static func files(of characters: CharacterTokenizer, contextLength: Int) -> [File] {
    let special = ["<begin>", "<end>"]
    let alphabet = characters.alphabet.compactMap { Unicode.Scalar($0).map { String($0) } }
    return files(
      tokens: special + alphabet, merges: [], special: special.indices.map { ($0, special[$0], true) },
      normalizer: "null", preTokenizer: "null", decoder: "{\"type\": \"Fuse\"}", ignoresMerges: false,
      prefix: [(0, special[0])],
      configuration: [
        ("bos_token", JSONValue.quoted(special[0])), ("eos_token", JSONValue.quoted(special[1])),
        ("model_max_length", "\(contextLength)"),
      ])
  }

  private static func files(of metadata: TokenizerMetadata, template: String?) throws(OperationError)
    -> [File]
  {
    guard metadata.model == "gpt2" else {
      throw OperationError(
        "the GGUF file's tokenizer is one of SentencePiece (\(metadata.model)), which cannot be written as tokenizer.json",
        remedy: "start from the model's Hugging Face folder instead of its GGUF file")
    }
    func byteLevel(_ usesPattern: Bool) -> String {
      "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": true, \"use_regex\": \(usesPattern)}"
    }
    func words(_ pattern: String) -> String {
      "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Split\", \"pattern\": {\"Regex\": \(JSONValue.quoted(pattern))}, \"behavior\": \"Isolated\", \"invert\": false}, \(byteLevel(false))]}"
    }
    let isLlama = metadata.pre?.hasPrefix("llama") ?? false
    let isQwen = metadata.pre == "qwen2" || metadata.pre == "deepseek-r1-qwen"
    let preTokenizer =
      switch metadata.pre {
      case "smollm", "starcoder", "refact":
        "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Digits\", \"individual_digits\": true}, \(byteLevel(true))]}"
      case _ where isLlama: words(SplitPattern.llama3Text)
      case _ where isQwen: words(SplitPattern.qwen2Text)
      default: byteLevel(true)
      }
    // Types 2 to 4: unknown, control, and what the model's makers defined, which is text.
    let added = metadata.tokens.indices.compactMap { id -> (Int, String, Bool)? in
      let kind = id < metadata.tokenTypes.count ? metadata.tokenTypes[id] : 1
      return (2...4).contains(kind) ? (id, metadata.tokens[id], kind != 4) : nil
    }
    var configuration: [(String, String)] = []
    for (key, id) in [("bos_token", metadata.beginning), ("eos_token", metadata.ends.first)] {
      if let id { configuration.append((key, JSONValue.quoted(metadata.tokens[id]))) }
    }
    if let template { configuration.append(("chat_template", JSONValue.quoted(template))) }
    let beginning = metadata.beginning.map { [($0, metadata.tokens[$0])] } ?? []
    return files(
      tokens: metadata.tokens, merges: metadata.merges, special: added,
      normalizer: isQwen ? "{\"type\": \"NFC\"}" : "null", preTokenizer: preTokenizer,
      decoder:
        "{\"type\": \"ByteLevel\", \"add_prefix_space\": true, \"trim_offsets\": true, \"use_regex\": true}",
      ignoresMerges: isLlama, prefix: metadata.addsBeginning ?? isLlama ? beginning : [],
      configuration: configuration)
  }

  private static func files(
    tokens: [String], merges: [String], special: [(id: Int, content: String, isSpecial: Bool)],
    normalizer: String, preTokenizer: String, decoder: String, ignoresMerges: Bool,
    prefix: [(id: Int, content: String)], configuration: [(String, String)]
  ) -> [File] {
    let added = special.map {
      "    {\"id\": \($0.id), \"content\": \(JSONValue.quoted($0.content)), \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, \"special\": \($0.isSpecial)}"
    }
    let vocabulary = tokens.enumerated().map { "      \(JSONValue.quoted($0.element)): \($0.offset)" }
    let pairs = merges.map { merge in
      "      [\(merge.split(separator: " ", omittingEmptySubsequences: false).map { JSONValue.quoted(String($0)) }.joined(separator: ", "))]"
    }
    var processor = "null"
    if let first = prefix.first {
      let name = JSONValue.quoted(first.content)
      let begin = "{\"SpecialToken\": {\"id\": \(name), \"type_id\": 0}}"
      let sequences = ["A", "B"].map { "{\"Sequence\": {\"id\": \"\($0)\", \"type_id\": 0}}" }
      processor =
        "{\"type\": \"TemplateProcessing\", \"single\": [\(begin), \(sequences[0])], \"pair\": [\(begin), \(sequences[0]), \(begin), \(sequences[1])], \"special_tokens\": {\(name): {\"id\": \(name), \"ids\": [\(first.id)], \"tokens\": [\(name)]}}}"
    }
    let json = """
      {
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": [
      \(added.joined(separator: ",\n"))
        ],
        "normalizer": \(normalizer),
        "pre_tokenizer": \(preTokenizer),
        "post_processor": \(processor),
        "decoder": \(decoder),
        "model": {
          "type": "BPE",
          "dropout": null,
          "unk_token": null,
          "continuing_subword_prefix": null,
          "end_of_word_suffix": null,
          "fuse_unk": false,
          "byte_fallback": false,
          "ignore_merges": \(ignoresMerges),
          "vocab": {
      \(vocabulary.joined(separator: ",\n"))
          },
          "merges": [
      \(pairs.joined(separator: ",\n"))
          ]
        }
      }

      """
    let keys =
      [("tokenizer_class", "\"PreTrainedTokenizerFast\"")] + configuration
      + [("clean_up_tokenization_spaces", "false")]
    let text = JSONValue.text(ofMembers: keys)
    return [
      File(name: "tokenizer.json", bytes: Array(json.utf8)),
      File(name: "tokenizer_config.json", bytes: Array(text.utf8)),
    ]
  }
}
