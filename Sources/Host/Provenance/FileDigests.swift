/// Digests of the files that recipes name, each computed once.
package final class FileDigests: Sendable {
  package init() {}
  /// Of a file's content, or of a folder's (names and contents of everything in it).
  package func digest(ofFile path: String) throws(FileError) -> Digest {
    preconditionFailure("being written")
  }
  /// Files that are no longer what they were when their digest was taken, of all asked for so far.
  package func changedFiles() -> [String] { preconditionFailure("being written") }
}
