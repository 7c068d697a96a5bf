import DSL

/// Renders the report of a document: the document again, with each cell followed by what it produced.
///
/// Bytes depend on the input alone: no clock, no locale, no order of a dictionary.
package func renderReport(_ input: ReportInput) -> Report {
  var renderer = ReportRenderer(input)
  return renderer.render()
}

private struct ReportRenderer {
  let input: ReportInput
  let figures: [Figures]
  private var files: [(path: String, bytes: [UInt8])] = []
  private var claims: [Claim] = []
  private var summary: [String] = []
  private var names: Set<String> = []

  init(_ input: ReportInput) {
    self.input = input
    figures = input.studies.map(Figures.init)
  }

  mutating func render() -> Report {
    var blocks: [Int: [String]] = [:]
    var elsewhere: [String] = []
    let cells = input.document.cells
    for (index, item) in input.plan.items.enumerated() {
      guard let block = block(item, index) else { continue }
      let home =
        item.span.document == input.document.index
        ? cells.lastIndex { $0.span.start <= item.span.start && item.span.start < $0.span.end } : nil
      if let home {
        blocks[home, default: []].append(block)
      } else {
        elsewhere.append(block)
      }
    }
    var text = "<!-- \(Escape.comment(input.stamp)) -->\n"
    var position = 0
    for (index, cell) in cells.enumerated() {
      let insertion = max(position, min(cell.insertionPoint, input.document.bytes.count))
      text += source(position..<insertion)
      position = insertion
      guard let blocks = blocks[index] else { continue }
      if !text.hasSuffix("\n") { text += "\n" }
      text += "\n" + blocks.joined(separator: "\n\n") + "\n"
      // The document's own blank line, where it has one, ends what the cell gave.
      let rest = input.document.bytes[position...]
      if let next = rest.first, next != UInt8(ascii: "\n"), next != UInt8(ascii: "\r") { text += "\n" }
    }
    text += source(position..<input.document.bytes.count)
    if !text.hasSuffix("\n") { text += "\n" }
    if !elsewhere.isEmpty {
      text += "\n## Of imported documents\n\n" + elsewhere.joined(separator: "\n\n") + "\n"
    }
    if !input.provenance.isEmpty { text += "\n" + provenance + "\n" }
    return Report(
      markdown: text, files: files, claims: claims,
      summary: summary.isEmpty ? "" : summary.joined(separator: "\n\n") + "\n")
  }

  private func source(_ range: Range<Int>) -> String {
    RelativeLinks.rewritten(
      String(decoding: input.document.bytes[range], as: UTF8.self), way: input.wayToDocument)
  }

  private var provenance: String {
    let table = MarkdownTable(
      header: ["", ""],
      rows: input.provenance.map {
        [Escape.markdown($0.label), $0.value.replacing("|", with: "\\|").replacing("\n", with: " ")]
      },
      textColumns: 2)
    return "## Provenance\n\n" + table.text
  }

  private mutating func block(_ item: ReportItem, _ index: Int) -> String? {
    let block: String?
    switch item.kind {
    case .study(let study): block = studyBlock(study)
    case .table(let table): block = tableBlock(table)
    case .plot(let plot): block = plotBlock(plot)
    case .claim(let claim): block = claimBlock(claim)
    case .show(let show):
      block = "`\(show.text.replacing("`", with: "'"))`: " + (input.shows[index] ?? "*Not computed yet.*")
    case .query(let name, _): block = queryBlock(name)
    }
    guard let block, !item.documentation.isEmpty else { return block }
    return item.documentation.map(Escape.markdown).joined(separator: " ") + "\n\n" + block
  }

  private mutating func tableBlock(_ table: ReportTable) -> String? {
    guard figures.indices.contains(table.study) else { return nil }
    let model = TableModel(table, figures[table.study], name: name(figures[table.study].study.name))
    files += model.files
    summary.append("\(model.caption)\n\(model.plainText)")
    return model.markdown
  }

  private mutating func plotBlock(_ plot: ReportPlot) -> String? {
    guard figures.indices.contains(plot.study) else { return nil }
    let study = figures[plot.study].study
    let metrics = plot.y.map(\.name).joined(separator: "-")
    let model = PlotModel(plot, figures[plot.study])
    let name = name("\(study.name)-\(metrics)-by-\(model.xLabel)")
    files.append(("figures/\(name).svg", Array(PlotDrawing(model).svg.utf8)))
    files.append(("figures/\(name).csv", Array(model.csv.utf8)))
    return
      "![\(Escape.markdown(model.description))](figures/\(name).svg)\n\n<sub>\(model.footnote) [Numbers](figures/\(name).csv).</sub>"
  }

  private mutating func claimBlock(_ claim: ReportClaim) -> String {
    let result = ClaimEvaluation(claim, figures).result
    claims.append(result)
    summary.append(
      "\(result.verdict.mark) \(Escape.terminal(result.text)): \(result.verdict.words)\n  \(Escape.terminal(result.detail))"
    )
    return
      "\(result.verdict.mark) **\(Escape.markdown(result.text))** \(result.verdict.words). \(Escape.markdown(result.detail))."
  }

  private func queryBlock(_ name: String) -> String {
    guard let outcome = input.queries[name] else { return "*\(Escape.markdown(name)): not asked yet.*" }
    if let error = outcome.error { return "*\(Escape.markdown(name)) failed:* \(Escape.markdown(error))" }
    guard !outcome.columns.isEmpty else { return "*\(Escape.markdown(name)) gives no columns.*" }
    // A column of numbers stands to the right.
    let isNumber = outcome.columns.indices.map { column in
      !outcome.rows.isEmpty
        && outcome.rows.allSatisfy {
          $0.indices.contains(column) && ($0[column].isEmpty || Double($0[column]) != nil)
        }
    }
    let rule = isNumber.map { $0 ? "--:" : ":--" }
    let rows = [outcome.columns.map(Escape.markdown), rule] + outcome.rows.map { $0.map(Escape.markdown) }
    let table = rows.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    return outcome.rows.isEmpty
      ? table + "\n\n*No rows. The store’s views show here what belongs to this document.*" : table
  }

  private func studyBlock(_ index: Int) -> String? {
    guard figures.indices.contains(index) else { return nil }
    let study = figures[index].study
    let variants = Set(study.trials.map(\.settings)).count
    let finished = study.trials.indices.count { figures[index].isFinished($0) }
    var lines = [
      "Study **\(Escape.markdown(study.name))** of \(Escape.markdown(study.algorithm)): \(counted(variants, "variant")) × "
        + "\(counted(study.seeds.count, "seed")) (\(listed(study.seeds))) = \(counted(study.trials.count, "trial")), "
        + (finished == study.trials.count ? "all finished." : "**\(finished) finished**.")
    ]
    for axis in study.axes {
      let values = axis.values.map { Escape.markdown(TableModel.label($0, of: axis)) }.joined(separator: ", ")
      lines.append("- \(Escape.markdown(axis.name)): \(values)")
    }
    var failures: [String] = []
    for outcome in figures[index].trials {
      if case .failed(let message) = outcome.status, !failures.contains(message) { failures.append(message) }
    }
    lines += failures.map { "- failed: \(Escape.markdown($0))" }
    return lines[0] + (lines.count > 1 ? "\n\n" + lines.dropFirst().joined(separator: "\n") : "")
  }

  /// A file's name that no other figure or table of the report has.
  private mutating func name(_ wanted: String) -> String {
    let base = Escape.fileName(wanted)
    var name = base
    var number = 2
    while !names.insert(name.lowercased()).inserted {
      name = "\(base)-\(number)"
      number += 1
    }
    return name
  }
}
