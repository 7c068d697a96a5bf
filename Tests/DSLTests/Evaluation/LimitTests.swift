import DSL
import Testing

@Suite struct LimitTests {
  /// Parentheses leave no trace in the tree, so depth comes from operators: `0 + (n + (n + …))`.
  private func deep(_ inner: String, _ levels: Int) -> String {
    String(repeating: "n + (", count: levels) + inner + String(repeating: ")", count: levels)
  }

  @Test(arguments: [true, false])
  func `a long chain of functions is an error, whichever way it is written`(isBackward: Bool) {
    var functions = (1...3000).map { "function f\($0)(n: Int) { return f\($0 - 1)(n) + 1 }" }
    functions.insert("function f0(n: Int) { return n }", at: 0)
    if !isBackward { functions.reverse() }
    let found = compileCell(functions.joined(separator: "\n") + "\nshow f3000(1)").diagnostics.sorted
    #expect(found.map(\.code) == [isBackward ? "E0510" : "E0333"])
  }

  @Test func `a chain of functions with deep expressions does not exhaust the stack`() {
    for levels in [10, 40, 90] {
      var functions = (1...100).map { "function f\($0)(n: Int) { return \(deep("f\($0 - 1)(n)", levels)) }" }
      functions.insert("function f0(n: Int) { return n }", at: 0)
      let calls = "\nshow f100(1)"
      let forward = compileCell(functions.reversed().joined(separator: "\n") + calls)
      let backward = compileCell(functions.joined(separator: "\n") + calls)
      #expect(forward.diagnostics.hasErrors == (levels > 1))
      #expect(backward.diagnostics.errorCount <= 1)
    }
  }

  @Test func `values that double with every line are refused before they fill the memory`() {
    var lines = ["x0 = { a: 1, b: 2 }"]
    for i in 1...200 { lines.append("x\(i) = { a: x\(i - 1), b: x\(i - 1) }") }
    lines.append("show x200")
    #expect(compileCell(lines.joined(separator: "\n")).diagnostics.sorted.map(\.code) == ["E0333"])
    var lists = ["function double(list: [Int]) { return [list, list] }", "y0 = [1, 2]"]
    lists += (1...40).map { "y\($0) = [y\($0 - 1), y\($0 - 1)]" }
    #expect(
      compileCell((lists + ["show y40"]).joined(separator: "\n")).diagnostics.sorted.first?.code == "E0509")
  }

  @Test func `functions that call others twice each end at the limit of work`() {
    var functions = ["function f0(n: Int) { return n }"]
    functions += (1...60).map { "function f\($0)(n: Int) { return f\($0 - 1)(n) + f\($0 - 1)(n + 1) }" }
    var limits = Limits()
    limits.work = 100_000
    let found = compileCell(functions.joined(separator: "\n") + "\nshow f60(0)\nshow f60(1)", limits: limits)
    #expect(found.diagnostics.sorted.map(\.code) == ["E0505"])
  }

  @Test func `too many steps are one error`() {
    var limits = Limits()
    limits.steps = 20
    let found = compileCell(
      """
      algorithm f(n: Int) {
        for i in 1...n { log i { evaluate(pretrain(tiny, on: arithmetic().corpus, steps: i), arithmetic().test) } }
        return n
      }
      study s = f(5)
      study t = f(50)
      study u = f(60)
      """, limits: limits)
    #expect(messages(found) == ["E0506 3:28 this recipe asks for too many steps"])
  }

  @Test func `a value as large as the limit is a value`() {
    var limits = Limits()
    limits.valueSize = 100
    #expect(messages(compileCell("show 1...100", limits: limits)) == [])
    #expect(messages(compileCell("show 1...101", limits: limits)).count == 1)
  }

  @Test func `ranges that no one could write out are never written out`() {
    let algorithm = "algorithm f(n: Int) {\n  log 0 { n: n }\n  return 1...n * 1_000_000_000\n}\n"
    #expect(messages(compileCell(algorithm + "study s = f(5)")).map { $0.prefix(5) } == ["E0509"])
    let axis = "study s = f(length(r)) { vary r in [1...3, 1...1_000_000_000] }"
    #expect(messages(compileCell(algorithm + axis)).map { $0.prefix(5) } == ["E0509"])
  }

  @Test func `values inside values are shown down to the last level that is allowed`() {
    var lines = ["x0 = 1"]
    lines += (1...990).map { "x\($0) = [x\($0 - 1)]" }
    let compilation = compileCell((lines + ["show x990"]).joined(separator: "\n"))
    #expect(messages(compilation) == [])
    #expect(compilation.plan?.items.count == 1)
  }
}
