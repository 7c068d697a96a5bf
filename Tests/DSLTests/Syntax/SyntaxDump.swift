import DSL

/// A syntax tree as text, without places: equal texts, equal trees.
enum SyntaxDump {
  static func text(_ recipe: ParsedRecipe) -> String {
    recipe.documents.first.map { $0.statements.map { dump($0) }.joined(separator: "\n") } ?? ""
  }

  private static func dump(_ value: Any) -> String {
    if value is Span { return "" }
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == nil || mirror.children.isEmpty { return "\(value)" }
    let children = mirror.children.compactMap { child -> String? in
      if child.value is Span || child.label == "height" { return nil }
      return (child.label.map { "\($0):" } ?? "") + dump(child.value)
    }
    return "(" + children.joined(separator: " ") + ")"
  }
}
