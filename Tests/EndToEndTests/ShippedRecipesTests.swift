import Foundation
import Testing

/// Every recipe in `recipes/` checks and plans, and its committed report is of the plan it has now.
@Suite(.enabled(if: Program.isBuilt, "build the program first: make build"))
struct ShippedRecipesTests {
  static let names = [
    "quickstart", "stasc-variants", "stasc-exploration", "stasc-filter-selectivity", "stasc-fine-tuning",
    "score-main", "score-ablations", "tripost-main", "tripost-ablations", "smollm2-sums",
    "smollm2-stasc",
  ]
  /// Those whose plan needs nothing that has to be fetched: a model's content is part of its keys.
  static let plannable = names.filter { name in
    (fetched[name] ?? []).allSatisfy {
      FileManager.default.fileExists(atPath: Program.root.appending(path: $0).path(percentEncoded: false))
    }
  }
  private static let model = "models/SmolLM2-135M-Instruct.Q4_1.gguf"
  private static let fetched = [
    "smollm2-sums": [model], "smollm2-stasc": [model, "recipes/data/NQ-open.dev.jsonl"],
  ]

  @Test func `every shipped recipe is named here`() throws {
    let folder = Program.root.appending(path: "recipes").path(percentEncoded: false)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    let recipes = files.filter { $0.hasSuffix(".md") && $0 != "PAPERS.md" }
    #expect(recipes.sorted() == Self.names.map { $0 + ".md" }.sorted())
  }

  @Test(arguments: names)
  func `a shipped recipe checks and is laid out as fmt does`(name: String) throws {
    let program = try Program()
    defer { program.remove() }
    let path = Program.root.appending(path: "recipes/\(name).md").path(percentEncoded: false)
    let check = try program.run("check", path)
    #expect(check.status == 0 && !check.errors.contains("warning"), "\(check.errors)")
    #expect(try program.run("fmt", "--check", path).status == 0)
  }

  @Test(arguments: plannable)
  func `the committed report is that of the recipe's present plan`(name: String) throws {
    let program = try Program()
    defer { program.remove() }
    let root = Program.root.path(percentEncoded: false)
    let store = program.folder.path(percentEncoded: false)
    let plan = try program.run("plan", "--json", "-C", root, "--store", store, "recipes/\(name).md")
    #expect(plan.status == 0, "\(plan.errors)")
    let digest = try #require(plan.output.firstMatch(of: /"plan":"([0-9a-f]{64})"/)).1
    let place = Program.root.appending(path: "results/\(name)/report.md")
    let report = try String(contentsOf: place, encoding: .utf8)
    #expect(report.contains(digest), "run the recipe again and commit its report")
    // Every figure that the report shows is committed beside it.
    for match in report.matches(of: /\]\((figures\/[^)]+)\)/) {
      let figure = Program.root.appending(path: "results/\(name)/\(match.1)")
      #expect(FileManager.default.fileExists(atPath: figure.path(percentEncoded: false)), "\(match.1)")
    }
  }
}
