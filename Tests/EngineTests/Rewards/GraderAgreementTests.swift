import Engine
import Foundation
import Testing

/// Verdicts of other graders, from Oracles/make_grader_fixtures.py.
@Suite struct GraderAgreementTests {
  private struct Pair: Hashable {
    var kind: String
    var text: String
    var candidate: String
    var gold: String
    /// The verdict of math-verify.
    var reference: Bool

    var isRight: Bool { Grader.math.score(text, gold: [gold]).isCorrect }
    var isRightByValue: Bool {
      MathEquivalence(wantsSimplified: false).areEqual(
        MathAnswer.extracted(from: text), MathAnswer.gold(gold))
    }
  }

  private static func rows(_ name: String) throws -> [[String]] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Oracles/Fixtures/\(name).tsv")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private static func pairs() throws -> [Pair] {
    let wrappers: [(String) -> String] = [
      { "So we find that \\boxed{\($0)}." },
      { "Final Answer: The final answer is $\($0)$. I hope it is correct." },
      { "Adding up, the answer is $\($0)$." },
    ]
    return try rows("grader-pairs").enumerated().map { line, row in
      try #require(row.count == 4)
      return Pair(
        kind: row[0], text: wrappers[line % 3](row[1]), candidate: row[1], gold: row[2],
        reference: row[3] == "1")
    }
  }

  @Test func `in_acc, exact match and F1 are the reference's on random texts`() throws {
    let rows = try Self.rows("grader-texts")
    #expect(rows.count == 600)
    for row in rows {
      try #require(row.count == 5)
      let context = Comment(rawValue: "text [\(row[0])], gold [\(row[1])]")
      #expect(Grader.contains.score(row[0], gold: [row[1]]).isCorrect == (row[2] == "1"), context)
      #expect(Grader.em.score(row[0], gold: [row[1]]).isCorrect == (row[3] == "1"), context)
      let f1 = try #require(Float(row[4]))
      #expect(abs(Grader.f1.score(row[0], gold: [row[1]]).reward - f1) < 1e-5, context)
    }
  }

  @Test func `formulas are equal where sympy made one of the other, and only there`() throws {
    let rows = try Self.rows("grader-formulas")
    #expect(rows.count == 400)
    for row in rows {
      try #require(row.count == 3)
      let context = Comment(rawValue: "\(row[0]) | \(row[1])")
      #expect(MathEquivalence(wantsSimplified: false).areEqual(row[0], row[1]) == (row[2] == "1"), context)
    }
  }

  /// The file lists each pair on which the verdicts differ, below the reason and who is right. A pair that is listed and does not differ
  /// is an error too, so the list says exactly what it claims to say. The figures are those of Engine.docc/Graders.md.
  @Test func `math_acc gives the reference's verdict on every pair that is not listed as a disagreement`()
    throws
  {
    let pairs = try Self.pairs()
    let listed = Set(try Self.rows("grader-disagreements").filter { $0.count == 3 })
    var found: Set<[String]> = []
    var agreeing = 0
    var agreeingByValue = 0
    for pair in pairs {
      let isRight = pair.isRight
      // The rules on simplified answers only ever refuse.
      let isRightByValue = isRight || pair.isRightByValue
      if isRight == pair.reference {
        agreeing += 1
      } else {
        found.insert([pair.kind, pair.candidate, pair.gold])
      }
      if isRightByValue == pair.reference { agreeingByValue += 1 }
    }
    #expect(pairs.count == 3316)
    #expect(agreeing == 3224)
    #expect(agreeingByValue == 3250)
    for row in found.subtracting(listed).sorted(by: { $0.joined() < $1.joined() }) {
      Issue.record("unlisted disagreement: \(row.joined(separator: " | "))")
    }
    for row in listed.subtracting(found).sorted(by: { $0.joined() < $1.joined() }) {
      Issue.record("listed, yet the graders agree: \(row.joined(separator: " | "))")
    }
  }
}
