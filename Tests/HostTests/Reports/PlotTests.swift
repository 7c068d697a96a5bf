import DSL
import Foundation
import Host
import Testing

@Suite struct PlotTests {
  private let hostile = "<b>\"a\" & b|c,d`e`$x_y$ \\ {#%}~^*\u{7}\n=1"

  @Test func `a plot has axes, a legend, points, bars and its numbers beside it`() throws {
    var fixture = ReportFixture.filtered
    fixture.iterations = 3
    let report = fixture.report(
      [fixture.plot(color: 0)],
      fixture.results { trial, _, iteration in
        0.3 + Double(trial / 3) * 0.1 + Double(iteration + trial % 3) * 0.02
      })
    #expect(report.markdown.contains("](figures/variants-accuracy_2-by-iteration.svg)"))
    let svg = try #require(report.file("figures/variants-accuracy_2-by-iteration.svg"))
    #expect(
      svg.components(separatedBy: "<circle").count - 1 == 8 + 2, "eight points and two keys of the legend")
    #expect(svg.components(separatedBy: "<polyline").count - 1 == 2)
    for label in [
      "accuracy_2 (%)", ">iteration<", ">filter<", ">off<", ">on<", ">0<", ">3<", "fill=\"#ffffff\"",
    ] {
      #expect(svg.contains(label), "\(label)")
    }
    let csv = try #require(report.file("figures/variants-accuracy_2-by-iteration.csv"))
    #expect(csv.split(separator: "\n").count == 9)
    #expect(
      csv.hasPrefix(
        "facet,iteration,filter,metric,seeds,seeds_planned,mean,sd,half_width_95\n,0,off,accuracy_2,3,3,0.32")
    )
  }

  @Test func `facets and metrics of other units get panels of their own`() throws {
    var fixture = ReportFixture(axes: [
      ("filter", [.choice("off"), .choice("on")]), ("size", [.int(1), .int(2), .int(8)]),
    ])
    fixture.metrics = [ReportFixture.accuracy, ReportFixture.metric("kept", .neither, .count)]
    let report = fixture.report(
      [fixture.plot(x: .axis(1), facet: 0), fixture.plot(x: .axis(0))],
      fixture.results { trial, metric, _ in metric == "kept" ? Double(trial * 100) : Double(trial) / 20 })
    let svg = try #require(report.file("figures/variants-accuracy_2-kept-by-size.svg"))
    #expect(svg.components(separatedBy: "filter = off").count - 1 == 2)
    #expect(svg.components(separatedBy: "<polyline").count - 1 == 4)
    let categorical = try #require(report.file("figures/variants-accuracy_2-kept-by-filter.svg"))
    #expect(!categorical.contains("<polyline"), "categories have no order")
    #expect(categorical.contains(">off<") && categorical.contains(">on<"))
  }

  @Test func `SVG is well-formed whatever names and numbers there are`() throws {
    var fixture = ReportFixture(axes: [(hostile, [.string(hostile), .string("]]>"), .string("")])])
    fixture.name = hostile
    fixture.iterations = 2
    for figures in [
      [0.0, 0, 0], [1e300, -1e300, 3], [.nan, .infinity, 1], [1e-9, 2e-9, 3e-9], [100, 100, 100],
    ] {
      for metric in [
        ReportFixture.accuracy, ReportFixture.metric(hostile, .neither, .number),
        ReportFixture.metric("n", .neither, .count),
      ] {
        fixture.metrics = [metric]
        let report = fixture.report(
          [fixture.plot(color: 0), fixture.plot(x: .axis(0), facet: 0)],
          fixture.results { _, _, iteration in figures[iteration] })
        let drawings = report.files.filter { $0.path.hasSuffix(".svg") }
        #expect(drawings.count == 2)
        for drawing in drawings {
          let text = String(decoding: drawing.bytes, as: UTF8.self)
          #expect(XMLProbe.complaint(text) == nil, "\(text)")
          #expect(!text.contains("nan") && !text.contains("undefined") && !text.contains("∞"))
          #expect(
            !drawing.path.contains("<") && !drawing.path.contains("..")
              && drawing.path.split(separator: "/").count == 2)
        }
      }
    }
  }

  @Test func `hostile names are harmless in every format`() throws {
    var fixture = ReportFixture(axes: [(hostile, [.string(hostile), .string("@x")])])
    fixture.name = hostile
    let input = fixture.input(
      [.study(index: 0), fixture.table(baseline: [0, 1, 2])],
      fixture.results { trial, _, _ in Double(trial) / 8 })
    let report = renderReport(input)
    #expect(!report.markdown.contains("<b>"))
    let header = try #require(report.markdown.split(separator: "\n").first { $0.hasPrefix("| &lt;b&gt;") })
    #expect(header.replacing("\\|", with: "").filter { $0 == "|" }.count == 3, "no new cell")
    #expect(!report.summary.unicodeScalars.contains { $0.value == 7 })
    let latex = try #require(report.files.first { $0.path.hasSuffix(".tex") })
    let text = String(decoding: latex.bytes, as: UTF8.self)
    #expect(text.contains("\\$x\\_y\\$ \\textbackslash{} \\{\\#\\%\\}\\textasciitilde{}\\textasciicircum{}"))
    #expect(Escape.markdown("a _b_ c") == "a \\_b\\_ c" && Escape.markdown("_") == "\\_")
    #expect(Escape.markdown("i_to_c") == "i_to_c" && Escape.markdown("x_2_") == "x_2\\_")
    #expect(Escape.csv("@x") == "'@x" && Escape.csv("-1.5") == "-1.5" && Escape.csv("a\"b") == "\"a\"\"b\"")
    let json = try #require(report.files.first { $0.path.hasSuffix(".json") })
    let parsed = try JSONSerialization.jsonObject(with: Data(json.bytes)) as? [[String: Any]]
    #expect((parsed?.first?["settings"] as? [String: String])?[hostile] == hostile)
  }

  @Test func `a stamp cannot leave its comment`() {
    var input = ReportFixture.filtered.input([], ReportFixture.filtered.results { _, _, _ in nil })
    input.stamp = "x --> <script>"
    #expect(renderReport(input).markdown.split(separator: "\n")[0].components(separatedBy: "-->").count == 2)
  }

  @Test func `queries, shows and provenance stand in the report`() {
    let fixture = ReportFixture.filtered
    var input = fixture.input(
      [
        .query(name: "counts", text: "select 1"), .query(name: "broken", text: ""),
        .show(ReportShow(value: .int(1), type: .int, text: "base.size")),
      ],
      fixture.results { _, _, _ in nil })
    input.queries["counts"] = QueryOutcome(
      columns: ["name", "n"], rows: [["a|b", "12"], ["c", "3.5"]], error: nil)
    input.queries["broken"] = QueryOutcome(columns: [], rows: [], error: "no such table: x")
    input.shows[2] = "213,000 parameters"
    input.provenance = [("Plan", "`abc`")]
    let text = renderReport(input).markdown
    #expect(text.contains("| name | n |\n| :-- | --: |\n| a\\|b | 12 |\n| c | 3.5 |"))
    #expect(text.contains("*broken failed:* no such table: x"))
    #expect(text.contains("`base.size`: 213,000 parameters"))
    #expect(text.hasSuffix("## Provenance\n\n|  |  |\n| :-- | :-- |\n| Plan | `abc` |\n"))
  }
}

/// Checks that a text is one well-formed element, as far as a report's drawings use XML.
private enum XMLProbe {
  static func complaint(_ text: String) -> String? {
    var open: [Substring] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: "<") {
      let before = rest[..<start]
      if let complaint = complaint(inText: before) { return complaint }
      guard let end = rest[start...].firstIndex(of: ">") else { return "a tag without an end" }
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.contains("<") { return "`<` in a tag" }
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return "</\(tag.dropFirst())> closes nothing" }
        continue
      }
      if tag.filter({ $0 == "\"" }).count % 2 == 1 { return "a quote is open in <\(tag)>" }
      if let complaint = complaint(inText: tag) { return complaint }
      if !tag.hasSuffix("/") { open.append(tag.prefix { !$0.isWhitespace }) }
    }
    return open.isEmpty ? nil : "\(open) stay open"
  }

  private static func complaint(inText text: Substring) -> String? {
    for scalar in text.unicodeScalars where scalar.value < 0x20 && scalar != "\n" {
      return "control character \(scalar.value)"
    }
    for part in text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
      guard ["lt;", "gt;", "amp;", "quot;", "#39;"].contains(where: { part.hasPrefix($0) }) else {
        return "a bare & before \(part.prefix(8))"
      }
    }
    return nil
  }
}
