package import DSL
import Foundation

/// Where documents, their imports, their files and the results are.
package struct Project: Sendable {
  /// Absolute; documents and the store are named relative to it.
  package let folder: String
  /// Absolute.
  package let store: String

  package init(folder: String, store: String) {
    self.folder = Self.absolute(folder, in: FileManager.default.currentDirectoryPath)
    self.store = Self.absolute(store, in: self.folder)
  }

  /// A path made absolute and without `.` and `..`.
  package static func absolute(_ path: String, in folder: String) -> String {
    let joined = path.hasPrefix("/") ? path : folder + "/" + path
    let clean = URL(filePath: joined).standardizedFileURL.path(percentEncoded: false)
    return clean.count > 1 && clean.hasSuffix("/") ? String(clean.dropLast()) : clean
  }

  /// A document's name: its path relative to the project, if it lies in it.
  package func name(of path: String) -> String {
    let path = Self.absolute(path, in: folder)
    return path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
  }

  /// The folder of a document's report in the store's: `quickstart` for `recipes/quickstart.md`, `drafts/quickstart` for `drafts/quickstart.md`. Of a document
  /// that lies elsewhere, its name alone.
  package func reportFolder(of path: String) -> String {
    var name = name(of: path)
    if name.hasPrefix("/") { name = (name as NSString).lastPathComponent }
    if name.hasPrefix("recipes/") { name.removeFirst("recipes/".count) }
    if name.hasSuffix(".md") { name.removeLast(".md".count) }
    // The store's own files.
    let first = name.prefix { $0 != "/" }
    if first == BlobFolder.name || first.hasPrefix("emend.") {
      name = first + "-report" + name.dropFirst(first.count)
    }
    return store + "/" + name
  }

  /// Reads documents for the compiler. An import that is not beside its document is looked for in the folders of shipped recipes.
  package func read(_ path: String, relativeTo importer: String?) throws -> SourceFile {
    let base =
      importer.map { (Self.absolute($0, in: folder) as NSString).deletingLastPathComponent } ?? folder
    var places = [Self.absolute(path, in: base)]
    if importer != nil { places += Self.shippedFolders.map { Self.absolute(path, in: $0) } }
    for place in places {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) else { continue }
      if isFolder.boolValue { throw SourceReadError.isDirectory }
      guard let data = FileManager.default.contents(atPath: place) else { throw SourceReadError.notPermitted }
      return SourceFile(path: name(of: place), bytes: Array(data))
    }
    let folders = [base] + (importer == nil ? [] : Self.shippedFolders)
    throw SourceReadError.notFound(nearby: folders.flatMap { neighbours(of: path, in: $0) })
  }

  /// Where recipes that Emend ships may be: `EMEND_RECIPES`, or the `recipes` folder above the program.
  package static var shippedFolders: [String] {
    var folders: [String] = []
    if let named = ProcessInfo.processInfo.environment["EMEND_RECIPES"], !named.isEmpty {
      folders.append(named)
    }
    // What the first argument says is no path where the program was found through PATH.
    let path =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    let program = URL(filePath: path).resolvingSymlinksInPath()
    var folder = program.deletingLastPathComponent()
    for _ in 0..<5 {
      folders.append(folder.appending(path: "recipes").path(percentEncoded: false))
      folder = folder.deletingLastPathComponent()
    }
    return folders
  }

  /// The names of the documents in the first of those folders that is there, or of a folder in it, and where that is.
  static func shipped(in folder: String = "") -> (folder: String, names: [String]) {
    for path in shippedFolders.map({ $0 + folder }) {
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { continue }
      return (path, names.filter { $0.hasSuffix(".md") }.sorted())
    }
    return ("", [])
  }

  private func neighbours(of path: String, in base: String) -> [String] {
    let wanted = path as NSString
    let inside = Self.absolute(wanted.deletingLastPathComponent, in: base)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: inside)) ?? []
    let prefix = wanted.deletingLastPathComponent
    let near = NearestName.find(wanted.lastPathComponent, in: names.filter { $0.hasSuffix(".md") }.sorted())
    return near.map { [prefix.isEmpty ? $0 : prefix + "/" + $0] } ?? []
  }

  /// Compiles a document of this project.
  package func compile(_ path: String) -> Compilation {
    DSL.compile(document: path, vocabulary: .emend) { try read($0, relativeTo: $1) }
  }

  /// The absolute path of a file that a document of a compilation names.
  package func locate(_ path: String, document: Int, of sources: Sources) -> String {
    let folder = (Self.absolute(sources[document].path, in: self.folder) as NSString)
      .deletingLastPathComponent
    return Self.absolute(path, in: folder)
  }
}
