/// A day of the Gregorian calendar, years 1 to 9999.
package struct CalendarDate: Hashable, Sendable {
  package let year: Int
  package let month: Int
  package let day: Int

  /// `nil` if there is no such day.
  package init?(_ month: Int, _ day: Int, _ year: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(in: month, year)
    else {
      return nil
    }
    self.year = year
    self.month = month
    self.day = day
  }

  package static func days(in month: Int, _ year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Reads `MM/DD/YYYY` or `M/D/YYYY`; `nil` for anything else.
  package init?(_ text: Substring) {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
      Substring($0)
    }
    guard parts.count == 3 else { return nil }
    var numbers: [Int] = []
    for (part, digits) in zip(parts, [1...2, 1...2, 1...4]) {
      var rest = part
      guard digits.contains(part.utf8.count), let number = rest.takeNumber(), rest.isEmpty else { return nil }
      numbers.append(number)
    }
    self.init(numbers[0], numbers[1], numbers[2])
  }

  /// `MM/DD/YYYY`.
  package var text: String { "\(Self.padded(month, 2))/\(Self.padded(day, 2))/\(Self.padded(year, 4))" }

  private static func padded(_ number: Int, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// This many days later; `nil` beyond the years 1 to 9999.
  package func adding(days: Int) -> CalendarDate? {
    guard days.magnitude <= 4_000_000 else { return nil }
    // Month by month: plain, and short since what is asked is days or months away; years are skipped by 400 at a time.
    var left = day - 1 + days
    var year = year
    var month = month
    let cycle = 146_097
    year += 400 * (left / cycle)
    left %= cycle
    while left < 0 {
      (month, year) = month == 1 ? (12, year - 1) : (month - 1, year)
      left += Self.days(in: month, year)
    }
    while left >= Self.days(in: month, year) {
      left -= Self.days(in: month, year)
      (month, year) = month == 12 ? (1, year + 1) : (month + 1, year)
    }
    return CalendarDate(month, left + 1, year)
  }

  /// This many months later, on the same day or the month's last; `nil` beyond the years 1 to 9999.
  package func adding(months: Int) -> CalendarDate? {
    guard months.magnitude <= 120_000 else { return nil }
    let count = year * 12 + month - 1 + months
    guard count >= 12 else { return nil }
    let month = count % 12 + 1
    return CalendarDate(month, min(day, Self.days(in: month, count / 12)), count / 12)
  }
}

/// A step from one date to another: `+1d`, `-1m`, `+10y`.
package struct DateShift: Hashable, Sendable {
  package enum Unit: Character, Hashable, CaseIterable, Sendable {
    case days = "d"
    case months = "m"
    case years = "y"
  }
  package var count: Int
  package var unit: Unit

  package static func days(_ count: Int) -> DateShift { DateShift(count: count, unit: .days) }
  package static func months(_ count: Int) -> DateShift { DateShift(count: count, unit: .months) }
  package static func years(_ count: Int) -> DateShift { DateShift(count: count, unit: .years) }

  package var text: String { "\(count < 0 ? "-" : "+")\(count.magnitude)\(unit.rawValue)" }

  package init(count: Int, unit: Unit) {
    self.count = count
    self.unit = unit
  }

  package init?(_ text: Substring) {
    var rest = text
    let isNegative = rest.take("-")
    guard isNegative || rest.take("+"), let number = rest.takeNumber(), number <= 100_000, rest.count == 1,
      let unit = rest.first.flatMap({ Unit(rawValue: $0) })
    else { return nil }
    self.init(count: isNegative ? -number : number, unit: unit)
  }

  package func apply(_ date: CalendarDate) -> CalendarDate? {
    switch unit {
    case .days: date.adding(days: count)
    case .months: date.adding(months: count)
    case .years: date.adding(months: count * 12)
    }
  }
}
