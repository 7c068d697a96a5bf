import Foundation
import Testing

/// What goes wrong behind Emend's back is told, and what can be computed again is.
@Suite(.serialized, .enabled(if: Program.isBuilt, "build the program first: make build"))
struct DamageTests {
  @Test func `a named model whose file is gone is computed again`() throws {
    let program = try Program()
    defer { program.remove() }
    try program.write("small.md", Program.study)
    #expect(try program.run("run", "small.md").status == 0)
    let report = try program.report("small")
    let export = ["export", "huggingface", "--model", "base", "small.md", "model"]
    try FileManager.default.removeItem(at: program.folder.appending(path: "results/blobs"))
    let refused = try program.run(export)
    #expect(refused.status == 1 && refused.errors.contains("`emend run small.md`"), "\(refused.errors)")
    #expect(
      try program.run("plan", "--why", "small.md").output.contains("not in the store, where it belongs"))
    #expect(try program.run("run", "small.md").status == 0)
    #expect(try program.report("small") == report)
    #expect(try program.run(export).status == 0)
    #expect(try program.run("run", "small.md").errors.contains("nothing to run"))
  }

  @Test func `a shown value that was overwritten is computed again by the next run`() throws {
    let program = try Program()
    defer { program.remove() }
    try program.write("small.md", Program.study + "\n```recipe\nshow base\n```\n")
    #expect(try program.run("run", "small.md").status == 0)
    let report = try program.report("small")
    let blobs = program.folder.appending(path: "results/blobs")
    let files = try #require(FileManager.default.subpaths(atPath: blobs.path(percentEncoded: false)))
    for file in files.map({ blobs.appending(path: $0) }) {
      guard let bytes = try? Data(contentsOf: file) else { continue }
      try Data(repeating: 7, count: bytes.count).write(to: file)
    }
    let again = try program.run("run", "small.md")
    #expect(again.status == 0 && again.errors.contains("damaged: what small.md:"), "\(again.errors)")
    #expect(try program.report("small") == report)
  }

  @Test func `another document changes nothing in a report, and an edited one is said to be`() throws {
    let program = try Program()
    defer { program.remove() }
    let counting = "\n```sql counted\nSELECT count(*) AS n FROM all_metrics\n```\n"
    try program.write("small.md", Program.study + counting)
    #expect(try program.run("run", "small.md").status == 0)
    try program.write("other.md", Program.study)
    #expect(try program.run("run", "other.md").status == 0)
    #expect(try program.run("report", "--check", "small.md").status == 0)
    // Nothing varied any more: what is left has been computed, and the report has it without a run.
    var fixed = Program.study.components(separatedBy: "```sql")[0]
    for (old, new) in [
      ("  vary filter in [improving, non_decreasing]\n", ""), (", against filter == improving", ""),
      (", color filter", ""), ("iterations: 2,", "iterations: 2, filter: improving,"),
      ("expect filters[improving].kept < filters[non_decreasing].kept\n", ""),
    ] {
      #expect(fixed.contains(old), "\(old)")
      fixed = fixed.replacingOccurrences(of: old, with: new)
    }
    try program.write("other.md", fixed)
    let old = try program.run("export", "csv", "other.md")
    #expect(old.status == 0 && old.errors.contains("edited after its last run"), "\(old.errors)")
    let rendered = try program.run("report", "other.md")
    #expect(rendered.status == 0 && !rendered.output.contains("0/"), "\(rendered.output)")
    #expect(try program.run("export", "csv", "other.md").errors.isEmpty)
    try FileManager.default.removeItem(at: program.folder.appending(path: "other.md"))
    #expect(try program.run("list").output.contains("not there any more"))
  }

  @Test func `gc deletes nothing while a document has errors`() throws {
    let program = try Program()
    defer { program.remove() }
    try program.write("small.md", Program.study)
    #expect(try program.run("run", "small.md").status == 0)
    try program.write("small.md", Program.study + "\n```recipe\nx = \n```\n")
    let refused = try program.run("gc", "--delete")
    #expect(refused.status == 1 && refused.errors.contains("nothing was deleted"), "\(refused.errors)")
    try program.write("small.md", Program.study)
    #expect(try program.run("gc", "--delete").status == 0)
    #expect(try program.run("run", "small.md").errors.contains("nothing to run"))
  }

  @Test func `a query without an answer is told with its place`() throws {
    let program = try Program()
    defer { program.remove() }
    try program.write("ask.md", "# Ask\n\n```sql wrong\nSELEC 1\n```\n")
    for command in [["run"], ["report"], ["report", "--check"]] {
      let outcome = try program.run(command + ["ask.md"])
      #expect(outcome.status == 1, "\(command)")
      #expect(outcome.errors.contains("ask.md:3:1: the query `wrong` failed"), "\(outcome.errors)")
    }
    try program.write("ask.md", "# Ask\n\n```sql wrong\nSELECT 1\n```\n")
    #expect(try program.run("run", "ask.md").status == 0)
  }

  @Test func `what is not there is not shown as nothing`() throws {
    let program = try Program()
    defer { program.remove() }
    try program.write("small.md", Program.study)
    #expect(try program.run("run", "small.md").status == 0)
    for command in [
      ["export", "csv", "smal.md"], ["export", "json", "small.md", "--study", "filter"],
      ["samples", "smal.md"], ["list", "smal.md"],
      ["samples", "small.md", "--study", "filter"],
    ] {
      let outcome = try program.run(command)
      #expect(outcome.status == 1 && outcome.output.isEmpty, "\(command): \(outcome.output)")
      #expect(outcome.errors.contains("did you mean"), "\(command): \(outcome.errors)")
    }
    #expect(try program.run("samples", "small.md", "--trial", "0000").status == 1)
    for command in [
      ["help", "rnu"], ["list", "--color", "blue"], ["verify", "--tolerance", "5", "small.md"], ["fmt"],
      ["new", ""], ["gc", "all"], ["list", "--store", ""], ["list", "a.md", "b.md"],
    ] {
      #expect(try program.run(command).status == 2, "\(command)")
    }
  }

  @Test func `a document laid out anew keeps its permissions, and a link to it stays a link`() throws {
    let program = try Program()
    defer { program.remove() }
    try program.write("own.md", "```recipe\nn   =   2\nshow n\n```\n")
    let (own, link) = (program.folder.appending(path: "own.md"), program.folder.appending(path: "link.md"))
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: own.path())
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: own)
    #expect(try program.run("fmt", "link.md").status == 0)
    #expect(try String(contentsOf: own, encoding: .utf8).contains("n = 2"))
    let attributes = try FileManager.default.attributesOfItem(atPath: own.path())
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path()) == own.path())
  }
}
