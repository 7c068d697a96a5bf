import DSL

/// A vocabulary made up for tests: trees are planted, grafted and picked, and baskets of fruit are sorted.
enum Orchard {
  static let vocabulary = Vocabulary(
    opaqueTypes: [
      OpaqueType(
        name: "Tree", summary: "A tree.",
        fields: [
          OpaqueField(name: "root", type: .opaque("Root"), summary: ""),
          OpaqueField(name: "crown", type: .opaque("Crown"), summary: ""),
        ]),
      OpaqueType(
        name: "Root", summary: "", fields: [OpaqueField(name: "soil", type: .opaque("Crown"), summary: "")]),
      OpaqueType(name: "Crown", summary: ""), OpaqueType(name: "Fruit", summary: ""),
      OpaqueType(
        name: "Taste", summary: "",
        metrics: [
          MetricSignature(name: "sweet", summary: "", direction: .higherIsBetter, unit: .share),
          MetricSignature(name: "sour", summary: "", direction: .lowerIsBetter, unit: .number),
        ]),
    ],
    operations: [
      Signature(
        name: "plant", summary: "",
        parameters: [
          parameter("kind", .choice(["apple", "pear"]), .choice("apple")),
          parameter("height", .float, .int(2)),
          parameter("soil", .settings("Soil"), sand),
        ], result: tree, usesSeed: true),
      Signature(
        name: "graft", summary: "", parameters: [parameter("tree", tree), parameter("on", .opaque("Root"))],
        result: tree),
      Signature(
        name: "pick", summary: "",
        parameters: [
          parameter("tree", tree), parameter("count", .int, .int(1)), parameter("stream", .int, .int(0)),
        ],
        result: fruit, usesSeed: true),
      Signature(
        name: "where", summary: "",
        parameters: [parameter("fruit", fruit), parameter("condition", .rowExpression(.bool))], result: fruit),
      Signature(
        name: "taste", summary: "", parameters: [parameter("fruit", fruit)], result: .opaque("Taste")),
      Signature(
        name: "weigh", summary: "In grams.",
        parameters: [parameter("fruit", fruit), parameter("by", .list(.rowExpression(.float)), .list([]))],
        result: .measure, unit: .count),
      Signature(
        name: "label", summary: "",
        parameters: [
          parameter("tree", tree), parameter("texts", .list(.string), .list([])),
          parameter("sizes", .list(.float), .list([])), parameter("file", .file, PlanValue.none),
        ], result: tree),
    ],
    constructors: [
      Signature(
        name: "sand", summary: "", parameters: [parameter("grain", .float, .float(0.5))],
        result: .settings("Soil")),
      Signature(
        name: "clay", summary: "", parameters: [parameter("depth", .int)], result: .settings("Soil")),
    ],
    rowFields: [
      RowField(path: "weight", type: .float, summary: ""), RowField(path: "ripe", type: .bool, summary: ""),
      RowField(path: "neighbour.weight", type: .float, summary: ""),
      RowField(path: "spots", type: .int, summary: ""), RowField(path: "sort", type: .string, summary: ""),
    ])

  private static let tree = Type.opaque("Tree")
  private static let fruit = Type.opaque("Fruit")
  private static let sand = PlanValue.record(
    constructor: "sand", fields: [PlanField(name: "grain", value: .float(0.5))])

  private static func parameter(_ name: String, _ type: Type, _ value: PlanValue? = nil) -> Parameter {
    Parameter(name: name, summary: "", type: type, bounds: nil, defaultValue: value)
  }

  /// The lines of a recipe's plan, or what is wrong with it.
  static func plan(_ recipe: String) -> [String] {
    lines(compileCell(recipe, vocabulary: vocabulary))
  }

  static func lines(_ compilation: Compilation) -> [String] {
    compilation.plan?.lines ?? messages(compilation)
  }
}
