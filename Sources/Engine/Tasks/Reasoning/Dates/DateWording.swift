/// The sentences that questions about dates are made of, for reading and for writing.
enum DateWording {
  /// A shift whose count may be the number in the sentence.
  enum Distance: Sendable {
    case fixed(DateShift)
    case number(DateShift.Unit, sign: Int, plus: Int)

    func shift(_ number: Int?) -> DateShift? {
      switch self {
      case .fixed(let shift): shift
      case .number(let unit, let sign, let plus):
        number.map { DateShift(count: sign * $0 + plus, unit: unit) }
      }
    }
  }
  /// `{date}` and `{number}` are read; `{any}` is passed over.
  struct Pattern: Sendable {
    var text: String
    var distances: [Distance]
    /// Also used to write questions.
    var isWritten = false
  }

  static let patterns: [Pattern] = [
    Pattern(text: "Today is {date}.", distances: [], isWritten: true),
    Pattern(text: "It is {date} today.", distances: [], isWritten: true),
    Pattern(text: "Today, {date}, is a day that we will never forget.", distances: [], isWritten: true),
    Pattern(text: "Today is {date}. Jane's appointment will be {number} days later.", distances: []),
    Pattern(text: "This is {date}.", distances: []),
    Pattern(text: "Jane is celebrating {date}.", distances: []),
    Pattern(text: "The current local time is {any} of {date}.", distances: []),
    Pattern(text: "Today is {dayOfYear}. Jane is watching NFL {year}.", distances: []),
    Pattern(
      text: "Today is {dayOfYear}, and it is Jane's second time in the year {year} to see a meteor shower.",
      distances: []),
    Pattern(
      text: "Jane thinks today is {date}, but John thinks today is {any}. Jane is correct.", distances: []),
    Pattern(
      text: "Jane thinks today is {any}, but John thinks today is {date}. John is correct.", distances: []),
    Pattern(
      text:
        "In the UK, people usually put the day before the month when formatting the date. Therefore, today is {dayFirst} to them.",
      distances: []),
    Pattern(text: "Yesterday was {date}.", distances: [.fixed(.days(1))], isWritten: true),
    Pattern(text: "Yesterday was {date}. Today could not be {any}.", distances: [.fixed(.days(1))]),
    Pattern(text: "Yesterday, {date}, Jane ate {any}.", distances: [.fixed(.days(1))]),
    Pattern(text: "The day before yesterday was {date}.", distances: [.fixed(.days(2))], isWritten: true),
    Pattern(text: "Tomorrow is {date}.", distances: [.fixed(.days(-1))], isWritten: true),
    Pattern(
      text: "Jane booked a flight for tomorrow, {date}.", distances: [.fixed(.days(-1))], isWritten: true),
    Pattern(text: "Jane scheduled {any} for tomorrow ({weekday}, {date}).", distances: [.fixed(.days(-1))]),
    Pattern(
      text: "Today's meeting is rescheduled to 11 am tomorrow, {date}.", distances: [.fixed(.days(-1))]),
    Pattern(text: "It was {date} a week ago.", distances: [.fixed(.days(7))], isWritten: true),
    Pattern(
      text: "The concert was scheduled to be on {date}, but was delayed by one day to today.",
      distances: [.fixed(.days(1))]),
    Pattern(
      text: "{date} is like yesterday to Jane, but that is actually ten years ago.",
      distances: [.fixed(.years(10))],
      isWritten: true),
    Pattern(
      text: "Jane and John married on {date}. Today is their golden wedding anniversary.",
      distances: [.fixed(.years(50))]),
    Pattern(
      text: "Jane was born on {date}. Today is her {number}-year-old birthday.",
      distances: [.number(.years, sign: 1, plus: 0)], isWritten: true),
    Pattern(
      text: "The deadline is {date}, which is {number} days away from now.",
      distances: [.number(.days, sign: -1, plus: 0)], isWritten: true),
    Pattern(
      text: "Jane quited her job on {date}. {number} days have passed since then.",
      distances: [.number(.days, sign: 1, plus: 0)]),
    Pattern(
      text: "Jane quit her job on {date}. {number} days have passed since then.",
      distances: [.number(.days, sign: 1, plus: 0)], isWritten: true),
    Pattern(
      text: "On {date} Jane bought {number} eggs. She ate one per day. Today she ran out of eggs.",
      distances: [.number(.days, sign: 1, plus: 0)], isWritten: true),
    Pattern(
      text: "Jane thought today is {date}, but today is in fact {any}, which is {number} day later.",
      distances: [.number(.days, sign: 1, plus: 0)]),
    Pattern(
      text:
        "Jane visits the bookstore on the {monthly}. It is her {ordinal} visit to the bookstore today.",
      distances: [.number(.months, sign: 1, plus: -1)]),
    // Two distances: none of BIG-Bench Hard's has them.
    Pattern(
      text: "The concert was scheduled to be on {date}, but was delayed by {number} days to yesterday.",
      distances: [.number(.days, sign: 1, plus: 0), .fixed(.days(1))], isWritten: true),
    Pattern(
      text: "The rent was due on {date}, was put off by {number} days, and has to be paid tomorrow.",
      distances: [.number(.days, sign: 1, plus: 0), .fixed(.days(-1))], isWritten: true),
    Pattern(
      text: "Jane was born on {date}. Yesterday was her {number}-year-old birthday.",
      distances: [.number(.years, sign: 1, plus: 0), .fixed(.days(1))], isWritten: true),
  ]

  static let questions: [(text: String, shift: DateShift?)] = [
    ("today", nil), ("tomorrow", .days(1)), ("yesterday", .days(-1)), ("one week from today", .days(7)),
    ("one week ago from today", .days(-7)), ("10 days ago", .days(-10)), ("a month ago", .months(-1)),
    ("one year ago from today", .years(-1)), ("24 hours later", .days(1)),
  ]

  static func asking(_ what: String) -> String { " What is the date \(what) in MM/DD/YYYY?" }

  /// The words for a distance asked; any other than the usual is `+5d from today`.
  static func asked(_ shift: DateShift?) -> String {
    questions.first { $0.shift == shift }?.text ?? "\(shift?.text ?? "") from today"
  }

  static func askedShift(_ text: Substring) -> (shift: DateShift?, ())? {
    if let known = questions.first(where: { text == $0.text }) { return (known.shift, ()) }
    guard let end = text.ranges(of: " from today").last, end.upperBound == text.endIndex,
      let shift = DateShift(text[..<end.lowerBound])
    else { return nil }
    return (shift, ())
  }

  /// A sentence that says this; the first that fits, or plain distances.
  static func text(_ stated: CalendarDate, _ toToday: [DateShift]) -> String {
    for pattern in patterns where pattern.isWritten {
      if let text = pattern.written(stated, toToday) { return text }
    }
    return "Today is \(stated.text)\(toToday.map { " " + $0.text }.joined())."
  }

  /// What a context says; `nil` if no pattern reads it.
  static func read(_ context: Substring) -> (stated: CalendarDate, toToday: [DateShift])? {
    for pattern in patterns {
      var reader = DateReader(rest: context)
      guard reader.read(pattern.text[...]), let date = reader.statedDate else { continue }
      let shifts = pattern.distances.compactMap { $0.shift(reader.number) }
      if shifts.count == pattern.distances.count { return (date, shifts) }
    }
    var plain = context
    guard plain.take("Today is "), plain.utf8.last == UInt8(ascii: ".") else { return nil }
    let words = plain.dropLast().utf8.split(separator: 32).map { Substring($0) }
    guard let date = words.first.flatMap({ CalendarDate($0) }) else { return nil }
    let shifts = words.dropFirst().compactMap { DateShift($0) }
    return shifts.count == words.count - 1 ? (date, shifts) : nil
  }
}

extension DateWording.Pattern {
  /// The sentence with date and number, if its distances are these.
  func written(_ stated: CalendarDate, _ toToday: [DateShift]) -> String? {
    guard distances.count == toToday.count else { return nil }
    var number: Int?
    for (distance, shift) in zip(distances, toToday) {
      switch distance {
      case .fixed(let fixed): guard fixed == shift else { return nil }
      case .number(let unit, let sign, let plus):
        guard unit == shift.unit, case let count = sign * (shift.count - plus), count >= 2 else { return nil }
        number = count
      }
    }
    return text.components(separatedBy: "{date}", joinedBy: stated.text)
      .components(separatedBy: "{number}", joinedBy: number.map(String.init) ?? "")
  }
}
