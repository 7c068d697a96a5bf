import Engine
import Foundation
import Testing

/// Everything in small worlds, judged by a second opinion that shares no code with the verifier.
@Suite struct SmallWorldTests {
  /// The value of an expression, found by cutting at its last sum, else its last product, outside parentheses.
  static func value(_ text: Substring) -> Int? {
    if let number = Int(text) { return number }
    for operators in ["+-", "*"] {
      var depth = 0
      for index in text.indices.reversed() {
        if text[index] == ")" { depth += 1 }
        if text[index] == "(" { depth -= 1 }
        guard depth == 0, operators.contains(text[index]), index > text.startIndex,
          !"+-*(".contains(text[text.index(before: index)]), let a = value(text[..<index]),
          let b = value(text[text.index(after: index)...])
        else { continue }
        return text[index] == "+" ? a + b : text[index] == "-" ? a - b : a * b
      }
    }
    return text.hasPrefix("(") && text.hasSuffix(")") ? value(text.dropFirst().dropLast()) : nil
  }

  /// ((a∘b)∘(c∘d)) for operands -1 and 2 and all operators, every number in its rationale replaced by each of -4...4.
  @Test func `every change of a number in small sums is judged as its equations are`() throws {
    var rightOnes = 0
    var wrongOnes = 0
    for code in 0..<(16 * 27) {
      let numbers = (0..<4).map { code >> $0 & 1 == 0 ? "-1" : "2" }
      let operators = [code / 16 % 3, code / 48 % 3, code / 144].map { ["+", "-", "*"][$0] }
      let question =
        "((\(numbers[0])\(operators[0])\(numbers[1]))\(operators[1])(\(numbers[2])\(operators[2])\(numbers[3])))"
      let problem = try MultistepArithmetic(question: question)
      #expect(problem.answer == Self.value(question[...]).map { String($0) })
      let rationale = problem.rationale(.compact)
      #expect(problem.feedback(on: rationale, .compact).verdict == .correct)
      // Steps 2 to 4 and the answer, without labels, cut at the equality signs.
      let segments = rationale.split(separator: ";")
      for place in 1..<segments.count {
        let parts = segments[place].split(separator: "=", omittingEmptySubsequences: false)
        for part in 1..<parts.count where Int(parts[part]) != nil {
          for number in -4...4 {
            var changed = parts
            changed[part] = Substring(String(number))
            var all = segments
            all[place] = Substring(changed.joined(separator: "="))
            let isRight = changed == parts
            let found = problem.feedback(on: all.joined(separator: ";"), .compact)
            if isRight { rightOnes += 1 } else { wrongOnes += 1 }
            #expect((found.verdict == .correct) == isRight)
            if !isRight {
              #expect(found.rightSteps == place, "\(all)")
              #expect(found.verdict == (place == segments.count - 1 ? .wrongAnswer : .wrongStep))
            }
          }
        }
      }
      // Any chain of equations that begins with the definition is right exactly if all are true.
      for middle in -3...3 {
        let chain = "\(numbers[0])\(operators[0])\(numbers[1])"
        let first = try #require(Self.value(chain[...]))
        for text in ["\(chain)=\(middle)+1=\(middle + 1)", "\(chain)=2*\(middle)=\(2 * middle)"] {
          var progress = problem.start
          #expect(problem.check(segments[0].dropFirst(2), &progress) == nil)
          let isTrue = text.split(separator: "=").allSatisfy { Self.value($0) == first }
          #expect((problem.check("A=\(text)", &progress) == nil) == isTrue, "\(text)")
        }
      }
    }
    #expect(rightOnes > 1000 && wrongOnes > 10_000)
  }

  /// Three of the words a, b, aa, ab, ba, bb in every order; as lines, every way to arrange them in brackets.
  @Test func `of all lines exactly the one that the letters give is right`() throws {
    let all = ["a", "b", "aa", "ab", "ba", "bb"]
    for i in 0..<6 {
      for j in 0..<6 where j != i {
        for k in 0..<6 where k != i && k != j {
          let words = [all[i], all[j], all[k]]
          let problem = try WordSorting(words: words)
          #expect(problem.answer == words.sorted().joined(separator: " "))
          let rationale = problem.rationale(.compact)
          #expect(problem.feedback(on: rationale, .compact).verdict == .correct, "\(rationale)")
          for text in Self.mutations(rationale, words) where text != rationale {
            #expect(problem.feedback(on: text, .compact).verdict != .correct, "\(text)")
          }
          let lookup = "@1 " + words.map { "\($0) \($0.first == "a" ? "a1" : "b2")" }.joined(separator: ",")
          var rightLines = 0
          for line in Self.lines(words) {
            var progress = problem.start
            #expect(problem.check(lookup[...], &progress) == nil)
            // Right is what Swift's own ordering of first letters gives.
            let groups = line.map { Set($0) }
            let expected = ["a", "b"].map { letter in Set(words.filter { $0.hasPrefix(letter) }) }.filter {
              !$0.isEmpty
            }
            let text = line.map { $0.count == 1 ? $0[0] : "[\($0.joined(separator: "?"))]" }.joined(
              separator: "<")
            let isRight = groups == expected && expected.count > 1
            if expected.count > 1 {
              #expect((problem.check(text[...], &progress) == nil) == isRight, "\(text)")
            }
            rightLines += isRight ? 1 : 0
          }
          #expect(Set(words.compactMap(\.first)).count == 1 || rightLines > 0)
        }
      }
    }
  }

  /// The rationale with each of its words replaced by each other, and each number by its neighbours.
  static func mutations(_ rationale: String, _ words: [String]) -> [String] {
    var result: [String] = []
    for range in rationale.ranges(of: /[a-z]+|[0-9]+/) {
      let token = rationale[range]
      let others = Int(token).map { [String($0 + 1), String($0 + 2)] } ?? (words + ["a", "b", "c"])
      for other in others where other != token {
        result.append(rationale.replacingCharacters(in: range, with: other))
      }
    }
    return result
  }

  /// All sequences of groups that hold these words once each.
  static func lines(_ words: [String]) -> [[[String]]] {
    guard !words.isEmpty else { return [[]] }
    var result: [[[String]]] = []
    for choice in 1..<(1 << words.count) {
      let group = words.indices.filter { choice >> $0 & 1 == 1 }.map { words[$0] }
      result += lines(words.filter { !group.contains($0) }).map { [group] + $0 }
    }
    return result
  }

  @Test func `dates and distances are those of Foundation's calendar`() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
    var day = try #require(calendar.date(from: DateComponents(year: 1899, month: 12, day: 1)))
    func text(_ date: Date) -> String {
      let parts = calendar.dateComponents([.year, .month, .day], from: date)
      return "\(pad(parts.month ?? 0))/\(pad(parts.day ?? 0))/\(parts.year ?? 0)"
    }
    func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let distances: [(String, Calendar.Component, Int)] = [
      ("+1d", .day, 1), ("-1d", .day, -1), ("-10d", .day, -10), ("+7d", .day, 7), ("+366d", .day, 366),
      ("-40000d", .day, -40_000), ("-1m", .month, -1), ("+1m", .month, 1), ("-13m", .month, -13),
      ("-1y", .year, -1),
      ("+10y", .year, 10),
    ]
    for _ in 0..<1700 {
      let stated = text(day)
      for (name, unit, count) in distances {
        let truth = text(try #require(calendar.date(byAdding: unit, value: count, to: day)))
        let shift = try #require(DateShift(name[...]))
        let found = CalendarDate(stated[...]).flatMap { shift.apply($0) }
        if found?.text != truth {
          Issue.record("\(stated)\(name) is \(truth), not \(found?.text ?? "nothing")")
        }
      }
      day = try #require(calendar.date(byAdding: .day, value: 1, to: day))
    }
  }

  @Test func `of all results of a distance exactly the true one is right`() throws {
    let problem = try DateUnderstanding(
      question: "date 02/28/1904 +1d ? -1y A 02/28/1903 B 02/29/1904 C 03/01/1904")
    #expect(problem.answer == "(A)")
    var right: [String] = []
    for year in 1902...1905 {
      for month in 1...12 {
        for day in 1...31 {
          guard let date = CalendarDate(month, day, year) else { continue }
          var progress = problem.start
          #expect(problem.check("02/28/1904", &progress) == nil)
          if problem.check("02/28/1904+1d=\(date.text)"[...], &progress) == nil { right.append(date.text) }
        }
      }
    }
    #expect(right == ["02/29/1904"])
  }

  /// All sets of one to three clues about three objects that allow one order, found by trying all six.
  @Test func `clues, arrangements and answers are right exactly if they are true in the only order`() throws {
    let names = ["A", "B", "C"]
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    var possible: [(text: String, isTrue: ([Int]) -> Bool)] = []
    for a in 0..<3 {
      for b in 0..<3 where b != a {
        possible.append(
          ("\(names[a])<\(names[b])", { ($0.firstIndex(of: a) ?? 9) < ($0.firstIndex(of: b) ?? 9) }))
      }
      for place in 0..<3 { possible.append(("\(names[a])=\(place + 1)", { $0[place] == a })) }
    }
    var count = 0
    for code in 1..<(1 << possible.count) where code.nonzeroBitCount <= 3 {
      let clues = possible.indices.filter { code >> $0 & 1 == 1 }.map { possible[$0] }
      let models = orders.filter { order in clues.allSatisfy { $0.isTrue(order) } }
      for asked in 0..<3 {
        let question = "order 3 \(clues.map(\.text).joined(separator: " ")) ?\(asked + 1)"
        guard models.count == 1 else {
          #expect(throws: ReasoningError.self) { try LogicalDeduction(question: question) }
          continue
        }
        count += 1
        let problem = try LogicalDeduction(question: question)
        #expect(problem.answer == "(\(names[models[0][asked]]))")
        let rationale = problem.rationale(.compact)
        #expect(problem.feedback(on: rationale, .compact).verdict == .correct, "\(rationale)")
        for (text, isTrue) in possible {
          var progress = problem.start
          #expect((problem.check(text[...], &progress) == nil) == isTrue(models[0]), "\(question) \(text)")
        }
        for pattern in 1..<64 {
          let letters = (0..<3).map { pattern >> (2 * $0) & 3 }
          let text = letters.map { $0 == 0 ? "?" : names[$0 - 1] }.joined()
          let isTrue = letters.enumerated().allSatisfy {
            $0.element == 0 || models[0][$0.offset] == $0.element - 1
          }
          var progress = problem.start
          #expect((problem.check(text[...], &progress) == nil) == isTrue, "\(question) \(text)")
          if isTrue, letters[asked] != 0 {
            for name in names {
              #expect((problem.checkAnswer("(\(name))", progress) == nil) == ("(\(name))" == problem.answer))
            }
          }
        }
      }
    }
    #expect(count > 300)
  }
}
