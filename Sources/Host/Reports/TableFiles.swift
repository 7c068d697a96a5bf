import DSL

extension TableModel {
  /// The table for other tools, in full precision: CSV, JSON and LaTeX under `tables/`.
  var files: [(path: String, bytes: [UInt8])] {
    [("csv", csv), ("json", json), ("tex", latex)].map { ("tables/\(name).\($0)", Array($1.utf8)) }
  }

  private enum Field {
    case text(String)
    case number(Double?)
    case truth(Bool)
  }

  private static let fields = [
    "metric", "unit", "seeds", "seeds_planned", "mean", "sd", "half_width_95", "sd_over_iterations",
    "difference", "difference_low_95", "difference_high_95", "p", "p_holm", "baseline", "best",
  ]

  /// One line for each row and metric; shares between 0 and 1.
  private var lines: [[Field]] {
    rows.flatMap { row in
      zip(columns, row.cells).map { column, cell in
        let comparison = cell.comparison
        return row.labels.map(Field.text) + [
          .text(column.metric.name), .text(column.metric.signature.unit.rawValue),
          .number(Double(cell.summary?.count ?? 0)), .number(Double(cell.sample.seeds.count)),
          .number(cell.summary?.mean), .number(cell.summary?.deviation), .number(cell.summary?.halfWidth),
          .number(cell.iterationDeviation), .number(comparison?.difference),
          .number(comparison?.interval?.lowerBound), .number(comparison?.interval?.upperBound),
          .number(comparison?.p), .number(cell.adjusted), .truth(row.isBaseline), .truth(cell.isBest),
        ]
      }
    }
  }

  var csv: String {
    let header = (axes + Self.fields).map(Escape.csv).joined(separator: ",")
    let lines = lines.map { line in
      line.map { field in
        switch field {
        case .text(let text): Escape.csv(text)
        case .number(let number): number.map(Self.number) ?? ""
        case .truth(let truth): truth ? "1" : "0"
        }
      }.joined(separator: ",")
    }
    return ([header] + lines).joined(separator: "\n") + "\n"
  }

  /// An array of objects; settings stand under `settings`, so that no axis can hide a field.
  var json: String {
    let objects = lines.map { line -> String in
      let parts = line.map { field -> String in
        switch field {
        case .text(let text): Self.quoted(text)
        case .number(let number): number.map(Self.number) ?? "null"
        case .truth(let truth): truth ? "true" : "false"
        }
      }
      let settings = zip(axes, parts).map { "\(Self.quoted($0)): \($1)" }.joined(separator: ", ")
      let fields = zip(Self.fields, parts.dropFirst(axes.count)).map { "\(Self.quoted($0)): \($1)" }
      return "  {\"settings\": {\(settings)}, \(fields.joined(separator: ", "))}"
    }
    return "[\n" + objects.joined(separator: ",\n") + "\n]\n"
  }

  /// A `tabular` with rules of the package booktabs, as the Markdown table reads.
  var latex: String {
    let alignment = String(repeating: "l", count: axes.count) + String(repeating: "r", count: columns.count)
    let header =
      axes.map(Escape.latex)
      + columns.map { column in
        Escape.latex(column.metric.name + (column.format.unit == .share ? ", %" : "") + column.arrow)
      }
    let body = rows.map { row in
      let cells = zip(columns, row.cells).map { column, cell -> String in
        guard let summary = cell.summary else { return "--" }
        let half = cell.iterationDeviation ?? summary.halfWidth
        let text = Escape.latex(column.format.interval(summary.mean, half))
        let difference = cell.comparison.map {
          " (\(Escape.latex(column.format.difference($0.difference)))\((cell.adjusted ?? 1) <= 0.05 ? "$^*$" : ""))"
        }
        let seeds =
          summary.count < cell.sample.seeds.count
          ? " (\(summary.count)/\(cell.sample.seeds.count) seeds)" : ""
        return (cell.isBest ? "\\textbf{\(text)}" : text) + (difference ?? "") + seeds
      }
      return "  " + (row.labels.map(Escape.latex) + cells).joined(separator: " & ") + " \\\\"
    }
    return """
      \\begin{tabular}{\(alignment)}
        \\toprule
        \(header.joined(separator: " & ")) \\\\
        \\midrule
      \(body.joined(separator: "\n"))
        \\bottomrule
      \\end{tabular}

      """
  }

  /// The shortest text that reads back as the same number.
  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
