// The components of `tokenizer.json`, each by its `type`, with the keys and the defaults of the reference library.

extension TokenNormalizer {
  init(_ node: TokenizerNode) throws(TokenizerError) {
    let type = try node.type()
    if let form = NormalForm(rawValue: type) {
      self = .form(form)
      return
    }
    switch type {
    case "Lowercase": self = .lowercase
    case "Prepend": self = .prepend(CodePoints(of: try node.required("prepend").string()))
    case "Replace":
      guard case .literal(let pattern) = try node.required("pattern").pattern() else {
        throw .unsupported(
          component: "normalizer", found: "Replace of a regular expression", known: ["Replace of a text"])
      }
      self = .replace(pattern, with: CodePoints(of: try node.required("content").string()))
    case "Strip":
      self = .strip(
        left: try node.flag("strip_left", default: true), right: try node.flag("strip_right", default: true))
    case "Sequence":
      var steps: [TokenNormalizer] = []
      for step in try node.required("normalizers").array() { steps.append(try TokenNormalizer(step)) }
      self = .sequence(steps)
    default:
      throw .unsupported(
        component: "normalizer", found: type,
        known: NormalForm.allCases.map(\.rawValue) + ["Lowercase", "Prepend", "Replace", "Strip", "Sequence"])
    }
  }
}

extension PreTokenizer {
  init(_ node: TokenizerNode) throws(TokenizerError) {
    let type = try node.type()
    switch type {
    case "ByteLevel":
      self = .byteLevel(
        addsPrefixSpace: try node.flag("add_prefix_space", default: true),
        usesPattern: try node.flag("use_regex", default: true))
    case "Split":
      self = .split(
        try node.required("pattern").pattern(),
        try node.required("behavior").choice(SplitBehavior.self, component: "split behaviour"),
        inverted: try node.flag("invert"))
    case "Metaspace":
      self = .metaspace(
        replacement: try node.required("replacement").scalar(), prepends: try MetaspacePrepending(node),
        splits: try node.flag("split", default: true))
    case "Digits": self = .digits(individual: try node.flag("individual_digits"))
    case "Punctuation":
      let behavior = try node["behavior"]?.choice(SplitBehavior.self, component: "split behaviour")
      self = .punctuation(behavior ?? .isolated)
    case "Sequence":
      var steps: [PreTokenizer] = []
      for step in try node.required("pretokenizers").array() { steps.append(try PreTokenizer(step)) }
      self = .sequence(steps)
    default:
      throw .unsupported(
        component: "pre-tokenizer", found: type,
        known: ["ByteLevel", "Split", "Metaspace", "Digits", "Punctuation", "Sequence"])
    }
  }
}

extension MetaspacePrepending {
  /// Files before 2024 say `add_prefix_space` instead.
  init(_ node: TokenizerNode) throws(TokenizerError) {
    if let scheme = node["prepend_scheme"] {
      self = try scheme.choice(Self.self, component: "prepend_scheme")
    } else {
      self = try node.flag("add_prefix_space", default: true) ? .always : .never
    }
  }
}

extension TokenDecoder {
  init(_ node: TokenizerNode) throws(TokenizerError) {
    let type = try node.type()
    switch type {
    case "ByteLevel": self = .byteLevel
    case "Metaspace":
      self = .metaspace(
        replacement: try node.required("replacement").scalar(), prepends: try MetaspacePrepending(node))
    case "ByteFallback": self = .byteFallback
    case "Fuse": self = .fuse
    case "Replace":
      guard case .literal(let pattern) = try node.required("pattern").pattern() else {
        throw .unsupported(
          component: "decoder", found: "Replace of a regular expression", known: ["Replace of a text"])
      }
      self = .replace(pattern, with: CodePoints(of: try node.required("content").string()))
    case "Strip":
      let start = try node.required("start").int()
      let stop = try node.required("stop").int()
      guard start >= 0, stop >= 0 else {
        throw .wrongValue(path: node.path, expected: "counts of characters", found: "\(start) and \(stop)")
      }
      self = .strip(content: try node.required("content").scalar(), start: start, stop: stop)
    case "Sequence":
      var steps: [TokenDecoder] = []
      for step in try node.required("decoders").array() { steps.append(try TokenDecoder(step)) }
      self = .sequence(steps)
    default:
      throw .unsupported(
        component: "decoder", found: type,
        known: ["ByteLevel", "Metaspace", "ByteFallback", "Fuse", "Replace", "Strip", "Sequence"])
    }
  }
}

/// What is put before and behind a text (`post_processor`).
struct TokenAffixes {
  var prefix: [Int32] = []
  var suffix: [Int32] = []

  init(_ node: TokenizerNode) throws(TokenizerError) {
    let type = try node.type()
    switch type {
    case "ByteLevel": break
    case "Sequence":
      for step in try node.required("processors").array() {
        let affixes = try TokenAffixes(step)
        prefix = affixes.prefix + prefix
        suffix += affixes.suffix
      }
    case "TemplateProcessing":
      var hasText = false
      for item in try node.required("single").array() {
        if item["Sequence"] != nil {
          hasText = true
          continue
        }
        let name = try item.required("SpecialToken").required("id").string()
        for id in try node.required("special_tokens").required(name).required("ids").array() {
          guard let id = Int32(exactly: try id.int()) else {
            throw .identifierOutOfRange(content: name, id: try id.int(), limit: Int(Int32.max))
          }
          if hasText { suffix.append(id) } else { prefix.append(id) }
        }
      }
    default:
      throw .unsupported(
        component: "post-processor", found: type, known: ["ByteLevel", "TemplateProcessing", "Sequence"])
    }
  }
}
