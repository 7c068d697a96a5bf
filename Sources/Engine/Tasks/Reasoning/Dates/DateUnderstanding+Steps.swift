extension DateUnderstanding {
  package struct Progress: Sendable {
    var date: CalendarDate?
    /// How many of the shifts are done.
    var done = 0
  }
  package var start: Progress { Progress() }

  package func check(_ content: Substring, _ progress: inout Progress) -> StepFault? {
    guard let equal = content.utf8.firstIndex(of: UInt8(ascii: "=")) else {
      guard let date = CalendarDate(content) else { return StepFault(content, .unreadable) }
      guard progress.date == nil else { return StepFault(content, .repeated, "the date is given") }
      guard date == stated else { return StepFault(content, .question, "it is \(stated.text)") }
      progress.date = date
      return nil
    }
    let left = content[..<equal]
    let right = content[content.utf8.index(after: equal)...]
    guard let sign = left.utf8.firstIndex(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }),
      let from = CalendarDate(left[..<sign]), let shift = DateShift(left[sign...])
    else { return StepFault(left, .unreadable) }
    guard let date = progress.date else { return StepFault(left[..<sign], .missing, "the date given") }
    guard from == date else { return StepFault(left[..<sign], .earlier, "it is \(date.text)") }
    guard progress.done < shifts.count else {
      return StepFault(left[sign...], .repeated, "the date asked is known")
    }
    guard let done = count(of: shift, after: progress.done) else {
      return StepFault(left[sign...], .question, "it is \(shifts[progress.done].text)")
    }
    guard let result = CalendarDate(right) else { return StepFault(right, .unreadable) }
    guard let truth = shift.apply(date), truth == result else {
      return StepFault(right, .value, "it is \(shift.apply(date)?.text ?? "no date")")
    }
    progress.date = result
    progress.done = done
    return nil
  }

  /// How many shifts are done after this one: the next, or some numbers of days in a row added up. `nil` if it is neither.
  private func count(of shift: DateShift, after done: Int) -> Int? {
    if shifts[done] == shift { return done + 1 }
    guard shift.unit == .days else { return nil }
    var sum = 0
    for index in done..<shifts.count {
      guard shifts[index].unit == .days else { return nil }
      sum += shifts[index].count
      if sum == shift.count { return index + 1 }
    }
    return nil
  }

  package func checkAnswer(_ answer: Substring, _ progress: Progress) -> StepFault? {
    guard let date = progress.date else { return StepFault(answer, .missing, "the date given") }
    guard progress.done == shifts.count else {
      return StepFault(answer, .missing, "\(date.text)\(shifts[progress.done].text)")
    }
    guard !options.isEmpty else {
      guard let said = CalendarDate(answer.trimmingBlanks) else { return StepFault(answer, .unreadable) }
      return said == date ? nil : StepFault(answer, .earlier, "the last date is \(date.text)")
    }
    guard let option = Self.option(answer) else { return StepFault(answer, .unreadable) }
    guard options.indices.contains(option) else {
      return StepFault(answer, .option, "the options end with (\(Self.letter(options.count - 1)))")
    }
    return options[option] == date ? nil : StepFault(answer, .option, "that is \(options[option].text)")
  }

  package func nextStep(_ progress: inout Progress) -> String? {
    guard let date = progress.date else {
      progress.date = stated
      return stated.text
    }
    guard progress.done < shifts.count else { return nil }
    let shift = shifts[progress.done]
    progress.done += 1
    // Only a wrong belief can lead out of the calendar.
    let result = shift.apply(date) ?? date
    progress.date = result
    return "\(date.text)\(shift.text)=\(result.text)"
  }

  /// The letter of the date reached; after a wrong step, when it is no option, of the nearest. Without options the date.
  package func finalAnswer(_ progress: Progress) -> String {
    func distance(_ a: CalendarDate, _ b: CalendarDate) -> Int {
      abs((a.year - b.year) * 372 + (a.month - b.month) * 31 + a.day - b.day)
    }
    let date = progress.date ?? stated
    let nearest = options.indices.min { distance(options[$0], date) < distance(options[$1], date) }
    return nearest.map { "(\(Self.letter($0)))" } ?? date.text
  }

  /// A date read wrongly, a wrong distance, or a wrong result: a day or a month off, the month's length forgotten.
  package func wrongStep(_ progress: inout Progress, _ draws: inout Draws) -> String? {
    guard let date = progress.date else {
      guard let wrong = Self.slip(stated, &draws) else { return nil }
      progress.date = wrong
      return wrong.text
    }
    guard progress.done < shifts.count else { return nil }
    var shift = shifts[progress.done]
    var result = shift.apply(date)
    if draws.chance(250) {
      shift.count = draws.chance(500) ? -shift.count : shift.count + 1
      result = shift.apply(date)
      // The wrong distance must not be one that days in a row add up to.
      guard count(of: shift, after: progress.done) == nil else { return nil }
    } else {
      result = result.flatMap { Self.slip($0, &draws) }
    }
    guard let result else { return nil }
    progress.date = result
    progress.done += 1
    return "\(date.text)\(shift.text)=\(result.text)"
  }

  private static func slip(_ date: CalendarDate, _ draws: inout Draws) -> CalendarDate? {
    switch draws.integer(below: 5) {
    case 0: date.adding(days: 1)
    case 1: date.adding(days: -1)
    case 2: date.adding(months: draws.chance(500) ? 1 : -1)
    case 3: date.adding(months: draws.chance(500) ? 12 : -12).flatMap { $0 == date ? nil : $0 }
    default:
      CalendarDate(date.day, date.month, date.year).flatMap { $0 == date ? nil : $0 } ?? date.adding(days: 2)
    }
  }

  package func wrongAnswer(_ progress: Progress, _ draws: inout Draws) -> String {
    guard let right = options.firstIndex(of: target) else {
      let wrong = Self.slip(target, &draws) ?? target.adding(days: target.day == 1 ? 1 : -1)
      return (wrong ?? stated).text
    }
    let others = options.indices.filter { $0 != right }
    return "(\(Self.letter(draws.choice(others) ?? right + 1)))"
  }
}

extension DateUnderstanding {
  /// Draws a question that takes this many steps, 1 to 4. `options`: 2 to 26, or 0 for a question that asks for the date itself.
  package static func random(steps: Int, options: Int = 6, _ draws: inout Draws) -> DateUnderstanding? {
    let asks = steps > 1 && (steps > 3 || draws.chance(700))
    let count = steps - 1 - (asks ? 1 : 0)
    let patterns = DateWording.patterns.filter { $0.isWritten && $0.distances.count == count }
    guard let pattern = draws.choice(patterns), options == 0 || (2...26).contains(options) else { return nil }
    let year = draws.integer(in: 1900...2030)
    let month = draws.integer(in: 1...12)
    guard let stated = CalendarDate(month, draws.integer(in: 1...CalendarDate.days(in: month, year)), year)
    else {
      return nil
    }
    let number = draws.integer(in: 2...60)
    let toToday = pattern.distances.compactMap { $0.shift(number) }
    let question = asks ? draws.choice(DateWording.questions.dropFirst()) : DateWording.questions.first
    let asked = question?.shift
    var date: CalendarDate? = stated
    for shift in toToday + (asked.map { [$0] } ?? []) { date = date.flatMap { shift.apply($0) } }
    guard let target = date else { return nil }
    var dates = options == 0 ? [] : [target]
    for _ in 0..<100 where dates.count < options {
      if let wrong = slip(dates[draws.integer(below: dates.count)], &draws), !dates.contains(wrong) {
        dates.append(wrong)
      }
    }
    let wording = pattern.written(stated, toToday).map { $0 + DateWording.asking(question?.text ?? "today") }
    return try? DateUnderstanding(
      stated: stated, toToday: toToday, asked: asked, options: draws.shuffled(dates), wording: wording)
  }
}
