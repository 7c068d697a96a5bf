internal import CProcessor
import Foundation

/// What can be known of the machine. Never fails; what cannot be found out is `unknown` or empty.
package enum Machine {
  /// As the machine calls itself.
  package static var hostName: String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let found = buffer.withUnsafeMutableBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        characters.baseAddress.map { gethostname($0, 255) == 0 } ?? false
      }
    }
    return found ? String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self) : "unknown"
  }

  /// Differs after each start of the machine; empty where there is none.
  package static var bootIdentifier: String {
    firstLine(of: "/proc/sys/kernel/random/boot_id") ?? ""
  }

  /// When a process started, in clock ticks since the machine did; empty if unknown.
  package static func startTime(of pid: Int32) -> String {
    guard let line = firstLine(of: "/proc/\(pid)/stat"),
      // The second field is a name in parentheses, which may hold spaces and parentheses.
      let end = line.lastIndex(of: ")")
    else { return "" }
    let fields = line[line.index(after: end)...].split(separator: " ")
    return fields.count > 19 ? String(fields[19]) : ""
  }

  /// The processor's name.
  package static var processor: String {
    let description = contents(of: "/proc/cpuinfo") ?? ""
    for line in description.split(separator: "\n") where line.hasPrefix("model name") {
      if let colon = line.firstIndex(of: ":") {
        return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      }
    }
    return "unknown"
  }

  /// Whether the processor has the instructions that the engine is compiled for.
  package static var isSufficient: Bool { emend_has_avx2() }

  /// Processors that this process may use.
  package static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// Bytes of memory that this process can have: the machine's, or fewer where the system limits it.
  package static var memory: Int {
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    let installed = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    return limits.compactMap { firstLine(of: $0).flatMap(Int.init) }.filter { $0 > 0 }.reduce(installed, min)
  }

  /// The operating system's name and version.
  package static var system: String {
    let release = (contents(of: "/etc/os-release") ?? "").split(separator: "\n")
      .first { $0.hasPrefix("PRETTY_NAME=") }
      .map { $0.dropFirst("PRETTY_NAME=".count).trimmingCharacters(in: ["\""]) }
    return release ?? ProcessInfo.processInfo.operatingSystemVersionString
  }

  private static func firstLine(of path: String) -> String? {
    contents(of: path)?.split(separator: "\n").first.map(String.init)
  }

  private static func contents(of path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: data, as: UTF8.self)
  }
}
