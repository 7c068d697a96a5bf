import DSL
import Testing

@Suite struct StudyTests {
  private static let algorithm = """
    algorithm grow(a: Int = 1, b: Float = 2, c: red | green | blue = red, fruit: Fruit = plant().pick()) {
      log 0 { a: a, b: b, taste(fruit) }
      log 1 { a: a * 10, c: match c { red: 1, green: 2, blue: 3 }, fruit: weigh(fruit) }
      return c
    }

    """

  private func compiled(_ text: String) -> Compilation {
    compileCell(Self.algorithm + text, vocabulary: Orchard.vocabulary)
  }

  /// The settings of each trial of the first study.
  private func settings(_ call: String) -> [String] {
    let compilation = compiled("study s = \(call)")
    guard let study = compilation.plan?.studies.first else { return messages(compilation) }
    return study.trials.map { trial in
      trial.settings.map(\.description).joined(separator: " ") + " / \(trial.seed)"
    }
  }

  @Test func `variants follow the order of their axes, the last fastest, seeds within`() {
    #expect(
      settings("grow() { vary a in [3, 1], vary c in [blue, red], seeds [5, 4] }") == [
        "3 blue / 5", "3 blue / 4", "3 red / 5", "3 red / 4", "1 blue / 5", "1 blue / 4", "1 red / 5",
        "1 red / 4",
      ])
  }

  @Test func `models, settings and lists are known by what the recipe writes for them`() throws {
    let compilation = compileCell(
      """
      algorithm grow(tree: Tree, soil: Soil = sand(), sizes: [Int] = [1], a: Int = 1) {
        log 0 { a: a, taste(pick(tree)) }
        return plant(soil: soil)
      }
      old = plant(pear)
      few = 2
      bases = [plant(height: 3), old]
      study s = grow() {
        vary tree in [old, plant(height: 3)]
        vary soil in [sand(), clay(
          depth: 4)]
        vary (sizes, a) in [([1, 2], few), ([3], 3)]
      }
      study t = grow() { vary tree in bases }
      """, vocabulary: Orchard.vocabulary)
    let studies = try #require(compilation.plan?.studies, "\(messages(compilation))")
    func labels(_ study: Study) -> [[String]] { study.axes.map { axis in axis.values.map(axis.label) } }
    #expect(
      labels(studies[0]) == [
        ["old", "plant(height: 3)"], ["sand()", "clay(depth: 4)"], ["[1, 2]", "[3]"], ["2", "3"],
      ])
    // What is not written where it is varied is shown as it is.
    #expect(labels(studies[1]) == [studies[1].axes[0].values.map(\.description)])
  }

  @Test func `names that vary together, ranges, and names of the call's own`() {
    #expect(
      settings("grow() { vary (a, c) in [(1, red), (2, red), (2, blue)], vary b in 1...2 }") == [
        "1 red 1.0 / 0", "1 red 2.0 / 0", "2 red 1.0 / 0", "2 red 2.0 / 0", "2 blue 1.0 / 0",
        "2 blue 2.0 / 0",
      ])
    #expect(
      settings(
        "grow(a: k + 1, fruit: plant(height: h).pick()) { vary (k, h) in [(1, 0.5), (2, 3)], vary c in [red] }"
      )
        == ["1 0.5 red / 0", "2 3.0 red / 0"])
    #expect(settings("grow(a: 5)") == [" / 0"])
  }

  @Test func `except removes combinations, several times over`() {
    #expect(
      settings(
        "grow() { vary a in 1...3, vary c in [red, green, blue], except a == 2, except c == red and a > 1, except c == blue or false }"
      ) == ["1 red / 0", "1 green / 0", "3 green / 0"])
  }

  @Test func `values that are steps are made once, outside of the trials`() {
    let lines = Orchard.plan(
      """
      algorithm f(tree: Tree) {
        log 0 { weight: weigh(tree.pick()) }
        return tree
      }
      study s = f() { vary tree in [plant(), plant(pear)], seeds 3...4 }
      """)
    #expect(lines.prefix(2).allSatisfy { $0.hasSuffix("sand(grain: 0.5), seed: 0)") })
    #expect(
      lines.filter { $0.contains("= pick") }.map { $0.suffix(8) } == [
        "seed: 3)", "seed: 4)", "seed: 3)", "seed: 4)",
      ])
    #expect(lines.contains("  vary tree in [#0, #1]"))
  }

  @Test func `axes know their distinct values, groups and comments`() throws {
    let study = try #require(
      compiled(
        """
        /// Which is best?
        study s = grow() {
          /// Colours.
          vary (a, c) in [(1, red), (2, red)]
          vary b in [1, 0.5]
        }
        """
      ).plan?.studies.first)
    #expect(study.documentation == ["Which is best?"])
    #expect(study.axes.map(\.name) == ["a", "c", "b"])
    #expect(study.axes.map(\.group) == [0, 0, 1])
    #expect(study.axes.map(\.values) == [[.int(1), .int(2)], [.choice("red")], [.float(1), .float(0.5)]])
    #expect(study.axes[0].documentation == ["Colours."])
  }

  @Test func `metrics are named in the order in which they appear, with units and directions`() throws {
    let study = try #require(compiled("study s = grow()").plan?.studies.first)
    #expect(study.metrics.map(\.name) == ["a", "b", "sweet", "sour", "c", "fruit"])
    #expect(study.metrics.map(\.signature.unit) == [.count, .number, .share, .number, .count, .count])
    #expect(study.metrics[3].signature.direction == .lowerIsBetter)
    #expect(study.metrics[5].signature.summary == "In grams.")
    #expect(study.trials[0].logs.map(\.iteration) == [0, 0, 0, 1, 1, 1])
    #expect(study.trials[0].result == .choice("red"))
  }

  @Test func `tables, plots and claims know their trials by index`() throws {
    let plan = try #require(
      compiled(
        """
        half = 0.5
        study s = grow() { vary a in [1, 2], vary c in [red, green], seeds 1...2 }
        /// A table.
        table s { rows c, columns sweet, a, at best sour, where a == 2, against c == green }
        plot s { x iteration, y a, sweet, color a, facet c, where c != red }
        plot s { x a, y c, at 1 }
        expect s[2].a at 1 - s[c: red].sweet >= -half * 2 with confidence
        expect s.fruit at each_best == 3
        show s_size
        """.replacing("show s_size", with: "show length([1])")
      ).plan)
    #expect(plan.items.count == 7)
    guard case .table(let table) = plan.items[1].kind, case .plot(let plot) = plan.items[2].kind,
      case .plot(let other) = plan.items[3].kind, case .claim(let claim) = plan.items[4].kind,
      case .claim(let last) = plan.items[5].kind
    else {
      Issue.record("\(plan.items)")
      return
    }
    #expect(plan.items[1].documentation == ["A table."])
    #expect(table.study == 0 && table.rows == [1] && table.columns.map(\.name) == ["sweet", "a"])
    #expect(
      table.moment == .best(metric: "sour") && table.trials == [4, 5, 6, 7] && table.baseline == [6, 7])
    #expect(
      plot.x == .iteration && plot.y.map(\.name) == ["a", "sweet"] && plot.color == 0 && plot.facet == 1)
    #expect(plot.trials == [2, 3, 6, 7])
    #expect(other.x == .axis(0) && other.moment == .iteration(1) && other.trials == Array(0..<8))
    #expect(claim.text == "s[2].a at 1 - s[c: red].sweet >= -half * 2" && claim.withConfidence)
    #expect(claim.comparison == .greaterOrEqual)
    guard case .binary(.subtract, let left, let right) = claim.left,
      case .figure(0, [4, 5, 6, 7], let metric, .iteration(1), "s[2].a at 1") = left,
      case .figure(0, [0, 1, 4, 5], _, .last, _) = right,
      case .binary(.multiply, .negate(.number(0.5)), .number(2)) = claim.right,
      case .figure(0, _, _, .eachBest, _) = last.left
    else {
      Issue.record("\(claim) \(last)")
      return
    }
    #expect(metric.name == "a")
  }

  @Test func `a query cell stands in its place among the items`() throws {
    let compilation = compile(
      [
        "main.md": """
        ```recipe
        show 1
        ```

        ```sql best
        select 1
        ```

        ```recipe
        show 2
        ```
        """
      ])
    let kinds = try #require(compilation.plan).items.map { item in
      switch item.kind {
      case .show(let show): show.text
      case .query(let name, let text): "\(name): \(text)"
      default: "?"
      }
    }
    #expect(kinds == ["1", "best: select 1\n", "2"])
  }
}
