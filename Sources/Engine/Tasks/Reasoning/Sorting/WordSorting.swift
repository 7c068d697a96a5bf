/// BIG-Bench's word sorting: `Sort the following words alphabetically: List: yew dulse aster`.
///
/// Steps, in compact notation: `@1 yew y25,dulse d4,aster a1` looks up the first letters and their places in the alphabet;
/// `aster<dulse<yew` sorts by them, words with the same letter together in brackets: `[bat?bee]<yew`. A bracket is then
/// looked up by the next letter, `@2 bat a1,bee e5` (`-0` where a word has ended), and the line is written again with
/// it sorted, until there is none; then the answer. Brackets are taken in any order, and words in a bracket or a
/// look-up stand in any order.
///
/// The paper numbers the steps inside a bracket 4.2.1; here all are numbered through.
package struct WordSorting: ReasoningProblem {
  /// Different from each other, of the letters a–z.
  package let words: [String]
  let sorted: [String]

  /// The problem of these words.
  package init(words: [String]) throws(ReasoningError) {
    for word in words where word.isEmpty || !word.utf8.allSatisfy({ (97...122).contains($0) }) {
      throw ReasoningError(
        "\(word.debugDescription) is no word of the letters a to z",
        remedy: "use words in lower case without signs")
    }
    guard words.count >= 2, words.count <= 100, Set(words).count == words.count else {
      throw ReasoningError(
        "\(words.count) words, \(Set(words).count) of them different", remedy: "give 2 to 100 different words"
      )
    }
    self.words = words
    sorted = words.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  package init(question: String) throws(ReasoningError) {
    var list = question[...].trimmingBlanks
    if list.take("Sort the following words alphabetically: List:") {
      list = list.trimmingBlanks
    } else if !list.take("sort ") {
      throw ReasoningError(
        "\(String(question.prefix(60)).debugDescription) is not a question of word sorting",
        remedy: "Sort the following words alphabetically: List: yew dulse aster")
    }
    try self.init(words: list.utf8.split(separator: 32).map { String(Substring($0)) })
  }

  package func question(_ style: ReasoningStyle) -> String {
    (style == .compact ? "sort " : "Sort the following words alphabetically: List: ")
      + words.joined(separator: " ")
  }
  package var identity: String { sorted.joined(separator: " ") }
  package var cell: String { "words\(words.count)" }
  package var answer: String { sorted.joined(separator: " ") }

  package func isRight(_ answer: Substring) -> Bool { Self.list(answer) == sorted }

  /// The words between blanks and commas.
  static func list(_ answer: Substring) -> [String] {
    answer.utf8.split(whereSeparator: { $0 == 32 || $0 == 44 || (9...13).contains($0) }).map {
      String(Substring($0))
    }
  }

  /// The letter at a position counted from 0, and its place in the alphabet; `-0` after the word's end.
  static func letter(_ word: String, _ position: Int) -> String {
    guard let byte = word.utf8.dropFirst(position).first else { return "-0" }
    return "\(UnicodeScalar(byte))\(Int(byte) - 96)"
  }

  static func rank(_ word: String, _ position: Int) -> Int { Int(word.utf8.dropFirst(position).first ?? 0) }
}

extension WordSorting {
  /// Draws made-up words, consonants and vowels in turn.
  ///
  /// - Parameters:
  ///   - count: how many words.
  ///   - lengths: how many letters they have.
  ///   - initials: how many different first letters there are at most: the fewer, the more comparisons.
  package static func random(
    count: Int, lengths: ClosedRange<Int> = 3...6, initials: Int = 26, _ draws: inout Draws
  ) -> WordSorting? {
    let consonants = Array("bcdfghjklmnpqrstvwxyz")
    let vowels = Array("aeiou")
    let letters = draws.shuffled(consonants + vowels).prefix(max(initials, 1))
    var words: [String] = []
    for _ in 0..<count * 50 where words.count < count {
      guard let first = draws.choice(letters) else { return nil }
      var word = [first]
      for _ in 1..<max(draws.integer(in: lengths), 1) {
        let isVowelNext = vowels.contains(word[word.count - 1]) ? draws.chance(100) : draws.chance(900)
        word.append(draws.choice(isVowelNext ? vowels : consonants) ?? first)
      }
      if !words.contains(String(word)) { words.append(String(word)) }
    }
    return words.count == count ? try? WordSorting(words: words) : nil
  }
}
