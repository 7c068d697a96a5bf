import DSL
import Testing

@Suite struct DescriptionTests {
  @Test func `an algorithm is described with its parameters, bounds, defaults, comments and metrics`() throws
  {
    let compilation = compile(["stasc.md": StaSCPlanTests.algorithm])
    let stasc = try #require(compilation.description(of: "stasc"))
    #expect(stasc.kind == .algorithm)
    #expect(stasc.documentation == ["Self-Taught Self-Correction, Algorithm 1 of arXiv:2503.08681."])
    let iterations = try #require(stasc.parameters.first { $0.name == "iterations" })
    #expect(iterations.type == "Int" && iterations.bounds == "1...100" && iterations.defaultValue == "10")
    #expect(iterations.documentation == ["N"])
    let pairing = try #require(stasc.parameters.first { $0.name == "pairing" })
    #expect(pairing.type == "own | cross" && pairing.defaultValue == "own")
    #expect(stasc.result == "Model")
    #expect(stasc.metrics.map(\.name).contains("validation.delta"))
    #expect(stasc.metrics.last?.name == "kept")
    let base = try #require(stasc.parameters.first)
    #expect(base.defaultValue == nil && base.bounds == nil)
  }

  @Test func `names of the vocabulary, of the language and of the document are all found`() throws {
    let compilation = compileCell(
      """
      /// How many.
      size = 3
      algorithm f(n: Int) {
        log 0 { n: n }
        return n
      }
      study s = f() { vary n in 1...size }
      """)
    #expect(messages(compilation) == [])
    let kinds = ["size", "f", "s", "answer", "greedy", "Task", "Decoding", "previous.reward", "length"].map {
      compilation.description(of: $0)?.kind
    }
    #expect(
      kinds == [.value, .algorithm, .study, .operation, .settings, .type, .type, .rowField, .rowField])
    #expect(compilation.description(of: "size")?.documentation == ["How many."])
    #expect(compilation.description(of: "s")?.fields.map(\.name) == ["n"])
    #expect(compilation.description(of: "s")?.metrics.map(\.name) == ["n"])
    #expect(compilation.description(of: "Task")?.fields.first?.type == "Questions")
    #expect(compilation.description(of: "round")?.kind == .builtIn)
    #expect(compilation.description(of: "nothing") == nil)
    let answer = try #require(RecipeVocabulary.vocabulary.description(of: "answer"))
    #expect(answer.parameters.last?.name == "seed")
    #expect(answer.parameters.first { $0.name == "decoding" }?.defaultValue == "greedy(max_tokens: 64)")
  }
}
