/// Numbers written in English words, as far as answers have them.
enum NumberWords {
  private static let small: [String: Int] = [
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70,
    "eighty": 80, "ninety": 90,
  ]

  /// The powers of ten that stand behind a number: `2.5 million`.
  static let magnitudes: [String: Int] = [
    "hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12,
  ]

  /// The number that words make, hyphens aside, such as `two hundred and five`; `nil` if they are not all of a number below a quadrillion.
  static func value(of words: [String]) -> Int? {
    guard !words.isEmpty, words.count <= 24 else { return nil }
    var total = 0
    var group = 0
    var last: String?
    for word in words {
      if let value = small[word] {
        // `twenty one` is 21; `one twenty` and `one two` are no numbers.
        if let last, small[last] != nil, value >= 10 || value == 0 || (small[last] ?? 0) < 20 { return nil }
        group += value
      } else if word == "hundred" {
        guard (1...9).contains(group) else { return nil }
        group *= 100
      } else if let power = magnitudes[word] {
        guard (1...999).contains(group) else { return nil }
        total += group * (0..<power).reduce(1) { product, _ in product * 10 }
        group = 0
      } else if word != "and" || last == nil {
        return nil
      }
      last = word
    }
    return last == "and" ? nil : total + group
  }

  /// A number in digits times a power of ten.
  static func scaled(_ digits: String, by power: Int) -> String {
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    let decimals = parts.count > 1 ? String(parts[1]) : ""
    let shifted = decimals + String(repeating: "0", count: max(0, power - decimals.count))
    return NumericAnswer(
      whole: String(parts.first ?? "") + String(shifted.prefix(power)),
      decimals: String(shifted.dropFirst(power)),
      isNegative: false
    ).digits ?? digits
  }
}
