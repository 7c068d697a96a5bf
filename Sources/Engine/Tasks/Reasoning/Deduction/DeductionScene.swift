/// One of the settings in which BIG-Bench tells logical deductions, with its words.
struct DeductionScene: Hashable, Sendable {
  /// `On a shelf, there are` … `books`.
  var intro: String
  var kind: String
  var objects: [String]
  /// Objects take an article where they are listed.
  var hasArticle: Bool
  /// `The red book`, or a name.
  var isNamed = false
  /// ` is to the left of `, ` is to the right of `: the first object stands before the second, or after.
  var before: String
  var after: String
  /// What is said of the object at a place counted from the first, or from the last; `{n}` is the ordinal, then a form of its own
  /// for the end itself.
  var fromFirst: String
  var first: String
  var fromLast: String
  var last: String

  static let ordinals = [
    "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
  ]
  static let numbers = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]

  static let all = [
    DeductionScene(
      intro: "On a shelf, there are", kind: "books",
      objects: [
        "red book", "blue book", "green book", "white book", "black book", "gray book", "brown book",
        "orange book",
        "purple book", "yellow book",
      ], hasArticle: true, before: " is to the left of ", after: " is to the right of ",
      fromFirst: " is the {n} from the left", first: " is the leftmost",
      fromLast: " is the {n} from the right",
      last: " is the rightmost"),
    DeductionScene(
      intro: "On a branch, there are", kind: "birds",
      objects: [
        "robin", "owl", "crow", "hawk", "quail", "raven", "falcon", "cardinal", "blue jay", "hummingbird",
      ], hasArticle: true, before: " is to the left of ", after: " is to the right of ",
      fromFirst: " is the {n} from the left", first: " is the leftmost",
      fromLast: " is the {n} from the right",
      last: " is the rightmost"),
    DeductionScene(
      intro: "A fruit stand sells", kind: "fruits",
      objects: [
        "apples", "pears", "plums", "kiwis", "mangoes", "loquats", "oranges", "peaches", "cantaloupes",
        "watermelons",
      ], hasArticle: false, before: " are less expensive than ", after: " are more expensive than ",
      fromFirst: " are the {n}-cheapest", first: " are the cheapest", fromLast: " are the {n}-most expensive",
      last: " are the most expensive"),
    DeductionScene(
      intro: "In an antique car show, there are", kind: "vehicles",
      objects: [
        "bus", "truck", "sedan", "tractor", "minivan", "hatchback", "limousine", "motorcycle", "convertible",
        "station wagon",
      ], hasArticle: true, before: " is older than ", after: " is newer than ",
      fromFirst: " is the {n}-oldest",
      first: " is the oldest", fromLast: " is the {n}-newest", last: " is the newest"),
    DeductionScene(
      intro: "In a golf tournament, there were", kind: "golfers",
      objects: ["Ada", "Amy", "Ana", "Dan", "Eli", "Eve", "Joe", "Mel", "Mya", "Rob"], hasArticle: false,
      isNamed: true,
      before: " finished above ", after: " finished below ", fromFirst: " finished {n}",
      first: " finished first",
      fromLast: " finished {n}-to-last", last: " finished last"),
  ]

  /// What is said of the object at a place, from the nearer end.
  func placed(_ place: Int, of count: Int) -> String {
    let end = count - 1 - place
    if place <= end {
      return place == 0 ? first : fromFirst.components(separatedBy: "{n}", joinedBy: Self.ordinals[place - 1])
    }
    return end == 0 ? last : fromLast.components(separatedBy: "{n}", joinedBy: Self.ordinals[end - 1])
  }

  /// The place that is said of an object, from 0.
  func place(_ said: Substring, of count: Int) -> Int? {
    if said == first { return 0 }
    if said == last { return count - 1 }
    for (index, ordinal) in Self.ordinals.enumerated() where index + 1 < count {
      if said == fromFirst.components(separatedBy: "{n}", joinedBy: ordinal) { return index + 1 }
      if said == fromLast.components(separatedBy: "{n}", joinedBy: ordinal) { return count - 2 - index }
    }
    return nil
  }

  /// The question in BIG-Bench's sentences.
  func text(_ problem: LogicalDeduction) -> String {
    let count = problem.count
    let names = problem.names.count == count ? problem.names : Array(objects.prefix(count))
    let number = Self.numbers[count - 2]
    func article(_ name: String) -> String {
      guard hasArticle, let letter = name.first else { return name }
      return ("aeiou".contains(letter) ? "an " : "a ") + name
    }
    func subject(_ index: Int, isFirst: Bool = true) -> String {
      isNamed ? names[index] : (isFirst ? "The " : "the ") + names[index]
    }
    let list = names.dropLast().map(article).joined(separator: ", ") + (count > 2 ? "," : "") + " and "
    let clues = problem.clues.map { clue in
      switch clue {
      case .before(let a, let b): subject(a) + before + subject(b, isFirst: false) + "."
      case .at(let object, let place): subject(object) + placed(place, of: count) + "."
      }
    }
    let options = names.indices.map {
      "(\(DeductionClue.name($0))) \(subject($0))\(placed(problem.asked, of: count))"
    }
    return
      "The following paragraphs each describe a set of \(number) objects arranged in a fixed order. The statements are logically consistent within each paragraph. \(intro) \(number) \(kind): \(list)\(article(names[count - 1])). \(clues.joined(separator: " "))\nOptions:\n\(options.joined(separator: "\n"))"
  }
}

extension DeductionScene {
  /// Reads a question in BIG-Bench's sentences.
  static func read(_ question: String) throws(ReasoningError) -> LogicalDeduction {
    func refusal(_ what: some StringProtocol, _ remedy: String) -> ReasoningError {
      ReasoningError("\(String(what.prefix(80)).debugDescription) cannot be read", remedy: remedy)
    }
    let parts = question.split(separator: "\nOptions:\n", maxSplits: 1)
    var told = parts.first ?? ""
    guard parts.count == 2, told.take("The following paragraphs each describe a set of "),
      let begin = told.firstRange(of: " within each paragraph. ")
    else { throw refusal(question, "begin with BIG-Bench's sentence about paragraphs, and give options") }
    told = told[begin.upperBound...]
    guard let scene = all.first(where: { told.hasPrefix($0.intro + " ") }), told.take(scene.intro + " "),
      let number = numbers.firstIndex(where: { told.hasPrefix($0 + " ") }),
      told.take(numbers[number] + " \(scene.kind): "),
      let end = told.firstRange(of: ". ")
    else { throw refusal(told, "tell of books, birds, fruits, vehicles or golfers: \(all.map(\.intro))") }
    let count = number + 2
    let listed = String(told[..<end.lowerBound]).components(separatedBy: ", and ", joinedBy: ", ")
      .components(separatedBy: " and ", joinedBy: ", ")
    let names = listed.split(separator: ",").map { part in
      var name = part.trimmingBlanks
      _ = scene.hasArticle && (name.take("an ") || name.take("a "))
      return String(name)
    }
    guard names.count == count else { throw refusal(listed, "list \(count) objects") }
    func object(_ text: Substring) -> Int? {
      var name = text
      _ = name.take("The ") || name.take("the ")
      return names.firstIndex { name == $0 }
    }
    /// Of each object that a sentence may begin with, what follows.
    func split(_ sentence: Substring) -> (object: Int, rest: Substring)? {
      var sentence = sentence
      _ = sentence.take("The ")
      for (index, name) in names.enumerated() where sentence.hasPrefix(name + " ") {
        return (index, sentence.dropFirst(name.count))
      }
      return nil
    }
    var clues: [DeductionClue] = []
    var sentences = told[end.upperBound...].trimmingBlanks
    if sentences.utf8.last == UInt8(ascii: ".") { sentences.removeLast() }
    for sentence in sentences.split(separator: ". ") {
      guard let (subject, said) = split(sentence) else {
        throw refusal(sentence, "begin a clue with an object")
      }
      var rest = said
      if let place = scene.place(said, of: count) {
        clues.append(.at(subject, place: place))
      } else if rest.take(scene.before), let other = object(rest), other != subject {
        clues.append(.before(subject, other))
      } else if rest.take(scene.after), let other = object(rest), other != subject {
        clues.append(.before(other, subject))
      } else {
        throw refusal(sentence, "say\(scene.before)…,\(scene.after)…, or a place")
      }
    }
    var asked: Int?
    for (index, line) in parts[1].trimmingBlanks.split(separator: "\n").enumerated() {
      var option = line
      guard option.take("(\(DeductionClue.name(index))) "), let (subject, said) = split(option),
        subject == index,
        let place = scene.place(said, of: count), asked ?? place == place
      else { throw refusal(line, "let the options follow the list of objects, all with the same place") }
      asked = place
    }
    guard let asked else { throw refusal(question, "give options") }
    return try LogicalDeduction(count: count, clues: clues, asked: asked, scene: scene, names: names)
  }
}
