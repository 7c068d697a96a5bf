import Foundation
import Host
import Testing

@Suite struct FileDigestsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ name: String, _ text: String) throws -> String {
    let path = folder.path + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test func `a file is read once, and again when it was written`() throws {
    let path = try write("a", "one")
    let files = FileDigests()
    #expect(try files.digest(ofFile: path) == Digest(of: "one"))
    #expect(files.changedFiles() == [])
    _ = try write("a", "two")
    #expect(try files.digest(ofFile: path) == Digest(of: "two"))
    #expect(files.changedFiles() == [path], "the run started with another content")
  }

  @Test func `what an earlier process knew is believed while size, time and inode are the same`() throws {
    let path = try write("a", "one")
    let past = Date(timeIntervalSinceNow: -100)
    try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: path)
    let files = FileDigests()
    _ = try files.digest(ofFile: path)
    var entries = files.entries()
    #expect(entries.map(\.path) == [path])
    entries[0].digest = Digest(of: "remembered")
    let next = FileDigests(remembered: entries)
    #expect(try next.digest(ofFile: path) == Digest(of: "remembered"))
    entries[0].stamp.inode += 1
    #expect(try FileDigests(remembered: entries).digest(ofFile: path) == Digest(of: "one"))
  }

  @Test func `a file that was just written is not remembered for another process`() throws {
    let path = try write("a", "one")
    let files = FileDigests()
    _ = try files.digest(ofFile: path)
    #expect(files.entries().isEmpty)
  }

  @Test func `a folder's digest covers names and contents`() throws {
    let inner = folder.path + "/model"
    try FileManager.default.createDirectory(atPath: inner + "/sub", withIntermediateDirectories: true)
    _ = try write("model/a", "1")
    _ = try write("model/sub/b", "2")
    let files = FileDigests()
    let first = try files.digest(ofFile: inner)
    _ = try write("model/sub/b", "3!")
    let second = try files.digest(ofFile: inner)
    #expect(first != second)
    try FileManager.default.moveItem(atPath: inner + "/a", toPath: inner + "/c")
    #expect(try files.digest(ofFile: inner) != second)
    #expect(files.changedFiles() == [inner])
  }

  @Test func `what cannot be read is an error, never a wait`() throws {
    let pipe = folder.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(throws: FileError(path: pipe, action: "read", code: EINVAL)) {
      try FileDigests().digest(ofFile: pipe)
    }
    let none = folder.path + "/none"
    #expect(throws: FileError(path: none, action: "read", code: ENOENT)) {
      try FileDigests().digest(ofFile: none)
    }
  }

  @Test func `what computes a run is found out, in a repository and outside`() throws {
    let outside = EnvironmentRecord.current(project: folder.path, emendVersion: "1", numerics: "native")
    #expect(outside.commit == nil && outside.isDirty == nil)
    #expect(outside.cores > 0 && !outside.host.isEmpty && !outside.system.isEmpty)
    let nowhere = EnvironmentRecord.current(project: "/nonexistent", emendVersion: "1", numerics: "native")
    #expect(nowhere.commit == nil)
    let text = try write("a", "1")
    let script = """
      git init -q . && git add a && git -c user.name=a -c user.email=a@b -c commit.gpgsign=false commit -qm a
      """
    guard try run(script) == 0 else { return }  // There is no Git here.
    let clean = EnvironmentRecord.current(project: folder.path, emendVersion: "1", numerics: "native")
    #expect(clean.commit?.utf8.count == 40 && clean.isDirty == false)
    try Data("other".utf8).write(to: URL(fileURLWithPath: text))
    #expect(
      EnvironmentRecord.current(project: folder.path, emendVersion: "1", numerics: "native").isDirty == true)
  }

  private func run(_ script: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
