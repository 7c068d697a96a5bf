import DSL
import Testing

/// Whole plans, written out by hand.
@Suite struct PlanTests {
  @Test func `defaults are written out, and equal calls are one step`() {
    #expect(
      Orchard.plan(
        """
        a = plant()
        b = plant(apple, height: 2.0, soil: sand)
        c = plant(soil: sand(grain: 0.5), kind: apple, height: 1 + 1)
        d = a.graft(on: b.root)
        e = graft(on: c.root.soil, c)
        show d
        """) == ["E0305 6:15 `on` of `graft` must be a Root"])
    #expect(
      Orchard.plan(
        """
        a = plant()
        b = plant(apple, height: 2.0, soil: sand)
        c = plant(soil: sand(grain: 0.5), kind: apple, height: 1 + 1)
        d = a.graft(on: b.root)
        e = graft(on: c.root, b)
        show d
        show e
        """) == [
          "#0 = plant(kind: apple, height: 2.0, soil: sand(grain: 0.5), seed: 0)",
          "#1 = graft(tree: #0, on: #0.root)",
          "a = #0", "b = #0", "c = #0", "d = #1", "e = #1",
        ])
  }

  @Test func `trials share their common beginning, and arms not taken leave no trace`() {
    #expect(
      Orchard.plan(
        """
        algorithm tend(tree: Tree, how: wait | prune | feed, amount: Float = 1) {
          first = tree.pick(2)
          log 0 { weight: weigh(first) }
          next = match how { wait: tree, prune: plant(height: amount), feed: plant(pear) }
          log 1 { taste(next.pick(2)) }
          return next
        }
        study s = tend(plant(height: 9)) { vary how in [wait, prune, feed] }
        """) == [
          "#0 = plant(kind: apple, height: 9.0, soil: sand(grain: 0.5), seed: 0)",
          "#1 = pick(tree: #0, count: 2, stream: 0, seed: 0)",
          "#2 = weigh(fruit: #1, by: [])",
          "#3 = taste(fruit: #1)",
          "#4 = plant(kind: apple, height: 1.0, soil: sand(grain: 0.5), seed: 0)",
          "#5 = pick(tree: #4, count: 2, stream: 0, seed: 0)",
          "#6 = taste(fruit: #5)",
          "#7 = plant(kind: pear, height: 2.0, soil: sand(grain: 0.5), seed: 0)",
          "#8 = pick(tree: #7, count: 2, stream: 0, seed: 0)",
          "#9 = taste(fruit: #8)",
          "study s = tend", "  vary how in [wait, prune, feed]",
          "  trial how: wait, seed: 0", "    needs #0 #1 #2 #3", "    log 0 weight: #2", "    log 1 #3",
          "    gives #0",
          "  trial how: prune, seed: 0", "    needs #0 #1 #2 #4 #5 #6", "    log 0 weight: #2",
          "    log 1 #6",
          "    gives #4",
          "  trial how: feed, seed: 0", "    needs #0 #1 #2 #7 #8 #9", "    log 0 weight: #2", "    log 1 #9",
          "    gives #7",
        ])
  }

  @Test
  func `a trial's seed reaches its own calls, and the call's arguments, but not what is defined outside`() {
    #expect(
      Orchard.plan(
        """
        outside = plant()
        algorithm f(tree: Tree, inside: Tree) {
          log 0 { weight: weigh(tree.pick()), other: weigh(inside.pick(seed: 7)), fixed: weigh(inside.pick(stream: 3)) }
          return inside
        }
        study s = f(outside, plant(pear)) { seeds [4, 2] }
        """) == [
          "#0 = plant(kind: apple, height: 2.0, soil: sand(grain: 0.5), seed: 0)",
          "#1 = plant(kind: pear, height: 2.0, soil: sand(grain: 0.5), seed: 4)",
          "#2 = pick(tree: #0, count: 1, stream: 0, seed: 4)", "#3 = weigh(fruit: #2, by: [])",
          "#4 = pick(tree: #1, count: 1, stream: 0, seed: 7)", "#5 = weigh(fruit: #4, by: [])",
          "#6 = pick(tree: #1, count: 1, stream: 3, seed: 4)", "#7 = weigh(fruit: #6, by: [])",
          "#8 = plant(kind: pear, height: 2.0, soil: sand(grain: 0.5), seed: 2)",
          "#9 = pick(tree: #0, count: 1, stream: 0, seed: 2)", "#10 = weigh(fruit: #9, by: [])",
          "#11 = pick(tree: #8, count: 1, stream: 0, seed: 7)", "#12 = weigh(fruit: #11, by: [])",
          "#13 = pick(tree: #8, count: 1, stream: 3, seed: 2)", "#14 = weigh(fruit: #13, by: [])",
          "outside = #0",
          "study s = f",
          "  trial seed: 4", "    needs #0 #1 #2 #3 #4 #5 #6 #7", "    log 0 weight: #3",
          "    log 0 other: #5",
          "    log 0 fixed: #7", "    gives #1",
          "  trial seed: 2", "    needs #0 #8 #9 #10 #11 #12 #13 #14", "    log 0 weight: #10",
          "    log 0 other: #12", "    log 0 fixed: #14", "    gives #8",
        ])
  }

  @Test func `what nothing needs is in no trial and not in the plan`() {
    let compilation = compileCell(
      """
      function ignore(fruit: Fruit) { return 1 }
      algorithm f(tree: Tree) {
        n = ignore(tree.pick(9))
        log n { weight: weigh(tree.pick()) }
        return tree
      }
      study s = f(plant())
      """, vocabulary: Orchard.vocabulary)
    #expect(
      messages(compilation) == [
        "W0302 2:17 the parameter `fruit` is never used", "W0501 4:14 nothing needs what this call gives",
      ])
    #expect(
      compilation.plan?.steps.map(\.description) == [
        "plant(kind: apple, height: 2.0, soil: sand(grain: 0.5), seed: 0)",
        "pick(tree: #0, count: 1, stream: 0, seed: 0)", "weigh(fruit: #1, by: [])",
      ])
    #expect(compilation.plan?.studies[0].trials[0].steps.map(\.index) == [0, 1, 2])
  }

  @Test func `an algorithm called for its result logs nothing`() {
    #expect(
      Orchard.plan(
        """
        algorithm f(tree: Tree) {
          log 0 { weight: weigh(tree.pick()) }
          return tree.graft(tree.root)
        }
        show f(plant()).crown
        """) == [
          "#0 = plant(kind: apple, height: 2.0, soil: sand(grain: 0.5), seed: 0)",
          "#1 = graft(tree: #0, on: #0.root)",
        ])
  }

  @Test func `a file is relative to the document that says it`() throws {
    let compilation = compile(
      [
        "main.md": """
        ```recipe
        import "library.md"
        show plant().label(file: "here.txt", texts: ["a \\"b\\"", "c"], sizes: [1, 2.5])
        show theirs
        show labelled("given.txt")
        ```
        """,
        "library.md": """
        ```recipe
        theirs = plant().label(file: "there.txt")
        function labelled(file: File) { return plant().label(file: file) }
        ```
        """,
      ], vocabulary: Orchard.vocabulary)
    #expect(messages(compilation) == [])
    let files = try #require(compilation.plan).steps.compactMap { step in
      step.arguments.first { $0.name == "file" }?.value
    }
    #expect(
      files == [
        .file(path: "here.txt", relativeTo: 0), .file(path: "there.txt", relativeTo: 1),
        .file(path: "given.txt", relativeTo: 0),
      ])
    #expect(
      compilation.plan?.steps[1].description
        == "label(tree: #0, texts: [\"a \\\"b\\\"\", \"c\"], sizes: [1.0, 2.5], file: \"here.txt\")")
  }

  @Test func `evaluating twice gives equal plans, spans included`() throws {
    let text = StaSCPlanTests.algorithm
    #expect(!text.isEmpty)
    let clauses = "vary initialization in [fixed, evolving]\n vary correction_samples in 1...3\n seeds 1...2"
    let first = try #require(StaSCPlanTests.plan(clauses).plan)
    let second = try #require(StaSCPlanTests.plan(clauses).plan)
    #expect(first.steps == second.steps)
    #expect(first.lines == second.lines)
    #expect(first.studies[0].metrics == second.studies[0].metrics)
  }

  @Test func `every step comes after its inputs`() throws {
    let plan = try #require(StaSCPlanTests.plan("vary filter in [improving, keep_correct]").plan)
    for (index, step) in plan.steps.enumerated() {
      for argument in step.arguments {
        if case .step(let input, _) = argument.value { #expect(input.index < index) }
      }
    }
  }
}
