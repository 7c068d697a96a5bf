import DSL
import Foundation
import TestSupport
import Testing

@Suite struct FormatterTests {
  @Test func `a recipe is written in the one way, and its prose is not touched`() {
    let formatted = format(
      """
      # Title   
      ```recipe
      import   "a.md"
      x=1+2*-3
      y   = f( a,b :2 , [1,2 ,] )// why


      /// A study.
      study s = f(x){ vary a in [1,2]
        seeds 1 ... 3 }
      function g(a : Int in 1 ... 3=2) { b=match a{ 1 :x }
        return b }
      ```
      Prose   stays.
      """)
    // `1` is no case, so the document is left alone.
    #expect(formatted.contains("x=1+2*-3"))
    #expect(
      format(
        """
        # Title   
        ```recipe
        import   "a.md"
        x=1+2*-3
        y   = f( a,b :2 , [1,2 ,] )// why


        /// A study.
        study s = f(x){ vary a in [1,2]
          seeds 1 ... 3 }
        function g(a : x|y , n:Int in 1 ... 3=2,) { b=match a{ x :1,y:2 }
          return b }
        plot s {x iteration,y m,n}
        ```
        Prose   stays.
        """) == """
          # Title   
          ```recipe
          import "a.md"
          x = 1 + 2 * -3
          y = f(a, b: 2, [1, 2])  // why

          /// A study.
          study s = f(x) { vary a in [1, 2], seeds 1...3 }
          function g(a: x | y, n: Int in 1...3 = 2) {
            b = match a { x: 1, y: 2 }
            return b
          }
          plot s { x iteration, y m, n }
          ```
          Prose   stays.
          """)
  }

  @Test func `what is too long is broken at its brackets, and what was broken stays so`() {
    let long = "alpha: 1, beta: [1, 2, 3], gamma: \"\(String(repeating: "x", count: 60))\", delta: 4"
    let formatted = format("```recipe\nx = model.fine_tune(rows, \(long))\ny = [\n1, 2]\n```\n")
    #expect(
      formatted == """
        ```recipe
        x = model.fine_tune(
          rows,
          alpha: 1,
          beta: [1, 2, 3],
          gamma: "\(String(repeating: "x", count: 60))",
          delta: 4,
        )
        y = [
          1,
          2,
        ]
        ```

        """)
    for line in formatted.split(separator: "\n") { #expect(line.count <= RecipeFormatter.width) }
  }

  @Test func `a claim that is too long is broken at what binds least`() {
    let figure = "variants[evolving, improving, \"\(String(repeating: "x", count: 30))\"].accuracy_2"
    let formatted = format("```recipe\nexpect \(figure) > \(figure) and a or b\nx = 1\n```\n")
    #expect(
      formatted
        == "```recipe\nexpect \(figure)\n  > \(figure)\n  and a\n  or b\nx = 1\n```\n")
    #expect(format(formatted) == formatted)
  }

  @Test func `comments stay where they belong`() {
    #expect(
      format(
        """
        ```recipe
        // first

        // second
        a = [ // open
            1, // one
            // before two
            2 // two
            // last
        ]
        b = c
              // why not
              or d // tail
        e = (f // inner
          ,)
        function g(
        /// Documented.
        h:Int) { // body

          // only a comment

        }
        // end
        ```
        """) == """
          ```recipe
          // first

          // second
          a = [  // open
            1,  // one
            // before two
            2,  // two
            // last
          ]
          b = c
            // why not
            or d  // tail
          e = (
            f,  // inner
          )
          function g(
            /// Documented.
            h: Int,
          ) {  // body
            // only a comment
          }
          // end
          ```
          """)
  }

  @Test func `a list of columns without brackets goes on in the next line`() {
    let names = (1...20).map { "validation.metric_\($0)" }
    let formatted = format("```recipe\ntable s { columns \(names.joined(separator: ", ")) }\n```\n")
    let lines = formatted.split(separator: "\n")
    #expect(lines.count > 6 && lines.allSatisfy { $0.count <= RecipeFormatter.width })
    #expect(formatted.contains("  columns validation.metric_1, validation.metric_2"))
    #expect(format(formatted) == formatted)
  }

  @Test func `line endings, indentation and a byte order mark stay`() {
    #expect(
      format("\u{FEFF}  ```recipe\r\na=1\r\n\r\n\r\nb=2\r\n  ```\r\n")
        == "\u{FEFF}  ```recipe\r\n  a = 1\r\n\r\n  b = 2\r\n  ```\r\n")
    #expect(format("```recipe\n```\n") == "```recipe\n```\n")
    #expect(format("```recipe\n\n\n```\n") == "```recipe\n```\n")
  }

  @Test func `a document with an error is left alone, and the error told`() {
    let text = "```recipe\na=1\n```\n\n```recipe\nb = (\n```\n"
    let result = RecipeFormatter(formatting: SourceFile(path: "x.md", bytes: Array(text.utf8)))
    #expect(result.bytes == Array(text.utf8))
    #expect(result.diagnostics.sorted.map(\.code) == ["E0206"])
  }

  @Test func `formatting the shipped recipes changes no meaning and formatting again changes nothing`() throws
  {
    let folder = GrammarTests.root.appending(path: "recipes")
    let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var count = 0
    for case let file as URL in files where file.pathExtension == "md" {
      check(try String(contentsOf: file, encoding: .utf8))
      count += 1
    }
    #expect(count >= 2)
  }

  @Test func `random sentences with comments keep their tree and their comments, and settle at once`() throws
  {
    let grammar = try GrammarTests.grammar()
    var random = SeededRandom(seed: 7)
    var checked = 0
    for round in 0..<600 {
      let sentence = grammar.sentence(of: "recipe", budget: 20, using: &random)
      var text = ""
      for (index, word) in sentence.enumerated() {
        text += word
        switch Int.random(in: 0..<40, using: &random) {
        case 0: text += " // comment \(index)\n"
        case 1: text += "\n  /// documentation \(index)\n"
        case 2: text += "\n\n// alone \(index)  \n\n"
        case 3, 4: text += "\n"
        default: text += " "
        }
      }
      if check("```recipe\n\(text)\n```\n") { checked += 1 }
      if round == 599 { #expect(checked > 150, "only \(checked) sentences survived their comments") }
    }
  }

  /// Formats a document that has no errors and compares tree, comments and a second formatting; false if it has errors.
  @discardableResult
  private func check(_ text: String) -> Bool {
    let before = ParsedRecipe.parse(text)
    let isRead = before.diagnostics.sorted.allSatisfy { $0.code == "E0105" || $0.severity == .warning }
    guard isRead else { return false }
    let formatted = format(text)
    let after = ParsedRecipe.parse(formatted)
    #expect(SyntaxDump.text(before) == SyntaxDump.text(after), "\(text)\n became\n\(formatted)")
    #expect(comments(text) == comments(formatted), "\(text)\n became\n\(formatted)")
    let again = format(formatted)
    #expect(again == formatted, "\(formatted)\n became\n\(again)")
    return true
  }

  /// The comments of a document's recipe cells, sorted.
  private func comments(_ text: String) -> [String] {
    let document = ParsedRecipe.parse(text).sources[0]
    return document.cells.flatMap { cell in
      document.text(cell.content).split(whereSeparator: \.isNewline).compactMap { line -> String? in
        let withoutStrings = line.replacing(/"([^"\\]|\\.)*"/, with: "")
        guard let start = withoutStrings.range(of: "//") else { return nil }
        return withoutStrings[start.lowerBound...].trimmingCharacters(in: .whitespaces)
      }
    }.sorted()
  }

  private func format(_ text: String) -> String {
    let result = RecipeFormatter(formatting: SourceFile(path: "x.md", bytes: Array(text.utf8)))
    return String(decoding: result.bytes, as: UTF8.self)
  }
}
