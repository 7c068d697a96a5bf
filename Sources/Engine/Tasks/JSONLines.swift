internal import Foundation

/// Questions from a file with one JSON object a line.
package struct JSONLinesSettings: Sendable {
  package var path: String
  /// The field that holds the question.
  package var question = "question"
  /// The field that holds the answer: a text, a number, or a list of them.
  package var answer = "answer"
  package var train: Int
  package var validation: Int
  package var test: Int
  package var grading = Grading(.exact)
  package var prompts = Prompts(question: "{question}=", correction: "?")
  package var seed = 0

  package init(path: String, train: Int, validation: Int, test: Int) {
    self.path = path
    self.train = train
    self.validation = validation
    self.test = test
  }
}

extension Task {
  /// The file's questions in an order that depends on the seed only, then split. Equal questions are one question.
  package static func jsonLines(_ settings: JSONLinesSettings) throws -> Task {
    let file = URL(filePath: settings.path).lastPathComponent
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: settings.path))
    } catch {
      throw OperationError(
        "cannot read \(file)", remedy: "check the path; it is relative to the recipe")
    }
    if data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF]) {
      throw OperationError("\(file) is written in UTF-16", remedy: "write it in UTF-8")
    }
    var questions: [Question] = []
    var places: [String: Int] = [:]
    var line = 0
    for bytes in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      line += 1
      if bytes.allSatisfy({ $0 == 32 || $0 == 13 || $0 == 9 }) { continue }
      let question = try question(Data(bytes), "\(file):\(line)", settings)
      if let known = places[question.text] {
        for answer in question.answers where !questions[known].answers.contains(answer) {
          questions[known].answers.append(answer)
        }
      } else {
        places[question.text] = questions.count
        questions.append(question)
      }
    }
    let asked = settings.train + settings.validation + settings.test
    guard asked <= questions.count else {
      throw OperationError(
        "\(asked) questions are asked for (train \(settings.train), validation \(settings.validation), test \(settings.test)), and \(file) has \(questions.count) different ones",
        remedy: "lower train, validation or test")
    }
    let random = Philox(seed: UInt64(bitPattern: Int64(settings.seed)), stream: "json_lines")
    let shuffled = random.permutation(of: questions.count, 0, 0).map { questions[$0] }
    let train = Array(shuffled[..<settings.train])
    return Task(
      name: "json_lines", train: train,
      validation: Array(shuffled[settings.train..<settings.train + settings.validation]),
      test: Array(shuffled[settings.train + settings.validation..<asked]), pool: train,
      prompts: settings.prompts,
      grading: settings.grading)
  }

  private static func question(_ data: Data, _ place: String, _ settings: JSONLinesSettings) throws
    -> Question
  {
    guard String(validating: data, as: UTF8.self) != nil else {
      throw OperationError("\(place): this line is not in UTF-8", remedy: "write the file in UTF-8")
    }
    guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw OperationError(
        "\(place): this line is not a JSON object",
        remedy: "each line holds one object, {\"question\": …, \"answer\": …}")
    }
    func field(_ name: String) throws -> Any {
      if let value = object[name] { return value }
      throw OperationError(
        "\(place): there is no field \(name.debugDescription)",
        remedy:
          "its fields are \(object.keys.sorted().joined(separator: ", ")); name them with question: and answer:"
      )
    }
    func texts(_ value: Any) -> [String]? {
      switch value {
      case let text as String: return [text]
      // Foundation has true and false as the numbers 1 and 0 of one byte.
      case let number as NSNumber:
        return unsafe number.objCType.pointee == UInt8(ascii: "c") ? nil : [number.stringValue]
      case let list as [Any]:
        let found = list.compactMap { texts($0)?.first }
        return found.count == list.count ? found : nil
      default: return nil
      }
    }
    guard let text = texts(try field(settings.question))?.first, !text.isEmpty else {
      throw OperationError(
        "\(place): \(settings.question.debugDescription) is not a text",
        remedy: "a question is a text that is not empty")
    }
    let found = texts(try field(settings.answer))
    guard found?.contains("") != true else {
      throw OperationError(
        "\(place): \(settings.answer.debugDescription) is an empty text",
        remedy: "give an answer, or leave the line out")
    }
    guard let answers = found, !answers.isEmpty else {
      throw OperationError(
        "\(place): \(settings.answer.debugDescription) is neither a text, nor a number, nor a list of them",
        remedy: "give at least one answer that is not empty")
    }
    return Question(text: text, answers: answers)
  }
}
