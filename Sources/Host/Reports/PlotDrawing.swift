import DSL

/// Draws a plot as SVG, with its own background so that it reads on a light and on a dark page.
struct PlotDrawing {
  private let model: PlotModel
  private var elements: [String] = []

  /// Okabe and Ito's palette, told apart by the colour-blind; its yellow, too light for lines on white, left out.
  private static let palette = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#333333"]
  private static let dashes = ["", "7 4", "2 3", "9 3 2 3"]

  private let panelWidth: Double
  private let panelHeight = 260.0
  private let left = 66.0
  private let gap = 30.0
  private let right = 24.0
  private let columns: Int
  private var width: Double
  private var height = 0.0

  init(_ model: PlotModel) {
    self.model = model
    let count = model.rows.map(\.count).max() ?? 1
    columns = max(1, min(3, count))
    panelWidth = columns == 1 ? 560 : columns == 2 ? 360 : 290
    width = left + Double(columns) * panelWidth + Double(columns - 1) * (gap + 20) + right
    draw()
  }

  var svg: String {
    let size = "\(Self.number(width))\" height=\"\(Self.number(height))"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(size)" viewBox="0 0 \(Self.number(width)) \(Self.number(height))" \
      role="img" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="12" fill="#24292f">
      <title>\(Escape.html(model.description))</title>
      <rect width="100%" height="100%" rx="6" fill="#ffffff"/>
      \(elements.joined(separator: "\n"))
      </svg>

      """
  }

  private mutating func draw() {
    var top = legend() + 14
    for row in model.rows {
      let hasTitles = row.contains { !$0.title.isEmpty }
      let scale = verticalScale(row)
      var index = 0
      while index < row.count {
        if hasTitles { top += 20 }
        for (column, panel) in row[index..<min(index + columns, row.count)].enumerated() {
          draw(panel, scale, x: left + Double(column) * (panelWidth + gap + 20), y: top, isFirst: column == 0)
        }
        top += panelHeight + xHeight + 16
        index += columns
      }
    }
    height = top
  }

  // MARK: Legend

  /// Draws it at the top, in as many lines as it needs, and gives its lower end.
  private mutating func legend() -> Double {
    var x = left
    var y = 24.0
    let isSplit = model.colorTitle != nil && model.metrics.count > 1
    guard model.colors.count > 1 || isSplit || model.colorTitle != nil else { return 10 }
    if let title = model.colorTitle {
      elements.append(text(title, x, y + 4, "font-weight=\"bold\""))
      x += Self.width(title, bold: true) + 14
    }
    var entries = model.colors.indices.map {
      (model.colors[$0], Self.color($0), isSplit ? 0 : $0, model.colorTitle == nil ? $0 : 0)
    }
    if isSplit { entries += model.metrics.indices.map { (model.metrics[$0], "#57606a", $0, $0) } }
    for (label, color, marker, dash) in entries {
      let label = Self.shortened(label, 48)
      let needed = 34 + Self.width(label)
      if x + needed > width - right, x > left { (x, y) = (left, y + 20) }
      elements.append(line(x, y, x + 24, y, color, 2, dash: isSplit || model.colorTitle == nil ? dash : 0))
      elements.append(
        Self.marker(isSplit ? marker : model.colorTitle == nil ? marker : 0, x + 12, y, color, hollow: false))
      elements.append(text(label, x + 30, y + 4))
      x += needed + 16
    }
    return y + 8
  }

  // MARK: Panels

  private func verticalScale(_ row: [PlotModel.Panel]) -> PlotScale {
    let unit = row.first?.unit ?? .number
    let format = FigureFormat(unit)
    let points = row.flatMap { $0.series.flatMap(\.points) }
    let ends = points.flatMap { point in
      [
        point.summary.mean - (point.summary.halfWidth ?? 0),
        point.summary.mean + (point.summary.halfWidth ?? 0),
      ]
    }.map(format.scaled)
    let means = points.map { format.scaled($0.summary.mean) }
    // Shares and counts have ends that no bar can truly pass; differences of shares may lie below 0.
    let isBounded = unit != .number && means.allSatisfy { $0 >= 0 && (unit == .count || $0 <= 100) }
    let bounds = isBounded ? 0...(unit == .share ? 100 : .greatestFiniteMagnitude) : nil
    return PlotScale(covering: ends, bounds: bounds)
  }

  private var xHeight: Double { isTilted ? 110 : 44 }

  /// Whether labels of categories are too wide to stand side by side.
  private var isTilted: Bool {
    guard let categories = model.categories, !categories.isEmpty else { return false }
    let room = panelWidth / Double(categories.count) - 8
    return categories.contains { Self.width(Self.shortened($0, 24)) > room }
  }

  private mutating func draw(
    _ panel: PlotModel.Panel, _ scale: PlotScale, x: Double, y: Double, isFirst: Bool
  ) {
    let format = FigureFormat(panel.unit)
    let bottom = y + panelHeight
    let panelHeight = panelHeight
    func vertical(_ value: Double) -> Double {
      bottom - (min(max(value, scale.lower), scale.upper) - scale.lower) / (scale.upper - scale.lower)
        * panelHeight
    }
    if !panel.title.isEmpty {
      elements.append(
        text(
          Self.shortened(panel.title, 44), x + panelWidth / 2, y - 8,
          "text-anchor=\"middle\" font-weight=\"bold\""))
    }
    for tick in scale.ticks {
      elements.append(line(x, vertical(tick), x + panelWidth, vertical(tick), "#e4e8ec", 1))
      elements.append(
        text(scale.label(tick), x - 8, vertical(tick) + 4, "text-anchor=\"end\" fill=\"#57606a\""))
    }
    let horizontal = drawXAxis(x, bottom)
    if isFirst {
      let middle = Self.number(y + panelHeight / 2)
      elements.append(
        text(
          Self.shortened(panel.yLabel, 40), 18, y + panelHeight / 2,
          "text-anchor=\"middle\" transform=\"rotate(-90 18 \(middle))\""))
    }
    if panel.series.allSatisfy(\.points.isEmpty) {
      elements.append(
        text(
          "no figures yet", x + panelWidth / 2, y + panelHeight / 2, "text-anchor=\"middle\" fill=\"#57606a\""
        ))
    }
    // Bars of series at one place stand side by side, so that none hides another.
    let drawn = panel.series.filter { !$0.points.isEmpty }
    let spread = min(5, spacing / Double(max(1, drawn.count)) / 2)
    for (index, series) in drawn.enumerated() {
      let shift = (Double(index) - Double(drawn.count - 1) / 2) * spread
      draw(
        series, color: Self.color(series.color),
        marker: model.colorTitle == nil ? series.color : series.metric,
        horizontal: { horizontal($0) + shift }, vertical: { vertical(format.scaled($0)) })
    }
  }

  /// The horizontal distance between neighbouring places.
  private var spacing: Double { panelWidth / Double(max(1, model.xValues.count)) }

  private mutating func draw(
    _ series: PlotModel.Series, color: String, marker: Int, horizontal: (Double) -> Double,
    vertical: (Double) -> Double
  ) {
    for point in series.points {
      guard let half = point.summary.halfWidth, half > 0 else { continue }
      let x = horizontal(point.x)
      let top = vertical(point.summary.mean + half)
      let bottom = vertical(point.summary.mean - half)
      elements.append(line(x, top, x, bottom, color, 1.2, opacity: 0.65))
      elements.append(line(x - 3, top, x + 3, top, color, 1.2, opacity: 0.65))
      elements.append(line(x - 3, bottom, x + 3, bottom, color, 1.2, opacity: 0.65))
    }
    // Values of a category have no order: a line between them would say they have.
    if model.categories == nil, series.points.count > 1 {
      let path = series.points.map {
        "\(Self.number(horizontal($0.x))),\(Self.number(vertical($0.summary.mean)))"
      }.joined(separator: " ")
      let dash = Self.dashes[marker % Self.dashes.count]
      let dashes = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
      elements.append(
        "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\" stroke-linejoin=\"round\"\(dashes)/>"
      )
    }
    for point in series.points {
      elements.append(
        Self.marker(
          marker, horizontal(point.x), vertical(point.summary.mean), color,
          hollow: point.summary.count < point.seedsPlanned))
    }
  }

  /// Draws ticks and label and gives the place of a value.
  private mutating func drawXAxis(_ x: Double, _ bottom: Double) -> (Double) -> Double {
    elements.append(line(x, bottom, x + panelWidth, bottom, "#57606a", 1))
    elements.append(
      text(
        Self.shortened(model.xLabel, 40), x + panelWidth / 2, bottom + xHeight - 6, "text-anchor=\"middle\""))
    if let categories = model.categories {
      let step = panelWidth / Double(max(1, categories.count))
      for (index, category) in categories.enumerated() {
        let place = x + (Double(index) + 0.5) * step
        let label = Self.shortened(category, 24)
        elements.append(
          isTilted
            ? text(
              label, place + 4, bottom + 16,
              "text-anchor=\"end\" transform=\"rotate(-30 \(Self.number(place + 4)) \(Self.number(bottom + 16)))\""
            )
            : text(label, place, bottom + 18, "text-anchor=\"middle\""))
      }
      return { x + ($0 + 0.5) * step }
    }
    let isWhole = model.xValues.allSatisfy { $0 == $0.rounded() }
    let low = model.xValues.min() ?? 0
    let high = model.xValues.max() ?? 1
    let span = high > low ? high - low : 1
    let margin = 14.0
    let start = high > low ? low : low - 0.5
    let width = panelWidth
    let place: (Double) -> Double = { x + margin + ($0 - start) / span * (width - 2 * margin) }
    // Few places are labelled themselves; many by round numbers.
    let scale = PlotScale(covering: [low, high], count: 8, whole: isWhole)
    let few = model.xValues.count <= 11 && isFarApart(model.xValues.map(place))
    let ticks = few ? model.xValues : scale.ticks.filter { $0 >= low && $0 <= high }
    for tick in ticks {
      elements.append(line(place(tick), bottom, place(tick), bottom + 4, "#57606a", 1))
      let label = few ? NumberFormat.typographic(NumberFormat.significant(tick)) : scale.label(tick)
      elements.append(text(label, place(tick), bottom + 18, "text-anchor=\"middle\" fill=\"#57606a\""))
    }
    return place
  }

  private func isFarApart(_ places: [Double]) -> Bool {
    let labels = model.xValues.map { Self.width(NumberFormat.significant($0)) }
    for index in places.indices.dropFirst() {
      let room = places[index] - places[index - 1]
      if room < (labels[index] + labels[index - 1]) / 2 + 6 { return false }
    }
    return true
  }

  // MARK: Elements

  private static func color(_ index: Int) -> String { palette[index % palette.count] }

  private static func number(_ value: Double) -> String { NumberFormat.trimmed(NumberFormat.fixed(value, 2)) }

  /// About the width of a text in the font; wide characters count double.
  private static func width(_ text: String, bold: Bool = false) -> Double {
    var sum = 0.0
    for scalar in text.unicodeScalars { sum += scalar.value >= 0x1100 ? 12 : 6.6 }
    return bold ? sum * 1.08 : sum
  }

  private static func shortened(_ text: String, _ length: Int) -> String {
    text.count > length ? text.prefix(length - 1) + "…" : text
  }

  private func text(_ content: String, _ x: Double, _ y: Double, _ attributes: String = "") -> String {
    let attributes = attributes.isEmpty ? "" : " " + attributes
    return "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\"\(attributes)>\(Escape.html(content))</text>"
  }

  private func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String, _ width: Double, dash: Int = 0,
    opacity: Double = 1
  ) -> String {
    let pattern = Self.dashes[dash % Self.dashes.count]
    let dashes = pattern.isEmpty ? "" : " stroke-dasharray=\"\(pattern)\""
    let opacity = opacity < 1 ? " stroke-opacity=\"\(Self.number(opacity))\"" : ""
    return
      "<line x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))\" y2=\"\(Self.number(y2))\" stroke=\"\(color)\" stroke-width=\"\(Self.number(width))\"\(dashes)\(opacity)/>"
  }

  /// Circle, square, triangle or diamond; hollow where seeds are missing.
  private static func marker(_ kind: Int, _ x: Double, _ y: Double, _ color: String, hollow: Bool) -> String {
    let paint =
      "fill=\"\(hollow ? "#ffffff" : color)\" stroke=\"\(hollow ? color : "#ffffff")\" stroke-width=\"\(hollow ? "1.8" : "1")\""
    func points(_ offsets: [(Double, Double)]) -> String {
      let list = offsets.map { "\(number(x + $0.0)),\(number(y + $0.1))" }.joined(separator: " ")
      return "<polygon points=\"\(list)\" \(paint)/>"
    }
    return switch kind % 4 {
    case 1: points([(-4, -4), (4, -4), (4, 4), (-4, 4)])
    case 2: points([(0, -5), (4.8, 4), (-4.8, 4)])
    case 3: points([(0, -5.4), (5.4, 0), (0, 5.4), (-5.4, 0)])
    default: "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"4.2\" \(paint)/>"
    }
  }
}
