import Foundation
import TestSupport

/// The productions of Grammar.md, as a value that sentences can be made from.
struct Grammar {
  indirect enum Rule {
    case terminal(String)
    case reference(String)
    case sequence([Rule])
    case choice([Rule])
    case optional(Rule)
    case repeated(Rule)
  }
  /// Name and text of each production, in the order of the page.
  let productions: [(name: String, text: String)]
  private let rules: [String: Rule]
  /// For each production the depth of its least deep sentence.
  private var depths: [String: Int] = [:]

  /// Reads every ```ebnf block of a Markdown page.
  init(page: String) {
    var texts: [(name: String, text: String)] = []
    var isInside = false
    for line in page.split(separator: "\n").map({ $0.trimmingCharacters(in: .whitespaces) }) {
      if line.hasPrefix("```") {
        isInside = line == "```ebnf"
      } else if isInside, let (name, text) = Grammar.production(line) {
        texts.append((name, text))
      }
    }
    productions = texts
    rules = Dictionary(
      texts.map { name, text in
        var reader = RuleReader(words: Grammar.words(text))
        return (name, reader.choice())
      }, uniquingKeysWith: { first, _ in first })
    findDepths()
  }

  /// `name = text ;` with single blanks between words.
  static func production(_ line: String) -> (name: String, text: String)? {
    guard line.hasSuffix(";"), let equals = line.range(of: " = ") else { return nil }
    let name = line[..<equals.lowerBound].trimmingCharacters(in: .whitespaces)
    let text = words(String(line[equals.upperBound...].dropLast())).joined(separator: " ")
    return name.contains(" ") ? nil : (name, text)
  }

  private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

  /// A sentence of a production as words; "\n" is a line's end.
  func sentence(of name: String, budget: Int, using random: inout SeededRandom) -> [String] {
    guard let rule = rules[name] else { return [lexical(name, using: &random)] }
    return expand(rule, budget: budget - 1, using: &random)
  }

  /// Words as text. A line that begins with `-` would go on with the line before, so a comma separates there.
  static func text(_ sentence: [String]) -> String {
    var words = sentence
    for index in words.indices.dropLast() where words[index].hasSuffix("\n") && words[index + 1] == "-" {
      words[index] = ","
    }
    return words.joined(separator: " ")
  }

  private func expand(_ rule: Rule, budget: Int, using random: inout SeededRandom) -> [String] {
    switch rule {
    case .terminal(let text): return [text]
    case .reference(let name): return sentence(of: name, budget: budget, using: &random)
    case .sequence(let parts): return parts.flatMap { expand($0, budget: budget, using: &random) }
    case .choice(let parts):
      let least = parts.map(depth).min() ?? 0
      let possible = parts.filter { depth($0) <= max(least, budget) }
      return possible.randomElement(using: &random).map { expand($0, budget: budget, using: &random) } ?? []
    case .optional(let part):
      guard depth(part) <= budget, Int.random(in: 0..<2, using: &random) == 0 else { return [] }
      return expand(part, budget: budget, using: &random)
    case .repeated(let part):
      guard depth(part) <= budget else { return [] }
      return (0..<[0, 0, 0, 1, 1, 2, 3][Int.random(in: 0..<7, using: &random)]).flatMap { _ in
        expand(part, budget: budget, using: &random)
      }
    }
  }

  private func lexical(_ name: String, using random: inout SeededRandom) -> String {
    let choices: [String]
    switch name {
    case "NAME": choices = ["alpha", "b", "model_2", "_q", "Int", "Task", "last", "confidence"]
    case "INTEGER": choices = ["0", "7", "1_000"]
    case "FLOAT": choices = ["0.5", "7e-6", "1_0.2_5", "3E4"]
    case "STRING": choices = ["\"x\"", "\"a // b\"", "\"\\n\\u{e9}é\""]
    case "LINE": choices = ["\n", "\n\n"]
    case "SEPARATOR": choices = [",", "\n", ",\n"]
    default: preconditionFailure("Grammar.md uses \(name) and does not define it")
    }
    return choices.randomElement(using: &random) ?? ""
  }

  private func depth(_ rule: Rule) -> Int {
    switch rule {
    case .terminal, .optional, .repeated: 0
    case .reference(let name): rules[name] == nil ? 0 : 1 + (depths[name] ?? 1000)
    case .sequence(let parts): parts.map(depth).max() ?? 0
    case .choice(let parts): parts.map(depth).min() ?? 0
    }
  }

  private mutating func findDepths() {
    for _ in productions {
      for (name, rule) in rules { depths[name] = depth(rule) }
    }
  }
}

private struct RuleReader {
  let words: [String]
  var position = 0

  init(words: [String]) {
    self.words = words
  }

  private var word: String? { position < words.count ? words[position] : nil }

  mutating func choice() -> Grammar.Rule {
    var parts = [sequence()]
    while word == "|" {
      position += 1
      parts.append(sequence())
    }
    return parts.count == 1 ? parts[0] : .choice(parts)
  }

  private mutating func sequence() -> Grammar.Rule {
    var parts: [Grammar.Rule] = []
    while let word, !["|", ")", "]", "}"].contains(word) {
      position += 1
      switch word {
      case "(": parts.append(bracketed())
      case "[": parts.append(.optional(bracketed()))
      case "{": parts.append(.repeated(bracketed()))
      case _ where word.hasPrefix("\""): parts.append(.terminal(String(word.dropFirst().dropLast())))
      default: parts.append(.reference(word))
      }
    }
    return .sequence(parts)
  }

  private mutating func bracketed() -> Grammar.Rule {
    let inside = choice()
    position += 1
    return inside
  }
}
