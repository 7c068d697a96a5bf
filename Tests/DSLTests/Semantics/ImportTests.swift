import DSL
import Testing

@Suite struct ImportTests {
  private func cell(_ text: String) -> String { "```recipe\n\(text)\n```\n" }

  @Test func `an import brings functions, algorithms and bindings, and nothing is run for what is not used`()
  {
    let compilation = compile([
      "main.md": cell(
        """
        import "library.md"
        study s = f(sums, three())
        show base
        """),
      "library.md": cell(
        """
        sums = arithmetic(digits: 3)
        other = arithmetic(digits: 4)
        base = pretrain(tiny, on: sums.corpus, steps: 1)
        function three() { return 3 }
        algorithm f(task: Task, n: Int) {
          log 0 { evaluate(base, task.test), n: n }
          return base
        }
        study theirs = f(other, 1)
        table theirs { columns n }
        show other
        """),
    ])
    #expect(messages(compilation) == [])
    #expect(compilation.plan?.steps.map(\.operation) == ["arithmetic", "pretrain", "evaluate"])
    #expect(compilation.plan?.studies.map(\.name) == ["s"])
    #expect(compilation.plan?.items.count == 2)
    #expect(compilation.plan?.names.map(\.name) == ["sums", "base"])
  }

  @Test func `studies of an imported document are not known here, nor what it imports itself`() {
    let compilation = compile([
      "main.md": cell("import \"middle.md\"\ntable theirs { columns n }\nshow deep\nshow middle"),
      "middle.md": cell(
        """
        import "deep.md"
        middle = deep + 1
        algorithm f(n: Int) {
          log 0 { n: n }
          return n
        }
        study theirs = f(1)
        """),
      "deep.md": cell("deep = 1"),
    ])
    #expect(messages(compilation) == ["E0410 3:7 unknown study `theirs`", "E0301 4:6 unknown name `deep`"])
  }

  @Test func `one document reached by two ways is one, and two documents with one name clash`() {
    let shared = cell("size = 3")
    let first = cell("import \"shared.md\"\nfirst = size")
    let second = cell("import \"shared.md\"\nsecond = size")
    let diamond = compile([
      "main.md": cell(
        "import \"first.md\"\nimport \"second.md\"\nimport \"shared.md\"\nshow first + second + size"),
      "first.md": first, "second.md": second, "shared.md": shared,
    ])
    #expect(messages(diamond) == [])
    let clash = compile([
      "main.md": cell("import \"shared.md\"\nimport \"other.md\"\nshow size"), "shared.md": shared,
      "other.md": cell("size = 4"),
    ])
    #expect(messages(clash) == ["E0337 3:1 this import brings another `size`"])
    let hidden = compile([
      "main.md": cell("import \"shared.md\"\nsize = 4\nshow size"), "shared.md": shared,
    ])
    #expect(messages(hidden) == ["E0302 3:1 `size` is defined twice"])
  }

  @Test func `an error in an imported document is told at its place there, once`() {
    let compilation = compile([
      "main.md": cell("import \"library.md\"\nshow broken\nshow f(broken)"),
      "library.md": cell("broken = nonsense\nfunction f(n: Int) { return n + nonsense }"),
    ])
    let places = compilation.diagnostics.sorted.map { compilation.sources.place($0.span) }
    #expect(places == ["library.md:2:10"])
  }

  @Test func `an error while evaluating says how the call came about`() throws {
    let compilation = compile([
      "main.md": cell("import \"library.md\"\nshow outer(0)"),
      "library.md": cell(
        "function inner(n: Int) { return 1 / n }\nfunction outer(n: Int) { return inner(n) + inner(n + 1) }"),
    ])
    let diagnostic = try #require(compilation.diagnostics.sorted.first)
    #expect(diagnostic.code == "E0501")
    #expect(compilation.sources.place(diagnostic.span) == "library.md:2:33")
    #expect(diagnostic.related.map(\.text) == ["in this call of `inner`", "in this call of `outer`"])
    #expect(
      diagnostic.related.map { compilation.sources.place($0.span) } == ["library.md:3:33", "main.md:3:6"])
  }
}
