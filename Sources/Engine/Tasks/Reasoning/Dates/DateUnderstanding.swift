/// BIG-Bench's date understanding: `Yesterday was 12/31/1929. What is the date one year ago from today in MM/DD/YYYY?` with options, or without.
///
/// Steps, in compact notation: `12/31/1929` is the date that the question gives; `12/31/1929+1d=01/01/1930` leads towards today,
/// then from today to what is asked (`d` days, `m` months, `y` years; days in a row may be added up); then the answer: an option's letter, or the date where there are no options.
/// So a question about today that gives today takes one step; each distance takes one more.
package struct DateUnderstanding: ReasoningProblem {
  package let stated: CalendarDate
  /// From the date stated to today.
  package let toToday: [DateShift]
  /// From today to the date asked; `nil` if that is today.
  package let asked: DateShift?
  /// Empty: the date itself is the answer.
  package let options: [CalendarDate]
  package let target: CalendarDate
  /// The question as it came, without its options; kept since many wordings say the same.
  package let wording: String?

  package var shifts: [DateShift] { toToday + (asked.map { [$0] } ?? []) }

  /// The problem of these; throws if the date asked is no option, or is there twice.
  package init(
    stated: CalendarDate, toToday: [DateShift], asked: DateShift?, options: [CalendarDate],
    wording: String? = nil
  )
    throws(ReasoningError)
  {
    var date = stated
    for shift in toToday + (asked.map { [$0] } ?? []) {
      guard let next = shift.apply(date) else {
        throw ReasoningError(
          "\(date.text)\(shift.text) is beyond the years 1 to 9999",
          remedy: "use dates in the years 1 to 9999")
      }
      date = next
    }
    let count = options.count { $0 == date }
    guard options.isEmpty || (count == 1 && options.count <= 26) else {
      throw ReasoningError(
        "the date asked is \(date.text), and \(count) of the \(options.count) options say so",
        remedy: "give up to 26 options, one of which is right, or none")
    }
    self.stated = stated
    self.toToday = toToday
    self.asked = asked
    self.options = options
    self.wording = wording
    target = date
  }

  package func question(_ style: ReasoningStyle) -> String {
    switch style {
    case .compact:
      return
        (["date", stated.text] + toToday.map(\.text) + ["?"] + (asked.map { [$0.text] } ?? [])
        + options.enumerated().flatMap { [Self.letter($0.offset), $0.element.text] }).joined(separator: " ")
    case .sentences:
      let list = options.enumerated().map { "(\(Self.letter($0.offset))) \($0.element.text)" }
      let asks = wording ?? DateWording.text(stated, toToday) + DateWording.asking(DateWording.asked(asked))
      return options.isEmpty ? asks : asks + "\nOptions:\n" + list.joined(separator: "\n")
    }
  }

  package static func letter(_ index: Int) -> String {
    String(UnicodeScalar(UInt8(truncatingIfNeeded: 65 + index % 26)))
  }

  package var identity: String {
    ([stated.text] + toToday.map(\.text) + ["?"] + (asked.map { [$0.text] } ?? [])).joined(separator: " ")
  }
  package var cell: String { "steps\(1 + shifts.count)" }
  package var answer: String {
    options.firstIndex(of: target).map { "(\(Self.letter($0)))" } ?? target.text
  }

  package func isRight(_ answer: Substring) -> Bool {
    options.isEmpty
      ? CalendarDate(answer.trimmingBlanks) == target
      : Self.option(answer) == options.firstIndex(of: target)
  }

  /// The option of `(B)`, `B`, `(b)`; `nil` if it is none.
  package static func option(_ answer: Substring) -> Int? {
    let trimmed = answer.trimmingBlanks.utf8
    let isClosed =
      trimmed.count == 3 && trimmed.first == UInt8(ascii: "(") && trimmed.last == UInt8(ascii: ")")
    guard isClosed || trimmed.count == 1, let byte = isClosed ? trimmed.dropFirst().first : trimmed.first
    else { return nil }
    let lower = byte | 0x20
    return (97...122).contains(lower) && (byte & 0x40) != 0 ? Int(lower) - 97 : nil
  }

  package init(question: String) throws(ReasoningError) {
    if question.hasPrefix("date ") {
      try self.init(compact: question)
      return
    }
    let parts = question.split(separator: "\nOptions:", maxSplits: 1, omittingEmptySubsequences: false)
    guard let ask = parts[0].ranges(of: " What is the date ").last,
      let end = parts[0].ranges(of: " in MM/DD/YYYY?").last, ask.upperBound <= end.lowerBound
    else {
      throw ReasoningError(
        "\(String(question.prefix(60)).debugDescription) is not a question about a date",
        remedy: "… What is the date tomorrow in MM/DD/YYYY? and options, if any")
    }
    let context = parts[0][..<ask.lowerBound].trimmingBlanks
    guard let asked = DateWording.askedShift(parts[0][ask.upperBound..<end.lowerBound]) else {
      throw ReasoningError(
        "it is asked for the date \(parts[0][ask.upperBound..<end.lowerBound])",
        remedy: "today, tomorrow, yesterday, a month ago …")
    }
    guard let (stated, toToday) = DateWording.read(context) else {
      throw ReasoningError("no pattern reads \(String(context).debugDescription)", remedy: "see DateWording")
    }
    var options: [CalendarDate] = []
    let lines = parts.count == 2 ? parts[1].split(separator: "\n") : []
    for line in lines where !line.trimmingBlanks.isEmpty {
      var rest = line.trimmingBlanks
      guard rest.take("(\(Self.letter(options.count))) "), let date = CalendarDate(rest) else {
        throw ReasoningError(
          "\(String(line).debugDescription) is no option",
          remedy: "(A) 01/02/2020, in the order of the letters")
      }
      options.append(date)
    }
    guard parts.count == 1 || !options.isEmpty else {
      throw ReasoningError("no options follow `Options:`", remedy: "give some, or leave the line out")
    }
    try self.init(
      stated: stated, toToday: toToday, asked: asked.shift, options: options, wording: String(parts[0]))
  }

  /// `date 12/31/1929 +1d ? -1y A 01/01/1929 B 01/02/1929`.
  private init(compact question: String) throws(ReasoningError) {
    let words = question[...].utf8.split(separator: 32).map { Substring($0) }
    func refusal(_ word: Substring) -> ReasoningError {
      ReasoningError(
        "\(String(word).debugDescription) cannot be read in a question about a date",
        remedy: "date 12/31/1929 +1d ? -1y A 01/01/1929 B 01/02/1929")
    }
    guard words.count >= 2, let stated = CalendarDate(words[1]), let mark = words.firstIndex(of: "?") else {
      throw refusal(question[...])
    }
    var toToday: [DateShift] = []
    for word in words[2..<max(mark, 2)] {
      guard let shift = DateShift(word) else { throw refusal(word) }
      toToday.append(shift)
    }
    var rest = words[(mark + 1)...]
    let asked = rest.first.flatMap { DateShift($0) }
    if asked != nil { rest.removeFirst() }
    var options: [CalendarDate] = []
    while let name = rest.popFirst() {
      guard name == Self.letter(options.count), let date = rest.popFirst().flatMap({ CalendarDate($0) })
      else {
        throw refusal(name)
      }
      options.append(date)
    }
    try self.init(stated: stated, toToday: toToday, asked: asked, options: options)
  }
}
