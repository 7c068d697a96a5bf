import DSL

extension TableModel {
  /// The table, a footnote that names its method, and its tests against the baseline.
  var markdown: String {
    var blocks = [
      MarkdownTable(header: header(Escape.markdown), rows: textRows(bold: true), textColumns: axes.count).text
    ]
    blocks.append("<sub>" + footnote + "</sub>")
    if let details = testTable { blocks.append(details) }
    return blocks.joined(separator: "\n\n")
  }

  /// For a terminal: the same cells in columns of spaces.
  var plainText: String {
    let rows = [header(Escape.terminal)] + textRows(bold: false)
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column < axes.count ? row[column] + space : space + row[column]
      }
      return "  " + cells.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  private func header(_ escape: (String) -> String) -> [String] {
    axes.map(escape)
      + columns.map { column in
        escape(column.metric.name) + (column.format.unit == .share ? ", %" : "") + column.arrow
      }
  }

  private func textRows(bold: Bool) -> [[String]] {
    rows.map { row in
      let labels = row.labels.map { bold ? Escape.markdown($0) : Escape.terminal($0) }
      return labels + row.cells.indices.map { text(row, $0, bold: bold) }
    }
  }

  private func text(_ row: Row, _ column: Int, bold: Bool) -> String {
    let cell = row.cells[column]
    let seeds = cell.sample.seeds.count
    guard let summary = cell.summary else { return seeds > 1 ? "– (0/\(seeds) seeds)" : "–" }
    let format = columns[column].format
    var text = format.text(summary.mean)
    if let deviation = cell.iterationDeviation {
      text += " ± " + format.text(deviation)
    } else if let halfWidth = summary.halfWidth {
      text += " ± " + format.text(halfWidth)
    }
    if bold, cell.isBest { text = "**\(text)**" }
    if let comparison = cell.comparison {
      let mark = (cell.adjusted ?? 1) <= 0.05 ? "*" : ""
      text += " (\(format.difference(comparison.difference))\(bold && !mark.isEmpty ? "\\*" : mark))"
    }
    if summary.count < seeds { text += " (\(summary.count)/\(seeds) seeds)" }
    return text
  }

  /// What the numbers are, in one paragraph.
  private var footnote: String {
    let seeds = Set(rows.flatMap { $0.cells.flatMap { $0.sample.seeds.map(\.seed) } }).sorted()
    var parts = [condition.map { "Where \(Escape.markdown($0)). " + momentText } ?? momentText]
    if moment == .eachBest {
      parts.append(
        "Each cell: maximum over iterations (minimum where less is better) ± population standard deviation over iterations, "
          + "the mean of both over \(counted(seeds.count, "seed")). This is how the papers report and it is optimistic: the best "
          + "iteration is chosen by the figure it reports, so that is not tested.")
      let others = columns.filter { $0.metric.signature.direction == .neither }.map(\.metric.name)
      if !others.isEmpty {
        parts.append(
          "Of \(others.map(Escape.markdown).joined(separator: ", ")), where neither more nor less is better: the last iteration"
            + (seeds.count > 1 ? ", ± half-width of the 95 % interval." : "."))
      }
    } else if seeds.count > 1 {
      parts.append(
        "Mean ± half-width of the 95 % interval (Student’s t over \(seeds.count) seeds: \(listed(seeds)))"
          + "; it covers the variation between seeds, on these questions."
          + (seeds.count > 2 && columns.contains { $0.format.unit == .share }
            ? " Read as one over all such questions, it held the true value in 90 to 95 of 100 simulated studies."
            : ""))
    } else if let seed = seeds.first {
      parts.append("One seed (\(seed)): nothing says how much figures vary between seeds.")
    }
    if let most = rows.map(\.variants).max(), most > 1 {
      parts.append("A row is the mean over up to \(most) variants that differ in other settings.")
    }
    if !mixedAxes.isEmpty {
      parts.append(
        "Rows are means over different settings of \(mixedAxes.map(Escape.markdown).joined(separator: ", ")): their differences are not of the row’s settings alone."
      )
    }
    if moment != .eachBest {
      let chosen = columns.filter(\.isOptimistic).map(\.metric.name)
      if !chosen.isEmpty {
        parts.append(
          "The iteration was chosen by \(chosen.map(Escape.markdown).joined(separator: ", ")) itself, which is optimistic, so that is not tested."
        )
      }
    }
    if let baseline = rows.first(where: \.isBaseline) {
      let unit = columns.contains { $0.format.unit == .share } ? " (points for shares)" : ""
      let name = zip(axes, baseline.labels).map { "\($0) = \($1)" }.joined(separator: ", ")
      parts.append("In parentheses: difference\(unit) from \(Escape.markdown(name))")
      parts[parts.count - 1] +=
        comparisons > 0 ? ", \\* p ≤ 0.05 after Holm over \(counted(comparisons, "comparison"))." : "."
      if rows.contains(where: { row in
        row.cells.contains { $0.comparison != nil && !$0.sample.isComplete }
          || row.isBaseline && row.cells.contains { !$0.sample.isComplete }
      }) {
        parts.append("A difference is over the seeds that both have.")
      }
    }
    if rows.contains(where: { $0.cells.contains(where: \.isBest) }) {
      parts.append(
        columns.allSatisfy(\.isOptimistic)
          ? "Bold: best."
          : "Bold: best, and what a paired test at 5 % cannot tell from it (Holm over the column).")
    }
    return parts.joined(separator: " ")
  }

  /// What a terminal says above the table.
  var caption: String {
    let moment =
      switch moment {
      case .last: "at the last iteration"
      case .iteration(let iteration): "at iteration \(iteration)"
      case .best, .highest, .lowest: "at the iteration with the \(moment.choice ?? "")"
      case .eachBest: "each metric at its own best iteration (optimistic), ± deviation over iterations"
      }
    return Escape.terminal("\(study.name), \(condition.map { "where \($0), " } ?? "")\(moment)")
  }

  private var momentText: String {
    switch moment {
    case .last: "At the last iteration."
    case .iteration(let iteration): "At iteration \(iteration)."
    case .best, .highest, .lowest:
      "At each trial’s iteration with the \(Escape.markdown(moment.choice ?? "")) (the earliest of equals)."
    case .eachBest: "Each metric at its own best iteration."
    }
  }

  /// Differences against the baseline with intervals, p values and what the study could have seen.
  private var testTable: String? {
    guard let baseline = rows.first(where: \.isBaseline) else { return nil }
    var lines: [[String]] = []
    var methods: [PairedComparison.Method] = []
    for row in rows where !row.isBaseline {
      for (column, cell) in zip(columns, row.cells) where !column.isOptimistic {
        guard let comparison = cell.comparison, let interval = comparison.interval else { continue }
        if !methods.contains(comparison.method) { methods.append(comparison.method) }
        let isSeen = (cell.adjusted ?? 1) <= 0.05
        lines.append(
          row.labels.map(Escape.markdown) + [
            Escape.markdown(column.metric.name),
            column.format.difference(comparison.difference) + column.format.differenceUnit,
            "\(column.format.difference(interval.lowerBound)) to \(column.format.difference(interval.upperBound))",
            comparison.p.map(NumberFormat.pValue) ?? "–", cell.adjusted.map(NumberFormat.pValue) ?? "–",
            isSeen
              ? ""
              : comparison.smallestVisible.map { column.format.text($0) + column.format.differenceUnit }
                ?? "–",
            comparison.questions > 0
              ? "\(counted(comparison.seeds, "seed")), \(counted(comparison.questions, "question"))"
              : counted(comparison.seeds, "seed"),
          ])
      }
    }
    guard !lines.isEmpty else { return nil }
    let table = MarkdownTable(
      header: axes.map(Escape.markdown) + [
        "metric", "difference", "95 % interval", "p", "p (Holm)", "smallest visible", "pairs",
      ],
      rows: lines, textColumns: axes.count + 1)
    let name = zip(axes, baseline.labels).map { "\($0) = \($1)" }.joined(separator: ", ")
    let explained = methods.map(\.explanation).joined(separator: " ")
    return """
      <details><summary>Tests against \(Escape.html(name))</summary>

      \(table.text)

      <sub>\(explained) Smallest visible: the least true difference that such a study finds in four of five repetitions.</sub>

      </details>
      """
  }
}

extension PairedComparison.Method {
  /// What was done, for a footnote.
  var explanation: String {
    switch self {
    case .seedsAndQuestions:
      "Paired by seed and question, both taken as drawn from many: variances of two crossed factors, Student’s t with Satterthwaite’s degrees of freedom; such intervals held the true value in 95 to 99 of 100 simulated studies with 3 or 5 seeds."
    case .mcNemar:
      "One seed: McNemar’s exact test over paired questions, interval by Student’s t over them; says nothing of other seeds."
    case .questions: "One seed: Student’s t over paired questions; says nothing of other seeds."
    case .seeds: "Paired by seed: Student’s t over the seeds’ differences."
    case .none: ""
    }
  }
}

/// `1, 2, 3`; runs of more than three are shortened to their ends.
func listed(_ numbers: [Int]) -> String {
  guard numbers.count > 3, let first = numbers.first, let last = numbers.last,
    last - first == numbers.count - 1
  else { return numbers.map(String.init).joined(separator: ", ") }
  return "\(first)–\(last)"
}

/// A Markdown table of cells that are already Markdown; numbers stand to the right.
struct MarkdownTable {
  var header: [String]
  var rows: [[String]]
  /// How many columns, from the left, hold text.
  var textColumns: Int

  var text: String {
    let rule = header.indices.map { $0 < textColumns ? ":--" : "--:" }
    return ([header, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }
}
