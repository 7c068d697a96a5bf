/// What becomes of a document: the plan if nothing is wrong, and everything there is to say about it.
package struct Compilation: Sendable {
  /// The documents as read: texts, cells, statements.
  package var recipe: ParsedRecipe
  /// `nil` when the diagnostics hold an error.
  package var plan: Plan?
  /// Of every pass; `sorted` is the order in which they are shown.
  package var diagnostics: Diagnostics
  package var sources: Sources { recipe.sources }
  /// What the document and its imports define, for descriptions.
  let program: Program

  init(recipe: ParsedRecipe, plan: Plan?, diagnostics: Diagnostics, program: Program) {
    self.recipe = recipe
    self.plan = plan
    self.diagnostics = diagnostics
    self.program = program
  }
}

/// Reads, parses, checks and evaluates a document with everything it imports: the whole way to a plan, without the engine.
///
/// Never fails: what is wrong is in the diagnostics. `check`, `plan` and `run` all begin with this call, so all three find
/// the same errors; evaluating costs milliseconds.
package func compile(
  document path: String, vocabulary: Vocabulary, limits: Limits = Limits(), read: SourceReader
) -> Compilation {
  let recipe = ParsedRecipe.load(path, read: read)
  var checker = Checker(recipe, vocabulary: vocabulary)
  let program = checker.check()
  var evaluator = Evaluator(program, limits: limits)
  let plan = evaluator.run()
  var diagnostics = recipe.diagnostics
  diagnostics.append(contentsOf: checker.diagnostics)
  diagnostics.append(contentsOf: evaluator.diagnostics)
  if !diagnostics.hasErrors {
    diagnostics.append(contentsOf: checker.warnings)
    diagnostics.append(contentsOf: evaluator.warnings)
  }
  return Compilation(
    recipe: recipe, plan: diagnostics.hasErrors ? nil : plan, diagnostics: diagnostics, program: program)
}

/// How much a recipe may ask for before it is taken for a mistake.
package struct Limits: Sendable {
  /// Loop iterations, calls and list elements, over the whole document.
  package var work = 10_000_000
  /// Distinct steps of the plan.
  package var steps = 1_000_000
  /// Trials of one study.
  package var trials = 100_000
  /// Numbers, texts and names in one value.
  package var valueSize = 1_000_000

  package init() {}
}
