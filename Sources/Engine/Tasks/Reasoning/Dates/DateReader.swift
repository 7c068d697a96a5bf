/// Reads a context along a pattern.
struct DateReader {
  var rest: Substring
  private var date: CalendarDate?
  private(set) var number: Int?
  private var dayOfYear: (month: Int, day: Int)?
  private var year: Int?

  init(rest: Substring) { self.rest = rest }

  var statedDate: CalendarDate? {
    if let date { return date }
    guard let dayOfYear, let year else { return nil }
    return CalendarDate(dayOfYear.month, dayOfYear.day, year)
  }

  /// Whether all of the text is as the pattern says.
  mutating func read(_ pattern: Substring) -> Bool {
    var pattern = pattern
    while let byte = pattern.utf8.first {
      if byte == UInt8(ascii: "{"), let close = pattern.firstIndex(of: "}") {
        let name = pattern[pattern.index(after: pattern.startIndex)..<close]
        pattern = pattern[pattern.index(after: close)...]
        let literal = String(pattern.prefix { $0 != "{" })
        guard readField(name, until: literal) else { return false }
      } else {
        guard rest.utf8.first == byte else { return false }
        rest.removeFirst()
        pattern.removeFirst()
      }
    }
    return rest.isEmpty
  }

  private mutating func readField(_ name: Substring, until literal: String) -> Bool {
    switch name {
    case "date":
      date = readDate()
      return date != nil
    case "number":
      number = rest.takeNumber()
      return number != nil
    case "ordinal":
      number = readOrdinal()
      return number != nil
    case "year":
      year = rest.takeNumber()
      return year != nil
    case "dayOfYear":
      guard let month = rest.takeNumber(), rest.take("/"), let day = rest.takeNumber() else { return false }
      dayOfYear = (month, day)
      return true
    case "dayFirst":
      guard let day = rest.takeNumber(), rest.take("/"), let month = rest.takeNumber(), rest.take("/"),
        let year = rest.takeNumber()
      else { return false }
      date = CalendarDate(month, day, year)
      return date != nil
    case "monthly":
      guard let day = readOrdinal(), rest.take(" of each month starting from the "), let month = readMonth(),
        rest.take(" of "), let year = rest.takeNumber()
      else { return false }
      date = CalendarDate(month, day, year)
      return date != nil
    default:
      // Anything up to what follows; at the end up to the last of it.
      let places = rest.ranges(of: literal)
      guard let found = literal == "." ? places.last : places.first else { return false }
      rest = rest[found.lowerBound...]
      return true
    }
  }

  /// `4/19/1969`, `Apr 10, 1985`, `May 9th, 2017`, `the last day of Jan 2012`, `Christmas Eve of 1937`.
  private mutating func readDate() -> CalendarDate? {
    if rest.take("Christmas Eve of ") { return rest.takeNumber().flatMap { CalendarDate(12, 24, $0) } }
    if rest.take("the last day of the first quarter of ") {
      return rest.takeNumber().flatMap { CalendarDate(3, 31, $0) }
    }
    if rest.take("the last day of ") {
      guard let month = readMonth() else { return rest.takeNumber().flatMap { CalendarDate(12, 31, $0) } }
      guard rest.take(" in ") || rest.take(" "), let year = rest.takeNumber() else { return nil }
      return CalendarDate(month, CalendarDate.days(in: month, year), year)
    }
    if rest.take("the first day of ") { return rest.takeNumber().flatMap { CalendarDate(1, 1, $0) } }
    if rest.take("the ") {
      guard let day = readOrdinal(), rest.take(" day of the "), let month = readOrdinal(),
        rest.take(" month of "),
        let year = rest.takeNumber()
      else { return nil }
      return CalendarDate(month, day, year)
    }
    if let month = readMonth() {
      guard rest.take(" "), let day = readOrdinal() ?? rest.takeNumber(), rest.take(", "),
        let year = rest.takeNumber()
      else { return nil }
      return CalendarDate(month, day, year)
    }
    guard let month = rest.takeNumber(), rest.take("/"), let day = rest.takeNumber(), rest.take("/"),
      let year = rest.takeNumber()
    else { return nil }
    return CalendarDate(month, day, year)
  }

  /// `Apr`, `April`, `Sept.`, and BIG-Bench's `Feburary`.
  private mutating func readMonth() -> Int? {
    let names = [
      ["January", "Jan"], ["February", "Feburary", "Feb"], ["March", "Mar"], ["April", "Apr"], ["May"],
      ["June", "Jun"],
      ["July", "Jul"], ["August", "Aug"], ["September", "Sept.", "Sept", "Sep"], ["October", "Oct"],
      ["November", "Nov"], ["December", "Dec"],
    ]
    for (index, forms) in names.enumerated() {
      for form in forms where rest.take(form) { return index + 1 }
    }
    return nil
  }

  /// `5th`, `1st`, `second`, `third`.
  private mutating func readOrdinal() -> Int? {
    for (index, word) in ["first", "second", "third", "fourth", "fifth"].enumerated() where rest.take(word) {
      return index + 1
    }
    let before = rest
    guard let number = rest.takeNumber(), ["st", "nd", "rd", "th"].contains(where: { rest.take($0) }) else {
      rest = before
      return nil
    }
    return number
  }
}
