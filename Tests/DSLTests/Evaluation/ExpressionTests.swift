import DSL
import Testing

@Suite struct ExpressionTests {
  /// What `show` statements show, in order, or what is wrong.
  private func shown(_ recipe: String) -> [String] {
    let compilation = compileCell(recipe, vocabulary: Orchard.vocabulary)
    guard let plan = compilation.plan else { return messages(compilation) }
    return plan.items.compactMap { item in
      if case .show(let show) = item.kind { show.value.description } else { nil }
    }
  }

  @Test func `numbers are computed as a reader expects`() {
    #expect(
      shown(
        """
        show 1 + 2 * 3 - 4
        show 7 / 2
        show 6 / 2
        show -7 % 3
        show 7 % -3
        show -(2 + 3) * 2
        show 1 + 0.5
        show 2 < 3 and not 3 < 2 or false
        show 1 == 1.0
        show "a" != "b"
        show -0.0
        show [1, 2, 3][1] + length(4...9) + length([[1], []][1])
        show max(1, 2.5) - min(4, 3)
        show [round(2.5), round(-2.5), floor(-0.5), floor(3)]
        show float(3)
        show 1...4
        show 4...1
        show { a: 1, b: { c: [0.5, 1] } }
        show { a: 1, b: { c: [0.5, 1] } }.b.c[1]
        """) == [
          "3", "3.5", "3.0", "2", "-2", "-10", "1.5", "true", "true", "true", "0.0", "8", "-0.5",
          "[3, -3, -1, 3]", "3.0", "[1, 2, 3, 4]", "[]", "{ a: 1, b: { c: [0.5, 1.0] } }", "1.0",
        ])
  }

  @Test func `and and or decide from the left, so a guarded division is no error`() {
    #expect(shown("n = 0\nshow n != 0 and 1 / n > 0\nshow n == 0 or 1 / n > 0") == ["false", "true"])
  }

  @Test func `functions, loops, matches and locals`() {
    #expect(
      shown(
        """
        offset = 10
        function sum(numbers: [Float], scale: Float = 2, start: Float = scale * 10) {
          total = start
          for x in numbers { total = total + x * scale }
          return total
        }
        function grade(points: Int in 0...10, style: short | long | none) {
          good = points > 5
          match style {
            short: {
              letter = match good { true: "a", false: "b" }
              return letter
            }
            long | none: { return match good { true: "good", false: "poor" } }
          }
        }
        function mixed(whole: Bool) { match whole { true: { return offset }, false: { return 0.5 } } }
        show sum([1, 2])
        show sum(1...3, start: 0)
        show (5...6).sum(1)
        show [grade(6, short), grade(5, style: long), grade(style: none, 9)]
        show [mixed(true), mixed(false)]
        """) == ["26.0", "12.0", "21.0", "[\"a\", \"poor\", \"good\"]", "[10.0, 0.5]"])
  }

  @Test func `row expressions keep fields and compute everything else`() {
    func condition(_ text: String) -> String? {
      let compilation = compileCell(
        """
        least = 0.25
        mode = 3
        function keep(fruit: Fruit, strict: Bool, level: low | high) { return fruit where \(text) }
        show plant().pick().keep(mode > 2, low).weigh()
        show least
        """, vocabulary: Orchard.vocabulary)
      let step = compilation.plan?.steps.first { $0.operation == "where" }
      return step?.arguments.last?.value.description ?? messages(compilation).joined(separator: "\n")
    }
    #expect(condition("weight > 2 * least") == "(weight > 0.5)")
    #expect(
      condition("weight > neighbour.weight or ripe and spots + 1 < mode")
        == "((weight > neighbour.weight) or (ripe and ((spots + 1.0) < 3.0)))")
    #expect(condition("strict and ripe") == "ripe")
    #expect(condition("not strict and ripe") == "false")
    #expect(condition("ripe or strict") == "true")
    #expect(condition("ripe or not strict") == "ripe")
    #expect(condition("not (ripe and not strict)") == "true")
    #expect(condition("not ripe == true") == "(not (ripe == true))")
    #expect(condition("match level { low: weight > 1, high: spots < least }") == "(weight > 1.0)")
    #expect(
      condition("sort == \"red\" and -weight < 0 * weight")
        == "((sort == \"red\") and ((-weight) < (0.0 * weight)))")
    #expect(condition("true") == "true")
    #expect(condition("least > 1") == "false")
  }

  @Test func `a threshold that the chosen filter does not read leaves no trace`() throws {
    let plan = try #require(
      compileCell(
        """
        algorithm f(fruit: Fruit, filter: any | heavy, threshold: Float) {
          kept = match filter { any: fruit where ripe, heavy: fruit where ripe and weight > threshold }
          log 0 { weight: weigh(kept, by: [weight * threshold]), }
          return kept
        }
        algorithm g(fruit: Fruit, filter: any | heavy, threshold: Float) {
          log 0 { weight: weigh(match filter { any: fruit where ripe, heavy: fruit where weight > threshold }) }
          return fruit
        }
        study s = f(plant().pick()) { vary filter in [any, heavy], vary threshold in [1, 2, 3] }
        study t = g(plant().pick()) { vary filter in [any, heavy], vary threshold in [1, 2, 3] }
        """, vocabulary: Orchard.vocabulary
      ).plan)
    #expect(Set(plan.studies[0].trials.map(\.logs)).count == 6)
    #expect(Set(plan.studies[1].trials.map(\.logs)).count == 4)
  }
}
