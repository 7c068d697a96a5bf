/// What a name at the top of a document stands for.
struct Entity: Sendable {
  enum Kind: Sendable {
    case global(Int)
    case function(Int)
    case study(Int)
    /// Its definition was reported as wrong.
    case invalid
  }
  var kind: Kind
  var span: Span
  /// Position of the defining statement in its document; -1 for what an import brings.
  var position: Int
}

/// The names of a body (of a function, or of a study's axes) and the slots that hold their values.
struct BodyScope {
  struct Local {
    enum Kind { case parameter, variable, loopVariable, axis }
    var name: Name
    var type: Type
    var kind: Kind
    var isRead = false
    /// The expressions of a variable's values.
    var values: [Span] = []
  }
  /// The index of a local is its slot.
  private(set) var locals: [Local] = []
  private var blocks: [[String: Int]] = [[:]]

  func find(_ name: String) -> Int? {
    for block in blocks.reversed() {
      if let slot = block[name] { return slot }
    }
    return nil
  }

  subscript(slot: Int) -> Local {
    get { locals[slot] }
    set { locals[slot] = newValue }
  }

  mutating func declare(_ name: Name, _ type: Type, _ kind: Local.Kind) -> Int {
    let slot = locals.count
    locals.append(Local(name: name, type: type, kind: kind))
    blocks[blocks.count - 1][name.text] = slot
    return slot
  }

  mutating func enterBlock() { blocks.append([:]) }

  mutating func leaveBlock() { blocks.removeLast() }

  /// Names that can be used here, in order of definition.
  var names: [String] { blocks.flatMap(\.values).sorted().map { locals[$0].name.text } }
}
