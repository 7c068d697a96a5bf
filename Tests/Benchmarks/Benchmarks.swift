import Engine
import Foundation

@main
enum Benchmarks {
  private static var usage: String {
    """
    Benchmarks table [--python PROGRAM] [--rounds N] [--threads N] [WORKLOAD …]
      Measures Emend and, with a Python that has PyTorch, its peers, turn by turn; prints a Markdown table.
    Benchmarks kernels
      Measures each kernel beside what the machine could do at best, and its greatest error.
    Benchmarks measure [--threads N] WORKLOAD …
      One turn of each, as JSON.

    Workloads: \(Workload.allCases.map(\.rawValue).joined(separator: ", "))
    """
  }

  static func main() {
    do { try run() } catch {
      FileHandle.standardError.write(Data("error: \(error)\n".utf8))
      exit(2)
    }
  }

  private static func run() throws {
    var words = Array(CommandLine.arguments.dropFirst())
    let mode = words.isEmpty ? "table" : words.removeFirst()
    let python = option("--python", &words)
    let rounds = option("--rounds", &words).flatMap { Int($0) } ?? 3
    let threads = option("--threads", &words).flatMap { Int($0) } ?? 2
    let workloads = try words.isEmpty ? Workload.allCases : words.map(workload)
    switch mode {
    case "help", "--help", "-h": print(usage)
    case "measure":
      for workload in workloads {
        let encoder = JSONEncoder()
        print(String(decoding: try encoder.encode(workload.run(threads: threads)), as: UTF8.self))
      }
    case "kernels": KernelTable().print()
    case "table":
      try Comparison(workloads: workloads, python: python, rounds: rounds, threads: threads).print()
    default:
      throw BenchmarkError(message: "`\(mode)` is none of table, kernels, measure\n\n\(usage)")
    }
  }

  private static func option(_ name: String, _ words: inout [String]) -> String? {
    guard let index = words.firstIndex(of: name), index + 1 < words.count else { return nil }
    defer { words.removeSubrange(index...index + 1) }
    return words[index + 1]
  }

  private static func workload(_ name: String) throws -> Workload {
    guard let workload = Workload(rawValue: name) else {
      throw BenchmarkError(
        message:
          "there is no workload `\(name)`: \(Workload.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return workload
  }
}

struct BenchmarkError: Error, CustomStringConvertible {
  var message: String
  var description: String { message }
}
