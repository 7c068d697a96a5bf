/// Resolves names, checks types and every rule that can be decided without evaluating.
///
/// One checker reads one recipe. Functions and top-level bindings are checked when they are first needed, since a function may
/// be used before its definition and its result's type follows from its body; otherwise everything goes in the order of the
/// text. What is reported becomes `invalid`, which agrees with everything, so a mistake is told once.
struct Checker {
  enum Progress { case waiting, running, done }

  struct PendingFunction {
    var declaration: FunctionDeclaration
    var documentation: [String]
    var document: Int
    var position: Int
    var progress = Progress.waiting
    /// Parameters are known before the body is.
    var hasSignature = false
  }

  struct PendingGlobal {
    var name: Name
    var value: Expression
    var documentation: [String]
    var document: Int
    var position: Int
    var progress = Progress.waiting
  }

  let recipe: ParsedRecipe
  let vocabulary: VocabularyIndex
  var program: Program
  var diagnostics = Diagnostics()
  /// Kept apart: they are said only of recipes without errors, since a mistake can leave much unused.
  var warnings = Diagnostics()

  /// Names at the top of each document, imported ones included.
  var tops: [[String: Entity]]
  /// What each document hands to those that import it.
  var exports: [[String: Entity]]
  var functions: [PendingFunction] = []
  var globals: [PendingGlobal] = []

  /// Where the checker is.
  var document = 0
  var position = 0
  var body: BodyScope?
  /// Index of the function being checked.
  var function: Int?
  /// Inside an argument that is kept as an expression over a row.
  var inRow = false
  /// Levels of expressions and calls being checked, so that no recipe can exhaust the stack.
  var depth = 0
  static let greatestDepth = 400
  /// That was too many, and reported: a chain of calls would report it at every few hundred links.
  var isTooDeep = false
  /// Unknown names already reported, by document: a typing error in a definition is told once.
  var reportedNames: [Set<String>]

  init(_ recipe: ParsedRecipe, vocabulary: Vocabulary) {
    self.recipe = recipe
    self.vocabulary = VocabularyIndex(vocabulary)
    program = Program(vocabulary: vocabulary)
    tops = Array(repeating: [:], count: recipe.documents.count)
    exports = tops
    reportedNames = Array(repeating: [], count: recipe.documents.count)
  }

  /// The checked recipe, as far as it could be read.
  mutating func check() -> Program {
    for document in recipe.order { collect(document) }
    for definition in definitions() {
      switch definition {
      case .function(let index): checkFunction(index)
      case .global(let index): checkGlobal(index)
      case .study, .invalid: break
      }
    }
    if let main = recipe.order.last { checkMain(main) }
    warnOfUnusedGlobals()
    return program
  }

  /// Functions and bindings in the order of the text, so that what is told once is told where it is met first.
  private func definitions() -> [Entity.Kind] {
    var found: [(document: Int, position: Int, kind: Entity.Kind)] = []
    for (index, function) in functions.enumerated() {
      found.append((function.document, function.position, .function(index)))
    }
    for (index, global) in globals.enumerated() {
      found.append((global.document, global.position, .global(index)))
    }
    return found.sorted { ($0.document, $0.position) < ($1.document, $1.position) }.map(\.kind)
  }

  /// Declares a document's names, so that their order does not matter to functions.
  private mutating func collect(_ document: Int) {
    self.document = document
    let parsed = recipe.documents[document]
    var imports = parsed.imports.makeIterator()
    for (position, statement) in parsed.statements.enumerated() {
      switch statement.kind {
      case .importDocument:
        if let target = imports.next()?.document { bring(target, at: statement.span) }
      case .binding(let name, let value):
        let index = globals.count
        if define(name, .global(index), position) {
          globals.append(
            PendingGlobal(
              name: name, value: value, documentation: statement.documentation, document: document,
              position: position))
          program.globals.append(
            Global(
              name: name, value: .invalid(at: value.span), documentation: statement.documentation,
              isOwn: document == recipe.order.last))
        }
      case .function(let declaration):
        let index = functions.count
        if define(declaration.name, .function(index), position, isCallable: true) {
          functions.append(
            PendingFunction(
              declaration: declaration, documentation: statement.documentation, document: document,
              position: position))
          program.functions.append(
            Function(
              isAlgorithm: declaration.isAlgorithm, name: declaration.name,
              documentation: statement.documentation, parameters: []))
        }
      case .study(let declaration):
        // Its index is known when it is checked; until then the name is only taken.
        _ = define(declaration.name, .study(-1), position)
      case .invalid(let names):
        for name in names where tops[document][name.text] == nil {
          tops[document][name.text] = Entity(kind: .invalid, span: name.span, position: position)
        }
      default: break
      }
    }
  }

  /// A study whose name is the same to those who do not tell case: databases, and some file systems.
  private func studyAlike(_ name: Name) -> Entity? {
    tops[document].first { key, entity in
      if case .study = entity.kind { key.lowercased() == name.text.lowercased() } else { false }
    }?.value
  }

  private mutating func define(
    _ name: Name, _ kind: Entity.Kind, _ position: Int, isCallable: Bool = false
  ) -> Bool {
    if let first = tops[document][name.text] {
      report(
        .redefinition, "`\(name.text)` is defined twice", at: name.span, label: "defined again",
        related: [.init("first defined here", at: first.span)],
        remedy: "give one of them another name")
      return false
    }
    if case .study = kind, let first = studyAlike(name) {
      report(
        .redefinition, "`\(name.text)` differs from another study by upper and lower case alone",
        at: name.span,
        label: "its table and its files would be those of the other",
        related: [.init("first defined here", at: first.span)], remedy: "give one of them another name")
      return false
    }
    if reportVocabularyClash(name, isCallable: isCallable) {
      tops[document][name.text] = Entity(kind: .invalid, span: name.span, position: position)
      return false
    }
    let entity = Entity(kind: kind, span: name.span, position: position)
    tops[document][name.text] = entity
    if case .study = kind { return true }
    exports[document][name.text] = Entity(kind: kind, span: name.span, position: -1)
    return true
  }

  /// A name of one's own that would hide what the vocabulary calls so.
  mutating func reportVocabularyClash(_ name: Name, isCallable: Bool = false) -> Bool {
    let what: String
    if vocabulary.constructor(name.text) != nil {
      what = "settings of the vocabulary"
    } else if isCallable, vocabulary.operation(name.text) != nil {
      what = "an operation of the vocabulary"
    } else if isCallable, BuiltIn(rawValue: name.text) != nil {
      what = "a function of the language"
    } else {
      return false
    }
    report(
      .shadowing, "`\(name.text)` is already \(what)", at: name.span, label: "would hide it",
      remedy: "choose another name, such as `my_\(name.text)`")
    return true
  }

  private mutating func bring(_ target: Int, at span: Span) {
    for (name, entity) in exports[target].sorted(by: { $0.key < $1.key }) {
      if let first = tops[document][name] {
        guard first.span != entity.span else { continue }
        report(
          .importClash, "this import brings another `\(name)`", at: span,
          label: "brings `\(name)`, which is already defined",
          related: [
            .init("defined here", at: first.span), .init("and here, in what is imported", at: entity.span),
          ],
          remedy: "rename one of the two")
        continue
      }
      tops[document][name] = entity
    }
  }

  /// Checks a top-level binding if that was not done yet.
  mutating func checkGlobal(_ index: Int) {
    guard globals[index].progress == .waiting else { return }
    globals[index].progress = .running
    let pending = globals[index]
    let saved = enter(document: pending.document, position: pending.position, body: nil, function: nil)
    let value = infer(pending.value, hint: nil)
    leave(saved)
    program.globals[index].value = value
    globals[index].progress = .done
  }

  struct Place {
    var document: Int
    var position: Int
    var body: BodyScope?
    var function: Int?
    var inRow: Bool
  }

  /// Moves to another place of the recipe; the result brings back.
  mutating func enter(document: Int, position: Int, body: BodyScope?, function: Int?) -> Place {
    let saved = Place(
      document: self.document, position: self.position, body: self.body, function: self.function,
      inRow: inRow)
    (self.document, self.position, self.body, self.function, inRow) =
      (document, position, body, function, false)
    return saved
  }

  mutating func leave(_ place: Place) {
    (document, position, body, function, inRow) =
      (place.document, place.position, place.body, place.function, place.inRow)
  }

  private mutating func warnOfUnusedGlobals() {
    guard
      program.items.contains(where: { item in
        if case .query = item.kind { false } else { true }
      })
    else { return }
    for global in program.globals where global.isOwn && !global.isRead && !global.value.isInvalid {
      program.unusedValues.append(global.value.span)
      report(
        .unusedBinding, "`\(global.name.text)` is never used", at: global.name.span,
        label: "nothing is run for it", remedy: "use it, `show \(global.name.text)`, or remove it")
    }
  }
}

extension Checker {
  mutating func report(
    _ code: SemanticCode, _ message: String, at span: Span, label: String? = nil,
    expected: String? = nil, found: String? = nil, related: [Diagnostic.Label] = [],
    remedy: String? = nil
  ) {
    add(
      Diagnostic(
        code, message, at: span, label: label, expected: expected, found: found, related: related,
        remedy: remedy))
  }

  mutating func report(
    _ code: StudyCode, _ message: String, at span: Span, label: String? = nil,
    expected: String? = nil, found: String? = nil, related: [Diagnostic.Label] = [],
    remedy: String? = nil
  ) {
    add(
      Diagnostic(
        code, message, at: span, label: label, expected: expected, found: found, related: related,
        remedy: remedy))
  }

  private mutating func add(_ diagnostic: Diagnostic) {
    switch diagnostic.severity {
    case .error: diagnostics.append(diagnostic)
    case .warning: warnings.append(diagnostic)
    }
  }
}

/// `a`, `b` and `c`, each between backticks.
func quotedList(_ names: [String], or: Bool = false) -> String {
  let quoted = names.map { "`\($0)`" }
  guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
  return quoted.dropLast().joined(separator: ", ") + (or ? " or " : " and ") + last
}
