import Engine
import Foundation
import Testing

/// The files beside the repository; absent in a clone of it alone.
private let folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
  .appending(path: "../../../../../shared/data/bbh").standardizedFileURL

/// Work trees lie one folder deeper than the main one.
private let candidates = [
  folder, folder.appending(path: "../../../../shared/data/bbh").standardizedFileURL,
]
private let present = candidates.first {
  FileManager.default.fileExists(atPath: $0.appending(path: "word_sorting.json").path)
}

@Suite(
  .enabled(if: present != nil, "the BIG-Bench Hard files are not beside the repository (../shared/data/bbh)"))
struct BigBenchHardTests {
  struct Item: Decodable {
    var input: String
    var target: String
  }
  struct File: Decodable {
    var examples: [Item]
  }

  /// A week after 01/31/2012 is an option, 02/07/2012, and not the file's answer.
  static let wrongInFile =
    "Jane is celebrating the last day of Jan 2012. What is the date one week from today in MM/DD/YYYY?"

  static func items(_ name: String) throws -> [Item] {
    let data = try Data(contentsOf: try #require(present).appending(path: name + ".json"))
    return try JSONDecoder().decode(File.self, from: data).examples
  }

  @Test(arguments: [
    (ReasoningTask.multistepArithmetic, "multistep_arithmetic_two", 250),
    (.wordSorting, "word_sorting", 235),
    (.logicalDeduction, "logical_deduction_three_objects", 250),
    (.logicalDeduction, "logical_deduction_five_objects", 250),
    (.logicalDeduction, "logical_deduction_seven_objects", 250),
    (.dateUnderstanding, "date_understanding", 216),
  ])
  func `solver and grader agree with the file on all items that are read`(
    task: ReasoningTask, file: String, expected: Int
  ) throws {
    var read = 0
    for item in try Self.items(file) {
      let problem: any ReasoningProblem
      do { problem = try task.problem(item.input) } catch {
        // ReasoningTasks.md lists why.
        continue
      }
      read += 1
      if item.input.hasPrefix(Self.wrongInFile) {
        // The file says 02/06/2012; the six other questions about this day agree that it is 01/31/2012.
        #expect(problem.answer == "(F)" && item.target == "(D)")
        continue
      }
      #expect(problem.answer == item.target, "\(item.input)")
      #expect(problem.isRight(item.target[...]), "\(item.input)")
      if task == .multistepArithmetic || task == .dateUnderstanding {
        #expect(problem.question(.sentences) == item.input)
      }
      for style in ReasoningStyle.allCases {
        let rationale = problem.rationale(style)
        #expect(problem.feedback(on: rationale, style).verdict == .correct, "\(rationale)")
        #expect(problem.isAnswerRight(in: rationale, style))
      }
    }
    #expect(read == expected)
  }
}
