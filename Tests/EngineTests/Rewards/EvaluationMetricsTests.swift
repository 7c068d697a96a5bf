import Engine
import Testing

@Suite struct EvaluationMetricsTests {
  @Test func `delta is what is fixed less what is spoilt, exactly (golden check 5)`() throws {
    func row(_ first: Bool, _ last: Bool) -> Row {
      func turn(_ isRight: Bool) -> Turn {
        Turn(
          role: .assistant, text: "", tokens: [], origin: .sampled, finish: .endOfTurn,
          score: Score(answer: isRight ? "1" : "2", isCorrect: isRight, reward: isRight ? 1 : 0))
      }
      return Row(question: 0, samples: [0, 0], turns: [turn(first), turn(last)])
    }
    let source = Questions(
      split: "test", questions: [Question(text: "x", answers: ["1"])], prompts: Prompts(),
      grading: Grading(.exact))
    let rows =
      Array(repeating: row(false, true), count: 5) + Array(repeating: row(true, false), count: 3)
      + Array(repeating: row(true, true), count: 7) + [row(false, false)]
    let metrics = Metrics(of: Rows(rows: rows, source: source))
    func value(_ name: String) throws -> Double {
      let index = try #require(EvaluationMetric.all.firstIndex { $0.name == name })
      return try #require(metrics.values[index])
    }
    #expect(try value("delta") == value("i_to_c") - value("c_to_i"))
    #expect(try value("delta") == value("accuracy_2") - value("accuracy_1"))
    #expect(try value("i_to_c_given_wrong") == 5.0 / 6)
    #expect(try value("c_to_i_given_right") == 3.0 / 10)
    #expect(try value("changed") == 0.5)
  }
}
