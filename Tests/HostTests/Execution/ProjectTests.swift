import Host
import Testing

@Suite struct ProjectTests {
  @Test(arguments: [
    ("recipes/quickstart.md", "quickstart"), ("quickstart.md", "quickstart"), ("./a/../b.md", "b"),
    ("drafts/quickstart.md", "drafts/quickstart"), ("recipes/old/x.md", "old/x"), ("/elsewhere/x.md", "x"),
    ("../x.md", "x"), ("/project/recipes/x.md", "x"), ("blobs.md", "blobs-report"),
    ("emend.sqlite.md", "emend.sqlite-report"), ("emend.md", "emend"), ("x.txt", "x.txt"),
  ])
  func `a report has a folder of its document's name, and no two documents of a folder share one`(
    document: String, folder: String
  ) {
    let project = Project(folder: "/project", store: "results")
    #expect(project.reportFolder(of: document) == "/project/results/" + folder)
  }
}
