package import Foundation

/// Documents with mistakes, and beside each mistake what must be said about it.
///
/// A corpus file is Markdown, cut into cases by lines `---`. A line that ends with `### "regex"` must give one finding on
/// that line whose text matches the regular expression; with `### "a" "b"` two. A finding on another line fails the
/// case, and so does a missing one: a case without `###` must be without findings. A case that holds no fence is
/// the inside of one `recipe` cell. The marks are taken out before the document is checked.
package enum ErrorCorpus {
  /// What a checker said about a line (from 1) of a document.
  package struct Finding: Hashable, Sendable {
    package var line: Int
    package var text: String

    package init(line: Int, text: String) {
      self.line = line
      self.text = text
    }
  }

  /// One document of a corpus.
  package struct Case: Sendable, CustomStringConvertible {
    /// File name and line of the case's first line.
    package var description: String
    package var document: String
    /// Patterns by line of the document.
    var expected: [Int: [String]]

    /// How many findings the case expects.
    package var expectedCount: Int { expected.values.reduce(0) { $0 + $1.count } }

    /// What is wrong with the findings, in words; empty when they are as expected.
    package func mismatches(_ findings: [Finding]) -> [String] {
      var missing = expected
      var result: [String] = []
      for finding in findings {
        let patterns = missing[finding.line] ?? []
        if let index = patterns.firstIndex(where: { matches(finding.text, $0) }) {
          missing[finding.line]?.remove(at: index)
        } else {
          result.append("\(description): unexpected at line \(finding.line): \(finding.text)")
        }
      }
      for line in missing.keys.sorted() {
        for pattern in missing[line] ?? [] {
          result.append("\(description): missing at line \(line): \(pattern)")
        }
      }
      return result
    }

    private func matches(_ text: String, _ pattern: String) -> Bool {
      guard let regex = try? Regex(pattern) else { return false }
      return text.firstMatch(of: regex) != nil
    }
  }

  /// The cases of every Markdown file in a folder, in the order of the files' names.
  package static func cases(inFolder folder: URL) throws -> [Case] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "md" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
      .flatMap { cases(try String(contentsOf: $0, encoding: .utf8), file: $0.lastPathComponent) }
  }

  /// The cases of one file's text.
  package static func cases(_ text: String, file: String) -> [Case] {
    var result: [Case] = []
    var lines: [String] = []
    var first = 1
    let all = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for (index, line) in (all + ["---"]).enumerated() {
      if line != "---" {
        lines.append(line)
        continue
      }
      if lines.contains(where: { !$0.isEmpty }) { result.append(makeCase(lines, "\(file):\(first)")) }
      lines = []
      first = index + 2
    }
    return result
  }

  private static func makeCase(_ lines: [String], _ description: String) -> Case {
    let hasFence = lines.contains { $0.contains("```") || $0.contains("~~~") }
    var expected: [Int: [String]] = [:]
    var document = hasFence ? [] : ["```recipe"]
    for line in lines {
      let parts = line.split(separator: "###", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        document.append(line)
        continue
      }
      document.append(String(parts[0].reversed().drop { $0 == " " }.reversed()))
      let patterns = parts[1].matches(of: /"([^"]*)"/).map { String($0.output.1) }
      expected[document.count] = patterns
    }
    if !hasFence { document.append("```") }
    return Case(
      description: description, document: document.joined(separator: "\n") + "\n", expected: expected)
  }
}
